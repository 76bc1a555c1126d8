"""A room before it is furnished: its walls, what they hold, and where furniture finds a place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lab.data.rooms.finishes import carpet, planks, tiles, wall
from lab.data.rooms.light import Light
from lab.data.rooms.solids import Finish, Point
from lab.data.rooms.stock import Place, Stock

BACK, LEFT, RIGHT, FRONT = range(4)  # walls, as the eye sees them from the front
_COLOURS = (
    (0.72, 0.66, 0.52),
    (0.75, 0.73, 0.68),
    (0.62, 0.58, 0.50),
    (0.58, 0.62, 0.58),
    (0.70, 0.68, 0.62),
    (0.66, 0.55, 0.38),
    (0.52, 0.56, 0.62),
    (0.78, 0.77, 0.75),
    (0.42, 0.38, 0.32),
    (0.62, 0.42, 0.32),
)
_FLOORS = (
    (planks, (0.42, 0.25, 0.13)),
    (planks, (0.30, 0.17, 0.09)),
    (planks, (0.55, 0.38, 0.22)),
    (carpet, (0.52, 0.47, 0.39)),
    (carpet, (0.42, 0.40, 0.37)),
    (carpet, (0.34, 0.27, 0.20)),
    (carpet, (0.60, 0.57, 0.52)),
    (tiles, (0.62, 0.57, 0.50)),
)
_TRIES = 40  # places by chance until one is free
Rectangle = tuple[float, float, float, float]  # x from, to, y from, to


class Held(NamedTuple):
    """What hangs on a wall: where, from its middle, how wide, in metres, and what."""

    along: float
    wide: float
    what: str


class Room:
    """Four walls around a floor, and what stands there.

    Attributes:
        size: wide, deep, high, in metres.
        day: whether light comes through its windows.
        lights: all there are; `glow` is the light that comes from everywhere.
        taken: of the floor; `held`: of every wall.
        walls, floor: their finishes.

    Args:
        wet: a kitchen or bathroom, which is smaller and mostly tiled.
    """

    def __init__(self, stock: Stock, *, wet: bool) -> None:
        self.stock = stock
        between = stock.between
        ground = (
            (between(2.4, 3.4), between(2.4, 3.6))
            if wet
            else (between(3.4, 5.2), between(3.4, 5.4))
        )
        self.size: Point = (*ground, between(2.4, 2.75))
        self.day = stock.chance(0.75)
        self.lights: list[Light] = []
        self.taken: list[Rectangle] = []
        self.held: dict[int, list[Held]] = {side: [] for side in range(4)}
        lay, colour = _FLOORS[stock.count(0, len(_FLOORS) - 1)]
        if wet and stock.chance(0.6):
            lay, colour = _FLOORS[-1]
        self.walls: Finish = wall(stock.pick(_COLOURS), 7)
        self.floor: Finish = lay(np.array(colour) * between(0.85, 1.15), stock.seed())
        self.glow = np.array((0.22, 0.215, 0.205)) * between(0.6, 1.25)

    def length(self, side: int) -> float:
        """Of a wall."""
        return self.size[0] if side in (BACK, FRONT) else self.size[1]

    def at(self, side: int, along: float, away: float = 0.0) -> Place:
        """A place before a wall that looks into the room."""
        wide, deep, _ = self.size
        if side == BACK:
            return Place(self.stock, wide / 2 + along, deep - away)
        if side == FRONT:
            return Place(self.stock, wide / 2 - along, away, np.pi)
        if side == LEFT:
            return Place(self.stock, away, deep / 2 + along, np.pi / 2)
        return Place(self.stock, wide - away, deep / 2 - along, -np.pi / 2)

    def before(self, side: int, span: tuple[float, float], deep: float) -> Rectangle:
        """The floor that something (along, wide) at a wall stands on."""
        along, wide = span
        one, two = self.at(side, along - wide / 2), self.at(side, along + wide / 2, deep)
        return (*sorted((one.x, two.x)), *sorted((one.y, two.y)))

    def free(self, spot: Rectangle, gap: float = 0.04) -> bool:
        """Whether nothing stands there yet, and it is in the room."""
        left, right, near, far = spot
        if left < -0.01 or near < -0.01 or right > self.size[0] + 0.01 or far > self.size[1] + 0.01:
            return False
        return all(
            right + gap < a or left - gap > b or far + gap < c or near - gap > d
            for a, b, c, d in self.taken
        )

    def stand(
        self,
        size: tuple[float, float],
        sides: Sequence[int] = (BACK, LEFT, RIGHT),
        *,
        clear: float = 0,
    ) -> tuple[Place, int, float] | None:
        """Takes a free place at a wall for what is (wide, deep), `clear` metres before it free.

        Returns:
            Its middle, the wall and where along it; None where none was found.
        """
        wide, deep = size
        for _ in range(_TRIES):
            side = int(self.stock.rng.choice(sides))
            reach = (self.length(side) - wide) / 2
            if reach < 0:
                continue
            along = self.stock.between(-reach, reach)
            spot = self.before(side, (along, wide), deep + 0.02 + clear)
            doors = (held for held in self.held[side] if held.what == "door")
            shut = any(abs(along - door.along) < (wide + door.wide) / 2 for door in doors)
            if self.free(spot) and not shut:
                self.taken.append(self.before(side, (along, wide), deep + 0.02))
                return self.at(side, along, deep / 2 + 0.02), side, along
        return None

    def middle(self, wide: float, deep: float, *, spread: float = 0.5) -> Place | None:
        """Takes a free place about the middle of the room."""
        for _ in range(_TRIES):
            x = self.size[0] / 2 + self.stock.rng.normal(0, spread * 0.4)
            y = self.size[1] / 2 + self.stock.rng.normal(0, spread * 0.6)
            spot = (x - wide / 2, x + wide / 2, y - deep / 2, y + deep / 2)
            if self.free(spot):
                self.taken.append(spot)
                return Place(self.stock, x, y)
        return None

    def hang(self, side: int, along: float, wide: float, what: str) -> Place | None:
        """Takes a free place on a wall, for what is so wide."""
        if any(abs(along - h.along) < (wide + h.wide) / 2 + 0.08 for h in self.held[side]):
            return None
        self.held[side].append(Held(along, wide, what))
        return self.at(side, along)
