"""Reading pictures back into label maps."""

import math

import pytest
import torch

from lab.data.cityscapes import CITYSCAPES
from lab.metrics.segmentation import (
    class_iou,
    confusion_matrix,
    mean_iou,
    only_true,
    pixel_accuracy,
)


def random_maps(classes: int = 4) -> tuple[torch.Tensor, torch.Tensor]:
    labels = torch.randint(classes, (3, 7, 9))
    labels[torch.rand(labels.shape) < 0.2] = 255
    return torch.randint(classes, labels.shape), labels


def test_the_matrix_counts_every_pair_and_no_unlabelled_pixel() -> None:
    predicted, labels = random_maps()
    matrix = confusion_matrix(predicted, labels, 4)
    for true in range(4):
        for said in range(4):
            assert matrix[true, said] == ((labels == true) & (predicted == said)).sum()
    assert matrix.sum() == (labels != 255).sum()


def test_what_is_said_of_unlabelled_pixels_does_not_matter() -> None:
    predicted, labels = random_maps()
    other = torch.where(labels == 255, 3 - predicted, predicted)
    assert torch.equal(confusion_matrix(predicted, labels, 4), confusion_matrix(other, labels, 4))


def test_iou_is_intersection_over_union_of_the_labelled_pixels() -> None:
    predicted, labels = random_maps()
    known = labels != 255
    iou = class_iou(confusion_matrix(predicted, labels, 4))
    for index in range(4):
        true, said = (labels == index) & known, (predicted == index) & known
        assert iou[index].item() == pytest.approx(float((true & said).sum() / (true | said).sum()))


def test_matrices_add_up() -> None:
    predicted, labels = random_maps()
    parts = [confusion_matrix(p[None], t[None], 4) for p, t in zip(predicted, labels, strict=True)]
    assert torch.equal(sum(parts), confusion_matrix(predicted, labels, 4))


def test_a_perfect_reading_scores_one_and_renaming_classes_changes_nothing() -> None:
    predicted, labels = random_maps()
    perfect = confusion_matrix(labels.clamp(max=3), labels, 4)
    assert pixel_accuracy(perfect) == mean_iou(perfect) == 1
    names = torch.cat([torch.randperm(4), torch.full((252,), 255)])
    matrix = confusion_matrix(predicted, labels, 4)
    renamed = confusion_matrix(names[predicted], names[labels], 4)
    assert mean_iou(renamed) == pytest.approx(mean_iou(matrix))
    assert pixel_accuracy(renamed) == pixel_accuracy(matrix)


def test_a_class_that_never_occurs_counts_for_nothing() -> None:
    predicted, labels = random_maps()
    few, many = (confusion_matrix(predicted, labels, classes) for classes in (4, 9))
    assert mean_iou(few) == pytest.approx(mean_iou(many))
    assert class_iou(many)[4:].isnan().all()


def test_nothing_labelled_is_no_score() -> None:
    empty = confusion_matrix(torch.zeros(1, 2, 2).long(), torch.full((1, 2, 2), 255), 4)
    assert math.isnan(pixel_accuracy(empty)) and math.isnan(mean_iou(empty))


@pytest.mark.parametrize(
    ("predicted", "sentence"),
    [
        (torch.zeros(1, 2, 3).long(), "expected the same"),
        (torch.full((1, 2, 2), 4), "outside 0 … 3"),
        (torch.full((1, 2, 2), -1), "outside 0 … 3"),
    ],
)
def test_maps_that_do_not_fit_are_refused(predicted: torch.Tensor, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        confusion_matrix(predicted, torch.zeros(1, 2, 2).long(), 4)


def test_unscored_classes_are_left_out_but_cost_who_reads_them() -> None:
    # Class 2 is not scored: its own pixels do not count, and two of class 0 are read as it.
    matrix = only_true(torch.tensor([[6, 0, 2], [1, 3, 0], [5, 5, 9]]), [0, 1])
    assert pixel_accuracy(matrix) == 9 / 12
    assert mean_iou(matrix, [0, 1]) == pytest.approx((6 / 9 + 3 / 4) / 2)
    whole = torch.tensor([[6, 0], [1, 3]])
    assert torch.equal(only_true(whole, [0, 1]), whole)
    assert mean_iou(whole, [0, 1]) == mean_iou(whole)


def test_of_cityscapes_the_nineteen_evaluated_classes_are_scored() -> None:
    names = [CITYSCAPES.names[index] for index in CITYSCAPES.scored]
    assert len(names) == 19 and names[:2] == ["road", "sidewalk"] and names[-1] == "bicycle"
    assert not {"unlabeled", "ego vehicle", "out of roi", "caravan"} & set(names)
