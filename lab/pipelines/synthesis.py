"""pix2pixHD as it is used: a layout, and a look for every object, become a photograph."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from lab.card import Card
from lab.catalog import DATASETS
from lab.checkpoint import build_part
from lab.data.labels import LabelSpace
from lab.data.parts import parts
from lab.data.places import places
from lab.images import cell_for, pad_ids, pad_to_multiple
from lab.interfaces import Layout, Paper
from lab.models.discriminators import DiscriminatorConfig, MultiscaleDiscriminator
from lab.models.pix2pixhd import (
    EncoderConfig,
    FeatureEncoder,
    GeneratorConfig,
    GlobalGenerator,
    LocalEnhancer,
    build_generator,
)
from lab.models.styles import StyleBank, StyleBankConfig
from lab.pipelines.condition import build_condition, kinds_seen, plain_classes, planes


class SynthesisPipeline:
    """A generator, its encoder and its style bank, for one label space."""

    paper: ClassVar[Paper] = Paper(
        "High-Resolution Image Synthesis and Semantic Manipulation with Conditional GANs",
        "T.-C. Wang, M.-Y. Liu, J.-Y. Zhu, A. Tao, J. Kautz, B. Catanzaro",
        2018,
        "https://arxiv.org/abs/1711.11585",
    )

    def __init__(
        self,
        generator: GlobalGenerator | LocalEnhancer,
        encoder: FeatureEncoder | None,
        bank: StyleBank | None,
        *,
        space: LabelSpace,
        native_size: tuple[int, int],
        digest: str = "",
        discriminator: MultiscaleDiscriminator | None = None,
    ) -> None:
        self.generator, self.encoder, self.bank = generator, encoder, bank
        self.discriminator = discriminator  # only to be looked at; few checkpoints ship it
        self.space, self.native_size, self.digest = space, native_size, digest
        downsamplings = encoder.config.downsamplings if encoder else 0
        self.multiple = max(generator.config.multiple, 2**downsamplings)

    @classmethod
    def from_checkpoint(cls, folder: Path, card: Card, device: torch.device) -> SynthesisPipeline:
        """Builds the networks of a card; strict, every weight comes from the files.

        Raises:
            ValueError: no generator, or networks that do not fit each other or the label space.
        """

        def part(name: str, network: Any, config: Any) -> Any:
            if name not in card.parts:
                return None
            return build_part(folder, card, name, network=network, config=config, device=device)

        generator = part("generator", build_generator, GeneratorConfig)
        if generator is None:
            raise ValueError("its card lists no part 'generator'")
        encoder = part("encoder", FeatureEncoder, EncoderConfig)
        bank = part("styles", StyleBank, StyleBankConfig)
        space = DATASETS[card.space].space
        _check_fit(generator, encoder, bank, space)
        return cls(
            generator,
            encoder,
            bank,
            space=space,
            native_size=tuple(card.native_size),
            digest=card.digest,
            discriminator=part("discriminator", MultiscaleDiscriminator, DiscriminatorConfig),
        )

    @property
    def device(self) -> torch.device:
        """Where the networks are."""
        return next(self.generator.parameters()).device

    @property
    def frame(self) -> int:
        """Pixels around a layout that are drawn and cut off, where zeros are the padding.

        They draw a line along the border otherwise. The paper's generators reflect there, and are
        given the layout as it is.
        """
        return self.multiple if self.generator.config.padding == "zeros" else 0

    @property
    def enhancers(self) -> int:
        """How many local enhancers stand around G1."""
        return self.generator.config.enhancers

    @torch.inference_mode()
    def __call__(
        self, layout: Layout, *, styles: Mapping[int, int] | None = None, seed: int | None = None
    ) -> Tensor:
        """Draws the layout.

        Args:
            layout: of any size; it is padded to the network's multiple and the result cropped.
            styles: instance id → cluster of its class; objects not named are chosen by `seed`. Ids
                that the layout does not have say nothing: of objects that were painted over.
            seed: draws a cluster for every other object; None takes each class's largest cluster.
        Returns:
            (B, 3, H, W) in [0, 1].
        Raises:
            ValueError: unknown label ids, or a cluster the class does not have.
        """
        return self._draw(self.condition(layout, styles=styles, seed=seed), layout)

    def drawer(self, layout: Layout) -> GlobalGenerator | LocalEnhancer:
        """The network that draws a layout: one no larger than what G1 learned on is G1's alone.

        Within the enhancers G1 would see it at a fraction of that, which it never learned to draw.
        """
        width, height = layout.size
        generator = self.generator
        own = self.native_size[0] * self.native_size[1] / 4**self.enhancers
        small = width * height <= own
        if isinstance(generator, LocalEnhancer) and small and generator.coarse.has_picture:
            return generator.coarse
        return generator

    def _draw(self, condition: Tensor, layout: Layout) -> Tensor:
        width, height = layout.size
        return self._cut(self.drawer(layout)(condition), height, width)

    @torch.inference_mode()
    def coarse(
        self, layout: Layout, *, styles: Mapping[int, int] | None = None, seed: int | None = None
    ) -> Tensor:
        """What G1 alone draws of it: (B, 3, h, w) in [0, 1], h = ⌈H / 2^enhancers⌉."""
        if not isinstance(self.generator, LocalEnhancer):
            return self(layout, styles=styles, seed=seed)
        condition = self.condition(layout, styles=styles, seed=seed)
        scale = 2**self.enhancers
        height, width = (-(-side // scale) for side in layout.labels.shape[1:])
        picture = self.generator.coarse(self.generator.pyramid(condition)[-1])
        return self._cut(picture, height, width, scale=scale)

    def condition(
        self, layout: Layout, *, styles: Mapping[int, int] | None = None, seed: int | None = None
    ) -> Tensor:
        """Padded generator input of a layout and its looks: (B, K + 1 + F, H', W'), and `planes`
        more for a generator that sees places or parts."""
        self.space.check(layout.labels)
        painted = None
        if self.bank is not None:
            # Before padding, which could change what most of an object at the border shows.
            pictures = zip(layout.labels.split(1), layout.instances.split(1), strict=True)
            each = [Layout(*maps, layout.space) for maps in pictures]
            painted = torch.cat([self._painted(one, styles, seed) for one in each])
        return self._padded_condition(layout, painted)

    def _painted(
        self, layout: Layout, styles: Mapping[int, int] | None, seed: int | None
    ) -> Tensor:
        """The looks of one layout's objects: (1, F, H, W)."""
        labels, instances = layout.labels.to(self.device), layout.instances.to(self.device)
        return self.bank.paint(labels, instances, self.choose(layout, styles, seed))

    def _padded_condition(self, layout: Layout, styles: Tensor | None) -> Tensor:
        """The condition of a layout and its style features (B, F, H, W), all padded alike.

        A frame that repeats the border may be drawn as well and cut off, see `frame`.
        """
        multiple = self.multiple if self.frame else self._cell(layout)
        config = self.generator.config
        place = places(layout.instances.to(self.device)) if config.places else None
        if config.parts:
            told = parts(layout.labels, layout.instances, self.space).to(self.device)
            place = torch.cat([place, told], 1)
        *maps, place = [
            None if given is None else pad_ids(self._framed(given), multiple)
            for given in (layout.labels, layout.instances, styles, place)
        ]
        return build_condition(
            *maps,
            classes=len(self.space),
            with_boundaries=config.boundaries,
            place=place,
            kinds=kinds_seen(config, self.space),
            plain=plain_classes(config, self.space),
        )

    def _framed(self, x: Tensor) -> Tensor:
        """(..., H, W) with `frame` pixels more on every side, repeating the outermost."""
        rows, columns = (
            torch.arange(-self.frame, side + self.frame).clamp(0, side - 1).to(self.device)
            for side in x.shape[-2:]
        )
        return x.to(self.device)[..., rows, :][..., columns]

    def _cut(self, picture: Tensor, height: int, width: int, *, scale: int = 1) -> Tensor:
        """The picture inside the frame, in [0, 1]; `scale` times as small as the condition."""
        start = self.frame // scale
        return _to_unit(picture)[..., start : start + height, start : start + width]

    def _cell(self, layout: Layout) -> int:
        """What the sides are padded to, so that at least two cells of the deepest layer remain."""
        return cell_for(layout.size, self.multiple)

    def choose(
        self, layout: Layout, styles: Mapping[int, int] | None = None, seed: int | None = None
    ) -> dict[int, int]:
        """The cluster of every object: as given, else by lot (`StyleBank.by_lot`), else 0.

        Drawing by id keeps the looks of all other objects when one is added or removed. It is for
        one layout (1, H, W); of a batch, objects of one id are taken together, see `object_labels`.
        """
        if self.bank is None:
            return {}
        given = dict(styles or {})
        choice = {}
        for instance, label in object_labels(layout).items():
            count = int(self.bank.counts[label])
            if instance in given:
                choice[instance] = given[instance]
            elif count and seed is not None:
                choice[instance] = self.bank.by_lot(label, instance=instance, seed=seed)
            else:
                choice[instance] = 0
        return choice

    @torch.inference_mode()
    def encode(self, photo: Tensor, layout: Layout, *, pooled: bool = True) -> Tensor:
        """E's features of a photo of this layout: (B, 3, H, W) in [0, 1] → (B, F, H, W).

        `pooled`: averaged over every object, as the generator takes them; else of every pixel.

        Raises:
            ValueError: no encoder, or photos that are not those of the layout, by number or size.
        """
        if self.encoder is None:
            raise ValueError("This checkpoint has no encoder, so a photo's looks cannot be read.")
        if len(photo) != len(layout.labels):
            raise ValueError(
                f"There are {len(photo)} photos for {len(layout.labels)} layouts; expected as "
                "many of both: give each layout its photo."
            )
        if photo.shape[-2:] != layout.labels.shape[-2:]:
            sizes = [f"{x.shape[-1]}x{x.shape[-2]}" for x in (photo, layout.labels)]
            raise ValueError(
                f"The photo is {sizes[0]} and its layout {sizes[1]}; resize one of them."
            )
        padded, (height, width) = pad_to_multiple(photo.to(self.device), self._cell(layout))
        padded = padded.contiguous(memory_format=torch.channels_last)
        if not pooled:
            return self.encoder.features(padded)[..., :height, :width]
        instances = layout.instances.to(self.device)
        extra = (0, padded.shape[-1] - width, 0, padded.shape[-2] - height)
        # The padding is an object of its own, so that no object's mean counts a pixel twice.
        instances = F.pad(instances, extra, value=int(instances.min()) - 1)
        return self.encoder(padded, instances)[..., :height, :width]

    @torch.inference_mode()
    def redraw(self, photo: Tensor, layout: Layout) -> Tensor:
        """Draws a layout with the looks E reads from its photo, both (B, 3, H, W) in [0, 1]."""
        self.space.check(layout.labels)
        return self._draw(self._padded_condition(layout, self.encode(photo, layout)), layout)

    def assign(self, photo: Tensor, layout: Layout) -> dict[int, int]:
        """The cluster nearest to each object's look in a photo: instance id → cluster index.

        photo: (1, 3, H, W) in [0, 1]; layout: (1, H, W), since objects are told apart by id alone.
        Raises ValueError on more than one picture, without a style bank, and like `encode`.
        """
        if self.bank is None:
            raise ValueError("This checkpoint has no style bank, so there are no clusters.")
        if len(layout.labels) != 1:
            raise ValueError(
                f"{len(layout.labels)} layouts were given; expected one picture, since equal ids "
                "in several are different objects: assign each by itself."
            )
        features = self.encode(photo, layout)
        nearest = {}
        for instance, label in object_labels(layout).items():
            if int(self.bank.counts[label]):
                vector = features.movedim(1, -1)[layout.instances.to(self.device) == instance][0]
                nearest[instance] = self.bank.nearest(label, vector)
        return nearest


def object_labels(layout: Layout) -> dict[int, int]:
    """The class most of each object shows: instance id → label, unlabelled objects left out.

    It tells objects apart by their id alone, so a batch is counted as one picture; split it where
    equal ids in different pictures are different objects.
    """
    classes = len(layout.space)
    known = layout.labels < classes
    ids, index = torch.unique(layout.instances[known], return_inverse=True)
    if not len(ids):
        return {}
    votes = torch.bincount(index * classes + layout.labels[known], minlength=len(ids) * classes)
    labels = votes.view(len(ids), classes).argmax(1)
    return dict(zip(ids.tolist(), labels.tolist(), strict=True))


def _check_fit(
    generator: GlobalGenerator | LocalEnhancer,
    encoder: FeatureEncoder | None,
    bank: StyleBank | None,
    space: LabelSpace,
) -> None:
    """Do classes, boundaries, looks and places make just as many channels as the generator sees?"""
    classes, config = len(space), generator.config
    plain_classes(config, space)
    looks = encoder.config.outputs if encoder else bank.config.channels if bank else 0
    expected = classes + config.boundaries + looks + planes(config, space)
    if config.inputs != expected:
        raise ValueError(
            f"its generator sees {config.inputs} channels; the {classes} classes of "
            f"{space.name!r}, boundaries, looks and places make {expected}"
        )
    if bank and (bank.config.classes, bank.config.channels) != (classes, looks):
        raise ValueError(
            f"its style bank is for {bank.config.classes} classes and {bank.config.channels} "
            f"channels of looks; expected {classes} and {looks}"
        )


def _to_unit(picture: Tensor) -> Tensor:
    return (picture.float() * 0.5 + 0.5).clamp(0, 1)
