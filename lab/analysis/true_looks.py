"""Objects whose true look is known, as an encoder sees them: scenes of the procedural town."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from torch import Tensor

from lab.data.crops import Sample
from lab.data.labels import LabelSpace
from lab.interfaces import Layout, Progress


class Reader(Protocol):
    """What reads style vectors: `lab.pipelines.synthesis.SynthesisPipeline`."""

    space: LabelSpace

    def encode(self, photo: Tensor, layout: Layout) -> Tensor: ...


class Scenes(Protocol):
    """Scenes that know the true look of every object: `lab.data.town.Town`, whole scenes."""

    def __getitem__(self, index: int) -> Sample: ...

    def looks(self, index: int) -> Mapping[int, str]: ...


@dataclass(frozen=True)
class Known:
    """Objects of one class: `features` (N, F), and the true look of each."""

    features: np.ndarray
    looks: tuple[str, ...]


def read_known(
    reader: Reader,
    scenes: Scenes,
    indices: Sequence[int],
    *,
    smallest: float,
    progress: Progress | None = None,
) -> dict[int, Known]:
    """Class → its objects in the scenes `indices`, those whose true look is known.

    Args:
        smallest: share of the picture an object must cover, as when the clusters were made.
        progress: is told the share of the scenes that were read, and may end the work.
    """
    features, looks = defaultdict(list), defaultdict(list)
    for place, index in enumerate(indices):
        if progress is not None:
            progress(place / len(indices))
        sample, truth = scenes[index], scenes.looks(index)
        labels, instances = sample["labels"], sample["instances"]
        layout = Layout(labels[None], instances[None], reader.space)
        encoded = reader.encode(sample["photo"][None], layout)[0].cpu()
        for instance, look in truth.items():
            inside = instances == instance
            if float(inside.float().mean()) < max(smallest, 1e-12):
                continue
            label = int(labels[inside].mode().values)
            if label < len(reader.space):
                features[label].append(encoded[:, inside][:, 0].numpy())
                looks[label].append(look)
    return {label: Known(np.stack(rows), tuple(looks[label])) for label, rows in features.items()}


def contingency(clusters: Sequence[int], looks: Sequence[str]) -> dict[str, dict[int, int]]:
    """True look → cluster → how many objects, looks in the order of their names."""
    table: dict[str, dict[int, int]] = {look: {} for look in sorted(set(looks))}
    for number, look in zip(clusters, looks, strict=True):
        table[look][int(number)] = table[look].get(int(number), 0) + 1
    return table
