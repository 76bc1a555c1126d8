"""The sheet of all looks."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lab.analysis.swatches import swatch
from lab.checkpoint import load
from lab.images import read_recipe, to_pil
from tests.tiny import CLUSTERS, save_linear_fast, save_streets
from training.swatches import HEAD, MARGIN, contact_sheet, main


@pytest.fixture
def place(tmp_path: Path) -> Path:
    save_streets(tmp_path, enhancers=0)
    save_linear_fast(tmp_path)
    return tmp_path


def test_the_sheet_has_a_row_per_class_and_a_column_per_cluster(place: Path) -> None:
    pipeline = load("streets", device="cpu", root=place)
    sheet = contact_sheet(pipeline, swatch_size=(24, 18))
    across, down = 24 + MARGIN, 18 + 20 + MARGIN
    assert sheet.size == (HEAD + CLUSTERS * across + MARGIN, 10 * down + MARGIN)  # class 0 has none
    for row, label, cluster in ((0, 1, 0), (7, 8, 3)):
        left, top = HEAD + cluster * across, MARGIN + row * down
        cell = np.asarray(sheet.crop((left, top, left + 24, top + 18)))
        drawn = to_pil(swatch(pipeline, label, cluster, size=(24, 18)))
        assert np.array_equal(cell, np.asarray(drawn))


def test_the_command_writes_a_picture_that_says_what_it_is(place: Path, monkeypatch) -> None:
    monkeypatch.setattr("training.swatches.SWATCH", (16, 12))
    assert main([str(place / "streets"), "--out", str(place / "s.png"), "--device", "cpu"]) == 0
    assert read_recipe(place / "s.png")["kind"] == "swatches"
    assert Image.open(place / "s.png").size[0] > HEAD


@pytest.mark.parametrize(
    ("name", "out", "sentence"),
    [
        ("linear-fast", "s.png", "has no looks"),
        ("streets", "s.jpg", "--out must end in .png"),
        ("streets", "none/s.png", "does not exist"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(place, capsys, name, out, sentence) -> None:
    assert main([str(place / name), "--out", str(place / out), "--device", "cpu"]) == 2
    error = capsys.readouterr().err
    assert sentence in error and error.count("\n") == 1
    assert not list(place.glob("s.*"))
