"""The losses of a discriminator that reads classes."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from lab.data.labels import IGNORE
from lab.losses.oasis import balancing_weights, drawn_loss, reading_loss

CLASSES = 4


@pytest.fixture
def labels() -> Tensor:
    """Class 0 covers three quarters, 1 and 3 an eighth each, 2 nothing; a row says nothing."""
    labels = torch.zeros(2, 9, 8, dtype=torch.int64)
    labels[:, 6], labels[:, 7], labels[:, 8] = 1, 3, IGNORE
    return labels


@pytest.fixture
def logits() -> Tensor:
    return torch.randn(2, CLASSES + 1, 9, 8, generator=torch.manual_seed(0))


def test_classes_that_occur_weigh_alike_and_their_pixels_one_on_average(labels) -> None:
    weights = balancing_weights(labels, CLASSES)
    totals = [weights[k].item() * (labels == k).sum().item() for k in range(CLASSES)]
    assert totals[2] == 0
    assert totals[0] == pytest.approx(totals[1]) == pytest.approx(totals[3])
    assert sum(totals) == pytest.approx((labels != IGNORE).sum().item())


def test_a_class_of_few_pixels_weighs_as_one_that_covers_the_least_share() -> None:
    labels = torch.zeros(1, 100, 100, dtype=torch.int64)
    labels[0, 0, :3] = 1
    weights = balancing_weights(labels, 2, least=0.01)
    assert weights[1].item() == pytest.approx(1 / (0.01 * 2))
    assert balancing_weights(labels, 2, least=0.0001)[1].item() == pytest.approx(1 / (0.0003 * 2))


def test_reading_is_the_mean_over_classes_of_their_mean_cross_entropy(labels, logits) -> None:
    pixels = F.cross_entropy(logits, labels, ignore_index=IGNORE, reduction="none")
    expected = [pixels[labels == k].mean().item() for k in (0, 1, 3)]
    assert reading_loss(logits, labels).item() == pytest.approx(sum(expected) / 3, rel=1e-5)


def test_what_is_read_with_certainty_costs_nothing_and_unlabelled_pixels_neither(labels) -> None:
    certain = 50 * F.one_hot(labels.clamp(max=CLASSES), CLASSES + 1).movedim(-1, 1).float()
    assert reading_loss(certain, labels).item() == pytest.approx(0, abs=1e-6)
    assert reading_loss(certain, torch.full_like(labels, IGNORE)).item() == 0


def test_a_drawing_that_is_read_as_drawn_costs_its_discriminator_nothing(logits) -> None:
    expected = -logits.log_softmax(1)[:, CLASSES].mean()
    assert drawn_loss(logits).item() == pytest.approx(expected.item(), rel=1e-5)
    assert drawn_loss(torch.zeros(1, 5, 2, 2)).item() == pytest.approx(math.log(5))
    logits[:, CLASSES] += 100
    assert drawn_loss(logits).item() == pytest.approx(0, abs=1e-6)


def test_the_two_players_pull_a_drawings_logits_apart(labels, logits) -> None:
    logits.requires_grad_(True)
    (player,) = torch.autograd.grad(reading_loss(logits, labels), logits)
    (other,) = torch.autograd.grad(drawn_loss(logits), logits)
    seen = (labels != IGNORE)[:, None]
    drawn = [gradient[:, CLASSES:][seen] for gradient in (player, other)]
    assert (drawn[0] > 0).all() and (drawn[1] < 0).all()
