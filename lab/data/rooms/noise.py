"""Smooth noise at any point, without a picture of it: the grain of wood, cloth and stone."""

from __future__ import annotations

from itertools import product

import numpy as np

from lab.data.rooms.solids import Array


def hashed(numbers: Array, seed: int) -> Array:
    """Whole numbers → in [0, 1), as if by chance."""
    mixed = numbers.astype(np.uint32) * np.uint32(374761393)
    mixed = mixed + np.uint32(seed * 668265263 & 0xFFFFFFFF)
    mixed = (mixed ^ (mixed >> np.uint32(13))) * np.uint32(1274126177)
    return ((mixed ^ (mixed >> np.uint32(16))) & np.uint32(0xFFFF)).astype(np.float32) / 65536


def noise(points: Array, seed: int) -> Array:
    """Between lattice points of distance one: (k, N) → (N,), in [0, 1)."""
    base = np.floor(points).astype(np.int64)
    way = (points - base).astype(np.float32)
    way = way * way * (3 - 2 * way)
    total = np.zeros(points.shape[1], np.float32)
    for corner in product((0, 1), repeat=len(points)):
        key, weight = np.zeros_like(base[0]), np.ones_like(total)
        for at, step, one in zip(base, way, corner, strict=True):
            key = key * 7919 + at + one
            weight = weight * (step if one else 1 - step)
        total += weight * hashed(key & 0xFFFFFFFF, seed)
    return total


def grain(points: Array, seed: int, *, octaves: int = 3) -> Array:
    """Sum of noises of half the wavelength and half the height each: (k, N) → (N,), in [0, 1)."""
    parts = (noise(points * 2**k, seed + k) * 0.5**k for k in range(octaves))
    return sum(parts) / (2 - 0.5 ** (octaves - 1))


def lines(along: Array, parts: float, width: float) -> Array:
    """Where `along`, in [-1, 1] and cut into equal parts, is within `width` of a cut; width as a
    share of a part."""
    place = (along + 1) / 2 * parts % 1
    return np.minimum(place, 1 - place) < width
