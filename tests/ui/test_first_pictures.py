"""What the page shows first is shipped, and is what the shipped checkpoints would draw."""

import json
from dataclasses import astuple
from pathlib import Path

import pytest

from lab import images
from lab.card import CHECKPOINTS, read_card
from lab.lab import Lab
from lab.ui import compare_scenes as scenes
from lab.ui import first_pictures, resolution_handlers, store
from lab.ui.compare_ahead import layout_key, opening, recall, styles_key
from lab.ui.compare_ahead import name_of as comparison_name
from lab.ui.compare_drawing import SEED, SIZE, first_pair
from lab.ui.compare_transfer import usual
from lab.ui.layouts import PRESETS
from lab.ui.store import SHIPPED, file_at_hand, is_at_hand, keep, keep_sheet, name_of

OPENED = "streets", scenes.sources("streets")[0], SEED  # the only domain with tiny checkpoints
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
        recipe = images.read_recipe(path) if path.suffix == ".png" else None
        if recipe is None:  # what comparisons hold their pictures against, and their numbers
            assert file_at_hand(path.name).read_bytes() == path.read_bytes()
            continue
        if view := recipe.get("view"):
            whole = path.with_name(path.name.replace(f"-{view}", ""))
            stored, said = keep_sheet(keep(images.read_recipe(whole), refused).path, view, refused)
            assert said == recipe["said"]
        else:
            stored, seconds = astuple(keep(recipe, refused))
            assert seconds == 0
        assert Path(stored).read_bytes() == path.read_bytes()
    recipes = [images.read_recipe(path) or {} for path in shipped if path.suffix == ".png"]
    assert sum("view" in recipe for recipe in recipes) == 1  # tiny: no verdicts


def test_every_tab_begins_with_what_was_drawn_ahead(
    lab: Lab, shipped: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for network in (lab.synthesizer("town"), lab.stylizer("linear-fast")):
        monkeypatch.setattr(type(network), "__call__", lambda *_, **__: refused())
    monkeypatch.setattr(resolution_handlers, "stages", lambda *_: [])  # it measures, so it draws
    monkeypatch.setattr(first_pictures, "compare", lambda *_: None)  # so does this
    first_pictures.draw(lab)


def test_compare_opens_with_what_was_drawn_and_scored_ahead(
    lab: Lab, shipped: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both its tabs: the same pictures and numbers as were drawn, and nothing drawn again."""
    pair = (*first_pair(), SIZE, ["linear-fast"])
    for key, told in ((layout_key(lab, *OPENED), 1), (styles_key(lab, *pair), 3)):
        known = recall(key)
        assert len(known.rows) == told
        assert all(images.open_picture(each.path).size == each.size for each in known.pictures)
        ((state, _, table, _, line),) = opening(lambda *_: refused(), lambda *_, key=key: key)()
        assert state == known and len(table["data"]) == told and "before your visit" in line


def test_compare_draws_what_was_not_drawn_ahead(lab: Lab, shipped: list[Path]) -> None:
    for key in (
        layout_key(lab, *OPENED[:2], SEED + 1),
        layout_key(lab, "streets", scenes.sources("streets")[1], SEED),
        layout_key(lab, "streets", scenes.DRAWING, SEED),
        styles_key(lab, *first_pair(), 256, ["linear-fast"]),
        styles_key(lab, *first_pair()[::-1], SIZE, ["linear-fast"]),
        styles_key(lab, *first_pair(), SIZE, []),
        styles_key(lab, None, first_pair()[1], SIZE, ["linear-fast"]),
    ):
        assert recall(key) is None
        assert list(opening(lambda *given: iter([given]), lambda *_, key=key: key)(5)) == [(5,)]


def test_a_comparison_without_one_of_its_pictures_is_drawn(lab: Lab, shipped: list[Path]) -> None:
    key = layout_key(lab, *OPENED)
    for folder in (store.SHIPPED, Path(recall(key).pictures[-1].path).parent):
        (folder / Path(recall(key).pictures[-1].path).name).unlink()
        missing = recall(key) is None
    assert missing


def test_both_stages_are_shown_before_they_are_measured(lab: Lab) -> None:
    layout = resolution_handlers.layout_for(lab, "streets", PRESETS[0], None)
    first, *_, last = resolution_handlers.stages(lab, "streets", layout)
    assert first.stages is None
    again, then, end = resolution_handlers.stages(lab, "streets", layout)
    assert again.stages == then.stages == end.stages == last.stages
    assert [len(step.rows) for step in (again, then, end)] == [0, 1, 2]


def test_what_was_drawn_otherwise_is_not_at_hand(shipped: list[Path]) -> None:
    paths = [path for path in shipped if path.suffix == ".png"]
    recipe = next(r for r in map(images.read_recipe, paths) if r and "view" not in r)
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
    checkpoints = set()
    for path in sorted(SHIPPED.glob("atelier-*.png")):
        recipe = images.read_recipe(path)
        kept = recipe["checkpoint"]
        assert kept["digest"] == read_card(CHECKPOINTS / kept["name"]).digest, path.name
        view = f"-{recipe.pop('view')}" if recipe.pop("said", None) else ""
        assert path.name == name_of(recipe, f"{view}.png")
        checkpoints.add(kept["name"])
    assert checkpoints == {
        *("town", "town-pix2pix", "town-crn", "town-palette"),
        *("linear", "linear-fast", "adain", "wct"),
    }


def test_the_shipped_comparisons_are_those_that_compare_opens_with() -> None:
    """Of the shipped weights and judge, of the layouts and pictures as they are drawn today."""
    lab = Lab(device="cpu")
    layout = scenes.domains(lab)[0], scenes.sources(scenes.domains(lab)[0])[0], SEED
    keys = layout_key(lab, *layout), styles_key(lab, *first_pair(), SIZE, usual(lab))
    assert {path.name for path in SHIPPED.glob("*.json")} == {comparison_name(k) for k in keys}
    told = json.loads((SHIPPED / comparison_name(keys[0])).read_text(encoding="utf-8"))
    drawn = [each["path"] for each in told["pictures"] if each["drawn"]]
    scene = scenes.scene_of(lab, *layout[:2])
    for name in drawn:
        recipe = images.read_recipe(SHIPPED / name)
        assert recipe["labels"] == images.digest(scene.layout.labels)
        assert recipe["instances"] == images.digest(scene.layout.instances)
