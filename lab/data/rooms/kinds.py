"""Kinds of rooms, and what each is furnished with."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lab.data.rooms.finishes import plain
from lab.data.rooms.fittings import mirror
from lab.data.rooms.groups import (
    ANYWHERE,
    add_floor_lamp,
    add_lamp,
    add_left_about,
    add_night_stand,
    add_rug,
    add_workplace,
    set_out,
)
from lab.data.rooms.openings import add_ceiling_lamps, add_door, add_pictures, add_windows
from lab.data.rooms.plan import BACK, LEFT, RIGHT, Room
from lab.data.rooms.seats import bed, chair, sofa, table, thrown
from lab.data.rooms.small import clutter, papers, television
from lab.data.rooms.stock import Stock
from lab.data.rooms.storage import (
    bathtub,
    bookshelf,
    cardboard,
    chest,
    kitchen,
    refrigerator,
    toilet,
    towel,
    vanity,
)


def furnished(number: int) -> Room:
    """Room `number`, always the same: kinds take turns."""
    stock = Stock(np.random.default_rng((29, number)))
    furnish = KINDS[number % len(KINDS)]
    room = Room(stock, wet=furnish in _WET)
    add_door(room)
    add_windows(room)
    furnish(room)
    add_left_about(room)
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
            add_night_stand(room, side, along + hand * (wide / 2 + 0.32))
        for _ in range(2):
            if stock.chance(0.25):
                thrown(at.moved(stock.between(-0.3, 0.3), stock.between(-0.8, -0.2)), 0.62)
    if found := room.stand((1.3, 0.5)):
        high = stock.between(0.8, 1.05)
        chest(found[0], "dresser", (1.3, 0.48, high))
        if stock.chance(0.4):
            television(found[0], high, wide=0.7)
        else:
            set_out(room, found[0], (1.0, high), lamp=0.6)
    if stock.chance(0.4) and (found := room.stand((0.9, 0.3))):
        bookshelf(found[0], 0.9, stock.between(1.1, 2.0))
    if stock.chance(0.4):
        add_workplace(room, (1.15, 0.58))
    add_rug(room, 0.5)


def _living_room(room: Room) -> None:
    stock = room.stock
    wide = stock.between(1.6, 2.3)
    if found := room.stand((wide, 0.95)):
        sofa(found[0], wide)
    wide = stock.between(1.4, 1.9)
    if stock.chance(0.6) and (found := room.stand((wide, 0.95), ANYWHERE)):
        sofa(found[0], wide)
    if at := room.middle(1.1, 0.6, spread=0.4):
        table(at, 1.1, 0.6, high=0.42)
        for _ in range(stock.count(0, 3)):
            spot = at.moved(stock.between(-0.4, 0.4), stock.between(-0.2, 0.2))
            if stock.chance(0.5):
                papers(spot, 0.42)
            else:
                clutter(spot, 0.42, high=0.22)
    if found := room.stand((1.5, 0.45), ANYWHERE):
        high = stock.between(0.45, 0.75)
        chest(found[0], "cabinet", (1.45, 0.42, high))
        television(found[0], high, wide=stock.between(0.8, 1.2))
    if stock.chance(0.5) and (found := room.stand((0.95, 0.3))):
        bookshelf(found[0], 0.95, stock.between(1.2, 2.1))
    if stock.chance(0.6) and (found := room.stand((0.4, 0.4))):
        add_floor_lamp(room, found[0])
    if stock.chance(0.5) and (found := room.stand((0.5, 0.5))):
        table(found[0], 0.48, 0.48, high=0.55)
        add_lamp(room, found[0], 0.55)
    if stock.chance(0.6) and (at := room.middle(0.9, 0.9, spread=1.0)):
        sofa(at.moved(0, 0, stock.between(0, 6.28)), 0.85, name="chair", pillows=False)
    add_rug(room, 0.6)


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
            chest(found[0], "cabinet", (1.3, 0.42, 0.9))
            set_out(room, found[0], (1.0, 0.9), lamp=0.5)
    add_rug(room, 0.5)


def _office(room: Room) -> None:
    stock = room.stock
    for _ in range(3):
        add_workplace(room, (stock.between(1.2, 1.5), 0.68))
    for _ in range(2):
        if found := room.stand((0.95, 0.32)):
            bookshelf(found[0], 0.95, stock.between(1.1, 2.1))
    if stock.chance(0.6) and (found := room.stand((0.5, 0.6))):
        chest(found[0], "cabinet", (0.46, 0.58, 1.3))
    for _ in range(2):
        if found := room.stand((0.6, 0.6)):
            cardboard(found[0])
    if stock.chance(0.5) and (at := room.middle(1.6, 1.0)):
        table(at, 1.6, 0.9)
    wide = stock.between(1.2, 2.0)
    if stock.chance(0.5) and (at := room.hang(BACK, 0, wide, "whiteboard")):
        spans = (-wide / 2, wide / 2), (-0.03, 0.005), (0.95, 1.95)
        at.box(stock.thing("whiteboard"), spans, plain((0.8, 0.81, 0.82), uneven=0.02))


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
            glass = mirror(stock.wood, stock.seed(), half=(wide * 0.42, 0.45))
            hung.box(stock.thing("mirror"), spans, glass)
    if found := room.stand((0.5, 0.7)):
        toilet(found[0])
    if found := room.stand((1.65, 0.76)):
        bathtub(found[0])
    for _ in range(3):
        side = stock.count(BACK, RIGHT)
        if at := room.hang(side, stock.between(-0.4, 0.4) * room.length(side), 0.5, "towel"):
            towel(at)
    add_rug(room, 0.3)


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
