"""Linear style transfer: Li et al. 2019, Learning Linear Transformations for Fast Image and Video
Style Transfer (arXiv 1808.04537). One learned k x k matrix carries a style.

    T = S(style) · C(content),   output = unzip(T · compress(content - mean)) + mean(style)

`lab.pipelines.linear` is the same as an affine map of the features, as it is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from lab.models.ranges import require


@dataclass(frozen=True)
class LinearTransformConfig:
    """`channels` of the features, `hidden` widths of the two CNNs, `width` k of the matrix.

    The paper: relu3_1 channels 256, hidden (128, 64); relu4_1 channels 512, hidden (256, 128).

    Ours, off by default: `bottleneck` makes the two fully connected layers products of narrower
    ones, or they are most of a small network. `standardized` lets both branches see every channel
    with mean 0 and deviation 1, and puts the deviations D of the compressed channels into the
    factors: S' = D(style) · S, C' = C · D(content)⁻¹. Then T scales with the style's contrast and
    against the content's by construction, begins as AdaIN's and has the rest to learn.
    """

    channels: int = 512
    hidden: tuple[int, ...] = (256, 128)
    width: int = 32
    bottleneck: int = 0
    standardized: bool = False

    def __post_init__(self) -> None:
        require(self, "channels", "hidden", "width", least=1)
        require(self, "bottleneck", least=0)


# Variance of a compressed channel below which it counts as flat: what a picture does not have is
# not drawn out of its noise.
FLAT = 1e-3


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
        numbers = config.width**2
        if config.bottleneck:
            narrow = nn.Linear(numbers, config.bottleneck, bias=False)
            self.linear = nn.Sequential(narrow, nn.Linear(config.bottleneck, numbers))
        else:
            self.linear = nn.Linear(numbers, numbers)
        # Ours, the architecture is unchanged: the CNN starts loud, since centred features are
        # small and their second moments smaller still, or S and C would hardly differ from picture
        # to picture for thousands of steps; and S and C start near the identity, so an untrained T
        # passes the content through and the first steps do not explode.
        for layer in self.body:
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                nn.init.zeros_(layer.bias)
        self.body[-1].weight.data.mul_(1 if config.standardized else 8)
        last = self.linear[-1] if config.bottleneck else self.linear
        nn.init.normal_(last.weight, 0.0, 1e-3)
        last.bias.data.copy_(torch.eye(config.width).flatten())

    def forward(self, seen: Tensor) -> Tensor:
        """Features as `LinearTransform.seen` prepares them (B, C, h, w) → (B, k, k)."""
        x = self.body(seen).flatten(2).float()
        with torch.autocast(x.device.type, enabled=False):
            # Second moment, not covariance: the CNN's output is not centred again (as published).
            return self.factor(x @ x.transpose(1, 2) / x.shape[2])

    def factor(self, moment: Tensor) -> Tensor:
        """Second moment of the CNN's output (B, k, k) → the factor S or C (B, k, k)."""
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
        seen, variance = self.prepare(content)
        return self.scaled_content(self.content(seen), variance)

    def style_matrix(self, style: Tensor) -> Tensor:
        """S: features (B, C, h', w') → (B, k, k); compute once per style and keep."""
        seen, variance = self.prepare(style)
        return self.scaled_style(self.style(seen), variance)

    def prepare(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, h, w) → what the branches see of it, and the compressed variances (B, k)."""
        centred = features - channel_mean(features)
        if not self.config.standardized:
            return centred, centred.new_ones(len(centred), self.config.width)
        variance = centred.float().square().mean((2, 3))
        compressed = self.compress(centred).float()  # for variances, whatever autocast makes of it
        return self.seen(centred, variance), compressed.var((2, 3), correction=0)

    def seen(self, centred: Tensor, variance: Tensor) -> Tensor:
        """Features without their mean, and their variance (B, C), as both branches see them."""
        if not self.config.standardized:
            return centred
        return centred * (variance + FLAT).rsqrt().to(centred)[..., None, None]

    def scaled_content(self, factor: Tensor, variance: Tensor) -> Tensor:
        """C, given what the branch answers (B, k, k) and the compressed variances (B, k)."""
        if not self.config.standardized:
            return factor
        return factor * (variance + FLAT).rsqrt()[:, None, :]

    def scaled_style(self, factor: Tensor, variance: Tensor) -> Tensor:
        """S, likewise."""
        if not self.config.standardized:
            return factor
        return factor * (variance + FLAT).sqrt()[:, :, None]

    def matrix(self, content: Tensor, style: Tensor) -> Tensor:
        """T = S · C, the style on the left: (B, C, h, w), (B, C, h', w') → (B, k, k)."""
        left, right = self.style_matrix(style), self.content_matrix(content)
        with torch.autocast(left.device.type, enabled=False):  # which takes products in half
            return left @ right

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

    def forward(self, content: Tensor, style: Tensor) -> Tensor:
        """(B, C, h, w), (B, C, h', w') → (B, C, h, w)."""
        return self.transform(content, channel_mean(style), self.matrix(content, style))
