"""Training pix2pixHD with a discriminator that reads classes beside its own."""

import pytest
import torch

from lab.losses.oasis import drawn_loss, reading_loss
from lab.models.oasis import scales_of
from tests.training.runs import Interrupted, differences, start, state_of
from tests.training.test_synthesis import entered

ON = ["losses.reading=3", "reader.width=4"]


def test_its_phase_comes_last_and_a_weight_of_zero_builds_none(synthesis) -> None:
    task, batch = entered(synthesis, 0, *ON)
    phases = [(name, set(losses)) for name, losses in task.phases(batch)]
    assert [name for name, _ in phases] == ["generator", "discriminator", "reader"]
    assert "reading" in phases[0][1] and phases[2][1] == {"reading", "drawn"}
    task, batch = entered(synthesis)
    assert "reader" not in task.networks
    assert "reading" not in next(task.phases(batch))[1]


def test_each_phase_has_gradients_for_its_own_network(synthesis) -> None:
    task, batch = entered(synthesis, 0, *ON)
    reader, phases = task.networks["reader"], task.phases(batch)
    _, losses = next(phases)
    losses["reading"].backward()
    assert all(p.grad is None for p in reader.parameters())
    drawing = {n: p.grad.clone() for n, p in task.drawing.named_parameters() if p.grad is not None}
    assert any(gradient.any() for gradient in drawing.values())
    *_, (_, losses) = phases
    (losses["reading"] + losses["drawn"]).backward()
    assert all(p.grad is not None for p in reader.parameters())
    for name, parameter in task.drawing.named_parameters():
        assert name not in drawing or torch.equal(parameter.grad, drawing[name])


def test_photographs_are_read_as_their_classes_and_drawings_as_drawn(synthesis) -> None:
    task, batch = entered(synthesis, 0, *ON, "data.jitter=0")
    torch.manual_seed(0)  # the generator draws with noise
    *_, (_, own) = phases = list(task.phases(batch))
    torch.manual_seed(0)
    drawn, _, _ = task.drawing(batch["labels"], batch["instances"], batch["photo"])
    real, fake = (task.perceptual(picture) for picture in (batch["photo"], drawn * 0.5 + 0.5))
    logits = [task.networks["reader"](x, scales_of(real)) for x in (real, fake)]
    expected = 3 * reading_loss(logits[1], batch["labels"])
    assert phases[0][1]["reading"].item() == pytest.approx(expected.item(), rel=1e-4)
    expected = reading_loss(logits[0], batch["labels"])
    assert own["reading"].item() == pytest.approx(expected.item(), rel=1e-4)
    assert own["drawn"].item() == pytest.approx(drawn_loss(logits[1]).item(), rel=1e-4)


def test_stopped_and_resumed_is_the_same_to_the_last_bit(synthesis, tmp_path) -> None:
    start(synthesis, tmp_path / "whole", *ON).train(resume=False)
    start(synthesis, tmp_path / "parts", *ON, kind=Interrupted, after=3).train(resume=False)
    start(synthesis, tmp_path / "parts", *ON).train(resume=True)
    whole, parts = (state_of(tmp_path / name) for name in ("whole", "parts"))
    assert "reader" in whole["networks"]
    assert not differences({**parts, "rng": 0}, {**whole, "rng": 0})
