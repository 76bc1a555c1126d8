"""Checkpoints of a few kilobytes, random and saying so: for tests of everything around them."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from lab import checkpoint
from lab.baselines.crn import CascadedRefinement, CRNConfig
from lab.baselines.palette import Palette
from lab.checkpoint import Card
from lab.data.streets import STREETS
from lab.models.fast import FastConfig, FastDecoder, FastEncoder
from lab.models.linear_transfer import LinearTransform, LinearTransformConfig
from lab.models.pix2pixhd import (
    EncoderConfig,
    FeatureEncoder,
    GeneratorConfig,
    build_generator,
)
from lab.models.segmenter import Segmenter, SegmenterConfig
from lab.models.styles import StyleBank, StyleBankConfig
from lab.models.vgg import VGGConfig, VGGDecoder, VGGEncoder, VGGFeatures

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


def save_judge(root: Path, domain: str = "streets", *, seed: int = 0) -> Card:
    """A narrow segmenter; it knows of the classes 0, 3 and 8 alone, and guesses."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        config = SegmenterConfig(CLASSES, width=0.1, neck=16)
        network = Segmenter(config)
        for parameter in network.parameters():
            parameter.data.normal_(0, 0.5)
    network.classify.bias.data[[0, 3, 8]] += 50
    name = f"segmenter-{domain}"
    fields = card(name, "segmenter", domain=domain)
    return _save(root / name, fields, {"segmenter": network}, {"segmenter": config})


def save_palette(root: Path, domain: str = "streets", *, seed: int = 0) -> Card:
    """Random colours."""
    colors = torch.rand(CLASSES + 1, 3, generator=torch.Generator().manual_seed(seed))
    parts = {"colors": Palette(colors, space=STREETS).part()}
    name = f"{domain}-palette"
    return checkpoint.save(root / name, card(name, "palette", domain=domain), parts, {"colors": {}})


def save_crn(root: Path, domain: str = "streets", *, seed: int = 0) -> Card:
    """A cascade of two modules that draws two pictures."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        config = CRNConfig(CLASSES, widths=(4, 4), pictures=2)
        network = CascadedRefinement(config)
    name = f"{domain}-crn"
    fields = card(name, "crn", domain=domain)
    return _save(root / name, fields, {"generator": network}, {"generator": config})


def save_linear_fast(root: Path, name: str = "linear-fast", *, seed: int = 0) -> Card:
    """A linear-fast of width 4 whose matrix is 8 by 8."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = FastConfig((4, 8), encoder_blocks=1, decoder_blocks=1, kernel=3)
        transform = LinearTransformConfig(channels=8, hidden=(8,), width=8)
        parts = {
            "encoder": FastEncoder(network),
            "transform": LinearTransform(transform),
            "decoder": FastDecoder(network),
        }
    configs = {"encoder": network, "transform": transform, "decoder": network}
    fields = card(name, "linear-fast", domain="any", space="")
    return _save(root / name, fields, parts, configs)


def save_vgg_stylizer(root: Path, method: str, *, seed: int = 0) -> Card:
    """A linear, adain, wct or gatys on VGG's shape to relu3_1, an eighth as wide."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = VGGConfig("relu3_1", 8)
        transform = LinearTransformConfig(channels=32, hidden=(8,), width=4)
        kind = VGGEncoder if method == "gatys" else VGGFeatures
        parts: dict[str, Any] = {"encoder": kind(network)}
        configs: dict[str, Any] = {"encoder": network}
        if method == "linear":
            parts |= {"transform": LinearTransform(transform), "decoder": VGGDecoder(network)}
            configs |= {"transform": transform, "decoder": network}
        layers = {"adain": ["relu3_1"], "wct": ["relu3_1", "relu2_1", "relu1_1"]}
        for layer in layers.get(method, ()):
            configs[f"decoder-{layer}"] = VGGConfig(layer, 8)
            parts[f"decoder-{layer}"] = VGGDecoder(VGGConfig(layer, 8))
    return _save(root / method, card(method, method, domain="any", space=""), parts, configs)


def _save(
    folder: Path, fields: Mapping[str, Any], parts: Mapping[str, Any], configs: Mapping[str, Any]
) -> Card:
    return checkpoint.save(folder, fields, parts, {k: asdict(v) for k, v in configs.items()})
