"""Chests, shelves, desks, kitchens and bathrooms."""

from __future__ import annotations

import numpy as np

from lab.data.parts.fronts import cells
from lab.data.rooms.finishes import Colour, even, fabric, fronts, plain, stone, wood
from lab.data.rooms.fittings import books, curtain
from lab.data.rooms.small import clutter, papers, television
from lab.data.rooms.solids import Finish
from lab.data.rooms.stock import Place, Span

_WHITE, _METAL = even((0.82, 0.82, 0.8)), even((0.6, 0.61, 0.62))


def chest(at: Place, name: str, size: tuple[float, float, float]) -> None:
    """A body of `size` (wide, deep, high) whose front is cut into drawers or doors."""
    stock, (wide, deep, high) = at.stock, size
    thing, foot, half = stock.thing(name), 0.06, wide / 2 - 0.01
    *cut, doors = cells(name, wide / high)
    front = (half, (high - foot - 0.03) / 2)
    finish = fronts(stock.wood, stock.seed(), cut=tuple(cut), half=front, doors=doors)
    at.box(thing, ((-half, half), (-deep / 2, deep / 2), (foot, high - 0.03)), finish)
    top = (-half - 0.025, half + 0.025), (-deep / 2 - 0.02, deep / 2 + 0.01), (high - 0.03, high)
    at.box(thing, top, wood(stock.wood, stock.seed()))
    below = (0.02 - half, half - 0.02), (0.04 - deep / 2, deep / 2), (0, foot)
    at.box(thing, below, plain(stock.wood * 0.4))


def bookshelf(at: Place, wide: float, high: float) -> None:
    """Open shelves with books and other things on them."""
    stock, deep = at.stock, 0.3
    thing, finish, half = stock.thing("bookshelf"), wood(stock.wood, stock.seed()), wide / 2
    behind = wood(stock.wood * 0.55, stock.seed())
    at.box(thing, ((-half, half), (deep / 2 - 0.015, deep / 2), (0, high)), behind)
    for x in (0.012 - half, half - 0.012):
        at.box(thing, ((x - 0.012, x + 0.012), (-deep / 2, deep / 2), (0, high)), finish)
    _, shelves, _ = cells("bookshelf", wide / high)
    gap = (high - 0.06) / shelves
    for z in 0.05 + gap * np.arange(shelves + 1):
        at.box(thing, ((-half, half), (-deep / 2, deep / 2), (z - 0.012, z + 0.012)), finish)
        if z + gap / 2 > high:
            break
        if stock.chance(0.8):
            _row(at, (0.03 - half, half - 0.03), (z + 0.012, gap))
        if stock.chance(0.35):
            clutter(at.moved(stock.between(-0.3, 0.3) * wide, -0.02), z + 0.012, high=0.16)


def _row(at: Place, span: Span, shelf: Span) -> None:
    """Books from one end of a shelf (height, free height) on."""
    stock, (low, gap) = at.stock, shelf
    long = (span[1] - span[0]) * stock.between(0.55, 1)
    start = span[1] - long if stock.chance(0.4) else span[0]
    high = gap * stock.between(0.62, 0.85)
    spans = (start, start + long), (-0.11, 0.12), (low, low + high)
    at.box(stock.thing("books"), spans, books(stock.seed(), half=long / 2))


def desk(at: Place, wide: float, deep: float) -> None:
    """With three drawers to the left, mostly a screen, and what lies on desks."""
    stock, high = at.stock, 0.74
    thing, finish = stock.thing("desk"), wood(stock.wood, stock.seed())
    half, inside = wide / 2, (0.03 - deep / 2, deep / 2 - 0.02)
    at.box(thing, ((-half, half), (-deep / 2, deep / 2), (high - 0.03, high)), finish)
    front = fronts(stock.wood, stock.seed(), cut=(1, 3), half=(0.2, (high - 0.09) / 2))
    at.box(thing, ((0.03 - half, 0.43 - half), inside, (0.06, high - 0.03)), front)
    at.box(thing, ((half - 0.06, half - 0.03), inside, (0, high - 0.03)), finish)
    if stock.chance(0.7):
        television(at.moved(0, 0.15), high, wide=0.52)
    for _ in range(stock.count(1, 3)):
        spot = at.moved(stock.between(-0.4, 0.4) * wide, stock.between(-0.3, 0.1) * deep)
        if stock.chance(0.75):
            papers(spot, high)
        else:
            clutter(spot, high, high=0.2)


def kitchen(at: Place, wide: float) -> None:
    """A row of cupboards under a counter with a sink, another on the wall above."""
    stock = at.stock
    chest(at, "cabinet", (wide, 0.58, 0.87))
    _counter(at, wide, (-0.32, 0.3), (0.87, 0.91), grey=stock.between(0.1, 0.6))
    *cut, doors = cells("cabinet", wide / 0.72)
    half = (wide / 2, 0.36)
    hung = fronts(stock.wood, stock.seed(), cut=tuple(cut), half=half, doors=doors)
    spans = (-wide / 2, wide / 2), (-0.02, 0.3), (1.42, 2.14)
    at.box(stock.thing("cabinet"), spans, hung)
    sink, x = stock.thing("sink"), stock.between(-0.25, 0.25) * wide
    at.box(sink, ((x - 0.3, x + 0.3), (-0.2, 0.18), (0.905, 0.918)), _METAL)
    at.box(sink, ((x - 0.26, x + 0.26), (-0.16, 0.14), (0.9, 0.92)), even((0.3, 0.3, 0.31)))
    at.post(sink, (x, 0.22), (0.91, 1.19), 0.015, finish=_METAL)
    at.box(sink, ((x - 0.012, x + 0.012), (0.04, 0.22), (1.17, 1.195)), _METAL)
    for _ in range(stock.count(2, 5)):
        clutter(at.moved(stock.between(-0.45, 0.45) * wide, stock.between(0, 0.2)), 0.91, high=0.3)


def _counter(at: Place, wide: float, back: Span, height: Span, *, grey: float) -> None:
    finish: Finish = stone((grey, grey * 0.97, grey * 0.92), at.stock.seed())
    spans = (-wide / 2 - 0.015, wide / 2 + 0.015), back, height
    at.box(at.stock.thing("counter"), spans, finish)


def refrigerator(at: Place) -> None:
    """Two doors, white or of steel."""
    thing = at.stock.thing("refrigerator")
    colour = np.array((0.75, 0.75, 0.74) if at.stock.chance(0.6) else (0.45, 0.45, 0.46))
    for door, handle in (((0.03, 1.2), (0.7, 1.12)), ((1.21, 1.72), (1.28, 1.6))):
        at.box(thing, ((-0.4, 0.4), (-0.34, 0.34), door), plain(colour, uneven=0.02))
        at.box(thing, ((-0.36, -0.33), (-0.38, -0.35), handle), plain(colour * 0.5))


def vanity(at: Place, wide: float) -> None:
    """A washbasin in a counter on cupboards."""
    stock = at.stock
    chest(at, "cabinet", (wide, 0.5, 0.8))
    _counter(at, wide, (-0.28, 0.26), (0.8, 0.84), grey=0.75)
    basin = stock.thing("sink")
    for radius, colour in ((1.0, (0.85, 0.85, 0.84)), (0.8, (0.55, 0.55, 0.55))):
        rim = (0.23 * radius, 0.18 * radius, 0.006)
        at.put("cylinder", basin, (0, -0.02, 0.845 - 0.003 * radius), rim, finish=even(colour))
    at.post(basin, (0, 0.18), (0.82, 0.98), 0.014, finish=_METAL)
    for _ in range(stock.count(1, 3)):
        side = 1 if stock.chance(0.5) else -1
        spot = at.moved(side * stock.between(0.28, 0.45) * wide, stock.between(-0.05, 0.15))
        clutter(spot, 0.84, high=0.2)


def toilet(at: Place) -> None:
    """With its cistern at the wall."""
    thing = at.stock.thing("toilet")
    at.box(thing, ((-0.21, 0.21), (0.14, 0.33), (0.38, 0.76)), _WHITE)
    at.box(thing, ((-0.22, 0.22), (0.13, 0.34), (0.75, 0.79)), _WHITE)
    at.put("cylinder", thing, (0, -0.1, 0.38), (0.19, 0.25, 0.035), finish=_WHITE)
    at.put("cylinder", thing, (0, -0.1, 0.44), (0.2, 0.26, 0.012), finish=_WHITE)
    at.put("ball", thing, (0, -0.06, 0.3), (0.17, 0.22, 0.2), finish=_WHITE)
    at.box(thing, ((-0.11, 0.11), (-0.2, 0.2), (0, 0.25)), _WHITE)


def bathtub(at: Place) -> None:
    """Its long side at the wall, mostly with a curtain."""
    stock = at.stock
    thing = stock.thing("bathtub")
    for side in (-1, 1):
        y, x = sorted((side * 0.3, side * 0.37)), sorted((side * 0.72, side * 0.8))
        at.box(thing, ((-0.8, 0.8), (y[0], y[1]), (0, 0.55)), _WHITE)
        at.box(thing, ((x[0], x[1]), (-0.37, 0.37), (0, 0.55)), _WHITE)
    at.box(thing, ((-0.8, 0.8), (-0.37, 0.37), (0, 0.2)), _WHITE)
    if stock.chance(0.7):
        left = -0.8 if stock.chance(0.5) else 0.1
        cloth = curtain(stock.second_linen, stock.seed(), folds=5, light=0.5)
        spans = (left, left + 0.7), (-0.44, -0.4), (0.12, 2.0)
        at.box(stock.thing("shower curtain"), spans, cloth)


def towel(at: Place) -> None:
    """On a rail at the wall that `at` is at."""
    cloth = curtain(at.stock.second_linen, at.stock.seed(), folds=3)
    at.box(at.stock.thing("towel"), ((-0.22, 0.22), (-0.08, -0.04), (0.8, 1.35)), cloth)


def cardboard(at: Place) -> None:
    """A closed box."""
    stock = at.stock
    half = stock.between(0.15, 0.25), stock.between(0.15, 0.25), stock.between(0.18, 0.3)
    colour: Colour = (0.45, 0.32, 0.19)
    turn = stock.between(-0.5, 0.5)
    at.put("box", stock.thing("box"), (0, 0, half[2]), half, finish=plain(colour), turn=turn)


def bag(at: Place) -> None:
    """That stands on the floor."""
    stock = at.stock
    thing, cloth = stock.thing("bag"), fabric(stock.cloth, stock.seed())
    at.put("ball", thing, (0, 0, 0.2), (0.2, 0.12, 0.22), finish=cloth)
    at.put("box", thing, (0, 0, 0.15), (0.18, 0.1, 0.15), finish=cloth)
