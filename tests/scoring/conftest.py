"""A folder with photographs, and tiny checkpoints of every method that draws them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.tiny import save_crn, save_judge, save_palette, save_streets


@pytest.fixture
def checkpoints(tmp_path: Path) -> Path:
    """A judge, a palette, a pix2pixHD and a CRN of streets."""
    root = tmp_path / "checkpoints"
    for save in (save_streets, save_crn, save_palette, save_judge):
        save(root)
    return root


@pytest.fixture
def data(tiny_dataset: Callable[..., Path]) -> Path:
    """Six pairs to validate on, the first rows without a class."""
    root = tiny_dataset(6, split="val")
    for path in sorted((root / "val_label").iterdir()):
        labels = np.asarray(Image.open(path)).copy()
        labels[:3] = 11  # void
        Image.fromarray(labels).save(path)
    return root
