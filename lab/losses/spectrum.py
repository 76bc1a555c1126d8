"""Local spectrum loss: how much of each frequency and direction a place holds, not where.

Ours. Discriminators of a short training are satisfied by any fine pattern, and generators then
weave one of a period of two or three pixels over every surface, while coarser texture is missing.
This compares the energies of 8x8 cosine transforms (the JPEG basis) around every place: that fixes
how fine and in which direction the texture is, and leaves its phase free. Gram matrices do so for a
whole picture (Gatys et al. 2016), this place by place and without a network.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

WINDOW = 8
STRIDE = 4
SMALLEST = 2 * WINDOW  # side of a picture that has a local spectrum
LEVELS = 3  # full, half and quarter size: periods from 2 to 64 pixels


def cosine_basis(size: int = WINDOW) -> Tensor:
    """The two-dimensional DCT-II without its constant: (size² - 1, 1, size, size), orthonormal."""
    places = torch.arange(size, dtype=torch.float32)
    rows = torch.cos(math.pi / size * (places + 0.5) * places[:, None]) * math.sqrt(2 / size)
    rows[0] /= math.sqrt(2)
    return torch.einsum("ik,jl->ijkl", rows, rows).reshape(size * size, 1, size, size)[1:]


def local_spectrum(picture: Tensor, eps: float = 1e-5) -> Tensor:
    """Amplitudes of the cosine transform, root mean square over 16x16 pixels.

    Args:
        picture: (B, C, H, W), sides of at least 16; each channel alone.
    Returns:
        (B · C, 63, h, w).
    """
    planes = picture.float().flatten(0, 1)[:, None]
    basis = cosine_basis().to(planes.device)
    with torch.autocast(planes.device.type, enabled=False):  # half precision hides fine noise
        energies = F.conv2d(planes, basis, stride=STRIDE).square()
        return (F.avg_pool2d(energies, 3, stride=2) + eps).sqrt()


def spectrum_loss(x: Tensor, target: Tensor) -> Tensor:
    """L1 between local spectra at three sizes, each frequency relative to its mean in `target`.

    Relative, since natural pictures hold a hundred times more of low frequencies than of high ones.
    Brightness is compared apart from the two colour differences.

    Args:
        x, target: (B, 3, H, W) in [0, 1], sides of at least 16; sizes whose sides fall below 16
            are left out. Gradients reach `x` only.
    Returns:
        A scalar: 0 on equal pictures, about 1 where x is flat and target is not.
    """
    x, target = _opponent(x.float()), _opponent(target.detach().float())
    terms = []
    for _ in range(LEVELS):
        if min(x.shape[2:]) < SMALLEST:
            break
        own, wanted = local_spectrum(x), local_spectrum(target)
        batch = len(x)
        own, wanted = own.unflatten(0, (batch, -1)), wanted.unflatten(0, (batch, -1))
        # One scale for brightness and colours: faint colours need not be drawn to the last grain.
        scale = wanted.mean((1, 3, 4), keepdim=True)
        terms.append(((own - wanted).abs() / scale).mean())
        x, target = F.avg_pool2d(x, 2), F.avg_pool2d(target, 2)
    return torch.stack(terms).mean()


def _opponent(picture: Tensor) -> Tensor:
    """Brightness, red - brightness, blue - brightness."""
    brightness = picture.mean(1, keepdim=True)
    return torch.cat([brightness, picture[:, :1] - brightness, picture[:, 2:] - brightness], 1)
