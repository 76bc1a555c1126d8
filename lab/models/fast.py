"""The small encoder and decoder of `linear-fast`: real-time on a processor, trained end to end.

They stand where VGG and its decoder stand in Li et al. 2019; the transform between them is the
paper's own (`lab.models.linear_transfer`). About 1 % of the multiply-adds of the VGG version.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from lab.models.blocks import ResidualBlock, convolution


@dataclass(frozen=True)
class FastConfig:
    """Channels at full, half and quarter size, and residual blocks at quarter size."""

    widths: tuple[int, int, int] = (16, 32, 64)
    blocks: int = 2

    @property
    def stride(self) -> int:
        """Pixels per step of the deepest features."""
        return 2 ** (len(self.widths) - 1)


class FastEncoder(nn.Module):
    """Picture → features at a quarter of the size; no normalisation, which would erase style."""

    def __init__(self, config: FastConfig) -> None:
        super().__init__()
        self.config = config
        full, half, quarter = config.widths
        self.body = nn.Sequential(
            convolution(3, full, 3),
            nn.ReLU(inplace=True),
            convolution(full, half, 3, stride=2),
            nn.ReLU(inplace=True),
            convolution(half, quarter, 3, stride=2),
            nn.ReLU(inplace=True),
            *(ResidualBlock(quarter, norm="none", padding="zeros") for _ in range(config.blocks)),
        )

    def forward(self, picture: Tensor) -> Tensor:
        """(B, 3, H, W) in [0, 1], sides multiples of 4 → (B, C, H/4, W/4)."""
        return self.body(picture * 2 - 1)


class FastDecoder(nn.Module):
    """Features at a quarter of the size → picture; nearest up-sampling, then convolution."""

    def __init__(self, config: FastConfig) -> None:
        super().__init__()
        self.config = config
        full, half, quarter = config.widths
        self.body = nn.Sequential(
            *(ResidualBlock(quarter, norm="none", padding="zeros") for _ in range(config.blocks)),
            convolution(quarter, half, 3),
            nn.Upsample(scale_factor=2, mode="nearest"),
            nn.ReLU(inplace=True),
            convolution(half, full, 3),
            nn.Upsample(scale_factor=2, mode="nearest"),
            nn.ReLU(inplace=True),
            convolution(full, 3, 3),
        )

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, h, w) → (B, 3, 4h, 4w), about [0, 1], unclamped."""
        return self.body(features) * 0.5 + 0.5
