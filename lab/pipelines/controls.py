"""Everything that can be asked of a style transfer, and the one way to do it.

The command line, the page and videos all draw by `encode_styles`, which is slow and needs doing
only where styles change, and `draw`, which does the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

import torch
from torch import Tensor

from lab.images import resize, resize_ids
from lab.interfaces import Progress, Stylizer, part_of
from lab.limits import MIN_SIDE, check_size
from lab.pipelines.colour import keep_luminance, match_colours
from lab.pipelines.linear import Form, LinearTransfer
from lab.pipelines.photoreal import EPS, photorealistic
from lab.pipelines.regions import region_masks
from lab.pipelines.transfer import FeatureTransfer, Settle, Style

Colour = Literal["style", "luminance", "matched"]
SCALES = (0.25, 4.0)
TILE = 512
DRAWN = 0.9  # of the work, where the photo-realistic step follows
TILES_FROM = 4_000_000  # pixels, above which a picture is drawn in tiles unless told otherwise


class OutOfRange(ValueError):
    """A control that cannot be so: the sentence is its `name`, a field of `Controls`, and `said`.

    Who asks by another name, as the command line does, puts that in its place.
    """

    def __init__(self, name: str, said: str) -> None:
        super().__init__(f"{name} {said}")
        self.name, self.said = name, said


@dataclass(frozen=True)
class Controls:
    """What one asks of a transfer besides content, styles and method.

    Attributes:
        strength: 0 is the content itself to the last bit, 1 the method as published.
        weights: one per style, not negative; None weighs them alike.
        colour: "style" takes the style's colours, "luminance" keeps the content's chroma,
            "matched" gives the style the content's colours before it is read.
        style_scale: the style picture is resized by it, 0.25 to 4: smaller, finer strokes.
        softness: deviation in pixels of the Gaussian that blurs the edges of regions.
        form: what stands in T's place: "learned", or "wct" or "adain" in closed form.
        rank: how many singular values of T are kept; None keeps all.
        photorealistic: keep the content's edges and surfaces, and take colours alone.
        radius: of its windows in pixels; None is a sixteenth of the shorter side.
        eps: its deviation, squared, below which an edge of the content counts as texture.
        detail: 0 to 1, how much of the content's own fine brightness it brings back.
        tile: side of the tiles in which pictures are drawn; None uses tiles for large ones, 0
            never.

    Raises:
        OutOfRange: a value outside its range.
    """

    strength: float = 1.0
    weights: tuple[float, ...] | None = None
    colour: Colour = "style"
    style_scale: float = 1.0
    softness: float = 0.0
    form: Form = "learned"
    rank: int | None = None
    photorealistic: bool = False
    radius: int | None = None
    eps: float = EPS
    detail: float = 0.0
    tile: int | None = None

    def __post_init__(self) -> None:
        low, high = SCALES
        _choice("colour", self.colour, get_args(Colour))
        _choice("form", self.form, get_args(Form))
        _within("strength", self.strength, 0, 1)
        _within("style_scale", self.style_scale, low, high)
        _within("softness", self.softness, 0, 1000)
        _within("detail", self.detail, 0, 1)
        _within("eps", self.eps, 1e-8, 1)
        for name, least in (("rank", 1), ("radius", 1), ("tile", 0)):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, int) or value < least):
                raise OutOfRange(name, f"is {value!r}; expected a whole number from {least}.")
        if self.weights is not None:
            object.__setattr__(self, "weights", tuple(float(each) for each in self.weights))

    def recipe(self) -> dict[str, Any]:
        """What differs from the defaults, as JSON can hold it; weights are left to the caller."""
        default = {field.name: field.default for field in fields(self)}
        asked = {key: value for key, value in asdict(self).items() if value != default[key]}
        return {key: value for key, value in asked.items() if key != "weights"}

    def shares(self, count: int) -> list[float]:
        """One weight for each of `count` styles."""
        return [1.0] * count if self.weights is None else list(self.weights)

    def tile_for(self, content: Tensor) -> int | None:
        """The side of the tiles for a content (1, 3, H, W); None draws it in one piece."""
        if self.tile is None:
            return TILE if content.shape[2] * content.shape[3] > TILES_FROM else None
        return self.tile or None


def encode_styles(
    stylizer: Stylizer,
    styles: Sequence[Tensor],
    controls: Controls,
    *,
    content: Tensor,
    masks: Sequence[Tensor | None] | None = None,
    progress: Progress | None = None,
) -> list[Style | Tensor]:
    """What the method keeps of style pictures (1, 3, h, w) in [0, 1]: the slow part.

    Args:
        content: (1, 3, H, W), looked at only where the styles take its colours.
        masks: one per style, (h, w) in [0, 1], how much each pixel counts, or None where all do;
            for methods that keep nothing they count in colours alone.
        progress: see `FeatureTransfer.encode_style`.
    Returns:
        One per style, for `draw`; of a method that keeps nothing, the prepared picture itself.
    """
    counting = [None] * len(styles) if masks is None else masks
    read: list[Style | Tensor] = []
    for index, (style, mask) in enumerate(zip(styles, counting, strict=True)):
        picture = prepare_style(style, controls, content=content, mask=mask)
        if not isinstance(stylizer, FeatureTransfer):
            read.append(picture)
            continue
        counts = None if mask is None else _resized(mask, picture.shape[2:])
        told = part_of(progress, index / len(styles), (index + 1) / len(styles))
        how = {"tile": controls.tile_for(picture), "progress": told}
        read.append(stylizer.encode_style(picture, counts, **how))
    return read


def reading_share(styles: Sequence[Tensor], controls: Controls, *, content: Tensor) -> float:
    """About how much of encoding these styles and drawing this content the first is, 0 to 1: a
    style is read, a content is read and drawn."""
    read = controls.style_scale**2 * sum(style[0, 0].numel() for style in styles)
    return read / (read + 2 * content[0, 0].numel())


def prepare_style(
    style: Tensor, controls: Controls, *, content: Tensor, mask: Tensor | None = None
) -> Tensor:
    """The style picture as it is read: resized, and in the content's colours where asked.

    `mask` (h, w) says how much each of its pixels counts in that; None counts all alike.

    Raises:
        ValueError: enlarged, it would be larger than pictures may be.
    """
    scale = controls.style_scale
    if scale != 1:
        width, height = (max(MIN_SIDE, round(side * scale)) for side in style.shape[:1:-1])
        if scale > 1:
            check_size((width, height), f"The style picture at style_scale {scale:g}")
        style = resize(style, (width, height))
    if controls.colour != "matched":
        return style
    counts = None if mask is None else _resized(mask, style.shape[2:])
    return match_colours(style, content, mask=counts)


@torch.inference_mode()
def draw(
    stylizer: Stylizer,
    content: Tensor,
    styles: Sequence[Style | Tensor],
    controls: Controls,
    *,
    masks: Tensor | None = None,
    progress: Progress | None = None,
    settle: Settle | None = None,
) -> Tensor:
    """A content in encoded styles, with everything that was asked: the fast part.

    Args:
        content: (1, 3, H, W) in [0, 1]. styles: what `encode_styles` returned.
        masks: (styles, H, W), see `FeatureTransfer.stylize`; `masks_of` makes them of files.
        progress, settle: as there; `settle` is for methods with maps alone.
    Returns:
        (1, 3, H, W) in [0, 1].
    Raises:
        ValueError: controls that this method does not have, weights or masks that do not fit.
    """
    method = with_form(stylizer, controls)
    photo = controls.photorealistic and controls.strength > 0
    told = part_of(progress, 0.0, DRAWN if photo else 1.0)
    if isinstance(method, FeatureTransfer):
        drawn = method.stylize(
            content,
            styles,
            controls.shares(len(styles)),
            strength=controls.strength,
            masks=masks,
            tile=controls.tile_for(content),
            progress=told,
            settle=settle,
        )
    else:
        _check_plain(styles, masks)
        drawn = method(content, styles[0], strength=controls.strength, progress=told)
    if controls.strength == 0:  # the content itself, which what follows would round
        return drawn
    # Both leave a content as it is, so they need no strength of their own.
    if photo:
        detail = controls.detail * controls.strength
        how = {"radius": controls.radius, "eps": controls.eps, "detail": detail}
        drawn = photorealistic(drawn, content, progress=part_of(progress, DRAWN, 1.0), **how)
    if controls.colour == "luminance":
        drawn = keep_luminance(drawn, content)
    return drawn


def with_form(stylizer: Stylizer, controls: Controls) -> Stylizer:
    """The method with the matrix that the controls put in T's place.

    Raises:
        ValueError: the method has no matrix, or not that rank.
    """
    if controls.form == "learned" and controls.rank is None:
        return stylizer
    if not isinstance(stylizer, LinearTransfer):
        raise ValueError(
            f"{type(stylizer).__name__} has no matrix of which form or rank could be chosen; "
            "choose linear or linear-fast."
        )
    return stylizer.with_matrix(controls.form, controls.rank)


def masks_of(
    files: Tensor | Sequence[Tensor], count: int, *, size: tuple[int, int], softness: float = 0.0
) -> Tensor:
    """Masks for a content from what files hold, of any size, one for each of `count` styles.

    Args:
        files: a map (h, w) int64 of regions, numbered as the styles from 0; or one grey picture
            (1, 3, h, w) in [0, 1] for each style, white where it goes.
        size: (H, W) of the content. softness: see `Controls`; of maps of regions alone.
    Returns:
        (count, H, W) in [0, 1].
    Raises:
        ValueError: a region without a style, or another number of masks than styles.
    """
    width_height = (size[1], size[0])
    if isinstance(files, Tensor):
        return region_masks(resize_ids(files[None], width_height)[0], count, soft=softness)
    if len(files) != count:
        raise ValueError(f"{len(files)} masks were given for {count} styles; give one per style.")
    return torch.stack([resize(each, width_height)[0].mean(0) for each in files])


def _resized(mask: Tensor, size: tuple[int, int]) -> Tensor:
    """(h, w) in [0, 1] at another size (height, width)."""
    height, width = size
    return resize(mask[None, None], (width, height))[0, 0]


def _check_plain(styles: Sequence[Any], masks: Tensor | None) -> None:
    if len(styles) != 1 or masks is not None:
        raise ValueError("This method takes one style for the whole picture; the others mix them.")


def _choice(name: str, value: Any, known: Sequence[str]) -> None:
    if value not in known:
        raise OutOfRange(name, f"is {value!r}; expected one of: {', '.join(known)}.")


def _within(name: str, value: float, low: float, high: float) -> None:
    if not isinstance(value, int | float) or not low <= value <= high:
        raise OutOfRange(name, f"is {value!r}; expected a number from {low:g} to {high:g}.")
