"""The local spectrum loss."""

import pytest
import torch
from torch import Tensor

from lab.losses.spectrum import WINDOW, cosine_basis, local_spectrum, spectrum_loss


def noise(seed: int, spread: float = 0.1, size: tuple[int, int] = (64, 80)) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 0.5 + spread * torch.randn(1, 3, *size, generator=generator)


def test_the_basis_is_orthonormal_and_knows_no_constant() -> None:
    flat = cosine_basis().flatten(1)
    assert flat.shape == (WINDOW**2 - 1, WINDOW**2)
    assert torch.allclose(flat @ flat.T, torch.eye(len(flat)), atol=1e-5)
    assert flat.sum(1).abs().max() < 1e-5


def test_energies_of_a_place_add_up_to_its_variance() -> None:
    picture = noise(0, size=(24, 24))
    amplitudes = local_spectrum(picture, eps=0.0)[0, :, 0, 0]
    windows = picture[0, 0].unfold(0, 8, 4).unfold(1, 8, 4)[:3, :3].flatten(2)
    variances = windows.var(2, correction=0) * WINDOW**2
    assert torch.allclose(amplitudes.square().sum(), variances.mean(), rtol=1e-4)


def test_equal_pictures_cost_nothing() -> None:
    assert spectrum_loss(noise(0), noise(0)) == 0


def test_a_flat_picture_costs_about_one() -> None:
    assert 0.8 < spectrum_loss(torch.full((1, 3, 64, 80), 0.5), noise(0)) <= 1


def test_another_draw_of_the_same_texture_costs_less_than_half_as_strong_a_one() -> None:
    same, weaker = spectrum_loss(noise(1), noise(0)), spectrum_loss(noise(1, 0.05), noise(0))
    assert same < 0.8 * weaker


def test_brightness_alone_costs_nothing() -> None:
    assert spectrum_loss(noise(0) + 0.2, noise(0)) < 1e-4


def test_direction_counts() -> None:
    rows = torch.zeros(1, 3, 64, 64)
    rows[..., ::2, :] = 0.2
    columns = rows.transpose(2, 3)
    shifted = rows.roll(1, 2)
    assert spectrum_loss(rows, shifted) < 0.05 * spectrum_loss(rows, columns)


def test_a_weave_that_the_target_lacks_costs_more_the_louder_it_is() -> None:
    weave = torch.ones(64, 80)
    weave[::2, ::2] = weave[1::2, 1::2] = -1
    losses = [float(spectrum_loss(noise(0) + loud * weave, noise(0))) for loud in (0, 0.05, 0.1)]
    assert losses[0] == 0 < losses[1] < losses[2]


def test_pictures_of_a_batch_are_judged_alone() -> None:
    a, b = (noise(1), noise(0)), (noise(2, 0.3), noise(3))
    both = spectrum_loss(torch.cat([a[0], b[0]]), torch.cat([a[1], b[1]]))
    alone = (spectrum_loss(*a) + spectrum_loss(*b)) / 2
    assert torch.allclose(both, alone, rtol=1e-4)


def test_gradients_reach_the_drawing_alone() -> None:
    x, target = noise(1).requires_grad_(), noise(0).requires_grad_()
    spectrum_loss(x, target).backward()
    assert x.grad.abs().sum() > 0 and target.grad is None


@pytest.mark.parametrize("size", [(16, 16), (17, 40)])
def test_small_pictures_are_compared_at_the_sizes_they_have(size) -> None:
    assert spectrum_loss(noise(1, size=size), noise(0, size=size)) > 0


def test_autocast_changes_neither_the_loss_nor_its_gradient() -> None:
    """Fine noise of a few grey levels is what half precision rounds away."""
    exact, rough = (noise(1, 0.01).requires_grad_() for _ in range(2))
    wanted = spectrum_loss(exact, noise(0, 0.01))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = spectrum_loss(rough, noise(0, 0.01))
        amplitudes = local_spectrum(noise(0, 0.01))
    for loss in (wanted, found):
        loss.backward()
    assert torch.equal(found, wanted) and torch.equal(rough.grad, exact.grad)
    assert torch.equal(amplitudes, local_spectrum(noise(0, 0.01)))


def test_pictures_in_half_precision_are_compared_in_single() -> None:
    x, target = noise(1).bfloat16(), noise(0).bfloat16()
    assert torch.equal(spectrum_loss(x, target), spectrum_loss(x.float(), target.float()))
