"""What many tests need: a small class table, a small street, small files, and a fixed seed."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from lab.data.labels import Label, LabelSpace


@pytest.fixture(autouse=True)
def seed() -> int:
    """Every test starts from the same random state; networks this small want one thread."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    np.random.seed(0)
    return 0


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of data beside the repository; tests that need it are skipped without it."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip(f"needs the data folder {folder.name}/ beside the repository")
    return folder


@pytest.fixture(scope="session")
def tiny_space() -> LabelSpace:
    """Six classes; trees and cars are countable."""
    return LabelSpace(
        "tiny",
        (
            Label("sky", (70, 130, 180)),
            Label("building", (70, 70, 70)),
            Label("road", (128, 64, 128)),
            Label("pavement", (244, 35, 232)),
            Label("tree", (107, 142, 35), countable=True),
            Label("car", (0, 0, 142), countable=True),
        ),
    )


@pytest.fixture
def tiny_layout() -> tuple[Tensor, Tensor]:
    """Labels and instances (1, 32, 64): a street of rectangles with two trees and two cars."""
    labels = torch.zeros(1, 32, 64, dtype=torch.int64)
    labels[:, 8:20, 4:60] = 1
    labels[:, 20:24] = 3
    labels[:, 24:] = 2
    instances = labels.clone()
    objects = {4000: (10, 22, 8, 12), 4001: (10, 22, 48, 52), 5000: (24, 29, 16, 26)}
    objects[5001] = (24, 29, 26, 36)  # touches the other car: only the instances tell them apart
    for instance, (top, bottom, left, right) in objects.items():
        labels[:, top:bottom, left:right] = instance // 1000
        instances[:, top:bottom, left:right] = instance
    return labels, instances


@pytest.fixture
def tiny_dataset(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes pairs in the pix2pixHD layout and returns their folder.

    Label maps of 48x32 hold the classes 0, 3 and 8 of eleven, instance maps the ids 8000 and 8001;
    every photo encodes its label map: red is the label times 20, green the column, blue the row.
    """

    def write(count: int = 4, *, split: str = "train", instances: bool = True) -> Path:
        root = tmp_path / "pairs"
        for kind in ("label", "img", *(("inst",) if instances else ())):
            (root / f"{split}_{kind}").mkdir(parents=True, exist_ok=True)
        for k in range(count):
            labels, objects = street(k)
            name = f"frame_{k:03}.png"
            Image.fromarray(labels.astype(np.uint8)).save(root / f"{split}_label" / name)
            if instances:
                Image.fromarray(objects.astype(np.uint16)).save(root / f"{split}_inst" / name)
            rows, columns = np.indices(labels.shape)
            photo = np.stack((labels * 20, columns, rows), axis=-1).astype(np.uint8)
            Image.fromarray(photo).save(root / f"{split}_img" / name)
        return root

    def street(k: int) -> tuple[np.ndarray, np.ndarray]:
        labels = np.zeros((32, 48), dtype=np.int64)
        labels[16:] = 3
        objects = labels.copy()
        for j, left in enumerate((4 + k, 20 + k)):
            labels[14:22, left : left + 12] = 8
            objects[14:22, left : left + 12] = 8000 + j
        return labels, objects

    return write
