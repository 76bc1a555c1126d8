"""What the commands that draw a curve share: options of one name, a report and a figure of it."""

from __future__ import annotations

import argparse
from pathlib import Path

from plotly.graph_objects import Figure

from lab.cli.arguments import require_writable
from lab.files import write_json, write_text
from lab.scoring.report import Report
from training.command import add_device


def add_options(parser: argparse.ArgumentParser) -> None:
    """--vgg, --out, --figure and --device; `--limit` is the command's own."""
    parser.add_argument("--vgg", type=Path, help="weights of VGG-19 (else gatys' encoder)")
    parser.add_argument("--out", type=Path, help="JSON file for protocol and rows")
    parser.add_argument("--figure", type=Path, help="HTML file for the curve")
    add_device(parser)


def check_options(options: argparse.Namespace) -> None:
    """Finds before hours of work what cannot be written after them.

    Raises:
        FileNotFoundError, ValueError: a place of another kind, or one that cannot be written.
    """
    if options.out is not None:
        require_writable(options.out, "--out", (".json",))
    if options.figure is not None:
        require_writable(options.figure, "--figure", (".html",))


def write_curve(options: argparse.Namespace, report: Report, figure: Figure) -> None:
    """Writes what the options ask for."""
    if options.out is not None:
        write_json(options.out, report.result())
    if options.figure is not None:
        write_text(options.figure, figure.to_html(include_plotlyjs=True))
