"""Synthesizers and judges on the validation split of what they were trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lab.card import CARD, CHECKPOINTS, Card
from lab.catalog import DATASETS
from lab.pipelines.segmentation import SegmentationPipeline
from lab.scoring.features import open_networks
from lab.scoring.methods import FLOOR, judge_name, load_judge, load_methods, oracle, rows_of
from lab.scoring.report import Report
from lab.scoring.scenes import Scenes
from lab.scoring.sheet import Sheet
from lab.scoring.synthesis import score_synthesis


def validation(card: Card, root: Path | None, limit: int | None) -> Scenes:
    """The scenes a checkpoint is evaluated on, at its native size."""
    return Scenes(domain_of(card), root, size=card.native_size, limit=limit)


def domain_of(card: Card) -> str:
    """The dataset a checkpoint was trained on: its domain's, else its label space's."""
    return card.domain if card.domain in DATASETS else card.space


def evaluate_synthesis(
    folder: Path,
    card: Card,
    pipeline: Any,
    *,
    scenes: Scenes,
    features: Sequence[str],
    seed: int = 0,
    sheet: Sheet | None = None,
) -> Report:
    """The rows of one checkpoint between the photographs and the palette.

    The judge and the palette of the domain are those beside the checkpoint, else the lab's own.

    Raises:
        FileNotFoundError: neither has them; with the command that makes them.
    """
    own, device = folder.parent, pipeline.device
    home = own if (own / judge_name(scenes.domain) / CARD).is_file() else CHECKPOINTS
    judge = load_judge(scenes.domain, home, device)
    rows = rows_of(card, pipeline)
    methods = [oracle(), *rows]
    if card.method != FLOOR:
        methods += load_methods([FLOOR], scenes.domain, home, device)[0][1:]
    networks = open_networks(features, judge, device)
    how = {"judge": judge, "networks": networks, "seed": seed, "sheet": sheet}
    return score_synthesis(scenes, methods, **how)


def evaluate_judge(
    judge: SegmentationPipeline, scenes: Scenes, *, sheet: Sheet | None = None
) -> Report:
    """How a judge reads photographs it has not seen: the oracle row of every score."""
    report = score_synthesis(scenes, [oracle()], judge=judge, sheet=sheet)
    for columns in report.rows.values():
        del columns["of_oracle"]
    report.title = f"Judge: {scenes.domain}"
    return report
