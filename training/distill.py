"""Task: an encoder of our own that answers as VGG-19 does (Hinton et al. 2015, on features).

The student has VGG-19's shape and random weights; it never sees the teacher's weights, only what
they answer to pictures. Its first layer, which turns pictures into what the rest expects, is fixed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import Dataset

from lab.baselines.gatys import Gatys
from lab.losses.perceptual import Features
from lab.models.vgg import VGGEncoder
from training.loop import Losses
from training.perceptual import PerceptualNetwork
from training.pictures import Singles, open_pictures
from training.previews import sheet
from training.stylizers import CropStage, DistillConfig

SURVEYED = 256  # windows that the teacher's channels are measured on
LEAST = 0.01  # of the mean variance: what a channel that hardly ever speaks counts as


class DistillTask:
    """Losses and data of a distillation; see `training.loop.Task`."""

    def __init__(self, config: DistillConfig) -> None:
        _check(config)
        self.config, self.stages = config, config.stages
        torch.manual_seed(config.seed)
        self.encoder = random_encoder(config)
        self.networks: dict[str, nn.Module] = {"encoder": self.encoder}
        self.averaged = {"encoder": self.encoder}
        self.native_size = (512, 512)
        self.teacher = PerceptualNetwork(config.teacher)
        self.layers = self.teacher.layers

    def enter(self, stage: int) -> Dataset:
        """Opens the stage's pictures; measures the teacher, in every stage on those of the first.

        So a resumed run measures the same.
        """
        device = next(self.encoder.parameters()).device
        self.teacher.to(device, memory_format=torch.channels_last)
        self.survey(Singles(self.pictures(self.stages[0]), seed=self.config.seed))
        self.stage = self.stages[stage]
        return Singles(self.pictures(self.stage), seed=self.config.seed)

    def pictures(self, stage: CropStage, *, held_out: bool = False) -> Dataset:
        """The training pictures of a stage, or those kept apart."""
        config = self.config
        where = {"sizes": stage.sizes, "crop": stage.crop, "hold_out": config.hold_out}
        return open_pictures(config.pictures, seed=config.seed, held_out=held_out, **where)

    @torch.no_grad()
    def survey(self, data: Singles) -> None:
        """Mean and variance of the teacher's channels, each (1, C, 1, 1) by layer."""
        places = torch.linspace(0, len(data) - 1, min(SURVEYED, len(data))).long().tolist()
        sums: dict[str, list[Tensor]] = {layer: [] for layer in self.layers}
        for index in places:
            for layer, seen in self.teacher(self._prepared(data[0, index][None])).items():
                sums[layer].append(torch.stack([seen.mean((2, 3)), seen.square().mean((2, 3))]))
        moments = {tap: torch.stack(rows).mean(0)[..., None, None] for tap, rows in sums.items()}
        self.means = {layer: mean for layer, (mean, _) in moments.items()}
        scales = {layer: self.divisor(layer) for layer in self.layers}
        self.variances = {
            layer: (square - mean.square()) / scales[layer] ** 2
            for layer, (mean, square) in moments.items()
        }

    def divisor(self, layer: str) -> Tensor:
        """What the teacher's channels are divided by: (1, C, 1, 1)."""
        mean = self.means[layer]
        return mean.clamp_min(LEAST * mean.mean()) if self.config.normalised else mean * 0 + 1

    @torch.no_grad()
    def wanted(self, pictures: Tensor, layers: Sequence[str]) -> Features:
        """What the student should answer."""
        answers = self.teacher.vgg(pictures, layers)
        return {layer: x / self.divisor(layer) for layer, x in answers.items()}

    def phases(self, batch: Tensor) -> Iterator[tuple[str, Losses]]:
        """At every layer the share of the teacher's variance that is not explained, 1 - R²."""
        pictures, weights = self._prepared(batch), self.config.teacher.layers
        layers = self.stage.layers
        wanted, answered = self.wanted(pictures, layers), self.networks["encoder"](pictures, layers)
        losses = {
            layer: weights[layer] * self.unexplained(layer, answered[layer], wanted[layer])
            for layer in layers
        }
        yield "encoder", losses

    def unexplained(self, layer: str, answered: Tensor, wanted: Tensor) -> Tensor:
        """Mean over channels of squared error / the channel's variance over all pictures."""
        variance = self.variances[layer]
        variance = variance.clamp_min(LEAST * variance.mean())
        return ((answered.float() - wanted).square() / variance).mean()

    @torch.inference_mode()
    def measure(self, averaged: Mapping[str, nn.Module]) -> dict:
        """R² at every layer on the pictures held out, as a card stores it."""
        encoder, data = averaged["encoder"], self.pictures(self.stage, held_out=True)
        errors: dict[str, list[float]] = {layer: [] for layer in self.layers}
        for picture in data:
            prepared = self._prepared(picture[None])
            wanted, answered = self.wanted(prepared, self.layers), encoder(prepared, self.layers)
            for layer in self.layers:
                share = self.unexplained(layer, answered[layer], wanted[layer])
                errors[layer].append(float(share))
        explained = {layer: round(1 - sum(e) / len(e), 5) for layer, e in errors.items()}
        protocol = {
            "pictures": len(data),
            "explained": "1 - mean over channels of squared error / variance of VGG-19's features, "
            "on windows of pictures held out",
        }
        return {"distillation_protocol": protocol, "distillation_explained": explained}

    def pipeline(self, averaged: Mapping[str, nn.Module]) -> Gatys:
        """The method that has nothing but the encoder."""
        return Gatys(averaged["encoder"], native_size=self.native_size)

    @torch.inference_mode()
    def preview(self, averaged: Mapping[str, nn.Module]) -> dict[str, Tensor]:
        """Held-out pictures; of every layer the most varied channel, the teacher's and its own."""
        data, rows = self.pictures(self.stage, held_out=True), []
        for index in range(4):
            picture = self._prepared(data[(5 * index) % len(data)][None])
            wanted = self.wanted(picture, self.layers)
            answered = averaged["encoder"](picture, self.layers)
            row = [picture.cpu()]
            for layer in self.layers:
                channel = int(self.variances[layer].argmax())
                maps = [features[layer][:, channel, None] for features in (wanted, answered)]
                brightest = maps[0].amax().clamp_min(1e-6)
                row += [_as_picture(each / brightest, picture.shape[-1]) for each in maps]
            rows.append(row)
        return {"features": sheet(rows)}

    def parts(self) -> dict[str, dict]:
        """Configs of the exported parts."""
        return {"encoder": asdict(self.config.network)}

    def _prepared(self, pictures: Tensor) -> Tensor:
        device = next(self.encoder.parameters()).device
        return pictures.to(device).contiguous(memory_format=torch.channels_last)


def random_encoder(config: DistillConfig) -> VGGEncoder:
    """The student before its first step: [0, 1] spread to about [-2, 2], He et al. 2015 behind."""
    encoder = VGGEncoder(config.network)
    for layer in encoder.children():
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)
    encoder.conv0.weight.data = 4 * torch.eye(3).view(3, 3, 1, 1)
    encoder.conv0.bias.data.fill_(-2)
    encoder.conv0.requires_grad_(False)
    return encoder


def _as_picture(x: Tensor, side: int) -> Tensor:
    """(1, 1, h, w) → (1, 3, side, side) in [0, 1]."""
    grey = F.interpolate(x.float().clamp(0, 1), (side, side), mode="nearest")
    return grey.expand(-1, 3, -1, -1).cpu()


def _check(config: DistillConfig) -> None:
    if not config.pictures:
        raise ValueError("pictures must name folders of pictures.")
    if config.teacher.exact:
        raise ValueError(
            "teacher.exact stands beside another network, but one alone is distilled; "
            "name it in teacher.weights."
        )
    missing = set(config.teacher.layers) - set(config.network.layers)
    if missing:
        raise ValueError(
            f"teacher.layers has {', '.join(sorted(missing))}, which the network does not reach; "
            f"it ends at {config.network.last}."
        )
    for number, stage in enumerate(config.stages):
        if not stage.layers or set(stage.layers) - set(config.teacher.layers):
            raise ValueError(
                f"Stage {number} compares {list(stage.layers)}; expected some of teacher.layers: "
                f"{', '.join(config.teacher.layers)}."
            )
