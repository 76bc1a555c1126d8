"""MobileNet v2 (Sandler et al. 2018, arXiv 1801.04381) as an encoder: features at five sizes.

In TensorFlow's conventions, whose weights it can begin with: SAME padding, and every normalisation
folded into the convolution before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

# The paper's table 2: expansion, channels, blocks, stride of the first.
BOTTLENECKS = (
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
    (6, 320, 1, 1),
)  # fmt: skip
STEM = 32
LEVELS = 5  # halvings


def same_padding(length: int, kernel: int, stride: int) -> tuple[int, int]:
    """TensorFlow's SAME: zeros before and after a side, so that ⌈length / stride⌉ values come out.

    The odd one goes after, so a 3x3 kernel of stride 2 begins at pixel 0 of an even side, where
    torch's `padding=1` begins at -1.
    """
    missing = max((-(-length // stride) - 1) * stride + kernel - length, 0)
    return missing // 2, missing - missing // 2


class SameConv2d(nn.Conv2d):
    """A convolution with SAME padding, then ReLU6 if `relu6`."""

    def __init__(self, inputs: int, outputs: int, kernel: int, **more: Any) -> None:
        self.relu6 = bool(more.pop("relu6", False))
        super().__init__(inputs, outputs, kernel, **more)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) → (B, outputs, ⌈H / stride⌉, ⌈W / stride⌉)."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        top, bottom = same_padding(x.shape[2], kernel, stride)
        left, right = same_padding(x.shape[3], kernel, stride)
        if (top, left) != (bottom, right):
            x, top, left = F.pad(x, (left, right, top, bottom)), 0, 0
        x = F.conv2d(x, self.weight, self.bias, self.stride, (top, left), groups=self.groups)
        return F.relu6(x) if self.relu6 else x


@dataclass(frozen=True)
class Bottleneck:
    """One inverted residual: `expansion` times its inputs inside, `outputs` after it."""

    inputs: int
    expansion: int
    outputs: int
    stride: int


def bottlenecks(width: float) -> list[Bottleneck]:
    """All blocks in order; `width` multiplies the channels, in multiples of 8."""
    found, inputs = [], scaled(STEM, width)
    for expansion, channels, blocks, stride in BOTTLENECKS:
        outputs = scaled(channels, width)
        for block in range(blocks):
            found.append(Bottleneck(inputs, expansion, outputs, 1 if block else stride))
            inputs = outputs
    return found


def scaled(channels: int, width: float) -> int:
    """`channels * width`, rounded to a multiple of 8 and at least 8."""
    return max(8, int(channels * width + 4) // 8 * 8)


class InvertedResidual(nn.Module):
    """1x1 up, 3x3 in each channel by itself, 1x1 down and linear; added to its input if alike."""

    def __init__(self, shape: Bottleneck) -> None:
        super().__init__()
        inside = shape.inputs * shape.expansion
        self.adds = shape.stride == 1 and shape.inputs == shape.outputs
        up = [SameConv2d(shape.inputs, inside, 1, relu6=True)] if shape.expansion > 1 else []
        self.body = nn.Sequential(
            *up,
            SameConv2d(inside, inside, 3, stride=shape.stride, groups=inside, relu6=True),
            SameConv2d(inside, shape.outputs, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) → (B, outputs, ⌈H / stride⌉, ⌈W / stride⌉)."""
        return x + self.body(x) if self.adds else self.body(x)


class MobileNetEncoder(nn.Module):
    """Everything before the last 1x1 convolution and the classifier.

    Args:
        width: multiplies the channels, as the paper's α; 1 has 1.8 million weights.
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        blocks = bottlenecks(width)
        self.stem = SameConv2d(3, blocks[0].inputs, 3, stride=2, relu6=True)
        self.blocks = nn.ModuleList(InvertedResidual(block) for block in blocks)
        # Kept: what the last block of every size has made.
        halved = [index for index, block in enumerate(blocks) if block.stride == 2]
        self.kept = [index - 1 for index in halved] + [len(blocks) - 1]
        self.widths = [blocks[index].outputs for index in self.kept]

    def forward(self, photo: Tensor) -> list[Tensor]:
        """(B, 3, H, W) in [0, 1] → (B, c, h, w) at 1/2, 1/4 … 1/32 of the size, finest first."""
        # (v - 128) / 128 of 8-bit values v.
        x, features = self.stem((photo * 255 - 128) / 128), []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in self.kept:
                features.append(x)
        return features

    def begin_with(self, convolutions: Sequence[nn.Conv2d]) -> None:
        """Copies weights and biases of the convolutions of a trained network, in their order.

        What comes after the encoder, such as a classifier, is left out.

        Raises:
            ValueError: too few of them, or other shapes.
        """
        own = [layer for layer in self.modules() if isinstance(layer, SameConv2d)]
        if len(convolutions) < len(own):
            raise ValueError(
                f"The network has {len(convolutions)} convolutions; expected at least {len(own)}, "
                "those of MobileNet v2 in order."
            )
        for place, (layer, trained) in enumerate(zip(own, convolutions, strict=False)):
            if layer.weight.shape != trained.weight.shape:
                raise ValueError(
                    f"Convolution {place} has weights of shape {tuple(trained.weight.shape)}; "
                    f"expected {tuple(layer.weight.shape)}, those of MobileNet v2 in order."
                )
            layer.load_state_dict(trained.state_dict())
