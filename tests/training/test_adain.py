"""Training AdaIN's decoder."""

from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.utils.data import default_collate

from lab.card import read_card
from lab.checkpoint import load
from lab.models.closed_forms import adain_map
from lab.models.feature_maps import View, moments
from tests.training import stylizers
from tests.training.runs import Interrupted, differences, start, state_of
from training.adain import AdaINTask, adaptive_instance_normalization
from training.config import read
from training.tasks import build_task


def entered(steps: Path, *overrides: str) -> tuple[AdaINTask, dict[str, Tensor]]:
    """A task in its first stage, and a batch of two."""
    task = build_task(read(steps / "adain.yaml", overrides))
    data = task.enter(0)
    return task, default_collate([data[0, 0], data[0, 1]])


def test_a_batch_is_normalised_as_the_maps_do_it_one_by_one() -> None:
    content, style = torch.randn(3, 5, 8, 7) * 2 + 1, torch.rand(3, 5, 6, 9) ** 2
    both = adaptive_instance_normalization(content, style)
    for index in range(3):
        own, look = content[index : index + 1], style[index : index + 1]
        known = [moments(lambda x=x: [View.whole(x)]) for x in (own, look)]
        assert torch.allclose(both[index : index + 1], adain_map(*known)(own), atol=1e-5)


def test_a_picture_in_its_own_style_is_its_own_target() -> None:
    features = torch.rand(2, 4, 9, 9)
    assert torch.allclose(adaptive_instance_normalization(features, features), features, atol=1e-6)


def test_a_perfect_drawing_costs_nothing(steps) -> None:
    task, batch = entered(steps)
    picture = batch["content"]
    looks = task.encoder.features(picture, task.taps)
    losses = task.losses(picture, looks[task.layer], looks)
    assert set(losses) == {"content", "style", "range"}
    assert all(loss.item() == 0 for loss in losses.values())
    assert all(
        loss.item() > 1e-4
        for name, loss in task.losses(batch["style"], looks[task.layer], looks).items()
        if name != "range"
    )


def test_weights_scale_their_terms(steps) -> None:
    task, batch = entered(steps)
    ((name, plain),) = task.phases(batch)
    assert name == "decoder"
    task, batch = entered(steps, "losses={content: 3, range: 5}", "stages.0.style_weight=20")
    ((_, heavy),) = task.phases(batch)
    for term, factor in {"content": 3, "style": 2, "range": 5}.items():
        assert heavy[term].item() == pytest.approx(factor * plain[term].item(), rel=1e-4, abs=1e-9)


def test_the_decoder_alone_learns(steps) -> None:
    task, batch = entered(steps)
    ((_, losses),) = task.phases(batch)
    torch.stack(list(losses.values())).sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in task.decoder.parameters())
    assert not any(p.requires_grad for p in task.encoder.parameters())


def test_it_starts_as_the_decoder_that_reconstructs(steps) -> None:
    task, _ = entered(steps)
    wct = load("wct", root=steps / "checkpoints", device="cpu")
    for own, there in zip(
        task.decoder.parameters(), wct.levels[0].decoder.parameters(), strict=True
    ):
        assert torch.equal(own, there)


@pytest.mark.parametrize("after", [1, 2])
def test_stopped_and_resumed_is_the_same_to_the_last_bit(steps, tmp_path, after: int) -> None:
    config = steps / "adain.yaml"
    start(config, tmp_path / "whole").train(resume=False)
    start(config, tmp_path / "parts", kind=Interrupted, after=after).train(resume=False)
    run = start(config, tmp_path / "parts")
    for parameter in run.task.decoder.parameters():
        parameter.data.fill_(0.5)  # what it starts from must not count
    run.train(resume=True)
    assert not differences(state_of(tmp_path / "parts"), state_of(tmp_path / "whole"))


def test_the_checkpoint_has_the_encoder_to_the_last_byte_and_draws(steps, tmp_path) -> None:
    root, source = stylizers.make(steps / "adain.yaml", tmp_path), steps / "checkpoints" / "wct"
    own, there = (folder / "encoder.safetensors" for folder in (root / "adain", source))
    assert own.read_bytes() == there.read_bytes()
    decoders = [folder / "decoder-relu3_1.safetensors" for folder in (root / "adain", source)]
    assert decoders[0].read_bytes() != decoders[1].read_bytes()
    assert read_card(root / "adain").method == "adain"
    picture = load("adain", root=root, device="cpu")(
        torch.rand(1, 3, 33, 30), torch.rand(1, 3, 28, 28)
    )
    assert picture.shape == (1, 3, 33, 30) and picture.isfinite().all()


def test_an_autoencoder_needs_the_decoder_of_its_last_layer(steps) -> None:
    with pytest.raises(KeyError, match="'gatys' has no part 'decoder-relu3_1'"):
        build_task(read(steps / "adain.yaml", ["autoencoder=gatys"]))
