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
BLOCK = 256  # pixels of one object that are multiplied at once


def object_grams(x: Tensor, objects: Tensor, count: int) -> Tensor:
    """`gram_matrix` over the pixels of each object: (B, C, h, w), (B, h, w) → (count, C, C).

    Without a loop over objects: their pixels, sorted, fill blocks of equal size, the last of each
    object's with zeros, which add nothing to the sums.

    Args:
        objects: numbers from 0 to `count` - 1, each of which is there.
    """
    pixels = x.permute(0, 2, 3, 1).flatten(0, 2)
    which, order = objects.flatten().sort(stable=True)
    sizes = torch.bincount(which, minlength=count)
    blocks = (sizes + BLOCK - 1) // BLOCK
    start = (blocks.cumsum(0) - blocks) * BLOCK - (sizes.cumsum(0) - sizes)
    place = torch.arange(len(which), device=x.device) + start[which]
    total = int(blocks.sum())
    filled = pixels.new_zeros(total * BLOCK, x.shape[1]).index_copy(
        0, place, pixels.index_select(0, order)
    )
    sums = gram_matrix(filled.view(total, BLOCK, -1, 1).transpose(1, 2)).float() * BLOCK
    owner = torch.arange(count, device=x.device).repeat_interleave(blocks, output_size=total)
    grams = sums.new_zeros(count, *sums.shape[1:]).index_add(0, owner, sums)
    return grams / sizes[:, None, None]


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
