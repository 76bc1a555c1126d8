"""Content, style and picture losses."""

import math

import pytest
import torch
from torch import Tensor

from lab.losses.perceptual import (
    best_per_class_loss,
    channel_statistics,
    colour_loss,
    content_loss,
    gram_distance,
    gram_matrix,
    grid_loss,
    moment_distance,
    normalize_statistics,
    out_of_range,
    perceptual_loss,
    style_loss,
    total_variation,
)

BY = ("gram", "moments", "both")


def features(channels: int = 4, size: tuple[int, int] = (6, 8), batch: int = 2) -> Tensor:
    return torch.randn(batch, channels, *size) + torch.randn(1, channels, 1, 1)


def permuted(x: Tensor) -> Tensor:
    """The same pixels in other places."""
    return x.flatten(2)[..., torch.randperm(x[0, 0].numel())].view_as(x)


# --- statistics ----------------------------------------------------------------------------------


def test_gram_of_ones_is_ones() -> None:
    assert torch.equal(gram_matrix(torch.ones(2, 3, 5, 7)), torch.ones(2, 3, 3))


def test_gram_is_the_mean_product_of_channels() -> None:
    x = features(3, (2, 4))
    expected = torch.zeros(2, 3, 3)
    for i in range(3):
        for j in range(3):
            expected[:, i, j] = (x[:, i] * x[:, j]).mean((1, 2))
    assert torch.allclose(gram_matrix(x), expected, atol=1e-6)
    assert torch.allclose(gram_matrix(x), gram_matrix(x).transpose(1, 2))
    assert torch.linalg.eigvalsh(gram_matrix(x)).min() > -1e-5


def test_gram_knows_neither_places_nor_size() -> None:
    x = features()
    assert torch.allclose(gram_matrix(permuted(x)), gram_matrix(x), atol=1e-5)
    assert torch.allclose(gram_matrix(x.repeat(1, 1, 2, 3)), gram_matrix(x), atol=1e-5)
    assert torch.allclose(gram_matrix(3 * x), 9 * gram_matrix(x), atol=1e-4)


def test_gram_is_as_exact_under_autocast() -> None:
    x = features(16, (12, 12))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = gram_matrix(x)
    assert found.dtype == torch.float32 and torch.equal(found, gram_matrix(x))


def test_statistics_are_the_mean_and_the_population_deviation() -> None:
    x = torch.tensor([1.0, 3.0, 5.0, 7.0]).view(1, 1, 2, 2)
    mean, std = channel_statistics(x, eps=0)
    assert mean.shape == std.shape == (1, 1, 1, 1)
    assert mean.item() == 4 and std.item() == pytest.approx(math.sqrt(5))
    flat = torch.full((1, 1, 4, 4), 2.0, requires_grad=True)
    channel_statistics(flat)[1].backward()
    assert flat.grad.isfinite().all()  # the root of a zero variance has a slope


def test_normalized_features_have_mean_zero_and_deviation_one() -> None:
    x = normalize_statistics(5 * features() + 3)
    assert torch.allclose(x.mean((2, 3)), torch.zeros(2, 4), atol=1e-5)
    assert torch.allclose(x.var((2, 3), correction=0), torch.ones(2, 4), atol=1e-4)
    assert torch.allclose(normalize_statistics(x), x, atol=1e-4)


# --- content -------------------------------------------------------------------------------------


def test_content_is_a_mean_square() -> None:
    x = features()
    assert content_loss(x, x).item() == 0
    assert content_loss(x + 0.5, x, normalized=False).item() == pytest.approx(0.25, rel=1e-4)


def test_normalized_content_ignores_a_change_of_colour() -> None:
    x = features(size=(16, 16))
    gain, shift = torch.rand(1, 4, 1, 1) + 0.5, torch.randn(1, 4, 1, 1)
    assert content_loss(gain * x + shift, x).item() < 1e-8
    assert content_loss(gain * x + shift, x, normalized=False).item() > 0.01
    # But not one of places: independent features are 2 apart.
    assert content_loss(permuted(x), x).item() == pytest.approx(2, abs=0.5)
    assert content_loss(-x, x).item() == pytest.approx(4, rel=1e-3)


# --- style ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", BY)
def test_style_knows_no_places(by: str) -> None:
    x, target = {"a": features(), "b": features(3)}, {"a": features(), "b": features(3)}
    loss = style_loss(x, target, by=by)
    moved = style_loss({k: permuted(v) for k, v in x.items()}, target, by=by)
    assert loss.item() == pytest.approx(moved.item(), rel=1e-4) and loss > 0.01
    assert style_loss(x, {k: permuted(v) for k, v in x.items()}, by=by).item() < 1e-8


def test_gram_distance_is_relative_to_the_styles_energy() -> None:
    x = features()
    # G(2x) = 4 G(x): |4G - G|² / |G|² = 9, at any size of the features.
    assert gram_distance(2 * x, x).item() == pytest.approx(9, rel=1e-4)
    assert gram_distance(2e3 * x, 1e3 * x).item() == pytest.approx(9, rel=1e-4)
    assert gram_distance(torch.zeros_like(x), x).item() == pytest.approx(1, rel=1e-4)


def test_moment_distance_has_a_closed_form() -> None:
    target = torch.tensor([[1.0, 3.0], [2.0, 6.0]]).view(1, 2, 1, 2)  # means 2, 4; deviations 1, 2
    shifted = target + torch.tensor([1.0, 2.0]).view(1, 2, 1, 1)
    # Means: (1² + 2²) / (2² + 4²); deviations equal.
    assert moment_distance(shifted, target).item() == pytest.approx(5 / 20, rel=1e-4)
    # Twice the contrast about the same means: (1² + 2²) / (1² + 2²).
    mean = target.mean(3, keepdim=True)
    assert moment_distance(mean + 2 * (target - mean), target).item() == pytest.approx(1, rel=1e-4)


def test_both_is_gram_and_half_of_the_moments() -> None:
    x, target = {"a": features(), "b": features(3)}, {"a": features(), "b": features(3)}
    gram, moments, both = (style_loss(x, target, by=by) for by in BY)
    assert both.item() == pytest.approx((gram + 0.5 * moments).item(), rel=1e-5)


@pytest.mark.parametrize("by", BY)
def test_layers_and_pictures_are_averaged(by: str) -> None:
    x, target = features(), features()
    one = style_loss({"a": x}, {"a": target}, by=by)
    twice = style_loss({"a": x, "b": x}, {"a": target, "b": target}, by=by)
    assert twice.item() == pytest.approx(one.item(), rel=1e-5)
    apart = [style_loss({"a": x[i : i + 1]}, {"a": target[i : i + 1]}, by=by) for i in range(2)]
    assert one.item() == pytest.approx(sum(apart).item() / 2, rel=1e-5)


def test_the_style_may_have_another_size() -> None:
    x, target = features(size=(6, 8)), features(size=(5, 3))
    assert style_loss({"a": x}, {"a": target}).isfinite()


def test_unknown_statistics_are_refused() -> None:
    with pytest.raises(ValueError, match="'mean'; expected one of: gram, moments, both"):
        style_loss({}, {}, by="mean")


def test_gradients_reach_the_picture_never_the_target() -> None:
    for loss in (content_loss, gram_distance, moment_distance):
        x, target = features().requires_grad_(), features().requires_grad_()
        loss(x, target).backward()
        assert x.grad.any() and target.grad is None
    x, target = features().requires_grad_(), features().requires_grad_()
    perceptual_loss({"a": x}, {"a": target}, {"a": 1.0}).backward()
    assert x.grad.any() and target.grad is None


def test_a_black_style_gives_finite_losses() -> None:
    black = torch.zeros(1, 4, 6, 8)
    assert style_loss({"a": features(batch=1)}, {"a": black}).isfinite()
    assert perceptual_loss({"a": black}, {"a": black}, {"a": 1.0}).item() == 0


# --- the VGG loss --------------------------------------------------------------------------------


def test_perceptual_loss_is_the_difference_relative_to_the_target() -> None:
    target = {"a": features().abs(), "b": 50 * features().abs()}
    x = {layer: 1.1 * value for layer, value in target.items()}
    for weights in ({"a": 1.0}, {"b": 1.0}, {"a": 3.0, "b": 0.5}):
        assert perceptual_loss(x, target, weights).item() == pytest.approx(0.1, rel=1e-4)
    zero = {layer: torch.zeros_like(value) for layer, value in target.items()}
    assert perceptual_loss(zero, target, {"a": 1.0}).item() == pytest.approx(1, rel=1e-5)


def test_perceptual_loss_is_a_weighted_mean_of_its_layers() -> None:
    x, target = {"a": features(), "b": features()}, {"a": features(), "b": features()}
    a, b = (perceptual_loss(x, target, {layer: 1.0}).item() for layer in "ab")
    mixed = perceptual_loss(x, target, {"a": 1.0, "b": 3.0}).item()
    assert mixed == pytest.approx((a + 3 * b) / 4, rel=1e-5)
    assert perceptual_loss(x, target, {"a": 2.0, "b": 6.0}).item() == pytest.approx(mixed, rel=1e-5)
    assert perceptual_loss(x, target, {"a": 0.0, "b": 1.0}).item() == pytest.approx(b, rel=1e-5)


def test_the_absolute_form_is_the_plain_sum_of_the_official_code() -> None:
    x, target = {"a": features(), "b": features(3)}, {"a": features(), "b": features(3)}
    weights = {"a": 1 / 32, "b": 1.0}
    expected = sum(w * (x[k] - target[k]).abs().mean() for k, w in weights.items())
    own = perceptual_loss(x, target, weights, form="absolute")
    assert own.item() == pytest.approx(expected.item(), rel=1e-6)
    with pytest.raises(ValueError, match="form 'sum'; expected relative or absolute"):
        perceptual_loss(x, target, weights, form="sum")


def test_a_batch_costs_the_mean_of_its_pictures() -> None:
    # However processes share it: no picture's scale may depend on what lies beside it.
    target = {"a": features(), "b": features(3)}
    for layer in target.values():
        layer[1] *= 20
    x = {layer: torch.randn_like(value) for layer, value in target.items()}
    classes, weights = shares(size=(6, 8)), {"a": 1.0, "b": 2.0}
    both = {layer: torch.stack([value, -value], 1) for layer, value in x.items()}

    def costs(place: slice) -> list[float]:
        own, drawn, wanted = ({k: v[place] for k, v in m.items()} for m in (x, both, target))
        return [
            perceptual_loss(own, wanted, weights).item(),
            best_per_class_loss(drawn, wanted, classes[place], weights=weights).item(),
            *(style_loss(own, wanted, by=by).item() for by in BY),
            content_loss(own["a"], wanted["a"]).item(),
        ]

    single = zip(costs(slice(0, 1)), costs(slice(1, 2)), strict=True)
    assert costs(slice(0, 2)) == pytest.approx([(a + b) / 2 for a, b in single], rel=1e-5)


# --- the best of several pictures ----------------------------------------------------------------


def shares(classes: int = 3, size: tuple[int, int] = (12, 16)) -> Tensor:
    """A random label map of two pictures, one-hot."""
    labels = torch.randint(classes, (2, *size))
    return torch.nn.functional.one_hot(labels, classes).movedim(-1, 1).float()


def test_of_one_picture_it_is_the_perceptual_loss() -> None:
    target = {"a": features(size=(12, 16)), "b": features(7, size=(6, 8)), "c": features(5, (4, 5))}
    x = {layer: torch.randn_like(value) for layer, value in target.items()}
    weights = {"a": 1.0, "b": 3.0, "c": 0.5}
    alone = {layer: value[:, None] for layer, value in x.items()}
    found = best_per_class_loss(alone, target, shares(), weights=weights)
    assert found.item() == pytest.approx(perceptual_loss(x, target, weights).item(), rel=1e-5)


def test_each_class_takes_its_best_picture() -> None:
    # Two pictures, each perfect in one of two classes and off by 1 in the other.
    classes = torch.zeros(1, 2, 4, 4)
    classes[:, 0, :, :1], classes[:, 1, :, 1:] = 1, 1
    target = {"a": torch.ones(1, 3, 4, 4)}
    x = {
        "a": (1 + torch.stack([classes[:, 0], classes[:, 1]], 1))[:, :, None].expand(1, 2, 3, 4, 4)
    }
    best = best_per_class_loss(x, target, classes, weights={"a": 2.0}, mean=0.0)
    assert best.item() == 0
    # Their mean: a quarter of the pixels is off in one, three quarters in the other.
    mean = best_per_class_loss(x, target, classes, weights={"a": 2.0}, mean=1.0)
    assert mean.item() == pytest.approx((0.25 + 0.75) / 2)
    both = best_per_class_loss(x, target, classes, weights={"a": 2.0})
    assert both.item() == pytest.approx(0.001 * 0.5)


# --- pictures ------------------------------------------------------------------------------------


def test_a_constant_picture_has_no_variation() -> None:
    assert total_variation(torch.full((1, 3, 5, 4), 0.7)).item() == 0


def test_the_variation_of_a_ramp_is_its_slope() -> None:
    rows = torch.arange(6.0).view(1, 1, 6, 1)
    columns = torch.arange(4.0).view(1, 1, 1, 4)
    ramp = (0.25 * columns - 0.5 * rows).expand(2, 3, 6, 4)
    assert total_variation(ramp).item() == pytest.approx(0.75)


def test_only_what_leaves_the_range_costs() -> None:
    assert out_of_range(torch.rand(1, 3, 4, 4)).item() == 0
    picture = torch.tensor([-0.5, 0.0, 0.3, 1.0, 1.5, 3.0]).view(1, 1, 2, 3)
    assert out_of_range(picture).item() == pytest.approx((0.25 + 0.25 + 4) / 6)
    picture.requires_grad_()
    out_of_range(picture).backward()
    assert picture.grad.sign().flatten().tolist() == [-1, 0, 0, 0, 1, 1]


# --- colour --------------------------------------------------------------------------------------


def test_colour_loss_sees_means_of_cells_and_nothing_else() -> None:
    x = torch.rand(2, 3, 16, 24)
    cells = x.view(2, 3, 2, 8, 3, 8).permute(0, 1, 2, 4, 3, 5).flatten(4)
    shuffled = cells[..., torch.randperm(64)].view(2, 3, 2, 3, 8, 8)
    shuffled = shuffled.permute(0, 1, 2, 4, 3, 5).reshape_as(x)
    assert colour_loss(shuffled, x).item() == pytest.approx(0, abs=1e-6)
    assert not torch.equal(shuffled, x)


def test_colour_loss_of_a_shift_is_the_shift() -> None:
    x = torch.rand(1, 3, 16, 16)
    assert colour_loss(x + 0.25, x).item() == pytest.approx(0.25, rel=1e-5)


def test_a_grid_is_found_and_what_is_none_is_not() -> None:
    generator = torch.Generator().manual_seed(0)
    noise = torch.rand(1, 3, 128, 128, generator=generator)
    smooth = torch.linspace(0, 1, 128).expand(1, 3, 128, 128)
    rows = torch.tensor([0.1, -0.1]).repeat(64)[:, None].expand(128, 128)
    assert grid_loss(torch.full((1, 3, 128, 128), 0.3)) < 1e-6
    assert grid_loss(smooth) < 0.01 and grid_loss(noise) < 0.05
    for picture in (smooth, 0.5 + 0 * smooth):
        assert torch.isclose(grid_loss(picture + rows), torch.tensor(0.1), atol=0.005)


@pytest.mark.parametrize("size", [(4, 4), (30, 51)])
def test_a_grid_is_looked_for_in_pictures_of_any_size(size: tuple[int, int]) -> None:
    assert grid_loss(torch.rand(2, 3, *size)).isfinite()
