"""Statistics of a picture's features, and the affine maps between two pictures' statistics.

The closed forms of style transfer (AdaIN, WCT) and the learned matrix of Li et al. 2019 are all one
thing: y = W x + b at every place, where W and b depend on the statistics of content and style. So
mixing styles is mixing maps, a region takes its own map, and a picture in tiles needs its
statistics only once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

PIECE = 2**16  # places whose features are held in float64 at a time


@dataclass(frozen=True, eq=False)
class AffineMap:
    """y = W x + b for every place of one picture: weight (C, C), bias (C,)."""

    weight: Tensor
    bias: Tensor

    def __call__(self, features: Tensor) -> Tensor:
        """(1, C, h, w) → (1, C, h, w)."""
        weight, bias = self.weight.to(features), self.bias.to(features)
        return F.conv2d(features, weight[..., None, None], bias)

    @classmethod
    def identity(cls, like: AffineMap) -> AffineMap:
        """The map that changes nothing, as wide and on the same device as `like`."""
        return cls(torch.eye(len(like.bias)).to(like.weight), torch.zeros_like(like.bias))

    def weakened(self, strength: float) -> AffineMap:
        """α(Wx + b) + (1 - α)x, which is again one such map."""
        if strength == 1:
            return self
        return mix([self, AffineMap.identity(self)], [strength, 1 - strength])


def mix(maps: Sequence[AffineMap], shares: Sequence[float]) -> AffineMap:
    """The weighted sum of maps; `shares` sum to one."""
    pairs = list(zip(maps, shares, strict=True))
    return AffineMap(
        sum(share * each.weight for each, share in pairs),
        sum(share * each.bias for each, share in pairs),
    )


@dataclass(frozen=True, eq=False)
class Moments:
    """`count` places' mean (C,) and covariance (C, C), divided by the count, in float64."""

    count: float
    mean: Tensor
    covariance: Tensor

    def to(self, device: torch.device | str) -> Moments:
        """The same on another device."""
        return Moments(self.count, self.mean.to(device), self.covariance.to(device))

    def merged(self, other: Moments) -> Moments:
        """The moments of both sets of places together (Chan et al. 1979)."""
        count = self.count + other.count
        if not count:
            return self
        share = other.count / count
        apart = other.mean - self.mean
        between = share * (1 - share) * torch.outer(apart, apart)
        within = (1 - share) * self.covariance + share * other.covariance
        return Moments(count, self.mean + share * apart, within + between)


@dataclass(frozen=True, eq=False)
class View:
    """A window of a picture's features, with a margin that also belongs to its neighbours.

    Attributes:
        features: (1, C, h, w), margin included, for what convolves them further.
        core: rows and columns of the window that count here.
        weights: (h, w) of the core, how much each place counts; None counts all alike.
    """

    features: Tensor
    core: tuple[slice, slice]
    weights: Tensor | None = None

    @classmethod
    def whole(cls, features: Tensor, weights: Tensor | None = None) -> View:
        """All of a picture."""
        return cls(features, (slice(None), slice(None)), weights)

    def columns(
        self, features: Tensor | None = None, *, dtype: torch.dtype = torch.float64
    ) -> Iterator[tuple[Tensor, Tensor | None]]:
        """The core of `features` (by default its own), one column a place, and their weights, in
        pieces (C, n), (n,) of at most `PIECE` places."""
        rows, columns = self.core
        chosen = self.features if features is None else features
        pieces = chosen[0, :, rows, columns].flatten(1).split(PIECE, 1)
        weights: list[Tensor | None] = [None] * len(pieces)
        if self.weights is not None:
            flat = self.weights.flatten().to(chosen.device, dtype)
            weights = list(flat.split(PIECE))
        yield from zip((piece.to(dtype) for piece in pieces), weights, strict=True)


Views = Callable[[], Iterable[View]]
"""Yields the windows that tile a picture; may be called again for another pass over them."""


def moments(views: Views, *, dtype: torch.dtype = torch.float64) -> Moments:
    """Mean and covariance over all cores, each place by its weight.

    `dtype`: what a piece is summed up in; pieces are joined in float64. Rounded to float32, which
    is quicker, sums depend in their last digits on how a picture was cut into windows, and a closed
    form, which divides by the smallest of them, shows it.
    """
    total: Moments | None = None
    for view in views():
        for columns, weights in view.columns(dtype=dtype):
            own = _moments(columns, weights)
            total = own if total is None else total.merged(own)
    if total is None:
        raise ValueError("There is no view to take statistics of; give at least one.")
    return total


def second_moment(
    views: Views, compute: Callable[[Tensor], Tensor], *, dtype: torch.dtype = torch.float64
) -> Tensor:
    """E[y yᵀ] over all cores, y = `compute`(features): (k, k), in float64; `dtype` as above."""
    total, count = 0.0, 0.0
    for view in views():
        for columns, weights in view.columns(compute(view.features), dtype=dtype):
            weighted = columns if weights is None else columns * weights
            total = total + (weighted @ columns.T).double()
            count += columns.shape[1] if weights is None else float(weights.sum())
    return total / max(count, 1e-8)


def _moments(columns: Tensor, weights: Tensor | None) -> Moments:
    if weights is None:
        count = float(columns.shape[1])
        mean = columns.mean(1)
        centred = columns - mean[:, None]
        return Moments(count, mean.double(), (centred @ centred.T).double() / count)
    count = float(weights.sum())
    mean = columns @ weights / max(count, 1e-8)
    centred = columns - mean[:, None]
    covariance = ((centred * weights) @ centred.T).double() / max(count, 1e-8)
    return Moments(count, mean.double(), covariance)


class Mapper(Protocol):
    """A method of style transfer between encoder and decoder.

    `margin` is how many steps away a feature can matter to what is computed at another; `passes`,
    how often a picture is gone over to be described.
    """

    margin: int
    passes: ClassVar[int]

    def describe_content(self, views: Views) -> Any:
        """What the method needs to know of a content."""
        ...

    def describe_style(self, views: Views) -> Any:
        """What the method keeps of a style; compute once, reuse."""
        ...

    def map(self, content: Any, styles: Sequence[Any], shares: Sequence[float]) -> AffineMap:
        """The map for a content towards a mix of styles; `shares` sum to one."""
        ...
