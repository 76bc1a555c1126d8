"""What is drawn of a moved picture, against the drawing moved as far."""

import pytest
import torch
import torch.nn.functional as F

from lab.losses.steady import BORDER, moved, movement, steady_loss

PICTURE = torch.rand(2, 3, 48, 40, generator=torch.Generator().manual_seed(0))
MOVEMENTS = [(0, 1), (3, 0), (2, 3)]


@pytest.mark.parametrize(("rows", "columns"), MOVEMENTS)
def test_moving_brings_every_pixel_up_and_left_and_repeats_the_last(rows, columns) -> None:
    result = moved(PICTURE, rows, columns)
    assert result.shape == PICTURE.shape
    for y in (0, 20, 47):
        for x in (0, 13, 39):
            source = PICTURE[..., min(y + rows, 47), min(x + columns, 39)]
            assert torch.equal(result[..., y, x], source)


@pytest.mark.parametrize(("rows", "columns"), MOVEMENTS)
def test_a_convolution_commutes_with_movements(rows, columns) -> None:
    kernel = torch.randn(3, 3, 5, 5, generator=torch.Generator().manual_seed(1))

    def draw(x):
        return F.conv2d(F.pad(x, (2,) * 4, mode="replicate"), kernel)

    loss = steady_loss(draw(PICTURE), draw(moved(PICTURE, rows, columns)), rows, columns)
    assert loss < 1e-5


@pytest.mark.parametrize(
    ("rows", "columns", "steady"), [(4, 8, True), (1, 0, False), (2, 3, False)]
)
def test_what_draws_cells_of_four_commutes_with_movements_by_four_alone(
    rows, columns, steady
) -> None:
    def draw(x):
        return F.avg_pool2d(x, 4).repeat_interleave(4, 2).repeat_interleave(4, 3)

    loss = steady_loss(draw(PICTURE), draw(moved(PICTURE, rows, columns)), rows, columns)
    assert (loss < 1e-6) == steady and (steady or loss > 0.02)


def test_a_grid_that_stays_where_it_is_costs_its_height() -> None:
    """+a on every other row, moved by one: |a - 0| at every row."""
    grid = 0.1 * (torch.arange(48) % 2).view(1, 1, 48, 1)
    loss = steady_loss(PICTURE + grid, moved(PICTURE, 1, 0) + grid, 1, 0)
    assert torch.isclose(loss, torch.tensor(0.1), atol=1e-6)


def test_borders_do_not_count() -> None:
    other = PICTURE.clone()
    other[..., :BORDER, :] = other[..., -BORDER:, :] = 9
    other[..., :BORDER] = other[..., -BORDER:] = 9
    assert steady_loss(PICTURE, other, 0, 0) == 0
    other[..., BORDER, BORDER] = 9
    assert steady_loss(PICTURE, other, 0, 0) > 0


def test_small_pictures_have_an_inside() -> None:
    small = PICTURE[..., :4, :5]
    assert steady_loss(small, small + 1, 0, 0) == pytest.approx(1)


def test_movements_are_all_below_the_stride_but_none_at_all() -> None:
    torch.manual_seed(0)
    drawn = {movement(4) for _ in range(600)}
    assert drawn == {(y, x) for y in range(4) for x in range(4)} - {(0, 0)}
