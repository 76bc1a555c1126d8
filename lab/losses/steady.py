"""What a network draws of a moved picture should be its drawing, moved as far.

Ours: shift equivariance as in Zhang 2019 (Making convolutional networks shift-invariant again), by
a loss in place of filters. A network of stride 4 commutes with movements by 4 pixels alone; by
fewer, fine texture turns into another one, which shimmers when a camera pans, and what it draws at
the same place of every cell is a grid. Both cost here; texture that moves along costs nothing.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

BORDER = 8  # pixels at every side that see most of what came in from beyond it


def moved(picture: Tensor, rows: int, columns: int) -> Tensor:
    """(B, C, H, W) moved up and to the left by whole pixels >= 0, its last ones repeated."""
    return F.pad(picture[..., rows:, columns:], (0, columns, 0, rows), mode="replicate")


def steady_loss(drawn: Tensor, drawn_of_moved: Tensor, rows: int, columns: int) -> Tensor:
    """L1 between f(moved x) and moved f(x) for f(x) = `drawn`: (B, C, H, W) twice → scalar.

    What lies within 8 pixels of the border, or a quarter of a smaller picture, does not count.
    """
    height, width = drawn.shape[2:]
    top, left = min(BORDER, height // 4), min(BORDER, width // 4)
    inside = (..., slice(top, height - top), slice(left, width - left))
    return (drawn_of_moved[inside] - moved(drawn, rows, columns)[inside]).abs().mean()


def movement(stride: int) -> tuple[int, int]:
    """Rows and columns below `stride`, not both 0, by torch's generator."""
    place = int(torch.randint(1, stride**2, ()))
    return place // stride, place % stride
