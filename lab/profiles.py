"""Colour profiles: what a file's numbers mean, brought to sRGB, which is what everything here is.

A phone's Display P3 or a camera's Adobe RGB, read as sRGB, is too pale; CMYK without its profile
is no more than a guess.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

CMYK, GREY, RGB = "CMYK", "GRAY", "RGB "  # as profiles call their colours
ROUNDING = 2  # levels of 255 by which one sRGB profile may differ from another
INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION


def to_srgb(picture: Image.Image, profile: bytes | None, *, grey: bool = False) -> Image.Image:
    """RGB or RGBA in sRGB of a picture that is RGB, RGBA, CMYK, L or anything that becomes RGB.

    RGB and RGBA are changed in place where they are changed at all, so that very large pictures
    need no second copy. A profile that is broken, of other colours than the picture's, or sRGB
    itself changes nothing.

    Args:
        profile: an ICC profile. grey: all channels of the picture are one, of a grey one.
    """
    plain = picture if picture.mode in ("RGB", "RGBA") else picture.convert("RGB")
    if not profile:
        return plain
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = own.profile.xcolor_space
        if space == GREY and grey:
            levels = _converted(plain.getchannel("R"), own, "L")
            if levels is not None and plain.mode == "RGBA":
                levels.putalpha(plain.getchannel("A"))
            return levels or plain
        if space == CMYK and picture.mode == "CMYK":
            return _converted(picture, own, "CMYK") or plain
        if space == RGB and picture.mode not in ("CMYK", "LAB") and not grey:
            return _converted(plain, own, plain.mode) or plain
    except (ImageCms.PyCMSError, OSError, ValueError):  # broken: the numbers are all there is
        pass
    return plain


def _converted(
    picture: Image.Image, own: ImageCms.ImageCmsProfile, mode: str
) -> Image.Image | None:
    """The picture, of `mode`, in sRGB; None where that is nothing but rounding."""
    srgb = ImageCms.createProfile("sRGB")
    target = "RGBA" if mode == "RGBA" else "RGB"
    change = ImageCms.buildTransform(own, srgb, mode, target, INTENT, FLAGS)
    if mode != "CMYK":
        samples = _samples(mode)
        changed = ImageCms.applyTransform(samples, change)
        before, after = (np.asarray(each.convert("RGB"), int) for each in (samples, changed))
        if abs(before - after).max() <= ROUNDING:
            return None
    if mode != target:
        return ImageCms.applyTransform(picture, change)
    ImageCms.applyTransform(picture, change, inPlace=True)
    return picture


def _samples(mode: str) -> Image.Image:
    """Colours all over the cube, 17 levels of each channel, or all levels of grey."""
    if mode == "L":
        return Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    levels = np.linspace(0, 255, 17).round().astype(np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(17, -1, 3)
    return Image.fromarray(cube).convert(mode)
