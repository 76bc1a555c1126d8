"""Texture loss: what each object's surface is made of, not where it lies.

Ours. Windows of a house or leaves of a tree leave no trace in a label map. A loss that compares
place by place asks for all their positions at once and gets the mean of them, which is plain; Gram
matrices of a whole picture (Gatys et al. 2016) mix its houses with its trees. This compares, object
by object, how the features of a perceptual network vary together inside it (regions as in Gatys et
al. 2017, Controlling perceptual factors, eq. 5 to 8; centred, so that it adds to losses that know
the mean).
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from lab.losses.perceptual import Features

SMALLEST = 0.004  # share of the picture: of fewer pixels there is no texture to speak of


def object_masks(instances: Tensor, *, smallest: float = SMALLEST) -> Tensor:
    """(H, W) ids → (K, H, W) masks of 0 and 1, of the objects that cover at least `smallest`."""
    ids, counts = instances.unique(return_counts=True)
    ids = ids[counts >= smallest * instances.numel()]
    return (instances == ids[:, None, None]).float()


def masked_covariance(x: Tensor, masks: Tensor) -> Tensor:
    """Covariance of the features inside each mask: (C, h, w), (K, h, w) weights → (K, C, C).

    A mask without weight gives zeros.
    """
    flat = x.flatten(1).float()
    shares = masks.flatten(1) / masks.sum((1, 2)).clamp_min(1e-6)[:, None]
    centred = flat - (shares @ flat.T)[:, :, None]
    return (centred * shares[:, None]) @ centred.transpose(1, 2)


def texture_loss(
    x: Features, target: Features, instances: Tensor, *, weights: Mapping[str, float]
) -> Tensor:
    """Σ_l w_l · Σ_k a_k ‖C_k(x) - C_k(target)‖ / Σ_k a_k ‖C_k(target)‖, over Σ w_l; C_k is the
    covariance inside object k and a_k its area.

    One scale for all objects of a picture: a plain sky may be as plain as it is.

    Args:
        x, target: {layer: (B, C, h, w)}; gradients reach `x` only.
        instances: (B, H, W) int64, equal id = same object.
    Returns:
        A scalar: 0 on equal features, 1 where x is flat and target is not.
    """
    terms = []
    for ids, *pictures in zip(
        instances, *(x[layer] for layer in weights), *(target[layer] for layer in weights),
        strict=True,
    ):  # fmt: skip
        masks = object_masks(ids)
        areas = masks.mean((1, 2))
        own, wanted = pictures[: len(weights)], pictures[len(weights) :]
        for weight, mine, other in zip(weights.values(), own, wanted, strict=True):
            inside = F.adaptive_avg_pool2d(masks, mine.shape[1:])
            aim = masked_covariance(other.detach(), inside)
            error = (masked_covariance(mine, inside) - aim).flatten(1)
            scale = (areas * aim.flatten(1).norm(dim=1)).sum().clamp_min(1e-6)
            # The norm has no gradient at 0.
            norms = (error.square().sum(1) + 1e-12).sqrt()
            terms.append(weight * (areas * norms).sum() / scale)
    return torch.stack(terms).sum() / (len(instances) * sum(weights.values()))
