"""The losses of OASIS (Schönfeld et al. 2021, eq. 1 and 2): a discriminator that reads classes.

K + 1 logits at every pixel; the last class, number K, is «drawn».
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from lab.losses.processes import over_processes

TINY = 1e-6  # below any count that is not zero
LEAST = 1 / 512  # of the labelled pixels: rarer classes weigh as if they had these


def balancing_weights(labels: Tensor, classes: int, *, least: float = LEAST) -> Tensor:
    """α of eq. 1: how much a pixel of every class weighs, (classes,) float32.

    Classes weigh alike and rare pixels much: 1 / (share of the class · classes that occur), so the
    weights of all labelled pixels sum to their number. Differs from the paper in `least`, a share
    under which the weight of a pixel grows no more: a few pixels at the edge of a window teach
    little. A class that does not occur weighs 0. What occurs is counted in the pictures of all
    processes of a training.

    Args:
        labels: (B, H, W) int64, below `classes`; other ids are unlabelled pixels.
    """
    counts = over_processes(torch.bincount(labels[labels < classes], minlength=classes).float())
    shares = counts / counts.sum().clamp_min(TINY)
    weights = 1 / (shares.clamp_min(least) * (counts > 0).sum().clamp_min(1))
    return weights * (counts > 0)


def reading_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """-E[Σ_c α_c t_c log p_c], the pixels read as their class (eq. 1, first half, and eq. 2).

    The discriminator's on photographs and the generator's on drawings; for these also «drawn» is
    among the classes that a pixel should not be read as.

    Args:
        logits: (B, K + 1, H, W). labels: (B, H, W) int64; ids from K on are left out.
    Returns:
        A scalar: a mean over the labelled pixels, 0 if there are none. With several processes it
        is the mean of theirs that is one over all pixels, see `over_processes`.
    """
    classes = logits.shape[1] - 1
    weights = balancing_weights(labels, classes)
    weights = torch.cat([weights, weights.new_zeros(1)])  # no pixel is labelled «drawn»
    known = labels < classes
    target = labels.where(known, -1)
    total = F.cross_entropy(logits.float(), target, weights, ignore_index=-1, reduction="sum")
    return total / over_processes(known.sum().float()).clamp_min(TINY)


def drawn_loss(logits: Tensor) -> Tensor:
    """-E[log p_K]: the pixels of a drawing read as drawn (eq. 1, second half): a scalar."""
    drawn = torch.full_like(logits[:, 0], logits.shape[1] - 1, dtype=torch.int64)
    return F.cross_entropy(logits.float(), drawn)
