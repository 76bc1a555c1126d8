"""How a street is seen: where its parallels meet and how high the eye is, read off its layout.

Everything parallel to the street runs to one vanishing point, whose row is the horizon: the feet of
walls and the kerbs tell where that is. What lies on the ground at some row below it is as far away
as that row tells, in focal lengths times the height of the eye. Ours: pix2pixHD has none of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lab.data.labels import LabelSpace
from lab.data.parts.objects import Pixels, objects_in
from lab.opencv import opencv

LOUD = 4.0  # what parts are shown with, so that a generator hears of them in a hundred steps
FARTHEST = 80.0  # in focal lengths times the height of the eye, as all distances here
_FLAT = ("road", "pavement", "sidewalk", "parking")
_WALKS = _FLAT[1:3]
_ITERATIONS, _TOLERANCE = 12, 1.5  # of the vanishing point; pixels beyond which an edge counts less
_TRUST = (0.15, 0.02)  # how far it may lie from the middle and from the highest ground, in units
_SHORTEST, _STEEP = 12, (0.06, 1.5)  # pixels and slopes of an edge that runs to the vanishing point
_USUAL = 2.7  # half the width of a road whose kerbs are not seen, in heights of the eye
_WIDTHS = (0.5, 8.0)  # that half a road may have
_NEAR, _FEW = 0.01, 3  # below the horizon, in units; so many places tell of a kerb
_SEEN = 0.5  # share of an edge's columns where the ground lies right below it
_PURPOSE = "Finding the parts of a street"  # what OpenCV is needed for


@dataclass(frozen=True, eq=False)
class Street:
    """The layout of one street and what perspective tells of it.

    Attributes:
        labels, instances: (H, W) int; equal id = same object.
        space: one that `fits`.
    """

    labels: np.ndarray
    instances: np.ndarray
    space: LabelSpace

    @staticmethod
    def fits(space: LabelSpace) -> bool:
        """Whether it has the class building and one of what lies flat."""
        return "building" in space.names and bool(set(_FLAT) & set(space.names))

    def __contains__(self, name: str) -> bool:
        return name in self.space.names

    def of(self, *names: str) -> np.ndarray:
        """(H, W) bool: where one of these classes is; the space need not have them all."""
        ids = [self.space.index(name) for name in names if name in self]
        return np.isin(self.labels, ids)

    def objects(self, *names: str) -> dict[int, Pixels]:
        """Every object of these classes: id → rows (n,) and columns (n,) of its pixels."""
        return objects_in(self.of(*names), self.instances)

    @cached_property
    def unit(self) -> float:
        """The height of a picture of 2:1 with as many pixels; focal lengths count in it."""
        height, width = self.labels.shape
        return math.sqrt(width * height / 2)

    @cached_property
    def flat(self) -> np.ndarray:
        """(H, W) bool: ground."""
        return self.of(*_FLAT)

    @cached_property
    def walls(self) -> list[Pixels]:
        """Of every building rows and columns of its pixels; where they are not told apart, of what
        hangs together on either side of the street."""
        found: list[Pixels] = []
        for i, pixels in self.objects("building").items():
            told_apart = i >= len(self.space)
            found += [pixels] if told_apart else self._sides(*pixels)
        return found

    @cached_property
    def feet(self) -> list[np.ndarray]:
        """Of every wall columns and rows (m, 2) of the corners of its foot, left to right; none
        where it is not seen to stand on the ground."""
        return [_corners(*pixels, self.flat) for pixels in self.walls]

    def _sides(self, ys: np.ndarray, xs: np.ndarray) -> list[Pixels]:
        """These pixels, parted where they do not hang together and where the ground is highest."""
        drawn = np.zeros(self.labels.shape, np.uint8)
        drawn[ys, xs] = 1
        if self.flat.any():
            row = np.flatnonzero(self.flat.any(1))[0]
            drawn[:, int(np.flatnonzero(self.flat[row]).mean())] = 0
        count, parts = opencv(_PURPOSE).connectedComponents(drawn)
        return [(parts == part).nonzero() for part in range(1, count)]

    @cached_property
    def kerbs(self) -> tuple[np.ndarray, np.ndarray]:
        """Columns and rows (n, 2) where the road's left and right edge are seen."""
        road, walk = self.of("road"), self.of(*_WALKS)
        sides = walk[:, :-1] & road[:, 1:], road[:, :-1] & walk[:, 1:]
        left, right = (np.stack(side.nonzero()[::-1], 1) + np.array([1, 0.5]) for side in sides)
        return left, right

    @cached_property
    def point(self) -> np.ndarray | None:
        """Column and row of the vanishing point; None where there is no ground."""
        if not self.flat.any():
            return None
        edges = [_edges(corners, self.flat) for corners in self.feet]
        edges += [line for kerb in self.kerbs if (line := _line(kerb)) is not None]
        found = np.concatenate([np.zeros((0, 2, 2)), *edges])
        return _vanishing_point(found, self.flat, unit=self.unit)

    @cached_property
    def road(self) -> tuple[float, float]:
        """The road's middle, from below the vanishing point to the right, and half its width: in
        heights of the eye.

        A kerb that is not seen lies opposite the other one, as seen from half-way between the
        walls of both sides.
        """
        left, right = (self._beside(points, least=_FEW) for points in self.kerbs)
        if left is not None and right is not None and left < right:
            return (left + right) / 2, float(np.clip((right - left) / 2, *_WIDTHS))
        walls = [self._beside(corners) for corners in self.feet]
        lefts = [wall for wall in walls if wall is not None and wall < 0]
        rights = [wall for wall in walls if wall is not None and wall > 0]
        kerb, side = (left, -1) if left is not None else (right, 1)
        if lefts and rights:
            middle = (max(lefts) + min(rights)) / 2
        else:
            middle = 0.0 if kerb is None else kerb - side * _USUAL
        half = _USUAL if kerb is None else side * (kerb - middle)
        return middle, float(np.clip(half, *_WIDTHS))

    def _beside(self, points: np.ndarray, *, least: int = 1) -> float | None:
        """How far points (n, 2) of a line along the street lie beside the vanishing point, in
        heights of the eye; None where fewer than `least` are far enough below the horizon."""
        beside, below = (points - self.point).T
        near = below > _NEAR * self.unit
        if near.sum() < least:
            return None
        places = beside[near] / below[near]
        order = places.argsort()
        weight = below[near][order].cumsum()  # what lies nearer tells better
        return float(places[order][np.searchsorted(weight, weight[-1] / 2)])


def _corners(ys: np.ndarray, xs: np.ndarray, flat: np.ndarray) -> np.ndarray:
    """(m, 2) columns and rows of the lower hull of where a wall meets the ground, left to right;
    of its pixels, row by row."""
    foot = flat[np.minimum(ys + 1, len(flat) - 1), xs] & (ys + 1 < len(flat))
    columns, last = np.unique(xs[foot][::-1], return_index=True)
    if not len(columns):
        return np.zeros((0, 2))
    points = np.stack([columns, ys[foot][::-1][last] + 1], 1).astype(np.int32)
    hull = opencv(_PURPOSE).convexHull(points).reshape(-1, 2).astype(np.float64)
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


def _line(points: np.ndarray) -> np.ndarray | None:
    """The ends (1, 2, 2) of the straight line through most of the `points` (n, 2); None where they
    are few or scattered."""
    if len(points) < _SHORTEST:
        return None
    cv2 = opencv(_PURPOSE)
    fit = cv2.fitLine(points.astype(np.float32), cv2.DIST_WELSCH, 0, 0.01, 0.001)
    dx, dy, x, y = fit.ravel().astype(np.float64)
    near = np.abs((points[:, 0] - x) * dy - (points[:, 1] - y) * dx) < _TOLERANCE
    if abs(dy) < _STEEP[0] or near.sum() < _SHORTEST:
        return None
    rows = points[near, 1]
    return np.array([[(x + dx / dy * (row - y), row) for row in (rows.min(), rows.max())]])


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
