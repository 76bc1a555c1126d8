"""In which storey and bay of its wall a pixel lies, and where windows would stand.

A label map holds no windows, but it shows how a wall stands: its foot tells how far away it is, and
heights and distances follow in units of the eye's height, and with them a lattice that windows can
stand in.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from lab.data.parts.perspective import FARTHEST, LOUD, Street

Span = tuple[float, float]
GROUND_FLOOR, STOREY = 2.1, 1.7  # their heights, in heights of the eye
BAY = 1.35  # its width, in heights of the eye and, along the street, times the focal length
READ = 3  # height, distance, place along the wall
HINTS = 2
PLANES = 2 + 8 + HINTS
FIRST_WAVES = [2 + 1, 2 + 5]  # cosines over a storey, over a bay
# (across its bay, up its storey), in shares: a window's panes and these with their frame, those of
# the ground floor apart
PANES = ((0.26, 0.74), (0.22, 0.84)), ((0.12, 0.88), (0.24, 0.72))
FRAMES = ((0.21, 0.79), (0.145, 0.89)), ((0.03, 0.97), (0.0, 0.92))
_TALLEST = 12.0
_CRISP = 25.0  # bays are at full strength where the foot lies 1 / 25 of the picture below the eye
_NEAR = 0.03  # how far below the horizon, in units, a foot is that tells how others go on
_ACROSS = 0.5  # share of the slope towards the vanishing point below which a wall stands across


def read(street: Street) -> np.ndarray:
    """Heights and places on the walls of a street.

    The foot of a wall that stands behind others goes on to the vanishing point from where it is
    last seen; that of a wall without any lies on the line of the nearest on its side, or as far
    from the middle as one across the street.

    Returns:
        (3, H, W) float32: height above the foot, in heights of the eye, in [0, 12]; distance, in
        focal lengths times the height of the eye, in [0, 80]; place along the wall: of one that
        runs with the street the distance, of one across it how far it is beside the vanishing
        point, in heights of the eye, in [0, 80]. 0 where no wall is, or where its foot does not lie
        below the horizon.
    """
    planes = np.zeros((READ, *street.labels.shape), np.float32)
    seen = [corners for corners in street.feet if len(corners)]
    if not seen:
        return planes
    unit, point = street.unit, street.point
    near = [c for c in seen if c[:, 1].max() - point[1] > _NEAR * unit] or seen
    for (ys, xs), corners in zip(street.walls, street.feet, strict=True):
        columns, at = np.unique(xs, return_inverse=True)
        known = corners if len(corners) else _nearest(near, columns.mean(), point)
        below = _foot(known, columns + 0.5, point) - point[1]
        beside = columns + 0.5 - point[0]
        slope = np.diff(_foot(known, np.stack([columns, columns + 1]), point), axis=0)[0]
        across = slope * beside < _ACROSS * below
        below = np.where(below >= 1, below, np.inf)
        along = np.where(across, np.abs(beside), unit) / below
        rise = (1 - (ys + 0.5 - point[1]) / below[at]).clip(0, _TALLEST) * np.isfinite(below[at])
        planes[0, ys, xs] = rise
        planes[1:, ys, xs] = np.minimum(np.stack([unit / below, along]), FARTHEST)[:, at]
    return planes


def _nearest(seen: list[np.ndarray], column: float, point: np.ndarray) -> np.ndarray:
    """The corners of the wall nearest to a column, or the mirror image of one across the street."""
    right = column > point[0]
    beside = [corners for corners in seen if (corners[:, 0].mean() > point[0]) == right]
    across = [np.stack([2 * point[0] - c[::-1, 0], c[::-1, 1]], 1) for c in seen]
    return min(beside or across, key=lambda corners: abs(corners[:, 0].mean() - column))


def _foot(corners: np.ndarray, columns: np.ndarray, point: np.ndarray) -> np.ndarray:
    """Rows (n,) of a foot at `columns`: between its corners, and from these to `point`."""
    rows = np.interp(columns, *corners.T)
    for (x, y), outside in (
        (corners[0], columns < corners[0, 0]),
        (corners[-1], columns > corners[-1, 0]),
    ):
        slope = (y - point[1]) / (x - point[0]) if abs(x - point[0]) >= 1 else 0.0
        rows = np.where(outside, point[1] + slope * (columns - point[0]), rows)
    return rows


def waves(plane: Tensor) -> Tensor:
    """What the generator sees of `read`: (B, 3, H, W) → (B, PLANES, H, W).

    Height and distance, sines and cosines over storeys and bays and over halves of them, and 4
    where windows and their frames would stand on that lattice, with edges as crisp as a pixel; all
    but the first fainter where bays are too fine to be drawn. Channels last in memory.
    """
    wall = plane[:, 1] > 0
    rise, far, along = plane.movedim(1, 0)[:, wall]
    crisp = (_CRISP / far).clamp_max(1)
    storeys, bays = (rise - GROUND_FLOOR) / STOREY, along / BAY
    planes = []
    for phase in (storeys, bays):
        angle = 2 * math.pi * phase
        sine, cosine = angle.sin(), angle.cos()
        planes += [sine, cosine, 2 * sine * cosine, 2 * cosine.square() - 1]
    planes += [LOUD * _windows(rise, bays, parts) for parts in (PANES, FRAMES)]
    own = [rise / _TALLEST, far / FARTHEST]
    seen = plane.new_zeros(*wall.shape, PLANES)
    seen[wall] = torch.stack([*own, *(x * crisp for x in planes)], -1)
    return seen.movedim(-1, 1)


def _windows(rise: Tensor, bays: Tensor, parts: tuple[tuple[Span, Span], ...]) -> Tensor:
    """1 inside the windows of the upper storeys and of the ground floor, 0 outside; all (N,)."""
    storeys, across = (rise - GROUND_FLOOR) / STOREY, bays % 1
    floors = (storeys >= 0, storeys % 1), (storeys < 0, rise / GROUND_FLOOR)
    found = torch.zeros_like(rise)
    for (here, up), ((left, right), (low, high)) in zip(floors, parts, strict=True):
        found += here & (across > left) & (across < right) & (up > low) & (up < high)
    return found
