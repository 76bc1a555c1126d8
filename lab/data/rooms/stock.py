"""What a room is furnished from: its woods and cloths, and places for what stands there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.data.indoor import INDOOR
from lab.data.labels import IGNORE
from lab.data.rooms.solids import Array, Finish, Point, Solid

WOODS = (
    (0.36, 0.20, 0.10),
    (0.22, 0.11, 0.06),
    (0.13, 0.07, 0.045),
    (0.55, 0.37, 0.20),
    (0.66, 0.50, 0.32),
    (0.75, 0.73, 0.70),
    (0.30, 0.16, 0.09),
    (0.07, 0.055, 0.05),
)
CLOTHS = (
    (0.30, 0.22, 0.16),
    (0.45, 0.40, 0.33),
    (0.14, 0.10, 0.09),
    (0.20, 0.24, 0.33),
    (0.35, 0.10, 0.09),
    (0.60, 0.55, 0.47),
    (0.33, 0.36, 0.27),
    (0.08, 0.08, 0.09),
    (0.42, 0.30, 0.18),
    (0.24, 0.30, 0.30),
)
LINENS = (
    (0.72, 0.70, 0.66),
    (0.62, 0.56, 0.48),
    (0.35, 0.40, 0.52),
    (0.50, 0.22, 0.20),
    (0.28, 0.32, 0.26),
    (0.78, 0.76, 0.74),
    (0.45, 0.33, 0.42),
    (0.22, 0.24, 0.32),
    (0.60, 0.50, 0.30),
)
Span = tuple[float, float]


@dataclass(frozen=True)
class Thing:
    """One object: its class and a number that no other of its room has."""

    label: int
    number: int


UNLABELLED = Thing(IGNORE, 0)


class Stock:
    """The furniture of one room.

    Attributes:
        rng: what everything by chance is drawn from.
        solids: all that stands in the room so far.
        wood, second_wood, cloth, linen, second_linen: its colours.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng, self.things = rng, 0
        self.solids: list[Solid] = []
        self.wood, self.second_wood = self.pick(WOODS), self.pick(WOODS)
        self.cloth = self.pick(CLOTHS)
        self.linen, self.second_linen = self.pick(LINENS), self.pick(LINENS)

    def pick(self, colours: tuple[Point, ...]) -> Array:
        """One of them, a little lighter or darker."""
        return np.array(colours[self.rng.integers(len(colours))]) * self.rng.uniform(0.85, 1.15)

    def chance(self, share: float) -> bool:
        """True in so many cases of one."""
        return bool(self.rng.random() < share)

    def between(self, low: float, high: float) -> float:
        """A number by chance."""
        return float(self.rng.uniform(low, high))

    def count(self, low: int, high: int) -> int:
        """A whole number by chance, `high` at most."""
        return int(self.rng.integers(low, high + 1))

    def seed(self) -> int:
        """For a finish that has a grain."""
        return int(self.rng.integers(1 << 20))

    def thing(self, name: str) -> Thing:
        """A new object of a class."""
        self.things += 1
        return Thing(INDOOR.index(name), self.things)


@dataclass(frozen=True, eq=False)
class Place:
    """A place on the floor, turned by `turn`: its own x is along the front of what stands there,
    -y is where that looks."""

    stock: Stock
    x: float
    y: float
    turn: float = 0.0

    def world(self, across: float, back: float) -> tuple[float, float]:
        """Own coordinates → the room's."""
        c, s = np.cos(self.turn), np.sin(self.turn)
        return float(self.x + c * across - s * back), float(self.y + s * across + c * back)

    def moved(self, across: float, back: float, turn: float = 0.0) -> Place:
        """A place beside this one."""
        return Place(self.stock, *self.world(across, back), self.turn + turn)

    def put(self, shape: Any, thing: Thing, centre: Point, half: Point, **more: Any) -> None:
        """A solid; `more` are its finish, turn, lean and whether it shines."""
        x, y = self.world(*centre[:2])
        turn = self.turn + more.pop("turn", 0.0)
        own = (thing.label, thing.number)
        solid = Solid(shape, (x, y, centre[2]), half, *own, turn=turn, **more)
        self.stock.solids.append(solid)

    def box(
        self, thing: Thing, spans: tuple[Span, Span, Span], finish: Finish, **more: Any
    ) -> None:
        """A box from .. to along x, y and z."""
        centre, half = zip(*(((a + b) / 2, max((b - a) / 2, 1e-3)) for a, b in spans), strict=True)
        self.put("box", thing, centre, half, finish=finish, **more)

    def post(self, thing: Thing, at: Span, height: Span, radius: float, **more: Any) -> None:
        """An upright cylinder."""
        low, high = height
        centre, half = (*at, (low + high) / 2), (radius, radius, (high - low) / 2)
        self.put("cylinder", thing, centre, half, **more)

    def legs(self, thing: Thing, sides: Span, high: float, finish: Finish, *, thick: float) -> None:
        """Four, under the corners of what is (wide, deep)."""
        for right in (-1, 1):
            for behind in (-1, 1):
                x, y = right * (sides[0] / 2 - thick), behind * (sides[1] / 2 - thick)
                spans = (x - thick, x + thick), (y - thick, y + thick), (0, high)
                self.box(thing, spans, finish)
