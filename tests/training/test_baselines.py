"""Training pix2pix and CRN on the data of pix2pixHD."""

import copy
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from lab import checkpoint
from lab.interfaces import Layout
from lab.losses.perceptual import perceptual_loss
from tests.training.runs import Interrupted, differences, start, state_of
from training.config import read
from training.crn import PICTURE
from training.export import export
from training.loop import Task
from training.tasks import build_task

CONFIG = {
    "pix2pix": """
task: pix2pix
name: streets-pix2pix
data: {{name: streets, root: {root}}}
generator: {{width: 2, halvings: 3}}
discriminator: {{width: 2}}
schedule: {{preview_every: 1000, log_every: 1, ema: 0.5}}
stages:
  - {{steps: 2, batch: 2, size: [24, 16]}}
  - {{steps: 2, size: [48, 32], crop: [40, 24], view: [36, 24]}}
""",
    "crn": """
task: crn
name: streets-crn
data: {{name: streets, root: {root}}}
generator: {{widths: [4, 4, 2]}}
perceptual: {{weights: {vgg}, layers: {{relu1_2: 1, relu2_2: 2}}}}
schedule: {{preview_every: 1000, log_every: 1, ema: 0.5}}
stages:
  - {{steps: 2, batch: 2, size: [24, 16]}}
  - {{steps: 2, size: [48, 32], crop: [40, 24], view: [36, 24]}}
""",
}
METHODS = tuple(CONFIG)


@pytest.fixture
def config(tmp_path: Path, tiny_dataset, perceptual: Path):
    """A function that writes the config of a method's run."""
    root = tiny_dataset(4)
    tiny_dataset(2, split="val")

    def write(method: str) -> Path:
        path = tmp_path / f"{method}.yaml"
        path.write_text(CONFIG[method].format(root=root, vgg=perceptual))
        return path

    return write


def entered(path: Path, *overrides: str) -> tuple[Task, dict]:
    """A task in its first stage, and a batch of two."""
    task = build_task(read(path, overrides))
    data = task.enter(0)
    samples = [data[0, index] for index in range(2)]
    keys = ("labels", "instances", "photo")
    return task, {key: torch.stack([sample[key] for sample in samples]) for key in keys}


# --- both ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_stopped_and_resumed_is_the_same_to_the_last_bit(config, tmp_path, method: str) -> None:
    path = config(method)
    start(path, tmp_path / "whole").train(resume=False)
    start(path, tmp_path / "parts", kind=Interrupted, after=3).train(resume=False)
    start(path, tmp_path / "parts").train(resume=True)
    assert not differences(state_of(tmp_path / "whole"), state_of(tmp_path / "parts"))


@pytest.mark.parametrize("method", METHODS)
def test_the_exported_run_is_the_method_with_its_averaged_weights(config, tmp_path, method) -> None:
    path, run = config(method), tmp_path / "run"
    start(path, run).train(resume=False)
    (run / "config.yaml").write_text(path.read_text())
    card = export(run, tmp_path / "checkpoints")
    assert (card.name, card.method) == (f"streets-{method}", method)
    assert (card.domain, card.space, card.native_size) == ("streets", "streets", (36, 24))
    assert card.training["steps"] == 4 and len(card.training["stages"]) == 2
    assert card.training["command"].endswith(f"training/configs/{method}/streets-{method}.yaml")
    loaded = checkpoint.load(card.name, device="cpu", root=tmp_path / "checkpoints")
    averages = state_of(run)["ema"]["modules"]["generator"]
    for key, value in loaded.network.state_dict().items():
        assert torch.equal(value, averages[key].half().float()), key
    labels = torch.zeros(1, 21, 30, dtype=torch.int64)
    assert loaded(Layout(labels, labels, loaded.space)).shape == (1, 3, 21, 30)


@pytest.mark.parametrize("method", METHODS)
def test_the_preview_is_rows_of_layout_drawing_and_photo(config, method: str) -> None:
    task, _ = entered(config(method))
    picture = task.preview(task.averaged)["validation"]
    assert picture.shape == (3, 2 * 16, 3 * 24)  # two validation pictures
    sample = task.dataset("val", task.stage)[0]
    colours = task.space.colorize(sample["labels"][None])[0]
    assert torch.equal(picture[:, :16, :24], colours)
    assert torch.equal(picture[:, :16, 48:], sample["photo"])


@pytest.mark.parametrize("method", METHODS)
def test_it_learns_to_draw_what_its_data_show(config, tmp_path, method: str) -> None:
    more = ["data.flip=false", "optim.lr=0.01", "optim.decay_from=1.0"]
    stage = "stages=[{steps: 60, size: [24, 16]}]"
    wider = {"pix2pix": "generator.width=8", "crn": "generator.widths=[16, 16, 16]"}[method]
    run = start(config(method), tmp_path / "run", *more, stage, wider)
    before = copy.deepcopy(run.task.networks)
    run.train(resume=False)
    assert error(run.task, run.task.networks) < 0.5 * error(run.task, before)


def error(task: Task, networks: dict[str, nn.Module]) -> float:
    """Mean absolute error of drawings of a training picture."""
    sample = task.dataset("train", task.stage, whole=True)[0]
    layout = Layout(sample["labels"][None], sample["instances"][None], task.space)
    return float((task.pipeline(networks)(layout) - sample["photo"]).abs().mean())


# --- pix2pix -------------------------------------------------------------------------------------


def test_the_generator_steps_first_and_neither_moves_the_other(config) -> None:
    task, batch = entered(config("pix2pix"))
    generator, discriminator = task.networks["generator"], task.networks["discriminator"]
    assert len(discriminator.scales) == 1 and task.config.discriminator.inputs == 11 + 3
    phases = task.phases(batch)
    name, losses = next(phases)
    assert name == "generator" and set(losses) == {"l1", "gan"}
    torch.stack(list(losses.values())).sum().backward()
    assert all(p.grad is None for p in discriminator.parameters())
    kept = [p.grad.clone() for p in generator.parameters()]
    name, losses = next(phases)
    losses["gan"].backward()
    assert name == "discriminator" and all(p.grad is not None for p in discriminator.parameters())
    for before, parameter in zip(kept, generator.parameters(), strict=True):
        assert torch.equal(before, parameter.grad)


def test_the_terms_weigh_what_the_config_says(config) -> None:
    def losses(*overrides: str) -> dict[str, Tensor]:
        task, batch = entered(config("pix2pix"), "generator.dropout=0.0", *overrides)
        return next(task.phases(batch))[1]

    paper, plain = losses(), losses("losses.l1=1", "losses.gan=2")
    assert paper["l1"].item() == pytest.approx(100 * plain["l1"].item(), rel=1e-5)
    assert plain["gan"].item() == pytest.approx(2 * paper["gan"].item(), rel=1e-5)
    assert set(losses("losses.gan=0")) == {"l1"}


def test_the_adversary_is_the_papers_or_least_squares(config) -> None:
    # Scores of zero: cross-entropy says log 2, least squares 1 to the generator and ½ to D.
    for adversary, values in {"bce": (0.6931472, 0.6931472), "lsgan": (1.0, 0.5)}.items():
        task, batch = entered(config("pix2pix"), f"losses.adversary={adversary}")
        for parameter in task.networks["discriminator"].scales[0].stages[-1].parameters():
            torch.nn.init.zeros_(parameter)
        found = [losses["gan"].item() for _, losses in task.phases(batch)]
        assert found == pytest.approx(values, rel=1e-6)


# --- CRN -----------------------------------------------------------------------------------------


def test_one_picture_is_held_against_the_photo_by_the_perceptual_loss_alone(config) -> None:
    task, batch = entered(config("crn"), "picture=3")
    ((name, losses),) = task.phases(batch)
    assert name == "generator" and set(losses) == {"perceptual"}
    labels, photo = batch["labels"], batch["photo"]
    layout = torch.nn.functional.one_hot(labels, 11).movedim(-1, 1).float()
    drawn = task.networks["generator"](layout)[:, 0] * 0.5 + 0.5
    sets = [{PICTURE: x, **task.perceptual(x)} for x in (drawn, photo)]
    expected = perceptual_loss(*sets, {PICTURE: 3.0, "relu1_2": 1.0, "relu2_2": 2.0})
    assert losses["perceptual"].item() == pytest.approx(expected.item(), rel=1e-4)


def test_several_pictures_cost_less_than_their_mean(config) -> None:
    task, batch = entered(config("crn"), "generator.pictures=3")
    ((_, losses),) = task.phases(batch)
    losses["perceptual"].backward()
    bias = task.networks["generator"].to_pictures.bias.grad.view(3, 3)
    # Every picture learns at least a little, in the share of the mean.
    assert (bias.abs().sum(1) > 0).all()
