"""How well clusters of looks agree with the true looks of the objects.

Normalised mutual information (Strehl & Ghosh 2002, Cluster ensembles) and homogeneity (Rosenberg &
Hirschberg 2007, V-measure), both by scikit-learn.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from sklearn.metrics import homogeneity_score, normalized_mutual_info_score


@dataclass(frozen=True)
class Agreement:
    """Of the objects of one class.

    Attributes:
        objects: how many were compared.
        looks, clusters: how many true looks and how many clusters occur among them.
        information: mutual information of cluster and look over the mean of their entropies, in
            [0, 1]. More clusters than looks cost some of it even where every cluster is pure.
        homogeneity: the share of the true looks' entropy that the clusters tell, in [0, 1]; it
            does not mind how many they are.
    """

    objects: int
    looks: int
    clusters: int
    information: float
    homogeneity: float


def agreement(clusters: Sequence[int], looks: Sequence[Hashable]) -> Agreement | None:
    """Compares the cluster and the true look of every object of a class.

    Args:
        clusters, looks: one each per object.
    Returns:
        None where there are fewer than two objects or all have one true look: nothing can then be
        told apart, so nothing can agree.
    Raises:
        ValueError: not as many looks as clusters.
    """
    if len(clusters) != len(looks):
        raise ValueError(
            f"There are {len(clusters)} clusters and {len(looks)} looks; give one each per object."
        )
    names = {look: number for number, look in enumerate(dict.fromkeys(looks))}
    if len(names) < 2:
        return None
    truth = [names[look] for look in looks]
    return Agreement(
        objects=len(truth),
        looks=len(names),
        clusters=len(set(clusters)),
        information=float(normalized_mutual_info_score(truth, clusters)),
        homogeneity=float(homogeneity_score(truth, clusters)),
    )
