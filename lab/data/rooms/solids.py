"""What a room is built of: boxes, upright cylinders and balls, turned, leant and painted.

World axes: x to the right, y away from the front wall, z up (0 = floor), in metres. Points and rays
are arrays (3, N).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

Array = np.ndarray
Point = tuple[float, float, float]
FAR = np.float32(1e9)  # how far away what a ray misses is
ROUND = 3  # the face of a spot that is not flat
_CLOSE = 1e-4  # metres; a ray that starts on a surface does not meet it


@dataclass(frozen=True)
class Spots:
    """Places on the surface of a solid, in its own axes.

    Attributes:
        share: (3, N), in [-1, 1] of its half sizes.
        metres: (3, N), from its centre.
        face: (N,), the axis that a flat face is across, `ROUND` where it is round.
    """

    share: Array
    metres: Array
    face: Array

    @property
    def on_face(self) -> tuple[Array, Array]:
        """Across and up the flat face they are on, in [-1, 1] each."""
        first = np.where(self.face == 0, self.share[1], self.share[0])
        return first, np.where(self.face == 2, self.share[1], self.share[2])


# How a surface looks: its reflectance (3, N), and the light of its own (3, N).
Finish = Callable[[Spots], tuple[Array, Array | float]]


@dataclass(frozen=True, eq=False)
class Solid:
    """One part of a thing in a room.

    Attributes:
        shape: a box, an upright cylinder or a ball, stretched to its half sizes.
        centre, half: metres.
        turn: radians about the vertical; lean: about its own x axis, first.
        label: its class; thing: parts of one object have the same number.
        finish: what it is painted with.
        shines: a lamp, which shuts out no light.
    """

    shape: Literal["box", "cylinder", "ball"]
    centre: Point
    half: Point
    label: int
    thing: int
    finish: Finish
    turn: float = 0.0
    lean: float = 0.0
    shines: bool = False

    def axes(self) -> Array:
        """Its own axes as rows, (3, 3)."""
        c, s = np.cos(self.turn), np.sin(self.turn)
        upright = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
        c, s = np.cos(self.lean), np.sin(self.lean)
        return (np.array([[1, 0, 0], [0, c, s], [0, -s, c]]) @ upright).astype(np.float32)

    def inward(self) -> Array:
        """World directions → shares of its half sizes, (3, 3)."""
        return self.axes() / np.float32(self.half)[:, None]

    def corners(self) -> Array:
        """Of the box around it, (3, 8)."""
        ends = np.stack(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, 8)
        return self.axes().T @ (ends * np.float32(self.half)[:, None]) + self.middle

    @property
    def middle(self) -> Array:
        """Its centre, (3, 1)."""
        return np.float32(self.centre)[:, None]

    def met(self, start: Array, rays: Array) -> Array:
        """How far along rays (3, N) from `start` (3, 1) or (3, N) it is met: (N,), or `FAR`."""
        inward = self.inward()
        start, rays = inward @ (start - self.middle), inward @ rays
        near, far = (_box if self.shape == "box" else _round)(start, rays, shape=self.shape)
        hit = (near <= far) & (far > _CLOSE)
        return np.where(hit, np.where(near > _CLOSE, near, far), FAR)

    def spots(self, points: Array) -> Spots:
        """World points (3, N) of its surface, in its own axes."""
        metres = self.axes() @ (points - self.middle)
        share = np.clip(metres / np.float32(self.half)[:, None], -1, 1)
        if self.shape == "box":
            face = np.abs(share).argmax(0)
        else:
            cap = (np.abs(share[2]) > 0.9999) & (self.shape == "cylinder")
            face = np.where(cap, 2, ROUND)
        return Spots(share, metres, face)

    def normals(self, spots: Spots) -> Array:
        """Outward, of length one, in the world: (3, N)."""
        share, half = spots.share, np.float32(self.half)[:, None]
        flat = np.where(np.arange(3)[:, None] == spots.face, np.sign(share), 0)
        bent = share / half
        if self.shape == "cylinder":
            bent[2] = 0
        normal = self.axes().T @ np.where(spots.face == ROUND, bent, flat)
        return (normal / np.linalg.norm(normal, axis=0)).astype(np.float32)


def divisible(rays: Array) -> Array:
    """Directions without zeros, to divide by."""
    return np.where(np.abs(rays) < 1e-9, np.float32(1e-9), rays)


def _box(start: Array, rays: Array, *, shape: str) -> tuple[Array, Array]:
    """Where rays enter and leave the unit box, axis by axis (Kay and Kajiya 1986)."""
    near, far = -FAR, FAR
    for o, d in zip(start, divisible(rays), strict=True):
        one, two = (-1 - o) / d, (1 - o) / d
        near = np.maximum(near, np.minimum(one, two))
        far = np.minimum(far, np.maximum(one, two))
    return near, far


def _round(start: Array, rays: Array, *, shape: str) -> tuple[Array, Array]:
    """Where rays enter and leave the unit ball, or the upright cylinder in the unit box."""
    bent = slice(0, 3 if shape == "ball" else 2)
    a = np.maximum((rays[bent] ** 2).sum(0), 1e-12)
    b = (start[bent] * rays[bent]).sum(0)
    c = (start[bent] ** 2).sum(0) - 1
    inside = b * b - a * c
    root = np.sqrt(np.maximum(inside, 0))
    near, far = (-b - root) / a, (-b + root) / a
    if shape == "cylinder":
        down = divisible(rays[2])
        one, two = (-1 - start[2]) / down, (1 - start[2]) / down
        near = np.maximum(near, np.minimum(one, two))
        far = np.minimum(far, np.maximum(one, two))
    return np.where(inside > 0, near, FAR), far
