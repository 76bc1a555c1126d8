"""Texture loss: Gram matrices of every object, after Gatys et al. 2016, instead of place by place.

Ours. A layout says where a wall is and not where its windows are; a loss that compares picture and
photograph place by place then prefers no windows to windows elsewhere. Gram matrices of an object's
features say which patterns it has and how much of each, wherever they stand.
"""

from __future__ import annotations

import torch
from torch import Tensor

from lab.losses.perceptual import Features, gram_matrix, relative_errors

SMALLEST = 1 / 100  # of the picture: smaller objects are left to the other losses


def object_grams(x: Tensor, objects: Tensor, count: int) -> Tensor:
    """`gram_matrix` over the pixels of each object: (B, C, h, w), (B, h, w) → (count, C, C).

    Args:
        objects: numbers from 0 to `count` - 1, each of which is there.
    """
    flat, which = x.transpose(0, 1).flatten(1), objects.flatten()
    own = (flat[None, :, which == number, None] for number in range(count))
    return torch.cat([gram_matrix(pixels) for pixels in own])


def texture_loss(x: Features, target: Features, instances: Tensor) -> Tensor:
    """‖G(x) - G(target)‖² / ‖G(target)‖² of every object by its share of the pixels: a scalar.

    Mean over layers. Objects below `SMALLEST` count as 0. Gradients reach `x` only.

    Args:
        x, target: {layer: (B, C, h, w)}. instances: (B, H, W) int64 of the pictures, H >= h; equal
            ids in different pictures of a batch are different objects.
    """
    batch = torch.arange(len(instances), device=instances.device)[:, None, None]
    apart = instances + batch * (instances.max() - instances.min() + 1)
    terms = []
    for layer, features in x.items():
        objects, sizes = _numbered(apart, features.shape[2:])
        with torch.no_grad():
            wanted = object_grams(target[layer], objects, len(sizes))
        errors = relative_errors(object_grams(features, objects, len(sizes)), wanted)
        shares = sizes / objects.numel()
        shares = shares * (shares * len(instances) >= SMALLEST)
        terms.append((errors * shares).sum())
    return torch.stack(terms).mean()


def _numbered(instances: Tensor, size: torch.Size) -> tuple[Tensor, Tensor]:
    """Objects at a smaller size, by the pixel at the middle of each cell, and their pixels."""
    rows, columns = (
        ((torch.arange(small, device=instances.device) + 0.5) * large / small).long()
        for small, large in zip(size, instances.shape[1:], strict=True)
    )
    seen = instances[:, rows][:, :, columns]
    _, objects, sizes = torch.unique(seen, return_inverse=True, return_counts=True)
    return objects, sizes
