"""Losses on features of a perceptual network: content, style, VGG loss, and total variation.

Gatys et al. 2016 (Gram matrices), Huang & Belongie 2017 (moments), Johnson et al. 2016 and
Wang et al. 2018 (perceptual loss), Li et al. 2019 (content + style). All are averages, so a weight
means the same at every size; features are {layer: (B, C, h, w)}.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

Features = Mapping[str, Tensor]
CELL = 8  # side of the squares whose colours are compared


def gram_matrix(x: Tensor) -> Tensor:
    """G = F Fᵀ / (h·w): (B, C, h, w) → (B, C, C) float32 (Gatys et al. 2016, eq. 3)."""
    flat = x.flatten(2).float()
    with torch.autocast(x.device.type, enabled=False):  # which takes products in half precision
        return flat @ flat.transpose(1, 2) / flat.shape[2]


def channel_statistics(x: Tensor, eps: float = 1e-5) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation per channel: (B, C, h, w) → two (B, C, 1, 1)."""
    variance, mean = torch.var_mean(x.float(), (2, 3), keepdim=True, correction=0)
    return mean, (variance + eps).sqrt()


def normalize_statistics(x: Tensor) -> Tensor:
    """Each channel with mean 0 and deviation 1: what is left is structure, not style."""
    mean, std = channel_statistics(x)
    return (x - mean) / std


def content_loss(x: Tensor, target: Tensor, *, normalized: bool = True) -> Tensor:
    """Mean squared difference of features (Li et al. 2019, eq. 6): a scalar.

    Args:
        x, target: (B, C, h, w). normalized: compare after `normalize_statistics`, so that a change
            of colour alone costs nothing. Differs from Li et al., who compare raw features.
    """
    if normalized:
        x, target = normalize_statistics(x), normalize_statistics(target)
    return F.mse_loss(x.float(), target.detach().float())


def style_loss(
    x: Features, target: Features, *, by: Literal["gram", "moments", "both"] = "both"
) -> Tensor:
    """Distance of second-order statistics, mean over layers: a scalar.

    `gram`: ‖G(x) - G(s)‖² / ‖G(s)‖² (Gatys et al. 2016, eq. 4, relative to the style's energy so
    that layers weigh alike). `moments`: relative squared error of means and deviations (Li et al.
    2017, Demystifying neural style transfer; Huang & Belongie 2017, eq. 13). `both`: gram + ½
    moments.
    """
    if by not in ("gram", "moments", "both"):
        raise ValueError(f"style_loss by {by!r}; expected one of: gram, moments, both.")
    terms = []
    for layer, features in x.items():
        term = features.new_zeros((), dtype=torch.float32)
        if by in ("gram", "both"):
            term = term + gram_distance(features, target[layer])
        if by in ("moments", "both"):
            term = term + (0.5 if by == "both" else 1.0) * moment_distance(features, target[layer])
        terms.append(term)
    return torch.stack(terms).mean()


def gram_distance(x: Tensor, target: Tensor) -> Tensor:
    """‖G(x) - G(target)‖² / ‖G(target)‖², mean over the batch: a scalar; sizes may differ."""
    return relative_distance(gram_matrix(x), gram_matrix(target.detach()))


def relative_distance(own: Tensor, wanted: Tensor) -> Tensor:
    """‖own - wanted‖² / ‖wanted‖² of matrices (B, C, C), mean over the batch: a scalar."""
    return relative_errors(own, wanted).mean()


def relative_errors(own: Tensor, wanted: Tensor) -> Tensor:
    """The same of every matrix: (B,)."""
    energy = wanted.square().sum((1, 2)).clamp_min(1e-8)
    return (own - wanted).square().sum((1, 2)) / energy


def moment_distance(x: Tensor, target: Tensor) -> Tensor:
    """Relative squared error of the channels' means plus that of their deviations: a scalar."""
    distance = x.new_zeros((), dtype=torch.float32)
    statistics = zip(channel_statistics(x), channel_statistics(target.detach()), strict=True)
    for own, wanted in statistics:
        energy = wanted.square().sum((1, 2, 3)).clamp_min(1e-8)
        distance = distance + ((own - wanted).square().sum((1, 2, 3)) / energy).mean()
    return distance


def perceptual_loss(
    x: Features,
    target: Features,
    weights: Mapping[str, float],
    *,
    form: Literal["relative", "absolute"] = "relative",
) -> Tensor:
    """How far features are from the target's, layer by layer (Wang et al. 2018): a scalar.

    Args:
        form: absolute is the official code's Σ w_l · L1(features), whose weights 1/32 … 1 balance
            the layers of one particular VGG. relative is Σ w_l · L1 / Σ w_l, each L1 divided by the
            target's activation, which holds for any: 0 on equal features, 1 where x differs by as
            much as the target is large. Gradients reach `x` only.
    Raises:
        ValueError: another form.
    """
    if form not in ("relative", "absolute"):
        raise ValueError(f"perceptual_loss of form {form!r}; expected relative or absolute.")
    if form == "absolute":
        distances = (F.l1_loss(x[k].float(), target[k].detach().float()) for k in weights)
        return torch.stack([w * d for w, d in zip(weights.values(), distances, strict=True)]).sum()
    terms = []
    for layer, weight in weights.items():
        wanted = target[layer].detach().float()
        # Each picture by its own scale: a batch is the mean of its pictures, however it is shared.
        scale = wanted.abs().mean((1, 2, 3)).clamp_min(1e-6)
        error = (x[layer].float() - wanted).abs().mean((1, 2, 3))
        terms.append(weight * (error / scale).mean())
    return torch.stack(terms).sum() / sum(weights.values())


def best_per_class_loss(
    x: Features,
    target: Features,
    classes: Tensor,
    *,
    weights: Mapping[str, float],
    mean: float = 0.001,
) -> Tensor:
    """The loss of a network that draws U pictures at once (Chen & Koltun 2017, eq. 4).

    In every class the best of the U pictures counts, so that they may differ. The layers' terms
    are relative as in `perceptual_loss`, which this is for U = 1; the paper instead divides by the
    losses of a trained network, measured once.

    Args:
        x: {layer: (B, U, C, h, w)}. target: {layer: (B, C, h, w)}, without gradient.
        classes: (B, K, H, W), what share of a pixel is of which class; each pixel sums to 1.
        mean: how much the mean over the pictures weighs beside the best, as in the authors' code.
    """
    scores = torch.zeros((), device=classes.device)
    # Channels first, a processor takes thirty times as long to shrink them, a quarter of a step.
    classes = classes.contiguous(memory_format=torch.channels_last)
    for layer, weight in weights.items():
        wanted = target[layer].detach().float()
        scale = wanted.abs().mean((1, 2, 3)).clamp_min(1e-6)
        error = (x[layer].float() - wanted[:, None]).abs().mean(2)  # (B, U, h, w)
        error = error / scale.view(-1, 1, 1, 1)
        shares = F.adaptive_avg_pool2d(classes, wanted.shape[2:]).float().flatten(2)
        with torch.autocast(error.device.type, enabled=False):  # whose products are in half
            sums = error.flatten(2) @ shares.transpose(1, 2)  # (B, U, K)
        scores = scores + weight / shares.shape[2] * sums
    best, average = scores.amin(1).sum(1).mean(), scores.mean(1).sum(1).mean()
    return ((1 - mean) * best + mean * average) / sum(weights.values())


def colour_loss(x: Tensor, target: Tensor, *, cell: int = CELL) -> Tensor:
    """L1 between the mean colours of cell x cell squares: (B, 3, H, W) twice → scalar.

    Ours: it says which colour a place has and nothing of its texture, so a short training need
    not find colours through the features of other networks.
    """
    return (F.avg_pool2d(x, cell) - F.avg_pool2d(target, cell)).abs().mean()


def total_variation(x: Tensor) -> Tensor:
    """Mean absolute difference of neighbouring pixels, both directions: (B, C, H, W) → scalar."""
    horizontal = (x[..., :, 1:] - x[..., :, :-1]).abs().mean()
    vertical = (x[..., 1:, :] - x[..., :-1, :]).abs().mean()
    return horizontal + vertical


def out_of_range(x: Tensor) -> Tensor:
    """Mean squared distance of a picture's values from [0, 1]: (B, 3, H, W) → scalar."""
    return (x - x.clamp(0, 1)).square().mean()


def grid_loss(x: Tensor, *, period: int = 4, window: int = 8) -> Tensor:
    """How much of a grid lies over a picture: (B, 3, H, W) → scalar, 0 for none.

    Ours. A network that draws `period` x `period` pixels at each place may draw some of them always
    lighter than the others, and losses on textures do not mind. In windows of `window` x `window`
    such cells, the mean colour of each of the cell's places should be that of the window: mean
    absolute difference. Pictures without a grid have but what their gradients are over a cell.
    """
    height, width = (side - side % period for side in x.shape[2:])
    cells = F.pixel_unshuffle(x[..., :height, :width], period)
    window = min(window, *cells.shape[2:])
    places = F.avg_pool2d(cells, window, stride=max(1, window // 2))
    places = places.unflatten(1, (3, period**2))
    return (places - places.mean(2, keepdim=True)).abs().mean()
