"""Surface textures: tileable, made from noise once per process, filtered for any view.

A texture keeps all its box-filtered reductions, in u and v apart ("ripmap"), so that a cobbled road
seen at a grazing angle stays sharp across and calm along.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

Array = np.ndarray
Generator = np.random.Generator
SIDE = 512
LEVELS = 10


class Texture:
    """A tile (SIDE, SIDE, C) in [0, 1], gamma 2, grey (C = 1) or RGB, with its reductions."""

    def __init__(self, tile: Array):
        linear = np.square(np.clip(tile, 0, 1)).astype(np.float32)
        if linear.ndim == 2:
            linear = linear[..., None]
        offsets = np.zeros((LEVELS, LEVELS), np.int32)
        parts, start = [], 0
        tall = linear
        for v in range(LEVELS):
            wide = tall
            for u in range(LEVELS):
                offsets[v, u] = start
                parts.append(wide.reshape(-1, linear.shape[2]))
                start += len(parts[-1])
                wide = (wide[:, 0::2] + wide[:, 1::2]) / 2 if u < LEVELS - 1 else wide
            tall = (tall[0::2] + tall[1::2]) / 2 if v < LEVELS - 1 else tall
        self.offsets = offsets.ravel()
        self.texels = np.concatenate(parts)

    def sample(self, u: Array, v: Array, du: Array, dv: Array) -> Array:
        """Linear light (N, C) at (u, v) in tiles, filtered over (du, dv) tiles; all float32."""
        jitter = _hash(u, v)
        level_u = np.clip(
            np.log2(np.maximum(du, np.float32(1e-6))) + (jitter + 9), 0, LEVELS - 1
        ).astype(np.int32)
        level_v = np.clip(
            np.log2(np.maximum(dv, np.float32(1e-6))) + (jitter + 9), 0, LEVELS - 1
        ).astype(np.int32)
        wide, tall = np.int32(SIDE) >> level_u, np.int32(SIDE) >> level_v
        x = (u - np.floor(u)) * wide.astype(np.float32) - np.float32(0.5)
        y = (v - np.floor(v)) * tall.astype(np.float32) - np.float32(0.5)
        x0, y0 = np.floor(x), np.floor(y)
        fx, fy = (x - x0)[:, None], (y - y0)[:, None]
        xi, yi = x0.astype(np.int32), y0.astype(np.int32)
        left, right = xi & (wide - 1), (xi + 1) & (wide - 1)
        base = self.offsets.take(level_v * LEVELS + level_u)
        upper, lower = base + (yi & (tall - 1)) * wide, base + ((yi + 1) & (tall - 1)) * wide
        take = self.texels.take
        top, low = take(upper + left, 0), take(lower + left, 0)
        top += (take(upper + right, 0) - top) * fx
        low += (take(lower + right, 0) - low) * fx
        top += (low - top) * fy
        return top


def _hash(u: Array, v: Array) -> Array:
    """A fixed random number in [0, 1) per place; it blends reductions without a visible seam."""
    h = np.sin(u * np.float32(127.1) + v * np.float32(311.7)) * np.float32(4375.85)
    return h - np.floor(h)


def fbm(rng: Generator, side: int, *, first: int = 4, decay: float = 0.5) -> Array:
    """Tileable fractal value noise (side, side) in [0, 1]; `first` cells in the coarsest octave."""
    total, weight, cells = np.zeros((side, side), np.float32), 1.0, first
    while cells <= side:
        grid = rng.random((cells, cells)).astype(np.float32)
        t = np.arange(side) * cells / side
        i = t.astype(int)
        s = (t - i) ** 2 * (3 - 2 * (t - i))
        j = (i + 1) % cells
        rows = grid[i] * (1 - s)[:, None] + grid[j] * s[:, None]
        total += weight * (rows[:, i] * (1 - s) + rows[:, j] * s)
        cells, weight = cells * 2, weight * decay
    total -= total.min()
    return total / total.max()


class _Bond(NamedTuple):
    """How stones are laid in a tile: numbers, joint in texels, shift from course to course."""

    rows: int
    columns: int
    joint: float
    shift: float


def _courses(rng: Generator, bond: _Bond) -> tuple[Array, Array, Array]:
    """Stones in courses: share of stone, a number per stone, height within it; in [0, 1]."""
    rows, columns, joint, shift = bond
    t = np.arange(SIDE) / SIDE
    wobble = (fbm(rng, SIDE, first=16) - 0.5) * joint * 1.6
    v = t[:, None] * rows + wobble * rows / SIDE * 4
    row = np.floor(v).astype(int)
    u = t[None] * columns + shift * row + wobble.T * columns / SIDE * 4
    column = np.floor(u).astype(int)
    across, along = u - column, v - row
    edge = np.minimum(across, 1 - across) / columns, np.minimum(along, 1 - along) / rows
    edge = np.minimum(*edge) * SIDE
    mask = np.clip((edge - joint) / 1.6 + 0.5, 0, 1)
    tone = rng.random((rows, columns))[row % rows, column % columns]
    dome = np.clip(edge / (SIDE / max(rows, columns) / 2.2), 0, 1)
    return mask.astype(np.float32), tone.astype(np.float32), dome.astype(np.float32)


def _color(text: str) -> Array:
    return np.array([int(text[i : i + 2], 16) / 255 for i in (0, 2, 4)])


def _laid(bond: _Bond, light: str, dark: str, joint: str) -> Callable[[Generator], Array]:
    """Maker of stones between two colours (hexadecimal RGB), with joints of a third."""

    def make(rng: Generator) -> Array:
        mask, tone, dome = _courses(rng, bond)
        grain = fbm(rng, SIDE, first=32, decay=0.7)
        body = _color(light) * (1 - tone[..., None]) + _color(dark) * tone[..., None]
        body = body * (0.78 + 0.22 * dome + 0.36 * (grain - 0.5))[..., None]
        return body * mask[..., None] + _color(joint) * (1 - mask)[..., None]

    return make


def _asphalt(rng: Generator) -> Array:
    grain = rng.random((SIDE, SIDE)).astype(np.float32)
    stain = fbm(rng, SIDE, first=3)
    tone = 0.42 + 0.09 * (grain - 0.5) + 0.10 * (stain - 0.5)
    crack = np.abs(fbm(rng, SIDE, first=3) - 0.5)
    return tone * (1 - 0.28 * np.clip(1 - crack / 0.008, 0, 1))


def _concrete(rng: Generator) -> Array:
    cloud, grain = fbm(rng, SIDE, first=4, decay=0.6), rng.random((SIDE, SIDE))
    tone = 0.62 + 0.2 * (cloud - 0.5) + 0.08 * (grain - 0.5)
    t = np.arange(SIDE) / SIDE
    seam = np.abs(t % 0.5 - 0.25)[:, None] < 0.004
    return np.where(seam, tone * 0.7, tone)


def _plaster(rng: Generator) -> Array:
    cloud, grain = fbm(rng, SIDE, first=4, decay=0.6), rng.random((SIDE, SIDE))
    return 0.9 + 0.13 * (cloud - 0.5) + 0.05 * (grain - 0.5)


def _leaves(rng: Generator) -> Array:
    fine, clump = fbm(rng, SIDE, first=64, decay=0.8), fbm(rng, SIDE, first=16)
    return 0.25 + 0.75 * fine * (0.55 + 0.6 * clump)


def _noise(first: int, decay: float) -> Callable[[Generator], Array]:
    return lambda rng: np.sqrt(fbm(rng, SIDE, first=first, decay=decay))


_MAKERS: dict[str, Callable[[Generator], Array]] = {
    "asphalt": _asphalt,
    "concrete": _concrete,
    "plaster": _plaster,
    "leaves": _leaves,
    "noise": _noise(4, 0.5),
    "cloud": _noise(3, 0.52),
    "cobblestone": _laid(_Bond(20, 16, 3.0, 0.5), "8a8580", "5d5a5c", "2e2b28"),
    "paver": _laid(_Bond(32, 16, 1.1, 0.5), "a8614a", "7c3f33", "5c4a42"),
    "clinker": _laid(_Bond(40, 20, 0.9, 0.5), "b0795c", "8d553f", "6a564c"),
    "slabs": _laid(_Bond(8, 8, 1.3, 0.0), "b9b5ad", "a29f9a", "6b6862"),
    "wallbrick": _laid(_Bond(40, 12, 1.2, 0.5), "a5573f", "7b3626", "a89c8e"),
    "ashlar": _laid(_Bond(12, 6, 1.1, 0.5), "cdbfa4", "b3a58c", "8a7e6b"),
    "tiles": _laid(_Bond(24, 24, 1.4, 0.5), "8f4a35", "6d3527", "3a211a"),
    "slate": _laid(_Bond(24, 16, 1.1, 0.5), "5b626b", "474c55", "2c2f35"),
    "planks": _laid(_Bond(2, 24, 1.6, 0.0), "9a7047", "7a5433", "2b1d12"),
}


@cache
def texture(name: str) -> Texture:
    """The texture called `name`, made on first use and kept.

    Raises:
        KeyError: there is none of this name.
    """
    if name not in _MAKERS:
        raise KeyError(f"Unknown texture '{name}'; known are {', '.join(sorted(_MAKERS))}.")
    return Texture(_MAKERS[name](np.random.default_rng([7, *name.encode()])))


def pulse(x: Array, span: tuple[float, float], width: Array) -> Array:
    """The 1-periodic indicator of `span` within [0, 1], averaged over windows of `width` around x.

    The average is exact, so fine patterns fade into their mean instead of flickering.
    """
    low, high = span
    width = np.maximum(width, np.float32(1e-3))

    def area(t: Array) -> Array:
        whole = np.floor(t)
        return whole * np.float32(high - low) + np.clip(t - whole - np.float32(low), 0, high - low)

    return (area(x + width / 2) - area(x - width / 2)) / width


def step(x: Array, width: Array) -> Array:
    """The indicator of x > 0, averaged over windows of `width`."""
    return np.clip(x / np.maximum(width, np.float32(1e-4)) + np.float32(0.5), 0, 1)
