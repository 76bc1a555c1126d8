"""Where parts of things would be, read off a layout: windows, lines, wheels, leaves of a street,
panels, bars, frames and drawers of a room.

No label map tells of them, and every loss that compares pixel by pixel averages away what a layout
does not tell. But a layout shows how its things are seen, and they are built alike: with these
planes among its inputs, a generator has a place to draw each part at. Ours: pix2pixHD has none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lab.data.labels import LabelSpace
from lab.data.parts import cars, facades, figures, foliage, fronts, roads
from lab.data.parts.inside import Inside
from lab.data.parts.perspective import Street
from lab.data.places import places_through


@dataclass(frozen=True)
class Kinds:
    """What the things of one sort of layout have.

    Attributes:
        things: a module for each; `read` and `waves` do their work. New ones come last: generators
            know their planes by their order.
        seen: how a layout is seen, of labels and instances (H, W) and their space; what `read`
            takes; None where nothing can be told.
        mirrored: planes of what is read that change their sign in a mirror.
        told: what is shown of them, in words: two waves, all hints together.
    """

    things: tuple[ModuleType, ...]
    seen: Callable[[np.ndarray, np.ndarray, LabelSpace], Any]
    mirrored: tuple[int, ...]
    told: tuple[str, str, str]

    @property
    def read_planes(self) -> int:
        """How many planes `read` gives."""
        return sum(thing.READ for thing in self.things)

    @property
    def planes(self) -> int:
        """How many a generator sees."""
        return sum(thing.PLANES for thing in self.things)

    @property
    def first_waves(self) -> list[int]:
        """Of the planes a generator sees, two waves over the largest things."""
        return self.things[0].FIRST_WAVES

    @property
    def hints(self) -> list[int]:
        """Of the planes a generator sees, those that show where parts would be; last of each."""
        ends = accumulate(thing.PLANES for thing in self.things)
        both = zip(self.things, ends, strict=True)
        return [plane for thing, end in both for plane in range(end - thing.HINTS, end)]

    def read(self, labels: np.ndarray, instances: np.ndarray, space: LabelSpace) -> np.ndarray:
        """`parts` of one layout: (H, W) twice → (read_planes, H, W)."""
        seen = self.seen(labels, instances, space)
        if seen is None:
            return np.zeros((self.read_planes, *labels.shape), np.float32)
        return np.concatenate([thing.read(seen) for thing in self.things])

    def waves(self, plane: Tensor) -> Tensor:
        """What the generator sees of `parts`: (B, read_planes, H, W) → (B, planes, H, W)."""
        own = plane.split([thing.READ for thing in self.things], 1)
        return torch.cat([thing.waves(x) for thing, x in zip(self.things, own, strict=True)], 1)


def _street(labels: np.ndarray, instances: np.ndarray, space: LabelSpace) -> Street | None:
    street = Street(labels, instances, space)
    return None if street.point is None else street  # no ground


OF_STREETS = Kinds(
    (facades, roads, cars, figures, foliage),
    _street,
    # The place between the kerbs, and that across a car's end:
    (facades.READ, facades.READ + roads.READ + 1),
    ("storeys of its wall", "bays of its wall", "windows, lines, wheels, lamps, heads, leaves"),
)
OF_ROOMS = Kinds(
    (fronts,),
    Inside,
    (),  # a handle stays on the side where it was painted
    ("columns of its front", "rows of its front", "frames, panels, bars, drawers, panes, handles"),
)


def kinds_of(space: LabelSpace) -> Kinds:
    """Those of layouts with these classes.

    Raises:
        ValueError: they are neither of streets nor of rooms.
    """
    if Street.fits(space):
        return OF_STREETS
    if Inside.fits(space):
        return OF_ROOMS
    raise ValueError(
        "Parts are read off streets, with the class building and one of what lies flat, and off "
        f"rooms, with {', '.join(Inside.NEEDED)}; got {', '.join(space.names)}: set "
        "generator.parts to false."
    )


def parts(labels: Tensor, instances: Tensor, space: LabelSpace) -> Tensor:
    """Places on the things of streets or rooms.

    Args:
        labels, instances: (B, H, W) int64; equal id = same object.
        space: of streets or rooms, see `kinds_of`.
    Returns:
        (B, read_planes, H, W) float32: what the things of its kinds read, in their order.
    Raises:
        ValueError: the space has neither's classes.
    """
    kinds = kinds_of(space)
    both = zip(labels.cpu().numpy(), instances.cpu().numpy(), strict=True)
    told = [torch.from_numpy(kinds.read(*maps, space)) for maps in both]
    return torch.stack(told).to(labels.device)


def parts_through(
    labels: np.ndarray,
    instances: np.ndarray,
    space: LabelSpace,
    window: tuple[slice, slice],
    *,
    mirror: bool = False,
) -> Tensor:
    """The parts of one picture's (H, W) maps that a window of it shows: (read_planes, h, w).

    `mirror`: as the window is seen in a mirror.
    """
    kinds = kinds_of(space)
    seen = torch.from_numpy(kinds.read(labels, instances, space)[(slice(None), *window)])
    if not mirror:
        return seen
    mirrored = seen.flip(-1)
    mirrored[list(kinds.mirrored)] *= -1
    return mirrored


def told_through(
    instances: np.ndarray,
    window: tuple[slice, slice],
    *,
    mirror: bool,
    layout: tuple[np.ndarray, LabelSpace] | None,
) -> Tensor:
    """The places that a window of one picture shows, (4, h, w); of a `layout`, whose labels and
    classes are given, its parts after them, (4 + read_planes, h, w)."""
    planes = [places_through(instances, window, mirror=mirror)]
    if layout is not None:
        labels, space = layout
        planes.append(parts_through(labels, instances, space, window, mirror=mirror))
    return torch.cat(planes)
