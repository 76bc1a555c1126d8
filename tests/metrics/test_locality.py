"""How far an object changed, and everything else: against loops and by hand."""

import pytest
import torch
import torch.nn.functional as F

from lab.metrics.locality import change, surroundings


def test_the_surroundings_are_the_pixels_within_the_margin_along_both_axes() -> None:
    inside = torch.zeros(1, 9, 12, dtype=torch.bool)
    inside[0, 2, 3] = inside[0, 8, 11] = True
    found = surroundings(inside, 2)
    for y in range(9):
        for x in range(12):
            near = any(max(abs(y - v), abs(x - u)) <= 2 for v, u in ((2, 3), (8, 11)))
            assert found[0, y, x] == near


@pytest.mark.parametrize("margin", [0, 1, 32])
def test_the_surroundings_are_those_of_one_square_window(margin: int) -> None:
    inside = torch.rand(1, 70, 90) > 0.999
    inside[0, 0, 89] = True
    square = F.max_pool2d(inside.float(), 2 * margin + 1, stride=1, padding=margin)
    assert torch.equal(surroundings(inside, margin), square.bool())


def test_a_change_by_hand() -> None:
    before, after = torch.full((1, 3, 8, 8), 0.5), torch.full((1, 3, 8, 8), 0.5)
    inside = torch.zeros(1, 8, 8, dtype=torch.bool)
    inside[0, 0, :2] = True
    after[0, :, 0, 0], after[0, :, 0, 1] = 1.0, 0.4  # mean 0.7, luma 0.3 to either side of it
    after[0, :, 1, 1] = 0.9  # within the margin
    after[0, 0, 7, 7] = 0.8  # 0.1 of the range on average over the channels
    found = change(before, after, inside, margin=1)
    assert found.colour == pytest.approx(0.2)
    assert found.texture == pytest.approx(0.3)
    assert found.outside == pytest.approx(0.1 / (64 - 2 * 3))


def test_equal_pictures_do_not_differ_and_black_and_white_differ_by_one() -> None:
    inside = torch.zeros(1, 8, 8, dtype=torch.bool)
    inside[0, 2:4] = True
    black, white = torch.zeros(1, 3, 8, 8), torch.ones(1, 3, 8, 8)
    same, most = (change(black, other, inside, margin=1) for other in (black, white))
    assert (same.colour, same.texture, same.outside) == (0, 0, 0)
    assert (most.colour, most.texture, most.outside) == pytest.approx((1, 0, 1))


def test_an_object_that_fills_the_picture_has_no_outside() -> None:
    picture = torch.rand(1, 3, 8, 8)
    assert change(picture, picture.flip(3), torch.ones(1, 8, 8, dtype=torch.bool)).outside == 0


def test_what_does_not_fit_is_said() -> None:
    picture, inside = torch.rand(1, 3, 8, 8), torch.zeros(1, 8, 8, dtype=torch.bool)
    with pytest.raises(ValueError, match="no pixels; choose one"):
        change(picture, picture, inside)
    with pytest.raises(ValueError, match=r"in 8x8; expected two pictures \(1, 3, 8, 8\)"):
        change(picture, picture[..., 1:], inside)
