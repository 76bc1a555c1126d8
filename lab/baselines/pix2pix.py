"""pix2pix: Isola et al. 2017, Image-to-Image Translation with Conditional Adversarial Networks
(arXiv 1611.07004). The U-Net and the method; its discriminator is `models.discriminators`' at one
scale, its losses are `losses.gan`'s and L1.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from lab.baselines.feedforward import FeedForward
from lab.interfaces import Paper
from lab.models.blocks import initialize, normalization
from lab.models.ranges import require

NOISY = 3  # decoder layers with dropout, the deepest ones


@dataclass(frozen=True)
class UNetConfig:
    """Shape of the U-Net; `inputs` = classes. `halvings` 8 is the paper's network for 256x256.

    Raises:
        ValueError: fewer than two halvings, or a number out of its range.
    """

    inputs: int
    width: int = 64
    halvings: int = 8
    dropout: float = 0.5

    def __post_init__(self) -> None:
        if self.halvings < 2:
            raise ValueError(f"halvings is {self.halvings}; a U-Net needs 2 or more.")
        require(self, "width", least=1)
        require(self, "inputs", least=0)
        require(self, "dropout", least=0, below=1)

    @property
    def multiple(self) -> int:
        """Both sides of the input must be multiples of this."""
        return 2**self.halvings

    @property
    def channels(self) -> list[int]:
        """Channels after each halving: 64, 128, 256, 512, 512 … in the paper."""
        return [min(self.width * 2**level, self.width * 8) for level in range(self.halvings)]


class UNet(nn.Module):
    """C64-C128-…-C512 down, CD512-CD512-CD512-C512-…-C64 up, with skips (appendix 6.1.1).

    Instance instead of batch normalisation: the same at the paper's batch of one, where batch
    statistics are used in testing too. The innermost layer has none, as in the authors' code.
    """

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        widths = config.channels
        downs = [nn.Sequential(_halve(config.inputs, widths[0]))]
        for level, (fine, coarse) in enumerate(pairwise(widths), 1):
            layers: list[nn.Module] = [nn.LeakyReLU(0.2), _halve(fine, coarse)]
            if level < len(widths) - 1:
                layers.append(normalization(coarse, "affine"))
            downs.append(nn.Sequential(*layers))
        ups = []
        for level, (coarse, fine) in enumerate(pairwise(reversed(widths))):
            inputs = coarse * (2 if level else 1)  # a skip beside all but the deepest features
            ups.append(
                nn.Sequential(nn.ReLU(), _double(inputs, fine), normalization(fine, "affine"))
            )
        self.downs, self.ups = nn.ModuleList(downs), nn.ModuleList(ups)
        self.to_picture = nn.Sequential(nn.ReLU(), _double(2 * widths[0], 3), nn.Tanh())
        initialize(self)

    def forward(self, condition: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """(B, inputs, H, W) → (B, 3, H, W) in [-1, 1]; H, W multiples of 2**halvings.

        The noise is dropout, in testing too (§3.2); `generator`, on the CPU, draws it (None:
        torch's own).
        """
        x, passed = condition, []
        for down in self.downs:
            x = down(x)
            passed.append(x)
        x = passed.pop()
        for level, up in enumerate(self.ups):
            x = up(x)
            if level < NOISY and self.config.dropout:
                x = x * self._noise(x, generator)
            x = torch.cat([x, passed.pop()], 1)
        return self.to_picture(x)

    def _noise(self, x: Tensor, generator: torch.Generator | None) -> Tensor:
        """What dropout multiplies with: 0, or 1 / (1 - p), so that the mean stays."""
        keep = 1 - self.config.dropout
        # Drawn on the CPU for a generator, so that a seed means the same on every device.
        place = "cpu" if generator is not None else x.device
        drawn = torch.rand(x.shape, generator=generator, device=place).to(x.device)
        return (drawn < keep).to(x.dtype) / keep


def _halve(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 4, stride=2, padding=1)


def _double(inputs: int, outputs: int) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1)


class Pix2Pix(FeedForward):
    """The method; differs from the paper's in that it sees one-hot labels, not their colours."""

    paper = Paper(
        "Image-to-Image Translation with Conditional Adversarial Networks",
        "P. Isola, J.-Y. Zhu, T. Zhou, A. A. Efros",
        2017,
        "https://arxiv.org/abs/1611.07004",
    )
    network_class, config_class = UNet, UNetConfig
    lot = "dropout drawn by lot"

    def draw(self, condition: Tensor, seed: int) -> Tensor:
        """The seed draws the dropout."""
        return self.network(condition, torch.Generator().manual_seed(seed % 2**63))
