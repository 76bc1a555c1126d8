"""Object ids: regions of a label map without any, and other numberings in the painter's form."""

from collections import deque

import numpy as np
import pytest

from lab.data.ade20k import ADE20K_SPACE
from lab.data.labels import IGNORE, LabelSpace
from lab.data.streets import STREETS
from lab.ui.object_ids import number_regions, renumbered

CAR, ROAD, SKY = STREETS.index("car"), STREETS.index("road"), STREETS.index("sky")


def flooded(labels: np.ndarray, space: LabelSpace) -> np.ndarray:
    """Connected regions by a breadth-first search from every pixel: the slow truth."""
    ids = np.full(labels.shape, -1, np.int64)
    count: dict[int, int] = {}
    for start in np.ndindex(labels.shape):
        label = int(labels[start])
        if ids[start] >= 0:
            continue
        if label >= len(space) or not space[label].countable:
            ids[start] = label
            continue
        number = count.get(label, 0)
        count[label] = number + 1
        queue = deque([start])
        ids[start] = label * 1000 + number
        while queue:
            row, column = queue.popleft()
            for at in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
                inside = 0 <= at[0] < labels.shape[0] and 0 <= at[1] < labels.shape[1]
                if inside and ids[at] < 0 and labels[at] == label:
                    ids[at] = ids[start]
                    queue.append(at)
    return ids


@pytest.mark.parametrize("seed", range(6))
def test_regions_are_those_of_a_search_from_every_pixel(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.choice([SKY, ROAD, CAR, CAR, 9, IGNORE], size=(19, 23))
    assert np.array_equal(number_regions(labels, STREETS), flooded(labels, STREETS))


def test_a_region_may_wind() -> None:
    labels = np.full((7, 9), ROAD)
    labels[0, :] = labels[2, :] = labels[4, :] = labels[6, :] = CAR
    labels[1, 8] = labels[3, 0] = labels[5, 8] = CAR  # one snake
    assert set(np.unique(number_regions(labels, STREETS))) == {ROAD, CAR * 1000}


def form_holds(instances: np.ndarray, labels: np.ndarray) -> bool:
    """Stuff, and what has no class, has the class id; objects class * 1000 + k."""
    countable = np.isin(labels, [k for k, label in enumerate(STREETS.labels) if label.countable])
    return np.array_equal(np.where(countable, instances // 1000, instances), labels)


@pytest.mark.parametrize("seed", range(6))
def test_renumbering_keeps_objects_apart_and_together(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.choice([SKY, ROAD, CAR, 9, IGNORE], size=(19, 23))
    old = rng.choice([0, 1, 3, 8, 9, 40, CAR * 1000 + 2, 9000, 65535], size=labels.shape)
    new = renumbered(old, labels, STREETS)
    assert form_holds(new, labels)
    before = {pair for pair in zip(old.flat, labels.flat, strict=True) if pair[1] in (CAR, 9)}
    after = {pair for pair in zip(old.flat, labels.flat, new.flat, strict=True)}
    assert len({each for each in after if each[1] in (CAR, 9)}) == len(before)
    assert len({each[2] for each in after if each[1] in (CAR, 9)}) == len(before)
    for kept, label in ((CAR * 1000 + 2, CAR), (9000, 9)):
        here = (old == kept) & (labels == label)
        assert (new[here] == kept).all() and here.any()
    assert np.array_equal(renumbered(new, labels, STREETS), new)


def test_objects_take_the_free_numbers_in_the_order_of_their_old_ones() -> None:
    old = np.array([[CAR * 1000, 70, 30, CAR * 1000 + 2, 50]])
    new = renumbered(old, np.full_like(old, CAR), STREETS)
    assert (new - CAR * 1000).tolist() == [[0, 4, 1, 2, 3]]


def test_more_objects_than_a_class_has_numbers_share_the_last() -> None:
    old = np.arange(20_000, 21_200)[None]
    new = renumbered(old, np.full_like(old, CAR), STREETS)
    assert np.array_equal(new[0], CAR * 1000 + np.minimum(np.arange(1200), 999))


def test_maps_as_data_sets_write_them_stay() -> None:
    """Cityscapes and CamVid: a class id is all objects of the class that nobody told apart."""
    labels = np.array([[ROAD, CAR, CAR, 1, IGNORE]])
    old = np.array([[ROAD, CAR * 1000 + 3, CAR, 1, 17]])
    assert np.array_equal(renumbered(old, labels, STREETS), old)
    crowded = np.array([[5000, 1000, 1001]])  # ADE20K: class * 1000 does not fit in 16 bits
    assert np.array_equal(renumbered(crowded, crowded % 100, ADE20K_SPACE), crowded)
