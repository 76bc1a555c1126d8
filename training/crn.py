"""Task: CRN (Chen & Koltun 2017), a cascade that a perceptual loss alone teaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace

import torch
from torch import nn
from torch.utils.data import Dataset

from lab.baselines.crn import CRN, CascadedRefinement
from lab.data.crops import Sample
from lab.data.labels import one_hot
from lab.losses.perceptual import best_per_class_loss
from training.config import CRNTaskConfig
from training.light import jitter
from training.loop import Losses
from training.paired import PairedTask
from training.perceptual import PerceptualNetwork
from training.windows import check_pictures, smallest_seen

PICTURE = "picture"  # the layer before the first: the picture itself


class CRNTask(PairedTask):
    """Losses and data of a CRN run; see `training.loop.Task`.

    Raises:
        ValueError: windows that the cascade does not come out at, or VGG cannot see.
    """

    def __init__(self, config: CRNTaskConfig) -> None:
        super().__init__(config.data, config.stages, seed=config.seed)
        least = smallest_seen(config.perceptual)
        check_pictures(config.stages, config.generator.multiple, least=least)
        self.config = replace(config, generator=replace(config.generator, inputs=len(self.space)))
        self.weights = {PICTURE: config.picture, **config.perceptual.layers}
        torch.manual_seed(config.seed)
        self.networks = {"generator": CascadedRefinement(self.config.generator)}
        self.averaged = dict(self.networks)
        self.perceptual = PerceptualNetwork(config.perceptual)

    def enter(self, stage: int) -> Dataset:
        """Moves the perceptual network to the cascade, and opens the data."""
        device = next(self.networks["generator"].parameters()).device
        self.perceptual.to(device, memory_format=torch.channels_last)
        return super().enter(stage)

    def phases(self, batch: Sample) -> Iterator[tuple[str, Losses]]:
        """The perceptual loss of the best picture in every class; unlabelled pixels are one."""
        labels, classes = batch["labels"], len(self.space)
        layout = one_hot(labels, classes).contiguous(memory_format=torch.channels_last)
        photo = jitter(batch["photo"], self.data.jitter)
        photo = photo.contiguous(memory_format=torch.channels_last)
        drawn = self.networks["generator"](layout) * 0.5 + 0.5
        with torch.no_grad():
            wanted = {PICTURE: photo, **self.perceptual(photo)}
        together = drawn.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        seen = {PICTURE: together, **self.perceptual(together)}
        features = {layer: x.unflatten(0, drawn.shape[:2]) for layer, x in seen.items()}
        shares = torch.cat([layout, 1 - layout.sum(1, keepdim=True)], 1)
        loss = best_per_class_loss(features, wanted, shares, weights=self.weights)
        yield "generator", {"perceptual": loss}

    def pipeline(self, averaged: Mapping[str, nn.Module]) -> CRN:
        """The method users get, around averaged networks."""
        return CRN(averaged["generator"], space=self.space, native_size=self.native_size)

    def parts(self) -> dict[str, dict]:
        """Configs of the exported parts."""
        return {"generator": asdict(self.config.generator)}
