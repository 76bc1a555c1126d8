"""Temporal error on motion that is known to the pixel."""

import math

import pytest
import torch
from torch import Tensor

from lab.metrics.temporal import TemporalMeter, temporal_error
from lab.videos.flow import trusted
from tests.videos.motion import pan, still


def measured(frames: list[Tensor], results: list[Tensor], cuts: tuple[int, ...] = (0,)) -> dict:
    meter = TemporalMeter()
    for number, (frame, result) in enumerate(zip(frames, results, strict=True)):
        meter.add(frame, result, cut=number in cuts)
    return {error.apart: error for error in meter.errors()}


# --- the error -----------------------------------------------------------------------------------


def test_the_error_is_the_mean_square_where_it_counts() -> None:
    picture, other = torch.rand(1, 3, 64, 80), torch.rand(1, 3, 64, 80)
    where = torch.rand(64, 80) < 0.3
    expected = ((picture - other) ** 2)[0][:, where].mean()
    error = temporal_error(picture, other, still((0.0, 0.0)), where)
    assert error == pytest.approx(float(expected), rel=1e-4)
    nowhere = torch.zeros(64, 80, dtype=torch.bool)
    assert math.isnan(temporal_error(picture, other, still((0.0, 0.0)), nowhere))


def test_flicker_raises_the_error_by_its_variance() -> None:
    """Independent noise of variance v on both frames differs by 2v."""
    before, now = pan((3, 2), 2)
    where = trusted(still((3.0, 2.0)), still((-3.0, -2.0)))
    noisy = [frame + 0.1 * torch.randn_like(frame) for frame in (now, before)]
    error = temporal_error(*noisy, still((3.0, 2.0)), where)
    assert error == pytest.approx(2 * 0.1**2, rel=0.05)


def test_a_result_that_moves_with_its_input_is_as_steady() -> None:
    frames = pan((1, 0), 12)
    errors = measured(frames, [1 - frame for frame in frames])
    assert set(errors) == {1, 10}
    assert [errors[apart].pairs for apart in (1, 10)] == [11, 2]
    for error in errors.values():
        assert error.result == pytest.approx(error.floor, rel=0.02)
        assert error.trusted > 0.5
        assert error.floor < 3e-3


def test_a_result_that_flickers_is_not() -> None:
    frames = pan((1, 0), 12)
    shown = [0.6 * frame + 0.2 + 0.1 * (k % 2) for k, frame in enumerate(frames)]
    errors = measured(frames, shown)
    assert errors[1].result == pytest.approx(0.1**2, rel=0.05)
    assert errors[10].result < 0.003  # in step again


def test_nothing_is_compared_across_a_cut() -> None:
    frames = [*pan((2, 1), 4), *pan((2, 1), 4)]
    assert measured(frames, frames, cuts=(0, 4))[1].pairs == 6
    assert measured(frames, frames)[1].pairs == 7
    assert measured(frames[:1], frames[:1]) == {}
