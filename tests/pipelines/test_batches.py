"""Several photographs and layouts at once: a photograph for every layout."""

import pytest
import torch

from lab.interfaces import Layout
from tests.pipelines.test_synthesis import make


@pytest.fixture
def layout(tiny_layout, tiny_space) -> Layout:
    return Layout(*tiny_layout, tiny_space)


def twice(layout: Layout) -> Layout:
    maps = (torch.cat([ids, ids]) for ids in (layout.labels, layout.instances))
    return Layout(*maps, layout.space)


@pytest.mark.parametrize(("photos", "doubled"), [(2, False), (1, True), (3, True)])
def test_photos_of_other_layouts_are_refused(
    tiny_space, layout, photos: int, doubled: bool
) -> None:
    layouts = twice(layout) if doubled else layout
    sentence = f"There are {photos} photos for {1 + doubled} layouts; expected as many"
    pipeline = make(tiny_space)
    for read in (pipeline.encode, pipeline.redraw):
        with pytest.raises(ValueError, match=sentence):
            read(torch.rand(photos, 3, 32, 64), layouts)


def test_looks_are_assigned_in_one_picture_at_a_time(tiny_space, layout) -> None:
    """Objects are told apart by their ids, which two pictures may share."""
    with pytest.raises(ValueError, match="2 layouts were given; expected one picture"):
        make(tiny_space).assign(torch.rand(2, 3, 32, 64), twice(layout))
