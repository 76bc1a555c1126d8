"""Contents and styles with transparent parts in the Transfer tab."""

from dataclasses import replace
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from lab.lab import Lab
from lab.ui import transfer_handlers, transfer_large
from lab.ui.transfer_choices import Choices

CHOICES = Choices("linear-fast")


@pytest.fixture
def cutout(tmp_path: Path) -> str:
    """Random colours, a third of them hidden, and a row that half shows."""
    stored = np.random.default_rng(0).integers(0, 256, (32, 48, 4), dtype=np.uint8)
    stored[:, :16, 3] = 0
    stored[20] = (255, 0, 0, 128)
    Image.fromarray(stored).save(tmp_path / "cutout.png")
    return str(tmp_path / "cutout.png")


def test_what_shows_keeps_its_colours_at_strength_zero(lab: Lab, pictures, cutout) -> None:
    asked = replace(CHOICES, strength=0.0)
    encoded = transfer_handlers.encode(lab, asked, cutout, [pictures[1]])
    ways = {
        "page": transfer_handlers.stylize(lab, encoded, asked).path,
        "large": transfer_large.make(lab, cutout, asked, [pictures[1]])(lambda _: None).path,
        "beside it": encoded.content,
    }
    stored = np.asarray(Image.open(cutout))
    shown = stored[..., 3] > 0
    for path in ways.values():
        found = np.asarray(Image.open(path))
        assert np.array_equal(found[..., 3], stored[..., 3])
        assert np.array_equal(found[shown], stored[shown])


def test_contents_of_other_opacity_are_drawn_anew(lab: Lab, pictures, cutout, tmp_path) -> None:
    other = Image.open(cutout).copy()
    other.putalpha(200)
    other.save(tmp_path / "other.png")
    paths = set()
    for content in (cutout, str(tmp_path / "other.png")):
        encoded = transfer_handlers.encode(lab, CHOICES, content, [pictures[1]])
        paths.add(transfer_handlers.stylize(lab, encoded, CHOICES).path)
    assert len(paths) == 2


def test_of_a_style_only_what_shows_is_taken(lab: Lab, pictures, tmp_path: Path) -> None:
    stored = np.random.default_rng(0).integers(0, 256, (64, 64, 4), dtype=np.uint8)
    stored[..., 3] = 0
    stored[:16, :16] = (40, 20, 30, 255)
    Image.fromarray(stored).save(tmp_path / "cutout.png")
    Image.fromarray(stored[:16, :16, :3]).resize((64, 64)).save(tmp_path / "dark.png")
    drawn = []
    for name in ("cutout", "dark"):
        style = [str(tmp_path / f"{name}.png")]
        encoded = transfer_handlers.encode(lab, CHOICES, pictures[0], style)
        large = transfer_large.make(lab, pictures[0], CHOICES, style)(lambda _: None)
        paths = (transfer_handlers.stylize(lab, encoded, CHOICES).path, large.path)
        drawn.append([np.asarray(Image.open(path), int) for path in paths])
    for shown, whole in zip(*drawn, strict=True):
        assert abs(shown - whole).mean() < 1


def test_a_style_that_shows_nothing_is_one_sentence(lab: Lab, pictures, tmp_path: Path) -> None:
    Image.new("RGBA", (32, 32)).save(tmp_path / "nothing.png")
    with pytest.raises(gr.Error, match=r"nothing\.png is wholly transparent"):
        transfer_handlers.encode(lab, CHOICES, pictures[0], [str(tmp_path / "nothing.png")])
