"""What a visitor of the Transfer tab sets, as plain values, and the `Controls` that come of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from lab.catalog import STYLIZERS
from lab.data.labels import Label, LabelSpace
from lab.interfaces import Layout
from lab.lab import Lab
from lab.limits import MIN_SIDE
from lab.pipelines.controls import Controls, masks_of
from lab.pipelines.transfer import FeatureTransfer
from lab.ui.domains import card_of
from lab.ui.drawing import decode, encode
from lab.ui.painter import domain

SLOTS = 4  # styles at most
SIZES = (256, 384, 512, 768, 1024)
MAP_SIDE = 384  # longer side of the map on which regions are painted
COLORS = ((51, 128, 109), (196, 88, 48), (230, 182, 66), (84, 96, 176))
# A style is a class to paint with, of the id of its slot.
STYLE_SPACE = LabelSpace("styles", tuple(Label(f"Style {k + 1}", COLORS[k]) for k in range(SLOTS)))


@dataclass(frozen=True)
class Choices:
    """In the order in which the page hands them over.

    Attributes:
        method: a checkpoint's name. size: the longer side to which pictures are shrunk.
        weights: one for every slot, whether there is a style in it or not.
        radius: 0 chooses one. rank: of T; its width or more keeps all.
        divided: each style has its own region, of `regions`, the painter's value; the id of a
            region is the slot of its style, so it stays that style's whichever others there are.
        The others: see `Controls`.
    """

    method: str
    size: int = 512
    weights: tuple[float, ...] = (1.0,) * SLOTS
    strength: float = 1.0
    colour: str = "style"
    style_scale: float = 1.0
    photorealistic: bool = False
    radius: int = 0
    detail: float = 0.0
    form: str = "learned"
    rank: int = 512
    divided: bool = False
    softness: float = 0.0
    regions: Any = None

    @classmethod
    def of(cls, method: str, size: int, *values: Any) -> "Choices":
        """From the values of an event: the weights come one by one."""
        return cls(method, int(size), tuple(values[:SLOTS]), *values[SLOTS:])

    def controls(self, lab: Lab, slots: Sequence[int]) -> Controls:
        """For styles in these slots; what the method does not have is left as it is.

        Raises:
            ValueError: a value outside its range.
        """
        width = matrix_width(lab, self.method)
        photo, divided = self.photorealistic, self.is_divided(slots)
        mixed = len(slots) > 1 and not divided  # one style is the whole mix, whatever its share was
        return Controls(
            strength=self.strength,
            weights=tuple(self.weights[slot] for slot in slots) if mixed else None,
            colour=self.colour,
            style_scale=self.style_scale,
            softness=self.softness if divided else 0.0,
            form=self.form if width else "learned",
            rank=int(self.rank) if width and self.rank < width else None,
            photorealistic=photo,
            radius=int(self.radius) or None if photo else None,
            detail=self.detail if photo else 0.0,
        )

    def is_divided(self, slots: Sequence[int]) -> bool:
        """Whether several styles have regions of their own."""
        return bool(self.divided) and len(slots) > 1

    def masks(self, slots: Sequence[int], size: tuple[int, int]) -> Tensor | None:
        """(styles, H, W) for a content of (H, W); None where the styles are mixed.

        Raises:
            ValueError: the painter's value is none.
        """
        if not self.is_divided(slots):
            return None
        regions = fitted(self.regions, slots, (size[1], size[0])).labels[0]
        places = torch.searchsorted(torch.tensor(slots), regions)  # masks are in order of styles
        return masks_of(places, len(slots), size=size, softness=self.softness)


def matrix_width(lab: Lab, method: str) -> int | None:
    """k of the checkpoint's k x k matrix T, None where the method has none."""
    part = card_of(lab, method).parts.get("transform")
    return None if part is None else int(part["config"]["width"])


def is_quick(lab: Lab, method: str) -> bool:
    """Whether styles are read once and applied at once; Gatys et al. optimise every picture."""
    return issubclass(STYLIZERS[card_of(lab, method).method], FeatureTransfer)


def style_classes(slots: Sequence[int]) -> dict[str, Any]:
    """The styles that are there as classes of the painter, their slots as ids; the first of them is
    what it clears to."""
    told = domain(STYLE_SPACE)
    classes = [each for each in told["classes"] if each["id"] in slots]
    return {**told, "classes": classes, "blank": {"rows": [slots[0]]}}


def bands(slots: Sequence[int], size: tuple[int, int]) -> Layout:
    """The regions to begin with: one upright band after the other, (width, height)."""
    width, height = size
    columns = torch.tensor(slots)[torch.arange(width) * len(slots) // width]
    return _regions(columns.expand(1, height, width).contiguous())


def fitted(value: Any, slots: Sequence[int], size: tuple[int, int]) -> Layout:
    """The painted regions for the styles in these slots; bands where nothing was painted.

    A region whose style is gone goes to the nearest one before it, or to the first there is.

    Args:
        value: the painter's, or None. slots: rising. size: (width, height) of the content.
    """
    if value is None:
        return bands(slots, map_size(size))
    there = torch.tensor(slots)
    before = torch.searchsorted(there, decode(value, STYLE_SPACE).labels, right=True) - 1
    return _regions(there[before.clamp(min=0)])


def painted(regions: Tensor) -> dict[str, Any]:
    """A map of regions (h, w) int64, the slots of their styles, as the painter's value."""
    return encode(_regions(regions[None]))


def _regions(labels: Tensor) -> Layout:
    return Layout(labels, labels.clone(), STYLE_SPACE)


def map_size(size: tuple[int, int]) -> tuple[int, int]:
    """(width, height) of the map for a content of this one."""
    scale = MAP_SIDE / max(size)
    width, height = (max(16, MIN_SIDE, round(side * scale)) for side in size)
    return width, height
