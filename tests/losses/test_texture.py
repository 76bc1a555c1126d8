"""The texture loss: covariances of features, object by object."""

import pytest
import torch
from torch import Tensor

from lab.losses.texture import masked_covariance, object_masks, texture_loss

HALVES = torch.zeros(1, 32, 32, dtype=torch.int64)
HALVES[..., 16:] = 7


def noise(seed: int, spread: float = 1.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return spread * torch.randn(1, 4, 32, 32, generator=generator)


def loss(x: Tensor, target: Tensor, instances: Tensor = HALVES) -> Tensor:
    return texture_loss({"a": x}, {"a": target}, instances, weights={"a": 2.0})


def test_every_object_has_a_mask_unless_it_is_too_small() -> None:
    instances = HALVES[0].clone()
    instances[0, 0] = 9
    masks = object_masks(instances, smallest=0.01)
    assert masks.shape == (2, 32, 32)
    assert torch.equal(masks[1], (instances == 7).float())
    assert len(object_masks(instances, smallest=0)) == 3


def test_the_covariance_is_that_of_the_places_inside() -> None:
    x = noise(0)[0].double()
    masks = object_masks(HALVES[0])
    for found, inside in zip(masked_covariance(x, masks), masks, strict=True):
        assert torch.allclose(found, torch.cov(x[:, inside > 0], correction=0).float(), atol=1e-5)


def test_a_mask_without_weight_has_no_covariance() -> None:
    assert not masked_covariance(noise(0)[0], torch.zeros(1, 32, 32)).any()


def test_equal_features_cost_nothing_and_flat_ones_one() -> None:
    assert loss(noise(0), noise(0)) < 1e-5
    assert loss(torch.zeros(1, 4, 32, 32), noise(0)) == pytest.approx(1, abs=1e-5)


def test_a_texture_may_lie_elsewhere_and_in_another_colour() -> None:
    moved = noise(0).roll((3, 5), (2, 3))
    inside = torch.zeros_like(HALVES)  # rolled around, one object holds the same places
    assert loss(moved + 0.5, noise(0), inside) < 1e-5


def test_textures_of_two_objects_are_not_mixed() -> None:
    loud_left = noise(0)
    loud_left[..., 16:] *= 0.1
    loud_right = loud_left.flip(-1)
    as_one = torch.zeros_like(HALVES)
    assert loss(loud_left, loud_right, as_one) < 0.1 < 0.9 < loss(loud_left, loud_right)


def test_a_plain_object_weighs_as_little_as_there_is_of_its_texture() -> None:
    target = noise(0)
    target[..., 16:] *= 0.01
    flat_right = target.clone()
    flat_right[..., 16:] = 0
    assert loss(flat_right, target) < 1e-3


def test_the_batch_is_the_mean_of_its_pictures() -> None:
    x, target = torch.cat([noise(0), noise(1)]), torch.cat([noise(2), noise(3, 2.0)])
    alone = [loss(x[i : i + 1], target[i : i + 1]) for i in range(2)]
    both = loss(x, target, HALVES.expand(2, -1, -1))
    assert torch.allclose(both, torch.stack(alone).mean())


def test_masks_shrink_with_the_features() -> None:
    """Features of half the size of the ids, as deep layers have."""
    small = {"a": noise(0)[..., ::2, ::2]}
    assert texture_loss(small, small, HALVES, weights={"a": 1.0}) < 1e-5


def test_gradients_reach_the_drawing_alone_and_stay_finite_at_equality() -> None:
    x, target = noise(0).requires_grad_(), noise(0).requires_grad_()
    loss(x, target).backward()
    assert target.grad is None and torch.isfinite(x.grad).all()
    loss(torch.zeros_like(x, requires_grad=True), noise(1)).backward()
