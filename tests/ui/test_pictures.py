"""Pictures are drawn once, carry their recipe, and the recipe makes them again."""

import os
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from gradio.data_classes import ImageData
from PIL import Image

import app
from lab import images
from lab.card import read_card
from lab.data.streets import STREETS
from lab.interfaces import Layout
from lab.lab import Lab
from lab.ui.components import upload
from lab.ui.layouts import PRESETS, preset
from lab.ui.pictures import Looks, coarse, synthesize
from lab.ui.store import (
    keep,
    keep_cut,
    keep_file,
    keep_image,
    keep_sheet,
    keep_view,
    still_kept,
    sweep,
    sweeping,
)


@pytest.fixture
def layout() -> Layout:
    return preset(PRESETS[0], (64, 32), STREETS)


def test_the_recipe_makes_the_same_bytes_again(lab: Lab, layout: Layout) -> None:
    looks = Looks(seed=5)
    first = Path(synthesize(lab, "streets", layout, looks).path)
    recipe, bytes_of_first = images.read_recipe(first), first.read_bytes()
    first.unlink()
    styles = {int(instance): cluster for instance, cluster in recipe["styles"].items()}
    again = synthesize(lab, "streets", layout, Looks(styles, recipe["seed"]))
    assert Path(again.path).read_bytes() == bytes_of_first


def test_the_recipe_names_everything_the_picture_was_made_of(lab: Lab, layout: Layout) -> None:
    recipe = images.read_recipe(synthesize(lab, "town", layout, Looks()).path)
    card = read_card(lab.checkpoints / "town")
    assert recipe["checkpoint"] == {"name": "town", "digest": card.digest}
    assert recipe["labels"] == images.digest(layout.labels)
    assert recipe["instances"] == images.digest(layout.instances)
    assert recipe["size"] == [64, 32] and recipe["seed"] is None
    assert set(map(int, recipe["styles"])) == set(layout.instances.unique().tolist())


def test_a_picture_is_drawn_once(lab: Lab) -> None:
    drawn: list[int] = []

    def draw() -> torch.Tensor:
        drawn.append(1)
        return torch.rand(1, 3, 8, 8)

    recipe = {"checkpoint": {"name": "any", "digest": "0"}, "seed": 1}
    first, second = keep(recipe, draw), keep(recipe, draw)
    assert first.path == second.path and len(drawn) == 1 and second.seconds == 0
    keep(recipe, draw, measured=True)
    assert len(drawn) == 2
    assert keep({**recipe, "seed": 2}, draw).path != first.path


def test_looks_of_objects_that_are_gone_do_not_matter(lab: Lab, layout: Layout) -> None:
    plain = synthesize(lab, "streets", layout, Looks())
    assert synthesize(lab, "streets", layout, Looks({64999: 2})).path == plain.path


def test_another_look_is_another_picture(lab: Lab, layout: Layout) -> None:
    road = layout.space.index("road")
    paths = {synthesize(lab, "streets", layout, Looks({road: k})).path for k in range(4)}
    assert len(paths) == 4


def test_the_coarse_stage_is_kept_apart_and_smaller(lab: Lab, layout: Layout) -> None:
    fine, rough = (f(lab, "streets", layout, Looks()).path for f in (synthesize, coarse))
    assert images.open_picture(fine).size == (64, 32)
    assert images.open_picture(rough).size == (32, 16)
    assert images.read_recipe(rough)["stage"] == "coarse"


def test_a_cut_holds_the_pixels_and_the_recipe_of_its_picture(lab: Lab, layout: Layout) -> None:
    path = synthesize(lab, "streets", layout, Looks()).path
    cut = keep_cut(path, (10, 5, 40, 25))
    whole, part = (np.asarray(images.open_picture(p)) for p in (path, cut))
    assert np.array_equal(part, whole[5:25, 10:40])
    assert images.read_recipe(cut) == {**images.read_recipe(path), "view": "10-5-40-25"}


def test_a_kept_file_is_never_written_again(lab: Lab, layout: Layout) -> None:
    path = Path(keep_image("square", lambda: Image.new("RGB", (8, 8), "red")))
    inode = path.stat().st_ino
    assert keep_image("square", lambda: pytest.fail("made again")) == str(path)
    drawn = Path(synthesize(lab, "streets", layout, Looks()).path)
    place = drawn.stat().st_ino
    synthesize(lab, "streets", layout, Looks(), measured=True)
    assert path.stat().st_ino == inode and drawn.stat().st_ino == place


def test_an_upload_that_is_used_counts_as_new(tmp_path: Path) -> None:
    file = tmp_path / "sent.png"
    file.write_bytes(b"a picture")
    os.utime(file, (0, 0))
    assert upload("Content").preprocess(ImageData(path=str(file))) == str(file)
    assert file.stat().st_mtime > time.time() - 60
    assert upload("Content").preprocess(None) is None


def test_sweeping_removes_the_old_and_what_is_too_many(tmp_path: Path) -> None:
    for k in range(6):
        (tmp_path / f"{k}.png").touch()
        os.utime(tmp_path / f"{k}.png", (time.time() - 100 * k,) * 2)
    sweep(tmp_path, age=450)
    assert sorted(p.stem for p in tmp_path.iterdir()) == ["0", "1", "2", "3", "4"]
    sweep(tmp_path, age=450, most=2)
    assert sorted(p.stem for p in tmp_path.iterdir()) == ["0", "1"]


def old_file(name: str) -> Path:
    """One that nobody has asked for in a long time."""
    path = Path(keep_file(name, lambda path: path.write_bytes(b"")))
    os.utime(path, (1, 1))
    return path


def goes(path: Path) -> bool:
    """Whether a file is removed within a few seconds."""
    end = time.monotonic() + 20
    while path.exists() and time.monotonic() < end:
        time.sleep(0.01)
    return not path.exists()


def test_old_files_go_though_nobody_draws(lab: Lab) -> None:
    left, young = old_file("left.png"), Path(keep_file("young.png", lambda p: p.write_bytes(b"")))
    with sweeping(every=0.01):
        assert goes(left) and goes(old_file("later.png")) and young.exists()
    assert not [thread for thread in threading.enumerate() if thread.name == "sweeping"]


def test_the_app_sweeps_while_it_is_served(lab: Lab, tmp_path: Path, monkeypatch) -> None:
    left, swept = old_file("left.png"), []
    page = SimpleNamespace(launch=lambda **options: swept.append(goes(left)))
    monkeypatch.setattr(app, "build_app", lambda lab: page)
    monkeypatch.setattr(sys, "argv", ["app.py", "--device", "cpu", "--checkpoints", str(tmp_path)])
    app.main()
    assert swept == [True]


def test_a_view_of_a_picture_that_was_put_away_says_what_to_do(lab: Lab) -> None:
    path = keep_image("gone", lambda: Image.new("RGB", (8, 8)))
    whole = keep_view(path, "whole", lambda picture: picture)
    Path(path).unlink()
    assert keep_view(path, "whole", lambda picture: pytest.fail("made again")) == whole
    for make in (
        lambda: keep_view(path, "other", lambda picture: picture),
        lambda: keep_sheet(path, "sheet", lambda: pytest.fail("made of nothing")),
    ):
        with pytest.raises(FileNotFoundError, match="draw or choose it again") as raised:
            make()
        assert "/" not in str(raised.value)


def test_asking_keeps_a_picture_longer(lab: Lab) -> None:
    path = Path(keep_image("old", lambda: Image.new("RGB", (8, 8))))
    os.utime(path, (1, 1))
    keep_image("old", lambda: pytest.fail("made again"))
    assert path.stat().st_mtime > time.time() - 60
    os.utime(path, (1, 1))
    assert still_kept(str(path)) == str(path)
    assert path.stat().st_mtime > time.time() - 60
    path.unlink()
    with pytest.raises(FileNotFoundError, match="choose it again"):
        still_kept(str(path))
