"""Clusters of style vectors by K-means, seeded: how large, how wide and how well apart they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

SAMPLE = 1000  # objects of a class that a silhouette is taken over, for it costs their square


@dataclass(frozen=True)
class Clustering:
    """Objects in k clusters, the largest first.

    Attributes:
        centers: (k, F), the means of the clusters' objects.
        sizes: (k,) objects in each. spreads: (k,) root mean square distances of them to the centre.
        members: (N,) the cluster of every object, 0 to k - 1.
    """

    centers: np.ndarray
    sizes: np.ndarray
    spreads: np.ndarray
    members: np.ndarray

    @property
    def inertia(self) -> float:
        """Sum of the squared distances of all objects to their centres, what K-means lowers."""
        return float((self.sizes * self.spreads**2).sum())


def cluster(features: np.ndarray, count: int, *, seed: int = 0) -> Clustering:
    """K-means of objects (N, F) into `count` clusters; the same for the same seed.

    Raises:
        ValueError: fewer different objects than clusters, or a count below 1.
    """
    different = len(np.unique(features, axis=0))
    if not 1 <= count <= different:
        raise ValueError(
            f"{different} different objects make 1 to {different} clusters, not {count}; "
            "choose another number."
        )
    return summarized(features, KMeans(count, n_init=10, random_state=seed).fit_predict(features))


def summarized(features: np.ndarray, members: np.ndarray) -> Clustering:
    """The clusters that `members` (N,) make of objects (N, F), numbered anew by their size."""
    order = np.argsort(-np.bincount(members), kind="stable")
    renumbered = np.argsort(order)[members]
    groups = [features[renumbered == place] for place in range(len(order))]
    centers = np.stack([group.mean(0) for group in groups])
    offsets = features - centers[renumbered]
    squares = np.bincount(renumbered, (offsets**2).sum(1), minlength=len(groups))
    sizes = np.array([len(group) for group in groups])
    return Clustering(centers, sizes, np.sqrt(squares / sizes), renumbered)


def nearest(features: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Index of the closest of `centers` (k, F) for each of `features` (N, F): (N,)."""
    distances = ((features[:, None] - centers[None]) ** 2).sum(-1)
    return distances.argmin(1)


def silhouette(features: np.ndarray, members: np.ndarray, *, seed: int = 0) -> float:
    """Mean silhouette in [-1, 1] of objects (N, F) in the clusters `members` (N,).

    Over `SAMPLE` objects at most, the same ones for every clustering of a class. 0 where the
    objects lie in one cluster or each in one of its own, as Rousseeuw defines it for the latter.
    """
    rows = drawn(np.arange(len(features)), SAMPLE, seed=seed)
    features, members = features[rows], members[rows]
    found = len(np.unique(members))
    return float(silhouette_score(features, members)) if 1 < found < len(members) else 0.0


def drawn(rows: np.ndarray, most: int, *, seed: int = 0) -> np.ndarray:
    """At most `most` of the rows, drawn by lot, the same ones for a seed; all where there are no
    more."""
    if len(rows) <= most:
        return rows
    return rows[np.random.default_rng(seed).choice(len(rows), most, replace=False)]
