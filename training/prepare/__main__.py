"""python -m training.prepare NAME --source DIR [--out DIR]: a data set as its owners distribute it
→ the pix2pixHD layout. Without --out it is checked and counted only.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from lab.cli.arguments import Parser, at_least, size
from training.command import finish
from training.prepare.ade20k import open_ade20k
from training.prepare.camvid import open_camvid
from training.prepare.celebamask_hq import open_celebamask_hq
from training.prepare.cityscapes import open_cityscapes
from training.prepare.nyuv2 import open_nyuv2
from training.prepare.source import Source
from training.prepare.writing import prepare

CONVERTERS: dict[str, Callable[[Path, Path | None], Source]] = {
    "camvid": open_camvid,
    "celebamask-hq": open_celebamask_hq,
    "nyuv2": open_nyuv2,
    "ade20k": open_ade20k,
    "cityscapes": open_cityscapes,
}


def main(arguments: list[str] | None = None) -> int:
    """Prepares one data set; the report goes to standard output, progress to standard error."""
    options = _parser().parse_args(arguments)
    before = signal.signal(signal.SIGTERM, _stop)  # else it would leave the half-written folder
    try:
        return finish("training.prepare", lambda: run(options))
    finally:
        signal.signal(signal.SIGTERM, before)


def run(options: argparse.Namespace) -> None:
    """Checks and, where asked, writes; prints what was found."""
    if not options.source.is_dir():
        raise FileNotFoundError(f"There is no folder {options.source} to read from.")
    source = CONVERTERS[options.name](options.source, options.splits)
    report = prepare(
        source,
        options.out,
        where=str(options.source),
        size=options.size,
        workers=options.workers,
    )
    print(report.text())
    print(f"Written to {options.out}." if options.out else "Checked; nothing was written.")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="training.prepare", description=__doc__)
    parser.add_argument("name", choices=CONVERTERS)
    parser.add_argument("--source", type=Path, required=True, help="the owners' folder, unpacked")
    parser.add_argument("--out", type=Path, help="a new folder (default: only check)")
    parser.add_argument("--size", type=size, help="of all pairs, such as 1024x512")
    parser.add_argument("--splits", type=Path, help='your own, JSON: {"train": [stems], "val": …}')
    workers = min(8, os.cpu_count() or 1)
    parser.add_argument("--workers", type=at_least(1, "threads"), default=workers, help="threads")
    return parser


def _stop(*_: object) -> None:
    raise SystemExit(143)


if __name__ == "__main__":
    sys.exit(main())
