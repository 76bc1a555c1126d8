"""Presets with their own example pictures."""

import numpy as np
import pytest
from PIL import Image

from lab.images import open_picture
from lab.moods import MOODS, SIZE, draw, mood, night, write


@pytest.mark.parametrize("name", MOODS)
def test_every_mood_has_its_picture_as_its_script_draws_it(name) -> None:
    shipped = open_picture(MOODS[name].style(name))
    assert shipped.size == SIZE
    drawn = np.asarray(draw(name), float)
    assert np.abs(np.asarray(shipped, float) - drawn).mean() < 6  # of 255; JPEG's loss
    assert MOODS[name].style(name).stat().st_size < 150_000


def test_moods_keep_photographs_photographs() -> None:
    assert all(each.controls.photorealistic for each in MOODS.values())


def test_a_night_is_dark_blue_and_lit_by_its_own_lamps() -> None:
    labels = np.zeros((48, 64), int)
    labels[24:] = 3
    labels[10:30, 30] = 2  # a pole
    photo = np.random.default_rng(0).uniform(0.3, 0.9, (48, 64, 3))
    dark = night(photo, labels, np.where(labels == 2, 2000, labels))
    assert dark.min() >= 0 and dark.max() <= 1 and dark.mean() < 0.5 * photo.mean()
    away, lamp = dark[40:, :5].mean((0, 1)), dark[8:12, 28:33].mean((0, 1))
    assert away[2] > away[0] and lamp[0] > lamp[2] and lamp.mean() > away.mean()
    assert np.array_equal(dark, night(photo, labels, np.where(labels == 2, 2000, labels)))


def test_an_unknown_mood_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="There is no mood 'dawn'; choose one of: night, sunset"):
        mood("dawn")


def test_pictures_are_written_by_name(tmp_path) -> None:
    write(tmp_path)
    assert sorted(path.stem for path in tmp_path.iterdir()) == sorted(MOODS)
    with Image.open(tmp_path / "night.jpg") as picture:
        assert picture.size == SIZE
