"""Where the wheels, lamps and plates of cars would be, from their outlines and perspective.

A car stands along the street, so the line from the vanishing point that touches its outline runs
along the feet of its wheels, and tells of every column of the side that is seen how far away it is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from lab.data.parts.perspective import LOUD, Street

READ = 3  # along the side, across the end, height
HINTS = 4
PLANES = READ + HINTS
# In shares of the length, of the width and of the roof's height, of usual cars:
AXLES, HUB, RIM = (0.175, 0.825), (0.078, 0.215), 0.68  # half a wheel, its rim
LAMP, PLATE = ((0.05, 0.235), (0.36, 0.49)), ((0.35, 0.65), (0.28, 0.37))  # from the side, up
_SHORT, _LONG = 1.2, 4.5  # lengths of cars, in focal lengths times the height of the eye
_USUAL = 2.2  # and that of one whose near end is beyond the edge of the picture
_HIDDEN, _ROUND = 0.31, 0.21  # how much farther the ends reach than their outlines tell
_BROADSIDE = 1.9  # times as wide as high: seen from the side, across the street
_NEAR, _TINY = 0.02, 0.01  # below the horizon, in units; the least that a share is told as


class _Car(NamedTuple):
    """Places in heights of the eye, mirrored so that the car stands to the right.

    inner, outer: of its sides; near, far: of its ends, in focal lengths times the eye's height.
    """

    inner: float
    outer: float
    near: float
    far: float


def read(street: Street) -> np.ndarray:
    """Places on the cars of a street.

    Returns:
        (3, H, W) float32: on a side that is seen, how far along it a pixel lies from the near end
        to the far one, in [0.01, 1], 0 on the near end itself; there, how far across it from that
        side, in [0.01, 1], negative left of the road's middle, 0 on the side; height, as a share of
        the roof's, in [0.01, 1]. 0 where no car is, and on cars that do not reach below the
        horizon.
    """
    planes = np.zeros((READ, *street.labels.shape), np.float32)
    for ys, xs in street.objects("car").values():
        below, beside = ys + 1 - street.point[1], xs + 0.5 - street.point[0]
        if below.max() < _NEAR * street.unit:
            continue
        right = 1 if beside.mean() > 0 else -1
        told = _places(below, right * beside, street, cut=ys.max() + 1 == len(street.labels))
        told[1] *= 1 if beside.mean() > street.road[0] * below.mean() else -1
        planes[:, ys, xs] = told
    return planes


def _places(below: np.ndarray, beside: np.ndarray, street: Street, *, cut: bool) -> np.ndarray:
    """`read` of one car (3, n): of pixels so far below the horizon and right of the middle."""
    car = _fit(below, beside, street.unit, cut=cut)
    end = car.near / street.unit
    on_end = (beside * end >= car.inner) | (car.inner <= 0)
    far = np.where(on_end, car.near, street.unit * car.inner / np.maximum(beside, 1e-3))
    along = (far - car.near) / (car.far - car.near)
    across = (beside * end - car.inner) / (car.outer - car.inner)
    height = 1 - (below - 0.5) * far / street.unit
    height = height / max(float(np.quantile(height, 0.98)), 1e-3)
    if car.outer - car.inner > _BROADSIDE * (1 - (below.min() - 0.5) * end):
        on_end, along = np.zeros_like(on_end), across
    told = np.stack([np.where(on_end, 0, along), np.where(on_end, across, 0), height])
    floor = np.stack([~on_end, on_end, np.ones_like(on_end)]) * _TINY
    return told.clip(floor, 1)


def _fit(below: np.ndarray, beside: np.ndarray, unit: float, *, cut: bool) -> _Car:
    """Where the car stands whose outline reaches so far; `cut` by the picture's lower edge."""
    ground = below > _NEAR / 2 * unit
    inner = float(((beside - 0.5)[ground] / below[ground]).min())
    near = max(unit / below.max() - _HIDDEN, 0.05)
    far = near + _USUAL
    if inner <= 0:  # it stands across the middle
        inner = (float(beside.min()) - 0.5) * near / unit
    else:
        far = unit * inner / max(float(beside.min()) - 0.5, 1e-3) + _ROUND
        near = far - _USUAL if cut else near
        far = near + np.clip(far - near, _SHORT, _LONG)
        near = max(near, 0.05)
    outer = (float(beside.max()) + 0.5) * near / unit
    return _Car(inner, max(outer, inner + 1e-3), near, float(far))


def waves(plane: Tensor) -> Tensor:
    """What the generator sees of `read`, (B, 3, H, W): itself, and 4 on tyres with their rims, on
    rims, on lamps, on plates; of lamps -4 left of the road's middle, where traffic comes towards
    the eye."""
    here = plane[:, 2] > 0
    own = plane.movedim(1, 0)[:, here]
    along, side, up = own
    across = side.abs()
    wheels = [
        ((along - axle) / HUB[0]).square() + ((up - HUB[1]) / HUB[1]).square() for axle in AXLES
    ]
    apart = torch.minimum(*wheels).where(along > 0, torch.inf)
    ends = (torch.minimum(across, 1 - across), LAMP), (across, PLATE)
    lamps, plates = (
        (across > 0) & (x > left) & (x < right) & (up > low) & (up < high)
        for x, ((left, right), (low, high)) in ends
    )
    hints = torch.stack([apart < 1, apart < RIM**2, lamps * side.sign(), plates])
    seen = plane.new_zeros(*here.shape, PLANES)
    seen[here] = torch.cat([own, LOUD * hints]).T
    return seen.movedim(-1, 1)
