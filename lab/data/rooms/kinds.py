"""Kinds of rooms, and what each is furnished with."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lab.data.rooms.finishes import plain, rug
from lab.data.rooms.fittings import mirror
from lab.data.rooms.light import Light
from lab.data.rooms.openings import add_ceiling_lamps, add_door, add_pictures, add_windows
from lab.data.rooms.plan import BACK, FRONT, LEFT, RIGHT, Room
from lab.data.rooms.seats import bed, chair, office_chair, sofa, table, thrown
from lab.data.rooms.small import clutter, floor_lamp, papers, table_lamp, television
from lab.data.rooms.stock import CLOTHS, LINENS, Place, Stock
from lab.data.rooms.storage import (
    bag,
    bathtub,
    bookshelf,
    cardboard,
    chest,
    desk,
    kitchen,
    refrigerator,
    toilet,
    towel,
    vanity,
)

_ALL = (BACK, LEFT, RIGHT, FRONT)
_WARM = np.array((1.0, 0.80, 0.52)) * 0.32  # the light of a lamp


def furnished(number: int) -> Room:
    """Room `number`, always the same: kinds take turns."""
    stock = Stock(np.random.default_rng((29, number)))
    furnish = KINDS[number % len(KINDS)]
    room = Room(stock, wet=furnish in _WET)
    add_door(room)
    add_windows(room)
    furnish(room)
    _left_about(room)
    add_pictures(room)
    add_ceiling_lamps(room)
    return room


def _bedroom(room: Room) -> None:
    stock = room.stock
    wide = float(stock.rng.choice((1.0, 1.4, 1.6, 1.8)))
    if found := room.stand((wide, 2.05)):
        at, side, along = found
        bed(at, wide)
        for hand in (-1, 1):
            _night_stand(room, side, along + hand * (wide / 2 + 0.32))
        for _ in range(2):
            if stock.chance(0.25):
                thrown(at.moved(stock.between(-0.3, 0.3), stock.between(-0.8, -0.2)), 0.62)
    if found := room.stand((1.3, 0.5)):
        high = stock.between(0.8, 1.05)
        chest(found[0], "dresser", (1.3, 0.48, high), across=2, up=4)
        if stock.chance(0.4):
            television(found[0], high, wide=0.7)
        else:
            _set_out(room, found[0], (1.0, high), lamp=0.6)
    if stock.chance(0.4) and (found := room.stand((0.9, 0.3))):
        bookshelf(found[0], 0.9, stock.between(1.1, 2.0))
    if stock.chance(0.4):
        _workplace(room, (1.15, 0.58))
    _rug(room, 0.5)


def _night_stand(room: Room, side: int, along: float) -> None:
    """Beside a bed, if there is room."""
    spot = room.before(side, (along, 0.5), 0.42)
    if room.free(spot, 0.01) and room.stock.chance(0.85):
        room.taken.append(spot)
        at = room.at(side, along, 0.22)
        chest(at, "night stand", (0.48, 0.4, 0.56), across=1, up=2)
        if room.stock.chance(0.7):
            _lamp(room, at, 0.56)
        elif room.stock.chance(0.6):
            clutter(at, 0.56, high=0.2)


def _living_room(room: Room) -> None:
    stock = room.stock
    wide = stock.between(1.6, 2.3)
    if found := room.stand((wide, 0.95)):
        sofa(found[0], wide)
    wide = stock.between(1.4, 1.9)
    if stock.chance(0.6) and (found := room.stand((wide, 0.95), _ALL)):
        sofa(found[0], wide)
    if at := room.middle(1.1, 0.6, spread=0.4):
        table(at, 1.1, 0.6, high=0.42)
        for _ in range(stock.count(0, 3)):
            spot = at.moved(stock.between(-0.4, 0.4), stock.between(-0.2, 0.2))
            if stock.chance(0.5):
                papers(spot, 0.42)
            else:
                clutter(spot, 0.42, high=0.22)
    if found := room.stand((1.5, 0.45), _ALL):
        high = stock.between(0.45, 0.75)
        chest(found[0], "cabinet", (1.45, 0.42, high), across=4, up=1, doors=True)
        television(found[0], high, wide=stock.between(0.8, 1.2))
    if stock.chance(0.5) and (found := room.stand((0.95, 0.3))):
        bookshelf(found[0], 0.95, stock.between(1.2, 2.1))
    if stock.chance(0.6) and (found := room.stand((0.4, 0.4))):
        on = _on(room)
        height = floor_lamp(found[0], on=on)
        if on:
            _shine(room, found[0], height, 1.4)
    if stock.chance(0.5) and (found := room.stand((0.5, 0.5))):
        table(found[0], 0.48, 0.48, high=0.55)
        _lamp(room, found[0], 0.55)
    if stock.chance(0.6) and (at := room.middle(0.9, 0.9, spread=1.0)):
        sofa(at.moved(0, 0, stock.between(0, 6.28)), 0.85, name="chair", pillows=False)
    _rug(room, 0.6)


def _dining_room(room: Room) -> None:
    stock = room.stock
    wide, deep = stock.between(1.2, 2.0), stock.between(0.85, 1.0)
    spot = room.middle(wide + 1, deep + 1, spread=0.4) or room.middle(wide, deep, spread=0.2)
    if spot:
        at = spot.moved(0, 0, stock.between(-0.2, 0.2))
        table(at, wide, deep)
        for side in (-1, 1):
            turn = np.pi if side < 0 else 0.0
            for across in (-0.28, 0.28):
                away = side * (deep / 2 + stock.between(0.02, 0.22))
                chair(at.moved(across * wide, away, turn + stock.rng.normal(0, 0.12)))
            if stock.chance(0.7):
                away = side * (wide / 2 + stock.between(0.05, 0.2))
                chair(at.moved(away, 0, -side * np.pi / 2 + stock.rng.normal(0, 0.1)))
        for _ in range(stock.count(0, 3)):
            spot = at.moved(stock.rng.normal(0, 0.2), stock.rng.normal(0, 0.12))
            clutter(spot, 0.74, high=0.3)
    for _ in range(2):
        if stock.chance(0.7) and (found := room.stand((1.3, 0.45))):
            chest(found[0], "cabinet", (1.3, 0.42, 0.9), across=4, up=1, doors=True)
            _set_out(room, found[0], (1.0, 0.9), lamp=0.5)
    _rug(room, 0.5)


def _office(room: Room) -> None:
    stock = room.stock
    for _ in range(3):
        _workplace(room, (stock.between(1.2, 1.5), 0.68))
    for _ in range(2):
        if found := room.stand((0.95, 0.32)):
            bookshelf(found[0], 0.95, stock.between(1.1, 2.1))
    if stock.chance(0.6) and (found := room.stand((0.5, 0.6))):
        chest(found[0], "cabinet", (0.46, 0.58, 1.3), across=1, up=4)
    for _ in range(2):
        if found := room.stand((0.6, 0.6)):
            cardboard(found[0])
    if stock.chance(0.5) and (at := room.middle(1.6, 1.0)):
        table(at, 1.6, 0.9)
    wide = stock.between(1.2, 2.0)
    if stock.chance(0.5) and (at := room.hang(BACK, 0, wide, "whiteboard")):
        spans = (-wide / 2, wide / 2), (-0.03, 0.005), (0.95, 1.95)
        at.box(stock.thing("whiteboard"), spans, plain((0.8, 0.81, 0.82), uneven=0.02))


def _workplace(room: Room, size: tuple[float, float]) -> None:
    """A desk with a chair before it."""
    if found := room.stand((size[0] + 0.1, size[1]), clear=0.3):
        desk(found[0], *size)
        turn = np.pi + room.stock.between(-0.6, 0.6)
        (office_chair if room.stock.chance(0.5) else chair)(found[0].moved(0, -0.5, turn))


def _kitchen(room: Room) -> None:
    stock = room.stock
    for side in (BACK, LEFT, RIGHT):
        wide = min(room.length(side) - 0.9, stock.between(1.4, 2.8))
        if stock.chance(0.7) and (found := room.stand((wide, 0.6), (side,))):
            kitchen(found[0], wide)
    if found := room.stand((0.85, 0.72)):
        refrigerator(found[0])
    if stock.chance(0.4) and (at := room.middle(0.9, 0.9)):
        table(at, 0.9, 0.9)
        for side in (-1, 1):
            chair(at.moved(side * 0.6, 0, -side * np.pi / 2))


def _bathroom(room: Room) -> None:
    stock, wide = room.stock, room.stock.between(0.9, 1.6)
    if found := room.stand((wide, 0.55)):
        at, side, along = found
        vanity(at, wide)
        if hung := room.hang(side, along, wide * 0.8, "mirror"):
            spans = (-wide * 0.42, wide * 0.42), (-0.03, 0.0), (1.05, 1.95)
            hung.box(stock.thing("mirror"), spans, mirror(stock.wood, stock.seed()))
    if found := room.stand((0.5, 0.7)):
        toilet(found[0])
    if found := room.stand((1.65, 0.76)):
        bathtub(found[0])
    for _ in range(3):
        side = stock.count(BACK, RIGHT)
        if at := room.hang(side, stock.between(-0.4, 0.4) * room.length(side), 0.5, "towel"):
            towel(at)
    _rug(room, 0.3)


def _left_about(room: Room) -> None:
    """Boxes, bags and chairs along the walls."""
    stock = room.stock
    for _ in range(stock.count(0, 3)):
        if found := room.stand((0.45, 0.45), _ALL):
            kind = stock.count(0, 3)
            if kind == 0:
                clutter(found[0], 0, high=0.6)
            else:
                (cardboard, bag, chair)[kind - 1](found[0])


def _set_out(room: Room, at: Place, top: tuple[float, float], *, lamp: float) -> None:
    """What stands on a chest whose top is so (wide, high); with such a chance a lamp, too."""
    wide, high = top
    if room.stock.chance(lamp):
        _lamp(room, at.moved(0.3 * wide, 0), high)
    for _ in range(room.stock.count(0, 3)):
        spot = room.stock.between(-0.5, 0.5) * wide, room.stock.between(-0.1, 0.1)
        clutter(at.moved(*spot), high, high=0.3)


def _rug(room: Room, chance: float) -> None:
    stock = room.stock
    if stock.chance(chance):
        half = (stock.between(0.6, 1.1), stock.between(0.7, 1.3))
        x, y = (room.size[k] / 2 + stock.rng.normal(0, 0.3) for k in range(2))
        finish = rug(stock.pick(CLOTHS + LINENS), stock.seed(), half=half)
        spans = (-half[0], half[0]), (-half[1], half[1]), (0.0, 0.012)
        Place(stock, x, y).box(stock.thing("floor mat"), spans, finish)


def _on(room: Room) -> bool:
    """Whether a lamp is: always at night."""
    return not room.day or room.stock.chance(0.3)


def _lamp(room: Room, at: Place, height: float) -> None:
    on = _on(room)
    high = table_lamp(at, height, on=on)
    if on:
        _shine(room, at, high, 1.0)


def _shine(room: Room, at: Place, height: float, strength: float) -> None:
    room.lights.append(Light((at.x, at.y, height), _WARM * strength, (0.13, 0.13)))


KINDS: tuple[Callable[[Room], None], ...] = (
    _bedroom,
    _living_room,
    _dining_room,
    _office,
    _kitchen,
    _bathroom,
    _living_room,
)
_WET = (_kitchen, _bathroom)
