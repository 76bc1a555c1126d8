"""Objects of known looks, read from hand-made scenes."""

import pytest
import torch
from torch import Tensor

from lab.analysis.true_looks import contingency, read_known
from lab.data.streets import STREETS
from lab.interfaces import Layout

ROAD, CAR = STREETS.index("road"), STREETS.index("car")


class Reader:
    """Reads an object's id as its feature."""

    space = STREETS

    def encode(self, photo: Tensor, layout: Layout) -> Tensor:
        return layout.instances[:, None].float() + photo[:, :1].mean()


class Scenes:
    """A road over the whole picture, a car on a quarter and one on a 64th of it."""

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        labels = torch.full((8, 8), ROAD)
        labels[:4, :4] = CAR
        labels[7, 7] = CAR
        instances = labels.clone()
        instances[:4, :4], instances[7, 7] = CAR * 1000 + 1, CAR * 1000 + 2
        return {
            "labels": labels,
            "instances": instances,
            "photo": torch.full((3, 8, 8), float(index)),
        }

    def looks(self, index: int) -> dict[int, str]:
        return {ROAD: f"road {index}", CAR * 1000 + 1: "red", CAR * 1000 + 2: "blue", 77: "gone"}


def test_every_object_of_a_known_look_is_read_once_per_scene() -> None:
    told: list[float] = []
    found = read_known(Reader(), Scenes(), [0, 2], smallest=0, progress=told.append)
    assert found[ROAD].looks == ("road 0", "road 2")
    assert found[ROAD].features[:, 0].tolist() == [ROAD, ROAD + 2]
    assert found[CAR].looks == ("red", "blue", "red", "blue")
    assert set(found) == {ROAD, CAR} and told == [0, 0.5]


def test_small_objects_are_left_out() -> None:
    assert read_known(Reader(), Scenes(), [0], smallest=0.02)[CAR].looks == ("red",)


def test_a_progress_that_raises_ends_the_work() -> None:
    def stop(share: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        read_known(Reader(), Scenes(), [0], smallest=0, progress=stop)


def test_the_table_counts_every_object() -> None:
    table = contingency([0, 1, 1, 0], ["wet", "dry", "wet", "wet"])
    assert table == {"dry": {1: 1}, "wet": {0: 2, 1: 1}} and list(table) == ["dry", "wet"]
