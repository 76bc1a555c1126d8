"""Training the linear transform between an encoder and a decoder that are there already."""

from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.utils.data import default_collate

from lab.card import read_card
from lab.checkpoint import load
from tests.training import stylizers
from tests.training.runs import Interrupted, differences, start, state_of
from training.config import read
from training.tasks import build_task
from training.transfer import TransferTask

PAPER = "stages=[{steps: 2, batch: 2, size: 34, crop: 32, learns: transform}]"
DECODER = PAPER.replace("transform", "decoder")


def entered(
    steps: Path, *overrides: str, stage: int = 0, name: str = "linear.yaml"
) -> tuple[TransferTask, dict[str, Tensor]]:
    """A task in a stage, and a batch of two."""
    task = build_task(read(steps / name, overrides))
    data = task.enter(stage)
    return task, default_collate([data[0, 0], data[0, 1]])


def learned(task: TransferTask, batch: dict[str, Tensor]) -> set[str]:
    """The parts that a step would change; all of a part, or nothing of it.

    A VGG's change of colour space, conv0, belongs to no part.
    """
    ((_, losses),) = task.phases(batch)
    torch.stack(list(losses.values())).sum().backward()
    parts = {}
    for name, network in task.network.named_children():
        moved = [
            p.grad is not None and bool(p.grad.any())
            for key, p in network.named_parameters()
            if not key.startswith("conv0")
        ]
        assert all(moved) or not any(moved), name
        parts[name] = all(moved)
    return {name for name, moves in parts.items() if moves}


def test_what_a_later_stage_thaws_could_learn_from_the_beginning(steps) -> None:
    """Several processes agree on the gradients of what could learn when they began."""
    task = build_task(read(steps / "linear.yaml", []))
    assert all(weight.requires_grad for weight in task.networks["network"].parameters())


@pytest.mark.parametrize(
    ("stage", "parts"),
    [
        (0, {"transform"}),
        (1, {"transform", "decoder"}),
        (2, {"transform", "decoder", "encoder"}),
    ],
)
def test_a_stage_says_what_learns(steps, stage: int, parts: set[str]) -> None:
    task, batch = entered(steps, stage=stage)
    assert learned(task, batch) == parts
    assert all(p.grad is None for p in task.network.encoder.conv0.parameters())


def test_a_small_network_may_keep_still_as_well(transfer) -> None:
    # By other seeds the two channels of so small a decoder may both be silent.
    task = build_task(read(transfer, ["stages.1.learns=transform", "seed=1"]))
    data = task.enter(1)
    assert learned(task, default_collate([data[0, 0], data[0, 1]])) == {"transform"}


def test_what_is_not_rebuilt_is_not_decoded(steps) -> None:
    for stage, pictures in ((0, 2), (1, 4)):
        task, batch = entered(steps, stage=stage)
        seen = []
        task.network.decoder.register_forward_hook(
            lambda _, inputs, __, seen=seen: seen.append(len(inputs[0]))
        )
        ((_, losses),) = task.phases(batch)
        assert seen == [pictures] and ("reconstruction" in losses) == (stage == 1)


def test_compress_starts_from_principal_directions(steps) -> None:
    task, _ = entered(steps, "principal=4")
    contents, styles = task.datasets(task.stages[0])
    shown = [contents[0], styles[0], contents[7 % len(contents)], styles[7 % len(styles)]]
    features = [task.network.encoder(picture[None])[0].flatten(1) for picture in shown]
    columns = torch.cat(features, 1).double()
    transform = task.network.transform
    weight = transform.compress.weight.flatten(1).double()
    assert torch.allclose(weight @ weight.T, torch.eye(4).double(), atol=1e-5)
    assert torch.equal(transform.unzip.weight.flatten(1), transform.compress.weight.flatten(1).T)
    values = torch.linalg.eigvalsh(torch.cov(columns, correction=0)).flip(0)
    kept = torch.cov(weight @ columns, correction=0)
    assert torch.allclose(kept, torch.diag(values[:4]), atol=1e-4 * values[0].item())


def test_the_matrix_networks_start_with_outputs_of_size_one(steps) -> None:
    task, _ = entered(steps, "principal=4")
    contents, styles = task.datasets(task.stages[0])
    for branch, data in (
        (task.network.transform.content, contents),
        (task.network.transform.style, styles),
    ):
        squares = []
        for index in (0, 7 % len(data)):
            features = task.network.encoder(data[index][None])
            answer = branch.body(features - features.mean((2, 3), keepdim=True))
            squares.append(answer.square().mean())
        assert torch.stack(squares).mean().item() == pytest.approx(1.0, rel=1e-3)


@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_stopped_and_resumed_is_the_same_to_the_last_bit(steps, tmp_path, after: int) -> None:
    config = steps / "linear.yaml"
    start(config, tmp_path / "whole").train(resume=False)
    start(config, tmp_path / "parts", kind=Interrupted, after=after).train(resume=False)
    run = start(config, tmp_path / "parts")
    for parameter in run.task.network.parameters():
        parameter.data.fill_(0.5)  # what it starts from must not count
    run.train(resume=True)
    assert not differences(state_of(tmp_path / "parts"), state_of(tmp_path / "whole"))


def stored(root: Path, part: str) -> bytes:
    return (root / f"{part}.safetensors").read_bytes()


def test_the_papers_recipe_leaves_encoder_and_decoder_to_the_last_byte(steps, tmp_path) -> None:
    root, source = stylizers.make(steps / "linear.yaml", tmp_path, PAPER), steps / "checkpoints"
    assert stored(root / "linear", "encoder") == stored(source / "wct", "encoder")
    assert stored(root / "linear", "decoder") == stored(source / "wct", "decoder-relu3_1")
    card = read_card(root / "linear")
    assert card.method == "linear" and set(card.parts) == {"encoder", "transform", "decoder"}
    picture = load("linear", root=root, device="cpu")(
        torch.rand(1, 3, 33, 30), torch.rand(1, 3, 28, 28)
    )
    assert picture.shape == (1, 3, 33, 30) and picture.isfinite().all()


def test_a_decoder_that_follows_leaves_the_encoder_as_it_is(steps, tmp_path) -> None:
    root = stylizers.make(steps / "linear.yaml", tmp_path, DECODER)
    source = steps / "checkpoints"
    assert stored(root / "linear", "encoder") == stored(source / "wct", "encoder")
    assert stored(root / "linear", "decoder") != stored(source / "wct", "decoder-relu3_1")


def test_a_small_network_can_imitate_a_large_one(steps, transfer, tmp_path, monkeypatch) -> None:
    root = stylizers.make(steps / "linear.yaml", tmp_path, PAPER)
    monkeypatch.setattr("training.start.CHECKPOINTS", root)
    overrides = ["teacher=linear", "stages.1.teacher=2"]
    task, batch = entered(transfer.parent, *overrides, stage=1, name=transfer.name)
    ((_, losses),) = task.phases(batch)
    assert "teacher" in losses and losses["teacher"].item() > 0
    assert not any(p.requires_grad for p in task.teacher.parameters())
    assert "teacher" not in task.averaged and not set(task.networks) - {"network"}
    content, style = batch["content"], batch["style"]
    example = load("linear", root=root, device="cpu")(content, style)
    distance = task.distance_to_teacher(example, content, style)
    assert distance.item() < 1e-5  # what its users get is what is imitated


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("transform.channels=8", r"transform.channels is 8, but .* relu3_1 with 16 channels"),
        ("stages.0.teacher=1", "Stage 0 weighs a teacher, and the run has none"),
    ],
)
def test_what_does_not_fit_is_refused_at_the_start(steps, override, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        build_task(read(steps / "linear.yaml", [override]))
