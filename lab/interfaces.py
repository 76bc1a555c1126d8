"""What the methods have in common: the two verbs of the lab and the values they take."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

import torch
from torch import Tensor

from lab.data.labels import LabelSpace

Progress = Callable[[float], None]
"""Told the share that is done, 0 to 1; what it raises ends the work."""


def part_of(progress: Progress | None, first: float, last: float) -> Progress | None:
    """The progress of a part of the work that lasts from `first` to `last` of the whole."""
    if progress is None:
        return None
    return lambda share: progress((1 - share) * first + share * last)


@dataclass(frozen=True)
class Paper:
    """Where a method was published."""

    title: str
    authors: str
    year: int
    url: str


@dataclass(frozen=True, eq=False)
class Layout:
    """What a synthesizer draws.

    Args:
        labels: (B, H, W) int64, class ids of `space`, 255 where nothing is said.
        instances: (B, H, W) int64, any ids; equal id = same object.
        space: The classes the ids stand for.

    Raises:
        ValueError: The two maps differ in shape, are not three-dimensional or not int64.
    """

    labels: Tensor
    instances: Tensor
    space: LabelSpace

    def __post_init__(self) -> None:
        for name, ids in (("label", self.labels), ("instance", self.instances)):
            if ids.ndim != 3 or ids.dtype != torch.int64:
                raise ValueError(
                    f"The {name} map is {tuple(ids.shape)} {ids.dtype}; expected (B, H, W) "
                    "torch.int64; use ids[None].long() for a single map."
                )
        if self.labels.shape != self.instances.shape:
            raise ValueError(
                f"The label map is {tuple(self.labels.shape)} and the instance map "
                f"{tuple(self.instances.shape)}; both must have the same shape: resize one of them."
            )

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.labels.shape[2], self.labels.shape[1]

    def to(self, device: torch.device | str) -> "Layout":
        """The same layout with both maps on `device`."""
        return Layout(self.labels.to(device), self.instances.to(device), self.space)


@runtime_checkable
class Synthesizer(Protocol):
    """Draws a photograph of a layout; `paper` is None for a floor that nobody published."""

    paper: ClassVar[Paper | None]
    space: LabelSpace

    def __call__(self, layout: Layout, *, seed: int | None = None) -> Tensor:
        """A picture of the layout: (B, 3, H, W) in [0, 1]. `seed` settles what is drawn by lot."""
        ...


@runtime_checkable
class Stylizer(Protocol):
    """Draws one picture in the style of another."""

    paper: ClassVar[Paper]

    def __call__(
        self,
        content: Tensor,
        style: Tensor,
        *,
        strength: float = 1.0,
        progress: Progress | None = None,
    ) -> Tensor:
        """`content` (B, 3, H, W) in the style of `style` (B, 3, h, w), all in [0, 1].

        B = 1 always draws; a method that takes no more, such as an optimisation, raises ValueError.
        Returns (B, 3, H, W) in [0, 1]. `strength` 0 is the content itself, 1 the method as
        published.
        """
        ...
