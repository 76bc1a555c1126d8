"""Style transfer by optimisation."""

import pytest
import torch

from lab.baselines import gatys as by_optimisation
from lab.baselines.gatys import Gatys, minimise
from lab.interfaces import Stylizer
from lab.losses.perceptual import content_loss, style_loss
from lab.models.vgg import VGGConfig, VGGEncoder
from tests.pipelines.test_transfer import lively


@pytest.fixture
def gatys() -> Gatys:
    return Gatys(lively(VGGEncoder(VGGConfig("relu3_1", 16))).requires_grad_(False), steps=8)


def test_it_is_a_stylizer_of_any_size(gatys) -> None:
    assert isinstance(gatys, Stylizer)
    picture = gatys(torch.rand(1, 3, 33, 47), torch.rand(1, 3, 20, 26), steps=2)
    assert picture.shape == (1, 3, 33, 47) and 0 <= picture.min() <= picture.max() <= 1


@pytest.mark.parametrize(("content", "style"), [((4, 4), (20, 30)), ((260, 260), (5, 8))])
def test_the_smallest_pictures_are_drawn_and_lend_their_style(gatys, content, style) -> None:
    drawn = gatys(torch.rand(1, 3, *content), torch.rand(1, 3, *style), steps=1)
    assert drawn.shape[2:] == content and drawn.isfinite().all()


def test_it_brings_the_style_nearer_the_longer_it_runs(gatys) -> None:
    content, style = torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32) * 0.3
    wanted = gatys.encoder(style, gatys.taps)

    def distance(picture) -> float:
        return float(style_loss(gatys.encoder(picture, gatys.taps), wanted))

    distances = [distance(content), *(distance(gatys(content, style, steps=n)) for n in (4, 30))]
    assert distances[0] > distances[1] > distances[2]


def test_strength_keeps_the_content(gatys) -> None:
    content, style = torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32) * 0.3
    assert torch.equal(gatys(content, style, strength=0), content)
    kept = gatys.encoder(content, ["relu3_1"])["relu3_1"]

    def distance(strength: float) -> float:
        drawn = gatys(content, style, strength=strength, steps=20)
        return float(content_loss(gatys.encoder(drawn, ["relu3_1"])["relu3_1"], kept))

    assert distance(0.05) < distance(1.0)


def test_it_draws_nothing_by_lot(gatys) -> None:
    content, style = torch.rand(1, 3, 32, 32), torch.rand(1, 3, 24, 24)
    first = gatys(content, style)
    torch.manual_seed(99)
    assert torch.equal(gatys(content, style), first)


def test_small_copies_come_first(gatys) -> None:
    sizes = []
    gatys.encoder.register_forward_pre_hook(lambda _, x: sizes.append(tuple(x[0].shape[2:])))
    gatys(torch.rand(1, 3, 280, 512), torch.rand(1, 3, 300, 300), steps=1)
    assert sizes[0] == (140, 256) and sizes[-1] == (280, 512)


def test_progress_rises_to_one_and_may_cancel(gatys) -> None:
    told: list[float] = []
    gatys(torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32), progress=told.append)
    assert told == sorted(told) and told[-1] == 1

    def cancel(share: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        gatys(torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32), progress=cancel)


def test_a_quadratic_is_minimised() -> None:
    target = torch.rand(1, 3, 4, 4)
    found = minimise(lambda x: (x - target).square().sum(), torch.zeros(1, 3, 4, 4), steps=20)
    assert torch.allclose(found, target, atol=1e-4)


@pytest.mark.parametrize("steps", [1, 2, 3, 5, 8, 13, 40])
def test_it_takes_one_evaluation_more_than_steps_at_most(steps: int) -> None:
    taken = 0

    def rugged(x: torch.Tensor) -> torch.Tensor:
        nonlocal taken
        taken += 1
        return (x**4 + (9 * x).sin()).sum()

    minimise(rugged, torch.rand(1, 3, 8, 8) * 4, steps=steps)
    assert 0 < taken <= steps + 1


@pytest.mark.parametrize("inference", [True, False])
def test_it_finds_gradients_under_inference_mode(gatys, inference) -> None:
    with torch.inference_mode(inference):
        content = torch.rand(1, 3, 32, 32)
        drawn = gatys(content, torch.rand(1, 3, 32, 32) * 0.2, steps=3)
    assert not torch.equal(drawn, content)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"strength": 2.0}, "strength is 2.0; expected a number from 0 to 1"),
        ({"steps": 0}, "steps is 0; expected at least 1"),
    ],
)
def test_what_cannot_be_is_refused(gatys, settings, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        gatys(torch.rand(1, 3, 16, 16), torch.rand(1, 3, 16, 16), **settings)
    with pytest.raises(ValueError, match="2 contents and 1 styles"):
        gatys(torch.rand(2, 3, 16, 16), torch.rand(1, 3, 16, 16))


def test_a_content_that_would_not_fit_into_memory_is_refused_before_it_is_looked_at(gatys) -> None:
    gatys.encoder.register_forward_pre_hook(lambda *_: pytest.fail("it was encoded"))
    large = torch.zeros(1, 3, 1, 1).expand(1, 3, 3000, 4000)
    sentence = "content is 4000x3000; .* up to 4.2 million pixels, .*: shrink it .--size 2048.."
    with pytest.raises(ValueError, match=sentence):
        gatys(large, torch.rand(1, 3, 16, 16))
    assert gatys(large, torch.rand(1, 3, 16, 16), strength=0).shape == large.shape


def test_a_style_that_would_not_fit_into_memory_is_refused_as_well(gatys) -> None:
    gatys.encoder.register_forward_pre_hook(lambda *_: pytest.fail("it was encoded"))
    large = torch.zeros(1, 3, 1, 1).expand(1, 3, 3000, 4000)
    sentence = "style is 4000x3000; .* up to 4.2 million pixels, .*: shrink it .--size 2048.."
    with pytest.raises(ValueError, match=sentence):
        gatys(torch.rand(1, 3, 16, 16), large)
    assert gatys(torch.rand(1, 3, 16, 16), large, strength=0).shape == (1, 3, 16, 16)


def test_a_content_of_just_the_most_pixels_is_drawn(gatys, monkeypatch) -> None:
    monkeypatch.setattr(by_optimisation, "MOST_PIXELS", 16 * 20)
    style = torch.rand(1, 3, 16, 16)
    assert gatys(torch.rand(1, 3, 16, 20), style, steps=1).shape == (1, 3, 16, 20)
    assert gatys(style, torch.rand(1, 3, 16, 20), steps=1).shape == style.shape
    with pytest.raises(ValueError, match="content is 21x16"):
        gatys(torch.rand(1, 3, 16, 21), style, steps=1)
    with pytest.raises(ValueError, match="style is 21x16"):
        gatys(style, torch.rand(1, 3, 16, 21), steps=1)
