"""Colours kept: chroma to the digit, means and covariances to theirs."""

import pytest
import torch

from lab.images import LUMA, luma
from lab.pipelines.colour import colours, keep_luminance, match_colours

# ITU-R BT.601 over the whole range: Cb = (B - Y) / 1.772, Cr = (R - Y) / 1.402.
YCBCR = torch.tensor([LUMA, (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312)])


def ycbcr(picture: torch.Tensor) -> torch.Tensor:
    return torch.einsum("dc,bchw->bdhw", YCBCR, picture)


def test_luma_is_the_brightness_of_grey() -> None:
    grey = torch.rand(2, 1, 5, 7)
    assert torch.allclose(luma(grey.expand(2, 3, 5, 7)), grey, atol=1e-6)
    assert sum(LUMA) == pytest.approx(1)


def test_brightness_is_the_results_and_chroma_the_contents() -> None:
    result, content = (0.4 + 0.2 * torch.rand(2, 3, 300, 7) for _ in range(2))
    kept = ycbcr(keep_luminance(result, content))
    assert torch.allclose(kept[:, 0], ycbcr(result)[:, 0], atol=1e-6)
    assert torch.allclose(kept[:, 1:], ycbcr(content)[:, 1:], atol=1e-6)


def test_where_there_is_no_such_colour_the_hue_stays() -> None:
    result, content = torch.rand(1, 3, 40, 40), torch.rand(1, 3, 40, 40)
    drawn = keep_luminance(result, content)
    assert drawn.min() >= 0 and drawn.max() <= 1
    assert torch.allclose(luma(drawn), luma(result), atol=1e-5)
    (_, *found), (_, *wanted) = (ycbcr(each).unbind(1) for each in (drawn, content))
    assert torch.allclose(found[0] * wanted[1], found[1] * wanted[0], atol=1e-6)
    share = (found[0] * wanted[0] + found[1] * wanted[1]) / (wanted[0] ** 2 + wanted[1] ** 2)
    assert share.min() > -1e-4 and share.max() < 1 + 1e-4 and share.min() < 0.9


def test_of_its_own_brightness_a_content_is_itself() -> None:
    content = torch.rand(1, 3, 20, 30)
    assert torch.allclose(keep_luminance(content, content), content, atol=1e-6)


def test_two_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(1, 3, 4, 5\) and the content \(1, 3, 4, 6\)"):
        keep_luminance(torch.rand(1, 3, 4, 5), torch.rand(1, 3, 4, 6))


@pytest.mark.parametrize("power", [0.4, 1.0, 3.0])
def test_the_style_takes_the_contents_mean_and_covariance(power) -> None:
    mixed = torch.einsum("dc,bchw->bdhw", torch.rand(3, 3) / 2, torch.rand(1, 3, 600, 31))
    content, style = mixed**power, torch.rand(1, 3, 24, 50)
    matched = colours(match_colours(style, content))
    wanted = colours(content)
    assert torch.allclose(matched.mean, wanted.mean, atol=1e-4)
    assert torch.allclose(matched.covariance, wanted.covariance, atol=1e-4)
    expected = torch.cov(content[0].flatten(1), correction=0)
    assert torch.allclose(wanted.covariance.float(), expected, atol=1e-5)


def test_a_style_of_those_colours_stays() -> None:
    style = torch.rand(1, 3, 30, 30)
    turned = style.flip(2, 3)
    assert torch.allclose(match_colours(style, turned), style, atol=1e-4)


@pytest.mark.parametrize("style", [torch.full((1, 3, 9, 9), 0.3), torch.rand(1, 1, 9, 9)])
@pytest.mark.parametrize("content", [torch.zeros(1, 3, 8, 8), torch.rand(1, 1, 8, 8)])
def test_grey_and_plain_pictures_stay_finite_and_near(style, content) -> None:
    matched = match_colours(style.expand(1, 3, 9, 9), content.expand(1, 3, 8, 8))
    assert matched.isfinite().all()
    assert torch.allclose(matched.mean((2, 3)), content.mean().expand(1, 3), atol=1e-3)
    assert matched.min() > -1 and matched.max() < 2


def test_noise_is_not_blown_up_to_colour() -> None:
    """A grey style with the noise of 8 bits stays all but grey beside a colourful content."""
    grey = torch.rand(1, 1, 40, 40)
    style = ((grey + 0.002 * torch.rand(1, 3, 40, 40)) * 255).round() / 255
    content = torch.rand(1, 3, 40, 40)
    matched = match_colours(style, content)
    chroma, colourful = (each - luma(each) for each in (matched, content))
    assert chroma.std() < 0.2 * colourful.std()


def test_the_colours_of_what_counts_are_those_that_are_matched() -> None:
    """Half a picture that counts is matched as that half alone."""
    style, content = torch.rand(1, 3, 12, 16) ** 2, torch.rand(1, 3, 9, 7)
    mask = torch.zeros(12, 16)
    mask[:, :8] = 0.5
    whole = match_colours(style, content, mask=mask)
    torch.testing.assert_close(whole[..., :8], match_colours(style[..., :8], content))
