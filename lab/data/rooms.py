"""Rooms to begin with: label maps of living rooms and bedrooms, boxes in one-point perspective; no
photograph is behind them.

Coordinates of a room: x from -1 (left wall) to 1 (right wall), depth from 0 (back wall) to 1 (in
front of the camera), height from 0 (floor) to 1 (ceiling).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import product

import numpy as np
import torch
from PIL import Image, ImageDraw

from lab.data.indoor import INDOOR
from lab.data.town.render import Ids

OBJECTS_PER_CLASS = 1000
Point = tuple[float, float, float]  # x, depth, height
Span = tuple[float, float]


@lru_cache(maxsize=32)
def room(number: int, size: tuple[int, int]) -> Ids:
    """Room `number`, always the same, at `size` (width, height).

    Even numbers are living rooms, odd ones bedrooms.
    """
    rng = np.random.default_rng((13, number))
    canvas = _Canvas(size, back=rng.uniform(0.26, 0.33), horizon=rng.uniform(0.4, 0.46))
    _shell(canvas)
    door = _wall(canvas, rng)
    if number % 2:
        _bedroom(canvas, rng, door=door)
    else:
        _living_room(canvas, rng)
    return canvas.ids()


class _Canvas:
    """Label and object ids that are painted from back to front."""

    def __init__(self, size: tuple[int, int], *, back: float, horizon: float) -> None:
        self.size, self.back, self.horizon = size, back, horizon
        self.images = [Image.new("I", size, INDOOR.index("wall")) for _ in range(2)]
        self.pens = [ImageDraw.Draw(image) for image in self.images]
        self.counted: Counter[int] = Counter()

    def at(self, point: Point) -> tuple[float, float]:
        """Where a point of the room is seen, in pixels."""
        x, depth, height = point
        # What is nearer is larger in proportion to 1 / distance, as in a photograph.
        scale = self.back / (1 - 0.62 * depth)
        return (
            (0.5 + x * scale) * self.size[0],
            (self.horizon + (0.78 - 1.5 * height) * scale) * self.size[1],
        )

    def new(self, name: str) -> tuple[int, int]:
        """Label and object id of the next object of a class."""
        label = INDOOR.index(name)
        if not INDOOR[label].countable:
            return label, label
        self.counted[label] += 1
        return label, label * OBJECTS_PER_CLASS + self.counted[label] - 1

    def fill(self, ids: tuple[int, int], points: Sequence[Point]) -> None:
        """A polygon of the room in the ids of one object."""
        seen = [self.at(point) for point in points]
        for pen, one in zip(self.pens, ids, strict=True):
            pen.polygon(seen, fill=one)

    def box(self, ids: tuple[int, int], x: Span, depth: Span, height: Span) -> None:
        """All faces of a box, which together are its outline filled."""
        for axis, value in product(range(3), (0, 1)):
            spans = [x, depth, height]
            fixed = spans[axis][value]
            first, second = (spans[k] for k in range(3) if k != axis)
            ring = [
                (first[0], second[0]),
                (first[1], second[0]),
                (first[1], second[1]),
                (first[0], second[1]),
            ]
            corners = [list(pair) for pair in ring]
            for corner in corners:
                corner.insert(axis, fixed)
            self.fill(ids, [tuple(corner) for corner in corners])

    def ids(self) -> Ids:
        """Both maps (H, W)."""
        labels, instances = (torch.from_numpy(np.array(i, np.int64)) for i in self.images)
        return Ids(labels, instances)


def _shell(canvas: _Canvas) -> None:
    """Floor and ceiling; everything else is wall."""
    for name, height in (("floor", 0.0), ("ceiling", 1.0)):
        ends = [(-1, 0, height), (1, 0, height), (1, 1.2, height), (-1, 1.2, height)]
        canvas.fill(canvas.new(name), ends)


def _wall(canvas: _Canvas, rng: np.random.Generator) -> int:
    """A window with curtains or blinds in the back wall, pictures, a door in a side wall: -1 left,
    1 right, which is returned."""
    middle, wide = rng.uniform(-0.25, 0.25), rng.uniform(0.28, 0.42)
    low, high = rng.uniform(0.36, 0.42), rng.uniform(0.82, 0.88)
    window = (middle - wide, middle + wide)
    canvas.box(canvas.new("window"), window, (0, 0), (low, high))
    if rng.random() < 0.5:
        for side in (-1, 1):
            x = middle + side * wide
            canvas.box(canvas.new("curtain"), (x - 0.1, x + 0.1), (0, 0), (0.08, high + 0.05))
    elif rng.random() < 0.5:
        canvas.box(canvas.new("blinds"), window, (0, 0), ((low + high) / 2, high))
    side = -1 if rng.random() < 0.5 else 1
    canvas.box(canvas.new("door"), (side, side), (0.3, 0.55), (0, 0.78))
    start = rng.uniform(0.1, 0.18)
    canvas.box(canvas.new("picture"), (-side, -side), (start, start + 0.22), (0.5, 0.75))
    if middle + wide < 0.45:
        canvas.box(canvas.new("picture"), (0.7, 0.92), (0, 0), (0.55, 0.78))
    return side


def _living_room(canvas: _Canvas, rng: np.random.Generator) -> None:
    """Shelves or a television at the back, a sofa at one side, a table on a mat, a chair."""
    side = -1 if rng.random() < 0.5 else 1
    if rng.random() < 0.5:
        shelf = canvas.new("bookshelf")
        canvas.box(shelf, _span(-side * 0.98, -side * 0.55), (0, 0.12), (0, 0.72))
        for row in (0.08, 0.3, 0.52):
            _box(canvas, "books", _span(-side * 0.92, -side * 0.6), (0.12, 0.12), (row, row + 0.13))
    else:
        _box(canvas, "cabinet", _span(-side * 0.98, -side * 0.4), (0.02, 0.16), (0, 0.2))
        _box(canvas, "television", _span(-side * 0.92, -side * 0.48), (0.1, 0.1), (0.22, 0.46))
    _box(canvas, "lamp", _span(side * 0.86, side * 0.8), (0.08, 0.1), (0, 0.5))
    _box(canvas, "lamp", _span(side * 0.93, side * 0.73), (0.06, 0.12), (0.5, 0.62))
    _box(canvas, "floor mat", (-0.45, 0.45), (0.3, 0.75), (0, 0))
    sofa, deep = canvas.new("sofa"), (0.2, rng.uniform(0.6, 0.7))
    canvas.box(sofa, _span(side * 0.98, side * 0.82), deep, (0, 0.42))
    canvas.box(sofa, _span(side * 0.98, side * 0.5), deep, (0, 0.2))
    for depth in (deep[0] + 0.04, deep[1] - 0.12):
        _box(canvas, "pillow", _span(side * 0.84, side * 0.7), (depth, depth + 0.08), (0.2, 0.34))
    table = canvas.new("table")
    canvas.box(table, (-0.22, 0.24), (0.42, 0.6), (0.13, 0.16))
    for x, depth in product((-0.21, 0.2), (0.43, 0.58)):
        canvas.box(table, (x, x + 0.03), (depth, depth + 0.02), (0, 0.14))
    if rng.random() < 0.7:
        chair = canvas.new("chair")
        canvas.box(chair, _span(-side * 0.85, -side * 0.55), (0.5, 0.52), (0, 0.4))
        canvas.box(chair, _span(-side * 0.85, -side * 0.55), (0.52, 0.66), (0, 0.2))


def _bedroom(canvas: _Canvas, rng: np.random.Generator, *, door: int) -> None:
    """A bed from the back wall with pillows, night stands with lamps, a dresser under a mirror at
    the wall without the door."""
    middle, half = rng.uniform(-0.2, 0.2), rng.uniform(0.3, 0.38)
    for side in (-1, 1):
        x = middle + side * (half + 0.14)
        _box(canvas, "night stand", (x - 0.1, x + 0.1), (0.02, 0.14), (0, 0.22))
        _box(canvas, "lamp", (x - 0.02, x + 0.02), (0.07, 0.09), (0.22, 0.32))
        _box(canvas, "lamp", (x - 0.07, x + 0.07), (0.05, 0.11), (0.32, 0.42))
    if rng.random() < 0.6:
        _box(canvas, "floor mat", (middle - 0.6, middle + 0.6), (0.4, 0.85), (0, 0))
    bed = canvas.new("bed")
    canvas.box(bed, (middle - half, middle + half), (0.0, 0.02), (0, 0.44))
    canvas.box(bed, (middle - half, middle + half), (0.02, rng.uniform(0.58, 0.68)), (0, 0.2))
    for side in (-1, 1):
        x = middle + side * half / 2
        _box(canvas, "pillow", (x - 0.12, x + 0.12), (0.04, 0.12), (0.2, 0.29))
    side = -door
    _box(canvas, "dresser", _span(side * 0.98, side * 0.76), (0.4, 0.66), (0, 0.3))
    _box(canvas, "mirror", (side * 0.99, side * 0.99), (0.44, 0.62), (0.36, 0.74))


def _box(canvas: _Canvas, name: str, x: Span, depth: Span, height: Span) -> None:
    canvas.box(canvas.new(name), x, depth, height)


def _span(a: float, b: float) -> Span:
    return min(a, b), max(a, b)
