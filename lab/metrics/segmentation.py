"""How well a judge reads a picture back into the label map it was drawn from.

The published numbers of semantic synthesis differ by whether pixels without a class count; here
they never do: a pixel whose true label is not a class (255) is left out of every sum, whatever the
judge says there.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def confusion_matrix(predicted: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Counts of (true class, predicted class); sums of matrices are matrices of more pictures.

    Args:
        predicted: (B, H, W) int64 in 0 … classes - 1. labels: (B, H, W) int64; ids that are not
            below `classes` are left out.
    Returns:
        (classes, classes) int64, a row per true class.
    Raises:
        ValueError: the two maps differ in shape, or a prediction is no class.
    """
    if predicted.shape != labels.shape:
        raise ValueError(
            f"The prediction is {tuple(predicted.shape)} and the label map {tuple(labels.shape)}; "
            "expected the same (B, H, W) twice."
        )
    known = (labels >= 0) & (labels < classes)
    predicted, labels = predicted[known], labels[known]
    if predicted.numel() and not 0 <= int(predicted.min()) <= int(predicted.max()) < classes:
        raise ValueError(f"A prediction is outside 0 … {classes - 1}; expected a class everywhere.")
    counts = torch.bincount(labels * classes + predicted, minlength=classes**2)
    return counts.view(classes, classes)


def pixel_accuracy(matrix: Tensor) -> float:
    """Share of the labelled pixels whose class is right, in [0, 1]; NaN without any."""
    return float(matrix.diagonal().sum() / matrix.sum())


def class_iou(matrix: Tensor) -> Tensor:
    """Intersection over union of every class: (classes,) float64 in [0, 1].

    NaN for a class that is neither in the label maps nor predicted, so that it counts for nothing.
    """
    matrix = matrix.double()
    right = matrix.diagonal()
    return right / (matrix.sum(0) + matrix.sum(1) - right)


def only_true(matrix: Tensor, classes: Sequence[int]) -> Tensor:
    """The counts of the pixels that truly are of one of `classes`, whatever they are read as."""
    kept = torch.zeros_like(matrix)
    kept[list(classes)] = matrix[list(classes)]
    return kept


def mean_iou(matrix: Tensor, classes: Sequence[int] | None = None) -> float:
    """Mean of `class_iou` over the classes that occur, in [0, 1] (Everingham et al. 2015).

    `classes`: those that are averaged over, None for all.
    """
    iou = class_iou(matrix)
    return float((iou if classes is None else iou[list(classes)]).nanmean())
