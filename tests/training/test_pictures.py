"""Pictures for style transfer: what is drawn for one thing tells nothing of the others."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lab.data.photos import Photos
from training.pictures import Pairs, Singles

SIZE, CROP, EPOCHS = 64, 32, 40


@pytest.fixture
def ramps(tmp_path: Path) -> Path:
    """Eight pictures whose red tells the row, green the column and blue which picture it is."""
    row, column = np.mgrid[:SIZE, :SIZE].astype(np.uint8)
    for number in range(8):
        pixels = np.stack([row, column, np.full_like(row, 10 * number)], -1)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    return tmp_path


def told(picture: torch.Tensor) -> tuple[float, float, float, float]:
    """Top row, left column, number, and 1 for a mirrored window, else 0."""
    red, green, blue = (255 * picture).round()
    mirrored = green[0, 0] > green[0, -1]
    return float(red[0, 0]), float(green.min()), float(blue[0, 0] / 10), float(mirrored)


def correlations(rows: list[tuple[float, ...]]) -> np.ndarray:
    """The largest absolute correlation of two columns that vary."""
    found = np.corrcoef(np.array(rows).T)
    return np.abs(found - np.eye(len(found))).max()


def test_a_mirror_does_not_tell_which_part_of_a_picture_is_seen(ramps: Path) -> None:
    data = Singles(Photos(ramps, size=SIZE, crop=CROP, seed=3), seed=3)
    drawn = [told(data[epoch, index]) for epoch in range(EPOCHS) for index in range(len(data))]
    assert {mirrored for *_, mirrored in drawn} == {0, 1}
    assert correlations(drawn) < 0.2  # of 320 independent ones, .2 would be 3.6 deviations


def test_a_style_does_not_tell_which_part_of_the_content_is_seen(ramps: Path) -> None:
    contents, styles = (Photos(ramps, size=SIZE, crop=CROP, seed=3) for _ in range(2))
    data, drawn = Pairs(contents, styles, seed=3), []
    for epoch in range(EPOCHS):
        for index in range(len(data)):
            pair = data[epoch, index]
            drawn.append((*told(pair["content"]), *told(pair["style"])))
    assert {style for *_, style, _ in drawn} == set(range(8))
    assert correlations(drawn) < 0.2


def test_what_is_drawn_follows_from_seed_epoch_and_index(ramps: Path) -> None:
    def item(seed: int, epoch: int) -> torch.Tensor:
        return Singles(Photos(ramps, size=SIZE, crop=CROP, seed=seed), seed=seed)[epoch, 5]

    assert torch.equal(item(1, 2), item(1, 2))
    assert not torch.equal(item(1, 2), item(1, 3)) and not torch.equal(item(1, 2), item(2, 2))
