"""The eye in a room: which rays it sees along, and what they meet first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lab.data.rooms.solids import Array, Point, Solid, divisible

_NEAR = 0.05  # metres; what comes nearer to the eye may be anywhere in the picture
SIDES = np.float32([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]])
FLOOR, CEILING = 4, 5  # places in SIDES, which look inward; walls come first


@dataclass(frozen=True)
class Eye:
    """Where it stands, in metres, where it looks and how wide, in radians.

    `turn` 0 looks along y and grows to the right; `tilt` is above the horizontal.
    """

    place: Point
    turn: float
    tilt: float
    wide: float

    def axes(self) -> Array:
        """Right, up and forward, as rows."""
        ct, st, cu, su = np.cos(self.turn), np.sin(self.turn), np.cos(self.tilt), np.sin(self.tilt)
        right, forward = np.array([ct, -st, 0]), np.array([st * cu, ct * cu, su])
        return np.stack([right, np.cross(right, forward), forward])

    @property
    def start(self) -> Array:
        """Its place, (3, 1)."""
        return np.float32(self.place)[:, None]

    def focal(self, size: tuple[int, int]) -> float:
        """Distance of a picture of `size` (width, height), in pixels."""
        return size[0] / 2 / np.tan(self.wide / 2)

    def rays(self, size: tuple[int, int]) -> Array:
        """Through the middles of all pixels: (3, H, W), of length one."""
        width, height = size
        x = (np.arange(width) + 0.5 - width / 2) / self.focal(size)
        y = (height / 2 - np.arange(height) - 0.5) / self.focal(size)
        right, up, forward = self.axes()[..., None, None]
        rays = right * x + up * y[:, None] + forward
        return (rays / np.linalg.norm(rays, axis=0)).astype(np.float32)

    def window(self, solid: Solid, size: tuple[int, int]) -> tuple[slice, slice] | None:
        """The rows and columns that show it at most; None behind the eye or beside the picture."""
        right, up, ahead = self.axes() @ (solid.corners() - self.start)
        if (ahead < _NEAR).all():
            return None
        if (ahead < _NEAR).any():
            return slice(0, size[1]), slice(0, size[0])
        column = size[0] / 2 + self.focal(size) * right / ahead
        row = size[1] / 2 - self.focal(size) * up / ahead
        spans = [
            slice(max(int(at.min()) - 1, 0), min(int(at.max()) + 2, end))
            for at, end in ((row, size[1]), (column, size[0]))
        ]
        return None if any(span.start >= span.stop for span in spans) else (spans[0], spans[1])


def first_met(
    room: Point, solids: Sequence[Solid], eye: Eye, size: tuple[int, int]
) -> tuple[Array, Array]:
    """What every pixel shows of a room of that size (wide, deep, high) with `solids` in it.

    Returns:
        Distances (H, W), and what: the place in `solids`, or -1 - the place in `SIDES`.
    """
    rays = eye.rays(size)
    ends = np.where(rays > 0, np.float32(room)[:, None, None], 0)
    distance = (ends - eye.start[..., None]) / divisible(rays)
    axis = distance.argmin(0)
    what = -1 - (2 * axis + (np.take_along_axis(rays, axis[None], 0)[0] > 0))
    nearest = distance.min(0)
    for place, solid in enumerate(solids):
        window = eye.window(solid, size)
        if window is None:
            continue
        part = rays[(slice(None), *window)]
        own = solid.met(eye.start, part.reshape(3, -1)).reshape(part.shape[1:])
        closer = own < nearest[window]
        nearest[window][closer] = own[closer]
        what[window][closer] = place
    return nearest, what
