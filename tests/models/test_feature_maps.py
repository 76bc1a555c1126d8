"""Moments, affine maps and the closed forms."""

import pytest
import torch
from torch import Tensor

from lab.models import feature_maps
from lab.models.closed_forms import adain_map, symmetric_power, wct_map
from lab.models.feature_maps import AffineMap, Moments, View, mix, moments, second_moment


def features(channels: int = 5, size: tuple[int, int] = (13, 17)) -> Tensor:
    blend = torch.randn(channels, channels)
    x = torch.einsum("ij,bjhw->bihw", blend, torch.randn(1, channels, *size))
    return x + torch.randn(1, channels, 1, 1)


def described(x: Tensor, weights: Tensor | None = None) -> Moments:
    return moments(lambda: [View.whole(x, weights)])


def applied(mapped: AffineMap, x: Tensor) -> Moments:
    return described(AffineMap(mapped.weight.float(), mapped.bias.float())(x))


# --- moments -------------------------------------------------------------------------------------


def test_moments_are_mean_and_covariance() -> None:
    x = features()
    known = described(x)
    assert torch.allclose(known.mean.float(), x[0].mean((1, 2)), atol=1e-5)
    expected = torch.cov(x[0].flatten(1), correction=0)
    assert torch.allclose(known.covariance.float(), expected, atol=1e-4)


def test_windows_with_margins_have_the_moments_of_the_whole() -> None:
    x, weights = features(size=(12, 20)), torch.rand(12, 20)
    windows = [
        View(x[..., :8, :], (slice(0, 6), slice(None)), weights[:6]),
        View(x[..., 2:, :], (slice(4, None), slice(None)), weights[6:]),
    ]
    whole, parts = described(x, weights), moments(lambda: windows)
    assert torch.allclose(whole.mean, parts.mean, atol=1e-5)
    assert torch.allclose(whole.covariance, parts.covariance, atol=1e-4)
    assert parts.count == pytest.approx(whole.count)
    kernel = torch.randn(3, 5, 1, 1)

    def convolved(each: Tensor) -> Tensor:
        return torch.nn.functional.conv2d(each, kernel)

    both = second_moment(lambda: windows, convolved)
    alone = second_moment(lambda: [View.whole(x, weights)], convolved)
    assert torch.allclose(both, alone, rtol=1e-4)


@pytest.mark.parametrize("weighted", [False, True])
def test_moments_do_not_depend_on_how_the_picture_is_cut(weighted: bool, monkeypatch) -> None:
    x = features(8, (64, 64)) + 100  # far from zero, where float32 has few digits left
    weights = torch.rand(64, 64) if weighted else None
    rows = [slice(0, 5), slice(5, 40), slice(40, 64)]
    views = [
        View(x, (each, slice(None)), None if weights is None else weights[each]) for each in rows
    ]
    whole, parts = described(x, weights), moments(lambda: views)
    both, alone = (
        second_moment(lambda v=v: v, torch.sin) for v in (views, [View.whole(x, weights)])
    )
    for piece in (2**16, 1000):
        monkeypatch.setattr(feature_maps, "PIECE", piece)
        for other in (whole, parts, moments(lambda: views)):
            assert torch.allclose(other.mean, whole.mean, rtol=1e-13)
            assert torch.allclose(other.covariance, whole.covariance, rtol=1e-11, atol=1e-11)
        assert torch.allclose(second_moment(lambda: views, torch.sin), both, rtol=1e-11)
    assert torch.allclose(alone, both, rtol=1e-11)


def test_a_weight_of_two_is_the_place_twice() -> None:
    x = features(size=(1, 6))
    doubled = torch.cat([x, x[..., :2]], 3)
    weights = torch.tensor([[2.0, 2, 1, 1, 1, 1]])
    assert torch.allclose(
        described(x, weights).covariance, described(doubled).covariance, atol=1e-5
    )


def test_without_any_view_there_are_no_statistics() -> None:
    with pytest.raises(ValueError, match="no view"):
        moments(list)


# --- maps ----------------------------------------------------------------------------------------


def some_map(channels: int = 5) -> AffineMap:
    return AffineMap(torch.randn(channels, channels), torch.randn(channels))


def test_maps_mix_as_their_results_do() -> None:
    one, two, x = some_map(), some_map(), features()
    assert torch.allclose(mix([one, two], [0.3, 0.7])(x), 0.3 * one(x) + 0.7 * two(x), atol=1e-4)
    assert torch.allclose(one.weakened(0.25)(x), 0.25 * one(x) + 0.75 * x, atol=1e-4)
    assert torch.allclose(one.weakened(0)(x), x, atol=1e-6)


# --- closed forms --------------------------------------------------------------------------------


def test_wct_gives_the_content_the_styles_moments() -> None:
    content, style = features(), features()
    result, wanted = (
        applied(wct_map(described(content), described(style)), content),
        described(style),
    )
    assert torch.allclose(result.mean, wanted.mean, atol=1e-3)
    error = (result.covariance - wanted.covariance).norm() / wanted.covariance.norm()
    assert error < 1e-3


def test_adain_gives_every_channel_the_styles_mean_and_deviation() -> None:
    content, style = features(), features()
    mapped = adain_map(described(content), described(style))
    result, wanted = applied(mapped, content), described(style)
    assert torch.allclose(result.mean, wanted.mean, atol=1e-3)
    assert torch.allclose(result.covariance.diagonal(), wanted.covariance.diagonal(), rtol=1e-3)
    assert torch.count_nonzero(mapped.weight - mapped.weight.diagonal().diag()) == 0


@pytest.mark.parametrize("formula", [adain_map, wct_map])
def test_the_style_of_the_content_itself_changes_nothing(formula) -> None:
    x = features()
    mapped = formula(described(x), described(x))
    assert torch.allclose(mapped.weight, torch.eye(5).double(), atol=1e-4)
    assert mapped.bias.abs().max() < 1e-3


@pytest.mark.parametrize("formula", [adain_map, wct_map])
@pytest.mark.parametrize("size", [(1, 1), (1, 3)])
def test_regions_with_fewer_places_than_channels_stay_finite(formula, size) -> None:
    few, many = described(features(size=size)), described(features())
    flat = described(torch.ones(1, 5, 8, 8))
    for content, style in ((few, many), (many, few), (flat, many), (many, flat), (flat, flat)):
        mapped = formula(content, style)
        assert mapped.weight.isfinite().all() and mapped.bias.isfinite().all()


def test_powers_of_a_covariance() -> None:
    covariance = described(features()).covariance
    root = symmetric_power(covariance, 0.5)
    assert torch.allclose(root @ root, covariance, rtol=1e-6)
    inverse = symmetric_power(covariance, -0.5)
    assert torch.allclose(inverse @ covariance @ inverse, torch.eye(5).double(), atol=1e-6)


@pytest.mark.parametrize("value", [0.1, 0.4, 0.9])
def test_a_content_of_one_colour_takes_the_mean_of_the_style(value: float) -> None:
    """Its variance is rounding, which whitening must not blow up."""
    flat = torch.full((1, 5, 13, 17), value) + 1e-7 * torch.randn(1, 5, 13, 17)
    style = described(features())
    drawn = applied(wct_map(described(flat), style), flat)
    assert torch.allclose(drawn.mean, style.mean, atol=1e-3)
    assert drawn.covariance.abs().max() < 1e-3
