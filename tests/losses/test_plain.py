"""Even where the content is even: brute force, what costs and what does not."""

import math

import pytest
import torch

from lab.losses.plain import ALIKE, CELL, DISTANCES, plain_loss

DRAWN, CONTENT = torch.rand(2, 2, 3, 40, 56, generator=torch.Generator().manual_seed(0))
CONTENT = 0.5 + 0.05 * CONTENT  # cells whose differences are about as large as ALIKE


def means(picture: torch.Tensor, b: int, i: int, j: int) -> torch.Tensor:
    rows, columns = slice(CELL * i, CELL * (i + 1)), slice(CELL * j, CELL * (j + 1))
    return picture[b, :, rows, columns].mean((1, 2))


def test_it_is_the_mean_over_pairs_of_cells() -> None:
    terms = []
    for down, right in ((1, 0), (0, 1)):
        for distance in DISTANCES:
            pairs = []
            for b in range(2):
                for i in range(40 // CELL - down * distance):
                    for j in range(56 // CELL - right * distance):
                        first, second = (b, i, j), (b, i + down * distance, j + right * distance)
                        wanted = means(CONTENT, *first) - means(CONTENT, *second)
                        apart = means(DRAWN, *first) - means(DRAWN, *second)
                        alike = math.exp(-((wanted.abs().mean().item() / ALIKE) ** 2))
                        pairs.append(alike * apart.square().mean().item())
            terms.append(sum(pairs) / len(pairs))
    assert plain_loss(DRAWN, CONTENT).item() == pytest.approx(sum(terms) / len(terms), rel=1e-4)


def test_fine_texture_is_free_and_a_halo_is_not() -> None:
    even = torch.full((1, 3, 64, 64), 0.5)
    texture = even.clone()
    texture[..., ::2, :] += 0.2
    texture[..., 1::2, :] -= 0.2
    halo = even.clone()
    halo[..., 16:32, 16:32] += 0.2
    assert plain_loss(texture, even) < 1e-6 < 1e-3 < plain_loss(halo, even)


def test_a_halo_costs_more_than_a_faint_stroke_of_the_same_sum() -> None:
    even = torch.full((1, 3, 64, 64), 0.5)
    halo, stroke = even.clone(), even.clone()
    halo[..., 24:40, 24:40] += 0.4
    stroke[..., 16:48, 16:48] += 0.1
    assert plain_loss(halo, even) > 4 * plain_loss(stroke, even)


def test_what_differs_in_the_content_may_differ_in_the_drawing() -> None:
    content = torch.full((1, 3, 32, 64), 0.2)
    content[..., 32:] = 0.8
    drawn = 1 - content
    assert plain_loss(drawn, content) < 1e-6


def test_gradients_reach_the_drawing_alone_and_small_pictures_cost_nothing() -> None:
    drawn, content = DRAWN.clone().requires_grad_(), CONTENT.clone().requires_grad_()
    plain_loss(drawn, content).backward()
    assert drawn.grad.abs().sum() > 0 and content.grad is None
    small = torch.rand(1, 3, CELL, CELL, requires_grad=True)
    plain_loss(small, small.detach()).backward()
    assert not small.grad.any()
