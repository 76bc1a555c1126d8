"""The frozen network of the perceptual losses, from a file or from torchvision."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

from lab.models.vgg import LAYERS, VGGEncoder
from training.settings import Perceptual


class PerceptualNetwork(nn.Module):
    """VGG features of the layers that the losses weigh."""

    def __init__(self, config: Perceptual) -> None:
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

    @property
    def channels(self) -> dict[str, int]:
        """Of every layer's features."""
        names = {layer: layer.replace("relu", "conv") for layer in self.layers}
        return {layer: self.vgg.get_submodule(name).out_channels for layer, name in names.items()}

    def forward(self, picture: Tensor) -> dict[str, Tensor]:
        """(B, 3, H, W) in [0, 1] → {layer: (B, C, h, w)}."""
        return self.vgg(picture, self.layers)


def _depth(layer: str) -> int:
    if layer not in LAYERS:
        raise ValueError(f"VGG-19 has no layer {layer!r}; it has {', '.join(LAYERS)}.")
    return LAYERS.index(layer)
