"""Object ids of label maps in the one form that painter and data share: stuff has its class id, the
k-th object of a countable class has class * 1000 + k.

A painter's stroke of stuff writes its class id, so an object of that id would melt into it.
"""

import numpy as np

from lab.data.labels import IGNORE, LabelSpace
from lab.ui.drawing import MAX_INSTANCE, OBJECTS_PER_CLASS


def renumbered(instances: np.ndarray, labels: np.ndarray, space: LabelSpace) -> np.ndarray:
    """The ids of an instance map of any numbering in the form above.

    An id that shows several classes is an object in each. Objects are numbered from 0 in the order
    of their old ids; ids of this form stay, and so does a map that has it everywhere, in which a
    class id may also be all objects of a class together, as data sets write it.

    Args:
        instances: (H, W) ids from 0. labels: (H, W) class ids or `IGNORE`.

    Returns:
        (H, W) int64; distinct objects stay distinct, but those of a class beyond the thousandth
        share its last number. Untouched where the classes are too many for 16 bits (ADE20K).
    """
    instances = instances.astype(np.int64)
    if len(space) * OBJECTS_PER_CLASS > MAX_INSTANCE:
        return instances
    pairs, place = np.unique(instances * (IGNORE + 1) + labels, return_inverse=True)
    old, classes = np.divmod(pairs, IGNORE + 1)
    countable = np.zeros(IGNORE + 1, bool)
    countable[: len(space)] = [label.countable for label in space.labels]
    objects, formed = countable[classes], old // OBJECTS_PER_CLASS == classes
    if ((old == classes) | (objects & formed) | (classes == IGNORE)).all():
        return instances
    new = np.where(objects & formed, old, classes)
    for label in np.unique(classes[objects & ~formed]).tolist():
        own = label * OBJECTS_PER_CLASS + np.arange(OBJECTS_PER_CLASS)
        asking = np.flatnonzero((classes == label) & ~formed)
        free = np.setdiff1d(own, old[(classes == label) & formed])
        new[asking] = np.append(free, np.repeat(own[-1], len(asking)))[: len(asking)]
    return new[place].reshape(instances.shape)


def number_regions(labels: np.ndarray, space: LabelSpace) -> np.ndarray:
    """Instance ids for a label map without any: connected regions of countable classes are objects.

    Args:
        labels: (H, W) class ids.

    Returns:
        (H, W) int64: stuff = class id, k-th region of a class = class * 1000 + k (4-neighbours,
        in reading order; regions beyond the thousandth share the last number).
    """
    height, width = labels.shape
    starts, owner = _row_runs(labels)
    parent = list(range(len(starts)))

    def root(run: int) -> int:
        while parent[run] != run:
            parent[run] = parent[parent[run]]  # halve the path
            run = parent[run]
        return run

    above, below = owner[:-1], owner[1:]
    touching = labels[:-1] == labels[1:]
    pairs = np.unique(above[touching].astype(np.int64) * len(starts) + below[touching])
    for upper, lower in zip(*np.divmod(pairs, len(starts)), strict=True):
        a, b = root(int(upper)), root(int(lower))
        parent[max(a, b)] = min(a, b)
    classes = labels.reshape(-1)[starts]
    ids, count = np.empty(len(starts), np.int64), {}
    for run, label in enumerate(classes.tolist()):
        if label >= len(space) or not space[label].countable:
            ids[run] = label
        elif root(run) != run:
            ids[run] = ids[root(run)]  # a root comes before its runs: the smallest index wins
        else:
            number = count.get(label, 0)
            count[label] = number + 1
            ids[run] = label * OBJECTS_PER_CLASS + min(number, OBJECTS_PER_CLASS - 1)
    return ids[owner].reshape(height, width)


def _row_runs(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the horizontal runs start (flat index), and the run every pixel belongs to (H, W)."""
    first = np.ones(labels.shape, bool)
    first[:, 1:] = labels[:, 1:] != labels[:, :-1]
    return np.flatnonzero(first), (np.cumsum(first) - 1).reshape(labels.shape)
