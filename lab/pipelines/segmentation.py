"""The judge as it is used: a photograph of any size becomes labels, or features for KID."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from lab.card import Card
from lab.catalog import DATASETS
from lab.checkpoint import build_part
from lab.data.labels import LabelSpace
from lab.images import pad_to_multiple
from lab.models.segmenter import Segmenter, SegmenterConfig


@dataclass(frozen=True, eq=False)
class Reading:
    """What the judge makes of pictures.

    labels: (B, H, W) int64, the likeliest class of every pixel.
    pooled: (B, D) features of the whole picture.
    features: "stride2", "stride4" … → (B, c, h, w), its encoder's features at every size.
    """

    labels: Tensor
    pooled: Tensor
    features: dict[str, Tensor]


class SegmentationPipeline:
    """A segmenter for one label space; it never was part of a loss."""

    def __init__(
        self,
        network: Segmenter,
        *,
        space: LabelSpace,
        native_size: tuple[int, int],
        digest: str = "",
    ) -> None:
        self.network, self.space = network, space
        self.native_size, self.digest = native_size, digest

    @classmethod
    def from_checkpoint(
        cls, folder: Path, card: Card, device: torch.device
    ) -> SegmentationPipeline:
        """Builds the network of a card; strict, every weight comes from the files.

        Raises:
            ValueError: the network reads another number of classes than the label space has.
        """
        kinds = {"network": Segmenter, "config": SegmenterConfig}
        network = build_part(folder, card, "segmenter", **kinds, device=device)
        space = DATASETS[card.space].space
        if network.config.classes != len(space):
            raise ValueError(
                f"it reads {network.config.classes} classes; {space.name!r} has {len(space)}"
            )
        return cls(
            network,
            space=space,
            native_size=tuple(card.native_size),
            digest=card.digest,
        )

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return next(self.network.parameters()).device

    def __call__(self, photo: Tensor) -> Tensor:
        """(B, 3, H, W) in [0, 1], of any size → the likeliest class (B, H, W) int64."""
        return self.read(photo).labels

    def judge(self, photo: Tensor) -> tuple[Tensor, Tensor]:
        """Labels (B, H, W) int64, and pooled features (B, D) of the whole picture."""
        reading = self.read(photo)
        return reading.labels, reading.pooled

    @torch.inference_mode()
    def read(self, photo: Tensor) -> Reading:
        """Reads pictures (B, 3, H, W) in [0, 1], of any size; see `Reading`."""
        padded, (height, width) = pad_to_multiple(
            photo.to(self.device), self.network.config.multiple
        )
        padded = padded.contiguous(memory_format=torch.channels_last)
        logits, pooled, pyramid = self.network.judge(padded)
        features = {f"stride{2**level}": x.float() for level, x in enumerate(pyramid, 1)}
        return Reading(logits[..., :height, :width].argmax(1), pooled.float(), features)
