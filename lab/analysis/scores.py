"""What the discriminators say, laid over the picture they say it of."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from lab.analysis.activations import colored, discriminator_features
from lab.images import luma
from lab.interfaces import Layout
from lab.models.discriminators import DiscriminatorConfig, MultiscaleDiscriminator

STRENGTH = 0.55  # of the colours over the grey picture


@dataclass(frozen=True)
class ScoreMap:
    """What one discriminator says: 1 for photograph, 0 for drawn.

    Attributes:
        scores: (h, w), one per patch. over: (H, W), the same at every pixel of the picture.
        patch: sides of what one score sees, in pixels of the picture.
    """

    scores: Tensor
    over: Tensor
    patch: int


def score_maps(
    discriminator: MultiscaleDiscriminator, layout: Layout, photo: Tensor, *, with_boundaries: bool
) -> list[ScoreMap]:
    """The verdicts on a picture of this layout, finest scale first.

    Args:
        photo: (1, 3, H, W) in [0, 1]. with_boundaries: as the generator's config says.
    """
    seen = discriminator_features(discriminator, layout, photo, with_boundaries=with_boundaries)
    size = photo.shape[-2:]
    found = []
    for scale, features in enumerate(seen):
        scores = features[-1][0].float().cpu()
        jump, start, patch = geometry(discriminator.config, scale)
        found.append(ScoreMap(scores, placed(scores, size, jump=jump, start=start), patch))
    return found


def geometry(config: DiscriminatorConfig, scale: int) -> tuple[int, float, int]:
    """Where the scores of one scale lie: (pixels from one to the next, where the first one's
    middle is, sides of what each sees), all in pixels of the full picture.

    A 4x4 convolution with padding 2 looks half an input pixel to the left of its own place.
    """
    strides = [2] * config.layers + [1, 1]
    jump, start, patch = 1, 0.0, 1
    for stride in strides:
        start -= 0.5 * jump
        patch += 3 * jump
        jump *= stride
    shrink = 2**scale  # one pixel there is the mean of 2 · shrink - 1 here
    return jump * shrink, start * shrink, (patch + 1) * shrink - 1


def placed(scores: Tensor, size: tuple[int, int], *, jump: float, start: float) -> Tensor:
    """Scores (h, w) at every pixel of a picture of `size` (H, W), linear between their places.

    The score (i, j) lies at the pixel (start + i · jump, start + j · jump).
    """
    axes = []
    for pixels, count in zip(size, scores.shape, strict=True):
        index = (torch.arange(pixels, dtype=torch.float64) - start) / jump
        axes.append((index * 2 / max(1, count - 1) - 1).float())
    grid = torch.stack(torch.meshgrid(*axes, indexing="ij")[::-1], -1)
    return F.grid_sample(scores[None, None], grid[None], padding_mode="border", align_corners=True)[
        0, 0
    ]


def overlay(photo: Tensor, values: Tensor, table: Tensor) -> Tensor:
    """Values as colours over the picture in grey.

    Args:
        photo: (3, H, W) in [0, 1]. values: (H, W), clamped to [0, 1].
        table: (N, 3) in [0, 1], the colours from 0 to 1.
    Returns:
        (3, H, W) in [0, 1].
    """
    return (1 - STRENGTH) * luma(photo) + STRENGTH * colored(values.clamp(0, 1), table).to(photo)
