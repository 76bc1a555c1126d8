"""What is told while a transfer reads and draws, and how it ends early."""

import pytest
import torch

from lab.pipelines.transfer import FeatureTransfer, Style
from tests.pipelines.test_transfer import adain, fast, vgg, wct


@pytest.fixture(params=[fast, vgg, adain, wct], ids=lambda made: made.__name__)
def pipeline(request: pytest.FixtureRequest) -> FeatureTransfer:
    return request.param()


@pytest.fixture
def styles(pipeline: FeatureTransfer) -> list[Style]:
    return [pipeline.encode_style(torch.rand(1, 3, 24, 28)) for _ in range(2)]


@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_progress_rises_to_one_and_may_cancel(pipeline, styles, strength) -> None:
    told: list[float] = []
    content = torch.rand(1, 3, 100, 100)
    draw = {"tile": 50, "strength": strength}
    pipeline.stylize(content, styles[:1], [1], progress=told.append, **draw)
    assert told == sorted(told) and told[-1] == 1 and len(told) >= 4

    def cancel(share: float) -> None:
        raise InterruptedError(f"at {share}")

    with pytest.raises(InterruptedError, match="at 0"):
        pipeline.stylize(content, styles[:1], [1], progress=cancel, **draw)


def test_progress_counts_what_is_read_for_statistics_and_what_is_drawn(pipeline, styles) -> None:
    content, masks = torch.rand(1, 3, 64, 128), torch.zeros(2, 64, 128)
    masks[0, :, :64] = masks[1, :, 64:] = 1
    reads = pipeline.levels[0].mapper.passes + 1
    for more in ({}, {"masks": masks}):
        told: list[float] = []
        draw = {"tile": 32, "progress": told.append, **more}
        pipeline.stylize(content, styles[:2], [1, 1], **draw)
        steps = len(pipeline.levels) * reads * 8
        assert told == pytest.approx([(step + 1) / steps for step in range(steps)])


def test_reading_for_statistics_ends_between_two_tiles_when_cancelled(pipeline, styles) -> None:
    seen: list[int] = []
    pipeline.levels[0].encoder.register_forward_hook(lambda *_: seen.append(1))

    def cancel(share: float) -> None:
        raise InterruptedError

    picture = torch.rand(1, 3, 100, 100)
    for work in (
        lambda: pipeline.stylize(picture, styles[:1], [1], tile=32, progress=cancel),
        lambda: pipeline.encode_style(picture, tile=32, progress=cancel),
    ):
        seen.clear()
        with pytest.raises(InterruptedError):
            work()
        assert len(seen) == 1
