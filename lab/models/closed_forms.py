"""The closed forms of style transfer as affine maps between two pictures' moments."""

from __future__ import annotations

import torch
from torch import Tensor

from lab.models.feature_maps import AffineMap, Moments

RIDGE = 1e-8  # of the mean eigenvalue
LEAST = 1e-5  # as published: a variance below it is rounding, not texture


def adain_map(content: Moments, style: Moments, *, eps: float = 1e-5) -> AffineMap:
    """σ(s) · (x - μ(c)) / σ(c) + μ(s) (Huang & Belongie 2017, eq. 8): a diagonal map.

    `eps` is added to the variances, as published.
    """
    own, wanted = ((each.covariance.diagonal() + eps).sqrt() for each in (content, style))
    scale = wanted / own
    return AffineMap(torch.diag(scale), style.mean - scale * content.mean)


def wct_map(content: Moments, style: Moments, *, ridge: float = RIDGE) -> AffineMap:
    """Σs^½ Σc^-½ (x - μ(c)) + μ(s) (Li et al. 2017, eq. 1 and 2): whitening, then colouring.

    `ridge` as in `symmetric_power`. Differs from the official code, which drops the content's
    eigenvalues below 1e-5: here they count as 1e-5, so a picture of one colour takes the mean of
    the style and a small texture is not cut out of it. So do the style's, or a picture in its own
    style would lose what it varies little in.
    """
    whiten = symmetric_power(content.covariance, -0.5, ridge=ridge, least=LEAST)
    weight = symmetric_power(style.covariance, 0.5, ridge=0.0, least=LEAST) @ whiten
    return AffineMap(weight, style.mean - weight @ content.mean)


def symmetric_power(
    matrix: Tensor, power: float, *, ridge: float = RIDGE, least: float = 0.0
) -> Tensor:
    """A covariance (C, C) to a power such as ½ or -½, by its eigenvalues in float64.

    An eigenvalue counts as `ridge` times their mean at least, and as `least`: so a region with
    fewer places than channels, or of one colour, stays finite.
    """
    values, vectors = torch.linalg.eigh(matrix.double())
    floor = (ridge * values.mean().clamp_min(1e-12)).clamp_min(least)
    return (vectors * values.clamp_min(floor) ** power) @ vectors.T
