"""Swatches: what a cluster of looks looks like, drawn by the generator, for photos are not shipped.

A class is drawn in the street, portrait or room that shows most of it; where none does, as an
ellipse on a ground of another class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from lab.data.labels import LabelSpace
from lab.data.presets import RULES
from lab.interfaces import Layout

SMALLEST_SIDE = 112  # pixels of the picture that a swatch shows at least
Box = tuple[int, int, int, int]


class StylePipeline(Protocol):
    """What a swatch is drawn with."""

    space: LabelSpace
    native_size: tuple[int, int]

    def __call__(self, layout: Layout, *, styles: Mapping[int, int] | None = None) -> Tensor: ...


@dataclass(frozen=True)
class Stand:
    """Where a class is shown.

    Attributes:
        layout: one picture. instances: those of the class, the largest first.
        box: (left, top, right, bottom) around the largest, in pixels.
    """

    layout: Layout
    instances: tuple[int, ...]
    box: Box

    def styles(self, cluster: int) -> dict[int, int]:
        """Every object of the class under one cluster; all others take their class's largest."""
        return dict.fromkeys(self.instances, cluster)


def stand(label: int, space: LabelSpace, size: tuple[int, int]) -> Stand:
    """The layout of `size` (width, height) on which class `label` is shown."""
    layout = made(label, space, size) or plain(label, space, size)
    own = layout.instances[layout.labels == label]
    ids, areas = own.unique(return_counts=True)
    instances = tuple(ids[areas.argsort(descending=True, stable=True)].tolist())
    box = surroundings(layout, instances[0]) if instances else (0, 0, *layout.size)
    return Stand(layout, instances, box)


def swatch(
    pipeline: StylePipeline, label: int, cluster: int, *, size: tuple[int, int] | None = None
) -> Tensor:
    """One cluster of a class as the generator draws it at its native size.

    Args:
        size: (width, height) the cut around the object is brought to, widened to its proportions;
            None leaves it as drawn.
    Returns:
        (1, 3, h, w) in [0, 1].
    Raises:
        ValueError: a cluster the class does not have.
    """
    where = stand(label, pipeline.space, pipeline.native_size)
    box = where.box if size is None else widened(where.box, size, where.layout.size)
    left, top, right, bottom = box
    picture = pipeline(where.layout, styles=where.styles(cluster))[..., top:bottom, left:right]
    if size is None:
        return picture
    return F.interpolate(picture, size=size[::-1], mode="bilinear", antialias=True)


def made(label: int, space: LabelSpace, size: tuple[int, int]) -> Layout | None:
    """A layout made by rules that shows much of the class; None where there is none."""
    rules = RULES.get(space.name)
    number = rules.most[label] if rules else None
    if rules is None or number is None:
        return None
    ids = rules.make(number, size)
    return Layout(ids.labels[None], ids.instances[None], space)


def plain(label: int, space: LabelSpace, size: tuple[int, int]) -> Layout:
    """The class as an ellipse in the middle; its ground is class 0 (of class 0, class 1)."""
    width, height = size
    y = (torch.arange(height) + 0.5) / height - 0.5
    x = (torch.arange(width) + 0.5) / width - 0.5
    inside = (y[:, None] / 0.38).square() + (x / 0.34).square() <= 1
    ground = int(label == 0 and len(space) > 1)
    labels = torch.where(inside, label, ground)[None]
    return Layout(labels, labels.clone(), space)


def surroundings(layout: Layout, instance: int) -> Box:
    """(left, top, right, bottom) around an object: a margin of a quarter, inside the picture."""
    inside = layout.instances[0] == instance
    if not inside.any():
        return (0, 0, *layout.size)
    box = []
    for axis, size in enumerate(layout.size):
        at = inside.any(axis).nonzero()
        low, high = int(at.min()), int(at.max()) + 1
        side = min(size, max(SMALLEST_SIDE, (high - low) * 3 // 2))
        start = min(max(0, (low + high - side) // 2), size - side)
        box.append((start, start + side))
    (left, right), (top, bottom) = box
    return left, top, right, bottom


def widened(box: Box, size: tuple[int, int], whole: tuple[int, int]) -> Box:
    """`box` in the proportions of `size` (width, height), about its middle and inside the picture.

    It grows, but where the picture of size `whole` ends: there it is cut.
    """
    ratio = size[0] / size[1]
    width = min(whole[0], max(box[2] - box[0], round((box[3] - box[1]) * ratio)))
    height = min(whole[1], round(width / ratio))
    width = min(width, round(height * ratio))
    left, top = (
        min(max(0, (low + high - side) // 2), limit - side)
        for low, high, side, limit in zip(box[:2], box[2:], (width, height), whole, strict=True)
    )
    return left, top, left + width, top + height
