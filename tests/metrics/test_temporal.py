"""Temporal error on motion that is known to the pixel."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from lab.metrics.temporal import (
    TemporalMeter,
    optical_flow,
    temporal_error,
    trusted,
    warp,
)


def texture(height: int = 96, width: int = 128) -> Tensor:
    """Smooth noise, (1, 3, H, W) in [0, 1]: something in it everywhere, coarse and fine, that can
    be found again."""
    layers = [
        F.interpolate(
            torch.rand(1, 3, height // k + 2, width // k + 2), (height, width), mode="bicubic"
        )
        for k in (4, 16)
    ]
    return (sum(layers) / 2).clamp(0, 1)


def pan(step: tuple[int, int], count: int) -> list[Tensor]:
    """Windows of 64x80 on a texture, each `step` pixels further right and down."""
    world, (right, down) = texture(), step
    return [world[..., down * k : down * k + 64, right * k : right * k + 80] for k in range(count)]


def still(shift: tuple[float, float]) -> Tensor:
    """The flow (2, 64, 80) that points everywhere as far."""
    return torch.tensor(shift)[:, None, None].expand(2, 64, 80).contiguous()


def measured(frames: list[Tensor], results: list[Tensor], cuts: tuple[int, ...] = (0,)) -> dict:
    meter = TemporalMeter()
    for number, (frame, result) in enumerate(zip(frames, results, strict=True)):
        meter.add(frame, result, cut=number in cuts)
    return {error.apart: error for error in meter.errors()}


# --- flow and warping ----------------------------------------------------------------------------


def test_warping_along_a_known_motion_gives_the_other_frame() -> None:
    now, before = pan((3, 2), 2)[::-1]
    moved = warp(before, still((3.0, 2.0)))
    assert torch.allclose(moved[..., :-2, :-3], now[..., :-2, :-3], atol=1e-5)


def test_no_motion_changes_nothing_and_half_a_pixel_is_the_mean_of_two() -> None:
    picture = texture(64, 80)
    assert torch.allclose(warp(picture, still((0.0, 0.0))), picture, atol=1e-5)
    halves = warp(picture, still((0.5, 0.0)))[..., :-1]
    assert torch.allclose(halves, (picture[..., 1:] + picture[..., :-1]) / 2, atol=1e-5)


@pytest.mark.parametrize("step", [(0, 0), (3, 2), (5, 0)])
def test_the_flow_of_a_pan_is_its_step(step) -> None:
    before, now = pan(step, 2)
    flow = optical_flow(now, before)
    assert flow.shape == (2, 64, 80)
    inner = flow[:, 8:-8, 8:-8]
    assert (inner - torch.tensor(step)[:, None, None]).abs().mean() < 0.1


def test_flow_needs_two_pictures_of_one_size(monkeypatch) -> None:
    with pytest.raises(ValueError, match="16x16 or more; got 20x12 and 20x12"):
        optical_flow(torch.rand(1, 3, 12, 20), torch.rand(1, 3, 12, 20))
    with pytest.raises(ValueError, match="of one size"):
        optical_flow(torch.rand(1, 3, 32, 20), torch.rand(1, 3, 32, 24))
    monkeypatch.setitem(__import__("sys").modules, "cv2", None)
    with pytest.raises(ValueError, match="pip install opencv-python-headless"):
        optical_flow(torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32))


# --- where it can be trusted ---------------------------------------------------------------------


def test_a_flow_is_trusted_where_it_comes_back_and_stays_inside() -> None:
    where = trusted(still((3.0, 2.0)), still((-3.0, -2.0)))
    assert where[:-2, :-3].all() and not where[-2:].any() and not where[:, -3:].any()
    assert not trusted(still((3.0, 2.0)), still((3.0, 2.0))).any()


def test_what_an_object_uncovers_is_masked() -> None:
    """A square goes 6 pixels to the right; what lay under its left edge was not seen before."""
    world, square = texture(64, 80), texture(24, 24)
    frames = []
    for left in (24, 30):
        frames.append(world.clone())
        frames[-1][..., 20:44, left : left + 24] = square
    before, now = frames
    flow, back = torch.zeros(2, 64, 80), torch.zeros(2, 64, 80)
    flow[0, 20:44, 30:54], back[0, 20:44, 24:48] = -6, 6
    where = trusted(flow, back)
    assert not where[20:44, 24:30].any()  # uncovered: what is there now points at the square
    assert where[24:40, 34:50].all() and where[:16].all()
    assert temporal_error(now, before, flow, where) < 1e-8
    everywhere = torch.ones(64, 80, dtype=torch.bool)
    assert temporal_error(now, before, flow, everywhere) > 1e-3


def test_the_border_of_a_motion_is_masked() -> None:
    flow = torch.zeros(2, 64, 80)
    flow[0, :, 40:] = 2.0
    where = trusted(flow, -flow)
    assert not where[:, 39].any() and where[:, :38].all()


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
