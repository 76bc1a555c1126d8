"""Task: pix2pixHD (Wang et al. 2018), global → enhancer → joint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import Dataset

from lab.data.crops import Sample
from lab.interfaces import Layout
from lab.losses.gan import (
    Scales,
    feature_matching_loss,
    lsgan_discriminator_loss,
    lsgan_generator_loss,
    score_both,
)
from lab.losses.oasis import drawn_loss, reading_loss
from lab.losses.perceptual import colour_loss, perceptual_loss
from lab.losses.spectrum import spectrum_loss
from lab.losses.texture import texture_loss
from lab.models.discriminators import MultiscaleDiscriminator
from lab.models.oasis import SegmentationDiscriminator, scales_of
from lab.models.pix2pixhd import LocalEnhancer
from lab.pipelines.condition import planes
from lab.pipelines.synthesis import SynthesisPipeline
from training.config import SynthesisConfig
from training.drawing import DrawingNetwork
from training.light import jitter
from training.loop import Losses
from training.paired import PairedTask
from training.perceptual import PerceptualNetwork
from training.windows import HALVINGS, check_drawn


@dataclass(frozen=True, eq=False)
class Seen:
    """A picture and what the networks that compare it see in it.

    Attributes:
        picture: (B, 3, H, W) in [-1, 1].
        scales: the discriminators' features and scores.
        features: of the perceptual networks, as losses compare them; empty if none asks for them.
        own: the first network's, which the reader reads.
    """

    picture: Tensor
    scales: Scales
    features: Mapping[str, Tensor]
    own: Mapping[str, Tensor]


class SynthesisTask(PairedTask):
    """Losses and data of a pix2pixHD run; see `training.loop.Task`."""

    def __init__(self, config: SynthesisConfig) -> None:
        super().__init__(config.data, config.stages, seed=config.seed)
        _check(config)
        classes, styles = len(self.space), config.encoder.outputs if config.encoder else 0
        layout = classes + config.generator.boundaries
        self.sees_places, self.sees_parts = config.generator.places, config.generator.parts
        inputs = layout + styles + planes(config.generator, self.space)
        self.config = config = replace(
            config,
            generator=replace(config.generator, inputs=inputs),
            discriminator=replace(config.discriminator, inputs=layout + 3),
        )
        torch.manual_seed(config.seed)
        self.drawing = DrawingNetwork(config.generator, config.encoder, self.space)
        self.networks = {
            "generator": self.drawing,
            "discriminator": MultiscaleDiscriminator(config.discriminator),
        }
        self.averaged = {"generator": self.drawing.generator}
        if self.drawing.encoder is not None:
            self.averaged["encoder"] = self.drawing.encoder
        official = config.perceptual.form == "absolute"
        self.perceptual = PerceptualNetwork(config.perceptual, official=official)
        if config.losses.reading:
            channels = self.perceptual.channels
            self.networks["reader"] = SegmentationDiscriminator(config.reader, channels, classes)

    def enter(self, stage: int) -> Dataset:
        """Freezes and thaws, moves the perceptual network, opens the data at the stage's size."""
        self.drawing.focus(self.stages[stage].learns, coarse=self.config.losses.coarse > 0)
        device = next(self.drawing.parameters()).device
        self.perceptual.to(device, memory_format=torch.channels_last)
        return super().enter(stage)

    def phases(self, batch: Sample) -> Iterator[tuple[str, Losses]]:
        """The generator steps first, then the discriminator, as in the official code."""
        discriminator = self.networks["discriminator"]
        photo = jitter(batch["photo"], self.data.jitter)
        photo = photo.contiguous(memory_format=torch.channels_last)
        drawn, coarse, layout = self.networks["generator"](
            batch["labels"], batch["instances"], photo, batch.get("places")
        )
        layout, whole = layout.detach(), photo * 2 - 1

        discriminator.requires_grad_(False)
        with torch.no_grad():
            real = self.see(whole, layout)
        fake = self.see(drawn, layout)
        losses = self.generator_losses(fake, real, batch["instances"])
        if coarse is not None:
            losses["coarse"] = self.coarse_loss(
                coarse, photo, layout, real.scales, instances=batch["instances"]
            )
        if self.config.losses.reading:
            losses["reading"] = self.config.losses.reading * self.reading(fake, real, batch)
        yield "generator", losses

        discriminator.requires_grad_(True)
        pictures = (torch.cat([layout, picture], 1) for picture in (whole, drawn.detach()))
        true, false = score_both(discriminator, *pictures)
        yield "discriminator", {"gan": lsgan_discriminator_loss(true, false)}

        if self.config.losses.reading:
            yield "reader", self.reader_losses(fake, real, batch)

    def see(self, picture: Tensor, layout: Tensor, *, first: int = 0) -> Seen:
        """What the discriminators, from scale `first` on, and the perceptual network see.

        VGG sees what it was trained on; with `perceptual.form: absolute`, pictures in [-1, 1] as
        they are, as in the official code.
        """
        scales = self.networks["discriminator"](torch.cat([layout, picture], 1), first=first)
        weights = self.config.losses
        wanted = weights.perceptual or weights.reading or weights.texture
        features = self.perceptual.both(picture * 0.5 + 0.5) if wanted else ({}, {})
        return Seen(picture, scales, *features)

    def generator_losses(self, fake: Seen, real: Seen, instances: Tensor) -> Losses:
        """The paper's objective (eq. 4, 5, VGG loss), weighted; zero weights cost nothing."""
        weights, losses = self.config.losses, {}
        if weights.gan:
            losses["gan"] = weights.gan * lsgan_generator_loss(fake.scales)
        if weights.features:
            losses["features"] = weights.features * feature_matching_loss(fake.scales, real.scales)
        picture, photo = fake.picture * 0.5 + 0.5, real.picture * 0.5 + 0.5
        if weights.colour:
            losses["colour"] = weights.colour * colour_loss(picture, photo)
        if weights.spectrum:
            losses["spectrum"] = weights.spectrum * spectrum_loss(picture, photo)
        if weights.perceptual:
            vgg = self.config.perceptual
            distance = perceptual_loss(fake.features, real.features, vgg.layers, form=vgg.form)
            losses["perceptual"] = weights.perceptual * distance
        if weights.texture:
            losses["texture"] = weights.texture * self.texture(fake, real, instances)
        return losses

    def reading(self, fake: Seen, real: Seen, batch: Sample) -> Tensor:
        """The generator's term: what it drew should be read as what it was to draw."""
        reader = self.networks["reader"].requires_grad_(False)
        return reading_loss(reader(fake.own, scales_of(real.own)), batch["labels"])

    def reader_losses(self, fake: Seen, real: Seen, batch: Sample) -> Losses:
        """The reader's own, in one pass: photographs read as their classes, drawings as drawn."""
        reader = self.networks["reader"].requires_grad_(True)
        both = {layer: torch.cat([x, fake.own[layer].detach()]) for layer, x in real.own.items()}
        scales = {layer: torch.cat([x, x]) for layer, x in scales_of(real.own).items()}
        true, false = reader(both, scales).chunk(2)
        return {"reading": reading_loss(true, batch["labels"]), "drawn": drawn_loss(false)}

    def texture(self, fake: Seen, real: Seen, instances: Tensor) -> Tensor:
        """Texture loss in full, half and quarter size: patterns of three sizes."""
        network = self.perceptual
        seen = {layer: fake.features[layer] for layer in network.textures}
        terms = [texture_loss(seen, real.features, instances)]
        picture, photo = fake.picture * 0.5 + 0.5, real.picture * 0.5 + 0.5
        for _ in range(HALVINGS):
            picture, photo = F.avg_pool2d(picture, 2), F.avg_pool2d(photo, 2)
            with torch.no_grad():
                wanted = network.textured(photo)
            terms.append(texture_loss(network.textured(picture), wanted, instances))
        return torch.stack(terms).mean()

    def coarse_loss(
        self, coarse: Tensor, photo: Tensor, layout: Tensor, real: Scales, *, instances: Tensor
    ) -> Tensor:
        """The objective on G1's own picture, without the GAN term: D never sees these as fakes.

        Ours: the paper drops G1's last layer here, but users compare the two generators. D's scale
        n sees the real photo just as small as G1 under n enhancers draws it.
        """
        depth = self.config.generator.enhancers
        halve = self.drawing.generator.halve
        for _ in range(depth):
            photo, layout = halve(photo), halve(layout)
        with torch.no_grad():
            wanted = self.config.losses.perceptual or self.config.losses.texture
            features = self.perceptual(photo) if wanted else {}
        target = Seen(photo * 2 - 1, real[depth:], features, {})
        losses = self.generator_losses(self.see(coarse, layout, first=depth), target, instances)
        kept = [value for name, value in losses.items() if name != "gan"]
        return self.config.losses.coarse * torch.stack(kept).sum()

    def pipeline(self, averaged: Mapping[str, nn.Module], bank: nn.Module | None = None):
        """The pipeline users get, around averaged networks."""
        generator = averaged["generator"]
        if self.stage.learns == "global" and isinstance(generator, LocalEnhancer):
            generator = generator.coarse
        return SynthesisPipeline(
            generator, averaged.get("encoder"), bank, space=self.space, native_size=self.native_size
        )

    def row(self, pipeline: SynthesisPipeline, sample: Sample) -> list[Tensor]:
        """Layout, the layout drawn with the photo's looks if there are looks, photo."""
        labels, photo = sample["labels"][None], sample["photo"][None]
        layout = Layout(labels, sample["instances"][None], self.space)
        drawn = pipeline.redraw(photo, layout) if pipeline.encoder else pipeline(layout)
        return [self.space.colorize(labels), drawn.cpu(), photo]

    def parts(self) -> dict[str, dict]:
        """Configs of the exported parts."""
        networks = {"generator": self.config.generator, "encoder": self.config.encoder}
        return {name: asdict(config) for name, config in networks.items() if config is not None}


def _check(config: SynthesisConfig) -> None:
    """Finds at the start what would fail, or do nothing, hours later.

    Raises:
        ValueError: no term to learn from, or for G1's picture, no layer to read pixels from, an
            enhancer's stage without an enhancer, G1's picture smaller than D's smallest scale, or
            windows that networks or losses cannot take.
    """
    weights = config.losses
    terms = {name: weight for name, weight in asdict(weights).items() if name != "coarse"}
    if not any(terms.values()):
        raise ValueError(
            "All losses weigh 0, so there is nothing to learn; give one of them a weight: "
            f"{', '.join(f'losses.{name}' for name in terms)}."
        )
    of_pixels = ("features", "perceptual", "colour", "spectrum", "texture")
    if weights.coarse and not any(terms[name] for name in of_pixels):
        raise ValueError(
            "losses.coarse weighs what G1's own picture is compared by, but no such loss weighs "
            f"anything; set losses.coarse: 0 or one of {', '.join(of_pixels)}."
        )
    layers = config.perceptual.layers
    if weights.reading and not any(name.startswith("relu1_") for name in layers):
        raise ValueError(
            f"losses.reading reads every pixel, but perceptual.layers has {', '.join(layers)}; "
            "add relu1_1, with weight 0 if it is not to be compared."
        )
    enhancers, scales = config.generator.enhancers, config.discriminator.scales
    asked = [stage.learns for stage in config.stages if stage.learns != "global"]
    if asked and not enhancers:
        raise ValueError(
            f"A stage learns {asked[0]!r}, but generator.enhancers is 0; give the generator an "
            "enhancer, or stages that learn 'global' alone."
        )
    if weights.coarse and enhancers >= scales:
        raise ValueError(
            f"losses.coarse needs a discriminator as small as G1, but there are {scales} scales "
            f"for {enhancers} enhancers; raise discriminator.scales or set losses.coarse: 0."
        )
    check_drawn(config)
