"""Task: decoders that undo a VGG encoder, by reconstruction alone (Li et al. 2017, §3.1).

    L = ‖g(Φ(x)) - x‖ + λ ‖Φ(g(Φ(x))) - Φ(x)‖

WCT needs no other training; AdaIN and linear transfer start from the deepest of them. Differs from
the paper in the norm, L1 for L2, whose features are relative to their size (`perceptual_loss`), and
in Φ of the second term, all layers up to the decoder's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import Dataset

from lab.baselines.wct import WCT
from lab.losses.perceptual import out_of_range, perceptual_loss
from lab.models.closed_forms import wct_map
from lab.models.vgg import TAPS, VGGConfig, VGGDecoder, VGGFeatures
from lab.pipelines.moments import MomentMapper
from lab.pipelines.transfer import Level
from lab.scoring.report import spread
from training.least_squares import fit_convolution
from training.loop import Losses
from training.pictures import Singles, open_pictures
from training.previews import sheet
from training.start import borrow
from training.stylizers import CropStage, DecoderConfig

SHALLOWEST = "relu1_1"  # its decoder is one convolution


class DecoderTask:
    """Losses and data of the decoders; see `training.loop.Task`."""

    def __init__(self, config: DecoderConfig) -> None:
        self.config, self.stages = config, config.stages
        self.encoder = borrow(config.encoder, "encoder", network=VGGFeatures, config=VGGConfig)
        _check(config, self.encoder.config)
        torch.manual_seed(config.seed)
        self.networks: dict[str, nn.Module] = {
            part_of(layer): VGGDecoder(replace(self.encoder.config, last=layer))
            for layer in config.layers
        }
        self.averaged = {"encoder": self.encoder, **self.networks}
        self.native_size = (512, 512)
        if config.fitted and SHALLOWEST in config.layers:
            fit_convolution(self.networks[part_of(SHALLOWEST)].body[0], self.examples())

    def enter(self, stage: int) -> Dataset:
        """Opens the stage's pictures."""
        self.stage = self.stages[stage]
        device = next(self.networks[part_of(self.config.layers[0])].parameters()).device
        self.encoder.to(device, memory_format=torch.channels_last)
        return Singles(self.pictures(self.stage), seed=self.config.seed)

    @torch.no_grad()
    def examples(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Features of relu1_1 with their pictures, from the first stage's, spread over all."""
        data = self.pictures(self.stages[0])
        for index in spread(len(data), self.config.fitted):
            picture = data[index][None]
            yield self.encoder.features(picture, (SHALLOWEST,))[SHALLOWEST], picture

    def pictures(self, stage: CropStage, *, held_out: bool = False) -> Dataset:
        """The training pictures of a stage, or those kept apart."""
        config = self.config
        where = {"sizes": stage.sizes, "crop": stage.crop, "hold_out": config.hold_out}
        return open_pictures(config.pictures, seed=config.seed, held_out=held_out, **where)

    def phases(self, batch: Tensor) -> Iterator[tuple[str, Losses]]:
        """Reconstruction by every decoder that learns in this stage."""
        picture = batch.contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            features = self.encoder.features(picture, self.taps(self.stage.layers))
        for layer in self.stage.layers:
            rebuilt = self.networks[part_of(layer)](features[layer])
            yield part_of(layer), self.losses(layer, rebuilt, picture, features)

    def losses(
        self, layer: str, rebuilt: Tensor, picture: Tensor, features: Mapping[str, Tensor]
    ) -> Losses:
        """How far a picture is from the one it was rebuilt from, in pixels and in features."""
        weights, taps = self.config.losses, self.taps([layer])
        losses = {
            "pixels": weights.pixels * F.l1_loss(rebuilt.float(), picture),
            "range": weights.range * out_of_range(rebuilt),
        }
        if weights.features:
            seen = self.encoder.features(rebuilt, taps)
            distance = perceptual_loss(seen, features, dict.fromkeys(taps, 1.0))
            losses["features"] = weights.features * distance
        return losses

    def taps(self, layers: tuple[str, ...] | list[str]) -> list[str]:
        """The layers that the deepest of `layers` is compared at."""
        return [tap for tap in TAPS if tap <= max(layers)]

    @torch.inference_mode()
    def measure(self, averaged: Mapping[str, nn.Module]) -> dict:
        """PSNR of the reconstructions of pictures held out, as a card stores it."""
        data, encoder = self.pictures(self.stage, held_out=True), averaged["encoder"]
        errors: dict[str, list[Tensor]] = {layer: [] for layer in self.config.layers}
        for picture in data:
            features = encoder.features(picture[None], self.config.layers)
            for layer, values in errors.items():
                rebuilt = averaged[part_of(layer)](features[layer]).clamp(0, 1)
                values.append(-10 * (rebuilt - picture[None]).square().mean().log10())
        psnr = {layer: round(float(torch.stack(v).mean()), 3) for layer, v in errors.items()}
        protocol = {
            "pictures": len(data),
            "psnr": "dB, mean over windows of pictures held out, of the picture that each decoder "
            "makes of the encoder's features",
        }
        return {"reconstruction_protocol": protocol, "reconstruction_psnr": psnr}

    def pipeline(self, averaged: Mapping[str, nn.Module]) -> WCT:
        """The pipeline users get, around averaged networks."""
        mapper = MomentMapper(wct_map)
        levels = [
            Level(averaged["encoder"].up_to(layer), averaged[part_of(layer)], mapper)
            for layer in sorted(self.config.layers, reverse=True)
        ]
        return WCT(levels, native_size=self.native_size)

    @torch.inference_mode()
    def preview(self, averaged: Mapping[str, nn.Module]) -> dict[str, Tensor]:
        """Held-out pictures, what every decoder makes of each, and each in the next one's style."""
        data, pipeline, rows = self.pictures(self.stage, held_out=True), self.pipeline(averaged), []
        shown = [data[(7 * index) % len(data)][None] for index in range(5)]
        for picture, style in zip(shown, [*shown[1:], shown[0]], strict=True):
            levels = [
                level.decoder(level.encoder(picture.to(pipeline.device))).clamp(0, 1).cpu()
                for level in pipeline.levels
            ]
            rows.append([picture, *levels, style, pipeline(picture, style).cpu()])
        return {"held-out": sheet(rows)}

    def parts(self) -> dict[str, dict]:
        """Configs of the exported parts."""
        return {name: asdict(network.config) for name, network in self.averaged.items()}


def part_of(layer: str) -> str:
    """The name of the decoder of a layer."""
    return f"decoder-{layer}"


def _check(config: DecoderConfig, encoder: VGGConfig) -> None:
    if not config.pictures:
        raise ValueError("pictures must name folders of pictures.")
    reached = [tap for tap in TAPS if tap in encoder.layers]
    strange = [layer for layer in config.layers if layer not in reached]
    if strange or not config.layers:
        raise ValueError(
            f"layers is {list(config.layers)}; expected some of those that the encoder "
            f"{config.encoder!r} has: {', '.join(reached)}."
        )
    for number, stage in enumerate(config.stages):
        if not stage.layers or set(stage.layers) - set(config.layers):
            raise ValueError(
                f"Stage {number} teaches {list(stage.layers)}; expected some of the decoders "
                f"there are: {', '.join(config.layers)}."
            )
