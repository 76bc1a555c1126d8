"""An encoder that learns to answer as another does."""

from pathlib import Path

import pytest
import torch
from torch.utils.data import default_collate

from lab.card import read_card
from lab.checkpoint import load
from lab.models.vgg import VGGEncoder
from tests.training import stylizers
from tests.training.runs import Interrupted, differences, save_photos, start, state_of
from training.config import read
from training.distill import DistillTask
from training.pictures import Singles
from training.tasks import build_task

LAYERS = ("relu1_1", "relu2_1", "relu3_1")


def entered(steps: Path, *overrides: str, stage: int = 1) -> tuple[DistillTask, torch.Tensor]:
    """A task in a stage, and a batch of two."""
    task = build_task(read(steps / "gatys.yaml", overrides))
    data = task.enter(stage)
    return task, default_collate([data[0, 0], data[0, 1]])


def test_a_student_with_the_teachers_weights_has_nothing_to_learn(steps) -> None:
    task, batch = entered(steps)
    task.encoder.load_state_dict(task.teacher.vgg.state_dict())
    ((name, losses),) = task.phases(batch)
    assert name == "encoder" and set(losses) == set(LAYERS)
    assert all(loss.item() < 1e-10 for loss in losses.values())
    explained = task.measure(task.averaged)["distillation_explained"]
    assert explained == dict.fromkeys(LAYERS, 1.0)


def test_answering_the_mean_explains_nothing(steps) -> None:
    """The loss is 1 - R²: about one for the best constant, over all pictures that were surveyed."""
    task, _ = entered(steps, stage=0)
    layer, data = "relu1_1", task.enter(0)
    shares = []
    for index in range(len(data)):
        picture = data[0, index][None]
        wanted = task.wanted(picture, [layer])[layer]
        shares.append(task.unexplained(layer, task.means[layer].expand_as(wanted), wanted))
    # Channels that hardly speak count as the least variance, so they add less than one.
    silent = task.variances[layer] < 0.01 * task.variances[layer].mean()
    expected = 1 - silent.float().mean()
    assert torch.stack(shares).mean() == pytest.approx(expected.item(), rel=0.05)


def test_the_variances_are_those_of_all_pictures(steps) -> None:
    task, _ = entered(steps, stage=1)  # in every stage on the pictures of the first
    data = Singles(task.pictures(task.stages[0]), seed=task.config.seed)
    seen = torch.cat([task.teacher(data[0, i][None])["relu2_1"] for i in range(len(data))])
    expected = seen.transpose(0, 1).flatten(1).var(1, correction=0)
    assert torch.allclose(task.variances["relu2_1"].flatten(), expected, rtol=1e-3, atol=1e-6)


def test_weights_scale_their_layers_and_a_stage_compares_its_own(steps) -> None:
    task, batch = entered(steps)
    ((_, losses),) = task.phases(batch)
    task, batch = entered(steps, "teacher.layers.relu2_1=3")
    ((_, heavier),) = task.phases(batch)
    for layer in LAYERS:
        factor = 3 if layer == "relu2_1" else 1
        assert heavier[layer].item() == pytest.approx(factor * losses[layer].item(), rel=1e-5)
    task, batch = entered(steps, stage=0)
    ((_, losses),) = task.phases(batch)
    assert set(losses) == {"relu1_1"}


def test_everything_but_the_first_fixed_layer_learns(steps) -> None:
    task, batch = entered(steps)
    ((_, losses),) = task.phases(batch)
    torch.stack(list(losses.values())).sum().backward()
    for name, parameter in task.encoder.named_parameters():
        fixed = name.startswith("conv0.")
        assert parameter.requires_grad != fixed and (parameter.grad is None) == fixed, name
        assert fixed or parameter.grad.any(), name
    assert not any(p.requires_grad for p in task.teacher.parameters())


def test_the_start_is_random_and_not_the_teacher(steps) -> None:
    first, second = (entered(steps, f"seed={seed}")[0] for seed in (5, 6))
    own, other = first.encoder.state_dict(), second.encoder.state_dict()
    theirs = first.teacher.vgg.state_dict()
    for name in own:
        if name.endswith("weight") and not name.startswith("conv0"):
            assert not torch.equal(own[name], other[name])
            assert not torch.allclose(own[name], theirs[name], atol=1e-3)


def test_a_teacher_whose_channels_differ_in_size_can_be_normalised(steps) -> None:
    task, _ = entered(steps, "normalised=true")
    data = task.enter(0)
    means = [task.wanted(data[0, i][None], ["relu2_1"])["relu2_1"].mean((2, 3))
             for i in range(len(data))]  # fmt: skip
    speaking = task.means["relu2_1"].flatten() > 0.01 * task.means["relu2_1"].mean()
    mean = torch.cat(means).mean(0)
    assert torch.allclose(mean[speaking], torch.ones(int(speaking.sum())), rtol=1e-3)


@pytest.mark.parametrize(("after", "method"), [(1, "adam"), (3, "adam"), (1, "muon"), (3, "muon")])
def test_stopped_and_resumed_is_the_same_to_the_last_bit(
    steps, tmp_path, after: int, method: str
) -> None:
    config, how = steps / "gatys.yaml", f"optim.method={method}"
    start(config, tmp_path / "whole", how).train(resume=False)
    start(config, tmp_path / "parts", how, kind=Interrupted, after=after).train(resume=False)
    run = start(config, tmp_path / "parts", how)
    for parameter in run.task.encoder.parameters():
        parameter.data.fill_(0.5)  # what it starts from must not count
    run.train(resume=True)
    assert not differences(state_of(tmp_path / "parts"), state_of(tmp_path / "whole"))


def test_the_checkpoint_draws_and_says_how_faithful_it_is(steps) -> None:
    root = steps / "checkpoints"
    gatys = load("gatys", root=root, device="cpu")
    assert isinstance(gatys.encoder, VGGEncoder) and gatys.encoder.config.last == "relu3_1"
    picture = gatys(torch.rand(1, 3, 33, 30), torch.rand(1, 3, 28, 28), steps=2)
    assert picture.shape == (1, 3, 33, 30) and picture.isfinite().all()
    card = read_card(root / "gatys")
    assert card.method == "gatys" and card.training["command"].endswith("transfer/gatys.yaml")
    assert set(card.metrics["distillation_explained"]) == set(LAYERS)
    assert card.metrics["distillation_protocol"]["pictures"] == 2  # one of each folder


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("pictures=[]", "pictures must name folders"),
        ("network.last=relu2_1", "teacher.layers has relu3_1, which the network does not reach"),
        ("stages.0.layers=[relu1_2]", r"Stage 0 compares \['relu1_2'\]; expected some of"),
        ("stages.0.layers=[]", r"Stage 0 compares \[\]; expected some of"),
    ],
)
def test_what_cannot_be_learned_is_refused_at_the_start(steps, override, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        build_task(read(steps / "gatys.yaml", [override]))


@pytest.mark.slow
def test_a_student_comes_to_answer_as_its_teacher(steps, tmp_path) -> None:
    folder = save_photos(tmp_path / "photos", 12, size=(40, 40))
    stages = "stages=[{steps: 150, batch: 4, sizes: [36], crop: 32, layers: [relu1_1]}]"
    run = start(steps / "gatys.yaml", tmp_path / "run", stages, f"pictures=[{folder}]",
                "optim.lr=0.03", "teacher.layers={relu1_1: 1}")  # fmt: skip
    run.train(resume=False)
    assert run.task.measure(run.ema.modules)["distillation_explained"]["relu1_1"] > 0.9


def test_the_tiny_steps_are_made_in_order() -> None:
    assert list(stylizers.TEXTS) == ["gatys", "wct", "adain", "linear"]
