"""Where the pixels of a frame were in another: optical flow, moving along it, trusting it."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from lab.images import to_bytes
from lab.opencv import opencv

SMALLEST_FLOW = 16  # pixels a side that optical flow needs


def optical_flow(picture: Tensor, other: Tensor) -> Tensor:
    """For every pixel of `picture`, where it is in `other`: dense inverse search (Kroeger et al.
    2016), OpenCV's preset "medium".

    Args:
        picture, other: (1, 3, H, W) in [0, 1], sides of 16 or more.
    Returns:
        (2, H, W), pixels to the right and down.
    Raises:
        ValueError: pictures that are too small or differ in size; or OpenCV is not installed.
    """
    cv2 = opencv("Optical flow")
    if picture.shape != other.shape or min(picture.shape[-2:]) < SMALLEST_FLOW:
        raise ValueError(
            f"Optical flow needs two pictures of one size, {SMALLEST_FLOW}x{SMALLEST_FLOW} or "
            f"more; got {_size(picture)} and {_size(other)}."
        )
    pictures = (
        cv2.cvtColor(to_bytes(each)[0].permute(1, 2, 0).numpy(), cv2.COLOR_RGB2GRAY)
        for each in (picture, other)
    )
    finder = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return torch.from_numpy(np.ascontiguousarray(finder.calc(*pictures, None).transpose(2, 0, 1)))


def warp(
    picture: Tensor, flow: Tensor, *, between: Literal["bilinear", "bicubic"] = "bilinear"
) -> Tensor:
    """Looks up every pixel where the flow points.

    Args:
        picture: (1, C, H, W). flow: (2, H, W) in pixels, as `optical_flow(now, before)`.
        between: the interpolation between pixels; bicubic blurs less and may leave [0, 1].
    Returns:
        (1, C, H, W); beyond the border its nearest pixels.
    """
    height, width = flow.shape[-2:]
    x, y = _targets(flow)
    # With align_corners, -1 and 1 are the centres of the outermost pixels.
    grid = torch.stack((2 * x / max(width - 1, 1) - 1, 2 * y / max(height - 1, 1) - 1), -1)
    how = {"mode": between, "padding_mode": "border", "align_corners": True}
    return F.grid_sample(picture, grid[None], **how)


def trusted(flow: Tensor, back: Tensor) -> Tensor:
    """Where a flow can be relied on: not occluded, not at the border of a motion, not outside.

    A pixel and its counterpart must agree on where they went (Sundaram et al. 2010, eq. 5; in the
    form of Ruder et al. 2016, eq. 4 and 5):

        |w + w'|² <= 0.01 (|w|² + |w'|²) + 0.5   and   |∇w|² <= 0.01 |w|² + 0.002

    Args:
        flow: (2, H, W) from a frame to another. back: (2, H, W) from that one to this.
    Returns:
        (H, W) bool.
    """
    height, width = flow.shape[-2:]
    returned = warp(back[None], flow)[0]
    apart, lengths = (flow + returned).square().sum(0), (flow**2 + returned**2).sum(0)
    consistent = apart <= 0.01 * lengths + 0.5
    smooth = _gradient(flow) <= 0.01 * flow.square().sum(0) + 0.002
    x, y = _targets(flow)
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    return consistent & smooth & inside


def _targets(flow: Tensor) -> tuple[Tensor, Tensor]:
    """The columns and rows that a flow (2, H, W) points at, each (H, W)."""
    height, width = (torch.arange(side, device=flow.device) for side in flow.shape[-2:])
    return width + flow[0], height[:, None] + flow[1]


def _gradient(flow: Tensor) -> Tensor:
    """|∇u|² + |∇v|², by forward differences: (2, H, W) → (H, W)."""
    right = F.pad(flow[:, :, 1:] - flow[:, :, :-1], (0, 1))
    down = F.pad(flow[:, 1:] - flow[:, :-1], (0, 0, 0, 1))
    return (right**2 + down**2).sum(0)


def _size(picture: Tensor) -> str:
    return f"{picture.shape[-1]}x{picture.shape[-2]}"
