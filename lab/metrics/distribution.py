"""How far two sets of pictures are apart as sets: the kernel inception distance.

Binkowski, Sutherland, Arbel & Gretton 2018, Demystifying MMD GANs (arXiv 1801.01401). Unbiased at
every number of pictures, where FID is too large for small sets; the network behind the features is
the caller's, and numbers of different networks do not compare.
"""

from __future__ import annotations

import torch
from torch import Tensor


def polynomial_kernel(x: Tensor, y: Tensor) -> Tensor:
    """k(a, b) = (a · b / D + 1)³ (Binkowski et al. 2018): (N, D), (M, D) → (N, M) float64."""
    return (x.double() @ y.double().T / x.shape[1] + 1) ** 3


def kid(
    real: Tensor, fake: Tensor, *, subsets: int = 100, size: int = 50, seed: int = 0
) -> tuple[float, float]:
    """Squared maximum mean discrepancy under `polynomial_kernel`, unbiased; may be below zero.

    Args:
        real, fake: (N, D) and (M, D) features.
        subsets: how many pairs of subsets are drawn, each without repetition.
        size: pictures in a subset, from 2 to the smaller of N and M.
        seed: fixes the subsets.
    Returns:
        Mean and standard deviation over the subsets. The deviation is that of one subset's value;
        subsets overlap, so it is no error bar of the mean.
    Raises:
        ValueError: shapes that do not fit, or a `size` the sets do not have.
    """
    if real.ndim != 2 or fake.ndim != 2 or real.shape[1] != fake.shape[1]:
        raise ValueError(
            f"Features are {tuple(real.shape)} and {tuple(fake.shape)}; "
            "expected (N, D) and (M, D) of one network."
        )
    fewest = min(len(real), len(fake))
    if not 2 <= size <= fewest:
        raise ValueError(f"Subsets of {size} pictures; expected 2 to {fewest}, the smaller set.")
    if subsets < 1:
        raise ValueError(f"{subsets} subsets; expected 1 or more.")
    real_real, fake_fake = polynomial_kernel(real, real), polynomial_kernel(fake, fake)
    real_fake = polynomial_kernel(real, fake)
    generator = torch.Generator().manual_seed(seed)
    values = []
    for _ in range(subsets):
        i = torch.randperm(len(real), generator=generator)[:size].to(real.device)
        j = torch.randperm(len(fake), generator=generator)[:size].to(real.device)
        apart = _off_diagonal_mean(real_real[i][:, i]) + _off_diagonal_mean(fake_fake[j][:, j])
        values.append(apart - 2 * real_fake[i][:, j].mean())
    result = torch.stack(values)
    return float(result.mean()), float(result.std(correction=0))


def _off_diagonal_mean(kernel: Tensor) -> Tensor:
    """Mean over pairs of different pictures: leaving i = j out makes the estimate unbiased."""
    count = len(kernel)
    return (kernel.sum() - kernel.trace()) / (count * (count - 1))
