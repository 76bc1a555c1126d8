"""What Pillow makes of files from anywhere: opened, checked before anything is decoded, upright."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar

import numpy as np
from PIL import Image, ImageOps

from lab.limits import Limits, check_size
from lab.profiles import to_srgb

# Every other format has no use here and is one more parser to attack.
PICTURE_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
DEEP_MODES = ("I", "I;16", "I;16B", "I;16L", "I;16N")

DEEPEST = 2**16 - 1  # what is white in them

T = TypeVar("T")
Source = str | Path | BinaryIO | Image.Image

# What Pillow only warns of is either refused below in one sentence or does no harm.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


class Unusable(ValueError):
    """A sound picture that means nothing here: the sentence, after the file's name."""


@contextmanager
def opened(source: Source, name: str, limits: Limits) -> Iterator[Image.Image]:
    """The picture with its header read and its size checked, its pixels not yet decoded."""
    if isinstance(source, Image.Image):
        check_size(source.size, name, limits)
        yield source
        return
    if isinstance(source, str | Path) and not Path(source).is_file():
        raise FileNotFoundError(f"There is no picture at {source}; expected a file.")
    try:
        picture = Image.open(source, formats=PICTURE_FORMATS)
    except Image.DecompressionBombError:
        raise ValueError(f"{name} is too large; {limits}.") from None
    except Exception:  # broken headers raise OSError, SyntaxError, struct.error and more
        known = ", ".join(PICTURE_FORMATS)
        raise ValueError(
            f"{name} is no readable picture; expected a file of one of: {known}."
        ) from None
    with picture:
        check_size(picture.size, name, limits)
        _adapt_clear(picture)
        yield picture


def decoded(picture: Image.Image, name: str, convert: Callable[[Image.Image], T]) -> T:
    """What `convert` makes of the decoded picture; whatever goes wrong becomes one sentence."""
    try:
        return convert(picture)
    except MemoryError:
        raise
    except Unusable as error:
        raise ValueError(f"{name} {error}") from None
    except Exception as error:  # broken pixels raise OSError, EOFError, SyntaxError and more
        raise ValueError(
            f"{name} is damaged or cut short ({error}); save it again as PNG or JPEG."
        ) from None


def stretched(picture: Image.Image) -> int:
    """What Pillow multiplies grey of 2 and 4 bits by, to fill 0 to 255, when it decodes a file."""
    return {"L;2": 85, "L;4": 17}.get(_stored_as(picture), 1)


def to_rgb(picture: Image.Image) -> Image.Image:
    """Any mode to RGB in sRGB, upright, laid over white."""
    picture = to_straight(picture)
    if picture.mode == "RGB":
        return picture
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")


def to_straight(picture: Image.Image) -> Image.Image:
    """Any mode upright in sRGB, to RGB, or where some of it is transparent to RGBA with the colours
    that are stored, laid over nothing."""
    profile, grey = picture.info.get("icc_profile"), picture.mode in (*DEEP_MODES, "L", "LA")
    picture = upright(picture)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        if picture.getchannel("A").getextrema() == (255, 255):
            picture = picture.convert("RGB")
    return to_srgb(picture, profile, grey=grey)


def upright(picture: Image.Image) -> Image.Image:
    """Turned by its EXIF, and of 8 bits: more, Pillow would clip at 255 instead of scaling, and
    not make transparent what the file says is.

    Raises:
        Unusable: levels of grey that 16 bits do not hold.
    """
    picture = ImageOps.exif_transpose(picture)
    if picture.mode not in DEEP_MODES:
        return picture
    pixels, clear = np.asarray(picture), picture.info.get("transparency")
    low, high = int(pixels.min()), int(pixels.max())
    if low < 0 or high > DEEPEST:
        raise Unusable(
            f"holds grey values from {low} to {high}; expected 0 to {DEEPEST}: save it as PNG of "
            "8 or 16 bits."
        )
    grey = (pixels.astype(np.float64) / 257).round().clip(0, 255).astype(np.uint8)
    if clear is None:
        return Image.fromarray(grey)
    alpha = np.where(pixels == clear, 0, 255).astype(np.uint8)
    return Image.fromarray(np.stack((grey, alpha), -1))


def _adapt_clear(picture: Image.Image) -> None:
    """Makes the one colour that a PNG calls transparent that of its pixels: Pillow leaves it in the
    file's own bits, and so makes nothing transparent where it decodes to others."""
    clear = picture.info.get("transparency")
    if isinstance(clear, int):
        picture.info["transparency"] = clear * stretched(picture)
    elif isinstance(clear, tuple) and _stored_as(picture) == "RGB;16B":
        picture.info["transparency"] = tuple(value >> 8 for value in clear)


def _stored_as(picture: Image.Image) -> str:
    """How Pillow calls the bits of a file's pixels; empty for pictures made in memory."""
    tiles = getattr(picture, "tile", ())
    modes = [tile.args[0] if isinstance(tile.args, tuple) else tile.args for tile in tiles]
    return str(modes[0]) if modes else ""


def name_of(source: Source) -> str:
    """What to call a source in a sentence: its file name, never its folder."""
    if isinstance(source, str | Path):
        return Path(source).name
    name = getattr(source, "filename", None) or getattr(source, "name", None)
    return Path(name).name if isinstance(name, str) and name else "The picture"
