"""Linear style transfer: Li et al. 2019, Learning Linear Transformations for Fast Image and Video
Style Transfer (arXiv 1808.04537). One learned k x k matrix carries a style.

    T = S(style) · C(content),   output = unzip(T · compress(content - mean)) + mean(style)

`matrix` and `transform` are apart, so styles mix by mixing matrices, regions take their own, and
`fold` turns a transform into one 1x1 convolution on the features.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class LinearTransformConfig:
    """`channels` of the features, `hidden` widths of the two CNNs, `width` k of the matrix.

    The paper: relu3_1 channels 256, hidden (128, 64); relu4_1 channels 512, hidden (256, 128).
    """

    channels: int = 512
    hidden: tuple[int, ...] = (256, 128)
    width: int = 32


def channel_mean(features: Tensor) -> Tensor:
    """(B, C, h, w) → (B, C, 1, 1)."""
    return features.mean((2, 3), keepdim=True)


class MatrixNet(nn.Module):
    """One of the two branches (§3.2): CNN, second moment of its output, fully connected layer."""

    def __init__(self, config: LinearTransformConfig) -> None:
        super().__init__()
        self.width = config.width
        widths = [config.channels, *config.hidden, config.width]
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(widths):
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(inplace=True)]
        self.body = nn.Sequential(*layers[:-1])
        self.linear = nn.Linear(config.width**2, config.width**2)
        # Ours, the architecture is unchanged: the CNN starts loud, since centred features are
        # small and their second moments smaller still, or S and C would hardly differ from picture
        # to picture for thousands of steps; and S and C start near the identity, so an untrained T
        # passes the content through and the first steps do not explode.
        for layer in self.body:
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                nn.init.zeros_(layer.bias)
        self.body[-1].weight.data.mul_(8)
        nn.init.normal_(self.linear.weight, 0.0, 1e-3)
        self.linear.bias.data.copy_(torch.eye(config.width).flatten())

    def forward(self, centred: Tensor) -> Tensor:
        """Features without their mean (B, C, h, w) → (B, k, k)."""
        x = self.body(centred).flatten(2).float()
        with torch.autocast(x.device.type, enabled=False):
            # Second moment, not covariance: the CNN's output is not centred again (as published).
            moment = x @ x.transpose(1, 2) / x.shape[2]
            return self.linear(moment.flatten(1)).view(-1, self.width, self.width)


class LinearTransform(nn.Module):
    """The only part the paper trains: features of content and style → transformed features."""

    def __init__(self, config: LinearTransformConfig) -> None:
        super().__init__()
        self.config = config
        self.content = MatrixNet(config)
        self.style = MatrixNet(config)
        self.compress = nn.Conv2d(config.channels, config.width, 1)
        self.unzip = nn.Conv2d(config.width, config.channels, 1)
        # Ours: unzip starts as the transpose of an orthonormal compress, a projection together.
        nn.init.orthogonal_(self.compress.weight)
        self.unzip.weight.data.copy_(self.compress.weight.data.transpose(0, 1))
        for layer in (self.compress, self.unzip):
            nn.init.zeros_(layer.bias)

    def content_matrix(self, content: Tensor) -> Tensor:
        """C: features (B, C, h, w) → (B, k, k)."""
        return self.content(content - channel_mean(content))

    def style_matrix(self, style: Tensor) -> Tensor:
        """S: features (B, C, h', w') → (B, k, k); compute once per style and keep."""
        return self.style(style - channel_mean(style))

    def matrix(self, content: Tensor, style: Tensor) -> Tensor:
        """T = S · C, the style on the left: (B, C, h, w), (B, C, h', w') → (B, k, k)."""
        return self.style_matrix(style) @ self.content_matrix(content)

    def transform(self, content: Tensor, style_mean: Tensor, matrix: Tensor) -> Tensor:
        """unzip(T · compress(content - mean)) + style mean.

        Args:
            content: (B, C, h, w). style_mean: (B, C, 1, 1). matrix: (B, k, k).
        Returns:
            (B, C, h, w).
        """
        compressed = self.compress(content - channel_mean(content))
        batch, width, h, w = compressed.shape
        mapped = matrix.to(compressed.dtype) @ compressed.flatten(2)
        return self.unzip(mapped.view(batch, width, h, w)) + style_mean

    def fold(self, content_mean: Tensor, style_mean: Tensor, matrix: Tensor) -> Fold:
        """The same map as one 1x1 convolution of rank k, for one picture (B = 1).

        Args:
            content_mean, style_mean: (1, C, 1, 1). matrix: (1, k, k).
        Returns:
            weight (C, C, 1, 1) and bias (C,) for `torch.nn.functional.conv2d`.
        """
        compress = self.compress.weight.flatten(1)
        unzip = self.unzip.weight.flatten(1)
        weight = unzip @ matrix[0] @ compress
        bias = unzip @ matrix[0] @ self.compress.bias + self.unzip.bias
        bias = bias + style_mean.flatten() - weight @ content_mean.flatten()
        return Fold(weight[..., None, None], bias)

    def forward(self, content: Tensor, style: Tensor) -> Tensor:
        """(B, C, h, w), (B, C, h', w') → (B, C, h, w)."""
        return self.transform(content, channel_mean(style), self.matrix(content, style))


@dataclass(frozen=True)
class Fold:
    """A transform folded into one convolution: weight (C, C, 1, 1), bias (C,)."""

    weight: Tensor
    bias: Tensor

    def __call__(self, content: Tensor) -> Tensor:
        """(1, C, h, w) → (1, C, h, w)."""
        return F.conv2d(content, self.weight, self.bias)
