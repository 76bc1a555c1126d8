import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lab.metrics.style import SCALES, STYLE_LAYERS, content_distance, describe, style_distance
from lab.models.vgg import VGGConfig, VGGEncoder


def pointwise(picture: torch.Tensor, taps) -> dict[str, torch.Tensor]:
    """Stands for a VGG whose features are the picture itself: then everything can be worked out."""
    return {tap: picture for tap in taps}


@pytest.fixture(scope="module")
def vgg() -> VGGEncoder:
    torch.manual_seed(1)
    return VGGEncoder(VGGConfig("relu3_1", divisor=16)).eval()


def test_a_picture_has_its_own_style_and_its_own_content(vgg) -> None:
    x = torch.rand(1, 3, 33, 46)
    assert style_distance(vgg, x, x) == 0
    assert content_distance(vgg, x, x) == 0


def test_equal_to_the_definition_written_out(vgg) -> None:
    picture, style = torch.rand(1, 3, 32, 32), torch.rand(1, 3, 24, 40)

    def gram(x: np.ndarray) -> np.ndarray:
        return np.einsum("chw,dhw->cd", x, x) / (x.shape[1] * x.shape[2])

    terms = []
    for factor in (1, 2, 4):
        pair = []
        for whole in (picture, style):
            small = F.avg_pool2d(whole, factor)
            with torch.no_grad():
                features = vgg(small, ("relu1_1", "relu2_1", "relu3_1"))
            pair.append([features[name][0].double().numpy() for name in features])
        for own, wanted in zip(*pair, strict=True):
            difference = ((gram(own) - gram(wanted)) ** 2).mean()
            terms.append(difference / (gram(wanted) ** 2).mean())
    assert len(terms) == 9
    assert style_distance(vgg, picture, style) == pytest.approx(np.mean(terms), rel=1e-4)


@pytest.mark.parametrize("factor", [0.0, 0.5, 1.5])
def test_features_times_c_are_at_distance_c2_minus_1_squared(factor: float) -> None:
    style = torch.rand(1, 3, 16, 24)
    found = style_distance(pointwise, factor * style, style)
    assert found == pytest.approx((factor**2 - 1) ** 2, rel=1e-4)


def test_style_does_not_say_where() -> None:
    """A circular shift by whole cells of the coarsest size moves features and changes no Gram."""
    picture, style = torch.rand(1, 3, 16, 24), torch.rand(1, 3, 20, 12)
    moved = picture.roll((4, 8), (2, 3)).flip(3)
    assert style_distance(pointwise, moved, picture) == pytest.approx(0, abs=1e-9)
    assert style_distance(pointwise, moved, style) == pytest.approx(
        style_distance(pointwise, picture, style), rel=1e-4
    )
    assert content_distance(pointwise, moved, picture) > 0.5


def test_relative_to_the_style_so_not_symmetric() -> None:
    style = torch.rand(1, 3, 16, 16)
    double = 2 * style
    assert style_distance(pointwise, double, style) == pytest.approx(9, rel=1e-4)
    assert style_distance(pointwise, style, double) == pytest.approx(9 / 16, rel=1e-4)


def test_content_is_blind_to_colour_and_contrast() -> None:
    content = torch.rand(1, 3, 32, 32)
    gain, shift = torch.rand(1, 3, 1, 1) + 0.5, torch.rand(1, 3, 1, 1)
    assert content_distance(pointwise, content * gain + shift, content) < 1e-6


def test_content_of_an_unrelated_picture_is_two_and_of_the_negative_four() -> None:
    content, other = torch.rand(1, 3, 128, 128), torch.rand(1, 3, 128, 128)
    assert content_distance(pointwise, other, content) == pytest.approx(2, abs=0.1)
    assert content_distance(pointwise, 1 - content, content) == pytest.approx(4, abs=0.01)


def test_features_can_be_made_once(vgg) -> None:
    picture, style = torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32)
    described, wanted = describe(vgg, picture), describe(vgg, style)
    assert len(described.grams) == len(SCALES)
    assert all(set(grams) == set(STYLE_LAYERS) for grams in described.grams)
    assert described.grams[2]["relu3_1"].shape == (1, 16, 16)
    assert style_distance(vgg, described, wanted) == style_distance(vgg, picture, style)
    assert content_distance(vgg, described, wanted) == content_distance(vgg, picture, style)


def test_a_batch_gives_the_mean(vgg) -> None:
    pictures, styles = torch.rand(2, 3, 32, 32), torch.rand(2, 3, 32, 32)
    pairs = list(zip(pictures.split(1), styles.split(1), strict=True))
    for measure in (style_distance, content_distance):
        singles = [measure(vgg, picture, style) for picture, style in pairs]
        assert measure(vgg, pictures, styles) == pytest.approx(sum(singles) / 2, rel=1e-4)
