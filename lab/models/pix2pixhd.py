"""pix2pixHD: Wang et al. 2018, High-Resolution Image Synthesis and Semantic Manipulation with
Conditional GANs (arXiv 1711.11585). The generators and the feature encoder.

The defaults are the paper's; `upsampling="bilinear"`, `norm="affine"`, `padding="zeros"`, `skips`,
`noise`, `places`, `residual` and narrower widths are ours, for networks that run and train on a
processor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lab.models.blocks import (
    Norm,
    Padding,
    ResidualBlock,
    Upsampling,
    append_noise,
    conv_norm_relu,
    convolution,
    initialize,
    upsample_norm_relu,
)
from lab.models.ranges import require, require_odd


@dataclass(frozen=True)
class GeneratorConfig:
    """Shape of a generator; `inputs` = classes + 1 boundary + style channels, and what `places` and
    `parts` tell (`lab.pipelines.condition.planes`).

    Channels double with every halving of the size, up to `max_width` (the paper never reaches it).
    `skips` adds the features of the way down to those of equal size on the way up (Ronneberger et
    al. 2015), so that a narrow network need not carry the layout's edges through its middle.
    `noise` channels beside the layout give foliage and asphalt something to differ by from place to
    place, where the layout is the same all over. With `residual` the enhancers draw what is to be
    added to G1's picture, nothing at first, so that they begin where G1 has come to. Without
    `boundaries`, an ablation, there is no boundary among the inputs; with `places`
    (`lab.data.places`) there is where each pixel lies in its object, and waves over it, but not on
    classes that `plain` names (or on what is `unlabelled`): on what has no parts to stand on them,
    such as a road, a generator draws the waves themselves; with `parts` (`lab.data.parts`), after
    these, where windows, wheels and the like would be in streets, and what leaves follow, or where
    drawers would be in rooms.

    Raises:
        ValueError: a number out of its range, or `max_width` less than the embedded G1's width.
    """

    inputs: int
    width: int = 64
    max_width: int = 4096
    downsamplings: int = 4
    blocks: int = 9
    enhancers: int = 0
    enhancer_blocks: int = 3
    kernel: int = 7
    norm: Norm = "instance"
    padding: Padding = "reflect"
    upsampling: Upsampling = "transposed"
    skips: bool = False
    noise: int = 0
    residual: bool = False
    boundaries: bool = True
    places: bool = False
    parts: bool = False
    plain: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require(self, "width", "max_width", least=1)
        require(self, "inputs", "downsamplings", "blocks", least=0)
        require(self, "enhancers", "enhancer_blocks", "noise", least=0)
        require_odd(self, "kernel")
        if self.parts and not self.places:
            raise ValueError("parts is set without places, which they follow; set both.")
        if self.plain and not self.places:
            raise ValueError("plain is set without places, so there are no waves to leave out.")
        widest = self.width * 2**self.enhancers
        if self.max_width < widest:
            raise ValueError(
                f"max_width is {self.max_width}, but G1 already starts with {widest} channels; "
                "raise max_width or lower width."
            )

    @property
    def multiple(self) -> int:
        """Both sides of the input must be multiples of this."""
        return 2 ** (self.downsamplings + self.enhancers)

    def channels(self, level: int) -> int:
        """Channels of G1 after `level` halvings."""
        return min(self.width * 2**level, self.max_width)


def _require_multiple(x: Tensor, multiple: int) -> None:
    height, width = x.shape[-2:]
    if height % multiple or width % multiple:
        raise ValueError(
            f"The condition is {width}x{height}; both sides must be multiples of {multiple}. "
            "Use lab.images.pad_to_multiple."
        )


def _to_picture(width: int, config: GeneratorConfig) -> nn.Sequential:
    return nn.Sequential(convolution(width, 3, config.kernel, padding=config.padding), nn.Tanh())


class GlobalGenerator(nn.Module):
    """G1 (§3.2): c7s1-w, d2w … , residual blocks, u… , c7s1-3, tanh."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        width, norm = config.width, config.norm
        layers: list[nn.Module] = [
            conv_norm_relu(
                config.inputs + config.noise,
                width,
                config.kernel,
                norm=norm,
                padding=config.padding,
            )
        ]
        widths = [config.channels(level) for level in range(config.downsamplings + 1)]
        for fine, coarse in pairwise(widths):
            layers.append(conv_norm_relu(fine, coarse, 3, stride=2, norm=norm))
        for _ in range(config.blocks):
            layers.append(ResidualBlock(widths[-1], norm=norm, padding=config.padding))
        for coarse, fine in pairwise(reversed(widths)):
            layers.append(upsample_norm_relu(coarse, fine, upsampling=config.upsampling, norm=norm))
        self.body = nn.Sequential(*layers)
        self.to_picture = _to_picture(width, config)
        initialize(self)

    @property
    def has_picture(self) -> bool:
        """Whether its own last layer is there: official files of enhancers leave it out (zeros)."""
        return bool(self.to_picture[0].weight.any())

    def features(self, condition: Tensor) -> Tensor:
        """(B, inputs, H, W) → (B, width, H, W), what the last convolution sees."""
        halvings = self.config.downsamplings
        _require_multiple(condition, 2**halvings)
        condition = append_noise(condition, self.config.noise, fresh=self.training)
        if not self.config.skips:
            return self.body(condition)
        first, *downs = self.body[: 1 + halvings]
        turn = len(self.body) - halvings
        middle, ups = self.body[1 + halvings : turn], self.body[turn:]
        x, passed = first(condition), []
        for down in downs:
            passed.append(x)
            x = down(x)
        x = middle(x)
        for up in ups:
            x = up(x) + passed.pop()
        return x

    def forward(self, condition: Tensor) -> Tensor:
        """(B, inputs, H, W) → (B, 3, H, W) in [-1, 1]; H, W multiples of 2**downsamplings."""
        return self.to_picture(self.features(condition))


class EnhancerLevel(nn.Module):
    """One local enhancer (§3.2): its first half is added to the features of the level below."""

    def __init__(self, config: GeneratorConfig, width: int) -> None:
        super().__init__()
        self.skips, self.noise = config.skips, config.noise
        self.down = nn.Sequential(
            conv_norm_relu(
                config.inputs + config.noise,
                width,
                config.kernel,
                norm=config.norm,
                padding=config.padding,
            ),
            conv_norm_relu(width, 2 * width, 3, stride=2, norm=config.norm),
        )
        blocks = [
            ResidualBlock(2 * width, norm=config.norm, padding=config.padding)
            for _ in range(config.enhancer_blocks)
        ]
        up = upsample_norm_relu(2 * width, width, upsampling=config.upsampling, norm=config.norm)
        self.up = nn.Sequential(*blocks, up)

    def forward(self, condition: Tensor, below: Tensor) -> Tensor:
        """(B, inputs, H, W), (B, 2·width, H/2, W/2) → (B, width, H, W)."""
        first, halved = self.down
        x = first(append_noise(condition, self.noise, fresh=self.training))
        drawn = self.up(halved(x) + below)
        return drawn + x if self.skips else drawn


class LocalEnhancer(nn.Module):
    """G1 inside n local enhancers, each of half the width and twice the size (§3.2).

    `config.width` is the width of the *finest* enhancer, as in the paper's scripts (`--ngf 32`),
    so the embedded G1 has width `config.width * 2**enhancers`.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        self.coarse = GlobalGenerator(
            replace(config, width=config.width * 2**config.enhancers, enhancers=0)
        )
        widths = [config.width * 2**level for level in reversed(range(config.enhancers))]
        self.levels = nn.ModuleList(EnhancerLevel(config, width) for width in widths)
        self.to_picture = _to_picture(config.width, config)
        # The paper pools with zero padding not counted, so a border cell averages what it covers.
        self.halve = nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False)
        initialize(self.levels)
        initialize(self.to_picture)
        if config.residual:
            nn.init.zeros_(self.to_picture[0].weight)

    def pyramid(self, condition: Tensor) -> list[Tensor]:
        """Conditions from full size down to what G1 sees: (B, inputs, H/2^i, W/2^i), i = 0…n."""
        levels = [condition]
        for _ in self.levels:
            levels.append(self.halve(levels[-1]))
        return levels

    def features(self, condition: Tensor) -> Tensor:
        """(B, inputs, H, W) → (B, width, H, W), what the last convolution sees."""
        _require_multiple(condition, self.config.multiple)
        *finer, coarsest = self.pyramid(condition)
        return self.refine(finer, self.coarse.features(coarsest))

    def refine(self, finer: Sequence[Tensor], features: Tensor) -> Tensor:
        """G1's features through all enhancers; `finer`: their conditions, finest first."""
        for level, own in zip(self.levels, reversed(finer), strict=True):
            features = level(own, features)
        return features

    def forward(self, condition: Tensor) -> Tensor:
        """(B, inputs, H, W) → (B, 3, H, W) in [-1, 1]; multiples of 2**(downs + enhancers)."""
        _require_multiple(condition, self.config.multiple)
        *finer, coarsest = self.pyramid(condition)
        return self.draw(finer, self.coarse.features(coarsest))

    def draw(self, finer: Sequence[Tensor], features: Tensor) -> Tensor:
        """The picture (B, 3, H, W) in [-1, 1] from G1's features; `finer` as in `refine`."""
        refined = self.refine(finer, features)
        if not self.config.residual:
            return self.to_picture(refined)
        last, tanh = self.to_picture
        below = self.coarse.to_picture[0](features)
        below = F.interpolate(below, size=refined.shape[2:], mode="bilinear")
        return tanh(last(refined) + below)


def build_generator(config: GeneratorConfig) -> GlobalGenerator | LocalEnhancer:
    """G1 alone for zero enhancers, otherwise the local enhancers around it."""
    return LocalEnhancer(config) if config.enhancers else GlobalGenerator(config)


def first_layers(generator: GlobalGenerator | LocalEnhancer) -> dict[str, nn.Conv2d]:
    """The convolutions that read the condition and the noise by name: G1's, each enhancer's."""
    coarse = generator.coarse if isinstance(generator, LocalEnhancer) else generator
    blocks = [coarse.body[0], *(level.down[0] for level in getattr(generator, "levels", ()))]
    first = {next(m for m in block.modules() if isinstance(m, nn.Conv2d)) for block in blocks}
    return {name: layer for name, layer in generator.named_modules() if layer in first}


@dataclass(frozen=True)
class EncoderConfig:
    """Shape of E; `outputs` is the length F of an object's style vector.

    `shortcut` (ours) adds the photo to E's output before the tanh, so that an untrained E already
    tells an object's mean colour and a short training need not discover it.
    """

    outputs: int = 3
    width: int = 16
    downsamplings: int = 4
    kernel: int = 7
    norm: Norm = "instance"
    padding: Padding = "reflect"
    upsampling: Upsampling = "transposed"
    shortcut: bool = False

    def __post_init__(self) -> None:
        require(self, "outputs", "width", least=1)
        require(self, "downsamplings", least=0)
        require_odd(self, "kernel")
        if self.shortcut and self.outputs != 3:
            raise ValueError(
                f"A shortcut carries the photo's 3 channels, but outputs is {self.outputs}; "
                "set outputs: 3 or shortcut: false."
            )


def pool_by_instance(features: Tensor, instances: Tensor) -> Tensor:
    """Replaces every pixel by the mean over its object (§3.4), without a loop over objects.

    Equal ids in different pictures of a batch are different objects.

    Args:
        features: (B, C, H, W). instances: (B, H, W) int64, any ids.
    Returns:
        (B, C, H, W), constant inside each object.
    """
    batch, channels, height, width = features.shape
    # unique over (picture, id) pairs: shifting by the span keeps the pictures of a batch apart.
    shifted = instances - instances.min()
    span = shifted.max() + 1
    offsets = torch.arange(batch, device=instances.device).view(-1, 1, 1) * span
    ids, index = torch.unique(shifted + offsets, return_inverse=True)
    index = index.flatten()
    # float64: in float32 the sum over a sky of a million pixels is off by percents.
    flat = features.permute(0, 2, 3, 1).reshape(-1, channels).double()
    sums = flat.new_zeros(len(ids), channels).index_add(0, index, flat)
    counts = torch.bincount(index, minlength=len(ids))
    means = (sums / counts.unsqueeze(1)).to(features.dtype)
    return means[index].view(batch, height, width, channels).permute(0, 3, 1, 2)


class FeatureEncoder(nn.Module):
    """E (§3.4): an encoder-decoder whose output is averaged over every object of the photo."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.config = config
        width, norm = config.width, config.norm
        layers: list[nn.Module] = [
            conv_norm_relu(3, width, config.kernel, norm=norm, padding=config.padding)
        ]
        for level in range(config.downsamplings):
            channels = width * 2**level
            layers.append(conv_norm_relu(channels, 2 * channels, 3, stride=2, norm=norm))
        for level in reversed(range(config.downsamplings)):
            channels = width * 2**level
            layers.append(
                upsample_norm_relu(2 * channels, channels, upsampling=config.upsampling, norm=norm)
            )
        layers.append(convolution(width, config.outputs, config.kernel, padding=config.padding))
        self.body = nn.Sequential(*layers)
        initialize(self)

    def forward(self, photo: Tensor, instances: Tensor) -> Tensor:
        """(B, 3, H, W) in [0, 1], (B, H, W) → (B, F, H, W) in [-1, 1], constant per object.

        H, W multiples of 2**downsamplings.
        """
        return pool_by_instance(self.features(photo), instances)

    def features(self, photo: Tensor) -> Tensor:
        """(B, 3, H, W) in [0, 1] → (B, F, H, W) in [-1, 1], of every pixel, not yet averaged."""
        _require_multiple(photo, 2**self.config.downsamplings)
        centred = photo * 2 - 1
        features = self.body(centred).to(photo.dtype)
        if self.config.shortcut:
            features = features + centred
        return features.tanh()
