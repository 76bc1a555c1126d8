"""Optical flow and what is done with it, on motion that is known to the pixel."""

import pytest
import torch

from lab.metrics.temporal import temporal_error
from lab.videos.flow import optical_flow, trusted, warp
from tests.videos.motion import pan, still, texture

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
