"""What walls hold: a door, windows with what hangs before them, pictures and mirrors, and the light
that comes from the windows and the ceiling."""

from __future__ import annotations

import numpy as np

from lab.data.rooms.finishes import plain
from lab.data.rooms.fittings import blinds, curtain, door, mirror, picture, window
from lab.data.rooms.light import Light
from lab.data.rooms.plan import BACK, FRONT, LEFT, RIGHT, Room
from lab.data.rooms.small import ceiling_lamp
from lab.data.rooms.stock import Place, Span

_WHITE = (0.78, 0.77, 0.74)
_BEFORE = ("nothing", "blinds", "half", "curtains")
_SHARES = (0.3, 0.25, 0.2, 0.25)
_THROUGH = {"blinds": 0.45, "half": 0.8}  # of the light of a window
_NIGHT = 0.03


def add_door(room: Room) -> None:
    """In any wall."""
    stock = room.stock
    side = int(stock.rng.choice((BACK, LEFT, RIGHT, FRONT)))
    reach = room.length(side) / 2 - 0.6
    at = room.hang(side, stock.between(-reach, reach), 0.95, "door")
    assert at is not None  # nothing hangs there yet
    colour = (0.76, 0.75, 0.72) if stock.chance(0.6) else stock.wood
    at.box(stock.thing("door"), ((-0.43, 0.43), (-0.035, 0.01), (0, 2.05)), door(colour))
    frame, finish = stock.thing("other structure"), plain(_WHITE, uneven=0.01)
    for left in (-0.48, 0.43):
        at.box(frame, ((left, left + 0.05), (-0.045, 0.01), (0, 2.1)), finish)
    at.box(frame, ((-0.48, 0.48), (-0.045, 0.01), (2.05, 2.1)), finish)


def add_windows(room: Room) -> None:
    """One to three, mostly in the wall that is looked at, and their light."""
    stock = room.stock
    for _ in range(int(stock.rng.choice((1, 2, 2, 3)))):
        side, wide = int(stock.rng.choice((BACK, BACK, LEFT, RIGHT))), stock.between(0.8, 1.7)
        reach = (room.length(side) - wide) / 2 - 0.2
        at = room.hang(side, stock.between(-reach, reach), wide, "window") if reach > 0 else None
        if at is None:
            continue
        height = (stock.between(0.75, 1.05), stock.between(1.95, 2.2))
        light = stock.between(0.8, 1.6) if room.day else _NIGHT
        before = str(stock.rng.choice(_BEFORE, p=_SHARES))
        _window(at, wide, height, before=before, light=light)
        if room.day:
            cold = stock.chance(0.6)
            tint = np.array((0.92, 0.97, 1.05) if cold else (1.1, 1.0, 0.85))
            x, y = at.world(0, -0.14)
            low, high = height
            colour, half = (
                tint * (1.25 * light * _THROUGH.get(before, 1)),
                (wide / 2, (high - low) / 2),
            )
            room.lights.append(Light((x, y, (low + high) / 2), colour, half, at.turn))


def _window(at: Place, wide: float, height: Span, *, before: str, light: float) -> None:
    """A window and what hangs before it; its panes are where nothing hangs."""
    stock, half, (low, high) = at.stock, wide / 2, height
    ends: Span = (-half, half)
    if before == "curtains" or stock.chance(0.15):
        ends = _curtains(at, ends, (low, high + 0.12), light=light)
    top = high
    if before in ("blinds", "half"):
        top = low if before == "blinds" else stock.between(low + 0.3, high - 0.3)
        colour = (0.78, 0.77, 0.73) if stock.chance(0.7) else stock.wood
        spans = (-half, half), (-0.05, -0.035), (top, high)
        at.box(stock.thing("blinds"), spans, blinds(colour, light=light))
    if before != "blinds":
        frame = (0.8, 0.8, 0.78) if stock.chance(0.7) else stock.wood
        sides = ((ends[1] - ends[0]) / 2, (top - low) / 2)
        panes = window(frame, stock.seed(), half=sides, light=light)
        at.box(stock.thing("window"), (ends, (-0.03, 0.01), (low, top)), panes)


def _curtains(at: Place, ends: Span, height: Span, *, light: float) -> Span:
    """One at either end of a window; where they leave it free."""
    stock, (low, high) = at.stock, height
    colour = stock.second_linen if stock.chance(0.6) else stock.linen
    down = 0.05 if stock.chance(0.5) else low - 0.1
    free: list[float] = []
    for x in ends:
        reach = stock.between(0.18, 0.34)
        cloth = curtain(colour, stock.seed(), folds=max(3, round(reach * 16)), light=light)
        spans = (x - reach, x + reach), (-0.12, -0.06), (down, high)
        at.box(stock.thing("curtain"), spans, cloth)
        free.append(x + reach if x < 0 else x - reach)
    return free[0], free[1]


def add_pictures(room: Room) -> None:
    """Up to three on each wall, where it is free; some are mirrors."""
    stock = room.stock
    for side in range(4):
        for _ in range(stock.count(0, 3)):
            wide = stock.between(0.3, 0.85)
            reach = (room.length(side) - wide) / 2 - 0.1
            at = room.hang(side, stock.between(-reach, reach), wide, "picture")
            if at is not None:
                _picture(at, (wide / 2, wide / 2 * stock.between(0.65, 1.35)))


def _picture(at: Place, half: tuple[float, float]) -> None:
    stock, middle = at.stock, at.stock.between(1.5, 1.75)
    frames = ((0.08, 0.07, 0.06), stock.wood, (0.55, 0.42, 0.2), (0.75, 0.74, 0.7))
    frame = frames[stock.count(0, 3)]
    spans = (-half[0], half[0]), (-0.03, 0.005), (middle - half[1], middle + half[1])
    if stock.chance(0.85):
        at.box(stock.thing("picture"), spans, picture(frame, stock.seed(), half=half))
    else:
        at.box(stock.thing("mirror"), spans, mirror(frame, stock.seed(), half=half))


def add_ceiling_lamps(room: Room) -> None:
    """One, two or four, always at night."""
    stock, (wide, deep, high) = room.stock, room.size
    if room.day and room.lights and not stock.chance(0.55):
        return
    count = int(stock.rng.choice((1, 1, 2, 4)))
    colour = np.array((1.0, 0.84, 0.62)) * 1.5 / count**0.7
    for number in range(count):
        x = wide / 2 + (0 if count == 1 else (number % 2 - 0.5) * wide * 0.45)
        y = deep / 2 + (0 if count < 3 else (number // 2 - 0.5) * deep * 0.45)
        room.lights.append(Light((x, y, high - 0.12), colour, (0.16, 0.16)))
        ceiling_lamp(Place(stock, x, y), high)
