"""What the previews of a run have in common: rows of pictures on one sheet."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lab.images import resize

WIDEST = 1536


def sheet(rows: Sequence[Sequence[Tensor]]) -> Tensor:
    """Rows of (1, 3, H, W), all of one size → (3, h, w), at most `WIDEST` pixels wide."""
    whole = torch.cat([torch.cat(list(row), 3) for row in rows], 2)
    height, width = whole.shape[2:]
    if width > WIDEST:
        whole = resize(whole, (WIDEST, round(height * WIDEST / width)))
    return whole[0]
