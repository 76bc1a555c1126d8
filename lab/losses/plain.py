"""Where a content is plain, its drawing should be as light in one place as in the next.

Ours, after the idea that what looks alike in a picture should in its restyled version (Levin et al.
2008, A closed-form solution to natural image matting, as Luan et al. 2017 use it). Near the
silhouette of a bird the features of the sky are others than far from it. A transform that scales
them up to the contrast of a style draws a halo there, and stripes where the sky is nearly even, and
losses on textures do not mind. Differences are squared, since a halo is few strong ones and a brush
stroke many faint ones, and texture finer than a cell costs nothing.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

CELL = 4  # pixels: what is finer is texture
DISTANCES = (1, 2, 4, 8)  # in cells
ALIKE = 0.03  # difference of mean colours, of the range, at which cells still count as alike


def plain_loss(drawn: Tensor, content: Tensor) -> Tensor:
    """The mean of e^(-(Δcontent / ALIKE)²) · |Δdrawn|² over pairs of cells: a scalar.

    The two cells lie in one row or column, at one of the distances; Δcontent is the mean
    absolute, |Δdrawn|² the mean squared difference of the channels of their mean colours. 0 where
    no two cells lie as far apart.

    Args:
        drawn, content: (B, 3, H, W), in [0, 1] about; the gradient reaches `drawn` alone.
    """
    seen, own = F.avg_pool2d(content.detach(), CELL), F.avg_pool2d(drawn, CELL)
    terms = []
    for axis in (2, 3):
        for distance in DISTANCES:
            if seen.shape[axis] <= distance:
                continue
            apart, wanted = _differences(own, axis, distance), _differences(seen, axis, distance)
            alike = (-(wanted.abs().mean(1) / ALIKE).square()).exp()
            terms.append((alike * apart.square().mean(1)).mean())
    return torch.stack(terms).mean() if terms else drawn.sum() * 0


def _differences(cells: Tensor, axis: int, distance: int) -> Tensor:
    """(B, 3, h, w) → (B, 3, h', w'): every cell less the one `distance` further along the axis."""
    kept = cells.shape[axis] - distance
    first, second = cells.narrow(axis, 0, kept), cells.narrow(axis, distance, kept)
    return first - second
