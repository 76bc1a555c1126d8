"""A run becomes a checkpoint that `load` draws with."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from lab.card import read_card
from lab.checkpoint import load
from lab.data.places import PLANES
from lab.interfaces import Layout
from lab.models.pix2pixhd import first_layers
from lab.models.vgg import VGGConfig, VGGEncoder
from tests.training.runs import state_of
from training.__main__ import main as train
from training.config import read
from training.export import config_path, taken
from training.export import main as export
from training.previews import FRAME_WIDTH, film
from training.tasks import build_task

CONFIG = """
task: synthesis
name: tiny
data: {{name: streets, root: {root}}}
generator: {{width: 4, downsamplings: 2, blocks: 1, enhancers: 1, enhancer_blocks: 1, kernel: 3,
            norm: affine, padding: zeros, upsampling: nearest}}
encoder: {{width: 4, downsamplings: 2, kernel: 3, padding: zeros, upsampling: nearest}}
discriminator: {{width: 4, scales: 1}}
perceptual: {{weights: {vgg}, layers: {{relu1_1: 1}}}}
styles: {{clusters: 2, smallest: 0.001}}
schedule: {{preview_every: 100, log_every: 1}}
stages:
  - {{learns: global, steps: 2, size: [24, 16]}}
  - {{learns: enhancer, steps: 1, size: [48, 32]}}
about: {{title: Tiny, limits: [none worth a word]}}
"""


@pytest.fixture
def config(tmp_path: Path, tiny_dataset) -> Path:
    root = tiny_dataset(3)
    tiny_dataset(2, split="val")
    vgg = tmp_path / "vgg.safetensors"
    save_file(VGGEncoder(VGGConfig("relu1_1", 16)).state_dict(), vgg)
    path = tmp_path / "tiny.yaml"
    path.write_text(CONFIG.format(root=root, vgg=vgg))
    return path


def trained(config: Path, tmp_path: Path, *overrides: str) -> Path:
    run = tmp_path / "run"
    assert train([str(config), *overrides, "--run", str(run)]) == 0
    assert export([str(run), "--out", str(tmp_path / "checkpoints")]) == 0
    return tmp_path / "checkpoints"


def layout_of(pipeline) -> Layout:
    labels = torch.zeros(1, 32, 48, dtype=torch.int64)
    labels[:, 16:] = 3
    labels[:, 10:20, 10:30] = 8
    return Layout(labels, labels * 1000, pipeline.space)


def test_an_exported_run_draws(config, tmp_path):
    root = trained(config, tmp_path)
    pipeline = load("tiny", device="cpu", root=root)
    layout = layout_of(pipeline)
    picture = pipeline(layout)
    assert picture.shape == (1, 3, 32, 48)
    assert pipeline.enhancers == 1 and pipeline.coarse(layout).shape == (1, 3, 16, 24)
    card = json.loads((root / "tiny" / "card.json").read_text())
    assert card["training"]["steps"] == 3 and card["native_size"] == [48, 32]
    assert card["limits"] == ["none worth a word"]
    assert (root / "tiny" / "history.jsonl").read_text().count("\n") == 3


def test_rows_of_steps_that_a_kill_lost_are_not_exported(config, tmp_path):
    """Their weights are in no state; the last line may be cut off, which ended the export."""
    trained(config, tmp_path)
    with (tmp_path / "run" / "history.jsonl").open("a") as file:
        file.write('{"step": 4, "stage": 1, "lr": 0.1, "seconds": 36000.0}\n{"step": 5, "sta')
    assert export([str(tmp_path / "run"), "--out", str(tmp_path / "again")]) == 0
    exported = tmp_path / "again" / "tiny"
    rows = (exported / "history.jsonl").read_text().splitlines()
    assert [json.loads(row)["step"] for row in rows] == [1, 2, 3]
    assert json.loads((exported / "card.json").read_text())["training"]["hours"] < 1


def test_a_run_without_a_row_in_its_history_is_exported(config, tmp_path):
    """Stopped and saved before the first `log_every` steps, it has weights all the same."""
    trained(config, tmp_path)
    (tmp_path / "run" / "history.jsonl").unlink()
    assert export([str(tmp_path / "run"), "--out", str(tmp_path / "again")]) == 0
    card = json.loads((tmp_path / "again" / "tiny" / "card.json").read_text())
    assert card["training"]["steps"] == 3 and card["training"]["hours"] == 0


def test_exported_weights_are_the_averaged_ones(config, tmp_path):
    root = trained(config, tmp_path)
    state = torch.load(tmp_path / "run" / "state.pt", weights_only=True)["ema"]["modules"]
    pipeline = load("tiny", device="cpu", root=root)
    for name, network in (("generator", pipeline.generator), ("encoder", pipeline.encoder)):
        for key, value in network.state_dict().items():
            assert torch.equal(value, state[name][key].half().float()), key


def test_every_class_of_the_data_has_styles(config, tmp_path):
    pipeline = load("tiny", device="cpu", root=trained(config, tmp_path))
    counts = pipeline.bank.counts
    assert (
        all(counts[label] >= 1 for label in (0, 3, 8)) and counts.sum() == counts[[0, 3, 8]].sum()
    )


def test_clusters_are_stored_with_their_measures_and_chosen_as_the_config_says(config, tmp_path):
    root = trained(config, tmp_path, "styles.choose=silhouette", "styles.clusters=3")
    card = json.loads((root / "tiny" / "card.json").read_text())
    assert card["training"]["styles"]["choose"] == "silhouette"
    assert card["parts"]["styles"]["config"]["measured"] is True
    bank = load("tiny", device="cpu", root=root).bank
    assert bank.spreads.shape == (11, 3) and bank.silhouettes.shape == (11,)
    assert bank.silhouettes.abs().max() <= 1 and (bank.spreads[bank.sizes == 0] == 0).all()
    # Skies and roads of the tiny pictures are alike; nothing of three objects lies apart.
    assert bank.counts[[0, 3]].tolist() == [1, 1]


def test_a_run_that_has_only_seen_g1_exports_g1(config, tmp_path):
    text = config.read_text()
    config.write_text(text.replace("  - {learns: enhancer, steps: 1, size: [48, 32]}\n", ""))
    pipeline = load("tiny", device="cpu", root=trained(config, tmp_path))
    assert pipeline.enhancers == 0 and pipeline.native_size == (24, 16)
    assert pipeline(layout_of(pipeline)).shape == (1, 3, 32, 48)


def test_a_folder_without_a_run_is_one_sentence(tmp_path, capsys):
    assert export([str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_run_can_start_from_a_checkpoint(config, tmp_path, monkeypatch):
    root = trained(config, tmp_path)
    monkeypatch.setattr("training.start.find", lambda name, _: root / name)
    task = build_task(read(config, ["start=tiny"]))
    stored = load("tiny", device="cpu", root=root)
    for own, there in (
        (task.averaged["generator"], stored.generator),
        (task.averaged["encoder"], stored.encoder),
    ):
        for key, value in there.state_dict().items():
            assert torch.equal(own.state_dict()[key], value), key


def test_a_run_is_exported_without_the_checkpoint_that_it_began_with(config, tmp_path):
    trained(config, tmp_path)
    written = tmp_path / "run" / "config.yaml"
    written.write_text(written.read_text().replace("start: null", "start: gone-since"))
    assert export([str(tmp_path / "run"), "--out", str(tmp_path / "again")]) == 0
    first, again = (tmp_path / root / "tiny" for root in ("checkpoints", "again"))
    assert read_card(first).digest == read_card(again).digest


def test_a_run_goes_on_without_the_checkpoint_that_it_began_with(config, tmp_path):
    run, shorter = tmp_path / "run", "stages=[{learns: global, steps: 1, size: [24, 16]}]"
    assert train([str(config), shorter, "--run", str(run)]) == 0
    assert train([str(config), "start=gone-since", "--run", str(run), "--resume"]) == 0
    assert train([str(config), "start=gone-since", "--run", str(tmp_path / "new")]) == 2


def test_a_card_counts_the_pictures_of_all_processes(config, tmp_path):
    """Each has batches of its own, so a step of three processes sees three times as many."""
    trained(config, tmp_path, "schedule.accumulate=2")
    state = state_of(tmp_path / "run")
    assert state["processes"] == 1
    torch.save(state | {"processes": 3}, tmp_path / "run" / "state.pt")
    assert export([str(tmp_path / "run"), "--out", str(tmp_path / "more")]) == 0
    cards = [read_card(tmp_path / root / "tiny") for root in ("checkpoints", "more")]
    batches = [[stage["batch"] for stage in card.training["stages"]] for card in cards]
    assert batches == [[2, 2], [6, 6]]


@pytest.mark.parametrize(
    ("stage", "step", "steps"), [(0, 1, [1]), (1, 0, [2]), (1, 1, [2, 1]), (2, 0, [2, 1])]
)
def test_a_card_counts_no_steps_that_were_not_taken(config, stage, step, steps):
    state = {"stage": stage, "step": step}
    assert [each.steps for each in taken(read(config), state)] == steps


def test_a_checkpoint_of_other_widths_is_refused(config, tmp_path, monkeypatch):
    root = trained(config, tmp_path)
    monkeypatch.setattr("training.start.find", lambda name, _: root / name)
    with pytest.raises(ValueError, match="does not fit this config"):
        build_task(read(config, ["start=tiny", "generator.width=6"]))


@pytest.mark.parametrize("lacking", [["generator", "encoder"], ["encoder"]])
def test_a_checkpoint_without_what_a_run_begins_with_is_refused(
    config, tmp_path, monkeypatch, lacking: list[str]
):
    """Else it would train from random weights, and nobody would know."""
    root = trained(config, tmp_path)
    monkeypatch.setattr("training.start.find", lambda name, _: root / name)
    path = root / "tiny" / "card.json"
    card = json.loads(path.read_text())
    for part in lacking:
        del card["parts"][part]
    path.write_text(json.dumps(card))
    held = ", ".join(card["parts"])
    sentence = rf"'tiny' holds {held}, but this run begins with generator, encoder; name"
    with pytest.raises(ValueError, match=sentence):
        build_task(read(config, ["start=tiny"]))


@pytest.mark.parametrize("noise", [0, 1])  # with 1, layers further in have as many inputs
def test_planes_that_a_checkpoint_did_not_see_are_read_faintly(
    config, tmp_path, monkeypatch, noise: int
):
    with_noise = f"generator.noise={noise}"
    root = trained(config, tmp_path, with_noise)
    monkeypatch.setattr("training.start.find", lambda name, _: root / name)
    stored = load("tiny", device="cpu", root=root).generator
    wanted = read(config, ["start=tiny", "generator.places=true", with_noise])
    own = build_task(wanted).averaged["generator"]
    assert stored.config.noise == noise
    assert own.config.inputs == stored.config.inputs + PLANES
    layers = (first_layers(generator).values() for generator in (stored, own))
    for old, new in zip(*layers, strict=True):
        seen = old.in_channels - noise
        assert torch.equal(new.weight[:, :seen], old.weight[:, :seen])
        assert torch.equal(new.weight[:, seen + PLANES :], old.weight[:, seen:])
        faint = new.weight[:, seen : seen + PLANES]
        assert faint.any() and torch.equal(faint, faint[..., :1, :1].expand_as(faint))
        assert 0 < faint.std() < 0.03


def test_shipped_discriminators_are_gone_on_with(config, tmp_path, monkeypatch):
    root = trained(config, tmp_path)
    export([str(tmp_path / "run"), "--out", str(root), "--discriminator"])
    monkeypatch.setattr("training.start.find", lambda name, _: root / name)
    own = build_task(read(config, ["start=tiny", "seed=9"])).networks["discriminator"]
    shipped = load("tiny", device="cpu", root=root).discriminator.state_dict()
    assert all(torch.equal(own.state_dict()[key], value) for key, value in shipped.items())


def test_the_discriminators_are_shipped_where_asked_for(config, tmp_path):
    root = trained(config, tmp_path)
    assert load("tiny", device="cpu", root=root).discriminator is None
    assert export([str(tmp_path / "run"), "--out", str(root), "--discriminator"]) == 0
    shipped = load("tiny", device="cpu", root=root).discriminator
    state = torch.load(tmp_path / "run" / "state.pt", weights_only=True)["networks"]
    for key, value in shipped.state_dict().items():
        assert torch.equal(value, state["discriminator"][key].half().float()), key


def test_a_film_of_the_training_shows_what_was_drawn_alone(tmp_path):
    """Red layout, green drawing, blue photograph in every row: the film is green."""
    colors = ((255, 0, 0), (0, 255, 0), (0, 0, 255))
    for step, width in ((100, 30), (200, 60), (300, 60), (400, 60), (500, 60), (600, 60)):
        page = Image.new("RGB", (3 * width, 4 * width))
        for column, color in enumerate(colors):
            page.paste(color, (column * width, 0, (column + 1) * width, 4 * width))
        page.save(tmp_path / f"validation-{step:06}.png")
    strip = film(tmp_path, aspect=1)
    assert strip.size == (3 * FRAME_WIDTH, 2 * FRAME_WIDTH)
    assert strip.getcolors() == [(strip.size[0] * strip.size[1], (0, 255, 0))]
    assert film(tmp_path / "nothing", aspect=1) is None


def test_a_film_of_two_pictures_a_sheet_shows_the_whole_upper_one(tmp_path):
    page = Image.new("RGB", (3 * 48, 2 * 32), "blue")
    page.paste("red", (48, 0, 96, 32))
    page.save(tmp_path / "validation-000100.png")
    strip = film(tmp_path, aspect=48 / 32)
    assert strip.size == (FRAME_WIDTH, FRAME_WIDTH * 32 // 48)
    assert strip.getcolors() == [(strip.size[0] * strip.size[1], (255, 0, 0))]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("town", "training/configs/synthesis/town.yaml"),
        ("no-encoder", "training/configs/ablations/no-encoder.yaml"),
        ("mine", "runs/mine/config.yaml"),
    ],
)
def test_a_cards_command_names_a_config_that_is_there(name, path):
    assert config_path(SimpleNamespace(name=name), Path("runs/mine")) == path
