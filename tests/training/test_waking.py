"""Silent channels come back, and no picture changes by it."""

from pathlib import Path

import pytest
import torch
from torch import nn

from tests.training.runs import state_of
from training.__main__ import main
from training.waking import Waking

QUIET = [1, 4]  # channels of the layer in the middle that are below zero for every input


def network(*, deep: bool) -> nn.Sequential:
    torch.manual_seed(0)
    if deep:
        first, last = nn.Conv2d(2, 6, 3, padding=1), nn.Conv2d(6, 3, 3, padding=1)
    else:
        first, last = nn.Linear(2, 6), nn.Linear(6, 3)
    with torch.no_grad():
        first.bias.fill_(3)
        first.bias[QUIET] = -100
    return nn.Sequential(first, nn.ReLU(), last)


def examples(*, deep: bool) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.rand((4, 2, 8, 8) if deep else (40, 2), generator=generator)


def take_step(net: nn.Sequential, x: torch.Tensor) -> None:
    net.zero_grad(set_to_none=True)
    net(x).square().sum().backward()


@pytest.mark.parametrize("deep", [True, False])
def test_what_was_silent_speaks_and_is_not_heard_at_first(deep: bool) -> None:
    net, x = network(deep=deep), examples(deep=deep)
    take_step(net, x)
    before = net(x).detach()
    others = [channel for channel in range(6) if channel not in QUIET]
    kept = net[0].weight.detach()[others].clone()
    assert Waking(1, seed=0).step({"net": net}, 1) == len(QUIET)
    assert torch.equal(net(x), before)
    assert torch.equal(net[0].weight[others], kept)
    drawn = net[0].weight[QUIET].flatten(1)
    assert (drawn.std(1) > 0).all() and drawn.abs().max() <= drawn.shape[1] ** -0.5
    take_step(net, x)
    assert (net[2].weight.grad[:, QUIET] != 0).any()  # it can be learned from again


def test_who_had_a_gradient_in_any_step_since_the_last_look_is_left_alone() -> None:
    net, x = network(deep=False), examples(deep=False)
    waking = Waking(2, seed=0)
    with torch.no_grad():
        net[0].bias[QUIET] = 3
    take_step(net, x)
    assert waking.step({"net": net}, 1) == 0
    with torch.no_grad():
        net[0].bias[QUIET] = -100
    take_step(net, x)
    assert waking.step({"net": net}, 2) == 0  # they were heard in the first of the two
    for total in (3, 4):
        take_step(net, x)
        woken = waking.step({"net": net}, total)
    assert woken == len(QUIET)


def test_frozen_layers_and_runs_without_it_stay_as_they_are() -> None:
    net, x = network(deep=True), examples(deep=True)
    take_step(net, x)
    weights = [p.detach().clone() for p in net.parameters()]
    assert Waking(None, seed=0).step({"net": net}, 1) == 0
    for layer in net:
        layer.zero_grad(set_to_none=True)  # as in a stage that does not teach them
    assert Waking(1, seed=0).step({"net": net}, 1) == 0
    assert all(map(torch.equal, weights, net.parameters()))


def test_every_process_draws_the_same() -> None:
    pair = [network(deep=True) for _ in range(2)]
    for net in pair:
        take_step(net, examples(deep=True))
        torch.manual_seed(id(net) % 1000)  # whatever a process has drawn before
        Waking(1, seed=3).step({"net": net}, 5)
    assert all(map(torch.equal, pair[0].parameters(), pair[1].parameters()))


def test_a_run_that_goes_on_knows_who_was_heard_before(transfer, tmp_path: Path) -> None:
    """Looks are at steps 3, 6 and 9; a channel is silenced after the fourth."""
    bias = "decoder.body.0.widen.bias"

    def bias_after(*steps: int, resume: bool = True) -> float:
        """After stages of so many steps, of which one is new."""
        stage = "{steps: %d, batch: 2, size: 36, crop: 32}"
        stages, more = ", ".join(stage % n for n in steps), ["--resume"] * resume
        where = ["--run", str(tmp_path / "run"), *more]
        assert main([str(transfer), f"stages=[{stages}]", "schedule.wake=3", *where]) == 0
        return state_of(tmp_path / "run")["networks"]["network"][bias][0].item()

    bias_after(4, resume=False)
    state = state_of(tmp_path / "run")
    state["networks"]["network"][bias][0] = -100
    torch.save(state, tmp_path / "run" / "state.pt")
    assert bias_after(4, 2) < -50  # it was heard in the fourth step
    assert bias_after(4, 2, 3) > -50
