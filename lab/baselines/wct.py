"""WCT: Li et al. 2017, Universal Style Transfer via Feature Transforms.

Whitening takes a content's covariance away, colouring gives it the style's, in closed form; level
by level, from deep to shallow, each encoding the picture the one before has drawn.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import torch

from lab.card import Card
from lab.interfaces import Paper
from lab.models.closed_forms import wct_map
from lab.pipelines.moments import MomentMapper, read_levels
from lab.pipelines.transfer import FeatureTransfer


class WCT(FeatureTransfer):
    """One encoder and decoder per level; only decoders are trained, to reconstruct."""

    paper: ClassVar[Paper] = Paper(
        "Universal Style Transfer via Feature Transforms",
        "Y. Li, C. Fang, J. Yang, Z. Wang, X. Lu, M.-H. Yang",
        2017,
        "https://arxiv.org/abs/1705.08086",
    )

    @classmethod
    def from_checkpoint(cls, folder: Path, card: Card, device: torch.device) -> WCT:
        """Builds the networks of a card; strict, every weight comes from the files."""
        levels = read_levels(folder, card, MomentMapper(wct_map), device=device)
        return cls(levels, native_size=tuple(card.native_size), digest=card.digest)
