"""Where parts of a street's things would be, read off its layout: windows, lines, wheels, leaves.

No label map tells of them, and every loss that compares pixel by pixel averages away what a layout
does not tell. But a layout shows how a street is seen, and things in it are built alike: with these
planes among its inputs, a generator has a place to draw each part at. Ours: pix2pixHD has none.
"""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import torch
from torch import Tensor

from lab.data.labels import LabelSpace
from lab.data.parts import cars, facades, figures, foliage, roads
from lab.data.parts.perspective import Street
from lab.data.places import places_through

# New ones come last: generators know them by their order.
_THINGS = (facades, roads, cars, figures, foliage)
# The place between the kerbs, and that across a car's end:
_SIGNED = [facades.READ, facades.READ + roads.READ + 1]
READ = sum(things.READ for things in _THINGS)
PLANES = sum(things.PLANES for things in _THINGS)
_ENDS = list(accumulate(things.PLANES for things in _THINGS))
# Of the planes a generator sees, those that show where parts would be; last of each kind's:
HINTS = [
    plane
    for things, end in zip(_THINGS, _ENDS, strict=True)
    for plane in range(end - things.HINTS, end)
]


def parts(labels: Tensor, instances: Tensor, space: LabelSpace) -> Tensor:
    """Places on walls, roads, cars, people and trees of streets.

    Args:
        labels, instances: (B, H, W) int64; equal id = same object.
        space: has a class of walls, and one of what lies flat, whose highest pixel is near the
            horizon.
    Returns:
        (B, READ, H, W) float32: those of `facades.read`, `roads.read`, `cars.read`,
        `figures.read` and `foliage.read`.
    Raises:
        ValueError: the space has no such classes.
    """
    both = zip(labels.cpu().numpy(), instances.cpu().numpy(), strict=True)
    told = [torch.from_numpy(_read(*maps, space)) for maps in both]
    return torch.stack(told).to(labels.device)


def parts_through(
    labels: np.ndarray,
    instances: np.ndarray,
    space: LabelSpace,
    window: tuple[slice, slice],
    *,
    mirror: bool = False,
) -> Tensor:
    """The parts of one picture's (H, W) maps that a window of it shows: (READ, h, w).

    `mirror`: as the window is seen in a mirror.
    """
    seen = torch.from_numpy(_read(labels, instances, space)[(slice(None), *window)])
    if not mirror:
        return seen
    mirrored = seen.flip(-1)
    mirrored[_SIGNED] *= -1
    return mirrored


def told_through(
    instances: np.ndarray,
    window: tuple[slice, slice],
    *,
    mirror: bool,
    street: tuple[np.ndarray, LabelSpace] | None,
) -> Tensor:
    """The places that a window of one picture shows, (4, h, w); of a `street`, whose labels and
    classes are given, its parts after them, (4 + READ, h, w)."""
    planes = [places_through(instances, window, mirror=mirror)]
    if street is not None:
        labels, space = street
        planes.append(parts_through(labels, instances, space, window, mirror=mirror))
    return torch.cat(planes)


def waves(plane: Tensor) -> Tensor:
    """What the generator sees of `parts`: (B, READ, H, W) → (B, PLANES, H, W)."""
    own = plane.split([things.READ for things in _THINGS], 1)
    return torch.cat([things.waves(x) for things, x in zip(_THINGS, own, strict=True)], 1)


def _read(labels: np.ndarray, instances: np.ndarray, space: LabelSpace) -> np.ndarray:
    """`parts` of one street: (H, W) twice → (READ, H, W)."""
    street = Street(labels, instances, space)
    if street.point is None:  # no ground
        return np.zeros((READ, *labels.shape), np.float32)
    return np.concatenate([things.read(street) for things in _THINGS])
