"""Which storey and bay of its wall a pixel lies in, read off a street's layout by perspective.

A label map holds no windows, but it shows how a wall stands: everything parallel to the street runs
to one vanishing point, the height of the camera's eye is the horizon, and the foot of a wall tells
how far away it is. Heights and distances follow in units of the eye's height, and with them a
lattice that windows can stand in. Ours: pix2pixHD has no such planes.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import torch
from torch import Tensor

from lab.data.labels import LabelSpace
from lab.data.places import places_through

Span = tuple[float, float]
GROUND_FLOOR, STOREY = 2.1, 1.7  # their heights, in heights of the eye
BAY = 1.35  # its width, in heights of the eye and, along the street, times the focal length
FACADES = 3  # height, distance, place along the wall
PLANES = 2 + 8 + 2
FIRST_WAVES = [2 + 1, 2 + 5]  # cosines over a storey, over a bay
# (across its bay, up its storey), in shares: a window's panes and these with their frame, those of
# the ground floor apart
PANES = ((0.26, 0.74), (0.22, 0.84)), ((0.12, 0.88), (0.24, 0.72))
FRAMES = ((0.21, 0.79), (0.145, 0.89)), ((0.03, 0.97), (0.0, 0.92))
_WALL, _FLAT = "building", ("road", "pavement", "sidewalk", "parking")
_TALLEST, _FARTHEST = 12.0, 80.0
_CRISP = 25.0  # bays are at full strength where the foot lies 1 / 25 of the picture below the eye
_ITERATIONS, _TOLERANCE = 12, 1.5  # of the vanishing point; pixels beyond which an edge counts less
_TRUST = (0.15, 0.02)  # how far it may lie from the middle and from the highest ground, in units
_SHORTEST, _STEEP = 12, (0.06, 1.5)  # pixels and slopes of an edge that runs to the vanishing point
LOUD = 4.0  # windows, so that a generator that did not know them hears them in a hundred steps
_NEAR = 0.03  # how far below the horizon, in units, a foot is that tells how others go on
_ACROSS = 0.5  # share of the slope towards the vanishing point below which a wall stands across
_SEEN = 0.5  # share of an edge's columns where the ground lies right below it


def facades(labels: Tensor, instances: Tensor, space: LabelSpace) -> Tensor:
    """Heights and places on the walls of streets.

    The foot of a wall that stands behind others goes on to the vanishing point from where it is
    last seen; that of a wall without any lies on the line of the nearest on its side, or as far
    from the middle as one across the street.

    Args:
        labels, instances: (B, H, W) int64; equal id = same object.
        space: has a class of walls, and one of what lies flat, whose highest pixel is near the
            horizon.
    Returns:
        (B, 3, H, W) float32: height above the foot, in heights of the eye, in [0, 12]; distance, in
        focal lengths times the height of the eye, in [0, 80]; place along the wall: of one that
        runs with the street the distance, of one across it how far it is beside the vanishing
        point, in heights of the eye, in [0, 80]. 0 where no wall is, or where its foot does not lie
        below the horizon.
    Raises:
        ValueError: the space has no such classes.
    """
    both = zip(labels.cpu().numpy(), instances.cpu().numpy(), strict=True)
    return torch.stack([torch.from_numpy(_read(*maps, space)) for maps in both]).to(labels.device)


def facades_through(
    labels: np.ndarray,
    instances: np.ndarray,
    space: LabelSpace,
    window: tuple[slice, slice],
    *,
    mirror: bool = False,
) -> Tensor:
    """The facades of one picture's (H, W) maps that a window of it shows: (3, h, w).

    `mirror`: as the window is seen in a mirror.
    """
    seen = torch.from_numpy(_read(labels, instances, space)[(slice(None), *window)])
    return seen.flip(-1) if mirror else seen


def told_through(
    instances: np.ndarray,
    window: tuple[slice, slice],
    *,
    mirror: bool,
    street: tuple[np.ndarray, LabelSpace] | None,
) -> Tensor:
    """The places that a window of one picture shows, (4, h, w); of a `street`, whose labels and
    classes are given, its facades after them, (7, h, w)."""
    planes = [places_through(instances, window, mirror=mirror)]
    if street is not None:
        labels, space = street
        planes.append(facades_through(labels, instances, space, window, mirror=mirror))
    return torch.cat(planes)


def _read(labels: np.ndarray, instances: np.ndarray, space: LabelSpace) -> np.ndarray:
    """`facades` of one street: (H, W) twice → (3, H, W)."""
    height, width = labels.shape
    planes = np.zeros((FACADES, height, width), np.float32)
    wall, ground = _kinds(space)
    flat = np.isin(labels, ground)
    masks = {int(i): instances == i for i in np.unique(instances[labels == wall])}
    corners = {i: _corners(mask, flat) for i, mask in masks.items()}
    seen = [points for points in corners.values() if len(points)]
    if not seen:
        return planes
    unit = math.sqrt(width * height / 2)  # the height of a picture of 2:1
    point = _vanishing_point(np.concatenate([_edges(c, flat) for c in seen]), flat, unit=unit)
    near = [c for c in seen if c[:, 1].max() - point[1] > _NEAR * unit] or seen
    for i, mask in masks.items():
        columns = np.flatnonzero(mask.any(0))
        known = corners[i] if len(corners[i]) else _nearest(near, columns.mean(), point)
        below = _foot(known, columns + 0.5, point) - point[1]
        beside = columns + 0.5 - point[0]
        slope = np.diff(_foot(known, np.stack([columns, columns + 1]), point), axis=0)[0]
        across = slope * beside < _ACROSS * below
        below = np.where(below >= 1, below, np.inf)
        along = np.where(across, np.abs(beside), unit) / below
        ys, xs = mask.nonzero()
        at = np.searchsorted(columns, xs)
        rise = (1 - (ys + 0.5 - point[1]) / below[at]).clip(0, _TALLEST) * np.isfinite(below[at])
        planes[0, ys, xs] = rise
        planes[1:, ys, xs] = np.minimum(np.stack([unit / below, along]), _FARTHEST)[:, at]
    return planes


def _kinds(space: LabelSpace) -> tuple[int, list[int]]:
    """The class of walls and those that lie flat.

    Raises:
        ValueError: there is none.
    """
    names = [name for name in space.names if name in (_WALL, *_FLAT)]
    if _WALL not in names or len(names) < 2:
        raise ValueError(
            f"Facades stand in streets: the label space needs the class {_WALL} and one of "
            f"{', '.join(_FLAT)}, got {', '.join(space.names)}; set generator.facades to false."
        )
    return space.index(_WALL), [space.index(name) for name in names if name != _WALL]


def _corners(mask: np.ndarray, flat: np.ndarray) -> np.ndarray:
    """(m, 2) columns and rows of the lower hull of where a wall meets the ground, left to right."""
    foot = mask[:-1] & flat[1:]
    columns = np.flatnonzero(foot.any(0))
    if not len(columns):
        return np.zeros((0, 2))
    lowest = len(foot) - foot[::-1, columns].argmax(0)
    points = np.stack([columns, lowest], 1).astype(np.int32)
    hull = cv2.convexHull(points).reshape(-1, 2).astype(np.float64)
    hull = hull[hull[:, 0].argsort(kind="stable")]
    (x0, y0), (x1, y1) = points[0], points[-1]
    chord = y0 + (y1 - y0) * (hull[:, 0] - x0) / max(x1 - x0, 1)
    return hull[hull[:, 1] >= chord - 1e-6] + (0.5, -0.5)


def _edges(corners: np.ndarray, flat: np.ndarray) -> np.ndarray:
    """(n, 2, 2) the ends of those edges between corners that may run to the vanishing point."""
    edges = np.stack([corners[:-1], corners[1:]], 1)
    run = edges[:, 1] - edges[:, 0]
    slope = np.abs(run[:, 1]) / run[:, 0].clip(1)
    kept = (run[:, 0] >= _SHORTEST) & (slope > _STEEP[0]) & (slope < _STEEP[1])
    for k in np.flatnonzero(kept):
        (x0, y0), (x1, y1) = edges[k]
        columns = np.arange(int(x0), int(x1) + 1)
        line = y0 + (y1 - y0) * (columns + 0.5 - x0) / (x1 - x0) + 0.5
        above, below = (np.round(line + d).astype(int).clip(0, len(flat) - 1) for d in (-1.7, 1.3))
        kept[k] = (flat[below, columns] & ~flat[above, columns]).mean() > _SEEN
    return edges[kept]


def _vanishing_point(edges: np.ndarray, flat: np.ndarray, *, unit: float) -> np.ndarray:
    """Column and row where most edges meet: least squares with Cauchy's weights, repeated.

    Where there are few edges it stays near the highest ground, in the middle of the picture.
    """
    guess = np.array([flat.shape[1] / 2, np.flatnonzero(flat.any(1))[0]])
    run, middle = edges[:, 1] - edges[:, 0], edges.mean(1)
    length = np.hypot(*run.T)
    normals = np.stack([-run[:, 1], run[:, 0]], 1) / length[:, None]
    offsets = (normals * middle).sum(1)
    prior, point = 1 / (np.array(_TRUST) * unit) ** 2, guess
    for _ in range(_ITERATIONS):
        # An edge known to a pixel at its ends misses the point by its distance over its length.
        blur = np.maximum(np.hypot(*(middle - point).T) / length, 1)
        apart = (normals @ point - offsets) / (blur * _TOLERANCE)
        weights = 1 / (1 + apart**2) / blur**2
        left = (normals * weights[:, None]).T @ normals + np.diag(prior)
        point = np.linalg.solve(left, normals.T @ (weights * offsets) + prior * guess)
    return point


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
    """What the generator sees of `facades`: (B, 3, H, W) → (B, PLANES, H, W).

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
    own = [rise / _TALLEST, far / _FARTHEST]
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
