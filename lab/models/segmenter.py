"""The judge's network: a small residual encoder and a feature pyramid (Lin et al. 2017, Feature
Pyramid Networks, arXiv 1612.03144) that reads a photograph back into its label map.

It is trained on photographs alone and never part of a loss, so that its verdict on drawings is that
of somebody who has not seen any.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lab.models.blocks import ResidualBlock, conv_norm_relu, convolution


@dataclass(frozen=True)
class SegmenterConfig:
    """`widths`: channels at 1/2, 1/4 … of the size; `blocks` residual blocks at each but the first.

    `neck` is the width of the pyramid.
    """

    classes: int
    widths: tuple[int, ...] = (24, 48, 80, 112, 144)
    blocks: int = 2
    neck: int = 48

    @property
    def multiple(self) -> int:
        """Both sides of the picture must be multiples of this."""
        return 2 ** len(self.widths)


class Segmenter(nn.Module):
    """Photograph → scores of the classes at every pixel."""

    def __init__(self, config: SegmenterConfig) -> None:
        super().__init__()
        self.config = config
        widths, neck = config.widths, config.neck
        self.stem = conv_norm_relu(3, widths[0], 3, stride=2, norm="group")
        self.stages = nn.ModuleList(
            nn.Sequential(
                conv_norm_relu(fine, coarse, 3, stride=2, norm="group"),
                *(
                    ResidualBlock(coarse, norm="group", padding="zeros")
                    for _ in range(config.blocks)
                ),
            )
            for fine, coarse in pairwise(widths)
        )
        self.laterals = nn.ModuleList(nn.Conv2d(width, neck, 1) for width in widths)
        self.smooth = conv_norm_relu(neck, neck, 3, norm="group")
        self.classify = convolution(neck, config.classes, 1)

    def forward(self, photo: Tensor) -> Tensor:
        """(B, 3, H, W) in [0, 1], sides multiples of `multiple` → (B, classes, H, W) logits."""
        return self.judge(photo)[0]

    def judge(self, photo: Tensor) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Logits as in `forward`, and what they were made from.

        Returns:
            (B, classes, H, W) logits; pooled features (B, D), D = the deepest width + the neck: the
            encoder's last ones and those before the classes, for distances of sets; and the
            encoder's features (B, c, h, w) at every size, finest first, for distances of pictures.
        """
        features = self._pyramid(photo)
        smooth = self.smooth(self._descend(features))
        pooled = torch.cat([features[-1].mean((2, 3)), smooth.mean((2, 3))], 1)
        logits = F.interpolate(self.classify(smooth), scale_factor=2, mode="bilinear")
        return logits, pooled, features

    def _pyramid(self, photo: Tensor) -> list[Tensor]:
        """Encoder features, finest first."""
        features = [self.stem(photo * 2 - 1)]
        for stage in self.stages:
            features.append(stage(features[-1]))
        return features

    def _descend(self, features: list[Tensor]) -> Tensor:
        """From the coarsest to the finest, each added to what lies below it, enlarged."""
        x = self.laterals[-1](features[-1])
        for lateral, own in zip(reversed(self.laterals[:-1]), reversed(features[:-1]), strict=True):
            x = lateral(own) + F.interpolate(x, scale_factor=2, mode="nearest")
        return x
