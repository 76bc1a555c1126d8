"""The noise of a finished checkpoint can be turned down; nothing else changes."""

from pathlib import Path

import pytest
import torch

from lab import checkpoint
from lab.interfaces import Layout
from lab.models.pix2pixhd import GeneratorConfig, build_generator, first_layers
from tests.tiny import CLASSES, card
from training.grain import main, quieten, scale_noise

INPUTS = CLASSES + 1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A generator with two planes of noise, its enhancer reading them too."""
    torch.manual_seed(0)
    shape = {"downsamplings": 2, "blocks": 1, "enhancers": 1, "kernel": 3}
    plain = {"norm": "channel", "upsampling": "nearest"}  # both draw a plain surface plain
    config = GeneratorConfig(INPUTS, 4, noise=2, **shape, **plain)
    network = build_generator(config)
    for parameter in network.parameters():
        parameter.data.normal_(0, 0.1)
    raw = {**card("streets", "pix2pixhd"), "metrics": {"rows": {}}}
    place = tmp_path / "streets"
    checkpoint.save(place, raw, {"generator": network}, {"generator": vars(config)})
    return place


def drawn(folder: Path) -> torch.Tensor:
    pipeline = checkpoint.load("streets", device="cpu", root=folder.parent)
    labels = torch.zeros(1, 64, 64, dtype=torch.int64)
    return pipeline(Layout(labels, labels, pipeline.space))


def test_only_what_is_read_of_the_noise_is_scaled() -> None:
    generator = build_generator(GeneratorConfig(INPUTS, 4, enhancers=2, noise=1))
    before = {name: value.clone() for name, value in generator.state_dict().items()}
    scale_noise(generator, 0.25)
    layers = first_layers(generator)
    assert len(layers) == 3
    assert all(layer.in_channels == INPUTS + 1 for layer in layers.values())
    read = {f"{name}.weight" for name in layers}
    for name, value in generator.state_dict().items():
        if name in read:
            assert torch.equal(value[:, :-1], before[name][:, :-1])
            assert torch.equal(value[:, -1:], before[name][:, -1:] * 0.25)
        else:
            assert torch.equal(value, before[name])


def test_without_grain_a_plain_surface_is_drawn_plain(folder: Path) -> None:
    assert drawn(folder)[..., 24:40, 24:40].std((2, 3)).min() > 1e-4
    told = quieten(folder, 0)
    assert told.training["grain"] == 0 and told.metrics == {}
    assert drawn(folder)[..., 24:40, 24:40].std((2, 3)).max() < 5e-5


def test_grains_multiply(folder: Path) -> None:
    first = quieten(folder, 0.5)
    assert quieten(folder, 0.5).training["grain"] == 0.25 and first.training["grain"] == 0.5


@pytest.mark.parametrize("grain", ["1.5", "-0.1"])
def test_an_impossible_grain_is_one_sentence(folder: Path, grain: str, capsys) -> None:
    assert main([str(folder), "--", grain]) == 2
    assert capsys.readouterr().err.count("\n") == 1
