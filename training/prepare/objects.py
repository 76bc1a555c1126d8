"""Instance ids of 16 bits out of label maps and the owners' own object ids."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from scipy import ndimage

PER_CLASS = 1000  # the k-th object of a class has the id class * PER_CLASS + k
LARGEST = (1 << 16) - 1  # what a PNG of 16 bits holds
SMALLEST = 40  # pixels; smaller components are specks that stay stuff


def components(labels: np.ndarray, things: Collection[int]) -> np.ndarray:
    """The 8-connected components of `things` with at least `SMALLEST` pixels, as objects.

    Touching objects of a class are one object, and parts of an occluded one are several.

    Args:
        labels: (H, W) integers. things: the classes that have objects.

    Returns:
        (H, W) int64, as `numbered` says.
    """
    regions = np.zeros(labels.shape, dtype=np.int64)
    for label in _present(labels, things):
        mask = labels == label
        found, _ = ndimage.label(mask, structure=np.ones((3, 3)))
        regions[mask] = found[mask]
    return numbered(labels, regions, things, smallest=SMALLEST)


def numbered(
    labels: np.ndarray, regions: np.ndarray, things: Collection[int], *, smallest: int = 1
) -> np.ndarray:
    """Instance ids that fit in 16 bits.

    The k-th largest object of a class is class * 1000 + k. Label spaces in which that passes 16
    bits number all objects of a picture from 1000 on, class by class. Everything else, and what
    is beyond the thousandth object of a class, keeps its class id.

    Args:
        labels: (H, W) integers.
        regions: (H, W) integers; pixels of one class with equal values are one object.
        things: the classes that have objects.
        smallest: fewer pixels are no object.

    Returns:
        (H, W) int64.
    """
    objects = labels.astype(np.int64)
    fits = max(things, default=0) * PER_CLASS + PER_CLASS - 1 <= LARGEST
    free = PER_CLASS
    for label in _present(labels, things):
        mask = labels == label
        _, index, areas = np.unique(regions[mask], return_inverse=True, return_counts=True)
        order = np.argsort(-areas, kind="stable")  # of equal areas, the lower region first
        order = order[areas[order] >= smallest][:PER_CLASS]
        start = label * PER_CLASS if fits else free
        table = np.full(len(areas), label, dtype=np.int64)
        table[order] = start + np.arange(len(order))
        objects[mask] = table[index.reshape(-1)]
        free += len(order)
    if objects.max(initial=0) > LARGEST:
        raise ValueError(
            f"A picture has {free - PER_CLASS} objects; expected at most {LARGEST - PER_CLASS + 1}."
        )
    return objects


def _present(labels: np.ndarray, things: Collection[int]) -> list[int]:
    return sorted(set(np.unique(labels).tolist()) & set(things))
