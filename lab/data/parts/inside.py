"""A room's layout, object by object: how wide and high each is seen, and where its front lies.

Doors, windows and pictures are flat and upright, so four straight lines bound them however they are
seen; of chests, which show their top and often a side, the lines bound the front.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from lab.data.labels import LabelSpace
from lab.data.parts.objects import Pixels, objects_in
from lab.opencv import opencv

_SMALLEST, _THINNEST = 40, 4  # pixels; what is smaller or thinner has no parts
_FOCAL = 0.85  # of the picture's width, of eyes and cameras in rooms
_SHAPES = (0.8, 2.2)  # times as wide as it is seen, at least and at most
_CUT = 0.3  # share of an edge that lies on the picture's
_HORIZON = 0.36  # of the height: eyes look down a little
_DEEP = 0.16  # a chest's depth over its distance, mostly
_CORNER, _KINK = (0.15, 0.85), 0.07  # where along a foot its corner may be, and how far it bends
_STEEP, _LEAN = 0.2, 0.12  # of edges that run across an object; of those that are upright
_PURPOSE = "Finding the parts of a room"  # what OpenCV is needed for


@dataclass(frozen=True)
class Front:
    """One object's front.

    Attributes:
        name: of its class.
        ys, xs: rows and columns (n,) of its pixels.
        across: (n,) from the left edge, -1, to the right one, 1.
        up: (n,) from the lower edge, 0, to the upper one, 1.
        wide, high: in heights of the picture. shape: its own width over its height.
    """

    name: str
    ys: np.ndarray
    xs: np.ndarray
    across: np.ndarray
    up: np.ndarray
    wide: float
    high: float
    shape: float


@dataclass(frozen=True, eq=False)
class Inside:
    """The layout of one room.

    Attributes:
        labels, instances: (H, W) int; equal id = same object.
        space: one that `fits`.
    """

    NEEDED: ClassVar = ("door", "window", "cabinet")
    labels: np.ndarray
    instances: np.ndarray
    space: LabelSpace

    @classmethod
    def fits(cls, space: LabelSpace) -> bool:
        """Whether it has classes of doors, windows and cabinets."""
        return set(cls.NEEDED) <= set(space.names)

    def fronts(self, flat: tuple[str, ...], chests: tuple[str, ...]) -> Iterator[Front]:
        """Of every object of these classes; pixels of its other sides are left out."""
        for name in flat + chests:
            if name not in self.space.names:
                continue
            here = self.labels == self.space.index(name)
            for pixels in objects_in(here, self.instances).values():
                if len(pixels[0]) >= _SMALLEST:
                    front = self._front(name, pixels, chest=name in chests)
                    if front is not None:
                        yield front

    def _front(self, name: str, pixels: Pixels, *, chest: bool) -> Front | None:
        height, width = self.labels.shape
        lid = _lid(pixels[0], height) if chest else 0.0
        ys, xs = _wider_side(*pixels) if chest else pixels
        edges = _edges(ys, xs, height)
        if edges is None:
            return None
        right, down = xs + 0.5, ys + 0.5
        left, wide = edges.first(down), edges.last(down) - edges.first(down)
        high = edges.high(right) * (1 - lid)
        if min(high.min(), wide.min()) < _THINNEST:
            return None
        middle = float(np.median(down))
        ends = np.array([edges.first(middle), edges.last(middle)])
        at_ends = np.maximum(edges.high(ends) * (1 - lid), _THINNEST)
        if edges.cut:
            at_ends[:] = at_ends.mean()
        share = ((right - left) / wide).clip(0, 1)
        across = share * at_ends[1] / ((1 - share) * at_ends[0] + share * at_ends[1])
        up = (edges.lower(right) - down) / high
        seen = up <= 1 if chest else np.ones_like(up, dtype=bool)
        size = np.median(wide) / height, np.median(high) / height
        shape = _shape(ends - width / 2, at_ends, focal=_FOCAL * width)
        shape = np.clip(shape, *np.multiply(_SHAPES, size[0] / size[1]))
        places = 2 * across[seen] - 1, up[seen].clip(0, 1)
        return Front(name, ys[seen], xs[seen], *places, *map(float, (*size, shape)))


def _shape(ends: np.ndarray, high: np.ndarray, *, focal: float) -> float:
    """Width over height of an upright rectangle of which both ends (2,) are seen so `high` and so
    far right of the picture's middle: what is seen half as high is twice as far away."""
    across, away = np.diff(ends / high), np.diff(focal / high)
    return float(np.hypot(across, away)[0])


class _Line(NamedTuple):
    """A straight line: what it is at 0, and how that grows."""

    offset: float
    slope: float

    def __call__(self, place: Any) -> Any:
        return self.offset + self.slope * place


class _Edges(NamedTuple):
    """Rows, by columns, of an object's upper and lower edge; columns, by rows, of the others.

    `cut`: above or below it goes on outside the picture, so its height tells of no distance.
    """

    upper: _Line
    lower: _Line
    first: _Line
    last: _Line
    cut: bool

    def high(self, columns: Any) -> Any:
        """From the upper edge to the lower one."""
        return self.lower(columns) - self.upper(columns)


def _edges(ys: np.ndarray, xs: np.ndarray, height: int) -> _Edges | None:
    """The four straight lines around these pixels of a picture of `height`; None where they are too
    thin for any."""
    columns, top, bottom = _ends(xs, ys)
    rows, left, right = _ends(ys, xs)
    if min(len(columns), len(rows)) < _THINNEST:
        return None
    lying = _line(columns, top), _line(columns, bottom)
    cut = max((top <= 0).mean(), (bottom >= height).mean()) > _CUT
    return _Edges(*lying, _post(rows, left, 0.1), _post(rows, right, 0.9), bool(cut))


def _ends(along: np.ndarray, position: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of every column (or row) its middle, and where it begins and ends: three (m,); of pixels row
    by row, each from left to right."""
    lines, first = np.unique(along, return_index=True)
    _, last = np.unique(along[::-1], return_index=True)
    return lines + 0.5, position[first], position[::-1][last] + 1


def _line(along: np.ndarray, position: np.ndarray) -> _Line:
    """The straight line that most of these places lie on."""
    cv2 = opencv(_PURPOSE)
    points = np.stack([along, position], 1).astype(np.float32)
    dx, dy, x, y = cv2.fitLine(points, cv2.DIST_WELSCH, 0, 0.01, 0.001).ravel().astype(np.float64)
    if abs(dx) < _STEEP:  # an edge that does not run along the object is none
        return _Line(float(np.median(position)), 0.0)
    return _Line(y - dy / dx * x, dy / dx)


def _post(rows: np.ndarray, ends: np.ndarray, share: float) -> _Line:
    """The upright line that bounds an object whose rows end at these columns: what is upright is so
    in the picture, too, but for a slight lean, and what is not is another edge of it.

    `share`: of the rows, those that end farther left than it.
    """
    line = _line(rows, ends)
    return line if abs(line.slope) < _LEAN else _Line(float(np.quantile(ends, share)), 0.0)


def _lid(ys: np.ndarray, height: int) -> float:
    """The share of a chest's height that its top takes, seen from above."""
    high = np.ptp(ys) + 1
    above = max(0.0, ys.min() / height - _HORIZON) * height / high
    return _DEEP * above / (1 + _DEEP * above)


def _wider_side(ys: np.ndarray, xs: np.ndarray) -> Pixels:
    """The pixels left or right of a corner that its foot shows, whichever are wider; else all."""
    columns, _, bottom = _ends(xs, ys)
    foot = np.convolve(np.pad(bottom, 2, mode="edge"), np.ones(5) / 5, "valid")
    corner, few = int(foot.argmax()), max(1, len(foot) // 20)
    bends = foot[corner] - max(foot[:few].mean(), foot[-few:].mean())
    share = corner / len(foot)
    if not _CORNER[0] < share < _CORNER[1] or bends < _KINK * (np.ptp(ys) + 1):
        return ys, xs
    side = xs + 0.5 < columns[corner] if share > 0.5 else xs + 0.5 > columns[corner]
    return ys[side], xs[side]
