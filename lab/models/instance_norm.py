"""Instance normalisation (Ulyanov et al. 2016) that can keep the statistics of another picture.

Its means and deviations are taken over the whole picture, so a change in one place moves every
other place a little. A picture drawn with the statistics of the one it is an edit of differs from
it only as far as the convolutions reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch
from torch import Tensor, nn

Statistics = dict[nn.Module, tuple[Tensor, Tensor]]  # layer → variance, mean: (B, C, 1, 1) each

# Of the current thread: another visitor's picture is drawn by the same layers at the same time.
_recorded: ContextVar[Statistics | None] = ContextVar("recorded", default=None)
_held: ContextVar[Statistics | None] = ContextVar("held", default=None)


class InstanceNorm(nn.InstanceNorm2d):
    """`nn.InstanceNorm2d`, of which `recorded` and `held` know, with the right gradients.

    On processors PyTorch (2.12 at least) takes the gradient of a single picture for contiguous even
    where it lies channels last, and returns that of a picture out of order, without a word.
    """

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) → (B, C, H, W)."""
        statistics = _recorded.get()
        if statistics is not None:
            statistics[self] = torch.var_mean(x, (2, 3), correction=0, keepdim=True)
        held = _held.get()
        if held is None:
            normalized = super().forward(x)
            if normalized.requires_grad:
                normalized.register_hook(Tensor.contiguous)
            return normalized
        variance, mean = held[self]
        normalized = (x - mean) * (variance + self.eps).rsqrt()
        if not self.affine:
            return normalized
        return normalized * self.weight.view(1, -1, 1, 1) + self.bias.view(1, -1, 1, 1)


@contextmanager
def recorded() -> Iterator[Statistics]:
    """Collects the statistics of every layer that runs inside."""
    statistics: Statistics = {}
    token = _recorded.set(statistics)
    try:
        yield statistics
    finally:
        _recorded.reset(token)


@contextmanager
def held(statistics: Statistics) -> Iterator[None]:
    """Every layer that runs inside normalises by these statistics instead of its input's own."""
    token = _held.set(statistics)
    try:
        yield
    finally:
        _held.reset(token)
