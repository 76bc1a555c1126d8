"""Where a content is plain, its drawing should be as light in one place as in the next.

Ours, after the idea that what looks alike in a picture should in its restyled version (Levin et al.
2008, A closed-form solution to natural image matting, as Luan et al. 2017 use it). Near the
silhouette of a bird the features of the sky are others than far from it. A transform that scales
them up to the contrast of a style draws a halo there, and stripes where the sky is nearly even, and
losses on textures do not mind. Texture finer than a cell costs nothing here.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

CELL = 8  # pixels: what is finer is texture
DISTANCES = (1, 2, 4)  # in cells
ALIKE = 0.03  # difference of mean colours, of the range, at which cells still count as alike


def plain_loss(drawn: Tensor, content: Tensor) -> Tensor:
    """Σ e^(-(Δcontent / ALIKE)²) · Δdrawn over pairs of cells in a row or column: a scalar.

    Δ is the mean absolute difference of the two cells' mean colours; a mean over pairs, 0 where no
    two cells lie as far apart.

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
            terms.append(((-(wanted / ALIKE).square()).exp() * apart).mean())
    return torch.stack(terms).mean() if terms else drawn.sum() * 0


def _differences(cells: Tensor, axis: int, distance: int) -> Tensor:
    """(B, 3, h, w) → (B, h', w'): of every cell and the one `distance` further along the axis."""
    kept = cells.shape[axis] - distance
    first, second = cells.narrow(axis, 0, kept), cells.narrow(axis, distance, kept)
    return (first - second).abs().mean(1)
