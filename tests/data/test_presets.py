"""Layouts made by rules: which of them show a class."""

import pytest
import torch

from lab.data.drawn import Ids
from lab.data.faces import FACES
from lab.data.indoor import INDOOR
from lab.data.labels import LabelSpace
from lab.data.presets import PRESETS, RULES


def pixels(ids: Ids, label: int) -> int:
    """Of the class, in all."""
    return int((ids.labels == label).sum())


def whole(ids: Ids, label: int) -> int:
    """Of the largest object of the class that the picture does not cut; 0 where there is none."""
    own = ids.instances.where(ids.labels == label, -1)
    border = torch.cat([own[0], own[-1], own[:, 0], own[:, -1]])
    found, areas = own[own >= 0].unique(return_counts=True)
    areas = areas[~torch.isin(found, border)]
    return int(areas.amax()) if len(areas) else 0


def test_the_street_named_for_a_class_shows_most_of_it() -> None:
    layouts = [RULES["streets"].make(number, (1024, 512)) for number in PRESETS]
    for label, number in enumerate(RULES["streets"].most):
        areas = [pixels(ids, label) for ids in layouts]
        assert max(areas) > 0 and number == PRESETS[areas.index(max(areas))]


@pytest.mark.parametrize(
    ("space", "size"),
    [(FACES, (128, 128)), pytest.param(INDOOR, (128, 96), marks=pytest.mark.slow)],
    ids=lambda value: getattr(value, "name", None),
)
def test_the_layout_named_for_a_class_shows_it_large_and_if_possible_whole(
    space: LabelSpace, size: tuple[int, int]
) -> None:
    """Whole, unless that is less than a tenth of what another shows of the class."""
    layouts = [RULES[space.name].make(number, size) for number in range(32)]
    for label, number in enumerate(RULES[space.name].most):
        areas = [pixels(ids, label) for ids in layouts]
        best = [whole(ids, label) for ids in layouts]
        shown = best if max(best) > max(areas) / 10 else areas
        assert number == (shown.index(max(shown)) if max(areas) else None)
