"""Regions of a picture that each take their own style."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

EXACT = 16  # pixels: softer edges are drawn small and enlarged, or their Gaussian takes seconds
FINE, CELLS = 8, 64  # pixels of the small copy: of the deviation, and of its shorter side, at least
STRIP = 2**19  # pixels that are blurred in one go: convolutions hold many times their picture
FEWEST = 0.002  # of a picture's pixels that a class needs on either side to be matched
NOBODY = 1e-6  # below this sum of masks nobody has asked for anything


def common_classes(
    content: Tensor, style: Tensor, pairs: Iterable[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Of pairs of class ids (content's, style's) those that both pictures show enough of.

    Args:
        content, style: (H, W) int64 label maps, each of any size.
    """
    return [
        (own, other)
        for own, other in pairs
        if _share(content, own) >= FEWEST and _share(style, other) >= FEWEST
    ]


def regions_of(labels: Tensor, classes: Sequence[int]) -> Tensor:
    """(H, W) int64: which of `classes` a place has, and `len(classes)` where none."""
    regions = torch.full_like(labels, len(classes))
    for number, wanted in enumerate(classes):
        regions[labels == wanted] = number
    return regions


def class_masks(
    content: Tensor, style: Tensor, pairs: Sequence[tuple[int, int]], *, soft: float = 0.0
) -> tuple[Tensor, list[Tensor | None]]:
    """For a style picture that is read class by class, and last as a whole: where in the content
    each reading goes, and what of the style counts in it.

    Args:
        content, style: (H, W) and (h, w) int64 label maps. pairs: of class ids (content's, style's)
            that take each other's look; all else takes the whole's. soft: see `region_masks`.
    Returns:
        (pairs + 1, H, W) in [0, 1], summing to one; and (h, w) float32 for every pair, at last
        None, which is all.
    """
    regions = regions_of(content, [own for own, _ in pairs])
    counting = [(style == other).float() for _, other in pairs]
    return region_masks(regions, len(pairs) + 1, soft=soft), [*counting, None]


def region_masks(regions: Tensor, count: int, *, soft: float = 0.0) -> Tensor:
    """Which place belongs to which region, as masks with soft edges.

    Args:
        regions: (H, W) int64, 0 to count - 1. soft: deviation in pixels of the Gaussian that
            blurs the edges; 0 leaves them sharp. Above `EXACT` within a percent of it.
    Returns:
        (count, H, W) in [0, 1], summing to one.
    Raises:
        ValueError: a region outside the range.
    """
    low, high = int(regions.min()), int(regions.max())
    if low < 0 or high >= count:
        expected = "0 alone" if count == 1 else f"0 to {count - 1}"
        raise ValueError(
            f"Region {low if low < 0 else high} has no style; expected {expected}, one region for "
            "each style."
        )
    masks = torch.empty(count, *regions.shape, device=regions.device)
    for region, mask in enumerate(masks):
        mask.copy_(regions == region)
    if not soft:
        return masks
    step = int(min(soft / FINE, min(regions.shape) / CELLS))
    step = 1 if soft <= EXACT else max(1, step)
    reach = min(int(3 * soft + 0.5), min(regions.shape) - 1)
    for mask in masks:  # one after the other and in its own place, or memory holds all twice
        mask.copy_(_softened(mask[None, None], soft, reach=reach, step=step)[0, 0])
    return masks.div_(masks.sum(0))


def _share(labels: Tensor, wanted: int) -> float:
    return float((labels == wanted).float().mean())


def _softened(mask: Tensor, soft: float, *, reach: int, step: int) -> Tensor:
    """`_blurred`, of a copy `step` times as small and enlarged again."""
    if step == 1:
        return _blurred(mask, soft, reach)
    height, width = mask.shape[2:]
    # One cell more on every side, or nothing would be between the outermost cells and the border.
    sides = (step, step + -width % step, step, step + -height % step)
    small = F.avg_pool2d(F.pad(mask, sides, mode="replicate"), step)
    near = round((2 * reach + 1) / step) // 2
    large = F.interpolate(_blurred(small, soft / step, near), scale_factor=step, mode="bilinear")
    return large[..., step : step + height, step : step + width]


def _blurred(mask: Tensor, soft: float, reach: int) -> Tensor:
    """A mask (1, 1, H, W) under a Gaussian of deviation `soft` that ends after `reach` pixels, the
    border repeated; strip by strip of its rows."""
    places = torch.arange(-reach, reach + 1, device=mask.device)
    kernel = torch.exp(-0.5 * (places / soft) ** 2)
    kernel = (kernel / kernel.sum()).view(1, 1, 1, -1)
    height, width = mask.shape[2:]
    blurred = torch.empty_like(mask)
    rows = max(2 * reach, STRIP // width, 1)
    for start in range(0, height, rows):
        stop = min(start + rows, height)
        first, last = max(0, start - reach), min(height, stop + reach)
        missing = (reach - (start - first), reach - (last - stop))  # beyond the border
        seen = F.pad(mask[:, :, first:last], (reach, reach, *missing), mode="replicate")
        blurred[:, :, start:stop] = F.conv2d(F.conv2d(seen, kernel), kernel.mT)
    return blurred


def region_shares(masks: Tensor, shares: Sequence[float], *, size: tuple[int, int]) -> Tensor:
    """Masks scaled to sum to one everywhere; where all are 0, `shares` hold.

    Args:
        masks: (regions, H, W). shares: one per region, summing to one. size: (H, W) of the picture.
    Raises:
        ValueError: another number of masks than styles, another size, a negative or broken value.
    """
    if masks.shape != (len(shares), *size):
        raise ValueError(
            f"The masks are {tuple(masks.shape)}; expected (styles, H, W) = "
            f"{(len(shares), *size)}, the content's size."
        )
    masks = masks.float()
    _check_values(masks, "The masks hold")
    total = masks.sum(0)
    nobody = total < NOBODY
    wanted = torch.tensor(shares, device=masks.device)[:, None, None].expand_as(masks)
    return torch.where(nobody, wanted, masks / total.clamp_min(NOBODY))


def style_mask(mask: Tensor, size: tuple[int, int]) -> Tensor:
    """Which part of a style picture counts, checked: (h, w) float32; `size` (h, w) of the picture.

    Raises:
        ValueError: another size, a negative or broken value, or nothing that counts.
    """
    if mask.shape != size:
        raise ValueError(
            f"The mask of the style is {tuple(mask.shape)}; expected (h, w) = {tuple(size)}, the "
            "style picture's size: resize it."
        )
    mask = mask.float()
    _check_values(mask, "The mask of the style holds")
    if mask.sum() < NOBODY:
        raise ValueError(
            "The mask of the style is 0 everywhere, so nothing of the picture counts; expected "
            "a number above 0 where it does."
        )
    return mask


def _check_values(masks: Tensor, subject: str) -> None:
    if not masks.isfinite().all() or masks.min() < 0:
        raise ValueError(f"{subject} negative or broken values; expected numbers from 0 to 1.")
