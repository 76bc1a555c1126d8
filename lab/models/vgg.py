"""VGG-19 (Simonyan & Zisserman 2015) as encoder and mirrored decoder, built from one table.

The encoder's first layer is a fixed 1x1 convolution that turns RGB in [0, 1] into what the weights
expect: BGR minus its mean for the normalised VGG of the style-transfer line, ImageNet statistics
for torchvision's. So every variant takes the same pictures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from lab.models.ranges import require

# (channels, convolutions) per block; a 2x2 max-pool stands between two blocks.
BLOCKS = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4))
LAYERS = tuple(f"relu{b}_{i}" for b, (_, n) in enumerate(BLOCKS, 1) for i in range(1, n + 1))
TAPS = {  # name → (channels of the full network, stride)
    f"relu{block}_1": (channels, 2 ** (block - 1)) for block, (channels, _) in enumerate(BLOCKS, 1)
}
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class VGGConfig:
    """`last` is the deepest layer; `divisor` narrows every block (4 for the stand-ins)."""

    last: str = "relu4_1"
    divisor: int = 1
    ceil_mode: bool = True

    def __post_init__(self) -> None:
        require(self, "divisor", least=1, most=BLOCKS[0][0])

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers up to `last`."""
        if self.last not in LAYERS:
            raise ValueError(f"VGG-19 has no layer {self.last!r}; it has {', '.join(LAYERS)}.")
        return LAYERS[: LAYERS.index(self.last) + 1]

    @property
    def stride(self) -> int:
        """Pixels per step of the deepest features: a pool stands before every block but one."""
        return 2 ** (int(self.layers[-1][4]) - 1)

    @property
    def channels(self) -> int:
        """Of the deepest features."""
        return _channels(self.layers[-1], self.divisor)


def _channels(layer: str, divisor: int) -> int:
    return BLOCKS[int(layer[4]) - 1][0] // divisor


def _filled(
    network: type[VGGEncoder], last: str, weights: Mapping[str, Tensor], path: Path
) -> VGGEncoder:
    """A network with the weights of a file, as narrow as those of its first layer say."""
    width = max(1, weights["conv1_1.weight"].shape[:1].numel())
    divisor = max(1, BLOCKS[0][0] // width)
    # The compressed students were trained with floor pooling, the full network with ceil.
    encoder = network(VGGConfig(last, divisor, ceil_mode=divisor == 1))
    try:
        encoder.load_state_dict({name: weights[name] for name in encoder.state_dict()})
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(
            f"{path} holds weights of other shapes than those of a VGG-19 of 1/{divisor} of the "
            f"width ({reason}); give the file of one network."
        ) from error
    return encoder


def _reach(layer: str) -> int:
    """Pixels by which a layer widens the view: its convolution, and the pool before a block."""
    stride = 2 ** (int(layer[4]) - 1)
    return stride + (stride // 2 if layer.endswith("_1") else 0)


class VGGEncoder(nn.Module):
    """VGG-19 up to `config.last`: reflection padding, ReLU, max-pooling between blocks."""

    def __init__(self, config: VGGConfig) -> None:
        super().__init__()
        self.config = config
        self.conv0 = nn.Conv2d(3, 3, 1)
        channels = 3
        for layer in config.layers:
            outputs = _channels(layer, config.divisor)
            convolution = nn.Conv2d(channels, outputs, 3, padding=1, padding_mode="reflect")
            self.add_module(layer.replace("relu", "conv"), convolution)
            channels = outputs

    def forward(self, picture: Tensor, taps: Sequence[str]) -> dict[str, Tensor]:
        """As `features`."""
        return self.features(picture, taps)

    def features(self, picture: Tensor, taps: Sequence[str]) -> dict[str, Tensor]:
        """(B, 3, H, W) in [0, 1] → {tap: (B, C, H/stride, W/stride)}.

        Sides are rounded up, or down without `ceil_mode`.

        Raises:
            ValueError: a tap that is no layer of this network.
        """
        unknown = set(taps) - set(self.config.layers)
        if unknown:
            raise ValueError(
                f"This VGG has no layer {', '.join(sorted(unknown))}; "
                f"it has {', '.join(self.config.layers)}."
            )
        features: dict[str, Tensor] = {}
        x = self.conv0(picture)
        for layer in self.config.layers:
            if layer.endswith("_1") and layer != "relu1_1":
                x = F.max_pool2d(x, 2, ceil_mode=self.config.ceil_mode)
            x = F.relu(self.get_submodule(layer.replace("relu", "conv"))(x))
            if layer in taps:
                features[layer] = x
                if len(features) == len(set(taps)):
                    break
        return features

    def show_plainly(self) -> None:
        """From now on pictures are seen in [-1, 1] as they are, without the statistics the weights
        were trained with, and padded with zeros: the VGG loss of the official pix2pixHD."""
        for layer in self.children():
            layer.padding_mode = "zeros"
        self.conv0.weight.data = 2 * torch.eye(3).view(3, 3, 1, 1).to(self.conv0.weight)
        self.conv0.bias.data = torch.full_like(self.conv0.bias, -1)

    @classmethod
    def from_file(cls, path: Path, *, last: str | None = None) -> VGGEncoder:
        """Reads a safetensors file of `conv0`, `conv1_1`, … weights; depth and width come from it.

        Args:
            last: stop at this layer; the deepest of the file by default.
        Raises:
            FileNotFoundError: no such file. ValueError: the file is damaged, does not reach
                `last`, lacks a layer on the way, or holds weights of other shapes.
        """
        if not path.is_file():
            raise FileNotFoundError(
                f"No VGG weights at {path}; give a safetensors file with conv0, conv1_1, … or "
                "leave the setting empty to use torchvision's VGG19_Weights.IMAGENET1K_V1."
            )
        try:
            weights = load_file(path)
        except SafetensorError as error:
            raise ValueError(
                f"{path} holds no weights of VGG-19; expected safetensors of conv0, conv1_1 …"
            ) from error
        present = [name for name in LAYERS if f"{name.replace('relu', 'conv')}.weight" in weights]
        if not present or (last is not None and last not in present):
            raise ValueError(
                f"{path.name} holds {', '.join(present) or 'no layer'} of a VGG-19; "
                f"expected {last or 'conv0, conv1_1, …'}."
            )
        config = VGGConfig(last or present[-1])
        wanted = ["conv0", *(layer.replace("relu", "conv") for layer in config.layers)]
        missing = [
            name for name in wanted if not {f"{name}.weight", f"{name}.bias"} <= weights.keys()
        ]
        if missing:
            raise ValueError(
                f"{path.name} lacks {', '.join(missing)}; expected every layer up to "
                f"{config.last}, each with weight and bias."
            )
        return _filled(cls, config.last, weights, path).eval().requires_grad_(False)

    @classmethod
    def from_torchvision(cls, *, last: str = "relu5_1") -> VGGEncoder:
        """The ImageNet network; downloads 548 MB once, FileNotFoundError where it cannot."""
        from torchvision.models import VGG19_Weights, vgg19

        try:
            source = vgg19(weights=VGG19_Weights.IMAGENET1K_V1).features
        except OSError as error:
            raise FileNotFoundError(
                "VGG-19 could not be downloaded; give a safetensors file of its weights instead."
            ) from error
        encoder = cls(VGGConfig(last, ceil_mode=False))
        convolutions = [layer for layer in source if isinstance(layer, nn.Conv2d)]
        for layer, trained in zip(encoder.config.layers, convolutions, strict=False):
            own = encoder.get_submodule(layer.replace("relu", "conv"))
            own.load_state_dict(trained.state_dict())
        std, mean = torch.tensor(IMAGENET_STD), torch.tensor(IMAGENET_MEAN)
        encoder.conv0.weight.data = torch.diag(1 / std).view(3, 3, 1, 1)
        encoder.conv0.bias.data = -mean / std
        return encoder.eval().requires_grad_(False)


class VGGFeatures(VGGEncoder):
    """The same network, with the same weights by name, that returns one layer alone: the last."""

    def up_to(self, layer: str) -> VGGFeatures:
        """This network, its weights shared, ended at another of its layers."""
        shorter = copy(self)
        shorter.config = replace(self.config, last=layer)
        return shorter

    @property
    def margin(self) -> int:
        """How many pixels away a pixel can matter to a feature."""
        return sum(_reach(layer) for layer in self.config.layers)

    def forward(self, picture: Tensor) -> Tensor:
        """(B, 3, H, W) in [0, 1] → (B, C, H/stride, W/stride)."""
        return self.features(picture, (self.config.last,))[self.config.last]


class VGGDecoder(nn.Module):
    """The encoder's mirror image: nearest up-sampling for every pool, reflection padding."""

    def __init__(self, config: VGGConfig) -> None:
        super().__init__()
        self.config = config
        layers: list[nn.Module] = []
        order = config.layers[::-1]
        for layer, below in pairwise(order):
            inputs, outputs = _channels(layer, config.divisor), _channels(below, config.divisor)
            layers += [nn.Conv2d(inputs, outputs, 3, 1, 1, padding_mode="reflect"), nn.ReLU(True)]
            if layer[4] != below[4]:
                layers.append(nn.Upsample(scale_factor=2, mode="nearest"))
        first = _channels(order[-1], config.divisor)
        layers.append(nn.Conv2d(first, 3, 3, padding=1, padding_mode="reflect"))
        self.body = nn.Sequential(*layers)

    @property
    def margin(self) -> int:
        """How many pixels away a feature can matter to a pixel."""
        return sum(_reach(layer) for layer in self.config.layers)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, h, w) of `config.last` → (B, 3, h·stride, w·stride), about [0, 1], unclamped."""
        return self.body(features)
