"""The style bank of a run: every training picture through E, then K-means per class."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor, nn
from tqdm import tqdm

from lab.analysis.styles import collect, fit_styles
from lab.interfaces import Layout
from lab.models.styles import StyleBank
from training.synthesis import SynthesisTask


def fit_bank(task: SynthesisTask, averaged: dict[str, nn.Module]) -> StyleBank:
    """Clusters the looks of the training split's objects, whole pictures at the native size.

    Args:
        task: a task that has entered its last stage. averaged: its EMA modules.
    """
    config = task.config.styles
    dataset = task.dataset("train", task.stage, whole=True)
    pipeline = task.pipeline(averaged)

    def encoded() -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        count = min(len(dataset), config.pictures)
        for index in tqdm(range(count), desc="styles", mininterval=5):
            sample = dataset[index]
            labels, instances = sample["labels"], sample["instances"]
            layout = Layout(labels[None], instances[None], task.space)
            features = pipeline.encode(sample["photo"][None], layout)
            yield labels, instances, features[0]

    return fit_styles(
        collect(encoded(), task.space),
        classes=len(task.space),
        clusters=config.clusters,
        choose=config.choose,
        smallest=config.smallest,
        seed=task.config.seed,
    )
