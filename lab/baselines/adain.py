"""AdaIN: Huang & Belongie 2017. Every channel of the features takes the style's mean and deviation.

Differs from the paper, which uses relu4_1, in the layer: see the checkpoint's card.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import torch

from lab.card import Card
from lab.interfaces import Paper
from lab.models.closed_forms import adain_map
from lab.pipelines.moments import MomentMapper, read_levels
from lab.pipelines.transfer import FeatureTransfer


class AdaIN(FeatureTransfer):
    """Encoder, adaptive instance normalisation, decoder trained for it."""

    paper: ClassVar[Paper] = Paper(
        "Arbitrary Style Transfer in Real-time with Adaptive Instance Normalization",
        "X. Huang, S. Belongie",
        2017,
        "https://arxiv.org/abs/1703.06868",
    )

    @classmethod
    def from_checkpoint(cls, folder: Path, card: Card, device: torch.device) -> AdaIN:
        """Builds the networks of a card; strict, every weight comes from the files."""
        levels = read_levels(folder, card, MomentMapper(adain_map), device=device)
        return cls(levels, native_size=tuple(card.native_size), digest=card.digest)
