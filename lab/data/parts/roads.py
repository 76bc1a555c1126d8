"""Where the broken line in the middle of a road would be, between its kerbs."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from lab.data.parts.perspective import FARTHEST, LOUD, Street

LINE, DASH = 0.04, 1.65  # half the width of the line, in heights of the eye; length of a dash
READ, PAINT = 3, 2  # place between the kerbs, distance, share of paint
HINTS = 1
PLANES = 2 + HINTS
_WIDEST = 2.0  # half widths beside the middle, as far as they are told


def read(street: Street) -> np.ndarray:
    """Places on the road of a street.

    Returns:
        (3, H, W) float32: place between the kerbs, -1 on the left one and 1 on the right one, in
        [-2, 2]; distance, in focal lengths times the height of the eye, in [0, 80]; how much of the
        pixel the paint of the line covers, in [0, 1]. 0 where no road is, or at and above the
        horizon.
    """
    planes = np.zeros((READ, *street.labels.shape), np.float32)
    road = street.of("road")
    if not road.any():
        return planes
    middle, half = street.road
    ys, xs = road.nonzero()
    column, row = street.point
    below, beside = ys + 0.5 - row, xs + 0.5 - column
    seen = below >= 1
    ys, xs, below, beside = ys[seen], xs[seen], below[seen], beside[seen] - middle * below[seen]
    far = street.unit / below
    paint = (LINE * below + 0.5 - np.abs(beside)).clip(0, np.minimum(2 * LINE * below, 1))
    planes[0, ys, xs] = (beside / below / half).clip(-_WIDEST, _WIDEST)
    planes[1, ys, xs] = far.clip(0, FARTHEST)
    planes[PAINT, ys, xs] = paint * _dashed(far, far / below)
    return planes


def _dashed(far: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """The share of paint along pixels that reach so far: dashes and gaps of the same length."""

    def painted(distance: np.ndarray) -> np.ndarray:
        phase = distance / (2 * DASH)
        return np.floor(phase) / 2 + np.minimum(phase % 1, 0.5)

    return (painted(far + reach / 2) - painted(far - reach / 2)) * 2 * DASH / reach


def waves(plane: Tensor) -> Tensor:
    """What the generator sees of `read`, (B, 3, H, W): the place between the kerbs, the distance,
    4 where there would be paint."""
    across, far, paint = plane.unbind(1)
    return torch.stack([across, far / FARTHEST, LOUD * paint], 1)
