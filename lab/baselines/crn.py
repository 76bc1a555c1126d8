"""CRN: Chen & Koltun 2017, Photographic Image Synthesis with Cascaded Refinement Networks
(arXiv 1707.09405). The network and the method; it is trained with a perceptual loss alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lab.baselines.feedforward import FeedForward
from lab.interfaces import Paper
from lab.models.ranges import require


@dataclass(frozen=True)
class CRNConfig:
    """Shape of the cascade; `inputs` = classes, `widths` the channels of each module.

    The smallest module works at 1/2**(n - 1) of the picture. The default is the paper's network
    for 256x512: from 4x8 up to 256x512. `pictures` are drawn at once (§3.4), and one is shown.

    Raises:
        ValueError: no module, no picture, or a width of none.
    """

    inputs: int
    widths: tuple[int, ...] = (1024, 1024, 1024, 1024, 1024, 512, 512)
    pictures: int = 1

    def __post_init__(self) -> None:
        if not self.widths or self.pictures < 1:
            raise ValueError(
                f"widths is {self.widths} and pictures {self.pictures}; expected one or more each."
            )
        require(self, "widths", least=1)
        require(self, "inputs", least=0)

    @property
    def multiple(self) -> int:
        """Both sides of the input must be multiples of this."""
        return 2 ** (len(self.widths) - 1)


class CascadedRefinement(nn.Module):
    """Modules from coarse to fine, each at twice the size of the one before (§3.1, eq. 1)."""

    def __init__(self, config: CRNConfig) -> None:
        super().__init__()
        self.config = config
        below = (0, *config.widths)
        self.cascade = nn.ModuleList(
            _refine(config.inputs + before, width)
            for before, width in zip(below, config.widths, strict=False)
        )
        self.to_pictures = nn.Conv2d(config.widths[-1], 3 * config.pictures, 1)

    def forward(self, condition: Tensor) -> Tensor:
        """(B, inputs, H, W) → (B, pictures, 3, H, W), about [-1, 1], unbounded as published.

        H, W multiples of 2**(modules - 1).
        """
        features = None
        for index, module in enumerate(self.cascade):
            layout = _shrink(condition, 2 ** (len(self.cascade) - 1 - index))
            if features is not None:
                features = F.interpolate(features, scale_factor=2, mode="bilinear")
                layout = torch.cat([layout, features], 1)
            features = module(layout)
        pictures = self.to_pictures(features)
        return pictures.unflatten(1, (self.config.pictures, 3))


def _refine(inputs: int, width: int) -> nn.Sequential:
    """Two 3x3 convolutions, each normalised over all channels and places and with leaky ReLU."""
    layers: list[nn.Module] = []
    for channels in (inputs, width):
        layers += [
            nn.Conv2d(channels, width, 3, padding=1),
            nn.GroupNorm(1, width),  # layer normalisation of (C, H, W), a scale per channel
            nn.LeakyReLU(0.2),
        ]
    return nn.Sequential(*layers)


def _shrink(condition: Tensor, factor: int) -> Tensor:
    """By area, so that a class keeps its share of every cell."""
    return F.avg_pool2d(condition, factor) if factor > 1 else condition


class CRN(FeedForward):
    """The method; `seed` chooses among the pictures the network draws at once."""

    paper = Paper(
        "Photographic Image Synthesis with Cascaded Refinement Networks",
        "Q. Chen, V. Koltun",
        2017,
        "https://arxiv.org/abs/1707.09405",
    )
    network_class, config_class = CascadedRefinement, CRNConfig

    @property
    def lot(self) -> str:
        """One of its pictures, where the network draws several."""
        return "one of its pictures by lot" if self.network.config.pictures > 1 else ""

    def draw(self, condition: Tensor, seed: int) -> Tensor:
        """Picture number seed, counted round."""
        pictures = self.network(condition)
        return pictures[:, seed % pictures.shape[1]]
