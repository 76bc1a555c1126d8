"""Who draws more style at equal content? python -m training.evaluation.strengths <folder> …

A method that changes little keeps the content for free, so two methods are compared where their
content distances are equal: each is drawn at several strengths, which gives it a curve, and the
curve of one is read at the content distance that another has at full strength.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lab import checkpoint
from lab.card import locate, read_card
from lab.cli.arguments import Parser, at_least
from lab.pipelines.transfer import FeatureTransfer
from lab.plots_transfer import style_against_content
from lab.scoring.report import Report
from lab.scoring.style_network import open_style_network
from lab.scoring.stylizers import TransferMethod, rows_of
from lab.scoring.transfer import Source, score_transfer
from training.command import finish
from training.evaluation.curves import add_options, check_options, write_curve
from training.evaluation.transfer import HeldOutPairs

STRENGTHS = (0.4, 0.6, 0.8, 1.0)
PAIRS = 12
Curve = list[tuple[float, float]]  # (content distance, style distance), by rising strength


def at_strengths(
    folders: Sequence[Path], strengths: Sequence[float], device: torch.device | None
) -> list[TransferMethod]:
    """The rows of checkpoints at every strength, called `<row> at <strength>`.

    Raises:
        ValueError: a checkpoint whose method has no strength, such as a judge.
    """
    found = []
    for folder in folders:
        stylizer = checkpoint.load(folder.name, device=device, root=folder.parent)
        if not isinstance(stylizer, FeatureTransfer):
            raise ValueError(f"{folder.name} has no strength; choose linear, adain or wct.")
        for row in rows_of(read_card(folder), stylizer):
            for strength in strengths:
                name = f"{row.row} at {strength:g}"
                found.append(replace(row, row=name, draw=weakened(row, strength), draw_frame=None))
    return found


def weakened(method: TransferMethod, strength: float) -> Callable[[Tensor, Any], Tensor]:
    """Features between the content's, at 0, and the method's own, at 1."""
    return lambda content, look: method.draw(content, look, strength=strength)


def curves(report: Report) -> dict[str, Curve]:
    """Row → its points, in the order they were drawn in."""
    found: dict[str, Curve] = {}
    for name, values in report.rows.items():
        row, at, _ = name.partition(" at ")
        if at:
            point = (values["content_distance"], values["style_distance"])
            found.setdefault(row, []).append(point)
    return found


def style_at(curve: Curve, content: float) -> float | None:
    """The style distance of a curve where its content distance is `content`; linear between
    points, None where it does not reach."""
    contents, styles = np.array(sorted(curve)).T
    if not contents[0] <= content <= contents[-1]:
        return None
    return float(np.interp(content, contents, styles))


def at_equal_content(found: Mapping[str, Curve]) -> dict[str, dict[str, float | None]]:
    """Row → other row → its own style distance where its content distance is the other's at full
    strength; beneath its own name, the one at full strength."""
    ends = {row: curve[-1] for row, curve in found.items()}
    return {
        row: {other: style_at(curve, content) for other, (content, _) in ends.items()}
        for row, curve in found.items()
    }


def evaluate(
    folders: Sequence[Path], pairs: Source, *, strengths: Sequence[float], vgg: Path | None,
    device: torch.device,
) -> Report:  # fmt: skip
    """Scores checkpoints at strengths; `at_equal_content` is part of the protocol.

    Raises:
        FileNotFoundError, ValueError: as the checkpoints and the style network are opened.
    """
    methods = at_strengths(folders, strengths, device)
    network = open_style_network(vgg, folders[0].parent, device)
    report = score_transfer(pairs, methods, network=network, device=device)
    report.title = "Style against content, by strength"
    report.protocol["at_equal_content"] = at_equal_content(curves(report))
    return report


def table(found: Mapping[str, Mapping[str, float | None]]) -> list[str]:
    """`at_equal_content` as lines."""
    lines = ["", "style distance at the content distance that … has at full strength"]
    width = max(map(len, found)) + 2
    lines.append(" " * width + "".join(f"{name:>{width}}" for name in found))
    for row, values in found.items():
        cells = ("–" if v is None else f"{v:.3f}" for v in values.values())
        lines.append(f"{row:{width}}" + "".join(f"{cell:>{width}}" for cell in cells))
    return lines


def parser() -> Parser:
    """The options of the command."""
    own = Parser(prog="training.evaluation.strengths", description=__doc__)
    own.add_argument("checkpoints", nargs="+", help="names of checkpoints, or folders")
    own.add_argument("--data", type=Path, required=True, help="folder of photos/ and paintings/")
    pairs = at_least(1, "pairs")
    own.add_argument("--limit", type=pairs, default=PAIRS, help=f"pairs at most ({PAIRS})")
    own.add_argument("--strengths", type=float, nargs="+", default=STRENGTHS, help="0 to 1, rising")
    add_options(own)
    return own


def run(options: argparse.Namespace) -> None:
    """Evaluates, writes and prints."""
    check_options(options)
    rising = list(options.strengths) == sorted(set(options.strengths))
    if not rising or not options.strengths[0] >= 0 or options.strengths[-1] != 1:
        said = " ".join(map(str, options.strengths))
        raise ValueError(f"--strengths is {said}; expected rising numbers from 0 to 1, 1 the last.")
    folders = [locate(name) for name in options.checkpoints]
    pairs = HeldOutPairs(options.data / "photos", options.data / "paintings", pairs=options.limit)
    device = torch.device(options.device or checkpoint.default_device())
    how = {"strengths": options.strengths, "vgg": options.vgg, "device": device}
    report = evaluate(folders, pairs, **how)
    write_curve(options, report, style_against_content(curves(report)))
    print("\n".join([*report.lines(), *table(report.protocol["at_equal_content"])]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; exit code 2 with one sentence on bad input."""
    options = parser().parse_args(arguments)
    return finish("training.evaluation.strengths", lambda: run(options))


if __name__ == "__main__":
    sys.exit(main())
