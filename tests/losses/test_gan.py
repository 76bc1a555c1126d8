"""The adversarial losses of pix2pixHD and pix2pix."""

import math

import pytest
import torch
from torch import Tensor, nn

from lab.losses.gan import (
    Scales,
    bce_discriminator_loss,
    bce_generator_loss,
    feature_matching_loss,
    lsgan_discriminator_loss,
    lsgan_generator_loss,
    score_both,
)


def scores(*values: float) -> Scales:
    """One scale per value: a feature map that must not count, then a constant score."""
    return [
        [torch.full((2, 3, 4, 4), 99.0), torch.full((2, 1, 5 + i, 4), value)]
        for i, value in enumerate(values)
    ]


def random_scales(scales: int = 2, layers: int = 4, *, scale: float = 1.0) -> Scales:
    return [
        [scale * torch.randn(2, 2 + layer, 8 - layer, 6) for layer in range(layers + 1)]
        for _ in range(scales)
    ]


# --- least squares -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "generator", "real", "fake"),
    [(1.0, 0.0, 0.0, 0.5), (0.0, 1.0, 0.5, 0.0), (-1.0, 4.0, 2.0, 0.5), (3.0, 4.0, 2.0, 4.5)],
)
def test_closed_forms_at_constant_scores(score, generator, real, fake) -> None:
    assert lsgan_generator_loss(scores(score)).item() == generator  # (s - 1)²
    assert lsgan_discriminator_loss(scores(score), scores(0.0)).item() == real  # ½ (s - 1)²
    assert lsgan_discriminator_loss(scores(1.0), scores(score)).item() == fake  # ½ s²


def test_patches_are_averaged() -> None:
    half = [[torch.tensor([1.0, 3.0, 1.0, 3.0]).view(1, 1, 2, 2)]]
    assert lsgan_generator_loss(half).item() == 2  # half of the patches are 2 away from real
    assert lsgan_discriminator_loss(half, half).item() == 0.5 * (2 + 5)


def test_scales_are_averaged_so_that_their_number_changes_no_balance() -> None:
    one, three = scores(2.0), scores(2.0, 2.0, 2.0)
    assert lsgan_generator_loss(one) == lsgan_generator_loss(three)
    assert lsgan_discriminator_loss(one, one) == lsgan_discriminator_loss(three, three)
    assert lsgan_generator_loss(scores(1.0, 3.0)).item() == 2
    features = random_scales(1)
    other = random_scales(1)
    single = feature_matching_loss(features, other)
    assert torch.allclose(feature_matching_loss(features * 3, other * 3), single)


def test_a_discriminator_that_cannot_tell_does_best_at_one_half() -> None:
    score = torch.tensor(0.1, requires_grad=True)

    def loss(value: Tensor) -> Tensor:
        maps = [[value.expand(1, 1, 2, 2)]]
        return lsgan_discriminator_loss(maps, maps)

    (slope,) = torch.autograd.grad(loss(score), score)
    assert slope < 0
    (slope,) = torch.autograd.grad(loss(score + 0.4), score)
    assert slope.item() == pytest.approx(0, abs=1e-6)


def test_the_gradient_of_the_generator_is_that_of_the_square() -> None:
    score = torch.randn(1, 1, 3, 4, requires_grad=True)
    lsgan_generator_loss([[score]]).backward()
    assert torch.allclose(score.grad, 2 * (score.detach() - 1) / 12)


# --- cross-entropy -------------------------------------------------------------------------------


@pytest.mark.parametrize("score", [-2.0, 0.0, 1.5])
def test_cross_entropy_is_the_log_of_the_sigmoid(score: float) -> None:
    right, wrong = -math.log(1 / (1 + math.exp(-score))), -math.log(1 / (1 + math.exp(score)))
    assert bce_generator_loss(scores(score)).item() == pytest.approx(right, rel=1e-5)
    both = bce_discriminator_loss(scores(score), scores(0.0)).item()
    assert both == pytest.approx(0.5 * (right + math.log(2)), rel=1e-5)
    both = bce_discriminator_loss(scores(0.0), scores(score)).item()
    assert both == pytest.approx(0.5 * (math.log(2) + wrong), rel=1e-5)


def test_cross_entropy_stays_finite_where_the_discriminator_is_sure() -> None:
    assert bce_generator_loss(scores(-1e4)).item() == 1e4
    assert bce_discriminator_loss(scores(1e4), scores(-1e4)).item() == 0


def test_one_pass_scores_what_two_passes_would() -> None:
    class Doubled(nn.Module):
        def forward(self, x: Tensor) -> Scales:
            return [[x, 2 * x], [3 * x]]

    real, fake = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    found = score_both(Doubled(), real, fake)
    for own, scales in zip((real, fake), found, strict=True):
        assert [len(scale) for scale in scales] == [2, 1]
        assert torch.equal(scales[0][1], 2 * own) and torch.equal(scales[1][0], 3 * own)


# --- feature matching ----------------------------------------------------------------------------


def test_equal_features_cost_nothing() -> None:
    features = random_scales()
    assert feature_matching_loss(features, features).item() == 0


def test_the_score_is_left_out() -> None:
    fake, real = random_scales(), random_scales()
    before = feature_matching_loss(fake, real)
    for scale in fake:
        scale[-1] = scale[-1] + 100
    assert torch.equal(feature_matching_loss(fake, real), before)


@pytest.mark.parametrize("layers", [2, 4, 6])
@pytest.mark.parametrize("scales", [1, 3])
def test_the_value_is_the_official_sum(layers: int, scales: int) -> None:
    fake, real = random_scales(scales, layers), random_scales(scales, layers)
    expected = 0.0
    for k in range(scales):
        for i in range(layers):  # layers = n_layers_D + 1
            distance = (fake[k][i] - real[k][i]).abs().mean().item()
            expected += 1 / scales * 4 / layers * distance
    assert feature_matching_loss(fake, real).item() == pytest.approx(expected, rel=1e-5)


def test_at_the_papers_depth_each_layer_counts_once() -> None:
    real = random_scales(1)
    fake = [[layer + 0.25 for layer in real[0]]]
    assert feature_matching_loss(fake, real).item() == pytest.approx(4 * 0.25, rel=1e-5)


def test_gradients_reach_the_generated_picture_only() -> None:
    fake, real = random_scales(), random_scales()
    for scale in fake + real:
        for layer in scale:
            layer.requires_grad_()
    feature_matching_loss(fake, real).backward()
    assert all(layer.grad.any() for scale in fake for layer in scale[:-1])
    assert all(layer.grad is None for scale in real for layer in scale)


def test_half_precision_features_are_compared_in_single_precision() -> None:
    real = [[torch.full((1, 1, 64, 64), 300.0, dtype=torch.bfloat16)] * 2]
    fake = [[torch.full((1, 1, 64, 64), 302.0, dtype=torch.bfloat16)] * 2]
    loss = feature_matching_loss(fake, real)
    assert loss.dtype == torch.float32 and loss.item() == 8
    assert lsgan_generator_loss(fake).dtype == torch.float32


def test_different_numbers_of_scales_do_not_pass_unseen() -> None:
    with pytest.raises(ValueError):
        feature_matching_loss(random_scales(2), random_scales(3))
    with pytest.raises(ValueError):
        lsgan_discriminator_loss(scores(1.0), scores(1.0, 0.0))
