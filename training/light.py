"""Photographs in another light, for small data sets."""

from __future__ import annotations

import torch
from torch import Tensor


def jitter(photo: Tensor, strength: float) -> Tensor:
    """Another light: (B, 3, H, W) in [0, 1] → the same range.

    Every picture is multiplied by a brightness and a tint per channel and raised to a power, each
    e^u with u uniform in ± strength (a third of it for the tint). 0 changes nothing.
    """
    if not strength:
        return photo

    def factor(channels: int, share: float) -> Tensor:
        drawn = torch.rand(len(photo), channels, 1, 1, device=photo.device) * 2 - 1
        return (drawn * strength * share).exp()

    lit = photo * factor(1, 1.0) * factor(3, 1 / 3)
    return lit.clamp(0, 1) ** factor(1, 1.0)
