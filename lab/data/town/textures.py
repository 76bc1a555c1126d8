"""Surface textures: tileable, made from noise once per process, filtered for every distance and slant.

A texture is stored with all its box-filtered reductions in u and v apart ("ripmap"), so a cobbled road seen at
a grazing angle stays sharp across and calm along.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

Array = np.ndarray
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
        """Linear light (N, C) at (u, v) in tiles, filtered over a footprint of (du, dv) tiles; all float32."""
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
    """A fixed random number in [0, 1) per place: it blends the levels of a texture without a visible seam."""
    h = np.sin(u * np.float32(127.1) + v * np.float32(311.7)) * np.float32(4375.85)
    return h - np.floor(h)


def fbm(rng: np.random.Generator, side: int, *, first: int = 4, decay: float = 0.5) -> Array:
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


def _courses(
    rng: np.random.Generator, rows: int, columns: int, joint: float, shift: float
) -> tuple[Array, ...]:
    """Bricks in courses: (mask of stone 0..1, random number per stone, height 0..1 within a stone)."""
    t = np.arange(SIDE) / SIDE
    wobble = (fbm(rng, SIDE, first=16) - 0.5) * joint * 1.6
    v = t[:, None] * rows + wobble * rows / SIDE * 4
    iv = np.floor(v).astype(int)
    u = t[None] * columns + shift * iv + wobble.T * columns / SIDE * 4
    iu = np.floor(u).astype(int)
    fu, fv = u - iu, v - iv
    edge_u = np.minimum(fu, 1 - fu) / columns
    edge_v = np.minimum(fv, 1 - fv) / rows
    edge = np.minimum(edge_u, edge_v) * SIDE
    mask = np.clip((edge - joint) / 1.6 + 0.5, 0, 1)
    tone = rng.random((rows, columns))[iv % rows, iu % columns]
    dome = np.clip(edge / (SIDE / max(rows, columns) / 2.2), 0, 1)
    return mask.astype(np.float32), tone.astype(np.float32), dome.astype(np.float32)


def _laid(
    rng: np.random.Generator, grid: tuple[int, int, float, float], stones: Array, joint: Array
) -> Array:
    mask, tone, dome = _courses(rng, *grid)
    grain = fbm(rng, SIDE, first=32, decay=0.7)
    body = stones[0] * (1 - tone[..., None]) + stones[1] * tone[..., None]
    body = body * (0.78 + 0.22 * dome + 0.36 * (grain - 0.5))[..., None]
    return body * mask[..., None] + joint * (1 - mask)[..., None]


def _asphalt(rng: np.random.Generator) -> Array:
    grain = rng.random((SIDE, SIDE)).astype(np.float32)
    stain = fbm(rng, SIDE, first=3)
    tone = 0.42 + 0.09 * (grain - 0.5) + 0.10 * (stain - 0.5)
    crack = np.abs(fbm(rng, SIDE, first=3) - 0.5)
    tone *= 1 - 0.28 * np.clip(1 - crack / 0.008, 0, 1)
    return tone


def _concrete(rng: np.random.Generator) -> Array:
    tone = (
        0.62
        + 0.2 * (fbm(rng, SIDE, first=4, decay=0.6) - 0.5)
        + 0.08 * (rng.random((SIDE, SIDE)) - 0.5)
    )
    t = np.arange(SIDE) / SIDE
    seam = np.minimum(np.abs(t % 0.5 - 0.25), 1)[:, None] < 0.004
    return np.where(seam, tone * 0.7, tone)


def _plaster(rng: np.random.Generator) -> Array:
    tone = (
        0.9
        + 0.13 * (fbm(rng, SIDE, first=4, decay=0.6) - 0.5)
        + 0.05 * (rng.random((SIDE, SIDE)) - 0.5)
    )
    return tone


def _stone(stones: str, joint: str) -> tuple[Array, Array]:
    parse = [
        np.array([int(s[i : i + 2], 16) / 255 for i in (0, 2, 4)]) for s in (*stones.split(), joint)
    ]
    return np.stack(parse[:2]), parse[2]


def _leaves(rng: np.random.Generator) -> Array:
    fine, clump = fbm(rng, SIDE, first=64, decay=0.8), fbm(rng, SIDE, first=16)
    return 0.25 + 0.75 * fine * (0.55 + 0.6 * clump)


_MAKERS: dict[str, Callable[[np.random.Generator], Array]] = {
    "asphalt": _asphalt,
    "concrete": _concrete,
    "plaster": _plaster,
    "leaves": _leaves,
    "noise": lambda rng: np.sqrt(fbm(rng, SIDE, first=4)),
    "cloud": lambda rng: np.sqrt(fbm(rng, SIDE, first=3, decay=0.52)),
    "cobblestone": lambda rng: _laid(rng, (20, 16, 3.0, 0.5), *_stone("8a8580 5d5a5c", "2e2b28")),
    "paver": lambda rng: _laid(rng, (32, 16, 1.1, 0.5), *_stone("a8614a 7c3f33", "5c4a42")),
    "clinker": lambda rng: _laid(rng, (40, 20, 0.9, 0.5), *_stone("b0795c 8d553f", "6a564c")),
    "slabs": lambda rng: _laid(rng, (8, 8, 1.3, 0.0), *_stone("b9b5ad a29f9a", "6b6862")),
    "wallbrick": lambda rng: _laid(rng, (40, 12, 1.2, 0.5), *_stone("a5573f 7b3626", "a89c8e")),
    "ashlar": lambda rng: _laid(rng, (12, 6, 1.1, 0.5), *_stone("cdbfa4 b3a58c", "8a7e6b")),
    "tiles": lambda rng: _laid(rng, (24, 24, 1.4, 0.5), *_stone("8f4a35 6d3527", "3a211a")),
    "slate": lambda rng: _laid(rng, (24, 16, 1.1, 0.5), *_stone("5b626b 474c55", "2c2f35")),
    "planks": lambda rng: _laid(rng, (2, 24, 1.6, 0.0), *_stone("9a7047 7a5433", "2b1d12")),
}


@lru_cache(maxsize=None)
def texture(name: str) -> Texture:
    """The texture called `name`, made on first use; the same on every machine run."""
    if name not in _MAKERS:
        raise KeyError(f"Unknown texture '{name}'; known are {', '.join(sorted(_MAKERS))}.")
    return Texture(_MAKERS[name](np.random.default_rng([7, *name.encode()])))


def pulse(x: Array, span: tuple[float, float], width: Array) -> Array:
    """The 1-periodic indicator of `span` within [0, 1], averaged exactly over windows of `width` around x."""
    low, high = span
    width = np.maximum(width, np.float32(1e-3))

    def area(t: Array) -> Array:
        whole = np.floor(t)
        return whole * np.float32(high - low) + np.clip(t - whole - np.float32(low), 0, high - low)

    return (area(x + width / 2) - area(x - width / 2)) / width


def step(x: Array, width: Array) -> Array:
    """The indicator of x > 0, averaged over windows of `width`."""
    return np.clip(x / np.maximum(width, np.float32(1e-4)) + np.float32(0.5), 0, 1)
