"""How much a drawn video flickers: what changes between its frames though the scene did not.

The optical flow between two frames of the *input* video says where every pixel came from. The
earlier result, moved along it, is compared with the later one wherever the flow can be trusted.
Flow and interpolation are never perfect, so the input video compared with itself in the same way,
by the same flow at the same places, is the floor under all results.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

APART = (1, 10)  # frames between the two of a pair: flicker, and slow drift
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
    try:
        import cv2
    except ImportError:
        raise ValueError(
            "Optical flow needs OpenCV; install it: pip install opencv-python-headless"
        ) from None
    if picture.shape != other.shape or min(picture.shape[-2:]) < SMALLEST_FLOW:
        raise ValueError(
            f"Optical flow needs two pictures of one size, {SMALLEST_FLOW}x{SMALLEST_FLOW} or "
            f"more; got {_size(picture)} and {_size(other)}."
        )
    pictures = (
        cv2.cvtColor(_bytes(each)[0].permute(1, 2, 0).numpy(), cv2.COLOR_RGB2GRAY)
        for each in (picture, other)
    )
    finder = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return torch.from_numpy(np.ascontiguousarray(finder.calc(*pictures, None).transpose(2, 0, 1)))


def warp(picture: Tensor, flow: Tensor) -> Tensor:
    """Looks up every pixel where the flow points, between pixels by bilinear interpolation.

    Args:
        picture: (1, C, H, W). flow: (2, H, W) in pixels, as `optical_flow(now, before)`.
    Returns:
        (1, C, H, W); beyond the border its nearest pixels.
    """
    height, width = flow.shape[-2:]
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    x, y = columns + flow[0], rows + flow[1]
    # With align_corners, -1 and 1 are the centres of the outermost pixels.
    grid = torch.stack((2 * x / max(width - 1, 1) - 1, 2 * y / max(height - 1, 1) - 1), -1)
    return F.grid_sample(picture, grid[None], padding_mode="border", align_corners=True)


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
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    x, y = columns + flow[0], rows + flow[1]
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    return consistent & smooth & inside


def temporal_error(picture: Tensor, before: Tensor, flow: Tensor, where: Tensor) -> float:
    """Mean squared difference between a picture and an earlier one moved along the flow.

    Args:
        picture, before: (1, 3, H, W) in [0, 1].
        flow: (2, H, W) from the picture to the earlier one.
        where: (H, W) bool, the places that count (`trusted`).
    Returns:
        The mean over places and channels; NaN if no place counts.
    """
    moved = warp(before, flow)
    return float((picture - moved).square().mean(1)[0][where].mean())


@dataclass(frozen=True)
class TemporalError:
    """The mean over all pairs of frames `apart` frames from one another in one shot.

    Attributes:
        result, floor: `temporal_error` of the results and of the input itself.
        trusted: the share of pixels that could be compared.
    """

    apart: int
    pairs: int
    result: float
    floor: float
    trusted: float


class TemporalMeter:
    """Takes a video's frames with their results, one by one, and sums up its temporal errors.

    It holds the last frames as 8 bits. Pairs with a cut between them are left out, and those with
    no pixel to compare.

    Args:
        apart: see `TemporalError`.
    """

    def __init__(self, apart: tuple[int, ...] = APART) -> None:
        self._kept: deque[tuple[Tensor, Tensor]] = deque(maxlen=max(apart))
        self._values: dict[int, list[tuple[float, float, float]]] = {k: [] for k in apart}

    @torch.inference_mode()
    def add(self, picture: Tensor, result: Tensor, *, cut: bool = False) -> None:
        """A frame and its result, (1, 3, H, W) in [0, 1]; `cut`: a shot begins with it."""
        if cut:
            self._kept.clear()
        own = (_bytes(picture), _bytes(result))
        for apart, values in self._values.items():
            if apart > len(self._kept):
                continue
            (now, drawn), (earlier, drawn_earlier) = own, self._kept[-apart]
            now, drawn, earlier, drawn_earlier = (
                each.float() / 255 for each in (now, drawn, earlier, drawn_earlier)
            )
            flow = optical_flow(now, earlier)
            where = trusted(flow, optical_flow(earlier, now))
            if where.any():
                error = temporal_error(drawn, drawn_earlier, flow, where)
                floor = temporal_error(now, earlier, flow, where)
                values.append((error, floor, float(where.float().mean())))
        self._kept.append(own)

    def errors(self) -> list[TemporalError]:
        """One for every distance at which there was a pair, the shortest first."""
        return [
            TemporalError(apart, len(values), *np.mean(values, axis=0).tolist())
            for apart, values in sorted(self._values.items())
            if values
        ]


def _gradient(flow: Tensor) -> Tensor:
    """|∇u|² + |∇v|², by forward differences: (2, H, W) → (H, W)."""
    right = F.pad(flow[:, :, 1:] - flow[:, :, :-1], (0, 1))
    down = F.pad(flow[:, 1:] - flow[:, :-1], (0, 0, 0, 1))
    return (right**2 + down**2).sum(0)


def _bytes(picture: Tensor) -> Tensor:
    return (picture.detach().float().clamp(0, 1) * 255).round().byte().cpu()


def _size(picture: Tensor) -> str:
    return f"{picture.shape[-1]}x{picture.shape[-2]}"
