"""How alike two pictures are, pixel by pixel and by a network's features; one value per picture."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from lab.images import luma

WINDOW, SIGMA = 11, 1.5  # Wang et al. 2004, §III-C


def psnr(x: Tensor, y: Tensor) -> Tensor:
    """Peak signal-to-noise ratio in dB, 10 log10(1 / MSE): (B, 3, H, W) in [0, 1] twice → (B,).

    Infinite for equal pictures. Raises ValueError for pictures of different sizes.
    """
    _check_sizes(x, y)
    error = (x.double() - y.double()).square().mean((1, 2, 3))
    return (-10 * error.log10()).float()


def ssim(x: Tensor, y: Tensor) -> Tensor:
    """Structural similarity (Wang et al. 2004, eq. 13) of the luma, mean over all windows.

    Windows are 11x11 Gaussians of deviation 1.5 that lie wholly inside the picture; K1 = 0.01,
    K2 = 0.03. Differs from the authors' suggested use, which first shrinks large pictures.

    In float64: a variance is the small difference of two large numbers, and GPUs may convolve
    float32 with ten bits.

    Args:
        x, y: (B, 3, H, W) in [0, 1], sides of 11 or more.
    Returns:
        (B,) in [-1, 1], 1 for equal pictures.
    Raises:
        ValueError: different sizes, or pictures smaller than a window.
    """
    _check_sizes(x, y)
    if min(x.shape[-2:]) < WINDOW:
        raise ValueError(
            f"SSIM needs pictures of {WINDOW}x{WINDOW} or more; got {x.shape[-1]}x{x.shape[-2]}."
        )
    x, y = luma(x.double()), luma(y.double())
    mean_x, mean_y = _blur(x), _blur(y)
    variance_x, variance_y = _blur(x * x) - mean_x**2, _blur(y * y) - mean_y**2
    covariance = _blur(x * y) - mean_x * mean_y
    c1, c2 = 0.01**2, 0.03**2
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    structure = (2 * covariance + c2) / (variance_x + variance_y + c2)
    return (luminance * structure).mean((1, 2, 3)).float()


def perceptual_distance(x: Mapping[str, Tensor], y: Mapping[str, Tensor]) -> Tensor:
    """Squared distance of features whose channel vectors have length 1, averaged over places and
    layers (Zhang et al. 2018, eq. 1, with all weights 1).

    This is not LPIPS, whose weights are fitted to human judgements on another network: name it by
    the network the features are from.

    Args:
        x, y: {layer: (B, C, h, w)}; entries without height and width are left out.
    Returns:
        (B,) in [0, 4]; 0 for equal features.
    Raises:
        ValueError: no such layer, or layers and sizes that differ.
    """
    layers = [name for name, features in x.items() if features.ndim == 4]
    if not layers or any(name not in y or y[name].shape != x[name].shape for name in layers):
        raise ValueError(
            f"Features {_shapes(x)} and {_shapes(y)} do not compare; expected the same layers "
            "(B, C, h, w) of two pictures of one size."
        )
    terms = [
        (F.normalize(x[name].float(), dim=1) - F.normalize(y[name].float(), dim=1))
        .square()
        .sum(1)
        .mean((1, 2))
        for name in layers
    ]
    return torch.stack(terms).mean(0)


def _blur(x: Tensor) -> Tensor:
    """Gaussian mean of every window, rows then columns: (B, 1, H, W) → (B, 1, H - 10, W - 10)."""
    distance = torch.arange(WINDOW, dtype=x.dtype, device=x.device) - WINDOW // 2
    kernel = torch.exp(-(distance**2) / (2 * SIGMA**2))
    kernel = kernel / kernel.sum()
    return F.conv2d(F.conv2d(x, kernel.view(1, 1, 1, -1)), kernel.view(1, 1, -1, 1))


def _check_sizes(x: Tensor, y: Tensor) -> None:
    if x.shape != y.shape or x.ndim != 4 or x.shape[1] != 3:
        raise ValueError(
            f"The pictures are {tuple(x.shape)} and {tuple(y.shape)}; "
            "expected the same (B, 3, H, W) twice: resize one of them."
        )


def _shapes(features: Mapping[str, Tensor]) -> str:
    return ", ".join(f"{name} {tuple(x.shape)}" for name, x in features.items()) or "none"
