"""Numbers for a checkpoint: python -m training.evaluate <name or folder> [--data DIR] …

A synthesizer is scored on the validation split of its dataset, between the photographs and the
palette, a stylizer on pairs of held-out pictures (both as by `python -m lab score`), a judge on its
photographs. The report can be printed, written as JSON and put into the checkpoint's card.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lab import checkpoint
from lab.card import REPOSITORY, Card, locate, read_card
from lab.catalog import JUDGES, STYLIZERS
from lab.cli.arguments import Parser, at_least, require_writable
from lab.files import write_json
from lab.scoring.features import NETWORKS, open_pair_networks
from lab.scoring.page import check_place, open_sheet
from lab.scoring.report import Report
from lab.scoring.style_network import vgg_network
from training.command import add_device, finish
from training.evaluation.report import write_card
from training.evaluation.synthesis import evaluate_judge, evaluate_synthesis, validation
from training.evaluation.transfer import HeldOutPairs, evaluate_transfer

WEIGHTS = REPOSITORY.parent / "shared" / "data" / "vgg"
VGG, MOBILENET = (
    WEIGHTS / f"{name}.safetensors" for name in ("vgg19_normalised_r31", "mobilenet_v2_1.0_224")
)
PAIRS = 24


def evaluate(folder: Path, options: argparse.Namespace) -> Report:
    """The report of the checkpoint in `folder`; `parser` says what the options are.

    Raises:
        FileNotFoundError: weights or data that are not there.
        ValueError: a broken checkpoint, or options that do not fit it.
    """
    card = read_card(folder)
    pipeline = checkpoint.load(folder.name, device=options.device, root=folder.parent)
    if card.method in STYLIZERS:
        return evaluated_pairs(card, pipeline, options)
    return evaluated_scenes(folder, card, pipeline, options)


def evaluated_scenes(
    folder: Path, card: Card, pipeline: Any, options: argparse.Namespace
) -> Report:
    """The report of a judge or a synthesizer."""
    scenes = validation(card, options.data, options.limit)
    with open_sheet(options.sheet, len(scenes), scenes.space) as sheet:
        if card.method in JUDGES:
            report = evaluate_judge(pipeline, scenes, sheet=sheet)
        else:
            features = options.features or default_features()
            how = {"scenes": scenes, "features": features, "seed": options.seed, "sheet": sheet}
            report = evaluate_synthesis(folder, card, pipeline, **how)
        report.protocol["checkpoint"] = card.digest
        if sheet is not None:
            sheet.finish(report)
    return report


def evaluated_pairs(card: Card, pipeline: Any, options: argparse.Namespace) -> Report:
    """The report of a stylizer."""
    if options.data is None:
        raise ValueError("--data is missing; give the folder of photos/ and paintings/.")
    network = vgg_network(options.vgg, pipeline.device)
    features = options.features or default_features()[1:]
    networks = open_pair_networks(features, pipeline.device)
    photos, paintings = options.data / "photos", options.data / "paintings"
    pairs = HeldOutPairs(photos, paintings, pairs=options.limit or PAIRS)
    with open_sheet(options.sheet, len(pairs)) as sheet:
        how = {"network": network, "networks": networks, "sheet": sheet}
        report = evaluate_transfer(card, pipeline, pairs, **how)
        report.protocol["checkpoint"] = card.digest
        if sheet is not None:
            sheet.finish(report)
    return report


def default_features() -> list[str]:
    """The judge, and MobileNet where its weights lie beside the repository."""
    return ["judge", *([f"mobilenet={MOBILENET}"] if MOBILENET.is_file() else [])]


def parser() -> Parser:
    """The options of the command."""
    own = Parser(prog="training.evaluate", description=__doc__)
    own.add_argument("checkpoint", help="name of a checkpoint, or a folder with a card.json")
    own.add_argument("--data", type=Path, help="data folder; photos/ and paintings/ for transfer")
    pictures = at_least(2, "pictures")
    own.add_argument("--limit", type=pictures, help=f"pictures at most (all; pairs: {PAIRS})")
    own.add_argument("--out", type=Path, help="JSON file for protocol, rows and digests")
    own.add_argument("--write-card", action="store_true", help="put them into the card, too")
    own.add_argument("--sheet", type=Path, help="HTML or PNG: all evaluated pictures, in order")
    add_device(own)
    own.add_argument("--seed", type=int, default=0, help="of what is drawn by lot")
    known = "|".join(NETWORKS)
    own.add_argument("--features", nargs="+", metavar="NAME[=FILE]", help=f"of distances: {known}")
    own.add_argument("--vgg", type=Path, default=VGG, help=f"weights ({VGG.stem})")
    return own


def check(options: argparse.Namespace) -> None:
    """Finds before the work what would fail after it.

    Raises:
        FileNotFoundError, ValueError: a place that cannot be written.
    """
    if options.out is not None:
        require_writable(options.out, "--out", (".json",))
    if options.sheet is not None:
        require_writable(options.sheet, "--sheet", (".png", ".html"))
        check_place(options.sheet)


def run(options: argparse.Namespace) -> None:
    """Evaluates, writes and prints."""
    check(options)
    folder = locate(options.checkpoint)
    report = evaluate(folder, options)
    if options.out:
        write_json(options.out, report.result())
    if options.write_card:
        write_card(folder, report.table())
    print("\n".join(report.lines()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; exit code 2 with one sentence on bad input."""
    options = parser().parse_args(arguments)
    return finish("training.evaluate", lambda: run(options))


if __name__ == "__main__":
    sys.exit(main())
