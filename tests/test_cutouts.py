"""Pictures with transparent parts: their colours are those that are stored, laid over nothing."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lab.cutouts import open_cutout, open_style
from lab.images import fit, open_picture, to_tensor


def rgba(path: Path, colours: np.ndarray, alpha: np.ndarray) -> Path:
    Image.fromarray(np.dstack((colours, alpha)).astype(np.uint8)).save(path)
    return path


def test_what_shows_keeps_its_colours_and_what_does_not_takes_the_nearest(tmp_path: Path) -> None:
    colours = np.random.default_rng(0).integers(0, 256, (9, 20, 3))
    alpha = np.zeros((9, 20), int)
    alpha[:, 2:5], alpha[:, 15:] = 255, 200
    alpha[:, 5] = 1  # shows next to nothing, and lends its colour to nobody
    cutout = open_cutout(rgba(tmp_path / "a.png", colours, alpha))
    found = (cutout.picture[0] * 255).round().permute(1, 2, 0).numpy()
    assert np.array_equal(found[alpha > 0], colours[alpha > 0])
    assert np.array_equal(np.asarray(cutout.alpha), alpha)
    for column, nearest in ((0, 2), (1, 2), (6, 4), (8, 4), (12, 15), (14, 15)):
        assert np.array_equal(found[:, column], colours[:, nearest])
    torch.testing.assert_close(cutout.mask, torch.from_numpy(alpha / 255).float())


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
def test_an_opaque_picture_is_read_as_ever(tmp_path: Path, mode: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    Image.fromarray(pixels).convert(mode).save(tmp_path / "a.png")
    for longest in (None, 25):
        cutout = open_cutout(tmp_path / "a.png", longest=longest)
        plain = open_picture(tmp_path / "a.png")
        expected = to_tensor(plain if longest is None else fit(plain, longest))
        assert torch.equal(cutout.picture, expected)
        assert cutout.alpha is None and cutout.mask is None


@pytest.mark.parametrize("longest", [None, 16])
def test_a_cutout_that_is_saved_is_read_as_it_was(tmp_path: Path, longest: int | None) -> None:
    colours = np.random.default_rng(0).integers(0, 256, (24, 32, 3))
    alpha = np.zeros((24, 32), int)
    alpha[4:14, 6:20] = np.linspace(1, 255, 14)
    first = open_cutout(rgba(tmp_path / "a.png", colours, alpha), longest=longest)
    first.image.save(tmp_path / "b.png")
    again = open_cutout(tmp_path / "b.png")
    assert torch.equal(again.picture, first.picture) and again.digest == first.digest


def test_shrinking_leaves_no_rim_of_what_was_hidden(tmp_path: Path) -> None:
    """Red on hidden green: every colour that comes back is red."""
    colours = np.zeros((40, 40, 3), int)
    colours[..., 1] = 255
    colours[:, :17] = (200, 0, 0)
    alpha = np.where(np.arange(40) < 17, 255, 0) * np.ones((40, 1), int)
    cutout = open_cutout(rgba(tmp_path / "a.png", colours, alpha), longest=16)
    assert torch.equal(cutout.picture[0, 1:], torch.zeros(2, 16, 16))


def test_nothing_at_all_is_white_and_no_style(tmp_path: Path) -> None:
    path = rgba(tmp_path / "a.png", np.zeros((8, 8, 3)), np.zeros((8, 8)))
    assert open_cutout(path).picture.min() == 1
    with pytest.raises(ValueError, match=r"a\.png is wholly transparent, so it has no style;"):
        open_style(path)


def test_the_digest_is_of_opacity_too(tmp_path: Path) -> None:
    colours = np.full((8, 8, 3), 90)
    alphas = [np.full((8, 8), value) for value in (255, 128, 127)]
    paths = [rgba(tmp_path / f"{k}.png", colours, alpha) for k, alpha in enumerate(alphas)]
    assert len({open_cutout(path).digest for path in paths}) == 3
