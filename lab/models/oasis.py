"""The discriminator of OASIS (Schönfeld et al. 2021, You Only Need Adversarial Supervision for
Semantic Image Synthesis, arXiv 2012.04781, §3.1): it reads which class every pixel shows, or that
the pixel was drawn.

A PatchGAN says that a picture looks real somewhere; this one says what it looks like, so a
bicyclist who could be a pedestrian costs the generator something. Differs from the paper: its
encoder is the frozen network of the perceptual loss, so that a few hundred pictures are enough to
read photographs, and it stands beside pix2pixHD's discriminators. Used in training alone; it is not
the judge, which shares neither weights nor form with it and is never part of a loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from lab.models.blocks import convolution
from lab.models.ranges import require


@dataclass(frozen=True)
class ReaderConfig:
    """`width` channels in the pyramid over the layers of the frozen network."""

    width: int = 32

    def __post_init__(self) -> None:
        require(self, "width", least=1)


class SegmentationDiscriminator(nn.Module):
    """A feature pyramid over a frozen network's layers, with a class more than there are."""

    def __init__(self, config: ReaderConfig, channels: Mapping[str, int], classes: int) -> None:
        """`channels` of every layer's features, finest first; `classes` of the label space."""
        super().__init__()
        self.layers, width = tuple(channels), config.width
        self.laterals = nn.ModuleList(convolution(count, width, 1) for count in channels.values())
        self.merges = nn.ModuleList(convolution(width, width, 3) for _ in channels)
        self.classify = convolution(width, classes + 1, 1)

    def forward(self, features: Mapping[str, Tensor], scales: Mapping[str, Tensor]) -> Tensor:
        """Logits (B, classes + 1, H, W) at the size of the finest layer; the last class is «drawn».

        Args:
            features: {layer: (B, C, h, w)}.
            scales: as `scales_of` the real pictures, for real and drawn alike.
        """
        x: Tensor | None = None
        for layer, lateral, merge in reversed(
            list(zip(self.layers, self.laterals, self.merges, strict=True))
        ):
            side = lateral(features[layer] / scales[layer])
            if x is not None:
                side = side + F.interpolate(x, size=side.shape[2:], mode="bilinear")
            x = F.leaky_relu(merge(side), 0.2)
        return self.classify(x)


def scales_of(features: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Mean activation of every picture, {layer: (B, 1, 1, 1)}: layers differ by powers of ten."""
    return {
        layer: x.detach().abs().mean((1, 2, 3), keepdim=True).clamp_min(1e-6)
        for layer, x in features.items()
    }
