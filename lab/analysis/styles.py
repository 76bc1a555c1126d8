"""K-means over the encoder's features of all objects: the style bank (Wang et al. 2018, §3.4).

How many clusters a class has is given, or chosen by the mean silhouette of its objects (Rousseeuw
1987, Silhouettes: a graphical aid to the interpretation and validation of cluster analysis).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from lab.analysis.clustering import Clustering, cluster, drawn, nearest, silhouette
from lab.data.labels import IGNORE, LabelSpace
from lab.models.styles import ALIKE, StyleBank, StyleBankConfig

# Up to this silhouette "no substantial structure has been found" (Kaufman & Rousseeuw 1990, ch. 2).
UNSTRUCTURED = 0.25
MOST_CLUSTERS = 127  # of a class: what a bank's int8 table of looks seen together can count

Choice = Literal["given", "silhouette"]


@dataclass(frozen=True)
class Objects:
    """One class's objects: style vectors (N, F), `areas` (N,) in [0, 1], and the `pictures` (N,) by
    number that they were seen in."""

    features: np.ndarray
    areas: np.ndarray
    pictures: np.ndarray


def collect(
    pictures: Iterable[tuple[Tensor, Tensor, Tensor]], space: LabelSpace
) -> dict[int, Objects]:
    """One style vector per object.

    Args:
        pictures: (labels (H, W), instances (H, W), encoded features (F, H, W)) per picture, the
            features constant inside each object.
    Returns:
        class → its objects; the area is the object's share of the picture.
    """
    features, areas, seen_in = defaultdict(list), defaultdict(list), defaultdict(list)
    for picture, (labels, instances, encoded) in enumerate(pictures):
        # The class is part of the key, so an id that two classes share counts as two objects.
        keys = (instances * (IGNORE + 1) + labels).flatten()
        found, first, counts = _first_of_each(keys)
        for key, place, count in zip(found, first, counts, strict=True):
            label = key % (IGNORE + 1)
            if label < len(space):
                features[label].append(encoded.flatten(1)[:, place].cpu().numpy())
                areas[label].append(count / keys.numel())
                seen_in[label].append(picture)
    return {
        label: Objects(np.stack(vectors), np.array(areas[label]), np.array(seen_in[label]))
        for label, vectors in sorted(features.items())
    }


def _first_of_each(keys: Tensor) -> tuple[list[int], list[int], list[int]]:
    """Distinct values, the place of one occurrence of each, and their counts."""
    found, first, counts = np.unique(keys.cpu().numpy(), return_index=True, return_counts=True)
    return found.tolist(), first.tolist(), counts.tolist()


def fit_styles(
    objects: Mapping[int, Objects],
    *,
    classes: int,
    clusters: int = 10,
    choose: Choice = "given",
    smallest: float = 1 / 64,
    samples: int = 0,
    pictures: int = 0,
    seed: int = 0,
) -> StyleBank:
    """K-means centres per class, largest cluster first.

    Args:
        objects: class → its objects, as `collect` returns them.
        clusters: K, at most `MOST_CLUSTERS`; fewer for a class with fewer than two objects each.
        choose: `given` takes that many; `silhouette` the number from 2 to that many under which
            the class's objects lie best apart, see `best_count`.
        smallest: objects below this share of the picture are left out, see `large_enough`.
        samples: how many objects of a class are kept at most, as they were clustered.
        pictures: of how many pictures it is kept at most which looks they show together.
    Returns:
        A measured `StyleBank` of `classes` classes.
    """
    if not objects:
        raise ValueError("There are no objects to cluster; the dataset is empty.")
    channels = next(iter(objects.values())).features.shape[1]
    numbers = np.unique(np.concatenate([found.pictures for found in objects.values()]))
    numbers = drawn(numbers, pictures, seed=seed)
    config = StyleBankConfig(
        classes, clusters, channels, measured=True, samples=samples, pictures=len(numbers)
    )
    bank = StyleBank(config)
    for label, found in objects.items():
        large = large_enough(found, smallest=smallest, wanted=2 * clusters)
        kept = found.features[large].astype(np.float64)
        most = max(1, min(clusters, len(kept) // 2, len(np.unique(kept, axis=0))))
        count = most if choose == "given" else best_count(kept, most, seed=seed)
        clustering = cluster(kept, count, seed=seed)
        _fill(bank, label, clustering)
        bank.silhouettes[label] = silhouette(kept, clustering.members, seed=seed)
        if samples:
            own = drawn(kept, samples, seed=seed)
            bank.features[label, : len(own)] = torch.from_numpy(own)
            bank.kept[label] = len(own)
        for row, picture in enumerate(numbers):
            looks = _looks_in(found, large & (found.pictures == picture), clustering.centers)
            bank.together[row, label, : len(looks)] = torch.from_numpy(looks)
    return bank


def _looks_in(found: Objects, there: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """The clusters of the largest of the objects that are `there` (N,), at most `ALIKE`."""
    rows = np.flatnonzero(there)
    largest = rows[np.argsort(-found.areas[rows], kind="stable")][:ALIKE]
    return nearest(found.features[largest], centers)


def large_enough(found: Objects, *, smallest: float, wanted: int) -> np.ndarray:
    """Which of the objects take part in the clustering: (N,) bool.

    Objects below the share `smallest` of the picture are left out, because E's average over a few
    pixels says little; where fewer than `wanted` remain, the class keeps its larger half. The
    official code keeps 1/64 of the picture and more, and leaves a class that has no such object
    without styles.
    """
    large = found.areas >= smallest
    return large if large.sum() >= wanted else found.areas >= np.median(found.areas)


def best_count(features: np.ndarray, most: int, *, seed: int = 0) -> int:
    """The number of clusters, 2 to `most`, with the highest mean silhouette; of equals the least.

    1 where not even the best exceeds `UNSTRUCTURED`: nothing there lies apart.
    """
    best, highest = 1, UNSTRUCTURED
    for count in range(2, most + 1):
        score = silhouette(features, cluster(features, count, seed=seed).members, seed=seed)
        if score > highest:
            best, highest = count, score
    return best


def _fill(bank: StyleBank, label: int, found: Clustering) -> None:
    """Writes the clusters of one class into the bank."""
    count = len(found.sizes)
    bank.centers[label, :count] = torch.from_numpy(found.centers)
    bank.sizes[label, :count] = torch.from_numpy(found.sizes)
    bank.spreads[label, :count] = torch.from_numpy(found.spreads)
    bank.counts[label] = count
