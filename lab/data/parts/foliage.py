"""What leaves and twigs of trees follow: noise of four wavelengths, which no label map holds.

Where a leaf is bright and where the sky shows through follows from nothing in a layout, and a
network that has to make it from nothing repeats one pattern all over: foliage looks woven. Here it
is told a noise without any pattern, and trees of `lab.data.town.regular` follow it.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from scipy.ndimage import map_coordinates
from torch import Tensor

from lab.data.parts.perspective import LOUD, Street

WAVES = (1 / 96, 1 / 48, 1 / 24, 1 / 12)  # wavelengths in shares of the picture's shorter side
READ = len(WAVES)
HINTS = 2
PLANES = READ + HINTS
_TREES = ("tree", "vegetation")
_LEAF = (0.45, 0.6, 0.55, 0.35)  # how much of each there is in the brightness of leaves
_TWIG, _THIN = (0.8, 0.6), 0.22  # of the two between, near whose zeros there are twigs
_SLIM = 0.3  # of the crown's width, below which what stands under it is a trunk
_SIDE, _TEXELS = 1024, 8  # of the tile that all are taken from; so many texels a wavelength
_FINEST = (1.5, 3.0)  # wavelengths in pixels between which a noise fades in


def read(street: Street) -> np.ndarray:
    """The noises on the trees of a street.

    They are those of the place in the picture: another tree beside one does not change its leaves.

    Returns:
        (4, H, W) float32, finest first: mean 0 and deviation 1, fading where pixels do not hold
        the wavelength; 0 where no tree is, and on trunks.
    """
    planes = np.zeros((READ, *street.labels.shape), np.float32)
    for ys, xs in street.objects(*_TREES).values():
        leafy = ~_trunk(ys)
        ys, xs = ys[leafy], xs[leafy]
        planes[:, ys, xs] = noise(ys + 0.5, xs + 0.5, min(street.labels.shape))
    return planes


def _trunk(ys: np.ndarray) -> np.ndarray:
    """Which pixels of a tree, given by their rows, are its trunk (n,) bool: those in rows far
    narrower than its widest one and below that."""
    widths = np.bincount(ys)
    rows = np.arange(len(widths)) > widths.argmax()
    return (rows & (widths < _SLIM * widths.max()))[ys]


def noise(ys: np.ndarray, xs: np.ndarray, shorter: int) -> np.ndarray:
    """The four noises (4, n) at rows and columns (n,) of a picture whose shorter side is given."""
    planes = []
    for octave, wave in enumerate(WAVES):
        length = wave * shorter
        low, high = _FINEST
        seen = np.clip((length - low) / (high - low), 0, 1)
        texels = _TEXELS / length
        at = [(x * texels + 331 * octave).astype(np.float32) for x in (ys, xs)]
        between = map_coordinates(_tile(), at, order=1, mode="grid-wrap")
        planes.append(np.float32(seen) * between)
    return np.stack(planes)


def leaves(told: np.ndarray | Tensor) -> np.ndarray | Tensor:
    """How bright leaves are, about 0, where the noises (4, …) are these."""
    return sum(share * plane for share, plane in zip(_LEAF, told, strict=True))


def twigs(told: np.ndarray | Tensor) -> np.ndarray | Tensor:
    """Where there are twigs, bool (…), where the noises (4, …) are these."""
    return abs(_TWIG[0] * told[1] + _TWIG[1] * told[2]) < _THIN


def waves(plane: Tensor) -> Tensor:
    """What the generator sees of `read`, (B, 4, H, W): itself, 4 where leaves are bright, 4 on
    twigs."""
    told = plane.movedim(1, 0)
    tree = (told != 0).any(0)
    hints = (leaves(told) > 0), tree & twigs(told)
    return torch.cat([plane, *(LOUD * hint[:, None] for hint in hints)], 1)


@cache
def _tile() -> np.ndarray:
    """Noise (_SIDE, _SIDE) about one wavelength in all directions, mean 0 and deviation 1."""
    rng = np.random.default_rng([5, *b"foliage"])
    along = np.fft.fftfreq(_SIDE) * _TEXELS  # 1: the wavelength
    octaves = np.log2(np.hypot(along[:, None], along) + 1e-9)
    ring = np.exp(-((octaves / 0.45) ** 2) / 2)
    drawn = np.fft.ifft2(np.fft.fft2(rng.standard_normal((_SIDE, _SIDE))) * ring).real
    return (drawn / drawn.std()).astype(np.float32)
