"""The lab without a browser: `python -m lab <command> …`.

A command is a module of `lab.cli` with a docstring whose first line is its help, `arguments`,
which declares its options, and `run`, which does it. To add one: write the module, name it here.

Bad input ends in one line on standard error and exit code 2. A command that is interrupted (Ctrl-C,
SIGTERM) takes back what it has half written and ends with 130 or 143.
"""

import argparse
import signal
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType

import torch

from lab.checkpoint import CHECKPOINTS
from lab.cli import benchmark, encode, score, synthesize, transfer
from lab.cli.arguments import Parser, shared
from lab.errors import sentence
from lab.lab import Lab
from lab.memory import keep_freed_memory

COMMANDS: Mapping[str, ModuleType] = {
    "synthesize": synthesize,
    "transfer": transfer,
    "encode": encode,
    "score": score,
    "benchmark": benchmark,
}

PROCESSOR = "the processor has too little memory; use a smaller --size"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. Returns 0, or 2 after printing the one line that says what was wrong."""
    options = build_parser().parse_args(arguments)
    keep_freed_memory()
    before = signal.signal(signal.SIGTERM, _stop)  # else it would leave half-written files
    try:
        return _run(options)
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(options: argparse.Namespace) -> int:
    """The exit code of a command; what was wrong with it is printed."""
    code = 2
    try:
        options.run(Lab(device=options.device, checkpoints=options.checkpoints), options)
    except MemoryError:
        problem = PROCESSOR
    except torch.OutOfMemoryError:
        problem = f"{options.device or 'the device'} has too little memory; use a smaller --size"
    except RuntimeError as error:  # PyTorch has no class of its own for the processor's memory
        if "can't allocate memory" not in str(error):
            raise
        problem = PROCESSOR
    except (ValueError, KeyError, OSError) as error:
        problem = sentence(error)
    except KeyboardInterrupt:
        problem, code = "interrupted", 130
    else:
        return 0
    print(f"python -m lab {options.command}: {problem}", file=sys.stderr)
    return code


def _stop(*_: object) -> None:
    raise SystemExit(143)


def build_parser() -> Parser:
    """The parser of all commands; each sets `run` and `command`."""
    parser = Parser(prog="python -m lab", description="Atelier's methods on files.")
    shared(parser, checkpoints=CHECKPOINTS, device=None)
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    for name, module in COMMANDS.items():
        summary = module.__doc__.splitlines()[0]
        command = commands.add_parser(name, help=summary, description=summary)
        shared(command)
        module.arguments(command)
        command.set_defaults(run=module.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
