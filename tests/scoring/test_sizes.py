"""Quality against size: tiles measure what the whole would."""

import pytest
import torch

from lab.metrics.style import describe, style_distance
from lab.models.vgg import VGGConfig, VGGEncoder
from lab.scoring import sizes
from lab.scoring.sizes import MARGIN, describe_in_tiles, evaluate_sizes
from lab.scoring.style_network import StyleNetwork
from tests.pipelines.test_transfer import fast, lively


@pytest.fixture(scope="module")
def vgg() -> VGGEncoder:
    torch.manual_seed(0)
    return lively(VGGEncoder(VGGConfig("relu3_1", 8)))


@pytest.mark.parametrize("size", [(128, 200), (131, 94)])
def test_tiles_describe_a_picture_as_the_whole_does(vgg, size) -> None:
    picture = torch.rand(1, 3, *size)
    whole, parts = describe(vgg, picture), describe_in_tiles(vgg, picture, tile=48)
    for own, wanted in zip(parts.grams, whole.grams, strict=True):
        for layer, gram in wanted.items():
            assert torch.allclose(own[layer], gram, rtol=1e-4, atol=1e-5 * gram.abs().max())
    assert style_distance(vgg, parts, whole) < 1e-8


def test_the_margin_holds_what_a_feature_sees(vgg) -> None:
    picture = torch.rand(1, 3, 8, 160, requires_grad=True)
    vgg(picture, ("relu3_1",))["relu3_1"][..., 20].sum().backward()
    seen = picture.grad.abs().sum((0, 1, 2)).nonzero().flatten()
    assert seen.min() > 80 - MARGIN and seen.max() < 83 + MARGIN


def test_a_report_has_a_row_for_every_size(vgg) -> None:
    styles = {name: torch.rand(1, 3, 40, 40) for name in ("one.png", "two.png")}
    network = StyleNetwork("a random network", "which is none, ", "0", vgg)
    report = evaluate_sizes(fast(), styles, network=network, sizes=(64, 96))
    assert list(report.rows) == ["64", "96"]
    for row in report.rows.values():
        assert row["style_distance"] > 0 and row["content_style_distance"] > 0
        assert row["seconds"] > 0
    assert "a random network" in report.protocol["style_distance"]


def test_drawing_is_timed_on_the_device_it_runs_on(vgg, monkeypatch) -> None:
    """CUDA works behind the clock's back; `timed` waits for it."""
    devices = []

    def clock(run, device):
        devices.append(device)
        return run(), 7.0

    monkeypatch.setattr(sizes, "timed", clock)
    network, styles = StyleNetwork("n", "", "0", vgg), {"one.png": torch.rand(1, 3, 40, 40)}
    stylizer = fast()
    report = evaluate_sizes(stylizer, styles, network=network, sizes=(64, 96))
    assert devices == [stylizer.device] * 2
    assert all(row["seconds"] == 7.0 for row in report.rows.values())
