"""Frames that move by a known step, and the flow between them."""

import torch
import torch.nn.functional as F
from torch import Tensor


def texture(height: int = 96, width: int = 128) -> Tensor:
    """Smooth noise, (1, 3, H, W) in [0, 1]: something in it everywhere, coarse and fine, that can
    be found again."""
    layers = [
        F.interpolate(
            torch.rand(1, 3, height // k + 2, width // k + 2), (height, width), mode="bicubic"
        )
        for k in (4, 16)
    ]
    return (sum(layers) / 2).clamp(0, 1)


def pan(step: tuple[int, int], count: int) -> list[Tensor]:
    """Windows of 64x80 on a texture, each `step` pixels further right and down."""
    world, (right, down) = texture(), step
    return [world[..., down * k : down * k + 64, right * k : right * k + 80] for k in range(count)]


def still(shift: tuple[float, float]) -> Tensor:
    """The flow (2, 64, 80) that points everywhere as far."""
    return torch.tensor(shift)[:, None, None].expand(2, 64, 80).contiguous()
