"""Checkpoints of a few kilobytes, random and saying so: for tests of everything around them."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from lab import checkpoint
from lab.checkpoint import Card
from lab.models.fast import FastConfig, FastDecoder, FastEncoder
from lab.models.linear_transfer import LinearTransform, LinearTransformConfig
from lab.models.pix2pixhd import (
    EncoderConfig,
    FeatureEncoder,
    GeneratorConfig,
    build_generator,
)
from lab.models.styles import StyleBank, StyleBankConfig

CLASSES = 11  # of the label space "streets"
CLUSTERS = 4


def card(name: str, method: str, **more: Any) -> dict[str, Any]:
    """The fields of a card but its parts."""
    return {
        "name": name,
        "method": method,
        "title": name.title(),
        "domain": "streets",
        "space": "streets",
        "licence": "CC BY-NC 4.0",
        "native_size": [64, 32],
        "training": {"command": f"accelerate launch -m training training/configs/{name}.yaml"},
        "metrics": {},
        "limits": ["random weights"],
        **more,
    }


def save_streets(root: Path, name: str = "streets", *, enhancers: int = 1, seed: int = 0) -> Card:
    """A pix2pixHD of width 4 with encoder and style bank; class 0 has no clusters, the others 4."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        generator = GeneratorConfig(
            CLASSES + 1 + 3, width=4, downsamplings=2, blocks=1, enhancers=enhancers
        )
        encoder = EncoderConfig(outputs=3, width=4, downsamplings=2)
        bank_config = StyleBankConfig(CLASSES, CLUSTERS, 3)
        bank = StyleBank(bank_config)
        bank.centers.copy_(torch.rand(bank.centers.shape) * 2 - 1)
        bank.counts.fill_(CLUSTERS)
        bank.counts[0] = 0
        bank.sizes.copy_(torch.arange(CLUSTERS, 0, -1).expand_as(bank.sizes))
        parts = {
            "generator": build_generator(generator),
            "encoder": FeatureEncoder(encoder),
            "styles": bank,
        }
        # The published initialisation (σ 0.02) would make the random pictures all grey.
        for parameter in parts["generator"].parameters():
            parameter.data.normal_(0, 0.5)
    configs = {"generator": generator, "encoder": encoder, "styles": bank_config}
    return _save(root / name, card(name, "pix2pixhd"), parts, configs)


def save_linear_fast(root: Path, name: str = "linear-fast", *, seed: int = 0) -> Card:
    """A linear-fast of width 4 whose matrix is 8 by 8."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = FastConfig(widths=(4, 4, 8), blocks=1)
        transform = LinearTransformConfig(channels=8, hidden=(8,), width=8)
        parts = {
            "encoder": FastEncoder(network),
            "transform": LinearTransform(transform),
            "decoder": FastDecoder(network),
        }
    configs = {"encoder": network, "transform": transform, "decoder": network}
    fields = card(name, "linear-fast", domain="any", space="")
    return _save(root / name, fields, parts, configs)


def _save(
    folder: Path, fields: Mapping[str, Any], parts: Mapping[str, Any], configs: Mapping[str, Any]
) -> Card:
    return checkpoint.save(folder, fields, parts, {k: asdict(v) for k, v in configs.items()})
