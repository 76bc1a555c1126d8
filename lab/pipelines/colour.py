"""Keeping the content's colours: Gatys et al. 2016b, Preserving Color in Neural Artistic Style
Transfer (arXiv 1606.05897). Either only brightness is transferred, or the style picture is given
the content's colours before its style is read.

Luma is Y of ITU-R BT.601 (`lab.images.luma`). Two pictures have the same chroma (Cb, Cr) where they
differ by the same amount in red, green and blue.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from lab.images import luma
from lab.models.closed_forms import wct_map
from lab.models.feature_maps import Moments, View, moments

NOISE = (3 / 255) ** 2  # of the variances: a deviation that rounding and JPEG give grey, too
_ROWS = 256  # of a picture looked at in one go


def keep_luminance(result: Tensor, content: Tensor) -> Tensor:
    """The result's luma with the content's chroma (Gatys et al. 2016b, §3.2).

    Luma is the result's everywhere. Chroma is the content's wherever such a colour exists; where
    it would leave [0, 1], it is weakened towards grey, its hue kept, until it does not.

    Args:
        result, content: (B, 3, H, W) in [0, 1].
    Returns:
        (B, 3, H, W) in [0, 1].
    Raises:
        ValueError: two different sizes.
    """
    if result.shape != content.shape:
        raise ValueError(
            f"The result is {tuple(result.shape)} and the content {tuple(content.shape)}; "
            "expected the same size."
        )
    drawn = torch.empty_like(result)
    for start in range(0, result.shape[2], _ROWS):
        rows = slice(start, start + _ROWS)
        light, own = luma(result[:, :, rows]), content[:, :, rows]
        chroma = own - luma(own)
        high, low = chroma.amax(1, keepdim=True), chroma.amin(1, keepdim=True)
        room = torch.minimum((1 - light) / high.clamp_min(1e-6), light / (-low).clamp_min(1e-6))
        drawn[:, :, rows] = (light + chroma * room.clamp(0, 1)).clamp(0, 1)
    return drawn


def match_colours(style: Tensor, content: Tensor, *, mask: Tensor | None = None) -> Tensor:
    """The style picture with the mean and covariance of the content's colours.

    The linear method of Gatys et al. 2016b, §3.1, in its symmetric form: Σc^½ Σs^-½ (x - μs) + μc.
    Directions in which the style's colours deviate by less than three steps of 8 bits are not
    stretched any further, so grey pictures and those of a single colour keep their noise small.

    Args:
        style: (1, 3, h, w) in [0, 1]. content: (1, 3, H, W) in [0, 1], of any size.
        mask: (h, w), not negative, how much each pixel of the style counts; None counts all alike.
    Returns:
        (1, 3, h, w); values beyond [0, 1] are not clamped.
    """
    own, wanted = colours(style, mask), colours(content)
    ridge = NOISE / float(own.covariance.diagonal().mean().clamp_min(1e-12))
    return wct_map(own, wanted, ridge=ridge)(style)


def colours(picture: Tensor, mask: Tensor | None = None) -> Moments:
    """Mean (3,) and covariance (3, 3) of the colours of a picture (1, 3, H, W), of which each pixel
    counts by `mask` (H, W); None counts all alike."""

    def strips() -> Iterator[View]:
        for start in range(0, picture.shape[2], _ROWS):
            rows = slice(start, start + _ROWS)
            yield View.whole(picture[:, :, rows], None if mask is None else mask[rows])

    return moments(strips)
