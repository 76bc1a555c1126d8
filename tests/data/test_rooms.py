"""Rooms: exact ids, the same at every size, lit by what shines, and a dataset of them."""

import numpy as np
import pytest
import torch

from lab.data.indoor import INDOOR
from lab.data.labels import IGNORE
from lab.data.rooms import Rooms, room, scene
from lab.data.rooms.dataset import gapped
from lab.data.rooms.kinds import KINDS, furnished
from lab.images import resize_ids

SMALL = (64, 48)


@pytest.mark.parametrize("number", range(2 * len(KINDS)))
def test_every_object_of_a_room_has_one_class_and_an_id_of_that_class(number: int) -> None:
    made = room(number, (128, 96))
    assert made.labels.shape == (96, 128) and made.labels.dtype == torch.int64
    INDOOR.check(made.labels)
    assert (made.labels != IGNORE).all()
    for instance in made.instances.unique().tolist():
        (label,) = made.labels[made.instances == instance].unique().tolist()
        countable = INDOOR[label].countable
        assert instance // 1000 == label if countable else instance == label


@pytest.mark.parametrize("number", range(2 * len(KINDS)))
def test_furniture_of_a_room_stands_in_it_and_not_in_other_furniture(number: int) -> None:
    made = furnished(number)
    for left, right, near, far in made.taken:
        assert left > -0.02 and near > -0.02
        assert right < made.size[0] + 0.02 and far < made.size[1] + 0.02
    for place, one in enumerate(made.taken):
        for other in made.taken[:place]:
            apart = one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2]
            assert apart or other[3] <= one[2]


@pytest.mark.parametrize("number", range(4 * len(KINDS)))
def test_nothing_stands_out_of_a_room_by_more_than_a_hand(number: int) -> None:
    made = furnished(number)
    ends = np.stack([solid.corners() for solid in made.stock.solids])
    assert ends.min() > -0.12
    assert (ends.max((0, 2)) < np.array(made.size) + 0.12).all()


def test_a_room_is_the_same_at_every_size_and_every_time() -> None:
    large, small = room(2, (512, 384)).labels, room(2, (256, 192)).labels
    assert (resize_ids(small[None], (512, 384))[0] == large).float().mean() > 0.97
    room.cache_clear()
    assert torch.equal(room(2, (512, 384)).labels, large)
    assert not torch.equal(room(4, (512, 384)).labels, large)
    assert torch.equal(scene(3, SMALL).photo, scene(3, SMALL).photo)


@pytest.mark.parametrize("number", range(4))
def test_a_scene_is_its_room_with_what_has_no_class(number: int) -> None:
    bare, shown = room(number, (128, 96)), scene(number, (128, 96))
    named = shown.labels != IGNORE
    assert torch.equal(shown.labels[named], bare.labels[named])
    assert torch.equal(shown.instances[named], bare.instances[named])
    assert (shown.instances[~named] == IGNORE).all()
    assert shown.photo.shape == (3, 96, 128) and shown.photo.dtype == torch.float32
    assert shown.photo.min() >= 0 and shown.photo.max() <= 1


@pytest.mark.parametrize("size", [(33, 47), (250, 187)])
def test_a_scene_has_the_size_it_is_asked_for(size: tuple[int, int]) -> None:
    made = scene(1, size)
    assert made.photo.shape[1:] == made.labels.shape == made.instances.shape == size[::-1]
    with pytest.raises(ValueError, match="16 to 4096 pixels wide and high, got 8x64; choose"):
        scene(1, (8, 64))


def test_gaps_lie_along_outlines_and_in_some_rooms_alone() -> None:
    whole = np.zeros((448, 608), np.int64)
    whole[:, 300:] = 1
    made = [gapped(whole, number) for number in range(60)]
    shares = [float((ids == IGNORE).mean()) for ids in made]
    assert 0.4 < np.mean([share > 0 for share in shares]) < 0.8
    for ids in made:
        changed = ids != whole
        assert (ids[changed] == IGNORE).all()
        assert not changed[:, :296].any() and not changed[:, 304:].any()


def test_rooms_of_a_dataset_are_their_scenes() -> None:
    rooms = Rooms(size=SMALL, length=3)
    for index in range(3):
        sample, made = rooms[index], scene(rooms.scene_seed(index), SMALL)
        assert (sample["photo"] - made.photo).abs().max() <= 0.5 / 255 + 1e-6
        known = sample["labels"] != IGNORE
        assert torch.equal(sample["labels"][known], made.labels[known])
    seeds = [Rooms(split=split, length=9).scene_seed(0) for split in ("train", "val", "test")]
    assert len(set(seeds)) == 3
    with pytest.raises(ValueError, match="'trial' of the rooms; choose one of train, val, test"):
        Rooms(split="trial")


def test_windows_of_rooms_are_parts_of_them() -> None:
    whole, seen = Rooms(size=SMALL, length=1), Rooms(size=SMALL, length=1, crop=(32, 32))
    part, photo = seen[0]["photo"], whole[0]["photo"]
    windows = photo.unfold(1, 32, 1).unfold(2, 32, 1)
    assert (windows - part[:, None, None]).abs().amax((0, 3, 4)).min() == 0
