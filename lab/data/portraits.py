"""Portraits to begin with: label maps of faces, drawn from ellipses; no photograph is behind them.

They stand as the faces of CelebAMask-HQ are aligned: the eyes at 0.48 of the height, the mouth at
0.75; the shown person's left is on the right of the picture.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch

from lab.data.drawn import Ids
from lab.data.faces import FACES

Mask = np.ndarray
Paint = Callable[[str, Mask], None]


@lru_cache(maxsize=32)
def portrait(number: int, size: tuple[int, int]) -> Ids:
    """Portrait `number`, always the same, at `size` (width, height); its parts are its objects."""
    rng = np.random.default_rng((12, number))
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    place = ((x + 0.5) / width, (y + 0.5) / height)
    labels = np.zeros((height, width), np.int64)

    def paint(name: str, mask: Mask) -> None:
        labels[mask] = FACES.index(name)

    long, lean = rng.random() < 0.5, rng.uniform(-0.02, 0.02)
    _behind(paint, place, long=long, rng=rng)
    _head(paint, place, lean=lean, rng=rng)
    _features(paint, place, lean=lean, rng=rng)
    _worn(paint, place, lean=lean, rng=rng)
    ids = torch.from_numpy(labels)
    return Ids(ids, ids.clone())


def _ellipse(place: tuple[Mask, Mask], x: float, y: float, radii: tuple[float, float]) -> Mask:
    return ((place[0] - x) / radii[0]) ** 2 + ((place[1] - y) / radii[1]) ** 2 < 1


def _behind(
    paint: Paint, place: tuple[Mask, Mask], *, long: bool, rng: np.random.Generator
) -> None:
    """Hair behind the head, neck and clothes."""
    x, y = place
    if long:
        paint("hair", _ellipse(place, 0.5, 0.55, (rng.uniform(0.36, 0.44), 0.55)))
    paint("cloth", _ellipse(place, 0.5, 1.12, (rng.uniform(0.5, 0.62), 0.28)))
    paint("neck", (np.abs(x - 0.5) < rng.uniform(0.14, 0.18)) & (y > 0.7) & (y < 0.95))
    paint("neck", _ellipse(place, 0.5, 0.94, (0.17, 0.06)))


def _head(paint: Paint, place: tuple[Mask, Mask], *, lean: float, rng: np.random.Generator) -> None:
    """Ears, the face, and the hair that frames it."""
    x, y = place
    wide, middle = rng.uniform(0.25, 0.29), 0.5 + lean
    for name, side in (("left ear", 1), ("right ear", -1)):
        paint(name, _ellipse(place, middle + side * wide, 0.55, (0.04, 0.08)))
    crown = _ellipse(place, middle, 0.44, (wide + rng.uniform(0.05, 0.09), 0.36))
    paint("hair", crown & (y < rng.uniform(0.46, 0.6)))
    face = _ellipse(place, middle, 0.55, (wide, 0.36))
    parting = rng.uniform(-0.1, 0.1)
    hairline = 0.27 + 1.1 * (x - middle - parting) ** 2
    paint("skin", face & (y > hairline))


def _features(
    paint: Paint, place: tuple[Mask, Mask], *, lean: float, rng: np.random.Generator
) -> None:
    """Eyes, brows, nose and mouth."""
    x, y = place
    middle, apart = 0.5 + 1.5 * lean, rng.uniform(0.12, 0.135)
    for side, word in ((1, "left"), (-1, "right")):
        at = middle + side * apart
        paint(f"{word} eye", _ellipse(place, at, 0.48, (0.05, rng.uniform(0.018, 0.024))))
        arch = 0.425 + 2.2 * (x - at - 0.01 * side) ** 2
        paint(f"{word} brow", (np.abs(y - arch) < 0.012) & (np.abs(x - at) < 0.075))
    down = np.clip((y - 0.47) / 0.16, 0, 1)
    bridge = np.abs(x - middle) < 0.022 + 0.042 * down**2
    paint("nose", bridge & (y > 0.46) & (y < 0.62))
    paint("nose", _ellipse(place, middle, 0.615, (0.064, 0.03)))
    smile, open_ = rng.uniform(0.3, 1.2), rng.uniform(0.0, 0.022)
    line = y + smile * (x - middle) ** 2 * 2
    inside = np.abs(x - middle) < rng.uniform(0.1, 0.125)
    taper = np.clip(1 - ((x - middle) / 0.125) ** 2, 0, 1)
    paint("upper lip", inside & (line < 0.755) & (line > 0.755 - 0.026 * taper))
    paint("mouth interior", inside & (line >= 0.755) & (line < 0.755 + 2 * open_ * taper))
    low = 0.755 + 2 * open_ * taper
    paint("lower lip", inside & (line >= low) & (line < low + 0.034 * taper))


def _worn(paint: Paint, place: tuple[Mask, Mask], *, lean: float, rng: np.random.Generator) -> None:
    """Sometimes glasses, earrings, a necklace or a hat."""
    x, y = place
    middle = 0.5 + 1.5 * lean
    if rng.random() < 0.25:
        for side in (1, -1):
            paint("eyeglasses", _ellipse(place, middle + side * 0.13, 0.49, (0.095, 0.06)))
        paint("eyeglasses", (np.abs(x - middle) < 0.06) & (np.abs(y - 0.475) < 0.01))
    if rng.random() < 0.3:
        for side in (1, -1):
            paint("earring", _ellipse(place, 0.5 + lean + side * 0.275, 0.68, (0.016, 0.035)))
    if rng.random() < 0.2:
        ring = np.abs(y - 0.86 - 0.9 * (0.03 - (x - 0.5) ** 2)) < 0.009
        paint("necklace", ring & (np.abs(x - 0.5) < 0.16))
    if rng.random() < 0.2:
        paint("hat", _ellipse(place, 0.5 + lean, 0.22, (0.36, 0.24)) & (y < 0.28))
