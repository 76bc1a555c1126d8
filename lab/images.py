"""Files and PIL pictures on one side, tensors in [0, 1] on the other; the rim of the lab.

Every picture from outside comes in through `open_picture` or `open_ids`, which look at the header
before they decode anything; every picture the lab writes goes out through `save_picture`, with the
recipe it was made by.
"""

import hashlib
import json
import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

from lab.decoding import (
    Source,
    decoded,
    name_of,
    opened,
    stretched,
    to_rgb,
    to_straight,
    upright,
)
from lab.files import destination
from lab.limits import LARGE, MIN_SIDE, USUAL, Limits

RECIPE = "atelier"  # the PNG text chunk that carries the recipe

ID_FORMATS = ("PNG", "BMP", "GIF", "TIFF")  # lossless: ids must arrive unchanged
ID_MODES = ("L", "P", "1", "I", "I;16", "I;16B", "I;16L", "I;16N")

LUMA = (0.299, 0.587, 0.114)  # Y of ITU-R BT.601, over the whole range

_ROWS = 256  # of a picture converted in one go, so that large ones need no second copy


def open_picture(source: Source, *, limits: Limits = USUAL) -> Image.Image:
    """Read a picture that may come from anywhere.

    Its size is checked before anything is decoded. It is turned upright by its EXIF, brought to
    sRGB by its colour profile, laid over white where it is transparent, and scaled from 16 to 8
    bits; of an animation, the first frame.

    Args:
        source: a path, a binary file, or an already opened PIL picture.
        limits: how large it may be; `LARGE` for what never looks at all of it at once.

    Returns:
        An RGB picture, at least 2x2, within the limits.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: not a picture, broken, too large or too small; one sentence with its name.
    """
    return _opened(source, to_rgb, limits)


def open_straight(source: Source, *, limits: Limits = USUAL) -> Image.Image:
    """As `open_picture`, laid over nothing: see `lab.cutouts`, which fills what shows nothing.

    Returns:
        An RGB picture, or an RGBA one with the stored colours where some of it is transparent.
    """
    return _opened(source, to_straight, limits)


def open_alpha(source: Source, *, limits: Limits = USUAL) -> Image.Image | None:
    """What `open_picture` lays over white: how opaque each pixel is, upright; None if all are.

    Args and errors as of `open_picture`.

    Returns:
        A grey picture, 0 transparent to 255 opaque, of the size `open_picture` returns.
    """
    name = name_of(source)
    with opened(source, name, limits) as picture:
        if not picture.has_transparency_data:
            return None
        alpha = decoded(picture, name, lambda it: upright(it).convert("RGBA").getchannel("A"))
        return None if alpha.getextrema() == (255, 255) else alpha


def open_mask(source: Source, *, limits: Limits = USUAL) -> Tensor:
    """A picture as a share of every pixel: black and transparent are 0, opaque white is 1.

    Args and errors as of `open_picture`.

    Returns:
        (1, 3, H, W) float32 in [0, 1], of the size `open_picture` returns.
    """
    over_white = to_tensor(open_picture(source, limits=limits))
    alpha = open_alpha(source, limits=limits)
    if alpha is None:
        return over_white
    return (over_white - 1 + to_tensor(alpha.convert("RGB"))).clamp(0, 1)


def open_ids(source: Source, *, limits: Limits = USUAL) -> np.ndarray:
    """Read a label or instance map: the stored numbers, exactly.

    Args:
        source: a path, a binary file, or a PIL picture; grey of 1 to 32 bits, or a palette, of
            which the indices count.
        limits: how large it may be.

    Returns:
        (H, W) int64.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: not a picture, broken, too large or small, stored with loss, or in colours
            instead of ids.
    """
    name = name_of(source)
    with opened(source, name, limits) as picture:
        if picture.mode not in ID_MODES:
            raise ValueError(
                f"{name} is a picture in colours ({picture.mode}); expected one id per pixel: "
                "save it as a grey PNG of 8 or 16 bits, or with a palette."
            )
        if picture.format is not None and picture.format not in ID_FORMATS:
            raise ValueError(
                f"{name} is a {picture.format} file, which changes ids; save it as PNG."
            )
        step = stretched(picture)
        return decoded(picture, name, lambda it: np.asarray(it).astype(np.int64) // step)


def to_tensor(picture: Image.Image) -> Tensor:
    """An RGB picture, such as `open_picture` returns, as (1, 3, H, W) float32 in [0, 1]."""
    rgb = picture if picture.mode == "RGB" else picture.convert("RGB")
    pixels = np.asarray(rgb).transpose(2, 0, 1)
    return torch.from_numpy(np.ascontiguousarray(pixels, dtype=np.float32)).div_(255).unsqueeze(0)


def to_pil(picture: Tensor) -> Image.Image:
    """A picture tensor as PIL, clamped to [0, 1] and rounded to 8 bits.

    Args:
        picture: (3, H, W) or (1, 3, H, W) float, nominally in [0, 1].

    Raises:
        ValueError: another shape, or values that are not finite.
    """
    one = picture.squeeze(0) if picture.ndim == 4 and picture.shape[0] == 1 else picture
    if one.ndim != 3 or one.shape[0] != 3:
        raise ValueError(
            f"A picture must be (3, H, W) or (1, 3, H, W); got {tuple(picture.shape)}."
        )
    bad = sum(int((~rows.isfinite()).sum()) for rows in one.detach().split(_ROWS, 1))
    if bad:
        raise ValueError(f"The picture has {bad} values that are not finite; expected [0, 1].")
    return Image.fromarray(to_bytes(one).permute(1, 2, 0).numpy())


def to_bytes(picture: Tensor) -> Tensor:
    """(..., H, W) in [0, 1] → (..., H, W) uint8 on the CPU, clamped and rounded.

    Of (3, H, W) the memory is that of (H, W, 3), as PIL and files want it.
    """
    shape = (*picture.shape[-2:], *picture.shape[:-2])
    pixels = torch.empty(shape, dtype=torch.uint8).movedim((0, 1), (-2, -1))
    for start in range(0, picture.shape[-2], _ROWS):
        rows = (..., slice(start, start + _ROWS), slice(None))
        pixels[rows] = picture[rows].detach().float().clamp(0, 1).mul_(255).round_().byte().cpu()
    return pixels


def luma(picture: Tensor) -> Tensor:
    """Brightness, Y of BT.601: (..., 3, H, W) → (..., 1, H, W), the same range."""
    red, green, blue = picture.unbind(-3)
    return (LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue).unsqueeze(-3)


def resize(picture: Tensor, size: tuple[int, int]) -> Tensor:
    """Antialiased bicubic resizing, clamped to [0, 1].

    Args:
        picture: (B, 3, H, W) float in [0, 1].
        size: (width, height).

    Returns:
        (B, 3, height, width) in [0, 1].
    """
    width, height = _checked(size)
    if picture.shape[-2:] == (height, width):
        return picture.clamp(0, 1)
    resized = F.interpolate(
        picture, (height, width), mode="bicubic", antialias=True, align_corners=False
    )
    return resized.clamp(0, 1)


def resize_ids(ids: Tensor, size: tuple[int, int]) -> Tensor:
    """Nearest-neighbour resizing of label or instance maps, by pixel centres; no new ids appear.

    Args:
        ids: (B, H, W), any integer type.
        size: (width, height).

    Returns:
        (B, height, width), the same type.
    """
    width, height = _checked(size)
    rows = _nearest(ids.shape[-2], height, ids.device)
    columns = _nearest(ids.shape[-1], width, ids.device)
    return ids[..., rows, :][..., columns]


def fit(picture: Image.Image, longest: int) -> Image.Image:
    """Shrink a picture until its longer side is at most `longest`; smaller ones stay."""
    if longest < MIN_SIDE:
        raise ValueError(f"The longest side is {longest}; expected {MIN_SIDE} or more.")
    scale = longest / max(picture.size)
    if scale >= 1:
        return picture
    size = tuple(max(MIN_SIDE, round(side * scale)) for side in picture.size)
    return picture.resize(size, Image.Resampling.LANCZOS)


def pad_to_multiple(x: Tensor, multiple: int) -> tuple[Tensor, tuple[int, int]]:
    """Extend right and bottom by reflection until both sides are multiples.

    A side too small for that repeats its last row or column.

    Args:
        x: (B, C, H, W).
        multiple: what both sides must be divisible by.

    Returns:
        The padded (B, C, H', W') and (H, W), to cut back with ``padded[..., :H, :W]``.
    """
    height, width = x.shape[-2:]
    rows, columns = (_extended(n, multiple, reflect=True).to(x.device) for n in (height, width))
    if len(rows) != height:
        x = x[..., rows, :]
    if len(columns) != width:
        x = x[..., columns]
    return x, (height, width)


def cell_for(size: Sequence[int], multiple: int) -> int:
    """What to pad a picture's sides to, for layers that reflect at their borders: two cells of
    `multiple` pixels where the shorter side of `size` fills no more than one."""
    return multiple * (2 if min(size) <= multiple else 1)


def pad_ids(ids: Tensor, multiple: int) -> Tensor:
    """Extend label or instance maps (B, H, W) right and bottom by repetition, to multiples."""
    rows, columns = (_extended(n, multiple, reflect=False).to(ids.device) for n in ids.shape[-2:])
    return ids[..., rows, :][..., columns]


def save_picture(
    path: str | Path,
    picture: Tensor,
    recipe: Mapping[str, Any] | None = None,
    *,
    alpha: Image.Image | None = None,
) -> None:
    """Write a PNG, whole or not at all, with the recipe that makes it again.

    Args:
        path: where; ends in ``.png``, in a folder that exists.
        picture: (3, H, W) or (1, 3, H, W) in [0, 1].
        recipe: what JSON can say; stored in the PNG's text chunk ``atelier``.
        alpha: how opaque each pixel is, a grey picture of the same size; None leaves it out.

    Raises:
        ValueError: another extension, an alpha of another size, a picture that is not finite, or a
            recipe JSON cannot hold.
        FileNotFoundError: the folder does not exist.
    """
    path = destination(path, "Pictures", ".png")
    image, chunks = to_pil(picture), PngInfo()
    if alpha is not None:
        if alpha.size != image.size:
            sizes = [f"{width}x{height}" for width, height in (alpha.size, image.size)]
            raise ValueError(
                f"The alpha of {path.name} is {sizes[0]}; expected {sizes[1]}, the picture's size: "
                "resize it."
            )
        image.putalpha(alpha)
    if recipe is not None:
        try:
            text = json.dumps(dict(recipe), sort_keys=True, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ValueError(f"The recipe of {path.name} does not fit in JSON: {error}.") from None
        chunks.add_text(RECIPE, text)
    partial = path.with_name(f".{uuid.uuid4().hex}.part")  # of a name as long as any may be
    try:
        image.save(partial, format="PNG", pnginfo=chunks)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def read_recipe(path: str | Path) -> dict[str, Any] | None:
    """The recipe in a PNG's text chunk; None for pictures without one.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no picture, or its recipe is damaged.
    """
    name = name_of(path)
    with opened(path, name, LARGE) as picture:
        text = picture.info.get(RECIPE)
    if text is None:
        return None
    try:
        recipe = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        recipe = None
    if not isinstance(recipe, dict):
        raise ValueError(
            f"The recipe in {name} is damaged; expected a JSON object in its '{RECIPE}' text."
        )
    return recipe


def digest(ids: np.ndarray | Tensor) -> str:
    """A fingerprint of a label or instance map: of its ids and its size, whatever type holds them.

    Args:
        ids: (H, W) integers, or (1, H, W).

    Returns:
        16 hexadecimal digits (the start of a SHA-256).
    """
    array = np.asarray(ids.cpu() if isinstance(ids, Tensor) else ids)
    while array.ndim > 2 and array.shape[0] == 1:
        array = array[0]
    found = hashlib.sha256(repr(array.shape).encode())
    for plane in array.reshape(-1, *array.shape[-2:]):
        for start in range(0, len(plane), _ROWS):
            found.update(np.ascontiguousarray(plane[start : start + _ROWS], dtype="<i8").data)
    return found.hexdigest()[:16]


def _opened(
    source: Source, convert: Callable[[Image.Image], Image.Image], limits: Limits
) -> Image.Image:
    name = name_of(source)
    with opened(source, name, limits) as picture:
        if picture.mode == "F":
            raise ValueError(f"{name} holds floating-point pixels; save it as PNG or JPEG.")
        return decoded(picture, name, convert)


def _checked(size: tuple[int, int]) -> tuple[int, int]:
    if len(size) != 2 or min(size) < 1:
        raise ValueError(f"A size must be (width, height), both 1 or more; got {tuple(size)}.")
    return size


def _nearest(length: int, wanted: int, device: torch.device) -> Tensor:
    """(wanted,) for every new pixel the old one its centre falls into, in exact integers."""
    return (2 * torch.arange(wanted, device=device) + 1) * length // (2 * wanted)


def _extended(length: int, multiple: int, *, reflect: bool) -> Tensor:
    """(length rounded up,) positions in 0..length-1."""
    if multiple < 1:
        raise ValueError(f"The multiple is {multiple}; expected 1 or more.")
    positions = torch.arange(-(-length // multiple) * multiple)
    if reflect and len(positions) - length < length:
        return torch.where(positions < length, positions, 2 * (length - 1) - positions)
    return positions.clamp(max=length - 1)
