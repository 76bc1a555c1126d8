"""A folder with what the commands take."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.tiny import save_linear_fast, save_streets


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """A folder with two checkpoints, maps and pictures; the working directory of the test."""
    save_streets(tmp_path / "checkpoints")
    save_linear_fast(tmp_path / "checkpoints")
    labels = np.zeros((40, 70), np.uint8)
    labels[20:] = 3
    instances = labels.astype(np.uint16)
    for k, left in enumerate((8, 30)):
        labels[14:30, left : left + 22] = 8
        instances[14:30, left : left + 22] = 8000 + k
    labels[:4] = 255
    instances[:4] = 255
    Image.fromarray(labels).save(tmp_path / "labels.png")
    Image.fromarray(instances).save(tmp_path / "instances.png")
    rng = np.random.default_rng(0)
    for name, (width, height) in {"c": (61, 43), "s": (50, 32), "s2": (33, 47)}.items():
        pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path
