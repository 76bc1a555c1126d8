"""The frozen networks of the perceptual losses, from files or from torchvision."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor, nn

from lab.models.vgg import LAYERS, VGGEncoder
from training.settings import Perceptual


class PerceptualNetwork(nn.Module):
    """VGG features of the layers that the losses weigh.

    Args:
        official: see pictures as pix2pixHD's own VGG loss does (`VGGEncoder.show_plainly`).
    Raises:
        FileNotFoundError, ValueError: weights that are not there, or do not reach the layers.
    """

    def __init__(self, config: Perceptual, *, official: bool = False) -> None:
        super().__init__()
        self.layers = tuple(sorted(config.layers, key=_depth))
        if not self.layers:
            raise ValueError("perceptual.layers is empty; name at least one, such as relu3_1: 1.0.")
        last = self.layers[-1]
        self.vgg = (
            VGGEncoder.from_file(Path(config.weights), last=last)
            if config.weights
            else VGGEncoder.from_torchvision(last=last)
        )
        self.exact = VGGEncoder.from_file(Path(config.exact)) if config.exact else None
        deep = self.exact.config.layers if self.exact else ()
        self.reached = [layer for layer in self.layers if layer in deep]
        if self.exact and not self.reached:
            raise ValueError(
                f"{config.exact} reaches none of the layers {', '.join(self.layers)}; name one up "
                f"to {self.exact.config.last} in perceptual.layers or leave perceptual.exact out."
            )
        for network in (self.vgg, self.exact):
            if official and network is not None:
                network.show_plainly()

    @property
    def channels(self) -> dict[str, int]:
        """Of every layer's features in the first network."""
        names = {layer: layer.replace("relu", "conv") for layer in self.layers}
        return {layer: self.vgg.get_submodule(name).out_channels for layer, name in names.items()}

    def forward(self, picture: Tensor) -> dict[str, Tensor]:
        """(B, 3, H, W) in [0, 1] → {layer: (B, C, h, w)}, what losses compare."""
        return self.both(picture)[0]

    @property
    def textures(self) -> Sequence[str]:
        """The layers whose Gram matrices say what a surface is like: of the exact network alone,
        where there is one."""
        return self.reached or self.layers

    def textured(self, picture: Tensor) -> dict[str, Tensor]:
        """The features of these layers and no others."""
        return (self.exact or self.vgg)(picture, self.textures)

    def both(self, picture: Tensor) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """What losses compare, and the first network's own features."""
        own = self.vgg(picture, self.layers)
        if self.exact is None:
            return own, own
        return {**own, **self.exact(picture, self.reached)}, own


def open_all(configs: Sequence[Perceptual]) -> list[PerceptualNetwork]:
    """The networks of configs, equal ones once: whatever is missing is found at the start.

    Raises:
        FileNotFoundError, ValueError: as `PerceptualNetwork`.
    """
    networks: list[PerceptualNetwork] = []
    for number, config in enumerate(configs):
        first = configs.index(config)
        networks.append(networks[first] if first < number else PerceptualNetwork(config))
    return networks


def _depth(layer: str) -> int:
    if layer not in LAYERS:
        raise ValueError(f"VGG-19 has no layer {layer!r}; it has {', '.join(LAYERS)}.")
    return LAYERS.index(layer)
