"""What surfaces are made of: paint, cloth, wood, stone, floors, carpets.

Colours are what people see, in [0, 1]; `lab.data.rooms.render` makes reflectances of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lab.data.rooms.noise import grain, hashed, lines
from lab.data.rooms.solids import Array, Finish, Spots

Colour = Sequence[float] | Array
_BOARD = (0.12, 1.1)  # metres, across and along
_TILE = 0.3


def column(colour: Colour) -> Array:
    """A colour as (3, 1)."""
    return np.float32(colour)[:, None]


def plain(colour: Colour, seed: int = 0, *, uneven: float = 0.04) -> Finish:
    """Paint, which is nearly even."""

    def paint(spots: Spots) -> tuple[Array, float]:
        return column(colour) * (1 + uneven * (2 * grain(spots.metres * 4, seed) - 1)), 0.0

    return paint


def even(colour: Colour) -> Finish:
    """Glaze and metal, all alike."""

    def paint(spots: Spots) -> tuple[Array, float]:
        return np.broadcast_to(column(colour), spots.share.shape).copy(), 0.0

    return paint


def fabric(colour: Colour, seed: int, *, uneven: float = 0.1) -> Finish:
    """Cloth, lighter and darker over a hand's breadth."""

    def paint(spots: Spots) -> tuple[Array, float]:
        return column(colour) * (1 + 2 * uneven * (grain(spots.metres * 6, seed) - 0.5)), 0.0

    return paint


def wood(colour: Colour, seed: int) -> Finish:
    """Fibres along the longest side of what is seen of it."""

    def paint(spots: Spots) -> tuple[Array, float]:
        fine = np.full((3, 1), 28.0)
        fine[np.ptp(spots.metres, axis=1).argmax()] = 1.6
        return column(colour) * (0.78 + 0.44 * grain(spots.metres * fine, seed)), 0.0

    return paint


def stone(colour: Colour, seed: int) -> Finish:
    """Speckled like granite."""

    def paint(spots: Spots) -> tuple[Array, float]:
        return column(colour) * (0.75 + 0.5 * grain(spots.metres * 40, seed)), 0.0

    return paint


def carpet(colour: Colour, seed: int) -> Finish:
    """A floor of short pile."""

    def paint(spots: Spots) -> tuple[Array, float]:
        ground = spots.metres[:2]
        pile = 0.2 * (grain(ground * 26, seed, octaves=2) - 0.5)
        return column(colour) * (1 + pile + 0.1 * (grain(ground * 2, seed + 3) - 0.5)), 0.0

    return paint


def planks(colour: Colour, seed: int) -> Finish:
    """A floor of boards along y, each of its own tone."""

    def paint(spots: Spots) -> tuple[Array, float]:
        x, y = spots.metres[:2]
        board = np.floor(x / _BOARD[0]).astype(np.int64)
        part = np.floor(y / _BOARD[1] + 3 * hashed(board, seed)).astype(np.int64)
        tone = hashed(board * 131 + part, seed + 1)
        fibre = grain(np.stack([x * 40, y * 2.2]), seed + 2) - 0.5
        gap = np.where(_cut(x / _BOARD[0], 0.02), 0.6, 1)
        return column(colour) * ((0.8 + 0.25 * tone + 0.2 * fibre) * gap), 0.0

    return paint


def tiles(colour: Colour, seed: int) -> Finish:
    """A floor of square tiles with grey joints."""

    def paint(spots: Spots) -> tuple[Array, float]:
        x, y = spots.metres[:2] / _TILE
        tone = hashed((np.floor(x) * 57 + np.floor(y)).astype(np.int64), seed)
        joint = np.where(_cut(x, 0.025) | _cut(y, 0.025), 0.72, 1)
        return column(colour) * ((0.92 + 0.12 * tone) * joint), 0.0

    return paint


def rug(colour: Colour, seed: int, *, half: tuple[float, float]) -> Finish:
    """A mat with a border a hand from its edge; `half` are its half sides in metres."""
    rng = np.random.default_rng(seed)
    other = np.clip(np.float32(colour) * rng.uniform(0.4, 0.7) + rng.uniform(0, 0.25, 3), 0, 1)

    def paint(spots: Spots) -> tuple[Array, float]:
        edge = (np.float32(half)[:, None] * (1 - np.abs(spots.share[:2]))).min(0)
        base = np.where((edge > 0.1) & (edge < 0.16), column(other), column(colour))
        return base * (1 + 0.24 * (grain(spots.metres * 30, seed) - 0.5)), 0.0

    return paint


def wall(colour: Colour, seed: int) -> Finish:
    """Paint above a white skirting board; where it is seen is given in metres above the floor."""
    coat = plain(colour, seed, uneven=0.03)

    def paint(spots: Spots) -> tuple[Array, float]:
        base, glow = coat(spots)
        height = spots.metres[2]
        base = np.where(height < 0.09, column((0.72, 0.71, 0.68)), base)
        return np.where(np.abs(height - 0.09) < 0.006, base * 0.6, base), glow

    return paint


def fronts(
    colour: Colour,
    seed: int,
    *,
    cut: tuple[int, int],
    half: tuple[float, float],
    doors: bool = False,
) -> Finish:
    """Wood whose front, which looks along -y, is cut into drawers or doors with a handle each.

    `cut` says how many there are across and up, `half` are half its width and height in metres;
    doors are hung in pairs.
    """
    body, bright = wood(colour, seed), float(np.mean(colour)) < 0.45
    metal = column((0.75, 0.72, 0.66) if bright else (0.2, 0.19, 0.18))
    wide, high = half[0] / cut[0], half[1] / cut[1]  # half of a drawer

    def paint(spots: Spots) -> tuple[Array, float]:
        base, glow = body(spots)
        x, _, z = spots.share
        front = (spots.face == 1) & (spots.share[1] < 0)
        gap = lines(z, cut[1], 0.006 / high)
        if cut[0] > 1:
            gap |= lines(x, cut[0], 0.006 / wide)
        base = np.where(front & gap, base * 0.3, base)
        place = (x + 1) / 2 * cut[0]
        across = (place % 1 - 0.5) * 2 * wide
        up = ((z + 1) / 2 * cut[1] % 1 - 0.5) * 2 * high
        if doors:
            across += np.where(place.astype(int) % 2, 0.75, -0.75) * wide
        knob = (np.abs(across) < 0.012) & (np.abs(up) < 0.06)
        if not doors:
            knob = (np.abs(up) < 0.014) & (np.abs(across) < 0.045)
        return np.where(front & knob, metal, base), glow

    return paint


def _cut(place: Array, width: float) -> Array:
    """Where a place in units of tiles is within `width` of a joint."""
    return np.minimum(place % 1, 1 - place % 1) < width
