"""Task: AdaIN's decoder (Huang & Belongie 2017, §5): draws what the moments of a style ask for.

    t = AdaIN(f(c), f(s)),   L = ‖f(g(t)) - t‖² + λ Σ_l (‖Δμ_l‖² + ‖Δσ_l‖²)

The encoder f stays as it is. Differs from the paper in the style term, which is relative to the
style's own moments (`lab.losses.perceptual.moment_distance`), so that layers weigh alike, and in
its start, a decoder that reconstructs already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import Dataset

from lab.baselines.adain import AdaIN
from lab.losses.perceptual import channel_statistics, out_of_range, style_loss
from lab.models.closed_forms import adain_map
from lab.models.vgg import TAPS
from lab.pipelines.moments import MomentMapper
from lab.pipelines.transfer import Level
from training.loop import Losses
from training.pictures import Pairs, open_pairs
from training.previews import pairs_sheet
from training.start import borrow_autoencoder
from training.stylizers import AdaINConfig, PairStage


def adaptive_instance_normalization(content: Tensor, style: Tensor) -> Tensor:
    """σ(s) · (x - μ(c)) / σ(c) + μ(s) (eq. 8), `adain_map` for a batch of pairs.

    (B, C, h, w), (B, C, h', w') → (B, C, h, w).
    """
    (mean, std), (wanted_mean, wanted_std) = (channel_statistics(x) for x in (content, style))
    return wanted_std * (content - mean) / std + wanted_mean


class AdaINTask:
    """Losses and data of AdaIN's decoder; see `training.loop.Task`."""

    def __init__(self, config: AdaINConfig) -> None:
        self.config, self.stages = config, config.stages
        self.encoder, self.decoder = borrow_autoencoder(config.autoencoder)
        self.decoder.train().requires_grad_(True)
        self.layer = self.encoder.config.last
        self.taps = [tap for tap in TAPS if tap in self.encoder.config.layers]
        self.networks: dict[str, nn.Module] = {"decoder": self.decoder}
        self.averaged = {"encoder": self.encoder, f"decoder-{self.layer}": self.decoder}
        self.native_size = (512, 512)

    def enter(self, stage: int) -> Dataset:
        """Opens the data at the stage's size."""
        self.stage = self.stages[stage]
        device = next(self.decoder.parameters()).device
        self.encoder.to(device, memory_format=torch.channels_last)
        return Pairs(*self.datasets(self.stage), seed=self.config.seed)

    def datasets(self, stage: PairStage, *, held_out: bool = False) -> tuple[Dataset, Dataset]:
        """Contents and styles; the last `hold_out` of every folder, by name, are kept apart."""
        return open_pairs(self.config, stage, held_out=held_out)

    def phases(self, batch: Mapping[str, Tensor]) -> Iterator[tuple[str, Losses]]:
        """Content and style losses (eq. 11 to 13)."""
        content, style = (
            batch[key].contiguous(memory_format=torch.channels_last) for key in ("content", "style")
        )
        with torch.no_grad():
            looks = self.encoder.features(style, self.taps)
            target = adaptive_instance_normalization(self.encoder(content), looks[self.layer])
        drawn = self.networks["decoder"](target)
        yield "decoder", self.losses(drawn, target, looks)

    def losses(self, drawn: Tensor, target: Tensor, looks: Mapping[str, Tensor]) -> Losses:
        """How far a drawing's features are from the target, and its moments from the style's."""
        features = self.encoder.features(drawn, self.taps)
        weights = self.config.losses
        kept = F.mse_loss(features[self.layer].float(), target)
        return {
            "content": weights.content * kept,
            "style": self.stage.style_weight * style_loss(features, looks, by="moments"),
            "range": weights.range * out_of_range(drawn),
        }

    def pipeline(self, averaged: Mapping[str, nn.Module]) -> AdaIN:
        """The pipeline users get, around averaged networks."""
        decoder = averaged[f"decoder-{self.layer}"]
        level = Level(averaged["encoder"], decoder, MomentMapper(adain_map))
        return AdaIN([level], native_size=self.native_size)

    def preview(self, averaged: Mapping[str, nn.Module]) -> dict[str, Tensor]:
        """A sheet of held-out pairs: content, style, result; and the plain reconstruction."""
        pairs = self.datasets(self.stage, held_out=True)
        return {"held-out": pairs_sheet(self.pipeline(averaged), *pairs)}

    def parts(self) -> dict[str, dict]:
        """Configs of the exported parts."""
        return {name: asdict(network.config) for name, network in self.averaged.items()}
