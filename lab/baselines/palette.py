"""Every class in its mean colour: what a drawing must beat to have learned anything."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor, nn

from lab.card import Card
from lab.catalog import DATASETS
from lab.checkpoint import read_part
from lab.data.crops import Sample
from lab.data.labels import LabelSpace
from lab.interfaces import Layout, Paper


class Palette:
    """A colour per class and one, the last, for pixels without a class.

    Args:
        colors: (classes + 1, 3) in [0, 1].
        space: the classes. native_size: (width, height), for the page alone.
    """

    paper: ClassVar[Paper | None] = None
    lot: ClassVar[str] = ""  # nothing is drawn by lot

    def __init__(
        self,
        colors: Tensor,
        *,
        space: LabelSpace,
        native_size: tuple[int, int] = (512, 384),
        digest: str = "",
    ) -> None:
        if colors.shape != (len(space) + 1, 3):
            raise ValueError(
                f"The colours are {tuple(colors.shape)}; expected ({len(space) + 1}, 3): one for "
                f"each class of {space.name!r} and one for unlabelled pixels."
            )
        self.colors, self.space = colors.float(), space
        self.native_size, self.digest = native_size, digest

    @classmethod
    def from_samples(cls, samples: Iterable[Sample], space: LabelSpace) -> Palette:
        """The mean colours of samples; a class that never occurs gets the mean of all pixels."""
        classes = len(space)
        sums = torch.zeros(classes + 1, 3, dtype=torch.float64)
        counts = torch.zeros(classes + 1, 1, dtype=torch.float64)
        for sample in samples:
            labels = sample["labels"].flatten().clamp(max=classes)  # IGNORE is above every class
            sums.index_add_(0, labels, sample["photo"].flatten(1).T.double())
            counts += torch.bincount(labels, minlength=classes + 1)[:, None]
        mean = torch.where(counts > 0, sums / counts.clamp(min=1), sums.sum(0) / counts.sum())
        return cls(mean, space=space)

    @classmethod
    def from_checkpoint(cls, folder: Path, card: Card, device: torch.device) -> Palette:
        """The colours of a card's part `colors`."""
        return cls(
            read_part(folder, card, "colors")["colors"].to(device),
            space=DATASETS[card.space].space,
            native_size=tuple(card.native_size),
            digest=card.digest,
        )

    @property
    def device(self) -> torch.device:
        """Where the colours are."""
        return self.colors.device

    def part(self) -> nn.Module:
        """The colours as what a checkpoint stores as its part `colors`."""
        module = nn.Module()
        module.register_buffer("colors", self.colors)
        return module

    @torch.inference_mode()
    def __call__(self, layout: Layout, *, seed: int | None = None) -> Tensor:
        """(B, 3, H, W) in [0, 1]; nothing is drawn by lot, so `seed` changes nothing.

        Raises:
            ValueError: unknown label ids.
        """
        self.space.check(layout.labels)
        labels = layout.labels.to(self.colors.device).clamp(max=len(self.space))
        return self.colors[labels].movedim(-1, 1).contiguous()
