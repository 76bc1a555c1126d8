"""Looks that are kept, copied and read from photographs; sizes; what stands beside a picture."""

from dataclasses import replace
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from lab import images
from lab.data.streets import STREETS
from lab.interfaces import Layout
from lab.lab import Lab
from lab.ui import draw_beside
from lab.ui import draw_handlers as handlers
from lab.ui import looks as look
from lab.ui.drawing import decode, encode
from lab.ui.layouts import LAYOUTS, PRESETS, preset
from lab.ui.pictures import Looks

ROAD, CAR = STREETS.index("road"), STREETS.index("car")
FIRST, SECOND = CAR * 1000, CAR * 1000 + 1


@pytest.fixture
def drawing() -> dict:
    """Two cars on a road under a sky."""
    labels = torch.zeros(1, 48, 80, dtype=torch.int64)
    labels[:, 24:] = ROAD
    instances = labels.clone()
    for instance, left in ((FIRST, 10), (SECOND, 50)):
        labels[:, 28:40, left : left + 16] = CAR
        instances[:, 28:40, left : left + 16] = instance
    return encode(Layout(labels, instances, STREETS))


def drawn_looks(lab: Lab, drawing: dict, looks: Looks) -> dict[int, int]:
    """The look every object really gets."""
    layout = decode(drawing, STREETS)
    return lab.synthesizer("town").choose(layout, looks.choice, looks.seed)


def test_a_locked_look_stays_while_all_others_are_drawn_anew(lab: Lab, drawing: dict) -> None:
    begun = Looks(seed=3, selected=FIRST)
    kept = look.lock(lab, "town", drawing, begun, on=True)
    before = drawn_looks(lab, drawing, begun)
    assert drawn_looks(lab, drawing, kept) == before
    for looks in (
        handlers.random_looks(kept)[0],
        handlers.seeded_looks(kept, "77"),
        handlers.reset_looks(kept)[0],
    ):
        assert drawn_looks(lab, drawing, looks)[FIRST] == before[FIRST]
        assert looks.locked == {FIRST}
    free = look.lock(lab, "town", drawing, kept, on=False)
    assert not free.locked and handlers.random_looks(free)[0].choice == {}


@pytest.mark.parametrize("seed", [None, 0, 3, 11])
def test_the_look_an_object_has_is_known_off_the_gpu(lab: Lab, drawing, seed, monkeypatch) -> None:
    chosen = Looks({SECOND: 2}, seed=seed)
    expected = drawn_looks(lab, drawing, chosen)
    monkeypatch.setattr(lab, "synthesizer", lambda name: pytest.fail("the network was asked for"))
    for instance in (ROAD, FIRST, SECOND):
        looks = replace(chosen, selected=instance)
        copied, _ = look.copy(lab, "town", drawing, looks)
        kept = look.lock(lab, "town", drawing, looks, on=True)
        assert copied.cluster == kept.choice[instance] == expected[instance]


def test_what_was_only_chosen_is_drawn_anew() -> None:
    looks = Looks({FIRST: 1, SECOND: 2}, locked=frozenset({SECOND}))
    assert handlers.random_looks(looks)[0].choice == {SECOND: 2}
    assert handlers.reset_looks(looks)[0].choice == {SECOND: 2}


def test_a_look_is_copied_to_another_object_of_the_class(lab: Lab, drawing: dict) -> None:
    copied, said = look.copy(lab, "town", drawing, Looks(seed=3, selected=FIRST))
    assert "car 1" in said
    looks = look.paste(lab, "town", drawing, Looks(seed=3, selected=SECOND), copied=copied)
    looked = drawn_looks(lab, drawing, looks)
    assert looked[FIRST] == looked[SECOND]


def test_a_look_is_not_copied_elsewhere(lab: Lab, drawing: dict) -> None:
    copied, _ = look.copy(lab, "town", drawing, Looks(selected=FIRST))
    cases = [("town", ROAD, copied), ("streets", SECOND, copied), ("town", SECOND, None)]
    for name, selected, given in cases:
        with pytest.raises(gr.Error):
            look.paste(lab, name, drawing, Looks(selected=selected), copied=given)
    for selected in (None, 12345, 0):
        with pytest.raises(gr.Error):
            look.copy(lab, "town", drawing, Looks(selected=selected))
    with pytest.raises(gr.Error):
        look.lock(lab, "town", drawing, Looks(), on=True)


def test_the_looks_of_a_photograph_are_taken_over(lab: Lab, drawing: dict, tmp_path: Path) -> None:
    ids = decode(drawing, STREETS).labels[0].numpy().astype(np.uint8)
    Image.fromarray(ids).save(tmp_path / "labels.png")
    pixels = np.random.default_rng(0).integers(0, 256, (96, 160, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    labels, photo = str(tmp_path / "labels.png"), str(tmp_path / "photo.png")
    update, looks, seed, original = handlers.load_upload(lab, "town", labels, None, photo=photo)
    layout = decode(update["value"], STREETS)
    picture = images.resize(images.to_tensor(images.open_picture(photo)), layout.size)
    assert looks.choice == lab.synthesizer("town").assign(picture, layout) and looks.choice
    assert looks.seed is None and seed == ""
    assert images.open_picture(original).size == layout.size


def test_a_quick_picture_is_half_as_large_and_says_of_which_drawing(lab: Lab, drawing) -> None:
    path, objects, update, line = handlers.sketch(lab, "town", {**drawing, "stamp": 12}, Looks())
    assert images.open_picture(path).size == (40, 24)
    assert update["sketched"] == 12 and "follows" in line
    assert {FIRST, SECOND} <= {instance for _, instance in objects["choices"]}


def test_a_map_takes_the_sizes_of_its_checkpoint(lab: Lab, drawing: dict) -> None:
    first = handlers.first_drawing(lab, "town")
    assert [factor for _, factor in handlers.sizes(lab, "town")] == [1, 2, 4]
    assert handlers.size_choice(lab, "town", first)["value"] == 1
    same = gr.skip()
    assert (
        handlers.enlarge(lab, "town", first, 1)
        == same
        == handlers.enlarge(lab, "town", first, None)
    )
    larger = handlers.enlarge(lab, "town", first, 2)["value"]
    assert torch.equal(
        decode(larger, STREETS).labels, preset(PRESETS[0], (128, 64), STREETS).labels
    )
    assert handlers.size_choice(lab, "town", larger)["value"] == 2
    stretched = handlers.enlarge(lab, "town", drawing, 2)["value"]
    assert (stretched["w"], stretched["h"], stretched["preset"]) == (128, 64, None)
    assert handlers.size_choice(lab, "town", drawing)["value"] is None


def test_any_layout_by_lot_is_one_that_can_be_made_again(lab: Lab) -> None:
    numbers = {handlers.random_layout() for _ in range(20)}
    assert len(numbers) > 15 and max(numbers) < LAYOUTS
    number = numbers.pop()
    update, *_ = handlers.load_preset(lab, "town", number, factor=2)
    assert update["value"]["preset"] == number and update["value"]["w"] == 128
    with pytest.raises(gr.Error, match="layouts"):
        handlers.load_preset(lab, "town", LAYOUTS)


def test_beside_the_picture_stands_what_was_asked_for(lab: Lab, drawing: dict) -> None:
    desks = [handlers.paint(lab, "town", drawing, Looks(seed=k))[0] for k in (2, 1)]
    pair, _ = draw_beside.beside(lab, desks, draw_beside.BEFORE, None)
    assert pair == (desks[1].picture, desks[0].picture)
    (left, right), _ = draw_beside.beside(lab, desks, draw_beside.LABELS, None)
    colours = torch.from_numpy(np.array(images.open_picture(left)))
    assert torch.equal(STREETS.decode(colours), decode(drawing, STREETS).labels[0])
    assert right == desks[0].picture
    pair, _ = draw_beside.beside(lab, desks, draw_beside.PHOTO, "photo.png")
    assert pair == ("photo.png", desks[0].picture)


def test_where_there_is_nothing_to_compare_the_reason_is_said(lab: Lab, drawing: dict) -> None:
    desk, *_ = handlers.paint(lab, "town", drawing, Looks())
    for history, kind in (([], draw_beside.LABELS), ([desk], draw_beside.BEFORE), ([desk], "x")):
        pair, said = draw_beside.beside(lab, history, kind, None)
        assert pair is None and said.endswith(".")
    assert draw_beside.beside(lab, [desk], draw_beside.PHOTO, None)[0] is None
