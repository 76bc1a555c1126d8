"""AdaIN and WCT between a VGG encoder and its decoders: maps that know two moments and no more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch

from lab.card import Card
from lab.checkpoint import build_part
from lab.models.feature_maps import AffineMap, Moments, Views, mix, moments
from lab.models.vgg import VGGConfig, VGGDecoder, VGGFeatures
from lab.pipelines.transfer import Level


@dataclass(frozen=True)
class MomentMapper:
    """A closed form: `formula` makes the map from the moments of content and style.

    Styles mix by their maps, so the decoder sees the weighted mean of what it would see of each
    (Huang & Belongie 2017, eq. 15; Li et al. 2017, eq. 4).
    """

    formula: Callable[[Moments, Moments], AffineMap]
    margin: int = 0
    passes: ClassVar[int] = 1

    def describe_content(self, views: Views) -> Moments:
        """All the method knows of a picture."""
        return moments(views)

    def describe_style(self, views: Views) -> Moments:
        """The same as of a content."""
        return moments(views)

    def map(
        self, content: Moments, styles: Sequence[Moments], shares: Sequence[float]
    ) -> AffineMap:
        """The map for a content towards a mix of styles; `shares` sum to one."""
        return mix([self.formula(content, style) for style in styles], shares)


def read_levels(
    folder: Path, card: Card, mapper: MomentMapper, *, device: torch.device
) -> list[Level]:
    """One level for every decoder of a card ("decoder-relu3_1", …), the deepest first.

    Its one encoder serves them all, each up to the layer its decoder begins with.
    """
    encoder = build_part(
        folder, card, "encoder", network=VGGFeatures, config=VGGConfig, device=device
    )
    decoders = {
        name.removeprefix("decoder-"): build_part(
            folder, card, name, network=VGGDecoder, config=VGGConfig, device=device
        )
        for name in card.parts
        if name.startswith("decoder-")
    }
    return [
        Level(encoder.up_to(layer), decoders[layer], mapper)
        for layer in sorted(decoders, reverse=True)
    ]
