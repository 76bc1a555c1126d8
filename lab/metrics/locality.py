"""What another look of one object changes: the object itself, and the picture away from it."""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from lab.images import luma

MARGIN = 32  # pixels around an object that may change with it: shadows, reflections, outlines


@dataclass(frozen=True)
class Change:
    """Between two pictures of one layout, all as shares of the range.

    Attributes:
        colour: distance of the object's mean colours; black to white is 1.
        texture: distance of the standard deviations of the object's luma; at most 0.5.
        outside: mean absolute change of the pixels farther than the margin from the object; 0
            where there are none.
    """

    colour: float
    texture: float
    outside: float


def change(before: Tensor, after: Tensor, inside: Tensor, *, margin: int = MARGIN) -> Change:
    """Measures a change of one object.

    Args:
        before, after: (1, 3, H, W) in [0, 1]. inside: (1, H, W) bool, the object's pixels.
        margin: in pixels; the surroundings are all pixels within it along both axes.
    Raises:
        ValueError: shapes that do not fit, or an object without pixels.
    """
    height, width = inside.shape[-2:]
    wanted = (1, 3, height, width)
    for picture in (before, after):
        if picture.shape != wanted:
            raise ValueError(
                f"The object is marked in {width}x{height}; expected two pictures {wanted}, got "
                f"{tuple(picture.shape)}."
            )
    if not inside.any():
        raise ValueError("The object has no pixels; choose one that the picture shows.")
    x, y = (picture.double()[:, :, inside[0]] for picture in (before, after))
    deviations = [luma(part[..., None]).std(correction=0) for part in (x, y)]
    away = surroundings(inside, margin).logical_not()
    moved = (after.double() - before.double()).abs().mean(1)[away]
    return Change(
        colour=float((y.mean(2) - x.mean(2)).square().mean().sqrt()),
        texture=float((deviations[1] - deviations[0]).abs()),
        outside=float(moved.mean()) if moved.numel() else 0.0,
    )


def surroundings(inside: Tensor, margin: int) -> Tensor:
    """The pixels within `margin` of an object along both axes, the object included: (1, H, W)."""
    side, grown = 2 * margin + 1, inside.float()
    # Along one axis after the other: the same square, in a tenth of the time at 32 pixels.
    for window, padding in (((1, side), (0, margin)), ((side, 1), (margin, 0))):
        grown = F.max_pool2d(grown, window, stride=1, padding=padding)
    return grown.bool()
