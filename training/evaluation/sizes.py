"""Is a style still there in very large pictures? python -m training.evaluation.sizes <checkpoint> …

Style distance at 512, 1024, 2048 and 4096 pixels of width; printed, written as JSON, and drawn as
a figure into an HTML page.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from lab import checkpoint
from lab.card import locate
from lab.cli.arguments import Parser, at_least
from lab.data.photos import PICTURES, files_in
from lab.limits import USUAL
from lab.pipelines.transfer import FeatureTransfer
from lab.plots_transfer import quality_against_size
from lab.scoring.pairs import open_fitted
from lab.scoring.report import Report
from lab.scoring.sizes import SIZES, evaluate_sizes
from lab.scoring.style_network import open_style_network
from training.command import finish
from training.evaluation.curves import add_options, check_options, write_curve

LIMIT = 3


def parser() -> Parser:
    """The options of the command."""
    own = Parser(prog="training.evaluation.sizes", description=__doc__)
    own.add_argument("checkpoint", help="name of a checkpoint, or a folder with a card.json")
    own.add_argument("--styles", type=Path, required=True, help="folder of style pictures")
    styles = at_least(1, "styles")
    own.add_argument("--limit", type=styles, default=LIMIT, help=f"styles at most ({LIMIT})")
    own.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="widths in pixels")
    add_options(own)
    return own


def evaluate(options: argparse.Namespace) -> Report:
    """The report of the checkpoint that the options name.

    Raises:
        FileNotFoundError, ValueError: a checkpoint, weights or pictures that are not there or do
            not fit; a size that the town cannot be drawn at.
    """
    folder = locate(options.checkpoint)
    stylizer = checkpoint.load(folder.name, device=options.device, root=folder.parent)
    if not isinstance(stylizer, FeatureTransfer):
        raise ValueError(f"{folder.name} does not draw in tiles; choose linear, adain or wct.")
    for size in options.sizes:
        if not 64 <= size <= 4096:
            raise ValueError(f"--sizes holds {size}; expected widths from 64 to 4096.")
    if not options.styles.is_dir():
        raise FileNotFoundError(f"--styles {options.styles} is no folder; expected pictures in it.")
    paths = files_in(options.styles, PICTURES)
    if not paths:
        raise ValueError(f"--styles {options.styles} holds no pictures; expected one at least.")
    network = open_style_network(options.vgg, folder.parent, torch.device(stylizer.device))
    styles = {path.name: open_fitted(path, USUAL.side) for path in paths[: options.limit]}
    styles = {name: style.to(stylizer.device) for name, style in styles.items()}
    report = evaluate_sizes(stylizer, styles, network=network, sizes=options.sizes)
    report.title = f"Quality against size: {folder.name}"
    return report


def run(options: argparse.Namespace) -> None:
    """Evaluates, writes and prints."""
    check_options(options)
    report = evaluate(options)
    names = {"style_distance": "result", "content_style_distance": "content itself"}
    curves = {said: [row[key] for row in report.rows.values()] for key, said in names.items()}
    write_curve(options, report, quality_against_size([int(size) for size in report.rows], curves))
    print("\n".join(report.lines()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; exit code 2 with one sentence on bad input."""
    options = parser().parse_args(arguments)
    return finish("training.evaluation.sizes", lambda: run(options))


if __name__ == "__main__":
    sys.exit(main())
