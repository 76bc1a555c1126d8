"""Pictures with transparent parts: how opaque they are, and their colours as if they were not.

Laid over a colour, the edges of a cut-out would hold that colour twice once they are transparent
again, and its statistics would be those of a picture with a large empty place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from scipy.ndimage import distance_transform_edt
from torch import Tensor

from lab import images
from lab.decoding import Source, name_of
from lab.limits import USUAL, Limits


@dataclass(frozen=True, eq=False)
class Cutout:
    """Colours and opacity of a picture.

    Attributes:
        picture: (1, 3, H, W) float32 in [0, 1]. alpha: a grey picture of its size, 0 transparent
            to 255 opaque; None where all of it is opaque.
    """

    picture: Tensor
    alpha: Image.Image | None = None

    @property
    def mask(self) -> Tensor | None:
        """(H, W) float32 in [0, 1], how much each pixel counts; None where all do."""
        if self.alpha is None:
            return None
        return torch.from_numpy(np.asarray(self.alpha, np.float32) / 255)

    @property
    def image(self) -> Image.Image:
        """It as RGB, or RGBA where some of it is transparent."""
        image = images.to_pil(self.picture)
        if self.alpha is not None:
            image.putalpha(self.alpha)
        return image

    @property
    def digest(self) -> str:
        """Of its 8-bit pixels, with their opacity where some are transparent: 16 hex digits."""
        planes = images.to_bytes(self.picture[0])
        if self.alpha is not None:
            planes = torch.cat((planes, torch.from_numpy(np.array(self.alpha))[None]))
        return images.digest(planes)


def open_cutout(source: Source, *, longest: int | None = None, limits: Limits = USUAL) -> Cutout:
    """Reads a picture without laying it over anything.

    Where it shows something, its colours are those that are stored; where it is wholly transparent,
    those of the nearest pixel that is not, and white where there is none.

    Args:
        source, limits: see `lab.images.open_picture`. longest: shrink it to this longer side.
    Raises:
        FileNotFoundError, ValueError: as `lab.images.open_picture`.
    """
    picture = images.open_straight(source, limits=limits)
    alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
    rgb = picture.convert("RGB")
    if alpha is not None:
        rgb = _filled(rgb, alpha)
    if longest is not None:
        rgb = images.fit(rgb, longest)
        if alpha is not None:  # filled again: so what is saved is read again as it was
            alpha = images.fit(alpha, longest)
            rgb = _filled(rgb, alpha)
    return Cutout(images.to_tensor(rgb), alpha)


def open_style(source: Source, *, longest: int | None = None) -> Cutout:
    """The same of a picture whose colours are wanted.

    Raises:
        FileNotFoundError, ValueError: as `open_cutout`, and where it is wholly transparent.
    """
    style = open_cutout(source, longest=longest)
    if style.alpha is not None and style.alpha.getextrema() == (0, 0):
        raise ValueError(
            f"{name_of(source)} is wholly transparent, so it has no style; choose a picture that "
            "shows something."
        )
    return style


def _filled(rgb: Image.Image, alpha: Image.Image) -> Image.Image:
    """Where nothing shows, the colours of the nearest pixel that is at least half as opaque as any:
    what is nearly transparent has colours that nobody has seen."""
    opacity = np.asarray(alpha)
    most = int(opacity.max())
    clear = opacity == 0
    if not most:
        return Image.new("RGB", rgb.size, "white")
    if not clear.any():
        return rgb
    far = opacity < (most + 1) // 2
    rows, columns = distance_transform_edt(far, return_distances=False, return_indices=True)
    pixels = np.array(rgb)
    pixels[clear] = pixels[rows[clear], columns[clear]]
    return Image.fromarray(pixels)
