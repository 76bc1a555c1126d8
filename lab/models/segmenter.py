"""The judge's network: MobileNet v2 under a feature pyramid (Lin et al. 2017, Feature Pyramid
Networks, arXiv 1612.03144) that reads a photograph back into its label map.

It is trained on photographs alone and never part of a loss, so that its verdict on drawings is that
of somebody who has not seen any.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lab.models.blocks import GROUPS, conv_norm_relu, convolution
from lab.models.mobilenet import LEVELS, MobileNetEncoder
from lab.models.ranges import require


@dataclass(frozen=True)
class SegmenterConfig:
    """`width` multiplies the encoder's channels; `neck` is the width of the pyramid, 16 or more."""

    classes: int
    width: float = 1.0
    neck: int = 48

    def __post_init__(self) -> None:
        require(self, "width", above=0)
        # With one channel to a group, the norm would have a single value to the smallest pictures.
        require(self, "neck", least=2 * GROUPS)
        require(self, "classes", least=0)

    @property
    def multiple(self) -> int:
        """Both sides of the picture must be multiples of this."""
        return 2**LEVELS


class Segmenter(nn.Module):
    """Photograph → scores of the classes at every pixel."""

    def __init__(self, config: SegmenterConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = MobileNetEncoder(config.width)
        widths, neck = self.encoder.widths, config.neck
        # Bottlenecks are linear and of any size; the pyramid adds them at the same one.
        self.laterals = nn.ModuleList(
            conv_norm_relu(width, neck, 1, norm="group") for width in widths
        )
        self.merges = nn.ModuleList(conv_norm_relu(neck, neck, 3, norm="group") for _ in widths)
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
        features = self.encoder(photo)
        smooth = self._descend(features)
        pooled = torch.cat([features[-1].mean((2, 3)), smooth.mean((2, 3))], 1)
        logits = F.interpolate(self.classify(smooth), scale_factor=2, mode="bilinear")
        return logits, pooled, features

    def _descend(self, features: list[Tensor]) -> Tensor:
        """From the coarsest to the finest, each added to what lies below it, enlarged."""
        x: Tensor | None = None
        levels = zip(self.laterals, self.merges, features, strict=True)
        for lateral, merge, own in reversed(list(levels)):
            side = lateral(own)
            if x is not None:
                side = side + F.interpolate(x, size=side.shape[2:], mode="bilinear")
            x = merge(side)
        return x
