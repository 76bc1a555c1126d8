"""Encoder and generator of pix2pixHD as they learn: global, enhancer, joint."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lab.data.labels import LabelSpace
from lab.models.pix2pixhd import (
    EncoderConfig,
    FeatureEncoder,
    GeneratorConfig,
    LocalEnhancer,
    build_generator,
)
from lab.pipelines.condition import build_condition, kinds_seen, plain_classes


class DrawingNetwork(nn.Module):
    """E and G as one module, so that one forward pass is one call under data parallelism.

    `encoder` may be None: then there are no looks, and G sees the layout alone.
    """

    def __init__(
        self, generator: GeneratorConfig, encoder: EncoderConfig | None, space: LabelSpace
    ) -> None:
        super().__init__()
        self.classes, self.plain = len(space), plain_classes(generator, space)
        self.kinds = kinds_seen(generator, space)
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
        self, labels: Tensor, instances: Tensor, photo: Tensor, place: Tensor | None = None
    ) -> tuple[Tensor, Tensor | None, Tensor]:
        """Labels, instances, photo in [0, 1], places → drawn, G1's picture if asked for, layout.

        Both pictures in [-1, 1]; the layout is one-hot labels and boundaries, as D sees it.
        """
        with torch.set_grad_enabled(self.learns != "enhancer"):
            # E is frozen with G1: G1 could not follow codes whose meaning moves.
            styles = None if self.encoder is None else self.encoder(photo, instances)
        seen, classes = self.generator.config.boundaries, self.classes
        condition = build_condition(
            labels,
            instances,
            styles,
            classes=classes,
            with_boundaries=seen,
            place=place,
            kinds=self.kinds,
            plain=self.plain,
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
