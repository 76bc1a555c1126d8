"""Tiny trainings on the processor, in float32 on every machine."""

from pathlib import Path

import pytest

from tests.training import runs, stylizers
from training import loop
from training.config import read


@pytest.fixture(autouse=True)
def plain_machine(monkeypatch) -> None:
    """Float32 on the processor: the precision is settled once per process, for all tests."""
    settle(monkeypatch)


def settle(patch: pytest.MonkeyPatch) -> None:
    """Every machine trains alike."""
    patch.setattr(loop, "precision", lambda: "no")
    patch.setenv("ACCELERATE_USE_CPU", "1")


@pytest.fixture
def write(tmp_path: Path):
    """A function that reads a YAML text as a config."""

    def write(text: str, *overrides: str):
        path = tmp_path / "run.yaml"
        path.write_text(text)
        return read(path, overrides)

    return write


@pytest.fixture
def perceptual(tmp_path: Path) -> Path:
    """A file of perceptual weights."""
    return runs.save_perceptual(tmp_path / "vgg.safetensors")


@pytest.fixture
def synthesis(tmp_path: Path, tiny_dataset, perceptual: Path) -> Path:
    """The config of a pix2pixHD run with one enhancer, three stages of two steps."""
    path = tmp_path / "synthesis.yaml"
    path.write_text(runs.SYNTHESIS.format(root=tiny_dataset(4), vgg=perceptual))
    return path


@pytest.fixture
def transfer(tmp_path: Path, perceptual: Path) -> Path:
    """The config of a transfer run: two steps of the auto-encoder, three with style."""
    root = tmp_path / "pictures"
    for name, count in (("photos", 6), ("paintings", 4), ("textures", 3)):
        runs.save_photos(root / name, count)
    path = tmp_path / "transfer.yaml"
    path.write_text(runs.TRANSFER.format(root=root, vgg=perceptual))
    return path


@pytest.fixture(scope="session")
def stylizing(tmp_path_factory) -> Path:
    """A folder with tiny checkpoints gatys and wct, and the configs of all steps of transfer."""
    folder = tmp_path_factory.mktemp("stylizing")
    configs = stylizers.write_configs(folder, runs.save_perceptual(folder / "vgg.safetensors"))
    with pytest.MonkeyPatch.context() as patch:
        settle(patch)
        patch.setattr("training.start.CHECKPOINTS", folder / "checkpoints")
        for name in ("gatys", "wct"):
            stylizers.make(configs[name], folder)
    return folder


@pytest.fixture
def steps(stylizing: Path, monkeypatch) -> Path:
    """The same folder, its checkpoints being those that runs build on."""
    monkeypatch.setattr("training.start.CHECKPOINTS", stylizing / "checkpoints")
    return stylizing
