"""Style transfer between an encoder and a decoder, whatever maps the features in between.

Linear transfer, AdaIN and WCT differ in their maps alone (`lab.models.feature_maps`); what one can
do with them is here, once: keep styles, mix them, weaken them, give regions their own, draw very
large pictures in tiles, and hold a video steady.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lab.images import cell_for, pad_to_multiple
from lab.interfaces import Paper, Progress, part_of
from lab.models.feature_maps import AffineMap, Mapper
from lab.pipelines.regions import region_shares, style_mask
from lab.pipelines.windows import Steps, Windows

SMALLEST_REGION = 16  # places of a feature map below which a region has no statistics of its own

Settle = Callable[[tuple[int, int], Callable[[], AffineMap]], AffineMap]
"""Given (level, region) and how to compute its map, returns the map to use: how videos are held."""


@dataclass(frozen=True, eq=False)
class Level:
    """An encoder, the decoder that undoes it, and the method between them."""

    encoder: nn.Module
    decoder: nn.Module
    mapper: Mapper

    @property
    def stride(self) -> int:
        """Pixels per step of the features."""
        return self.encoder.config.stride

    @property
    def margin(self) -> int:
        """How many pixels away a pixel can matter to what is computed at another."""
        return self.encoder.margin + max(self.decoder.margin, self.stride * self.mapper.margin)


@dataclass(frozen=True, eq=False)
class Style:
    """What a method keeps of a style picture: its statistics at every level."""

    levels: tuple[Any, ...]

    def to(self, device: torch.device | str) -> Style:
        """The same on another device."""
        return Style(tuple(level.to(device) for level in self.levels))


class FeatureTransfer:
    """Encodes, maps, decodes: level by level, from the deepest to the shallowest."""

    paper: ClassVar[Paper]

    def __init__(
        self,
        levels: Sequence[Level],
        *,
        native_size: tuple[int, int] = (512, 512),
        digest: str = "",
    ) -> None:
        self.levels = tuple(levels)
        self.native_size, self.digest = native_size, digest
        self.multiple = max(level.stride for level in self.levels)

    @property
    def device(self) -> torch.device:
        """Where the networks are."""
        return next(self.levels[0].decoder.parameters()).device

    def __call__(
        self,
        content: Tensor,
        style: Tensor,
        *,
        strength: float = 1.0,
        progress: Progress | None = None,
    ) -> Tensor:
        """`content` (B, 3, H, W) in the style of `style` (1 or B, 3, h, w), all in [0, 1].

        strength: 0 is the content itself, 1 the method as published. progress: told of each
            picture by itself.
        Returns (B, 3, H, W) in [0, 1].
        Raises ValueError on another number of styles, and like `stylize`.
        """
        if len(style) not in (1, len(content)):
            raise ValueError(
                f"{len(style)} styles were given for {len(content)} contents; expected one style, "
                "or one for each content."
            )
        styles = [self.encode_style(each[None]) for each in style]
        styles = styles * len(content) if len(styles) == 1 else styles
        how = {"strength": strength, "progress": progress}
        pairs = zip(content, styles, strict=True)
        return torch.cat([self.stylize(one[None], [look], [1.0], **how) for one, look in pairs])

    @torch.inference_mode()
    def encode_style(
        self,
        style: Tensor,
        mask: Tensor | None = None,
        *,
        tile: int | None = None,
        progress: Progress | None = None,
    ) -> Style:
        """(1, 3, h, w) in [0, 1] → what the method keeps of it; compute once, reuse.

        mask: (h, w), not negative, not all 0: which part of the picture counts, and how much.
        tile: side of the tiles in which it is read, for pictures too large for the memory.
        progress: told after every tile, each time it is read.
        Raises ValueError on more than one picture, and a mask that does not fit it.
        """
        if len(style) != 1:
            raise ValueError(
                f"{len(style)} styles were given to be read at once; expected one, (1, 3, h, w): "
                "read each by itself."
            )
        padded, _ = self._padded(style.to(self.device))
        weights = None
        if mask is not None:
            mask = style_mask(mask, style.shape[2:]).to(self.device)
            weights = self._padded(mask[None, None])[0]
        described = []
        for index, level in enumerate(self.levels):
            steps = Steps(self._level(progress, index))
            windows = self._windows(level, padded, tile, steps)
            own = None if weights is None else F.avg_pool2d(weights, level.stride)[0, 0]
            steps.all = level.mapper.passes * windows.count(own)
            described.append(level.mapper.describe_style(partial(windows.views, own)))
        return Style(tuple(described))

    @torch.inference_mode()
    def reconstruct(self, content: Tensor) -> Tensor:
        """What encoders and decoders make of a content (1, 3, H, W) when nothing is mapped."""
        picture, (height, width) = self._padded(content.to(self.device))
        plain = self._draw(picture, _Job([], [], 0.0, None, None), None)
        return plain[..., :height, :width].clamp(0, 1)

    @torch.inference_mode()
    def describe(self, content: Tensor, *, tile: int | None = None) -> Any:
        """What the deepest level's method knows of a content (1, 3, H, W)."""
        padded, _ = self._padded(content.to(self.device))
        windows = self._windows(self.levels[0], padded, tile)
        return self.levels[0].mapper.describe_content(windows.views)

    @torch.inference_mode()
    def stylize(
        self,
        content: Tensor,
        styles: Sequence[Style],
        weights: Sequence[float],
        *,
        strength: float = 1.0,
        masks: Tensor | None = None,
        tile: int | None = None,
        progress: Progress | None = None,
        settle: Settle | None = None,
    ) -> Tensor:
        """Draws a content in a mix of styles, or each region in its own.

        Args:
            content: (1, 3, H, W) in [0, 1], any size. styles: at least one. weights: one per
                style, not negative; scaled to sum to one.
            strength: in [0, 1]; 0 is the content itself to the last bit. Between, the decoder sees
                a mix of features (as all the papers do), and what encoder and decoder lose of the
                content comes back in step.
            masks: (styles, H, W), not negative: how much of each style a place takes, scaled to
                sum to one; `weights` hold where all are 0. A region's statistics are its own.
            tile: side of the tiles in which it is drawn, for pictures too large for the memory.
                Statistics are those of the whole picture, and so is the result.
            progress, settle: see `Progress` and `Settle`; told after every tile, when it was read
                for statistics and when it was drawn.
        Returns:
            (1, 3, H, W) in [0, 1].
        Raises:
            ValueError: weights, strength, masks or a content that do not fit.
        """
        shares = shares_of(styles, weights)
        _check(content, strength)
        if masks is not None:
            masks = region_shares(masks, shares, size=content.shape[2:]).to(self.device)
        if strength == 0:
            return content.to(self.device).clone()
        picture, (height, width) = self._padded(content.to(self.device))
        masks = None if masks is None else self._padded(masks[None])[0][0]
        job = _Job(styles, shares, strength, tile, settle, masks)
        passes = 1 + self.levels[0].mapper.passes
        share = 1.0 if strength == 1 else passes / (passes + 1)  # what is undrawn is only decoded
        drawn = self._draw(picture, job, part_of(progress, 0.0, share))
        if strength < 1:
            rest = part_of(progress, share, 1.0)
            plain = self._draw(picture, replace(job, strength=0.0), rest)
            drawn.sub_(plain.sub_(picture), alpha=1 - strength)
        return drawn[..., :height, :width].clamp_(0, 1)

    def _padded(self, picture: Tensor) -> tuple[Tensor, tuple[int, int]]:
        """A picture all levels can read, and its own size."""
        return pad_to_multiple(picture, cell_for(picture.shape[2:], self.multiple))

    def _draw(self, picture: Tensor, job: _Job, progress: Progress | None) -> Tensor:
        """All levels, each encoding what the one before has drawn."""
        for index, level in enumerate(self.levels):
            steps = Steps(self._level(progress, index))
            windows = self._windows(level, picture, job.tile, steps)
            masks = job.masks_at(level.stride)
            read = level.mapper.passes * job.views(windows, masks) if job.strength else 0
            steps.all = read + len(windows)
            maps = job.maps(index, level.mapper, windows, masks) if job.strength else []
            steps.done = read  # also where maps are held and nothing was read
            drawn = torch.empty_like(picture)
            for tile, features in windows:
                mapped = apply_maps(features, maps, _cut(masks, tile.source(level.stride)))
                rows, columns = tile.place()
                drawn[..., rows, columns] = _cut(level.decoder(mapped), tile.inside())
            picture = drawn
        return picture

    def _level(self, progress: Progress | None, index: int) -> Progress | None:
        """The progress of one level."""
        return part_of(progress, index / len(self.levels), (index + 1) / len(self.levels))

    def _windows(
        self, level: Level, picture: Tensor, tile: int | None, steps: Steps | None = None
    ) -> Windows:
        how = {"side": tile, "margin": level.margin, "multiple": self.multiple}
        return Windows(level.encoder, picture, told=steps or Steps(None), **how)


@dataclass(frozen=True, eq=False)
class _Job:
    """What is asked of every level alike; `masks` (styles, H, W) at the picture's size."""

    styles: Sequence[Style]
    shares: Sequence[float]
    strength: float
    tile: int | None
    settle: Settle | None
    masks: Tensor | None = None

    def masks_at(self, stride: int) -> Tensor | None:
        """(styles, h, w)."""
        return None if self.masks is None else F.avg_pool2d(self.masks[None], stride)[0]

    def views(self, windows: Windows, masks: Tensor | None) -> int:
        """How many windows are read each time that `maps` goes over what it needs."""
        if masks is None:
            return len(windows)
        large = [own for own in masks if own.sum() >= SMALLEST_REGION]
        return sum(map(windows.count, large)) + len(windows) * (len(large) < len(masks))

    def maps(
        self, index: int, mapper: Mapper, windows: Windows, masks: Tensor | None
    ) -> list[AffineMap]:
        """The map of the mix, or one for every region."""
        looks = [style.levels[index] for style in self.styles]
        whole = cache(lambda: mapper.describe_content(windows.views))

        def compute(region: int) -> AffineMap:
            if masks is None:
                return mapper.map(whole(), looks, self.shares)
            own = masks[region]
            if own.sum() < SMALLEST_REGION:
                return mapper.map(whole(), [looks[region]], [1.0])
            content = mapper.describe_content(lambda: windows.views(own))
            return mapper.map(content, [looks[region]], [1.0])

        count = 1 if masks is None else len(masks)
        settle = self.settle or (lambda _, make: make())
        maps = [settle((index, region), lambda r=region: compute(r)) for region in range(count)]
        return [each.weakened(self.strength) for each in maps]


def apply_maps(features: Tensor, maps: Sequence[AffineMap], masks: Tensor | None) -> Tensor:
    """Each place by its map: (1, C, h, w) → (1, C, h, w).

    Args:
        maps: none leaves the features as they are; else one, or one for every region.
        masks: (regions, h, w) that sum to one, or None for a single map.
    """
    if not maps:
        return features
    if masks is None:
        return maps[0](features)
    return sum(mask * each(features) for mask, each in zip(masks, maps, strict=True))


def shares_of(styles: Sequence[Any], weights: Sequence[float]) -> list[float]:
    """The weights scaled to sum to one.

    Raises:
        ValueError: not one weight per style, none at all, a negative one, or no positive one.
    """
    if not styles or len(styles) != len(weights):
        raise ValueError(
            f"{len(styles)} styles were given with {len(weights)} weights; "
            "expected as many weights as styles, at least one."
        )
    total = float(sum(weights))
    if min(weights) < 0 or not 0 < total < float("inf"):
        raise ValueError(
            f"The style weights are {list(weights)}; expected numbers not below 0 "
            "with a sum above 0."
        )
    return [weight / total for weight in weights]


def _check(content: Tensor, strength: float) -> None:
    if not 0 <= strength <= 1:
        raise ValueError(f"strength is {strength}; expected a number from 0 to 1.")
    if len(content) != 1:
        raise ValueError(f"{len(content)} contents were given; expected one, (1, 3, H, W).")


def _cut(x: Tensor | None, where: tuple[slice, slice]) -> Tensor | None:
    return None if x is None else x[..., where[0], where[1]]
