"""Layouts made by rules, with which a domain begins: streets, portraits, rooms; by number."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from lab.data import town
from lab.data.drawn import Ids
from lab.data.portraits import portrait
from lab.data.rooms import Rooms, room

PRESETS = (2, 10, 5, 14, 4, 18, 12, 23)  # the numbers of those that are offered: they show much
LAYOUTS = 100_000  # how many layouts can be made by rules
ROOMS = 3  # the seed of the rooms that are offered: its presets show furniture of many kinds

Size = tuple[int, int]


class Rules(NamedTuple):
    """What the layouts of a label space are called, and what makes number n at a size.

    `most`: for every class the number of a layout that shows much of it, None where none does. Of
    the streets that are offered, the one that shows most; of the first 32 portraits and rooms, the
    one with the largest object that the picture does not cut, if that is not a small one.
    """

    word: str
    make: Callable[[int, Size], Ids]
    most: tuple[int | None, ...]


@lru_cache(maxsize=32)
def _street(number: int, size: Size) -> Ids:
    streets = town.Town(split="test", size=size, length=LAYOUTS)
    return town.layout(streets.scene_seed(number), size)


def _room(number: int, size: Size) -> Ids:
    rooms = Rooms(split="test", size=size, seed=ROOMS, length=LAYOUTS)
    return room(rooms.scene_seed(number), size)


# fmt: off
MOST_OF_STREETS = (14, 4, 23, 10, 18, 5, 2, 2, 14, 2, 2)
MOST_OF_FACES = (24, 26, 16, 20, 30, 1, 2, 13, 19, 19, 4, 5, 22, 9, 21, 7, 6, 22, 5)
MOST_OF_ROOMS = (
    8, 19, 8, 24, 4, 9, 19, 30, 17, 27, 2, 0, 10, 13, None, 12, 31, 17, 30, 26,
    10, 25, 27, 21, 25, 2, 8, 1, 29, 13, None, 17, 29, 0, 24, 15, 2, 30, None,
)
# fmt: on
RULES = {  # by label space
    "streets": Rules("street", _street, MOST_OF_STREETS),
    "faces": Rules("portrait", portrait, MOST_OF_FACES),
    "indoor": Rules("room", _room, MOST_OF_ROOMS),
}
