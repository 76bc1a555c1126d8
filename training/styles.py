"""The style bank of a run: every training picture through E, then K-means per class.

A finished checkpoint is fitted again without its run, by its own encoder and its card's settings:
python -m training.styles --checkpoint NAME [--data DIR] [--root checkpoints]
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset
from tqdm import tqdm

from lab.analysis.styles import collect, fit_styles
from lab.card import CHECKPOINTS, Card, find, read_card
from lab.checkpoint import save
from lab.cli.arguments import Parser
from lab.data.crops import Sample
from lab.interfaces import Layout
from lab.models.styles import StyleBank
from lab.pipelines.synthesis import SynthesisPipeline
from training.command import add_device, finish
from training.config import Styles, SynthesisConfig, read
from training.opening import open_dataset, open_looks, require_root
from training.synthesis import SynthesisTask

ROUNDING = 2.0**-10  # two steps of half precision below 1: what reading weights back may change
SAMPLES = 200  # objects of a class that are stored as they were clustered, to be looked at
PICTURES = 200  # pictures of which is stored what looks they show together, to draw looks by lot
MEASURED_ANEW = ("features", "kept", "together")  # tables that a refit takes over in any case
CONFIGS = Path(__file__).resolve().parent / "configs" / "synthesis"
PARTS = {
    "generator": "generator",
    "encoder": "encoder",
    "styles": "bank",
    "discriminator": "discriminator",
}


def fit_bank(task: SynthesisTask, averaged: dict[str, nn.Module]) -> StyleBank:
    """Clusters the looks of the training split's objects, whole pictures at the native size.

    Args:
        task: a task that has entered its last stage. averaged: its EMA modules.
    """
    dataset = task.dataset("train", task.stage, whole=True)
    return fit(task.pipeline(averaged), dataset, task.config.styles, seed=task.config.seed)


def fit(
    pipeline: SynthesisPipeline, dataset: Dataset[Sample], settings: Styles, *, seed: int
) -> StyleBank:
    """Clusters what a pipeline's encoder reads in the first pictures of a dataset."""
    space = pipeline.space

    def encoded() -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        count = min(len(dataset), settings.pictures)
        for index in tqdm(range(count), desc="styles", mininterval=5):
            sample = dataset[index]
            labels, instances = sample["labels"], sample["instances"]
            layout = Layout(labels[None], instances[None], space)
            features = pipeline.encode(sample["photo"][None], layout)
            yield labels, instances, features[0]

    return fit_styles(
        collect(encoded(), space),
        classes=len(space),
        clusters=settings.clusters,
        choose=settings.choose,
        smallest=settings.smallest,
        samples=SAMPLES,
        pictures=PICTURES,
        seed=seed,
    )


def refit(folder: Path, config: SynthesisConfig, *, device: str | None = None) -> Card:
    """Writes the style bank of a finished checkpoint anew; its other parts keep their bytes.

    The encoder, the rule of the clustering, the seed and the size are the checkpoint's own; the
    config only says where the pictures lie. Where the same clusters are found again, their tables
    stay as they are to the last bit, so that every drawing does. The card keeps its metrics and
    says under `training.refitted` on which weights they were measured, how far the centres found
    now are from those, and whether those stayed.

    Raises:
        ValueError: a checkpoint without encoder, looks or a rule to cluster them by.
        FileNotFoundError: the checkpoint or its data are not there.
    """
    card, pipeline = read_card(folder), open_looks(folder, device)
    rule = card.training.get("styles")
    if pipeline.encoder is None or pipeline.bank is None or rule is None:
        raise ValueError(f"{folder.name} has no encoder, no looks or no rule for them in its card.")
    require_root(config.data)
    stage = dataclasses.replace(config.stages[-1], view=card.native_size)
    seed = int(card.training.get("seed", 0))
    dataset = open_dataset(config.data, "train", stage, seed=seed, whole=True)
    bank = fit(pipeline, dataset, Styles(**rule), seed=seed)
    moved = largest_move(pipeline.bank, bank)
    same = moved is not None and moved <= ROUNDING
    if same:
        tables = pipeline.bank.state_dict()
        own = {name: tables[name] for name in tables if name not in MEASURED_ANEW}
        bank.load_state_dict(own, strict=False)
    pipeline.bank = bank
    parts = {name: getattr(pipeline, PARTS[name]) for name in card.parts}
    configs = {name: card.config(name) for name in card.parts}
    configs["styles"] = dataclasses.asdict(bank.config)
    refitted = {"measured_on": _measured_on(card), "largest_move": moved, "stayed": same}
    training = {**card.training, "refitted": refitted}
    return save(folder, {**card.raw, "training": training}, parts, configs)


def largest_move(before: StyleBank, after: StyleBank) -> float | None:
    """The largest change of a number in any centre, as half precision stores both.

    None where the banks have other clusters, by their number or sizes, that cannot be compared.
    """
    pairs = ((before.counts.cpu(), after.counts), (before.sizes.cpu(), after.sizes))
    if not all(torch.equal(*pair) for pair in pairs):  # of other shapes neither
        return None
    stored = after.centers.half().float()
    return float((before.centers.cpu() - stored).abs().max())


def _measured_on(card: Card) -> str:
    """The digest that a checkpoint had when its metrics were taken, refits in between or not."""
    earlier: Any = card.training.get("refitted") or {}
    return earlier.get("measured_on") or card.digest


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; exit code 2 with one sentence on bad input."""
    parser = Parser(prog="training.styles", description=__doc__)
    parser.add_argument("--checkpoint", required=True, metavar="NAME")
    parser.add_argument("--data", type=Path, help="its folder (default: as its config says)")
    parser.add_argument("--root", type=Path, default=CHECKPOINTS, help="where the checkpoint lies")
    add_device(parser)
    options = parser.parse_args(arguments)
    return finish("training.styles", lambda: run(options))


def run(options: argparse.Namespace) -> None:
    """Fits, writes and says what has moved."""
    config = read(CONFIGS / f"{options.checkpoint}.yaml")
    if options.data:
        data = dataclasses.replace(config.data, root=str(options.data))
        config = dataclasses.replace(config, data=data)
    card = refit(find(options.checkpoint, options.root), config, device=options.device)
    found = card.training["refitted"]
    moved = found["largest_move"]
    said = "other clusters than before" if moved is None else f"centres off by {moved:.5f} at most"
    then = "the stored ones stay" if found["stayed"] else "its metrics are to be measured again"
    print(f"{options.root / card.name}: digest {card.digest}; {said}, {then}.")


if __name__ == "__main__":
    sys.exit(main())
