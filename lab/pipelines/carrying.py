"""Drawn frames carried along the motion of their video, so that what stays is drawn once.

A network with a stride draws the same stone a little differently wherever it lies between the
steps of its features, so texture shimmers in a pan even where the map is held. After Lai et al.
2018, Learning Blind Video Temporal Consistency (arXiv 1808.00449), whose recurrent network is here
a weighted mean, the form of their short-term loss.
"""

from __future__ import annotations

import torch
from torch import Tensor

from lab.videos.flow import SMALLEST_FLOW, optical_flow, trusted, warp

KEPT = 0.9  # of a pixel that can be followed comes from the frame before
ALIKE = 50.0  # Lai et al. 2018, eq. 3: exp(-50 d²) of a pixel whose colour changed by d


class Carrier:
    """Mixes each drawn frame with the one before it, moved along the optical flow of the input.

    Args:
        kept: share of the frame before, in [0, 1), wherever the flow can be trusted and the input
            itself shows the same colour there. Elsewhere, as behind what moves away and at the
            beginning of a shot, the frame is as it was drawn.

    Raises:
        ValueError: a share outside [0, 1).
    """

    def __init__(self, kept: float = KEPT) -> None:
        if not 0 <= kept < 1:
            raise ValueError(f"The share that is kept is {kept}; expected a number from 0 below 1.")
        self.kept = kept
        self._before: tuple[Tensor, Tensor] | None = None

    @torch.inference_mode()
    def __call__(self, picture: Tensor, drawn: Tensor, *, cut: bool) -> Tensor:
        """What is shown of a frame.

        Args:
            picture, drawn: the input's frame and what was made of it, (1, 3, H, W) in [0, 1].
            cut: a shot begins with it, so nothing is carried over.
        Returns:
            (1, 3, H, W) in [0, 1], on the device of `drawn`.
        """
        drawn_at_all = not torch.equal(drawn, picture.to(drawn))  # at strength 0 nothing is
        large_enough = min(picture.shape[-2:]) >= SMALLEST_FLOW
        if not cut and self._before is not None and drawn_at_all and large_enough:
            earlier, shown = self._before
            share, flow = followed(picture, earlier)
            share, flow = self.kept * share.to(drawn), flow.to(drawn)
            moved = warp(shown, flow, between="bicubic").clamp_(0, 1)
            drawn = torch.lerp(drawn, moved, share)
        self._before = picture, drawn
        return drawn


def followed(picture: Tensor, earlier: Tensor) -> tuple[Tensor, Tensor]:
    """How surely each pixel of a frame is found again in an earlier one, and where.

    Args:
        picture, earlier: (1, 3, H, W) in [0, 1].
    Returns:
        (H, W) in [0, 1], and the flow to the earlier frame, (2, H, W) in pixels.
    """
    flow = optical_flow(picture, earlier)
    where = trusted(flow, optical_flow(earlier, picture))
    changed = (picture.cpu() - warp(earlier.cpu(), flow)).square().sum(1)[0]
    return torch.exp(-ALIKE * changed) * where, flow
