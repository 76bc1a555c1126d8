"""What was drawn moves with its video, and is drawn anew where it cannot be followed."""

import pytest
import torch
from torch import Tensor

from lab.pipelines.carrying import ALIKE, Carrier, followed
from lab.videos.flow import warp
from tests.videos.motion import pan, still, texture

INNER = (..., slice(12, -12), slice(12, -12))


def shown(frames: list[Tensor], drawn: list[Tensor], *, kept: float, cuts=(0,)) -> list[Tensor]:
    carry = Carrier(kept)
    pairs = enumerate(zip(frames, drawn, strict=True))
    return [carry(frame, own, cut=number in cuts) for number, (frame, own) in pairs]


def test_of_a_still_the_shown_is_the_moving_average_of_the_drawn() -> None:
    frames, drawn = [texture(64, 80)] * 5, [torch.rand(1, 3, 64, 80) for _ in range(5)]
    expected = drawn[0]
    for own in drawn[1:]:
        expected = 0.75 * expected + 0.25 * own
    found = shown(frames, drawn, kept=0.75)[-1]
    assert torch.allclose(found[INNER], expected[INNER], atol=1e-3)


def test_nothing_kept_is_what_was_drawn() -> None:
    frames, drawn = pan((2, 1), 3), [torch.rand(1, 3, 64, 80) for _ in range(3)]
    assert all(map(torch.equal, shown(frames, drawn, kept=0.0), drawn))


def test_what_moves_with_the_video_stays_as_it_is_drawn() -> None:
    frames = pan((2, 1), 4)
    drawn = [1 - frame for frame in frames]
    found = shown(frames, drawn, kept=0.9)[-1]
    assert (found - drawn[-1])[INNER].abs().mean() < 0.01


def test_shimmer_falls_by_the_share_that_is_kept() -> None:
    """Noise of variance v on every frame differs by 2v from frame to frame; of its moving average
    with share k by 2v (1 - k)² / (1 + k)."""
    frames = [texture(64, 80)] * 40
    drawn = [(0.5 + 0.1 * torch.randn(1, 3, 64, 80)).clamp(0, 1) for _ in frames]
    found = shown(frames, drawn, kept=0.5)
    error = (found[-1] - found[-2])[INNER].square().mean()
    assert float(error) == pytest.approx(2 * 0.1**2 * 0.5**2 / 1.5, rel=0.1)


def test_a_shot_begins_with_nothing_carried_over() -> None:
    frames, drawn = [texture(64, 80)] * 2, [torch.zeros(1, 3, 64, 80), torch.ones(1, 3, 64, 80)]
    assert torch.equal(shown(frames, drawn, kept=0.9, cuts=(0, 1))[1], drawn[1])


def test_what_changes_its_colour_is_drawn_anew() -> None:
    """A lamp is switched on: nothing moves, and the place looks different."""
    dark = texture(64, 80) * 0.5
    lit = dark.clone()
    lit[..., 20:40, 20:40] += 0.5
    share, flow = followed(lit, dark)
    # What is left beyond the flow decides: exp(-50 · 3 · 0.5²) where a pixel found no better one.
    left = (lit - warp(dark, flow)).square().sum(1)[0]
    where = share > 0
    assert torch.allclose(share[where], torch.exp(-ALIKE * left)[where], atol=1e-5)
    assert share[24:36, 24:36].max() < 0.01
    assert share[48:60, 48:76].min() > 0.99


def test_what_was_hidden_is_not_followed() -> None:
    before, now = pan((6, 0), 2)
    share, flow = followed(now, before)
    assert not share[:, -6:].any()  # came into view at the right
    assert share[8:-8, 8:-16].mean() > 0.9
    assert (flow - still((6.0, 0.0)))[:, 8:-8, 8:-16].abs().mean() < 0.2


def test_frames_too_small_for_a_flow_are_shown_as_drawn() -> None:
    frames, drawn = [torch.rand(1, 3, 12, 40)] * 2, [torch.rand(1, 3, 12, 40) for _ in range(2)]
    assert torch.equal(shown(frames, drawn, kept=0.9)[1], drawn[1])


@pytest.mark.parametrize("kept", [-0.1, 1.0])
def test_a_share_that_never_lets_go_is_refused(kept) -> None:
    with pytest.raises(ValueError, match="expected a number from 0 below 1"):
        Carrier(kept)


def test_what_was_not_drawn_is_not_carried() -> None:
    """Strength 0 is the input itself, in a video too."""
    carry, frames = Carrier(), [torch.rand(1, 3, 48, 64) for _ in range(3)]
    for frame in frames:
        assert torch.equal(carry(frame, frame.clone(), cut=False), frame)
