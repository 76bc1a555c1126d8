"""The small encoder and decoder of `linear-fast`: real-time on a processor, trained end to end.

They stand where VGG and its decoder stand in Li et al. 2019; the transform between them is the
paper's own (`lab.models.linear_transfer`). About 2 % of the multiply-adds of the VGG version: what
is wide is at a quarter of the size, and looks around by depthwise convolutions, which cost a
processor little (as in ConvNeXt, Liu et al. 2022, but without the normalisation that erases style).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from lab.models.blocks import Padding, convolution
from lab.models.ranges import require, require_odd

# What lies beyond the picture repeats its edge: zeros there would draw a frame around every result,
# and reflection needs more than one feature a side and takes longer.
EDGE: Padding = "replicate"


@dataclass(frozen=True)
class FastConfig:
    """Channels at half and quarter size, blocks of encoder and decoder at the latter.

    `kernel` is the side of their depthwise convolutions, `expansion` how much wider they are
    inside; `fine` blocks of the decoder stand at half size.
    """

    widths: tuple[int, int] = (24, 64)
    encoder_blocks: int = 2
    decoder_blocks: int = 3
    fine: int = 2
    kernel: int = 5
    expansion: float = 1.5

    def __post_init__(self) -> None:
        require(self, "widths", least=1)
        require(self, "encoder_blocks", "decoder_blocks", "fine", least=0)
        require(self, "expansion", above=0)
        require_odd(self, "kernel")

    @property
    def stride(self) -> int:
        """Pixels per step of the deepest features."""
        return 4

    def block(self, channels: int) -> Block:
        """One block of this shape."""
        return Block(channels, kernel=self.kernel, expansion=self.expansion)


class Block(nn.Module):
    """x + narrow(relu(widen(depthwise(x)))); begins near the identity."""

    def __init__(self, channels: int, *, kernel: int, expansion: float) -> None:
        super().__init__()
        wide = round(channels * expansion)
        self.around = nn.Conv2d(channels, channels, kernel, groups=channels)
        self.widen, self.narrow = nn.Conv2d(channels, wide, 1), nn.Conv2d(wide, channels, 1)
        self.reach = kernel // 2
        nn.init.kaiming_normal_(self.widen.weight, nonlinearity="relu")
        nn.init.normal_(self.narrow.weight, 0.0, 0.02)
        nn.init.zeros_(self.narrow.bias)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) → (B, C, h, w)."""
        # Padded by hand: a convolution that does it itself costs a processor half as much again.
        around = self.around(F.pad(x, (self.reach,) * 4, mode=EDGE))
        return self.narrow(F.relu(self.widen(around), inplace=True)).add_(x)


class FastEncoder(nn.Module):
    """Picture → features at a quarter of the size; no normalisation, which would erase style."""

    def __init__(self, config: FastConfig) -> None:
        super().__init__()
        self.config = config
        half, quarter = config.widths
        self.body = nn.Sequential(
            # A kernel of 4 sees all pixels alike, one of 3 every other column twice.
            nn.Conv2d(3, half, 4, stride=2, padding=1, padding_mode=EDGE),
            nn.ReLU(inplace=True),
            convolution(half, quarter, 3, stride=2, padding=EDGE),
            *(config.block(quarter) for _ in range(config.encoder_blocks)),
        )

    @property
    def margin(self) -> int:
        """How many pixels away a pixel can matter to a feature."""
        config = self.config
        return 2 + 2 + 4 * (config.kernel // 2) * config.encoder_blocks

    def forward(self, picture: Tensor) -> Tensor:
        """(B, 3, H, W) in [0, 1], sides multiples of 4 → (B, C, H/4, W/4)."""
        return self.body((picture * 2).sub_(1))


class FastDecoder(nn.Module):
    """Features at a quarter of the size → picture.

    Each place draws its own 2x2 finer places (Shi et al. 2016), twice; all four alike before
    training, so that no pattern is there to be unlearned. In training a loss sees to it that none
    comes (`lab.losses.perceptual.grid_loss`), since losses on textures take a grid for one.
    """

    def __init__(self, config: FastConfig) -> None:
        super().__init__()
        self.config = config
        half, quarter = config.widths
        self.body = nn.Sequential(
            *(config.block(quarter) for _ in range(config.decoder_blocks)),
            _four_alike(nn.Conv2d(quarter, 4 * half, 1)),
            nn.PixelShuffle(2),
            *(config.block(half) for _ in range(config.fine)),
            _four_alike(convolution(half, 12, 3, padding=EDGE)),
            nn.PixelShuffle(2),
        )

    @property
    def margin(self) -> int:
        """How many pixels away a feature can matter to a pixel; 3 of them lie in its own cell."""
        config = self.config
        reach = config.kernel // 2
        return 4 * reach * config.decoder_blocks + 2 * reach * config.fine + 2 + 3

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, h, w) → (B, 3, 4h, 4w), about [0, 1], unclamped."""
        return self.body(features).mul_(0.5).add_(0.5)


def _four_alike(before: nn.Conv2d) -> nn.Conv2d:
    """A convolution whose output is shuffled to twice the size, drawing 2x2 equal places."""
    for parameter in (before.weight, before.bias):
        parameter.data.copy_(parameter.data[::4].repeat_interleave(4, 0))
    return before
