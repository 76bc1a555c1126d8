"""Task: pix2pix (Isola et al. 2017), a U-Net against one PatchGAN, with L1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace

import torch
from torch import nn

from lab.baselines.pix2pix import Pix2Pix, UNet
from lab.data.crops import Sample
from lab.data.labels import one_hot
from lab.losses.gan import (
    bce_discriminator_loss,
    bce_generator_loss,
    lsgan_discriminator_loss,
    lsgan_generator_loss,
    score_both,
)
from lab.models.discriminators import MultiscaleDiscriminator
from training.config import Pix2PixConfig
from training.light import jitter
from training.loop import Losses
from training.paired import PairedTask
from training.windows import check_pictures

ADVERSARIES = {  # name → loss of the generator, of the discriminator
    "bce": (bce_generator_loss, bce_discriminator_loss),
    "lsgan": (lsgan_generator_loss, lsgan_discriminator_loss),
}


class Pix2PixTask(PairedTask):
    """Losses and data of a pix2pix run; see `training.loop.Task`.

    Differs from the paper in that both networks see one-hot labels, not their colours, and in the
    order: the generator steps first, as everywhere here.

    Raises:
        ValueError: windows that the U-Net cannot halve as often as it does.
    """

    def __init__(self, config: Pix2PixConfig) -> None:
        super().__init__(config.data, config.stages, seed=config.seed)
        check_pictures(config.stages, config.generator.multiple)
        classes = len(self.space)
        self.config = replace(
            config,
            generator=replace(config.generator, inputs=classes),
            discriminator=replace(config.discriminator, inputs=classes + 3),
        )
        self.of_generator, self.of_discriminator = ADVERSARIES[config.losses.adversary]
        torch.manual_seed(config.seed)
        self.networks = {
            "generator": UNet(self.config.generator),
            "discriminator": MultiscaleDiscriminator(self.config.discriminator),
        }
        self.averaged = {"generator": self.networks["generator"]}

    def phases(self, batch: Sample) -> Iterator[tuple[str, Losses]]:
        """GAN and L1 for the generator (eq. 4), then the GAN for the discriminator."""
        discriminator, weights = self.networks["discriminator"], self.config.losses
        layout = one_hot(batch["labels"], len(self.space))
        layout = layout.contiguous(memory_format=torch.channels_last)
        photo = jitter(batch["photo"], self.data.jitter) * 2 - 1
        drawn = self.networks["generator"](layout)
        real, fake = torch.cat([layout, photo], 1), torch.cat([layout, drawn], 1)

        discriminator.requires_grad_(False)
        losses = {"l1": weights.l1 * (drawn.float() - photo).abs().mean()}
        if weights.gan:
            losses["gan"] = weights.gan * self.of_generator(discriminator(fake))
        yield "generator", losses

        discriminator.requires_grad_(True)
        true, false = score_both(discriminator, real, fake.detach())
        yield "discriminator", {"gan": self.of_discriminator(true, false)}

    def pipeline(self, averaged: Mapping[str, nn.Module]) -> Pix2Pix:
        """The method users get, around averaged networks."""
        return Pix2Pix(averaged["generator"], space=self.space, native_size=self.native_size)

    def parts(self) -> dict[str, dict]:
        """Configs of the exported parts."""
        return {"generator": asdict(self.config.generator)}
