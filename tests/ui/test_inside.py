"""Inside: what it shows belongs to the visitor's last picture, and says what is missing."""

from dataclasses import replace
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from lab.data.parts import OF_STREETS, parts
from lab.data.parts.facades import BAY, GROUND_FLOOR, STOREY
from lab.data.places import places
from lab.images import read_recipe
from lab.lab import Lab
from lab.ui import inside
from lab.ui import inside_handlers as handlers
from lab.ui.drawing import encode
from lab.ui.layouts import PRESETS, preset
from lab.ui.pictures import Desk, Looks
from lab.ui.training_record import film


@pytest.fixture
def shown(lab: Lab) -> handlers.Subject:
    space = lab.synthesizer("streets").space
    drawing = encode(preset(PRESETS[1], (64, 32), space))
    desk = Desk(drawing, "streets", Looks(seed=3), "")
    return handlers.subject(lab, "town", desk)


def pixels(path: str) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def test_the_subject_is_the_visitors_picture_or_a_preset(lab: Lab, shown) -> None:
    assert shown.name == "streets" and read_recipe(shown.path)["seed"] == 3
    first = handlers.subject(lab, "town", None)
    assert first.name == "town" and Path(first.path).is_file()


def test_the_planes_together_cover_every_pixel_once(lab: Lab, shown) -> None:
    planes = handlers.planes(lab, shown)
    assert (sum(pixels(path).astype(int) for path, _ in planes) == 255).all()
    shares = [float(caption.split("·")[1].strip(" %")) for _, caption in planes]
    assert shares == sorted(shares, reverse=True) and sum(shares) == pytest.approx(100, rel=0.05)


def test_places_are_shown_where_the_generator_sees_them(lab: Lab, shown, monkeypatch) -> None:
    assert handlers.place_maps(lab, shown) == []
    generator = lab.synthesizer("streets").generator
    monkeypatch.setattr(generator, "config", replace(generator.config, places=True))
    maps = handlers.place_maps(lab, shown)
    assert [said for _, said in maps] == list(handlers.PLACES)
    across, down, wide, high = (pixels(path)[..., 0] / 255 for path, _ in maps)
    found = places(shown.layout.instances)[0].numpy()
    for plane, expected in zip((2 * across - 1, 2 * down - 1, wide, high), found, strict=True):
        np.testing.assert_allclose(plane, expected, atol=0.01)


def test_parts_are_shown_as_waves_and_in_white(lab: Lab, shown, monkeypatch) -> None:
    generator = lab.synthesizer("streets").generator
    both = {"places": True, "parts": True}
    monkeypatch.setattr(generator, "config", replace(generator.config, **both))
    maps = handlers.place_maps(lab, shown)[len(handlers.PLACES) :]
    assert [said for _, said in maps] == list(OF_STREETS.told)
    layout = shown.layout
    planes = parts(layout.labels, layout.instances, layout.space)[0]
    walls = (planes[1] > 0).numpy()
    assert walls.any() and not walls.all()
    lattice = (planes[[0, 2]] - torch.tensor([GROUND_FLOOR, 0])[:, None, None]).numpy()
    *waves, (windows, _) = maps
    for (path, _), plane, period in zip(waves, lattice, (STOREY, BAY), strict=True):
        wave = pixels(path)[..., 0] / 127.5 - 1
        assert np.abs(wave[~walls]).max() < 0.01
        crisp = walls & (planes[1].numpy() < 25)
        np.testing.assert_allclose(
            wave[crisp], np.cos(2 * np.pi * plane[crisp] / period), atol=0.02
        )
    greys = set(np.unique(pixels(windows)[..., 0][crisp]))
    assert greys == {0, 128, 255} or greys == {0, 127, 255}  # wall, frame, panes


def test_the_pooled_map_has_one_colour_per_object(lab: Lab, shown) -> None:
    *_, (path, _) = handlers.looks_maps(lab, shown)
    pooled, ids = pixels(path), shown.layout.instances[0].numpy()
    for instance in np.unique(ids):
        assert len(np.unique(pooled[ids == instance], axis=0)) == 1


def test_every_layer_has_a_sheet_that_is_drawn_once(lab: Lab, shown) -> None:
    for layer in handlers.layer_names(lab, shown.name):
        path, said = handlers.layer_sheet(lab, shown, layer)
        assert read_recipe(path)["view"].startswith("layer-") and "channels" in said
        assert handlers.layer_sheet(lab, shown, layer)[0] == path
    for unknown in ("G7", "../G1", "x" * 5000):
        with pytest.raises(gr.Error, match="No layer is called"):
            handlers.layer_sheet(lab, shown, unknown)


def test_what_is_there_is_neither_computed_again_nor_told_otherwise(
    lab: Lab, shown, monkeypatch
) -> None:
    def asked() -> tuple:
        sheet = handlers.layer_sheet(lab, shown, "G1, halving 1")
        return sheet, handlers.looks_maps(lab, shown), handlers.planes(lab, shown)

    first = asked()
    for name in ("encode", "__call__"):
        monkeypatch.setattr(type(lab.synthesizer("streets")), name, None)  # works no more
    assert asked() == first


def test_without_discriminators_there_is_nothing_to_choose(lab: Lab, shown) -> None:
    assert handlers.score_names(lab, shown.name) == []
    with pytest.raises(gr.Error, match="without its discriminators"):
        handlers.score_sheet(lab, shown, "0.0")


def test_a_record_without_drawings_says_so(lab: Lab, tmp_path: Path) -> None:
    for file in (lab.checkpoints / "streets").iterdir():
        (tmp_path / "streets").mkdir(exist_ok=True)
        (tmp_path / "streets" / file.name).write_bytes(file.read_bytes())
    history = tmp_path / "streets" / "history.jsonl"
    history.write_text('{"step": 1, "generator/gan": 1.0}\n')
    elsewhere = Lab(device="cpu", checkpoints=tmp_path)
    hidden, said, figure = inside.record(elsewhere, "streets")
    assert hidden["visible"] is False and "No drawings" in said and len(figure.data) == 1
    Image.new("RGB", (8, 8)).save(tmp_path / "streets" / "previews.jpg")
    strip, said, _ = inside.record(elsewhere, "streets")
    assert strip["visible"] is True and "row by row" in said


def test_the_strip_is_served_wherever_the_checkpoints_lie(lab: Lab, tmp_path: Path) -> None:
    """Gradio hands out files of its own cache; a strip that is replaced has another name."""
    folder = tmp_path / "elsewhere" / "streets"
    folder.mkdir(parents=True)
    (folder / "card.json").write_bytes((lab.checkpoints / "streets" / "card.json").read_bytes())
    elsewhere, paths = Lab(device="cpu", checkpoints=folder.parent), []
    for grey in (0, 255):
        Image.new("L", (8, 8), grey).save(folder / "previews.jpg")
        paths.append(Path(film(elsewhere, "streets")))
        assert paths[-1].read_bytes() == (folder / "previews.jpg").read_bytes()
    assert paths[0] != paths[1]
    assert {path.parent for path in paths} == {tmp_path / "pictures" / "atelier"}
