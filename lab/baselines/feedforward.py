"""What pix2pix and CRN have in common as methods: one network that draws one-hot labels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor, nn

from lab.card import Card
from lab.catalog import DATASETS
from lab.checkpoint import build_part
from lab.data.labels import LabelSpace, one_hot
from lab.images import pad_ids
from lab.interfaces import Layout, Paper


class FeedForward(ABC):
    """A network (B, K, H, W) → (B, 3, H, W) in [-1, 1] behind the interface of a synthesizer.

    Instances have no part in it: neither paper uses them. A subclass names its network, the
    network's config and the paper, and says how a seed enters: `lot` is what it draws by lot, in
    words, empty where the seed changes nothing.
    """

    paper: ClassVar[Paper]
    network_class: ClassVar[type[nn.Module]]
    config_class: ClassVar[type]
    lot: str = ""

    def __init__(
        self,
        network: nn.Module,
        *,
        space: LabelSpace,
        native_size: tuple[int, int],
        digest: str = "",
    ) -> None:
        self.network = network
        self.space, self.native_size, self.digest = space, native_size, digest
        self.multiple: int = network.config.multiple

    @classmethod
    def from_checkpoint(cls, folder: Path, card: Card, device: torch.device) -> FeedForward:
        """Builds the network of a card; strict, every weight comes from the files.

        Raises:
            ValueError: it was made for other classes than the card's.
        """
        kinds = {"network": cls.network_class, "config": cls.config_class}
        network = build_part(folder, card, "generator", **kinds, device=device)
        space, inputs = DATASETS[card.space].space, network.config.inputs
        if inputs != len(space):
            raise ValueError(
                f"its generator takes {inputs} classes, but {space.name} has {len(space)}"
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

    @torch.inference_mode()
    def __call__(self, layout: Layout, *, seed: int | None = None) -> Tensor:
        """Draws the layout.

        Args:
            layout: of any size; it is padded to the network's multiple and the result cropped.
            seed: what the method draws by lot; None counts as 0.
        Returns:
            (B, 3, H, W) in [0, 1].
        Raises:
            ValueError: unknown label ids.
        """
        self.space.check(layout.labels)
        height, width = layout.labels.shape[1:]
        labels = pad_ids(layout.labels.to(self.device), self.multiple)
        condition = one_hot(labels, len(self.space)).contiguous(memory_format=torch.channels_last)
        picture = self.draw(condition, seed or 0).float()
        return (picture * 0.5 + 0.5).clamp(0, 1)[..., :height, :width]

    @abstractmethod
    def draw(self, condition: Tensor, seed: int) -> Tensor:
        """(B, K, H, W), sides multiples of `multiple` → (B, 3, H, W) in about [-1, 1]."""
