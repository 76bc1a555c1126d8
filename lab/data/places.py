"""Where a pixel lies in its object: coordinates that a generator can build windows and wheels on.

A convolution knows where it is by the edges it can see; in the middle of a wall it sees none, and
every place of the wall is alike. Ours: pix2pixHD has no such planes.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

PLACES = 4  # across and down the object, its width in this row and height in this column
PERIODS = (1, 2, 4)  # of the waves over an object
DEPTHS = (4.0, 8.0)  # periods per unit of 1 / height, which grows evenly along a receding wall
PLANES = PLACES + 2 * (2 * len(PERIODS) + len(DEPTHS))


def places(instances: Tensor) -> Tensor:
    """Coordinates of every pixel in its object, row by row and column by column.

    The object reaches from its first to its last pixel in that row or column, so that what stands
    before it does not cut it. Lines of equal height on a wall meet where they do in perspective.

    Args:
        instances: (B, H, W) int64; equal id = same object.
    Returns:
        (B, 4, H, W) float32: across and down, in [-1, 1] and 0 where the object is one pixel; the
        object's width in this row and height in this column, in (0, 1], shares of the picture.
    """
    return torch.stack([_through(picture, slice(None), slice(None)) for picture in instances])


def places_through(
    instances: np.ndarray, window: tuple[slice, slice], *, mirror: bool = False
) -> Tensor:
    """The places of one picture's (H, W) ids that a window of it shows: (4, h, w).

    `mirror`: as the window is seen in a mirror.
    """
    seen = _through(torch.from_numpy(instances.astype(np.int64)), *window)
    if not mirror:
        return seen
    across, *others = seen.flip(-1)
    return torch.stack([-across, *others])


def _through(instances: Tensor, top: slice, left: slice) -> Tensor:
    """(H, W) → (4, h, w) of the rows `top` and columns `left`, looking along no others."""
    height, width = instances.shape
    ids, index = torch.unique(instances, return_inverse=True)
    rows = torch.arange(height, device=index.device)[:, None].expand(height, width)
    columns = torch.arange(width, device=index.device).expand(height, width)
    in_row, in_column = index * height + rows, index * width + columns
    across, wide = _along(columns[top], in_row[top], len(ids) * height)
    down, high = _along(rows[:, left], in_column[:, left], len(ids) * width)
    return torch.stack([across[:, left], down[top], wide[:, left] / width, high[top] / height])


def _along(position: Tensor, line: Tensor, lines: int) -> tuple[Tensor, Tensor]:
    """Where `position` lies between the first and last of its `line`, and their distance + 1."""
    flat, values, none = line.flatten(), position.flatten(), position.new_zeros(lines)
    first = none.scatter_reduce(0, flat, values, "amin", include_self=False)[line]
    last = none.scatter_reduce(0, flat, values, "amax", include_self=False)[line]
    length = (last - first).float()
    return (2 * (position - first) - length) / length.clamp_min(1), length + 1


def waves(place: Tensor) -> Tensor:
    """What the generator sees of `places`: (B, 4, H, W) → (B, PLANES, H, W), themselves first.

    Sines and cosines over the object, across and down, and over 1 / height, fainter where that
    is too fine to be drawn.
    """
    planes = [place]
    for period in PERIODS:
        angle = math.pi * period * place[:, :2]
        planes += [angle.sin(), angle.cos()]
    high = place[:, 3:]
    faint = (4 * high).clamp_max(1)
    for depth in DEPTHS:
        angle = 2 * math.pi * depth / high
        planes += [angle.sin() * faint, angle.cos() * faint]
    return torch.cat(planes, 1)
