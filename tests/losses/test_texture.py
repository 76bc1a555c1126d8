"""Texture loss: brute force, blindness to places inside an object, objects apart."""

import pytest
import torch

from lab.losses.texture import SMALLEST, object_grams, texture_loss


def halves(size: int = 16) -> torch.Tensor:
    """Two objects, left and right."""
    instances = torch.zeros(1, size, size, dtype=torch.int64)
    instances[:, :, size // 2 :] = 5
    return instances


def test_grams_are_means_of_outer_products_over_each_object() -> None:
    torch.manual_seed(0)
    x, objects = torch.randn(2, 3, 4, 5), torch.randint(3, (2, 4, 5))
    found = object_grams(x, objects, 3)
    for number in range(3):
        pixels = [x[b, :, i, j] for b, i, j in (objects == number).nonzero().tolist()]
        expected = torch.stack([p[:, None] * p for p in pixels]).mean(0)
        torch.testing.assert_close(found[number], expected)


def test_it_is_the_relative_error_of_objects_by_their_share() -> None:
    torch.manual_seed(1)
    instances = halves()
    instances[:, :4, :4] = 9
    x, target = torch.randn(1, 3, 16, 16), torch.randn(1, 3, 16, 16)
    expected = 0.0
    for number in (0, 5, 9):
        own = instances[0] == number
        grams = [t[0][:, own] @ t[0][:, own].T / own.sum() for t in (x, target)]
        error = (grams[0] - grams[1]).square().sum() / grams[1].square().sum()
        expected += float(error) * float(own.float().mean())
    found = texture_loss({"relu1_1": x}, {"relu1_1": target}, instances)
    assert found.item() == pytest.approx(expected, rel=1e-5)


def test_where_a_pattern_stands_in_its_object_costs_nothing() -> None:
    torch.manual_seed(2)
    target = {"relu1_1": torch.randn(1, 4, 16, 16)}
    left, right = target["relu1_1"].split(8, dim=3)
    moved = torch.cat([left.roll((3, 2), (2, 3)), right.roll((-5, 1), (2, 3))], 3)
    assert texture_loss({"relu1_1": moved}, target, halves()).item() < 1e-10
    swapped = torch.cat([2 * right, left], 3)  # another object's pattern does
    assert texture_loss({"relu1_1": swapped}, target, halves()).item() > 0.01


def test_equal_ids_of_two_pictures_are_two_objects() -> None:
    torch.manual_seed(3)
    x, target = torch.randn(2, 3, 16, 16), torch.randn(2, 3, 16, 16)
    both = texture_loss({"a": x}, {"a": target}, halves().expand(2, -1, -1))
    alone = [texture_loss({"a": x[k : k + 1]}, {"a": target[k : k + 1]}, halves()) for k in (0, 1)]
    assert both.item() == pytest.approx(sum(alone).item() / 2, rel=1e-5)


def test_features_are_smaller_than_the_instance_map() -> None:
    torch.manual_seed(4)
    x, target = torch.randn(1, 3, 4, 4), torch.randn(1, 3, 4, 4)
    large = texture_loss({"a": x}, {"a": target}, halves(16))
    assert large.item() == pytest.approx(texture_loss({"a": x}, {"a": target}, halves(4)).item())


def test_the_smallest_objects_are_left_out_and_gradients_are_those_of_the_drawing() -> None:
    instances = halves(32)
    instances[:, 0, : int(32 * 32 * SMALLEST)] = 77
    x = torch.randn(1, 3, 32, 32, requires_grad=True)
    target = torch.randn(1, 3, 32, 32, requires_grad=True)
    texture_loss({"a": x}, {"a": target}, instances).backward()
    small = instances[0] == 77
    assert not x.grad[0][:, small].any() and x.grad[0][:, ~small].any()
    assert target.grad is None
