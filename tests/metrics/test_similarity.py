import math

import pytest
import torch

from lab.images import LUMA
from lab.metrics.similarity import perceptual_distance, psnr, ssim

# --- PSNR ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("difference", [0.5, 0.1, 0.01])
def test_psnr_of_a_constant_difference(difference: float) -> None:
    x = torch.rand(2, 3, 8, 9) * 0.5
    expected = torch.full((2,), -20 * math.log10(difference))
    torch.testing.assert_close(psnr(x, x + difference), expected, rtol=1e-4, atol=1e-4)


def test_psnr_of_equal_pictures_is_infinite_and_of_black_and_white_zero() -> None:
    x = torch.zeros(1, 3, 4, 4)
    assert float(psnr(x, x)) == math.inf
    assert float(psnr(x, x + 1)) == 0


def test_psnr_is_one_value_per_picture() -> None:
    x, y = torch.rand(3, 3, 8, 8), torch.rand(3, 3, 8, 8)
    singles = torch.cat([psnr(x[i : i + 1], y[i : i + 1]) for i in range(3)])
    torch.testing.assert_close(psnr(x, y), singles)
    torch.testing.assert_close(psnr(x, y), psnr(y, x))


# --- SSIM ----------------------------------------------------------------------------------------


def loops(x: torch.Tensor, y: torch.Tensor) -> float:
    """Wang et al. 2004, equation 13, window by window: (3, H, W) twice."""
    weights = torch.tensor(LUMA, dtype=torch.float64).view(3, 1, 1)
    x, y = (x.double() * weights).sum(0), (y.double() * weights).sum(0)
    window = torch.zeros(11, 11, dtype=torch.float64)
    for i in range(11):
        for j in range(11):
            window[i, j] = math.exp(-((i - 5) ** 2 + (j - 5) ** 2) / (2 * 1.5**2))
    window /= window.sum()
    values = []
    for top in range(x.shape[0] - 10):
        for left in range(x.shape[1] - 10):
            a, b = (z[top : top + 11, left : left + 11] for z in (x, y))
            mean_a, mean_b = (window * a).sum(), (window * b).sum()
            variance_a = (window * (a - mean_a) ** 2).sum()
            variance_b = (window * (b - mean_b) ** 2).sum()
            covariance = (window * (a - mean_a) * (b - mean_b)).sum()
            first = (2 * mean_a * mean_b + 1e-4) / (mean_a**2 + mean_b**2 + 1e-4)
            values.append(first * (2 * covariance + 9e-4) / (variance_a + variance_b + 9e-4))
    return float(torch.stack(values).mean())


def test_ssim_equals_the_windows_one_by_one() -> None:
    x = torch.rand(2, 3, 14, 12)
    y = (x * 0.7 + torch.rand(2, 3, 14, 12) * 0.3).clamp(0, 1)
    found = ssim(x, y)
    for i in range(2):
        assert float(found[i]) == pytest.approx(loops(x[i], y[i]), abs=1e-5)


def test_ssim_of_faint_texture_on_bright_ground_is_exact() -> None:
    """Where a variance is a ten-thousandth of the squares that it is the difference of."""
    x = 0.9 + 0.01 * torch.rand(1, 3, 14, 12)
    y = x.flip(3)
    exact = loops(x[0], y[0])
    assert exact < 0.99
    assert float(ssim(x, y)) == pytest.approx(exact, abs=1e-7)


def test_ssim_is_one_for_equal_pictures_symmetric_and_bounded() -> None:
    x, y = torch.rand(3, 3, 20, 24), torch.rand(3, 3, 20, 24)
    torch.testing.assert_close(ssim(x, x), torch.ones(3))
    torch.testing.assert_close(ssim(x, y), ssim(y, x))
    assert bool((ssim(x, y).abs() < 1).all())
    assert bool((ssim(x, 1 - x) < 0).all())


def test_ssim_of_two_flat_pictures_is_the_luminance_term() -> None:
    a, b = 0.2, 0.7
    x, y = (torch.full((1, 3, 16, 16), value) for value in (a, b))
    expected = (2 * a * b + 1e-4) / (a * a + b * b + 1e-4)
    assert float(ssim(x, y)) == pytest.approx(expected, abs=1e-4)


def test_ssim_needs_a_whole_window() -> None:
    assert ssim(torch.rand(1, 3, 11, 11), torch.rand(1, 3, 11, 11)).shape == (1,)
    with pytest.raises(ValueError, match="11x11 or more; got 30x10"):
        ssim(torch.rand(1, 3, 10, 30), torch.rand(1, 3, 10, 30))


@pytest.mark.parametrize("measure", [psnr, ssim])
def test_pictures_of_two_sizes_are_refused(measure) -> None:
    with pytest.raises(ValueError, match="resize one of them"):
        measure(torch.rand(1, 3, 16, 16), torch.rand(1, 3, 16, 17))


# --- features ------------------------------------------------------------------------------------


def features(batch: int = 2) -> dict[str, torch.Tensor]:
    return {"fine": torch.randn(batch, 4, 6, 8), "coarse": torch.randn(batch, 7, 3, 4)}


def test_features_are_compared_by_direction_only() -> None:
    x, y = features(), features()
    stronger = {name: value * torch.rand(2, 1, *value.shape[2:]) * 9 for name, value in y.items()}
    torch.testing.assert_close(perceptual_distance(x, y), perceptual_distance(x, stronger))
    torch.testing.assert_close(perceptual_distance(x, y), perceptual_distance(y, x))
    torch.testing.assert_close(perceptual_distance(y, stronger), torch.zeros(2))


def test_right_angles_are_two_and_opposites_four() -> None:
    x = {"layer": torch.tensor([1.0, 0.0]).view(1, 2, 1, 1).expand(1, 2, 3, 3)}
    y = {"layer": torch.tensor([0.0, 5.0]).view(1, 2, 1, 1).expand(1, 2, 3, 3)}
    assert float(perceptual_distance(x, y)) == pytest.approx(2)
    assert float(perceptual_distance(x, {"layer": -x["layer"]})) == pytest.approx(4)


def test_layers_weigh_alike_whatever_their_size() -> None:
    x, y = features(), features()
    single = [perceptual_distance({name: x[name]}, y) for name in x]
    torch.testing.assert_close(perceptual_distance(x, y), (single[0] + single[1]) / 2)


def test_pooled_features_are_left_out() -> None:
    x, y = features(), features()
    pooled = {"pooled": torch.randn(2, 9)}
    expected = perceptual_distance(x, y)
    torch.testing.assert_close(perceptual_distance({**x, **pooled}, y), expected)


def test_features_that_do_not_compare_are_refused() -> None:
    x = features()
    other = {**x, "coarse": torch.randn(2, 7, 3, 5)}
    for wrong in (other, {"fine": x["fine"]}, {}):
        with pytest.raises(ValueError, match="do not compare"):
            perceptual_distance(x, wrong)
    with pytest.raises(ValueError, match="do not compare"):
        perceptual_distance({"pooled": torch.rand(1, 3)}, {"pooled": torch.rand(1, 3)})
