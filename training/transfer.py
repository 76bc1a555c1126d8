"""Task: linear style transfer (Li et al. 2019), in two forms.

`linear`: the transform learns between an encoder and a decoder that are there already, as in the
paper; later stages may let the decoder follow, and the encoder after it. `linear-fast`: a small
encoder and decoder learn with it, end to end, and may imitate what `linear` draws.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import Dataset

from lab.losses.perceptual import (
    content_loss,
    grid_loss,
    out_of_range,
    style_loss,
    total_variation,
)
from lab.losses.plain import plain_loss
from lab.losses.steady import moved, movement, steady_loss
from lab.models.fast import FastDecoder, FastEncoder
from lab.models.feature_maps import View, moments
from lab.models.linear_transfer import LinearTransform
from lab.pipelines.linear import LinearMapper, LinearTransfer
from lab.pipelines.transfer import Level
from training.loop import Losses
from training.perceptual import open_all
from training.pictures import Pairs, open_pairs
from training.previews import pairs_sheet
from training.start import borrow_autoencoder, borrow_linear
from training.stylizers import PairStage, TransferConfig, TransferStage
from training.windows import check_pairs


class StylizingNetwork(nn.Module):
    """Encoder, transform and decoder as one module."""

    def __init__(self, encoder: nn.Module, transform: LinearTransform, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder, self.transform, self.decoder = encoder, transform, decoder

    def forward(
        self, content: Tensor, style: Tensor, *, rebuild: bool = False, own: bool = False
    ) -> Tensor:
        """(B, 3, H, W) twice, in [0, 1] → the stylized contents (B, 3, H, W).

        With `rebuild`, the merely reconstructed contents follow them, and last, with `own`, the
        contents in their own style: up to (3B, 3, H, W).
        """
        features, wanted = self.encoder(torch.cat([content, style])).chunk(2)
        maps = [self.transform(features, wanted)]
        if rebuild:
            maps.append(features)
        if own:
            maps.append(self.transform(features, features))
        return self.decoder(torch.cat(maps)).float()


def build_network(config: TransferConfig) -> StylizingNetwork:
    """The networks of a run before its first step; its stages say which of them learn."""
    transform = LinearTransform(config.transform)
    if not config.autoencoder:
        encoder, decoder = FastEncoder(config.networks), FastDecoder(config.networks)
        return StylizingNetwork(encoder, transform, decoder)
    encoder, decoder = borrow_autoencoder(config.autoencoder)
    channels = decoder.config.channels
    if channels != config.transform.channels:
        raise ValueError(
            f"transform.channels is {config.transform.channels}, but the encoder of "
            f"{config.autoencoder!r} ends at {decoder.config.last} with {channels} channels; "
            "give the same number."
        )
    network = StylizingNetwork(encoder, transform, decoder.train())
    # Borrowed networks come frozen. Several processes agree on the gradients of what could learn
    # when they began, so all of it can; a stage freezes what it leaves alone.
    return network.requires_grad_(True)


class TransferTask:
    """Losses and data of a transfer run; see `training.loop.Task`."""

    def __init__(self, config: TransferConfig) -> None:
        _check(config)
        self.config, self.stages = config, config.stages
        torch.manual_seed(config.seed)
        self.network = build_network(config)
        check_pairs(config.stages, self.network.encoder.config.stride)
        self.perceptuals = open_all([each.perceptual or config.perceptual for each in self.stages])
        if config.principal:
            self.start_from_features()
        self.teacher = StylizingNetwork(*borrow_linear(config.teacher)) if config.teacher else None
        self.networks: dict[str, nn.Module] = {"network": self.network}
        self.averaged = dict(self.network.named_children())
        self.native_size = (512, 512)

    def enter(self, stage: int) -> Dataset:
        """Opens the data at the stage's size; the stage's perceptual network compares."""
        self.stage = self.config.stages[stage]
        self.network.encoder.requires_grad_(self.stage.learns == "all")
        if self.config.autoencoder:  # a VGG's first layer is a change of colour space
            self.network.encoder.conv0.requires_grad_(False)
        self.network.decoder.requires_grad_(self.stage.learns != "transform")
        self.perceptual = self.perceptuals[stage]
        device = next(self.network.parameters()).device
        for network in (self.perceptual, self.teacher):
            if network is not None:
                network.to(device, memory_format=torch.channels_last)
        return Pairs(*self.datasets(self.stage), seed=self.config.seed)

    def datasets(self, stage: PairStage, *, held_out: bool = False) -> tuple[Dataset, Dataset]:
        """Contents and styles; the last `hold_out` of every folder, by name, are kept apart."""
        return open_pairs(self.config, stage, held_out=held_out)

    @torch.no_grad()
    def start_from_features(self) -> None:
        """Fits the transform's random start to the features of a few pictures.

        Ours. `compress` begins with what features differ in most, and `unzip` undoes it: of 256
        channels 32 random directions keep an eighth of the energy. And the two matrix networks
        begin with outputs of size one, or a step would change T by more than T.
        """
        contents, styles = self.datasets(self.stages[0])
        encoder, transform = self.network.encoder, self.network.transform
        count = (self.config.principal + 1) // 2
        seen = [
            [encoder(data[(7 * index) % len(data)][None]) for index in range(count)]
            for data in (contents, styles)
        ]
        known = moments(lambda: [View.whole(x) for pictures in seen for x in pictures])
        directions = torch.linalg.eigh(known.covariance).eigenvectors.flip(1)
        directions = directions[:, : transform.config.width, None, None].float()
        transform.compress.weight.copy_(directions.transpose(0, 1))
        transform.unzip.weight.copy_(directions)
        for branch, pictures in zip((transform.content, transform.style), seen, strict=True):
            answers = [branch.body(transform.prepare(features)[0]) for features in pictures]
            size = torch.stack([answer.square().mean() for answer in answers]).mean().sqrt()
            branch.body[-1].weight.div_(size.clamp_min(1e-8))

    def phases(self, batch: Mapping[str, Tensor]) -> Iterator[tuple[str, Losses]]:
        """Content and style losses of Li et al. 2019 (eq. 6, 7), and ours beside them."""
        content = batch["content"].contiguous(memory_format=torch.channels_last)
        style = batch["style"].contiguous(memory_format=torch.channels_last)
        weights, stage, losses = self.config.losses, self.stage, {}
        seen, styles, count = content, style, len(content)
        if weights.steady:
            by = movement(self.network.encoder.config.stride)
            seen, styles = torch.cat([content, moved(content, *by)]), torch.cat([style, style])
        rebuild, own = bool(stage.reconstruction), bool(stage.identity)
        pictures = self.networks["network"](seen, styles, rebuild=rebuild, own=own)
        drawn, others = pictures[:count], pictures[len(seen) :].split(len(seen))
        if weights.steady:
            losses["steady"] = weights.steady * steady_loss(drawn, pictures[count : 2 * count], *by)
        if rebuild:
            losses["reconstruction"] = stage.reconstruction * F.l1_loss(others[0], seen)
        if own:
            losses["identity"] = stage.identity * F.l1_loss(others[-1], seen)
        if stage.style_weight:
            losses |= self.style_losses(drawn, content, style)
        if stage.teacher:
            losses["teacher"] = stage.teacher * self.distance_to_teacher(drawn, content, style)
        if weights.variation and stage.style_weight:
            losses["variation"] = weights.variation * total_variation(drawn)
        if weights.plain:
            losses["plain"] = weights.plain * plain_loss(drawn, content)
        if weights.grid:
            losses["grid"] = weights.grid * grid_loss(pictures)
        losses["range"] = weights.range * (len(pictures) / len(seen)) * out_of_range(pictures)
        yield "network", losses

    def distance_to_teacher(self, drawn: Tensor, content: Tensor, style: Tensor) -> Tensor:
        """L1 of the pixels to what the teacher draws of the same pair."""
        with torch.no_grad():
            example = self.teacher(content, style).clamp(0, 1)
        return F.l1_loss(drawn, example)

    def style_losses(self, drawn: Tensor, content: Tensor, style: Tensor) -> Losses:
        """Content at one layer, style at every layer and scale."""
        layer = self.config.content_layer
        with torch.no_grad():
            content_features = self.perceptual(content)[layer]
        terms = []
        for scale in self.config.losses.scales:
            features = self.perceptual(_shrink(drawn, scale))
            if scale == 1:
                kept = content_loss(features[layer], content_features)
            with torch.no_grad():
                wanted = self.perceptual(_shrink(style, scale))
            terms.append(style_loss(features, wanted))
        return {
            "content": self.config.losses.content * kept,
            "style": self.stage.style_weight * torch.stack(terms).mean(),
        }

    def pipeline(self, averaged: Mapping[str, nn.Module]) -> LinearTransfer:
        """The pipeline users get, around averaged networks."""
        mapper = LinearMapper(averaged["transform"])
        level = Level(averaged["encoder"], averaged["decoder"], mapper)
        return LinearTransfer([level], native_size=self.native_size)

    def preview(self, averaged: Mapping[str, nn.Module]) -> dict[str, Tensor]:
        """A sheet of held-out pairs: content, style, result; and the plain reconstruction."""
        pairs = self.datasets(self.stage, held_out=True)
        return {"held-out": pairs_sheet(self.pipeline(averaged), *pairs)}

    def parts(self) -> dict[str, dict]:
        """Configs of the exported parts."""
        return {name: asdict(network.config) for name, network in self.averaged.items()}


def _check(config: TransferConfig) -> None:
    if 1 not in config.losses.scales:
        raise ValueError(
            f"losses.scales is {list(config.losses.scales)}; expected 1 among them, the size at "
            "which the content is compared."
        )
    for number, stage in enumerate(config.stages):
        _check_stage(config, number, stage)


def _check_stage(config: TransferConfig, number: int, stage: TransferStage) -> None:
    if not (stage.style_weight or stage.reconstruction or stage.identity or stage.teacher):
        raise ValueError(
            f"Stage {number} has no style_weight, reconstruction, identity or teacher weight, so "
            "there is nothing to learn; give one of them."
        )
    if stage.teacher and not config.teacher:
        raise ValueError(
            f"Stage {number} weighs a teacher, and the run has none; name a checkpoint of linear "
            "transfer as teacher."
        )
    layers = (stage.perceptual or config.perceptual).layers
    if stage.style_weight and config.content_layer not in layers:
        raise ValueError(
            f"content_layer is {config.content_layer}, but the perceptual layers of stage "
            f"{number} are {', '.join(layers)}; name it among them."
        )


def _shrink(picture: Tensor, scale: float) -> Tensor:
    if scale == 1:
        return picture
    return F.interpolate(picture, scale_factor=scale, mode="area")
