"""What hangs on walls and shines: doors, windows, blinds, curtains, pictures, books, screens."""

from __future__ import annotations

import numpy as np

from lab.data.parts.fronts import GLASS, KNOB, MOUNT, PANELS, PICTURE, RIMS, WINDOW
from lab.data.rooms.finishes import Colour, column, plain
from lab.data.rooms.noise import grain, noise
from lab.data.rooms.solids import ROUND, Array, Finish, Spots

Half = tuple[float, float]
_SLATS = 24
_SKY, _TREES = (1.36, 1.49, 1.6), (0.3, 0.4, 0.25)


def door(colour: Colour) -> Finish:
    """Four panels and a knob."""
    coat = plain(colour, uneven=0.02)

    def paint(spots: Spots) -> tuple[Array, float]:
        base, glow = coat(spots)
        u, v = spots.on_face
        shade = np.ones_like(u)
        for left, right, low, high in PANELS:
            inside = (u > left) & (u < right) & (v > low) & (v < high)
            rim = np.minimum(np.minimum(u - left, right - u) / 0.07, (high - v) / 0.03) < 1
            shade = np.where(inside & rim, 0.78, shade)
            shade = np.where(inside & (v < low + 0.03), 1.12, shade)
        knob = ((u - KNOB[0]) / 0.07) ** 2 + ((v - KNOB[1]) / 0.03) ** 2 < 1
        base = np.where(knob, column((0.55, 0.47, 0.3)), base * shade)
        return np.where((np.abs(u) > 0.95) | (v > 0.98), base * 0.6, base), glow

    return paint


def window(colour: Colour, seed: int, *, half: Half, light: float) -> Finish:
    """Four panes with a sky over trees behind them, in a frame; `half` its half sides, metres."""

    def paint(spots: Spots) -> tuple[Array, Array]:
        _, v = spots.on_face
        across = np.where(spots.face == 0, spots.metres[1], spots.metres[0])
        away = np.stack([across, spots.metres[2]])
        line = 0.15 + 0.5 * (grain(away * [[2.0], [0.0]], seed) - 0.5)
        leaves = column(_TREES) * (0.6 + 0.9 * grain(away * 6, seed + 5))
        trees = np.clip((line - v) * 4, 0, 1)
        view = light * (column(_SKY) * (1 - trees) + leaves * trees)
        bars = (_edge(spots, half) < RIMS[WINDOW]) | (_edge(spots, half, cross=True) < 0.04)
        return np.where(bars, column(colour), 0.03), np.where(bars, 0, view)

    return paint


def blinds(colour: Colour, *, light: float) -> Finish:
    """Slats, through which the light of day comes."""

    def paint(spots: Spots) -> tuple[Array, Array]:
        u, v = spots.on_face
        slat = (v + 1) / 2 * _SLATS % 1
        shade = 0.62 + 0.38 * np.sin(np.pi * np.clip(slat * 1.15, 0, 1))
        base = column(colour) * np.where(np.abs(np.abs(u) - 0.6) < 0.02, 0.75, shade)
        return base, base * 0.5 * light

    return paint


def curtain(colour: Colour, seed: int, *, folds: int, light: float = 0.0) -> Finish:
    """Folds from top to bottom, through which a little light comes."""

    def paint(spots: Spots) -> tuple[Array, Array]:
        u, v = spots.on_face
        phase = u * folds * np.pi + 1.2 * noise(np.stack([u * 2 + 9, v * 0.7]), seed)
        base = column(colour) * (0.66 + 0.34 * (0.5 + 0.5 * np.sin(phase)) ** 0.8)
        return base, base * 0.14 * light

    return paint


def picture(frame: Colour, seed: int, *, half: Half) -> Finish:
    """A landscape with a patch of colour, in a mount and a frame; `half` its half sides, metres."""
    rng = np.random.default_rng(seed)
    ground, sky = rng.uniform(0.15, 0.8, 3) * [1, 0.95, 0.85], rng.uniform(0.45, 0.9, 3)
    horizon, patch = rng.uniform(-0.3, 0.3), rng.uniform(0.05, 0.9, 3)

    def paint(spots: Spots) -> tuple[Array, float]:
        u, v = spots.on_face
        hills = 0.4 * (grain(np.stack([u * 2, v * 0]), seed + 2) - 0.5)
        above = np.clip((v - horizon + hills) * 6, 0, 1)
        base = column(ground) * (1 - above) + column(sky) * above
        inked = np.clip((grain(np.stack([u * 2.2 + 3, v * 2.2]), seed + 9) - 0.56) * 14, 0, 1)
        base = _faded(base * (1 - inked) + column(patch) * inked, 0.4)
        edge = _edge(spots, half)
        base = np.where(edge < MOUNT, column((0.85, 0.84, 0.8)), base)
        return np.where(edge < RIMS[PICTURE], column(frame), base), 0.0

    return paint


def books(seed: int, *, half: float) -> Finish:
    """Spines of books side by side along x; `half` the row's width in metres."""
    rng = np.random.default_rng(seed)
    ends = np.cumsum(rng.uniform(0.018, 0.05, 80)) - half
    spines = _faded(rng.uniform(0.08, 0.75, (3, 81)), 0.5)
    tops = rng.uniform(0.1, 1.0, 81)

    def paint(spots: Spots) -> tuple[Array, float]:
        across, height = spots.metres[0], spots.share[2]
        book = np.searchsorted(ends, across)
        base = spines[:, book]
        band = (np.abs(height - 0.35) < 0.1) & (book % 3 == 0)
        base = np.where(band, np.clip(base + 0.3, 0, 0.9), base)
        before, after = ends[np.maximum(book - 1, 0)], ends[np.minimum(book, 79)]
        gap = np.minimum(np.abs(across - before), np.abs(across - after)) < 0.003
        return np.where(gap | (height > tops[book]), 0.045, base), 0.0

    return paint


def screen(spots: Spots) -> tuple[Array, float]:
    """A dark television with a gleam; itself a finish."""
    u, v = spots.on_face
    gleam = np.clip((u + v) / 2, 0, 1) * column((0.1, 0.11, 0.13))
    rim = (np.abs(u) > 0.95) | (np.abs(v) > 0.93)
    return np.where(rim, 0.05, 0.02 + gleam), 0.0


def mirror(frame: Colour, seed: int, *, half: Half) -> Finish:
    """A frame around what a wall in soft light looks like; `half` its half sides, metres."""

    def paint(spots: Spots) -> tuple[Array, Array]:
        u, v = spots.on_face
        soft = grain(np.stack([u * 1.2, v * 1.2]), seed, octaves=2)
        seen = column((0.5, 0.5, 0.48)) * (0.55 + 0.4 * soft + 0.2 * v)
        rim = _edge(spots, half) < RIMS[GLASS]
        return np.where(rim, column(frame), seen), np.where(rim, 0, seen * 0.25)

    return paint


def shade(colour: Colour, *, light: float) -> Finish:
    """A lampshade, brightest at half its height."""

    def paint(spots: Spots) -> tuple[Array, Array]:
        bright = np.where(spots.face == ROUND, 1.15 - 0.35 * np.abs(spots.share[2]), 1.3)
        base = np.broadcast_to(column(colour), spots.share.shape)
        return base.copy(), base * light * bright

    return paint


def _edge(spots: Spots, half: Half, *, cross: bool = False) -> Array:
    """How far from the nearest edge, or from the `cross` through the middle: 1 is half of the
    shorter side."""
    away = [np.abs(x) if cross else 1 - np.abs(x) for x in spots.on_face]
    return np.minimum(away[0] * half[0], away[1] * half[1]) / min(half)


def _faded(colours: Array, share: float) -> Array:
    """(3, N) nearer to a warm grey."""
    return colours * (1 - share) + share * colours.mean(0) * column((1.06, 1.0, 0.89))
