"""Task: linear style transfer (Li et al. 2019) with a small encoder and decoder, end to end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import ConcatDataset, Dataset, Subset

from lab.data.photos import Photos
from lab.losses.perceptual import content_loss, out_of_range, style_loss, total_variation
from lab.models.fast import FastDecoder, FastEncoder
from lab.models.linear_transfer import LinearTransform
from lab.pipelines.transfer import TransferPipeline
from training.config import TransferConfig, TransferStage
from training.loop import Losses
from training.perceptual import PerceptualNetwork


class StylizingNetwork(nn.Module):
    """Encoder, transform and decoder as one module."""

    def __init__(self, config: TransferConfig) -> None:
        super().__init__()
        self.encoder = FastEncoder(config.networks)
        self.transform = LinearTransform(config.transform)
        self.decoder = FastDecoder(config.networks)

    def forward(self, content: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 3, H, W) twice, in [0, 1] → the stylized and the merely reconstructed content."""
        features, wanted = self.encoder(torch.cat([content, style])).chunk(2)
        transformed = self.transform(features, wanted)
        return self.decoder(torch.cat([transformed, features])).float().chunk(2)


class Pairs(Dataset):
    """Item (epoch, index): content `index` with a style drawn by (seed, epoch, index)."""

    def __init__(self, content: Dataset, styles: Dataset, *, seed: int) -> None:
        self.content, self.styles, self.seed = content, styles, seed

    def __len__(self) -> int:
        return len(self.content)

    def __getitem__(self, place: tuple[int, int]) -> dict[str, Tensor]:
        epoch, index = place
        for photos in folders(self.content) + folders(self.styles):
            photos.set_epoch(epoch)
        rng = np.random.default_rng((self.seed, epoch, index))
        style = int(rng.integers(len(self.styles)))
        return {"content": self.content[index], "style": self.styles[style]}


def folders(dataset: Dataset) -> list[Photos]:
    """The `Photos` inside subsets and concatenations."""
    if isinstance(dataset, Subset):
        return folders(dataset.dataset)
    if isinstance(dataset, ConcatDataset):
        return [found for part in dataset.datasets for found in folders(part)]
    return [dataset]


class TransferTask:
    """Losses and data of a transfer run; see `training.loop.Task`."""

    def __init__(self, config: TransferConfig) -> None:
        _check(config)
        self.config, self.stages = config, config.stages
        torch.manual_seed(config.seed)
        self.network = StylizingNetwork(config)
        self.networks: dict[str, nn.Module] = {"network": self.network}
        self.averaged = dict(self.network.named_children())
        self.native_size = (512, 512)

    def enter(self, stage: int) -> Dataset:
        """Opens the data at the stage's size and the stage's perceptual network."""
        self.stage = self.config.stages[stage]
        self.perceptual = PerceptualNetwork(self.stage.perceptual or self.config.perceptual)
        device = next(self.network.parameters()).device
        self.perceptual.to(device, memory_format=torch.channels_last)
        return Pairs(*self.datasets(self.stage), seed=self.config.seed)

    def datasets(self, stage: TransferStage, *, held_out: bool = False) -> tuple[Dataset, Dataset]:
        """Contents and styles; the last `hold_out` of every folder, by name, are kept apart."""

        def open_folder(root: str) -> Dataset:
            photos = Photos(Path(root), size=stage.size, crop=stage.crop, seed=self.config.seed)
            split = len(photos) - self.config.hold_out
            if not 0 < split < len(photos):
                raise ValueError(
                    f"{root} has {len(photos)} pictures and hold_out is {self.config.hold_out}; "
                    f"expected 1 to {len(photos) - 1} of them to be held out."
                )
            return Subset(photos, range(split, len(photos)) if held_out else range(split))

        if not self.config.content or not self.config.styles:
            raise ValueError("content and styles must name folders of pictures.")
        styles = [open_folder(root) for root in self.config.styles]
        return open_folder(self.config.content), ConcatDataset(styles)

    def phases(self, batch: Mapping[str, Tensor]) -> Iterator[tuple[str, Losses]]:
        """Content and style losses of Li et al. 2019 (eq. 6, 7), and ours beside them."""
        content = batch["content"].contiguous(memory_format=torch.channels_last)
        style = batch["style"].contiguous(memory_format=torch.channels_last)
        drawn, rebuilt = self.networks["network"](content, style)
        weights, stage, losses = self.config.losses, self.stage, {}
        if stage.reconstruction:
            losses["reconstruction"] = stage.reconstruction * F.l1_loss(rebuilt, content)
        if stage.style_weight:
            losses |= self.style_losses(drawn, content, style)
        if weights.variation and stage.style_weight:
            losses["variation"] = weights.variation * total_variation(drawn)
        losses["range"] = weights.range * (out_of_range(drawn) + out_of_range(rebuilt))
        yield "network", losses

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

    def pipeline(self, averaged: Mapping[str, nn.Module]) -> TransferPipeline:
        """The pipeline users get, around averaged networks."""
        return TransferPipeline(
            averaged["encoder"],
            averaged["transform"],
            averaged["decoder"],
            native_size=self.native_size,
        )

    def preview(self, averaged: Mapping[str, nn.Module]) -> dict[str, Tensor]:
        """A sheet of held-out pairs: content, style, result; and the plain reconstruction."""
        contents, styles = self.datasets(self.stage, held_out=True)
        pipeline, rows = self.pipeline(averaged), []
        for index in range(6):
            content = contents[(3 * index) % len(contents)][None]
            style = styles[(5 * index) % len(styles)][None]
            results = [pipeline(content, style, strength=s).cpu() for s in (1.0, 0.0)]
            rows.append(torch.cat([content, style, *results], 3))
        columns = [torch.cat(rows[:3], 2), torch.cat(rows[3:], 2)]
        return {"held-out": torch.cat(columns, 3)[0]}

    def parts(self) -> dict[str, dict]:
        """Configs of the exported parts."""
        networks = asdict(self.config.networks)
        transform = asdict(self.config.transform)
        return {"encoder": networks, "transform": transform, "decoder": networks}


def _check(config: TransferConfig) -> None:
    if 1 not in config.losses.scales:
        raise ValueError(
            f"losses.scales is {list(config.losses.scales)}; expected 1 among them, the size at "
            "which the content is compared."
        )
    for number, stage in enumerate(config.stages):
        if not (stage.style_weight or stage.reconstruction):
            raise ValueError(
                f"Stage {number} has neither a style_weight nor a reconstruction weight, so there "
                "is nothing to learn; give one of them."
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
