"""The discriminator of Projected GANs (Sauer et al. 2021, §3): heads on frozen features.

A PatchGAN learns from nothing what a photograph is, and of a small data set hardly anything within
a few thousand pictures. These heads begin with features that tell windows from walls already.
Differs from the paper: the features are mixed neither at random nor across layers, the heads see
the layout, and the loss is pix2pixHD's (LSGAN). Used in training alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class ProjectedConfig:
    """`layers` of the frozen network that have a head each, `width` channels wide."""

    layers: tuple[str, ...] = ("relu2_1", "relu3_1", "relu4_1", "relu5_1")
    width: int = 64


class ProjectedDiscriminator(nn.Module):
    """A small patch discriminator per layer of a frozen network; each sees the layout as well."""

    def __init__(self, config: ProjectedConfig, channels: Mapping[str, int], layout: int) -> None:
        """`channels` of every layer's features; `layout`: planes of the layout."""
        super().__init__()
        self.layers = config.layers
        self.heads = nn.ModuleList(
            _head(channels[layer] + layout, config.width) for layer in config.layers
        )

    def forward(
        self, features: Mapping[str, Tensor], scales: Mapping[str, Tensor], layout: Tensor
    ) -> list[list[Tensor]]:
        """Scores per layer, as `lab.losses.gan.Scales` without features.

        Args:
            features: {layer: (B, C, h, w)}. scales: as `scales_of` the real pictures, for real and
                drawn alike: how much there is of a texture tells them apart.
            layout: (B, layout, H, W).
        """
        results = []
        for layer, head in zip(self.layers, self.heads, strict=True):
            seen = features[layer] / scales[layer]
            below = F.adaptive_avg_pool2d(layout, seen.shape[2:])
            results.append([head(torch.cat([seen, below.to(seen.dtype)], 1))])
        return results


def scales_of(features: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Mean activation of every picture, {layer: (B, 1, 1, 1)}: layers differ by powers of ten."""
    return {
        layer: x.detach().abs().mean((1, 2, 3), keepdim=True).clamp_min(1e-6)
        for layer, x in features.items()
    }


def _head(inputs: int, width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, width, 1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(width, width, 3, padding=1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(width, 1, 3, padding=1),
    )
