"""Sofas, chairs, beds, and the tables people sit at."""

from __future__ import annotations

import numpy as np

from lab.data.rooms.finishes import Colour, fabric, plain, wood
from lab.data.rooms.stock import CLOTHS, Place

_DEEP, _SEAT = 0.92, 0.42  # of a sofa, metres
_DARK = (0.07, 0.07, 0.07)


def sofa(at: Place, wide: float, *, name: str = "sofa", pillows: bool = True) -> None:
    """A sofa, or an armchair where it is narrow."""
    stock = at.stock
    thing, cloth = stock.thing(name), fabric(stock.cloth, stock.seed())
    back, arm, thick = (
        stock.between(0.78, 0.92),
        stock.between(0.56, 0.66),
        stock.between(0.14, 0.22),
    )
    inner = wide / 2 - thick
    sides = (-wide / 2, wide / 2), (-_DEEP / 2, _DEEP / 2)
    at.box(thing, (*sides, (0.06, _SEAT - 0.14)), cloth)
    at.box(thing, ((-inner, inner), (_DEEP / 2 - 0.24, _DEEP / 2), (0.06, back - 0.04)), cloth)
    for side in (-1, 1):
        x, top = side * (inner + thick / 2), arm - thick / 3
        at.box(thing, ((x - thick / 2, x + thick / 2), sides[1], (0.04, top)), cloth)
        half = (thick / 2, thick / 3, _DEEP / 2)
        at.put("cylinder", thing, (x, 0, top), half, finish=cloth, lean=np.pi / 2)
    seats = max(1, round(2 * inner / 0.7))
    each = 2 * inner / seats
    for x in (np.arange(seats) + 0.5) * each - inner:
        _cushions(at, (x, each), back, put={"thing": thing, "finish": cloth})
    if pillows and wide > 1.2:
        for side in (-1, 1):
            if stock.chance(0.75):
                colour = stock.linen if stock.chance(0.6) else stock.second_linen
                pillow(
                    at.moved(side * (inner - stock.between(0.2, 0.3)), _DEEP / 2 - 0.42),
                    0.6,
                    colour,
                )


def _cushions(at: Place, span: tuple[float, float], back: float, *, put: dict) -> None:
    """Of one seat: what one sits on and leans at; `span` is its middle and width."""
    x, wide = span
    high, lean = (_SEAT + back) / 2 + 0.02, {**put, "lean": -0.18}
    middle, deep = -0.13, _DEEP / 2 - 0.11
    at.put("box", centre=(x, middle, _SEAT - 0.055), half=(wide / 2 - 0.008, deep, 0.075), **put)
    at.put("ball", centre=(x, 0, _SEAT + 0.01), half=(wide / 2 * 0.97, _DEEP * 0.375, 0.035), **put)
    half = (wide / 2 - 0.01, 0.07, (back - _SEAT) / 2 - 0.02)
    at.put("box", centre=(x, _DEEP / 2 - 0.3, high), half=half, **lean)
    half = (wide / 2 * 0.93, 0.06, (back - _SEAT) / 2 - 0.03)
    at.put("ball", centre=(x, _DEEP / 2 - 0.35, high), half=half, **lean)


def pillow(at: Place, height: float, colour: Colour, *, wide: float = 0.42) -> None:
    """Leaning back; a box within a ball, so that it has corners."""
    stock = at.stock
    cloth = {
        "finish": fabric(colour, stock.seed()),
        "lean": -0.35,
        "turn": stock.between(-0.25, 0.25),
    }
    thing, half = stock.thing("pillow"), wide / 2
    at.put("ball", thing, (0, 0, height), (half * 0.95, half * 0.42, half * 0.9), **cloth)
    at.put("box", thing, (0, 0, height), (half * 0.86, half * 0.14, half * 0.8), **cloth)


def bed(at: Place, wide: float) -> None:
    """A bed with its head at the wall, made or nearly so."""
    stock, long = at.stock, 2.05
    thing, top = stock.thing("bed"), stock.between(0.5, 0.62)
    frame, sheet = wood(stock.wood, stock.seed()), fabric(stock.linen, stock.seed())
    cover = fabric(stock.second_linen, stock.seed(), uneven=0.16)
    half, head = wide / 2, long / 2 - 0.06
    at.box(thing, ((-half, half), (head, long / 2), (0, stock.between(0.95, 1.3))), frame)
    at.box(thing, ((-half, half), (-long / 2, head), (0.12, 0.3)), frame)
    at.box(thing, ((0.01 - half, half - 0.01), (0.02 - long / 2, head), (0.28, top)), sheet)
    over = long / 2 - stock.between(0.25, 0.5)  # how far up the cover reaches
    low = stock.between(0.1, 0.24)
    at.box(thing, ((-half - 0.03, half + 0.03), (-long / 2 - 0.02, over), (low, top + 0.03)), cover)
    fold = (over - 0.22, over), (0.26, top + 0.045)
    at.box(thing, ((-half - 0.035, half + 0.035), *fold), sheet)
    for _ in range(3):  # the cover is not flat
        across, along = stock.between(-0.25, 0.25) * wide, stock.between(-0.5, 0.2)
        bump = (
            wide * stock.between(0.12, 0.24),
            stock.between(0.25, 0.45),
            stock.between(0.05, 0.07),
        )
        at.put("ball", thing, (across, along, top + 0.01), bump, finish=cover)
    heads = 1 if wide < 1.2 else 2
    for place in range(heads):
        x = (place - (heads - 1) / 2) * half
        white = (0.8, 0.79, 0.77) if stock.chance(0.3) else stock.linen
        pillow(at.moved(x, long / 2 - 0.24), top + 0.15, white, wide=wide / heads * 0.8)
        if stock.chance(0.4):
            pillow(at.moved(x, long / 2 - 0.44), top + 0.15, stock.second_linen)


def table(at: Place, wide: float, deep: float, *, high: float = 0.74) -> None:
    """With four legs, or round on one; low ones have four, and half of them a shelf."""
    stock = at.stock
    thing, finish, low = stock.thing("table"), wood(stock.wood, stock.seed()), high < 0.5
    if stock.chance(0.2) and not low:
        top = (wide / 2, deep / 2, 0.02)
        at.put("cylinder", thing, (0, 0, high - 0.02), top, finish=finish)
        at.post(thing, (0, 0), (0, high), 0.05, finish=finish)
        at.post(thing, (0, 0), (0, 0.04), 0.3, finish=finish)
        return
    x, y = wide / 2, deep / 2
    at.box(thing, ((-x, x), (-y, y), (high - 0.035, high)), finish)
    at.box(thing, ((0.06 - x, x - 0.06), (0.05 - y, y - 0.05), (high - 0.12, high - 0.035)), finish)
    at.legs(thing, (wide - 0.04, deep - 0.04), high - 0.03, finish, thick=0.03)
    if low and stock.chance(0.5):
        at.box(thing, ((0.04 - x, x - 0.04), (0.04 - y, y - 0.04), (0.13, 0.155)), finish)


def chair(at: Place) -> None:
    """Of wood, its back of rungs or bars."""
    stock = at.stock
    thing, finish = stock.thing("chair"), wood(stock.second_wood, stock.seed())
    half, seat, back = 0.22, 0.46, stock.between(0.86, 1.02)
    at.legs(thing, (2 * half, 2 * half), seat - 0.03, finish, thick=0.02)
    cover = fabric(stock.second_linen, 3) if stock.chance(0.4) else finish
    at.box(thing, ((-half, half), (-half, half), (seat - 0.04, seat)), cover)
    for x in (0.02 - half, half - 0.02):
        at.box(thing, ((x - 0.02, x + 0.02), (half - 0.045, half), (seat, back)), finish)
    if stock.things % 2:
        for z in np.linspace(seat + 0.14, back - 0.05, 3):
            rung = (half - 0.035, half - 0.01), (z - 0.035, z + 0.035)
            at.box(thing, ((-half, half), *rung), finish)
        return
    at.box(thing, ((-half, half), (half - 0.04, half), (back - 0.1, back)), finish)
    for x in np.linspace(-0.12, 0.12, 4):
        bar = (x - 0.012, x + 0.012), (half - 0.03, half - 0.01), (seat, back - 0.05)
        at.box(thing, bar, finish)


def office_chair(at: Place) -> None:
    """On five feet, with arms."""
    stock = at.stock
    colour = (0.06, 0.06, 0.07) if stock.chance(0.6) else stock.cloth
    thing, cloth, dark = stock.thing("chair"), fabric(colour, stock.seed()), plain(_DARK)
    for way in np.arange(5) * 2 * np.pi / 5:
        foot = (0.14 * np.sin(way), 0.14 * np.cos(way), 0.06)
        at.put("box", thing, foot, (0.02, 0.15, 0.02), finish=dark, turn=-way)
    at.post(thing, (0, 0), (0.05, 0.45), 0.03, finish=dark)
    at.put("box", thing, (0, 0, 0.47), (0.25, 0.24, 0.04), finish=cloth)
    at.put("ball", thing, (0, 0, 0.5), (0.24, 0.23, 0.04), finish=cloth)
    at.put("box", thing, (0, 0.24, 0.8), (0.22, 0.035, 0.26), finish=cloth, lean=-0.12)
    for side in (-1, 1):
        at.put("box", thing, (side * 0.27, 0.02, 0.66), (0.025, 0.16, 0.015), finish=dark)
        at.put("box", thing, (side * 0.27, 0.08, 0.56), (0.015, 0.02, 0.1), finish=dark)


def thrown(at: Place, height: float) -> None:
    """Clothes that lie somewhere."""
    stock = at.stock
    half = (stock.between(0.15, 0.3), stock.between(0.12, 0.25), 0.08)
    cloth = fabric(stock.pick(CLOTHS), stock.seed(), uneven=0.3)
    at.put(
        "ball", stock.thing("clothes"), (0, 0, height), half, finish=cloth, turn=stock.between(0, 3)
    )
