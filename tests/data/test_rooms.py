"""Label maps of rooms to begin with."""

import pytest
import torch

from lab.data.indoor import INDOOR
from lab.data.rooms import room
from lab.images import resize_ids

ALWAYS = {"wall", "floor", "ceiling", "window", "door", "picture", "lamp", "pillow"}


@pytest.mark.parametrize("number", range(12))
def test_a_room_has_what_rooms_have(number: int) -> None:
    made = room(number, (128, 96))
    assert made.labels.shape == (96, 128) and made.labels.dtype == torch.int64
    INDOOR.check(made.labels)
    shown = {INDOOR[int(label)].name for label in made.labels.unique()}
    assert shown >= ALWAYS | ({"bed"} if number % 2 else {"sofa", "table"})


@pytest.mark.parametrize("number", range(6))
def test_every_object_has_one_class_and_an_id_of_that_class(number: int) -> None:
    made = room(number, (256, 192))
    for instance in made.instances.unique().tolist():
        (label,) = made.labels[made.instances == instance].unique().tolist()
        countable = INDOOR[label].countable
        assert instance // 1000 == label if countable else instance == label


def test_the_ceiling_is_above_the_floor_and_both_reach_the_border() -> None:
    labels = room(3, (256, 192)).labels
    assert (labels[0] == INDOOR.index("ceiling")).all()
    assert (labels[-1] == INDOOR.index("floor")).all()


def test_a_room_is_the_same_at_every_size_and_every_time() -> None:
    large, small = room(2, (512, 384)).labels, room(2, (256, 192)).labels
    assert (resize_ids(small[None], (512, 384))[0] == large).float().mean() > 0.97
    room.cache_clear()
    assert torch.equal(room(2, (512, 384)).labels, large)
    assert not torch.equal(room(4, (512, 384)).labels, large)
