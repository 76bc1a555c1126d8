"""Muon: steps of one size in every direction."""

import pytest
import torch
from torch import nn

from training.muon import Muon, orthogonalized
from training.optimizers import build_optimizer
from training.settings import Optim


@pytest.mark.parametrize("shape", [(6, 20), (20, 6), (9, 9)])
def test_all_directions_of_a_matrix_come_to_count_alike(shape) -> None:
    generator = torch.Generator().manual_seed(0)
    left, _, right = torch.linalg.svd(torch.randn(shape, generator=generator), full_matrices=False)
    values = torch.logspace(0, -1.5, min(shape))
    found = orthogonalized((left * values) @ right)
    inner = left.T @ found @ right.T  # its own singular vectors stay
    assert (inner - torch.diag(inner.diagonal())).abs().max() < 1e-3
    assert inner.diagonal().min() > 0.6 and inner.diagonal().max() < 1.3


def test_a_step_has_the_size_of_the_rate_whatever_the_gradient() -> None:
    steps = []
    for scale in (1e-3, 1e3):
        layer = nn.Conv2d(3, 4, 3, bias=False)
        before = layer.weight.detach().clone()
        generator = torch.Generator().manual_seed(0)
        layer.weight.grad = scale * torch.randn(layer.weight.shape, generator=generator)
        Muon(layer.parameters(), lr=0.02).step()
        steps.append(layer.weight.detach() - before)
        values = torch.linalg.svdvals(steps[-1].flatten(1))
        assert values.min() > 0.02 * 0.6 and values.max() < 0.02 * 1.3
    assert torch.allclose(steps[0], steps[1], atol=1e-5)


def test_it_fits_where_directions_differ_a_hundredfold() -> None:
    """Least squares on inputs of condition 1e4: Adam has hardly begun when Muon is done."""
    generator = torch.Generator().manual_seed(0)
    turn, _ = torch.linalg.qr(torch.randn(16, 16, generator=generator))
    inputs = torch.randn(256, 16, generator=generator) * torch.logspace(0, -2, 16) @ turn
    wanted = inputs @ torch.randn(16, 16, generator=generator)
    left = {}
    for method, lr in (("adam", 0.02), ("muon", 0.1)):
        layer = nn.Linear(16, 16)
        nn.init.zeros_(layer.weight)
        optimizer = build_optimizer(layer.parameters(), Optim(method=method, lr=lr))
        for step in range(200):
            optimizer.param_groups[0]["lr"] = lr * (1 - step / 200)
            optimizer.zero_grad()
            loss = (layer(inputs) - wanted).square().mean()
            loss.backward()
            optimizer.step()
        left[method] = loss.item()
    assert left["muon"] < 0.3 * left["adam"]


def test_what_has_no_gradient_stays() -> None:
    layer = nn.Linear(3, 3)
    layer.bias.grad = torch.ones(3)
    before = layer.weight.detach().clone()
    Muon(layer.parameters(), lr=0.02).step()
    assert torch.equal(layer.weight, before)
