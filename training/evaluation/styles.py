"""Are the looks worth their names? python -m training.evaluation.styles <checkpoint> [--data DIR] …

Two questions for a style bank: how well its clusters agree with the true looks of the objects (of
the procedural town, which knows them), and what another cluster changes of an object and elsewhere.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import Tensor
from torch.utils.data import Dataset
from tqdm import tqdm

from lab.analysis.agreement import Agreement, agreement
from lab.card import Card, locate, read_card
from lab.cli.arguments import Parser, at_least
from lab.data.crops import Sample
from lab.data.town import Town
from lab.interfaces import Layout
from lab.metrics.locality import MARGIN, Change, change
from lab.pipelines.synthesis import SynthesisPipeline, object_labels
from lab.scoring.report import Report, spread
from training.command import add_device, finish
from training.config import Styles
from training.evaluation.report import write_card
from training.evaluation.synthesis import validation
from training.opening import open_looks

SCENES, CHANGED_SCENES = 60, 4
FEWEST_CLUSTERS = 3  # a category with fewer is not asked whether its looks differ
SMALLEST_CHANGED = 64  # pixels; the colour of a smaller object is mostly that of its outline
PLAIN_COLOUR, PLAIN_TEXTURE = 0.05, 0.03  # shares of the range, from which a change is plain


def style_agreement(
    pipeline: SynthesisPipeline, town: Town, indices: Sequence[int], *, smallest: float
) -> dict[str, Agreement]:
    """Class → agreement of its objects' nearest clusters with their true looks.

    Args:
        town: whole scenes, neither cropped nor mirrored. indices: the scenes that are read.
        smallest: share of the picture an object must cover, as when the clusters were made.
    """
    pairs: dict[str, list[tuple[int, str]]] = {name: [] for name in pipeline.space.names}
    for index in tqdm(indices, desc="true looks", mininterval=5):
        sample, looks = town[index], town.looks(index)
        layout = layout_of(sample, pipeline)
        labels, areas = object_labels(layout), shares(layout.instances)
        for instance, cluster in pipeline.assign(sample["photo"][None], layout).items():
            if areas[instance] >= smallest:
                name = pipeline.space.names[labels[instance]]
                pairs[name].append((cluster, looks[instance]))
    compared = {
        name: agreement([cluster for cluster, _ in found], [look for _, look in found])
        for name, found in pairs.items()
    }
    return {name: result for name, result in compared.items() if result is not None}


def style_changes(
    pipeline: SynthesisPipeline, dataset: Dataset[Sample], indices: Sequence[int]
) -> dict[str, list[Change]]:
    """Class → what every other cluster changes of its largest object in every scene.

    The scene is first drawn with looks by lot, `index` being the seed. Only classes of at least
    `FEWEST_CLUSTERS` clusters, and objects of at least `SMALLEST_CHANGED` pixels.
    """
    changes: dict[str, list[Change]] = {}
    for index in tqdm(indices, desc="changes", mininterval=5):
        layout = layout_of(dataset[index], pipeline)
        looks = pipeline.choose(layout, seed=index)
        before = pipeline(layout, styles=looks)
        for label, instance in largest_objects(layout).items():
            count = int(pipeline.bank.counts[label])
            if count < FEWEST_CLUSTERS:
                continue
            inside = (layout.instances == instance).to(before.device)
            for cluster in set(range(count)) - {looks[instance]}:
                after = pipeline(layout, styles={**looks, instance: cluster})
                found = changes.setdefault(pipeline.space.names[label], [])
                found.append(change(before, after, inside))
    return changes


def largest_objects(layout: Layout) -> dict[int, int]:
    """Class → its largest instance, where that has `SMALLEST_CHANGED` pixels."""
    areas = shares(layout.instances)
    smallest = SMALLEST_CHANGED / layout.instances.numel()
    largest: dict[int, int] = {}
    for instance, label in sorted(object_labels(layout).items(), key=lambda o: areas[o[0]]):
        if areas[instance] >= smallest:
            largest[label] = instance
    return dict(sorted(largest.items()))


def shares(instances: Tensor) -> dict[int, float]:
    """Instance id → its share of the picture."""
    ids, counts = instances.unique(return_counts=True)
    return {i: n / instances.numel() for i, n in zip(ids.tolist(), counts.tolist(), strict=True)}


def layout_of(sample: Sample, pipeline: SynthesisPipeline) -> Layout:
    """The layout of a sample, a batch of one."""
    return Layout(sample["labels"][None], sample["instances"][None], pipeline.space)


def summary(changes: Mapping[str, Sequence[Change]]) -> dict[str, dict[str, float]]:
    """Class → number and means of its changes, and 1 where they are plain; `all`: their means."""
    rows = {}
    for name, found in changes.items():
        colour, texture, outside = (
            sum(getattr(one, part) for one in found) / len(found)
            for part in ("colour", "texture", "outside")
        )
        plain = float(colour >= PLAIN_COLOUR or texture >= PLAIN_TEXTURE)
        means = {"colour": colour, "texture": texture, "plain": plain}
        rows[name] = {"changes": len(found), **means, "outside_percent": 100 * outside}
    if rows:
        columns = next(iter(rows.values()))
        means = {
            column: sum(row[column] for row in rows.values()) / len(rows) for column in columns
        }
        rows["all"] = {**means, "changes": sum(row["changes"] for row in rows.values())}
    return rows


def evaluate_styles(
    pipeline: SynthesisPipeline, card: Card, dataset: Dataset[Sample], *, limit: int, changed: int
) -> Report:
    """Both questions on a split.

    Args:
        limit: scenes whose true looks are compared. changed: scenes drawn with other clusters.
    Raises:
        ValueError: the checkpoint has no style bank.
    """
    if pipeline.bank is None:
        raise ValueError(f"The checkpoint {card.name!r} has no style bank to be evaluated.")
    smallest = dict(card.training.get("styles", {})).get("smallest", Styles.smallest)
    rows: dict[str, dict[str, float]] = {}
    if isinstance(dataset, Town):
        scenes = spread(len(dataset), limit)
        found = style_agreement(pipeline, dataset, scenes, smallest=smallest)
        rows = {name: _renamed(result) for name, result in found.items()}
    changes = summary(style_changes(pipeline, dataset, spread(len(dataset), changed)))
    for name, row in changes.items():
        rows[name] = {**rows.get(name, {}), **row}
    order = [*pipeline.space.names, "all"]
    rows = {name: rows[name] for name in order if name in rows}
    return Report(f"Looks: {card.name}", _protocol(card, smallest, limit, changed), rows)


def _renamed(result: Agreement) -> dict[str, float]:
    row = asdict(result)
    return {"nmi": row.pop("information"), **row}


def _protocol(card: Card, smallest: float, limit: int, changed: int) -> dict[str, Any]:
    return {
        "nmi": "mutual information of nearest cluster and true look over the mean of their "
        f"entropies; objects of {100 * smallest:.2g} % of the picture and more, {limit} scenes",
        "homogeneity": "share of the true looks' entropy that the clusters tell",
        "changes": f"the largest object of every class with {FEWEST_CLUSTERS} clusters and more, "
        f"under every other cluster, in {changed} scenes; means per class",
        "colour": "distance of the object's mean colours, black to white is 1",
        "texture": "distance of the standard deviations of the object's luma",
        "plain": f"colour {PLAIN_COLOUR} or texture {PLAIN_TEXTURE} and more; all: the share",
        "outside_percent": f"mean absolute change farther than {MARGIN} pixels from the object",
        "checkpoint": card.digest,
    }


def parser() -> Parser:
    """The options of the command."""
    own = Parser(prog="training.evaluation.styles", description=__doc__)
    own.add_argument("checkpoint", help="name of a checkpoint, or a folder with a card.json")
    own.add_argument("--data", type=Path, help="folder of the dataset; the town needs none")
    scenes = at_least(1, "scenes")
    own.add_argument("--limit", type=scenes, default=SCENES, help=f"scenes ({SCENES}), true looks")
    own.add_argument(
        "--changed", type=scenes, default=CHANGED_SCENES, help=f"scenes ({CHANGED_SCENES}), changes"
    )
    own.add_argument("--write-card", action="store_true", help="put the numbers into the card")
    add_device(own)
    return own


def evaluate(options: argparse.Namespace) -> Report:
    """The report of the checkpoint that the options name, written into its card if they say so.

    Raises:
        FileNotFoundError, ValueError: a checkpoint or data that are not there or do not fit.
    """
    folder = locate(options.checkpoint)
    card = read_card(folder)
    pipeline = open_looks(folder, options.device)
    dataset = validation(card, options.data, options.limit).dataset
    report = evaluate_styles(pipeline, card, dataset, limit=options.limit, changed=options.changed)
    if options.write_card:
        write_card(folder, report.table(), prefix="styles_")
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; exit code 2 with one sentence on bad input."""
    options = parser().parse_args(arguments)
    return finish("training.evaluation.styles", lambda: print("\n".join(evaluate(options).lines())))


if __name__ == "__main__":
    sys.exit(main())
