"""How far two sets of pictures are apart as sets: the kernel and the Fréchet distance of features.

Binkowski, Sutherland, Arbel & Gretton 2018, Demystifying MMD GANs (arXiv 1801.01401): unbiased at
every number of pictures. Heusel et al. 2017, GANs Trained by a Two Time-Scale Update Rule (arXiv
1706.08500): too large for small sets. The network behind the features is the caller's, numbers of
different networks do not compare, and only those of Inception are called KID and FID.
"""

from __future__ import annotations

import torch
from torch import Tensor


def polynomial_kernel(x: Tensor, y: Tensor) -> Tensor:
    """k(a, b) = (a · b / D + 1)³ (Binkowski et al. 2018): (N, D), (M, D) → (N, M) float64."""
    return (x.double() @ y.double().T / x.shape[1] + 1) ** 3


def kid(
    real: Tensor,
    fake: Tensor,
    *,
    subsets: int = 100,
    size: int = 50,
    seed: int = 0,
    paired: bool = False,
) -> tuple[float, float]:
    """Squared maximum mean discrepancy under `polynomial_kernel`, unbiased; may be below zero.

    Args:
        real, fake: (N, D) and (M, D) features.
        subsets: how many pairs of subsets are drawn, each without repetition.
        size: pictures in a subset, from 2 to the smaller of N and M.
        seed: fixes the subsets.
        paired: row k of both is of one layout. Then a subset holds the same layouts of both, and
            no picture is compared with the one of its own layout (Gretton et al. 2012, A kernel
            two-sample test, eq. 4): those are alike in any case, which would pull the estimate
            below zero. A set and itself are 0 apart.
    Returns:
        Mean and standard deviation over the subsets. The deviation is that of one subset's value;
        subsets overlap, so it is no error bar of the mean.
    Raises:
        ValueError: shapes that do not fit, or a `size` the sets do not have.
    """
    _check_features(real, fake)
    fewest = min(len(real), len(fake))
    if not 2 <= size <= fewest:
        raise ValueError(f"Subsets of {size} pictures; expected 2 to {fewest}, the smaller set.")
    if paired and len(real) != len(fake):
        raise ValueError(
            f"Paired sets are of one size; these are {len(real)} and {len(fake)}: give one picture "
            "of each layout in both, in one order, or set paired to false."
        )
    if subsets < 1:
        raise ValueError(f"{subsets} subsets; expected 1 or more.")
    real_real, fake_fake = polynomial_kernel(real, real), polynomial_kernel(fake, fake)
    real_fake = polynomial_kernel(real, fake)
    generator = torch.Generator().manual_seed(seed)
    values = []
    for _ in range(subsets):
        i = torch.randperm(len(real), generator=generator)[:size].to(real.device)
        j = i if paired else torch.randperm(len(fake), generator=generator)[:size].to(real.device)
        apart = _off_diagonal_mean(real_real[i][:, i]) + _off_diagonal_mean(fake_fake[j][:, j])
        between = real_fake[i][:, j]
        values.append(apart - 2 * (_off_diagonal_mean(between) if paired else between.mean()))
    result = torch.stack(values)
    return float(result.mean()), float(result.std(correction=0))


def frechet_distance(real: Tensor, fake: Tensor) -> float:
    """|μ₁ - μ₂|² + tr(Σ₁ + Σ₂ - 2 (Σ₁ Σ₂)^½) of two Gaussians fitted to the features (Heusel et al.
    2017, eq. 6), in float64; covariances divide by N - 1.

    Biased upwards for few pictures, so that sets of different sizes do not compare.

    The trace of the root needs no root: with Σ = RᵀR / (N - 1) from the QR decomposition of the
    centred features, tr (Σ₁ Σ₂)^½ is the sum of the singular values of R₁R₂ᵀ. Stable where fewer
    pictures than features leave Σ singular, and where a matrix square root turns complex.

    Args:
        real, fake: (N, D) and (M, D) features, 2 rows or more each.
    Returns:
        0 or more; 0 for equal sets, up to rounding.
    Raises:
        ValueError: shapes that do not fit, or fewer than two pictures.
    """
    _check_features(real, fake)
    if min(len(real), len(fake)) < 2:
        raise ValueError(f"A covariance needs 2 pictures or more; got {len(real)} and {len(fake)}.")
    means, roots = [], []
    for features in (real.double(), fake.double()):
        mean = features.mean(0)
        centred = (features - mean) / (len(features) - 1) ** 0.5
        means.append(mean)
        roots.append(torch.linalg.qr(centred, mode="r").R)
    spreads = roots[0].square().sum() + roots[1].square().sum()
    shared = torch.linalg.svdvals(roots[0] @ roots[1].T).sum()
    distance = (means[0] - means[1]).square().sum() + spreads - 2 * shared
    return max(float(distance), 0.0)


def _check_features(real: Tensor, fake: Tensor) -> None:
    if real.ndim != 2 or fake.ndim != 2 or real.shape[1] != fake.shape[1]:
        raise ValueError(
            f"Features are {tuple(real.shape)} and {tuple(fake.shape)}; "
            "expected (N, D) and (M, D) of one network."
        )


def _off_diagonal_mean(kernel: Tensor) -> Tensor:
    """Mean over pairs of different pictures: leaving i = j out makes the estimate unbiased."""
    count = len(kernel)
    return (kernel.sum() - kernel.trace()) / (count * (count - 1))
