"""How every command of training reads its options, by `lab.cli.arguments.Parser`, and ends."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable

from lab.checkpoint import choose_device
from lab.errors import sentence


def add_device(parser: argparse.ArgumentParser) -> None:
    """--device, which is refused before the work where there is no such device."""
    parser.add_argument(
        "--device", type=_device, help="cpu, cuda, cuda:1 … (default: cuda where there is one)"
    )


def _device(text: str) -> str:
    try:
        return str(choose_device(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error).removesuffix(".")) from None


def finish(program: str, work: Callable[[], int | None]) -> int:
    """Does the work of a command: its exit code, or 2 after the sentence of what was wrong."""
    try:
        return work() or 0
    except (ValueError, KeyError, OSError) as error:
        print(f"{program}: {from_worker(sentence(error))}", file=sys.stderr)
        return 2


def from_worker(said: str) -> str:
    """The sentence of an error in a process that loads data, which comes with its traceback."""
    _, raised, told = said.rpartition("Traceback (most recent call last):")
    return re.split(r" [\w.]*Error: ", told, maxsplit=1)[-1].strip("'\"") if raised else said
