"""The network that content and style distances are measured with, and what it may be called."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from lab.card import CARD, find, how_to_make, read_card
from lab.checkpoint import build_part
from lab.metrics.style import STYLE_LAYERS
from lab.models.vgg import VGGConfig, VGGEncoder
from lab.scoring.features import file_digest

# Serves where there is no VGG-19: its encoder was taught VGG's features and nothing else.
STAND_IN = "gatys"


@dataclass(frozen=True)
class StyleNetwork:
    """A network by the name that its numbers are quoted with.

    description: ends in a comma, where there is one. digest: of its weights.
    """

    name: str
    description: str
    digest: str
    encoder: VGGEncoder


def open_style_network(weights: Path | None, root: Path, device: torch.device) -> StyleNetwork:
    """VGG-19 of a file; without one, the encoder of the checkpoint `gatys`, said to be that.

    Raises:
        FileNotFoundError: no such file; neither file nor checkpoint, with how to get either.
        ValueError: weights that are none, or none of VGG-19 itself.
    """
    if weights is not None:
        return vgg_network(weights, device)
    if not (Path(root) / STAND_IN / CARD).is_file():
        raise FileNotFoundError(
            "Distances need VGG-19 to relu3_1: write --vgg FILE (safetensors of conv0, conv1_1 … "
            "conv3_1, such as those of the normalised VGG-19 of WCT and AdaIN), or make the "
            f"checkpoint {STAND_IN!r}, whose encoder stands in, with: {how_to_make(STAND_IN)}"
        )
    folder = find(STAND_IN, root)
    card = read_card(folder)
    encoder = build_part(
        folder, card, "encoder", network=VGGEncoder, config=VGGConfig, device=device
    )
    words = "which stands in for VGG-19 and is not VGG-19: its numbers compare with each other, "
    digest = card.part("encoder")["sha256"]
    name = f"the encoder of the checkpoint {STAND_IN}"
    return StyleNetwork(name, words, digest, encoder)


def vgg_network(weights: Path, device: torch.device) -> StyleNetwork:
    """VGG-19 itself. Raises like `open_style_network`."""
    encoder = VGGEncoder.from_file(Path(weights), last=STYLE_LAYERS[-1])
    if encoder.config.divisor != 1:
        raise ValueError(
            f"{weights} is a compressed stand-in for VGG-19 (1/{encoder.config.divisor} of the "
            "width); the distances are defined with VGG-19 itself: give its weights."
        )
    encoder.to(device=device, memory_format=torch.channels_last)
    return StyleNetwork("VGG-19", "", file_digest(weights), encoder)
