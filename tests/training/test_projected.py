"""Training pix2pixHD with heads on the perceptual network's features beside its discriminators."""

import pytest
import torch

from lab.models.projected import scales_of
from tests.training.runs import Interrupted, differences, start, state_of
from tests.training.test_synthesis import entered
from training.config import read
from training.tasks import build_task

ON = ["losses.projected=3", "projected={layers: [relu1_1], width: 4}"]


def test_their_phase_comes_last_and_a_weight_of_zero_builds_none(synthesis) -> None:
    task, batch = entered(synthesis, 0, *ON)
    phases = [(name, set(losses)) for name, losses in task.phases(batch)]
    assert [name for name, _ in phases] == ["generator", "discriminator", "projected"]
    assert "projected" in phases[0][1] and phases[2][1] == {"gan"}
    task, batch = entered(synthesis)
    assert "projected" not in task.networks
    assert "projected" not in next(task.phases(batch))[1]


def test_each_phase_has_gradients_for_its_own_network(synthesis) -> None:
    task, batch = entered(synthesis, 0, *ON)
    heads, phases = task.networks["projected"], task.phases(batch)
    _, losses = next(phases)
    losses["projected"].backward()
    assert all(p.grad is None for p in heads.parameters())
    drawing = {n: p.grad.clone() for n, p in task.drawing.named_parameters() if p.grad is not None}
    assert any(gradient.any() for gradient in drawing.values())
    *_, (_, losses) = phases
    losses["gan"].backward()
    assert all(p.grad is not None for p in heads.parameters())
    for name, parameter in task.drawing.named_parameters():
        assert name not in drawing or torch.equal(parameter.grad, drawing[name])


def test_the_losses_are_those_of_least_squares(synthesis) -> None:
    task, batch = entered(synthesis, 0, *ON, "data.jitter=0")
    torch.manual_seed(0)  # the generator draws with noise
    *_, (_, own) = phases = list(task.phases(batch))
    torch.manual_seed(0)
    drawn, _, layout = task.drawing(batch["labels"], batch["instances"], batch["photo"])
    real, fake = (task.perceptual(picture) for picture in (batch["photo"], drawn * 0.5 + 0.5))
    scores = [task.networks["projected"](x, scales_of(real), layout)[0][0] for x in (real, fake)]
    expected = 3 * (scores[1] - 1).square().mean()
    assert phases[0][1]["projected"].item() == pytest.approx(expected.item(), rel=1e-4)
    expected = 0.5 * ((scores[0] - 1).square().mean() + scores[1].square().mean())
    assert own["gan"].item() == pytest.approx(expected.item(), rel=1e-4)


def test_stopped_and_resumed_is_the_same_to_the_last_bit(synthesis, tmp_path) -> None:
    start(synthesis, tmp_path / "whole", *ON).train(resume=False)
    start(synthesis, tmp_path / "parts", *ON, kind=Interrupted, after=3).train(resume=False)
    start(synthesis, tmp_path / "parts", *ON).train(resume=True)
    whole, parts = (state_of(tmp_path / name) for name in ("whole", "parts"))
    assert "projected" in whole["networks"]
    assert not differences({**parts, "rng": 0}, {**whole, "rng": 0})


def test_heads_on_layers_that_no_loss_looks_at_are_refused(synthesis) -> None:
    sentence = (
        r"projected.layers is \['relu4_1'\]; expected some of those of perceptual.layers: relu"
    )
    with pytest.raises(ValueError, match=sentence):
        build_task(read(synthesis, ["losses.projected=1", "projected.layers=[relu4_1]"]))
