"""The Draw tab's handlers as plain functions."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from lab import images
from lab.data.faces import FACES
from lab.data.streets import STREETS
from lab.interfaces import Layout
from lab.lab import Lab
from lab.ui import build_app, draw_wiring
from lab.ui import draw_handlers as handlers
from lab.ui import looks as look
from lab.ui.components import at_index
from lab.ui.drawing import decode, encode
from lab.ui.layouts import LAYOUTS, PRESETS, preset
from lab.ui.painter import domain
from lab.ui.pictures import START, Desk, Looks

ROAD, CAR = STREETS.index("road"), STREETS.index("car")


@pytest.fixture
def drawing() -> dict:
    """A road under sky (class 0, which has no looks) with two cars on it."""
    labels = torch.zeros(1, 48, 80, dtype=torch.int64)
    labels[:, 24:] = ROAD
    instances = labels.clone()
    for k, left in enumerate((10, 50)):
        labels[:, 28:40, left : left + 16] = CAR
        instances[:, 28:40, left : left + 16] = CAR * 1000 + k
    return encode(Layout(labels, instances, STREETS))


# --- painting ------------------------------------------------------------------------------------


def test_painting_shows_a_picture_of_the_drawing(lab: Lab, drawing: dict) -> None:
    desk, path, objects, line = handlers.paint(lab, "town", drawing, Looks())
    assert images.open_picture(path).size == (80, 48)
    assert desk == Desk(drawing, "town", Looks(), path)
    assert {instance for _, instance in objects["choices"]} == {ROAD, 8000, 8001}
    assert "80 × 48" in line and 'role="status"' in line


def test_the_menu_keeps_the_selected_object_while_it_is_there(lab: Lab, drawing: dict) -> None:
    for selected, shown in ((8001, 8001), (9000, None), (0, None)):
        *_, objects, _ = handlers.paint(lab, "town", drawing, Looks(selected=selected))
        assert objects["value"] == shown


def test_an_object_that_is_gone_is_not_selected_on_the_desk(lab: Lab, drawing: dict) -> None:
    looks = Looks({9000: 1}, selected=9000, locked=frozenset({9000}))
    desk, *_ = handlers.paint(lab, "town", drawing, looks)
    assert desk.looks == replace(looks, selected=None)
    *_, locked = handlers.remember([], desk)
    assert not locked


def test_only_programs_are_told_of_a_drawing_with_other_classes(lab: Lab) -> None:
    labels = torch.zeros(1, 40, 40, dtype=torch.int64)
    for handler in (handlers.paint, handlers.sketch):
        with pytest.raises(gr.Error, match="classes of 'faces'") as told:
            handler(lab, "town", encode(Layout(labels, labels, FACES)), Looks())
        assert not told.value.visible


def test_a_broken_drawing_is_explained(lab: Lab) -> None:
    with pytest.raises(gr.Error, match="pixels"):
        handlers.paint(lab, "town", {"w": 3}, Looks())


def test_a_missing_checkpoint_is_explained(lab: Lab, drawing: dict) -> None:
    with pytest.raises(gr.Error, match="faces"):
        handlers.paint(lab, "faces", drawing, Looks())


def test_the_history_is_short_newest_first_and_without_twins(tmp_path: Path) -> None:
    history: list[Desk] = []
    for k in [*range(12), 7]:
        path = tmp_path / f"{k}.png"
        path.touch()
        desk = Desk({"w": 64, "h": 32}, "town", Looks(), str(path))
        history, shown, newest, *_ = handlers.remember(history, desk)
    assert newest == shown[0] == str(tmp_path / "7.png")
    assert len(shown) == len(set(shown)) == handlers.HISTORY


def test_pictures_that_were_cleaned_up_leave_the_history(tmp_path: Path) -> None:
    gone = Desk({}, "town", Looks(), str(tmp_path / "gone.png"))
    assert handlers.remember([gone], None)[:3] == ([], [], None)


def test_an_earlier_picture_comes_back_whole(lab: Lab, drawing: dict) -> None:
    desk, *_ = handlers.paint(lab, "streets", drawing, Looks({8000: 2}, seed=3))
    update, name, looks, seed = handlers.restore(lab, [desk], 0)
    assert torch.equal(decode(update["value"], STREETS).labels, decode(drawing, STREETS).labels)
    assert (name, looks, seed) == ("streets", desk.looks, "3")
    with pytest.raises(gr.Error):
        handlers.restore(lab, [desk], 1)


def test_no_object_is_selected_in_a_drawing_that_comes_back(lab: Lab, drawing: dict) -> None:
    desk, *_ = handlers.paint(lab, "town", drawing, Looks({8000: 2}, seed=3, selected=8000))
    for _, _, looks, _ in (handlers.restore(lab, [desk], 0), handlers.adopt(lab, desk, [])):
        assert looks == Looks({8000: 2}, seed=3)


def test_the_painter_is_told_which_of_its_drawings_is_drawn(lab: Lab, drawing: dict) -> None:
    desk, *_ = handlers.paint(lab, "town", {**drawing, "stamp": 12}, Looks())
    _, _, _, update, _ = handlers.remember([], desk)
    assert update["drawn"] == 12


# --- where drawings come from --------------------------------------------------------------------


def test_a_preset_has_the_size_of_the_checkpoint(lab: Lab) -> None:
    update, looks, seed = handlers.load_preset(lab, "town", PRESETS[2])
    layout = decode(update["value"], STREETS)
    assert layout.size == (64, 32) and looks == START and seed == str(START.seed)
    assert torch.equal(layout.labels, preset(PRESETS[2], (64, 32), STREETS).labels)


@pytest.mark.parametrize("seed", [7, None])
def test_another_layout_keeps_the_seed_and_nothing_of_single_objects(lab: Lab, seed) -> None:
    before = Looks({8000: 1}, seed=seed, selected=8000, locked=frozenset({8000}))
    _, looks, shown = handlers.load_preset(lab, "town", PRESETS[1], before)
    assert looks == Looks(seed=seed) and handlers.seeded_looks(Looks(), shown) == looks


def test_the_first_drawing_is_a_preset(lab: Lab) -> None:
    assert handlers.first_drawing(lab, "town")["preset"] == PRESETS[0]


def test_every_preset_has_a_thumbnail(lab: Lab) -> None:
    shown = handlers.preset_thumbnails(lab, "town")
    assert len(shown) == len(PRESETS) and all(words for _, words in shown)


def test_switching_makes_a_preset_anew_and_stretches_anything_else(lab: Lab, drawing: dict) -> None:
    kept, *_ = handlers.switch(lab, "streets", handlers.first_drawing(lab, "town"))
    assert kept["value"]["preset"] == PRESETS[0]
    stretched, *_ = handlers.switch(lab, "streets", drawing)
    assert stretched["value"]["preset"] is None
    assert decode(stretched["value"], STREETS).size == (64, 32)


@pytest.mark.parametrize("label", [3, 18], ids=["an id that streets have", "one they lack"])
def test_a_map_painted_with_other_classes_makes_room_for_a_layout_of_these(lab: Lab, label) -> None:
    labels = torch.full((1, 40, 40), label)
    update, looks, seed = handlers.switch(lab, "town", encode(Layout(labels, labels, FACES)))
    made = preset(PRESETS[0], (64, 32), STREETS)
    assert torch.equal(decode(update["value"], STREETS).labels, made.labels)
    assert update["value"]["preset"] == PRESETS[0] and update["domain"]["name"] == "streets"
    assert (looks, seed) == (START, str(START.seed))


def test_a_layout_of_another_domain_is_made_anew_in_this_one(lab: Lab) -> None:
    portrait = encode(preset(PRESETS[2], (40, 40), FACES), preset=PRESETS[2])
    update, *_ = handlers.switch(lab, "town", portrait)
    assert update["value"]["preset"] == PRESETS[2]
    assert decode(update["value"], STREETS).size == (64, 32)


def test_whatever_is_put_on_the_painter_brings_its_classes(lab: Lab, tmp_path: Path) -> None:
    Image.fromarray(np.full((40, 60), ROAD, np.uint8)).save(tmp_path / "labels.png")
    for update, *_ in (
        handlers.load_preset(lab, "town", PRESETS[1]),
        handlers.load_upload(lab, "town", str(tmp_path / "labels.png"), None),
    ):
        assert update["domain"] == domain(STREETS)


def test_an_unknown_preset_is_taken_as_a_drawing(lab: Lab, drawing: dict) -> None:
    update, *_ = handlers.switch(lab, "streets", {**drawing, "preset": LAYOUTS})
    assert update["value"]["preset"] is None


def test_an_upload_arrives_on_the_canvas(lab: Lab, tmp_path: Path) -> None:
    ids = np.full((40, 60), ROAD, np.uint8)
    ids[10:20, 10:30] = CAR
    Image.fromarray(ids).save(tmp_path / "labels.png")
    update, *_ = handlers.load_upload(lab, "town", str(tmp_path / "labels.png"), None)
    assert np.array_equal(decode(update["value"], STREETS).labels[0].numpy(), ids)
    with pytest.raises(gr.Error, match="label map"):
        handlers.load_upload(lab, "town", None, None)


def test_a_saved_map_of_the_largest_size_comes_back_as_it_was(lab: Lab, tmp_path: Path) -> None:
    ids = np.full((1024, 2048), ROAD, np.uint8)
    ids[::2, ::2] = CAR  # anything shrunk would lose it
    Image.fromarray(ids).save(tmp_path / "labels.png")
    update, *_ = handlers.load_upload(lab, "town", str(tmp_path / "labels.png"), None)
    assert np.array_equal(decode(update["value"], STREETS).labels[0].numpy(), ids)


@pytest.mark.parametrize("size", [(1600, 1400), (4000, 40)])
def test_a_larger_map_is_shrunk_to_what_the_painter_takes(lab: Lab, tmp_path: Path, size) -> None:
    Image.fromarray(np.full(size[::-1], ROAD, np.uint8)).save(tmp_path / "labels.png")
    update, *_ = handlers.load_upload(lab, "town", str(tmp_path / "labels.png"), None)
    assert decode(update["value"], STREETS).size[0] < size[0]


# --- looks ---------------------------------------------------------------------------------------


def test_random_looks_come_with_the_seed_that_repeats_them(lab: Lab, drawing: dict) -> None:
    looks, seed = handlers.random_looks(Looks({8000: 1}, selected=8000))
    assert looks == Looks(seed=int(seed), selected=8000)
    assert handlers.seeded_looks(Looks(selected=8000), f" {seed} ") == looks


def test_no_seed_means_the_usual_looks() -> None:
    assert handlers.seeded_looks(Looks({1: 2}, seed=4), "") == Looks({1: 2})
    assert handlers.reset_looks(Looks({1: 2}, seed=4, selected=1)) == (Looks(selected=1), "")


@pytest.mark.parametrize("seed", ["-1", "1.5", "abc", "9" * 40, "²"])
def test_other_seeds_are_explained(seed: str) -> None:
    with pytest.raises(gr.Error, match="whole number"):
        handlers.seeded_looks(Looks(), seed)


def test_a_click_finds_the_object_under_it(lab: Lab, drawing: dict) -> None:
    for point, instance in (([12, 30], 8000), ([55, 30], 8001), ([79, 47], ROAD), ([0, 0], 0)):
        assert look.picked(lab, "town", {**drawing, "point": point}) == instance
    for point in (None, [80, 0], "0,0"):
        with pytest.raises(gr.Error, match="No point"):
            look.picked(lab, "town", {**drawing, "point": point})


def test_the_sentence_says_how_many_looks_there_are(lab: Lab, drawing: dict) -> None:
    thing, said = look.focus(lab, "town", drawing, 8001)
    assert thing.name == "car 2" and "4 looks" in said
    assert "only one look" in look.focus(lab, "town", drawing, 0)[1]
    with pytest.raises(gr.Error, match="no longer"):
        look.focus(lab, "town", drawing, 12345)


def test_previews_grow_one_by_one_and_show_the_object(lab: Lab, drawing: dict) -> None:
    shown = list(look.previews(lab, "town", drawing, Looks(selected=8000)))
    assert [len(step) for step in shown] == [0, 1, 2, 3, 4]
    pictures = [np.asarray(Image.open(path)) for path, _ in shown[-1]]
    assert all(not np.array_equal(pictures[0], other) for other in pictures[1:])


def test_there_are_no_previews_without_an_object(lab: Lab, drawing: dict) -> None:
    for selected in (None, 0, 4321):
        assert list(look.previews(lab, "town", drawing, Looks(selected=selected))) == [[]]


def test_the_clicked_look_goes_to_the_selected_object(lab: Lab, drawing: dict) -> None:
    looks = Looks({8000: 1}, seed=2, selected=8001)
    chosen = look.choose_look(lab, "town", drawing, looks, index=3)
    assert chosen.choice == {8000: 1, 8001: 3}
    with pytest.raises(gr.Error, match="No object"):
        look.choose_look(lab, "town", drawing, Looks(), index=0)
    with pytest.raises(gr.Error, match="no longer in the drawing"):  # deleted since it was picked
        look.choose_look(lab, "town", drawing, Looks(selected=12345), index=0)


def test_a_gallery_listener_passes_the_index_on() -> None:
    listener = at_index(lambda value, index: (value, index))
    assert listener("kept", SimpleNamespace(index=4)) == ("kept", 4)


def test_what_another_tab_laid_on_the_desk_comes_to_the_painter_once(lab: Lab) -> None:
    drawing = handlers.first_drawing(lab, "streets")
    desk, *_ = handlers.paint(lab, "streets", drawing, Looks({8000: 2}, seed=3))
    update, name, looks, seed = handlers.adopt(lab, desk, [])
    assert (name, looks, seed) == ("streets", desk.looks, "3")
    assert decode(update["value"], lab.synthesizer("streets").space).size == (64, 32)
    for own in (handlers.adopt(lab, desk, [desk]), handlers.adopt(lab, None, [])):
        assert own == (gr.skip(),) * 4


# --- the tab -------------------------------------------------------------------------------------


def test_whatever_brings_another_drawing_takes_away_what_goes_with_the_one_before(lab: Lab) -> None:
    with build_app(lab) as app:
        parts = {block.elem_id: block for block in app.blocks.values() if block.elem_id}
    canvas, gallery, seed = parts["painter"], parts["look-gallery"], "Seed of the looks"
    bring = [
        event
        for event in app.fns.values()
        if canvas in event.outputs and seed in [getattr(o, "label", "") for o in event.outputs]
    ]
    # a thumbnail, by lot, an upload, another checkpoint, the last pictures, the desk, a saved one
    assert len(bring) == 7
    for event in bring:
        assert gallery in event.outputs and len(event.outputs) == len(set(event.outputs))


def test_no_looks_stay_on_show_but_where_no_drawing_came() -> None:
    shown = draw_wiring._anew(({"value": 1}, "looks", "2"))
    assert shown == ({"value": 1}, "looks", "2", [], look.NOTHING_PICKED, None)
    assert draw_wiring._anew(({"value": 1},), "photo.png")[-1] == "photo.png"
    assert draw_wiring._anew((gr.skip(), gr.skip())) == (gr.skip(),) * 5


def test_a_field_that_is_left_as_it_was_asks_for_nothing() -> None:
    looks = Looks({8000: 1}, seed=4, selected=8000)
    nothing = (gr.skip(), gr.skip())
    assert draw_wiring.sown(looks, " 4 ") == draw_wiring.listed(8000, looks) == nothing
    assert draw_wiring.listed(None, looks) == nothing
    assert draw_wiring.sown(looks, "5")[0] == replace(looks, seed=5)
    assert draw_wiring.listed(8001, looks)[0][0] == 8001
    with pytest.raises(gr.Error, match="whole number"):
        draw_wiring.sown(looks, "five")


def test_an_object_that_is_let_go_takes_its_looks_along() -> None:
    looks, menu, gallery, hint, locked = draw_wiring.let_go(Looks({1: 2}, selected=1))
    assert looks == Looks({1: 2}) and menu["value"] is None
    assert (gallery, hint, locked) == ([], look.NOTHING_PICKED, False)


def test_a_look_that_comes_late_leaves_with_the_next_picture() -> None:
    assert draw_wiring.unpicked(Looks()) == ([], look.NOTHING_PICKED)
    assert draw_wiring.unpicked(Looks(selected=7)) == (gr.skip(), gr.skip())
