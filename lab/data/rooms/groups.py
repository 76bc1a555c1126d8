"""What belongs together in a room: a desk and its chair, a bed and its night stands, lamps and
their light, and what is left about."""

from __future__ import annotations

import numpy as np

from lab.data.rooms.finishes import rug
from lab.data.rooms.light import Light
from lab.data.rooms.plan import BACK, FRONT, LEFT, RIGHT, Room
from lab.data.rooms.seats import chair, office_chair
from lab.data.rooms.small import clutter, floor_lamp, table_lamp
from lab.data.rooms.stock import CLOTHS, LINENS, Place
from lab.data.rooms.storage import bag, cardboard, chest, desk

ANYWHERE = (BACK, LEFT, RIGHT, FRONT)
_WARM = np.array((1.0, 0.80, 0.52)) * 0.32  # the light of a lamp


def add_night_stand(room: Room, side: int, along: float) -> None:
    """Beside a bed, if there is room."""
    spot = room.before(side, (along, 0.5), 0.42)
    if room.free(spot, 0.01) and room.stock.chance(0.85):
        room.taken.append(spot)
        at = room.at(side, along, 0.22)
        chest(at, "night stand", (0.48, 0.4, 0.56))
        if room.stock.chance(0.7):
            add_lamp(room, at, 0.56)
        elif room.stock.chance(0.6):
            clutter(at, 0.56, high=0.2)


def add_workplace(room: Room, size: tuple[float, float]) -> None:
    """A desk with a chair before it."""
    if found := room.stand((size[0] + 0.1, size[1]), clear=0.3):
        desk(found[0], *size)
        turn = np.pi + room.stock.between(-0.6, 0.6)
        (office_chair if room.stock.chance(0.5) else chair)(found[0].moved(0, -0.5, turn))


def add_left_about(room: Room) -> None:
    """Boxes, bags and chairs along the walls."""
    stock = room.stock
    for _ in range(stock.count(0, 3)):
        if found := room.stand((0.45, 0.45), ANYWHERE):
            kind = stock.count(0, 3)
            if kind == 0:
                clutter(found[0], 0, high=0.6)
            else:
                (cardboard, bag, chair)[kind - 1](found[0])


def set_out(room: Room, at: Place, top: tuple[float, float], *, lamp: float) -> None:
    """What stands on a chest whose top is so (wide, high); with such a chance a lamp, too."""
    wide, high = top
    if room.stock.chance(lamp):
        add_lamp(room, at.moved(0.3 * wide, 0), high)
    for _ in range(room.stock.count(0, 3)):
        spot = room.stock.between(-0.5, 0.5) * wide, room.stock.between(-0.1, 0.1)
        clutter(at.moved(*spot), high, high=0.3)


def add_rug(room: Room, chance: float) -> None:
    """A mat about the middle of the floor, in so many rooms of one."""
    stock = room.stock
    if stock.chance(chance):
        half = (stock.between(0.6, 1.1), stock.between(0.7, 1.3))
        free = [side / 2 - reach for side, reach in zip(room.size, half, strict=False)]
        off = (float(np.clip(stock.rng.normal(0, 0.3), -reach, reach)) for reach in free)
        x, y = (side / 2 + way for side, way in zip(room.size, off, strict=False))
        finish = rug(stock.pick(CLOTHS + LINENS), stock.seed(), half=half)
        spans = (-half[0], half[0]), (-half[1], half[1]), (0.0, 0.012)
        Place(stock, x, y).box(stock.thing("floor mat"), spans, finish)


def add_lamp(room: Room, at: Place, height: float) -> None:
    """A lamp on furniture of that height, and its light where it is on."""
    on = _on(room)
    _shine(room, at, table_lamp(at, height, on=on), strength=1.0 if on else 0.0)


def add_floor_lamp(room: Room, at: Place) -> None:
    """A lamp on the floor, and its light where it is on."""
    on = _on(room)
    _shine(room, at, floor_lamp(at, on=on), strength=1.4 if on else 0.0)


def _on(room: Room) -> bool:
    """Whether a lamp is: always at night."""
    return not room.day or room.stock.chance(0.3)


def _shine(room: Room, at: Place, height: float, *, strength: float) -> None:
    if strength:
        room.lights.append(Light((at.x, at.y, height), _WARM * strength, (0.13, 0.13)))
