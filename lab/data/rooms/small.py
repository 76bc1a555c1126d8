"""What stands on furniture: lamps, screens, books, and things without a label."""

from __future__ import annotations

import numpy as np

from lab.data.rooms.finishes import even, plain
from lab.data.rooms.fittings import screen, shade
from lab.data.rooms.stock import CLOTHS, LINENS, UNLABELLED, Place, Thing

_DARK = plain((0.04, 0.04, 0.04))


def table_lamp(at: Place, height: float, *, on: bool) -> float:
    """On something of that height; returns how high its light is."""
    stock = at.stock
    thing, colour, tall = (
        stock.thing("lamp"),
        stock.pick(CLOTHS + LINENS),
        stock.between(0.22, 0.32),
    )
    at.post(thing, (0, 0), (height, height + 0.02), 0.07, finish=plain(colour))
    if stock.chance(0.5):
        half = (0.08, 0.08, tall * 0.45)
        at.put("ball", thing, (0, 0, height + half[2]), half, finish=even(colour))
    at.post(thing, (0, 0), (height, height + tall), 0.015, finish=plain(colour * 0.6))
    _shade(at, thing, height + tall + 0.1, stock.between(0.13, 0.18), on=on)
    return height + tall + 0.1


def floor_lamp(at: Place, *, on: bool) -> float:
    """Returns how high its light is."""
    thing, tall = at.stock.thing("lamp"), at.stock.between(1.35, 1.6)
    dark = plain((0.12, 0.11, 0.1))
    at.post(thing, (0, 0), (0, 0.03), 0.15, finish=dark)
    at.post(thing, (0, 0), (0, tall), 0.015, finish=dark)
    _shade(at, thing, tall + 0.1, 0.2, on=on)
    return tall + 0.1


def ceiling_lamp(at: Place, height: float) -> None:
    """A disc of light under a ceiling."""
    finish = shade((0.9, 0.85, 0.75), light=2.5)
    thing, span = at.stock.thing("lamp"), (height - 0.06, height)
    at.post(thing, (0, 0), span, 0.16, finish=finish, shines=True)


def _shade(at: Place, thing: Thing, height: float, radius: float, *, on: bool) -> None:
    colour, light = ((0.85, 0.76, 0.58), 2.2) if on else ((0.72, 0.68, 0.58), 0.12)
    span, finish = (height - 0.12, height + 0.12), shade(colour, light=light)
    at.post(thing, (0, 0), span, radius, finish=finish, shines=on)


def television(at: Place, height: float, *, wide: float) -> None:
    """A screen on a foot."""
    thing, high = at.stock.thing("television"), wide * 0.56
    low = height + 0.06
    at.box(thing, ((-wide / 2, wide / 2), (-0.03, 0.03), (low, low + high)), screen)
    at.box(thing, ((-0.15, 0.15), (-0.1, 0.1), (height, height + 0.02)), _DARK)
    at.box(thing, ((-0.03, 0.03), (-0.02, 0.02), (height, height + 0.08)), _DARK)


def papers(at: Place, height: float) -> None:
    """A sheet or a book that lies on something."""
    stock = at.stock
    turn = stock.between(-0.6, 0.6)
    if stock.chance(0.6):
        sheet, white = (0.105, 0.15, 0.003), plain((0.85, 0.85, 0.83))
        at.put("box", stock.thing("paper"), (0, 0, height + 0.003), sheet, finish=white, turn=turn)
        return
    cover, half = plain(stock.pick(CLOTHS)), (0.11, 0.15, 0.03)
    at.put("box", stock.thing("books"), (0, 0, height + 0.03), half, finish=cover, turn=turn)


def clutter(at: Place, height: float, *, high: float) -> None:
    """A bottle, a vase, a packet, a cup or a plant: nothing that has a class."""
    stock = at.stock
    colour = stock.rng.uniform(0.08, 0.75, 3)
    glaze = even(0.45 * colour + 0.55 * colour.mean() * np.array((1.06, 1, 0.9)))
    tall = high * stock.between(0.5, 1)
    kind = stock.count(0, 4)
    if kind == 0:
        at.post(UNLABELLED, (0, 0), (height, height + 0.7 * tall), 0.04, finish=glaze)
        at.post(UNLABELLED, (0, 0), (height + 0.6 * tall, height + tall), 0.015, finish=glaze)
    elif kind == 1:
        half = (tall * 0.35, tall * 0.35, tall * 0.4)
        at.put("ball", UNLABELLED, (0, 0, height + half[2]), half, finish=glaze)
    elif kind == 2:
        half = (stock.between(0.04, 0.1), 0.05, tall / 2)
        turn = stock.between(-0.5, 0.5)
        at.put("box", UNLABELLED, (0, 0, height + half[2]), half, finish=glaze, turn=turn)
    else:
        at.post(UNLABELLED, (0, 0), (height, height + 0.1), 0.05, finish=glaze)
        if kind == 4:
            _leaves(at, height + 0.12, tall)


def _leaves(at: Place, height: float, tall: float) -> None:
    rng = at.stock.rng
    for _ in range(9):
        x, y, z = *rng.normal(0, 0.06, 2), height + rng.uniform(0, tall)
        green = plain(np.array((0.12, 0.25, 0.08)) * rng.uniform(0.6, 1.5))
        ways = {"turn": rng.uniform(0, 3), "lean": rng.uniform(-1, 1)}
        at.put("ball", UNLABELLED, (x, y, z), (0.05, 0.02, 0.05), finish=green, **ways)
