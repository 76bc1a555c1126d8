"""Training the judge."""

from pathlib import Path

import pytest
import torch

from lab import checkpoint
from lab.data.labels import IGNORE
from lab.models.mobilenet import MobileNetEncoder
from tests.judges import save_backbone
from tests.training.runs import Interrupted, differences, start, state_of
from training import segmenter
from training.config import read
from training.export import export
from training.light import jitter
from training.segmenter import HEAVIEST, class_weights, labelled_loss
from training.tasks import build_task

CONFIG = """
task: segmenter
name: segmenter-tiny
data: {{name: streets, root: {root}}}
network: {{width: 0.25, neck: 16}}
schedule: {{preview_every: 1000, log_every: 1, ema: 0.5}}
optim: {{lr: 0.01, decay_from: 1.0}}
stages:
  - {{steps: {steps}, batch: 2, size: [48, 32], crop: [40, 24]}}
"""


@pytest.fixture
def config(tmp_path: Path, tiny_dataset):
    """A function that writes the config of a run of so many steps."""
    root = tiny_dataset(4)
    tiny_dataset(2, split="val")

    def write(steps: int) -> Path:
        path = tmp_path / "segmenter.yaml"
        path.write_text(CONFIG.format(root=root, steps=steps))
        return path

    return write


def test_it_learns_to_read_pictures_that_show_their_labels(config, tmp_path) -> None:
    # The photos of the tiny dataset have a red that is the label times 20.
    run = start(config(60), tmp_path / "run", "data.jitter=0")
    run.train(resume=False)
    task = run.task
    sample = task.dataset("val", task.stage)[0]
    said = task.pipeline(run.ema.modules)(sample["photo"][None])[0]
    known = sample["labels"] != 255
    assert (said == sample["labels"])[known].float().mean() > 0.9


def test_unlabelled_pixels_teach_nothing(config) -> None:
    task = build_task(read(config(1)))
    data = task.enter(0)
    batch = {key: torch.stack([data[0, i][key] for i in range(2)]) for key in ("photo", "labels")}
    batch["labels"][:] = 255
    batch["labels"][0, 0, 0] = 3
    ((_, losses),) = task.phases(batch)
    losses["cross_entropy"].backward()
    bias = task.network.classify.bias.grad
    # One pixel's gradient: softmax minus the one true class.
    assert bias[3] < 0 and (bias.sum().abs() < 1e-5) and (bias >= 0).sum() == len(bias) - 1


def test_stopped_and_resumed_is_the_same_to_the_last_bit(config, tmp_path) -> None:
    path = config(4)
    start(path, tmp_path / "whole").train(resume=False)
    start(path, tmp_path / "parts", kind=Interrupted, after=2).train(resume=False)
    start(path, tmp_path / "parts").train(resume=True)
    assert not differences(state_of(tmp_path / "whole"), state_of(tmp_path / "parts"))


def test_the_exported_judge_loads(config, tmp_path) -> None:
    path, run = config(2), tmp_path / "run"
    start(path, run).train(resume=False)
    (run / "config.yaml").write_text(path.read_text())
    card = export(run, tmp_path / "checkpoints")
    assert (card.method, card.domain, card.space) == ("segmenter", "streets", "streets")
    loaded = checkpoint.load("segmenter-tiny", device="cpu", root=tmp_path / "checkpoints")
    assert loaded.native_size == (48, 32)


def test_another_light_keeps_the_range_and_zero_keeps_the_photo() -> None:
    photo = torch.rand(4, 3, 8, 8)
    assert jitter(photo, 0) is photo
    lit = jitter(photo, 0.3)
    assert lit.min() >= 0 and lit.max() <= 1 and not torch.equal(lit, photo)
    # The order of the values inside a channel stays: only the light has changed.
    flat, before = lit.flatten(2), photo.flatten(2).argsort(2)
    assert (flat.gather(2, before).diff(dim=2) >= 0).all()


def test_the_losses_of_two_processes_average_to_that_of_all_their_pictures(monkeypatch) -> None:
    logits, weights = torch.randn(2, 3, 4, 5), torch.tensor([1.0, 2, 0.5])
    labels = torch.randint(3, (2, 4, 5))
    labels[0, 1:] = IGNORE
    whole = labelled_loss(logits, labels, weights)
    counts = [weights[labels[k][labels[k] != IGNORE]].sum() for k in range(2)]
    monkeypatch.setattr(segmenter, "over_processes", lambda count: sum(counts) / 2)
    halves = [labelled_loss(logits[k, None], labels[k, None], weights) for k in range(2)]
    torch.testing.assert_close(sum(halves) / 2, whole)


def test_the_loss_is_a_weighted_mean_and_nothing_without_labels() -> None:
    logits, weights = torch.randn(2, 3, 4, 5, requires_grad=True), torch.tensor([1.0, 2, 0.5])
    labels = torch.randint(3, (2, 4, 5))
    labels[0, 0] = IGNORE
    mean = torch.nn.functional.cross_entropy(logits, labels, weights, ignore_index=IGNORE)
    assert torch.allclose(labelled_loss(logits, labels, weights), mean)
    nothing = labelled_loss(logits, torch.full_like(labels, IGNORE), weights)
    nothing.backward()
    assert nothing == 0 and not logits.grad.any()


def test_class_weights_are_a_power_of_the_share_with_a_bound() -> None:
    # Shares 3/4, 1/4, 0 of the labelled pixels; 255 counts for nothing.
    pictures = [torch.tensor([[0, 0, 255]]), torch.tensor([[0, 1, 255]])]
    weights = class_weights(pictures, 3, power=0.5)
    expected = torch.tensor([(3 / 4 * 3) ** -0.5, (1 / 4 * 3) ** -0.5, HEAVIEST])
    assert torch.allclose(weights, expected)
    assert torch.equal(class_weights(pictures, 3, power=0.0), torch.ones(3))
    assert torch.equal(class_weights([], 3, power=0.0), torch.ones(3))
    # With power 1 every class that occurs takes the same part in the sum over pixels.
    even = class_weights(pictures, 2, power=1.0)
    assert torch.allclose(even * torch.tensor([3.0, 1.0]), torch.tensor([2.0, 2.0]))


def test_balance_turns_the_judge_to_rare_classes(config) -> None:
    task = build_task(read(config(1), ["balance=0.5"]))
    task.enter(0)
    rare, common = task.weights.argmax(), task.weights.argmin()
    shown = torch.cat(
        [task.dataset("train", task.stage, whole=True)[i]["labels"].flatten() for i in range(4)]
    )
    assert (shown == common).sum() > (shown == rare).sum()


def test_its_encoder_begins_with_the_backbone_of_the_config(config, tmp_path) -> None:
    torch.manual_seed(7)  # the task's own is 0
    trained = MobileNetEncoder(0.25)
    save_backbone(tmp_path / "backbone.safetensors", trained)
    path = f"backbone={tmp_path / 'backbone.safetensors'}"
    begun = build_task(read(config(1), [path])).network.encoder.state_dict()
    wanted = trained.state_dict()
    assert begun.keys() == wanted.keys()
    assert all(torch.equal(begun[name], value) for name, value in wanted.items())
    assert not torch.equal(
        build_task(read(config(1))).network.encoder.stem.weight, trained.stem.weight
    )
