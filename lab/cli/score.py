"""Scores the methods of a domain against photographs: by a judge, by features, by the clock.

Every row is drawn at the same size from the same layouts; the photographs themselves and each class
in its mean colour are always among the rows. See «Scoring» in the README.
"""

import argparse
from pathlib import Path

from lab.catalog import DATASETS, SYNTHESIZERS
from lab.cli.arguments import require_writable, seed, size
from lab.files import write_json
from lab.lab import Lab
from lab.scoring.features import NETWORKS, open_networks
from lab.scoring.methods import ORACLE, load_judge, load_methods
from lab.scoring.page import check_place, open_sheet
from lab.scoring.scenes import Scenes
from lab.scoring.synthesis import score_synthesis


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("task", choices=("synthesis",), help="what is scored")
    parser.add_argument("--domain", required=True, choices=tuple(DATASETS))
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="its photographs; town needs none: it is drawn"
    )
    parser.add_argument("--split", default="val", help="default: val")
    parser.add_argument(
        "--methods", nargs="+", choices=(*SYNTHESIZERS, ORACLE), help="default: what is installed"
    )
    parser.add_argument(
        "--limit", type=count, metavar="N", help="pictures at most, evenly apart in file order"
    )
    parser.add_argument("--size", type=size, metavar="WxH", help="default: pix2pixhd's native size")
    parser.add_argument("--seed", type=seed, default=0, help="of what is drawn by lot (default: 0)")
    known = "|".join(NETWORKS)
    parser.add_argument(
        "--features",
        nargs="+",
        default=["judge"],
        metavar="NAME[=FILE]",
        help=f"networks of the distances: {known}, with a file of weights (default: judge)",
    )
    parser.add_argument(
        "--sheet", type=Path, metavar="HTML|PNG", help="every scored picture, in file order"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="JSON")


def run(lab: Lab, options: argparse.Namespace) -> None:
    """Scores, prints the table, writes the sheet and then the result."""
    require_writable(options.out, "--out", [".json"])
    if options.sheet is not None:
        require_writable(options.sheet, "--sheet", [".html", ".png"])
        check_place(options.sheet)
    place = {"root": lab.checkpoints, "device": lab.device}
    judge = load_judge(options.domain, **place)
    methods, left_out = load_methods(options.methods, options.domain, **place)
    networks = open_networks(options.features, judge, lab.device)
    native = next((m.native_size for m in methods if m.digest), judge.native_size)
    scenes = Scenes(
        options.domain,
        options.data,
        size=options.size or native,
        split=options.split,
        limit=options.limit,
    )
    with open_sheet(options.sheet, len(scenes), scenes.space) as sheet:
        how = {"judge": judge, "networks": networks, "seed": options.seed, "sheet": sheet}
        report = score_synthesis(scenes, methods, **how)
        if left_out:
            report.protocol["left_out"] = left_out
        if sheet is not None:
            sheet.finish(report)
    write_json(options.out, report.result())
    print("\n".join(report.lines()))


def count(text: str) -> int:
    """A number of pictures: 2 or more."""
    if not (text.isascii() and text.isdigit()) or int(text) < 2:
        raise argparse.ArgumentTypeError(f"expected 2 or more pictures, got {text!r}")
    return int(text)
