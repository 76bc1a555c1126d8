"""Layers the networks share: padded convolution, normalisation, residual block, up-sampling."""

from __future__ import annotations

import math
from typing import Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Norm = Literal["instance", "affine", "group", "channel", "none"]
GROUPS = 8  # at most, for norm "group"
Upsampling = Literal["transposed", "nearest", "bilinear"]
Padding = Literal["reflect", "replicate", "zeros"]


def normalization(channels: int, norm: Norm) -> nn.Module:
    """Instance normalisation without running statistics; `affine` adds scale and shift.

    `group` normalises over groups of channels together (Wu & He 2018): it keeps which of a group
    is strong, by which classes are told apart, and needs no large batch. `channel` normalises every
    pixel over its channels.

    Raises:
        ValueError: `norm` is not one of instance, affine, group, channel, none.
    """
    if norm == "none":
        return nn.Identity()
    if norm == "channel":
        return ChannelNorm(channels)
    if norm == "group":
        return nn.GroupNorm(math.gcd(channels, GROUPS), channels)
    if norm not in ("instance", "affine"):
        raise ValueError(f"norm is {norm!r}; expected one of: {', '.join(get_args(Norm))}.")
    return InstanceNorm(channels, affine=norm == "affine")


class InstanceNorm(nn.InstanceNorm2d):
    """`nn.InstanceNorm2d` (Ulyanov et al. 2016) with the right gradients.

    On processors PyTorch (2.12 at least) takes the gradient of a single picture for contiguous even
    where it lies channels last, and returns that of a picture out of order, without a word.
    """

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) → (B, C, H, W)."""
        normalized = super().forward(x)
        if normalized.requires_grad:
            normalized.register_hook(Tensor.contiguous)
        return normalized


class ChannelNorm(nn.Module):
    """Layer normalisation of each pixel's channels (Ba et al. 2016), with scale and shift.

    Its statistics are those of one place: what is drawn there depends on nothing outside the
    receptive field, and a network that learned from crops draws whole pictures alike. Instance
    normalisation takes a constant layout out; this keeps it.
    """

    def __init__(self, channels: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.weight, self.bias = (
            nn.Parameter(torch.ones(channels)),
            nn.Parameter(torch.zeros(channels)),
        )
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) → (B, C, H, W)."""
        last = x.movedim(1, -1)
        normalized = F.layer_norm(last, self.weight.shape, self.weight, self.bias, self.eps)
        return normalized.movedim(-1, 1)


def convolution(
    inputs: int, outputs: int, kernel: int, *, stride: int = 1, padding: Padding = "zeros"
) -> nn.Conv2d:
    """A convolution that keeps the size (stride 1) or halves an even one (stride 2)."""
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, padding_mode=padding)


def conv_norm_relu(
    inputs: int,
    outputs: int,
    kernel: int,
    *,
    stride: int = 1,
    norm: Norm = "instance",
    padding: Padding = "zeros",
) -> nn.Sequential:
    """Convolution, normalisation, ReLU: (B, inputs, H, W) → (B, outputs, H/stride, W/stride)."""
    return nn.Sequential(
        convolution(inputs, outputs, kernel, stride=stride, padding=padding),
        normalization(outputs, norm),
        nn.ReLU(inplace=True),
    )


def upsample_norm_relu(
    inputs: int, outputs: int, *, upsampling: Upsampling = "transposed", norm: Norm = "instance"
) -> nn.Sequential:
    """Doubles the size: (B, inputs, H, W) → (B, outputs, 2H, 2W).

    `transposed` is the 3x3 stride-2 layer of Wang et al. 2018; `nearest` repeats pixels and then
    convolves, without the checkerboard that overlapping transposed kernels leave. What follows can
    still tell the four copies of a pixel apart by their surroundings, and learn a weave; `bilinear`
    puts a smooth surface there (Odena et al. 2016, Deconvolution and Checkerboard Artifacts).
    """
    if upsampling == "transposed":
        layers: list[nn.Module] = [
            nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=1)
        ]
    elif upsampling in get_args(Upsampling):
        layers = [nn.Upsample(scale_factor=2, mode=upsampling), convolution(inputs, outputs, 3)]
    else:
        known = ", ".join(get_args(Upsampling))
        raise ValueError(f"upsampling is {upsampling!r}; expected one of: {known}.")
    return nn.Sequential(*layers, normalization(outputs, norm), nn.ReLU(inplace=True))


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around the identity, without a ReLU after the sum (He et al. 2016)."""

    def __init__(
        self, channels: int, *, norm: Norm = "instance", padding: Padding = "reflect"
    ) -> None:
        super().__init__()
        self.body = nn.Sequential(
            conv_norm_relu(channels, channels, 3, norm=norm, padding=padding),
            convolution(channels, channels, 3, padding=padding),
            normalization(channels, norm),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) → (B, C, H, W)."""
        return x + self.body(x)


def append_noise(x: Tensor, channels: int, *, fresh: bool) -> Tensor:
    """Adds channels of N(0, 1) noise: (B, C, H, W) → (B, C + channels, H, W).

    `fresh` draws from torch's own generator, as in training; else it is the same noise for every
    picture of this size on every device, so that the same layout gives the same photograph.
    """
    if not channels:
        return x
    batch, (height, width) = x.shape[0], x.shape[2:]
    if fresh:
        noise = torch.randn(batch, channels, height, width, device=x.device)
    else:
        always = torch.Generator().manual_seed(0)
        noise = torch.randn(1, channels, height, width, generator=always).to(x.device)
        noise = noise.expand(batch, -1, -1, -1)
    joined = torch.cat([x, noise.to(x.dtype)], 1)
    return joined.contiguous(memory_format=torch.channels_last)


def initialize(module: nn.Module, std: float = 0.02) -> None:
    """Convolution weights ~ N(0, std) and affine scales ~ N(1, std), as pix2pixHD starts; biases 0.

    Draws from torch's global generator: the caller that wants a reproducible start seeds it.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(layer.weight, 0.0, std)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.InstanceNorm2d) and layer.affine:
            nn.init.normal_(layer.weight, 1.0, std)
            nn.init.zeros_(layer.bias)
