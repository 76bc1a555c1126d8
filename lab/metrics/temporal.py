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
from torch import Tensor

from lab.images import to_bytes
from lab.videos.flow import optical_flow, trusted, warp

APART = (1, 10)  # frames between the two of a pair: flicker, and slow drift


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
        own = (to_bytes(picture), to_bytes(result))
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
