"""Where a room's doors have panels, its windows bars, its pictures frames and its chests drawers.

A layout tells of none, but it shows each front, and fronts are cut alike: into as many drawers or
doors as fit its shape.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from lab.data.parts.inside import Inside
from lab.data.parts.perspective import LOUD

READ = 7  # across, up, width, height, how often it is cut across and up, what it is
HINTS = 4
PLANES = 4 + HINTS
FIRST_WAVES = [3, 2]  # cosines over its rows and columns
FLAT = ("door", "window", "picture", "mirror", "television", "bookshelf")
CHESTS = ("cabinet", "dresser", "night stand", "refrigerator")
DOOR, WINDOW, PICTURE, GLASS, SHELVES, DRAWERS, DOORS, FRIDGE = range(1, 9)
_IS = {
    "door": DOOR,
    "window": WINDOW,
    "picture": PICTURE,
    "mirror": GLASS,
    "television": GLASS,
    "bookshelf": SHELVES,
    "dresser": DRAWERS,
    "night stand": DRAWERS,
    "refrigerator": FRIDGE,
}
# Of a door: across and up, in [-1, 1]
PANELS = [
    (left, right, low, high)
    for low, high in ((-0.86, -0.16), (0.02, 0.86))
    for left, right in ((-0.74, -0.1), (0.1, 0.74))
]
KNOB = (0.84, -0.08)
FREEZER = 0.7  # of a refrigerator's height: where its upper door begins
RIMS = {DOOR: 0.05, WINDOW: 0.06, PICTURE: 0.12, GLASS: 0.06}  # shares of half the shorter side
MOUNT = 0.35
_GAP = 0.003  # half of what parts two cells, in heights of the picture, at least
_CELL_GAP = 0.035  # and in shares of a cell


def cells(name: str, shape: float) -> tuple[int, int, bool]:
    """How often the front of a thing is cut across and up, and whether into doors.

    `shape` is its width over its height.
    """
    if name == "bookshelf":
        return 1, int(np.clip(round(2.6 / shape), 2, 7)), False
    if name == "night stand":
        return 1, 2, False
    if name == "dresser":
        return int(np.clip(round(1.4 * shape), 1, 3)), 4, False
    if name == "cabinet" and shape < 0.55:
        return 1, 4, False
    if name == "cabinet":
        return int(np.clip(round(shape / 0.6), 2, 6)), 1, True
    return 1, 1, False


def read(room: Inside) -> np.ndarray:
    """Places on the fronts of a room.

    Returns:
        (7, H, W) float32: across the front, in [-1, 1]; up it, in [0, 1]; its width and its height,
        in heights of the picture; how often it is cut across and up; one of the numbers above for
        what it is. 0 where no front is.
    """
    planes = np.zeros((READ, *room.labels.shape), np.float32)
    for front in room.fronts(FLAT, CHESTS):
        across, up, doors = cells(front.name, front.shape)
        what = _IS.get(front.name, DOORS if doors else DRAWERS)
        told = (front.wide, front.high, across, up, what)
        planes[0, front.ys, front.xs] = front.across
        planes[1, front.ys, front.xs] = front.up
        planes[2:, front.ys, front.xs] = np.array(told, np.float32)[:, None]
    return planes


def waves(plane: Tensor) -> Tensor:
    """What the generator sees of `read`: (B, 7, H, W) → (B, PLANES, H, W).

    Places across and up, cosines over cells, and 4 on frames, on what parts cells, on what frames
    hold, on handles.
    """
    here = plane[:, -1] > 0
    on = _Fronts(*plane.movedim(1, 0)[:, here])
    own = [on.across, on.up, *((2 * math.pi * at).cos() for at in on.cells)]
    hints = [LOUD * hint for hint in (on.frames, on.seams(), on.held(), on.handles())]
    seen = plane.new_zeros(*here.shape, PLANES)
    seen[here] = torch.stack([*own, *hints], -1)
    return seen.movedim(-1, 1)


@dataclass(frozen=True, eq=False)
class _Fronts:
    """What `read` tells of the pixels on fronts, all (N,)."""

    across: Tensor
    up: Tensor
    wide: Tensor
    high: Tensor
    columns: Tensor
    rows: Tensor
    what: Tensor

    def one_of(self, *kinds: int) -> Tensor:
        """Where they are on such things."""
        return torch.isin(self.what, torch.tensor(kinds, device=self.what.device))

    @cached_property
    def cells(self) -> tuple[Tensor, Tensor]:
        """Across and up, in cells from the left lower corner."""
        return (self.across + 1) / 2 * self.columns, self.up * self.rows

    def _apart(self, across: Tensor, up: Tensor) -> Tensor:
        """The shorter of two distances in half sides; 1 is half of the shorter side."""
        return torch.minimum(across * self.wide, up * self.high) / self.shorter

    @property
    def shorter(self) -> Tensor:
        """The shorter side, in heights of the picture."""
        return torch.minimum(self.wide, self.high)

    @cached_property
    def from_edge(self) -> Tensor:
        """1 in the middle of the shorter side."""
        return self._apart(1 - self.across.abs(), 2 * torch.minimum(self.up, 1 - self.up))

    @cached_property
    def frames(self) -> Tensor:
        """Around doors, windows and pictures."""
        rim = torch.zeros_like(self.up)
        for kind, share in RIMS.items():
            rim[self.what == kind] = share
        return self.from_edge < rim

    def held(self) -> Tensor:
        """What frames hold: panes, pictures, glass."""
        inside = self.from_edge
        found = (self.what == PICTURE) & (inside > MOUNT)
        found |= (self.what == GLASS) & (inside > RIMS[GLASS])
        return found | (self.what == WINDOW) & ~self.frames & ~self.bars

    def seams(self) -> Tensor:
        """Between drawers, doors and shelves, around a door's panels, and a window's bars."""
        found = self.one_of(SHELVES, DRAWERS, DOORS) & self._gaps()
        found |= (self.what == DOOR) & self._panels()
        found |= (self.what == WINDOW) & self.bars & ~self.frames
        return found | (self.what == FRIDGE) & (
            ((self.up - FREEZER) * self.high).abs() < 1.5 * _GAP
        )

    def _gaps(self) -> Tensor:
        """Between cells, and at the outer edges."""
        found = torch.zeros_like(self.what, dtype=torch.bool)
        sizes = self.wide / self.columns, self.high / self.rows
        for at, size in zip(self.cells, sizes, strict=True):
            found |= (at - at.round()).abs() * size < (_CELL_GAP * size).clamp_min(_GAP)
        return found

    @cached_property
    def bars(self) -> Tensor:
        """The cross that parts a window's four panes."""
        return self._apart(self.across.abs(), (2 * self.up - 1).abs()) < 0.045

    def _panels(self) -> Tensor:
        """The edges of a door's panels."""
        u, v = self.across, 2 * self.up - 1
        found = torch.zeros_like(self.what, dtype=torch.bool)
        for left, right, low, high in PANELS:
            inside = (u > left) & (u < right) & (v > low) & (v < high)
            beside = torch.minimum(u - left, right - u) * self.wide
            above = torch.minimum(v - low, high - v) * self.high
            found |= inside & (torch.minimum(beside, above) < 0.05 * self.wide)
        return found

    def handles(self) -> Tensor:
        """In the middle of drawers; of doors, which hang in pairs, where the pair meets."""
        x, y = ((at % 1 - 0.5) * 2 for at in self.cells)
        found = (self.what == DRAWERS) & (x.abs() < 0.28) & (y.abs() < 0.1)
        x = x + torch.where(self.cells[0].floor() % 2 > 0, 0.72, -0.72)
        found |= (self.what == DOORS) & (x.abs() < 0.07) & (y.abs() < 0.16)
        u, v = self.across - KNOB[0], 2 * self.up - 1 - KNOB[1]
        return found | (self.what == DOOR) & ((u / 0.09).square() + (v / 0.04).square() < 1)
