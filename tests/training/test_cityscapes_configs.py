"""The configs at the paper's own sizes: its shapes, its budget, and two real steps of each."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from lab.data.cityscapes import CITYSCAPES
from lab.models.discriminators import MultiscaleDiscriminator
from lab.models.pix2pixhd import build_generator
from tests.training.runs import save_perceptual, start
from training.config import SynthesisConfig, read
from training.drawing import DrawingNetwork

CONFIGS = Path(__file__).resolve().parents[2] / "training" / "configs" / "synthesis"
NAMES = ("cityscapes-512", "cityscapes-1024", "cityscapes-2048")
FRAMES = 2975
# What makes two steps take seconds: sizes, widths, steps, a stand-in for VGG-19.
SMALL = (
    *("generator.width=4", "encoder.width=2", "discriminator.width=4"),
    *("schedule.workers=0", "start=null"),
)


def config_of(name: str, *overrides: str) -> SynthesisConfig:
    return read(CONFIGS / f"{name}.yaml", overrides)


def millions(module: nn.Module) -> float:
    return sum(parameter.numel() for parameter in module.parameters()) / 1e6


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    """A sixteenth of VGG-19's width down to relu5_1, random."""
    return save_perceptual(tmp_path / "vgg.safetensors", "relu5_1")


@pytest.mark.parametrize(("name", "size"), [*zip(NAMES, (182.5, 182.5, 182.9), strict=True)])
def test_the_networks_have_the_papers_size(name: str, size: float) -> None:
    """Counted as published: 35 classes and boundaries, 36 channels; a channel is 7·7·width."""
    config, classes = config_of(name), len(CITYSCAPES)
    inputs = classes + 1 + config.encoder.outputs
    with torch.device("meta"):
        published = build_generator(replace(config.generator, inputs=36))
        drawing = DrawingNetwork(
            replace(config.generator, inputs=inputs), config.encoder, CITYSCAPES
        )
        judged = replace(config.discriminator, inputs=classes + 1 + 3)
        discriminator = MultiscaleDiscriminator(judged)
    assert round(millions(published), 1) == size
    widths = (32, 64) if config.generator.enhancers else (64,)
    more = (inputs - 36) * 49 * sum(widths) / 1e6
    assert millions(drawing.generator) == pytest.approx(millions(published) + more, abs=1e-7)
    assert round(millions(drawing.encoder), 2) == 0.79
    assert [round(millions(scale), 1) for scale in discriminator.scales] == [2.8] * 3


@pytest.mark.parametrize("name", NAMES)
def test_the_networks_have_the_papers_form_and_none_of_our_additions(name: str) -> None:
    config = config_of(name)
    for network in (config.generator, config.encoder):
        assert (network.kernel, network.norm) == (7, "instance")
        assert (network.padding, network.upsampling) == ("reflect", "transposed")
    assert not (config.generator.skips or config.generator.noise or config.generator.residual)
    assert not (config.encoder.shortcut or config.data.jitter) and config.data.zoom == 1
    losses = config.losses
    assert (losses.gan, losses.features, losses.perceptual) == (1, 10, 10)
    assert losses.colour == losses.coarse == 0
    layers = config.perceptual.layers
    assert [*layers] == [f"relu{block}_1" for block in range(1, 6)]
    assert [*layers.values()] == [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1]
    assert config.perceptual.weights is None  # torchvision's
    assert config.perceptual.form == "absolute"


def test_sizes_and_epochs_are_the_papers() -> None:
    small, middle, large = (config_of(name) for name in NAMES)
    assert [s.size for s in (*small.stages, *middle.stages)] == [(512, 256), (1024, 512)]
    assert [s.steps for s in (*small.stages, *middle.stages)] == [200 * FRAMES] * 2
    assert [s.learns for s in large.stages] == ["enhancer", "joint"]
    assert [s.steps for s in large.stages] == [10 * FRAMES, 90 * FRAMES]
    assert {s.size for s in large.stages} == {(2048, 1024)} and large.start == middle.name
    for config in (small, middle, large):
        assert all(stage.batch == 1 and stage.crop is None for stage in config.stages)
        assert (config.optim.lr, config.optim.decay_from) == (2e-4, 0.5)
    inside = large.generator.width * 2**large.generator.enhancers
    assert inside == middle.generator.width  # `start` puts one into the other


@pytest.mark.parametrize("name", NAMES)
def test_two_steps_on_real_frames(tmp_path, shared, stand_in, name: str) -> None:
    sample = shared / "data" / "cityscapes_sample"
    if not sample.is_dir():
        pytest.skip("needs ../shared/data/cityscapes_sample")
    stages = range(len(config_of(name).stages))
    steps = 2 // len(stages)
    sizes = [f"stages.{k}.size=[128, 64]" for k in stages]
    budget = [f"stages.{k}.steps={steps}" for k in stages]
    places = (f"data.root={sample}", f"perceptual.weights={stand_in}")
    run = start(CONFIGS / f"{name}.yaml", tmp_path / "run", *SMALL, *places, *sizes, *budget)
    network = run.task.networks["generator"].generator
    before = {key: value.clone() for key, value in network.state_dict().items()}
    run.train(resume=False)
    moved = {key for key, value in network.state_dict().items() if not value.equal(before[key])}
    assert all(key.endswith(("weight", "bias")) for key in moved) and moved
    # In the joint stage G1 learns as a part of the whole; its own last layer has no loss then.
    still = set(before) - moved
    assert {key for key in still if key.endswith("weight")} == (
        {"coarse.to_picture.0.weight"} if name == NAMES[2] else set()
    )
    rows = (tmp_path / "run" / "history.jsonl").read_text().splitlines()
    last = json.loads(rows[-1])
    assert last["step"] == 2
    terms = {"generator/gan", "generator/features", "generator/perceptual", "discriminator/gan"}
    assert terms <= set(last) and all(last[term] > 0 for term in terms)
    assert list((tmp_path / "run" / "previews").glob("*.png"))
