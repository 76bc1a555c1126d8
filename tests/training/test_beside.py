"""Drawn scenes beside photographs in training."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lab.data.parts import OF_ROOMS
from lab.data.places import PLACES
from training.opening import open_dataset
from training.settings import PairedData, PictureStage

STAGE = PictureStage(size=(64, 48), crop=(32, 32))


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """Four photographs of rooms, half wall and half floor; three to learn from."""
    for kind in ("label", "img"):
        (tmp_path / f"train_{kind}").mkdir()
    labels = np.zeros((48, 64), np.uint8)
    labels[24:] = 1
    for number in range(4):
        Image.fromarray(labels).save(tmp_path / "train_label" / f"{number}.png")
        photo = np.full((48, 64, 3), 40 * number, np.uint8)
        Image.fromarray(photo).save(tmp_path / "train_img" / f"{number}.png")
    return str(tmp_path)


def test_scenes_come_after_the_photographs_and_change_with_the_epoch(folder: str) -> None:
    data = PairedData("indoor", folder, beside="rooms", length=2)
    both = open_dataset(data, "train", STAGE, places=True)
    names = [both[index]["name"] for index in range(len(both))]
    assert names == ["0", "1", "2", "rooms-0", "rooms-1"]
    assert all(both[index]["photo"].shape == (3, 32, 32) for index in range(5))
    assert all("places" in both[index] for index in range(5))
    photographs = open_dataset(PairedData("indoor", folder), "train", STAGE)
    rooms = open_dataset(PairedData("rooms", length=2), "train", STAGE)
    for epoch in (0, 3):
        for dataset in (both, photographs, rooms):
            dataset.set_epoch(epoch)
        for index in range(3):
            assert torch.equal(both[index]["labels"], photographs[index]["labels"])
        for index in range(2):
            assert torch.equal(both[3 + index]["photo"], rooms[index]["photo"])


def test_parts_are_told_of_scenes_alone(folder: str) -> None:
    data = PairedData("indoor", folder, beside="rooms", length=2)
    both = open_dataset(data, "train", STAGE, places=True, parts=True)
    alone = PairedData("rooms", length=2)
    rooms = open_dataset(alone, "train", STAGE, places=True, parts=True)
    assert not any(both[index]["places"][PLACES:].any() for index in range(3))
    assert all(both[index]["places"][:PLACES].any() for index in range(3))
    for index in range(2):
        assert torch.equal(both[3 + index]["places"], rooms[index]["places"])
    assert torch.equal(both[-1]["places"], both[4]["places"])
    told = open_dataset(data, "val", STAGE, places=True, parts=True)[0]["places"]
    assert told.shape[0] == PLACES + OF_ROOMS.read_planes


def test_what_is_validated_and_what_looks_are_taken_from_are_photographs(folder: str) -> None:
    data = PairedData("indoor", folder, beside="rooms", length=2)
    assert [sample["name"] for sample in open_dataset(data, "val", STAGE)] == ["3"]
    assert len(open_dataset(data, "train", STAGE, whole=True)) == 3


def test_scenes_of_other_classes_and_beside_scenes_are_refused(folder: str) -> None:
    with pytest.raises(ValueError, match=r"draws scenes of streets, but the photographs are of in"):
        open_dataset(PairedData("indoor", folder, beside="town", length=2), "train", STAGE)
    for data in (PairedData("rooms", beside="rooms"), PairedData("indoor", folder, beside="faces")):
        with pytest.raises(ValueError, match=r"data\.beside is '(rooms|faces)' beside '"):
            open_dataset(data, "train", STAGE)
