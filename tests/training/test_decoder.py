"""Decoders that learn to undo an encoder."""

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.data import default_collate

from lab.card import read_card
from lab.checkpoint import load
from tests.training.runs import Interrupted, differences, save_photos, start, state_of
from training.config import read
from training.decoder import DecoderTask
from training.tasks import build_task


def entered(steps: Path, *overrides: str, stage: int = 1) -> tuple[DecoderTask, torch.Tensor]:
    """A task in a stage, and a batch of two."""
    task = build_task(read(steps / "wct.yaml", overrides))
    data = task.enter(stage)
    return task, default_collate([data[0, 0], data[0, 1]])


def test_the_picture_itself_costs_nothing(steps) -> None:
    task, batch = entered(steps)
    features = task.encoder.features(batch, task.taps(["relu3_1"]))
    losses = task.losses("relu3_1", batch, batch, features)
    assert set(losses) == {"pixels", "features", "range"}
    assert all(loss.item() == 0 for loss in losses.values())
    other = task.losses("relu3_1", batch.flip(0), batch, features)
    assert other["pixels"].item() > 0.1 and other["features"].item() > 0.01


def test_weights_scale_their_terms(steps) -> None:
    task, batch = entered(steps)
    plain = dict(task.phases(batch))["decoder-relu3_1"]
    task, batch = entered(steps, "losses={pixels: 20, features: 3, range: 5}")
    heavy = dict(task.phases(batch))["decoder-relu3_1"]
    for term, factor in {"pixels": 2, "features": 3, "range": 5}.items():
        assert heavy[term].item() == pytest.approx(factor * plain[term].item(), rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("stage", [0, 1])
def test_only_the_decoders_of_a_stage_learn_and_never_the_encoder(steps, stage: int) -> None:
    task, batch = entered(steps, stage=stage)
    wanted = {f"decoder-{layer}" for layer in task.stage.layers}
    for name, losses in task.phases(batch):
        torch.stack(list(losses.values())).sum().backward()
        wanted.remove(name)
        assert all(p.grad is not None and p.grad.any() for p in task.networks[name].parameters())
    assert not wanted
    assert not any(p.requires_grad for p in task.encoder.parameters())
    for layer in set(task.config.layers) - set(task.stage.layers):
        assert all(p.grad is None for p in task.networks[f"decoder-{layer}"].parameters())


def test_a_decoder_sees_only_its_own_layer(steps) -> None:
    task, batch = entered(steps)
    seen = {}
    for layer in task.config.layers:
        network = task.networks[f"decoder-{layer}"]
        network.register_forward_hook(
            lambda _, inputs, __, layer=layer: seen.update({layer: inputs[0]})
        )
    list(task.phases(batch))
    expected = task.encoder.features(batch, ("relu1_1", "relu3_1"))
    assert all(torch.allclose(seen[layer], expected[layer]) for layer in expected)


@pytest.mark.parametrize("after", [1, 2, 3])
def test_stopped_and_resumed_is_the_same_to_the_last_bit(steps, tmp_path, after: int) -> None:
    config = steps / "wct.yaml"
    start(config, tmp_path / "whole").train(resume=False)
    start(config, tmp_path / "parts", kind=Interrupted, after=after).train(resume=False)
    run = start(config, tmp_path / "parts")
    for network in run.task.networks.values():
        nn.init.zeros_(network.body[0].weight)  # what it starts from must not count
    run.train(resume=True)
    assert not differences(state_of(tmp_path / "parts"), state_of(tmp_path / "whole"))


def test_the_checkpoint_has_the_encoder_to_the_last_byte_and_draws(steps) -> None:
    root = steps / "checkpoints"
    stored = [(root / name / "encoder.safetensors").read_bytes() for name in ("gatys", "wct")]
    assert stored[0] == stored[1]
    card = read_card(root / "wct")
    assert card.method == "wct"
    assert set(card.parts) == {"encoder", "decoder-relu3_1", "decoder-relu1_1"}
    assert set(card.metrics["reconstruction_psnr"]) == {"relu3_1", "relu1_1"}
    wct = load("wct", root=root, device="cpu")
    assert [level.stride for level in wct.levels] == [4, 1]
    picture = wct(torch.rand(1, 3, 33, 30), torch.rand(1, 3, 28, 28))
    assert picture.shape == (1, 3, 33, 30) and picture.isfinite().all()


def test_the_preview_is_drawn_by_the_pipeline_that_users_get(steps) -> None:
    task, _ = entered(steps)
    (sheet,) = task.preview(task.averaged).values()
    # Five rows: picture, both decoders' reconstructions, style, the picture in it.
    assert sheet.shape == (3, 5 * 32, 5 * 32)
    data, pipeline = task.pictures(task.stage, held_out=True), task.pipeline(task.averaged)
    picture, style = data[0][None], data[7 % len(data)][None]
    assert torch.equal(sheet[:, :32, -32:], pipeline(picture, style)[0])


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("pictures=[]", "pictures must name folders"),
        ("layers=[relu4_1]", r"layers is \['relu4_1'\]; expected some .*'gatys' has: relu1_1"),
        ("layers=[]", r"layers is \[\]; expected some"),
        ("stages.0.layers=[relu2_1]", r"Stage 0 teaches \['relu2_1'\]; expected some"),
    ],
)
def test_what_cannot_be_learned_is_refused_at_the_start(steps, override, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        build_task(read(steps / "wct.yaml", [override]))


def test_an_encoder_must_be_there(steps) -> None:
    with pytest.raises(FileNotFoundError, match=r"No checkpoint 'none' in .*there: .*gatys"):
        build_task(read(steps / "wct.yaml", ["encoder=none"]))


@pytest.mark.slow
def test_a_decoder_comes_to_undo_its_encoder(steps, tmp_path) -> None:
    folder = save_photos(tmp_path / "photos", 12, size=(40, 40))
    stages = "stages=[{steps: 200, batch: 4, sizes: [36], crop: 32, layers: [relu1_1]}]"
    run = start(steps / "wct.yaml", tmp_path / "run", stages, f"pictures=[{folder}]",
                "optim.lr=0.01", "layers=[relu1_1]")  # fmt: skip
    psnr = []
    for train in (False, True):
        if train:
            run.train(resume=False)
        run.task.enter(0)
        psnr.append(run.task.measure(run.task.averaged)["reconstruction_psnr"]["relu1_1"])
    assert psnr[1] > psnr[0] + 6
