"""Task: pix2pixHD (Wang et al. 2018), global → enhancer → joint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from lab.data.crops import Sample
from lab.interfaces import Layout
from lab.losses.gan import (
    feature_matching_loss,
    lsgan_discriminator_loss,
    lsgan_generator_loss,
    score_both,
)
from lab.losses.perceptual import colour_loss, perceptual_loss
from lab.losses.spectrum import spectrum_loss
from lab.models.discriminators import MultiscaleDiscriminator
from lab.models.pix2pixhd import (
    EncoderConfig,
    FeatureEncoder,
    GeneratorConfig,
    LocalEnhancer,
    build_generator,
)
from lab.pipelines.synthesis import SynthesisPipeline, build_condition
from training.config import SynthesisConfig
from training.light import jitter
from training.loop import Losses
from training.paired import PairedTask
from training.perceptual import PerceptualNetwork


class DrawingNetwork(nn.Module):
    """E and G as one module, so that one forward pass is one call under data parallelism.

    `encoder` may be None: then there are no looks, and G sees the layout alone.
    """

    def __init__(
        self, generator: GeneratorConfig, encoder: EncoderConfig | None, classes: int
    ) -> None:
        super().__init__()
        self.classes = classes
        self.encoder = None if encoder is None else FeatureEncoder(encoder)
        self.generator = build_generator(generator)
        self.learns, self.shows_coarse = "global", False

    def focus(self, learns: str, *, coarse: bool = False) -> None:
        """Chooses the parts that learn: global, enhancer or joint (with G1's picture: `coarse`).

        Nothing is left to the optimizer's parameter list: one optimizer holds all parameters for
        the whole run, and what is frozen here has no gradients to step (nor to compute). Differs
        from the official code in that E is frozen with G1.
        """
        # G1's own picture is drawn only where a loss looks at it.
        self.learns, self.shows_coarse = learns, coarse and learns == "joint"
        self.requires_grad_(learns != "enhancer")
        if isinstance(self.generator, LocalEnhancer):
            finer = [self.generator.levels, self.generator.to_picture]
            for module in finer:
                module.requires_grad_(learns != "global")
        elif learns != "global":
            raise ValueError(f"A generator without enhancers has no stage {learns!r}, only global.")

    def forward(
        self, labels: Tensor, instances: Tensor, photo: Tensor
    ) -> tuple[Tensor, Tensor | None, Tensor]:
        """Labels, instances, photo in [0, 1] → drawn, G1's picture if asked for, layout.

        Both pictures in [-1, 1]; the layout is one-hot labels and boundaries, as D sees it.
        """
        with torch.set_grad_enabled(self.learns != "enhancer"):
            # E is frozen with G1: G1 could not follow codes whose meaning moves.
            styles = None if self.encoder is None else self.encoder(photo, instances)
        seen = self.generator.config.boundaries
        condition = build_condition(
            labels, instances, styles, classes=self.classes, with_boundaries=seen
        )
        layout = condition[:, : self.classes + seen]
        generator = self.generator
        if self.learns == "global":
            inner = generator.coarse if isinstance(generator, LocalEnhancer) else generator
            return inner(condition), None, layout
        *finer, coarsest = generator.pyramid(condition)
        with torch.set_grad_enabled(self.learns == "joint"):
            # Frozen, G1 is outside the graph: no activations kept, no gradients computed.
            below = generator.coarse.features(coarsest)
        coarse = generator.coarse.to_picture(below) if self.shows_coarse else None
        return generator.draw(finer, below), coarse, layout


class SynthesisTask(PairedTask):
    """Losses and data of a pix2pixHD run; see `training.loop.Task`."""

    def __init__(self, config: SynthesisConfig) -> None:
        super().__init__(config.data, config.stages, seed=config.seed)
        _check(config)
        classes, styles = len(self.space), config.encoder.outputs if config.encoder else 0
        layout = classes + config.generator.boundaries
        self.config = config = replace(
            config,
            generator=replace(config.generator, inputs=layout + styles),
            discriminator=replace(config.discriminator, inputs=layout + 3),
        )
        torch.manual_seed(config.seed)
        self.drawing = DrawingNetwork(config.generator, config.encoder, classes)
        self.networks = {
            "generator": self.drawing,
            "discriminator": MultiscaleDiscriminator(config.discriminator),
        }
        self.averaged = {"generator": self.drawing.generator}
        if self.drawing.encoder is not None:
            self.averaged["encoder"] = self.drawing.encoder
        self.perceptual = PerceptualNetwork(config.perceptual)

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
            batch["labels"], batch["instances"], photo
        )
        layout = layout.detach()
        real, fake = torch.cat([layout, photo * 2 - 1], 1), torch.cat([layout, drawn], 1)

        discriminator.requires_grad_(False)
        with torch.no_grad():
            real_features = discriminator(real)
        losses = self.generator_losses(drawn, photo, discriminator(fake), real_features)
        if coarse is not None:
            losses["coarse"] = self.coarse_loss(coarse, photo, layout, real_features)
        yield "generator", losses

        discriminator.requires_grad_(True)
        true, false = score_both(discriminator, real, fake.detach())
        yield "discriminator", {"gan": lsgan_discriminator_loss(true, false)}

    def generator_losses(
        self, drawn: Tensor, photo: Tensor, fake: list[list[Tensor]], real: list[list[Tensor]]
    ) -> Losses:
        """The paper's objective (eq. 4, 5, VGG loss), weighted; zero weights cost nothing.

        Differs from the official code, which shows VGG pictures in [-1, 1]: here it sees what it
        was trained on.
        """
        weights, losses = self.config.losses, {}
        if weights.gan:
            losses["gan"] = weights.gan * lsgan_generator_loss(fake)
        if weights.features:
            losses["features"] = weights.features * feature_matching_loss(fake, real)
        picture = drawn * 0.5 + 0.5
        if weights.colour:
            losses["colour"] = weights.colour * colour_loss(picture, photo)
        if weights.spectrum:
            losses["spectrum"] = weights.spectrum * spectrum_loss(picture, photo)
        if weights.perceptual:
            with torch.no_grad():
                wanted = self.perceptual(photo)
            features = self.perceptual(picture)
            layers = self.config.perceptual.layers
            losses["perceptual"] = weights.perceptual * perceptual_loss(features, wanted, layers)
        return losses

    def coarse_loss(
        self, coarse: Tensor, photo: Tensor, layout: Tensor, real: list[list[Tensor]]
    ) -> Tensor:
        """The objective on G1's own picture, without the GAN term: D never sees these as fakes.

        Ours: the paper drops G1's last layer here, but users compare the two generators. D's scale
        n sees the real photo just as small as G1 under n enhancers draws it.
        """
        depth = self.config.generator.enhancers
        discriminator = self.networks["discriminator"]
        halve = self.drawing.generator.halve
        for _ in range(depth):
            photo, layout = halve(photo), halve(layout)
        fake = discriminator(torch.cat([layout, coarse], 1), first=depth)
        losses = self.generator_losses(coarse, photo, fake, real[depth:])
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
        ValueError: no term to learn from, or G1's picture smaller than D's smallest scale.
    """
    weights = config.losses
    terms = {name: weight for name, weight in asdict(weights).items() if name != "coarse"}
    if not any(terms.values()):
        raise ValueError(
            "All losses weigh 0, so there is nothing to learn; give one of them a weight: "
            f"{', '.join(f'losses.{name}' for name in terms)}."
        )
    enhancers, scales = config.generator.enhancers, config.discriminator.scales
    if weights.coarse and enhancers >= scales:
        raise ValueError(
            f"losses.coarse needs a discriminator as small as G1, but there are {scales} scales "
            f"for {enhancers} enhancers; raise discriminator.scales or set losses.coarse: 0."
        )
