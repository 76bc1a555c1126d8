"""What the page shows first is shipped, and is what the shipped checkpoints would draw."""

from dataclasses import astuple
from pathlib import Path

import pytest

from lab import images
from lab.card import CHECKPOINTS, read_card
from lab.lab import Lab
from lab.ui import first_pictures, resolution_handlers, store
from lab.ui.layouts import PRESETS
from lab.ui.store import SHIPPED, is_at_hand, keep, keep_sheet, name_of

RECIPE = {"checkpoint": {"name": "any", "digest": "0"}, "seed": 1}


@pytest.fixture
def shipped(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Pictures drawn ahead by tiny checkpoints, which stand in the place of those of the lab."""
    folder = tmp_path / "first"
    monkeypatch.setattr(store, "SHIPPED", folder)
    return first_pictures.write(lab, folder)


def refused() -> None:
    raise AssertionError("a picture was drawn that comes with the lab")


def test_what_comes_with_the_lab_is_not_drawn_again(shipped: list[Path]) -> None:
    for path in shipped:
        recipe = images.read_recipe(path)
        if view := recipe.get("view"):
            whole = path.with_name(path.name.replace(f"-{view}", ""))
            stored, said = keep_sheet(keep(images.read_recipe(whole), refused).path, view, refused)
            assert said == recipe["said"]
        else:
            stored, seconds = astuple(keep(recipe, refused))
            assert seconds == 0
        assert Path(stored).read_bytes() == path.read_bytes()
    assert sum("view" in images.read_recipe(path) for path in shipped) == 1  # tiny: no verdicts


def test_every_tab_begins_with_what_was_drawn_ahead(
    lab: Lab, shipped: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for network in (lab.synthesizer("town"), lab.stylizer("linear-fast")):
        monkeypatch.setattr(type(network), "__call__", lambda *_, **__: refused())
    monkeypatch.setattr(resolution_handlers, "stages", lambda *_: [])  # it measures, so it draws
    first_pictures.draw(lab)


def test_both_stages_are_shown_before_they_are_measured(lab: Lab) -> None:
    layout = resolution_handlers.layout_for(lab, "streets", PRESETS[0], None)
    first, *_, last = resolution_handlers.stages(lab, "streets", layout)
    assert first.stages is None
    again, then, end = resolution_handlers.stages(lab, "streets", layout)
    assert again.stages == then.stages == end.stages == last.stages
    assert [len(step.rows) for step in (again, then, end)] == [0, 1, 2]


def test_what_was_drawn_otherwise_is_not_at_hand(shipped: list[Path]) -> None:
    recipe = next(r for r in map(images.read_recipe, shipped) if "view" not in r)
    other = {**recipe["checkpoint"], "digest": "of other weights"}
    assert is_at_hand(recipe) and not is_at_hand({**recipe, "checkpoint": other})


def test_one_and_one_point_zero_name_one_picture_and_no_others() -> None:
    names = {name_of({**RECIPE, "strength": value}, ".png") for value in (1, 1.0)}
    others = {name_of({**RECIPE, "strength": value}, ".png") for value in (0.5, True, "1", 2)}
    assert len(names) == 1 and len(others) == 4 and not names & others
    seeds = {name_of({**RECIPE, "seed": 2**60 + i}, ".png") for i in range(3)}
    assert len(seeds) == 3


def test_the_shipped_pictures_are_of_the_shipped_weights() -> None:
    """Fails after a training: `python -m lab.ui.first_pictures` draws them anew."""
    paths = sorted(SHIPPED.glob("*.png"))
    assert {path.name.split("-")[1] for path in paths} == {"town", "linear"}
    for path in paths:
        recipe = images.read_recipe(path)
        kept = recipe["checkpoint"]
        assert kept["digest"] == read_card(CHECKPOINTS / kept["name"]).digest, path.name
        view = f"-{recipe.pop('view')}" if recipe.pop("said", None) else ""
        assert path.name == name_of(recipe, f"{view}.png")
