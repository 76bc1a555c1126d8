"""Trainings of a second on the way to a stylizer, each on the checkpoint of the one before."""

from pathlib import Path

from tests.training.runs import save_photos
from training.__main__ import main as train
from training.export import main as export

DISTILL = """
task: distill
name: gatys
seed: 5
pictures: [{root}/photos, {root}/paintings]
hold_out: 1
network: {{last: relu3_1, divisor: 16}}
teacher: {{weights: {vgg}, layers: {{relu1_1: 1, relu2_1: 1, relu3_1: 1}}}}
schedule: {{preview_every: 1000, log_every: 1, ema: 0.9}}
stages:
  - {{steps: 2, batch: 2, sizes: [34, 40], crop: 32, layers: [relu1_1]}}
  - {{steps: 2, batch: 1, sizes: [36], crop: 32}}
"""

DECODER = """
task: decoder
name: wct
encoder: gatys
pictures: [{root}/photos, {root}/paintings]
hold_out: 1
layers: [relu3_1, relu1_1]
schedule: {{preview_every: 1000, log_every: 1, ema: 0.9}}
stages:
  - {{steps: 2, batch: 2, layers: [relu1_1], sizes: [34], crop: 32}}
  - {{steps: 2, batch: 2, layers: [relu3_1, relu1_1], sizes: [34, 40], crop: 32}}
"""

PAIRS = """
content: {root}/photos
styles: [{root}/paintings, {root}/textures]
hold_out: 1
autoencoder: wct
schedule: {{preview_every: 1000, log_every: 1, ema: 0.9}}
"""

ADAIN = (
    """
task: adain
name: adain
stages:
  - {{steps: 2, batch: 2, size: 34, crop: 32, style_weight: 10}}
  - {{steps: 1, batch: 2, size: 40, crop: 32, style_weight: 10}}
"""
    + PAIRS
)

LINEAR = (
    """
task: transfer
name: linear
transform: {{channels: 16, hidden: [6], width: 4}}
perceptual: {{weights: {vgg}, layers: {{relu1_1: 1, relu2_1: 1, relu3_1: 1}}}}
stages:
  - {{steps: 2, batch: 2, size: 34, crop: 32, learns: transform}}
  - {{steps: 2, batch: 2, size: 34, crop: 32, learns: decoder, reconstruction: 0.5}}
  - {{steps: 1, batch: 2, size: 34, crop: 32, learns: all, reconstruction: 0.5}}
"""
    + PAIRS
)

TEXTS = {"gatys": DISTILL, "wct": DECODER, "adain": ADAIN, "linear": LINEAR}
NEEDS = {"gatys": [], "wct": ["gatys"], "adain": ["gatys", "wct"], "linear": ["gatys", "wct"]}


def write_configs(folder: Path, vgg: Path) -> dict[str, Path]:
    """The configs of all steps, and the pictures that they name."""
    for name, count in (("photos", 6), ("paintings", 4), ("textures", 3)):
        save_photos(folder / "pictures" / name, count)
    paths = {}
    for name, text in TEXTS.items():
        paths[name] = folder / f"{name}.yaml"
        paths[name].write_text(text.format(root=folder / "pictures", vgg=vgg))
    return paths


def make(config: Path, folder: Path, *overrides: str, run: str | None = None) -> Path:
    """Trains a config and exports it to `folder`/checkpoints, which it returns."""
    place = folder / "runs" / (run or config.stem)
    assert train([str(config), *overrides, "--run", str(place)]) == 0
    assert export([str(place), "--out", str(folder / "checkpoints")]) == 0
    return folder / "checkpoints"
