"""The convolution in closed form."""

import pytest
import torch
from torch import nn

from training.least_squares import fit_convolution


def pairs(layer: nn.Conv2d, *, noise: float = 0.0) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Random features, and what `layer` makes of them."""
    generator = torch.Generator().manual_seed(0)
    found = []
    for _ in range(4):
        features = torch.randn(2, layer.in_channels, 12, 10, generator=generator)
        drawn = layer(features).detach()
        found.append((features, drawn + noise * torch.randn(drawn.shape, generator=generator)))
    return found


@pytest.mark.parametrize("padding", ["reflect", "zeros"])
@pytest.mark.parametrize("kernel", [1, 3])
def test_a_convolution_is_found_again(kernel: int, padding: str) -> None:
    wanted = nn.Conv2d(5, 3, kernel, padding=kernel // 2, padding_mode=padding)
    found = nn.Conv2d(5, 3, kernel, padding=kernel // 2, padding_mode=padding)
    fit_convolution(found, pairs(wanted))
    torch.testing.assert_close(found.weight, wanted.weight, atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(found.bias, wanted.bias, atol=1e-4, rtol=1e-3)


def test_no_step_makes_the_error_smaller() -> None:
    layer = nn.Conv2d(4, 3, 3, padding=1, padding_mode="reflect")
    examples = pairs(layer, noise=0.5)
    fit_convolution(layer, examples)

    def error() -> torch.Tensor:
        return sum((layer(x) - y).square().sum() for x, y in examples)

    least = error()
    gradients = torch.autograd.grad(least, list(layer.parameters()))
    assert all(g.abs().max() < 1e-3 * least for g in gradients)
    with torch.no_grad():
        for _ in range(5):
            step = 0.01 * torch.randn_like(layer.weight)
            layer.weight += step
            assert error() > least
            layer.weight -= step
