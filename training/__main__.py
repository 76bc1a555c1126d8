"""accelerate launch -m training <config.yaml> [key=value …] [--resume] [--run FOLDER]"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lab.cli.arguments import Parser
from lab.memory import keep_freed_memory
from training.command import finish
from training.config import dump, read
from training.loop import Run
from training.processes import start_processes
from training.saving import STATE, require_new
from training.tasks import build_task


def main(arguments: list[str] | None = None) -> int:
    """Trains what the config describes; a second call with --resume goes on exactly."""
    parser = Parser(prog="training", description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("overrides", nargs="*", default=[], metavar="key=value")
    parser.add_argument("--resume", action="store_true", help="go on from the run's last state")
    parser.add_argument("--run", type=Path, help="folder of the run (default: runs/<name>)")
    options = parser.parse_intermixed_args(arguments)

    def work() -> None:
        if arguments is None:
            start_processes(sys.argv[1:])
        train(options)

    return finish("training", work)


def train(options: argparse.Namespace) -> None:
    """Runs what the options name, in this process."""
    keep_freed_memory()
    config = read(options.config, options.overrides)
    folder = options.run or Path("runs") / config.name
    if not options.resume:
        require_new(folder)
    task = build_task(config, begun=options.resume and (folder / STATE).is_file())
    run = Run(task, folder, optim=config.optim, schedule=config.schedule, seed=config.seed)
    run.train(resume=options.resume, settings=dump(config))
    run.accelerator.end_training()


if __name__ == "__main__":
    sys.exit(main())
