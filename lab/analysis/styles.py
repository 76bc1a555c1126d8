"""K-means over the encoder's features of all objects: the style bank (Wang et al. 2018, §3.4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.cluster import KMeans
from torch import Tensor

from lab.data.labels import IGNORE, LabelSpace
from lab.models.styles import StyleBank, StyleBankConfig


@dataclass(frozen=True)
class Objects:
    """Style vectors of one class's objects: `features` (N, F) and their `areas` (N,) in [0, 1]."""

    features: np.ndarray
    areas: np.ndarray


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
    features, areas = defaultdict(list), defaultdict(list)
    for labels, instances, encoded in pictures:
        # The class is part of the key, so an id that two classes share counts as two objects.
        keys = (instances * (IGNORE + 1) + labels).flatten()
        found, first, counts = _first_of_each(keys)
        for key, place, count in zip(found, first, counts, strict=True):
            label = key % (IGNORE + 1)
            if label < len(space):
                features[label].append(encoded.flatten(1)[:, place].cpu().numpy())
                areas[label].append(count / keys.numel())
    return {
        label: Objects(np.stack(vectors), np.array(areas[label]))
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
    smallest: float = 1 / 64,
    seed: int = 0,
) -> StyleBank:
    """K-means centres per class, largest cluster first.

    Args:
        objects: class → its objects, as `collect` returns them.
        clusters: K; fewer for a class with fewer than two objects per cluster.
        smallest: objects below this share of the picture are left out, because E's average over a
            few pixels says little. The official code keeps 1/64 of the picture and more; a class
            whose objects are all smaller keeps its larger half. Differs from the official code,
            which leaves such a class without styles.
    Returns:
        A `StyleBank` of `classes` classes.
    """
    if not objects:
        raise ValueError("There are no objects to cluster; the dataset is empty.")
    channels = next(iter(objects.values())).features.shape[1]
    bank = StyleBank(StyleBankConfig(classes, clusters, channels))
    for label, found in objects.items():
        kept = found.features[found.areas >= smallest]
        if len(kept) < 2 * clusters:
            kept = found.features[found.areas >= np.median(found.areas)]
        count = max(1, min(clusters, len(kept) // 2, len(np.unique(kept, axis=0))))
        means = KMeans(count, n_init=10, random_state=seed).fit(kept.astype(np.float64))
        sizes = np.bincount(means.labels_, minlength=count)
        order = np.argsort(-sizes, kind="stable")
        bank.centers[label, :count] = torch.from_numpy(means.cluster_centers_[order]).float()
        bank.sizes[label, :count] = torch.from_numpy(sizes[order])
        bank.counts[label] = count
    return bank
