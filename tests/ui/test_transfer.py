"""The Transfer tab's handlers as plain functions."""

import os
import shutil
from dataclasses import fields, replace
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch

from lab import images
from lab.interfaces import Layout
from lab.lab import Lab
from lab.moods import MOODS
from lab.pipelines.controls import Controls, draw, encode_styles
from lab.ui import build_app, transfer_handlers, transfer_inputs, transfer_knobs
from lab.ui.drawing import decode, preset_of
from lab.ui.drawing import encode as as_drawing
from lab.ui.transfer_choices import SLOTS, STYLE_SPACE, Choices, bands, fitted, is_quick, painted
from tests.tiny import save_linear_fast, save_vgg_stylizer

FAST = Choices("linear-fast")


@pytest.fixture
def every_method(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A lab with a checkpoint of every method."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "pictures"))
    save_linear_fast(tmp_path)
    for method in ("linear", "adain", "wct", "gatys"):
        save_vgg_stylizer(tmp_path, method)
    return Lab(device="cpu", checkpoints=tmp_path)


def drawn(lab: Lab, choices: Choices, pictures: list[str | None]) -> str:
    encoded = transfer_handlers.encode(lab, choices, pictures[0], pictures[1:])
    return transfer_handlers.stylize(lab, encoded, choices).path


def pixels(path: str) -> np.ndarray:
    return np.asarray(images.open_picture(path), int)


def test_a_transfer_is_the_pipeline_itself(lab: Lab, pictures: list[str]) -> None:
    controls = Controls(weights=(0.25, 0.75), strength=0.5, colour="luminance", rank=3)
    content, *styles = (images.to_tensor(images.open_picture(path)) for path in pictures)
    stylizer = lab.stylizer("linear-fast")
    encoded = encode_styles(stylizer, styles, controls, content=content)
    expected = images.to_pil(draw(stylizer, content, encoded, controls))
    weights = (0.0, 0.25, 0.0, 0.75)
    choices = replace(FAST, weights=weights, strength=0.5, colour="luminance", rank=3)
    path = drawn(lab, choices, [pictures[0], None, pictures[1], None, pictures[2]])
    assert np.array_equal(pixels(path), np.asarray(expected, int))


CHANGES = [
    ("weights", (1.0, 0.2, 1, 1)),
    ("strength", 0.5),
    ("colour", "luminance"),
    ("colour", "matched"),
    ("style_scale", 0.5),
    ("photorealistic", True),
    ("form", "wct"),
    ("form", "adain"),
    ("rank", 1),
    ("divided", True),
]


@pytest.mark.parametrize(("name", "value"), CHANGES, ids=lambda value: str(value))
def test_every_control_is_seen_and_is_in_the_recipe(lab: Lab, pictures, name, value) -> None:
    before, after = (drawn(lab, each, pictures) for each in (FAST, replace(FAST, **{name: value})))
    assert not np.array_equal(pixels(before), pixels(after))
    assert images.read_recipe(before) != images.read_recipe(after)


@pytest.mark.parametrize(("name", "value"), [("radius", 2), ("detail", 1.0)])
def test_radius_and_detail_shape_the_photograph(lab: Lab, pictures, name: str, value) -> None:
    photo = replace(FAST, photorealistic=True)
    before, after = (
        drawn(lab, photo, pictures),
        drawn(lab, replace(photo, **{name: value}), pictures),
    )
    assert not np.array_equal(pixels(before), pixels(after))
    plain, same = drawn(lab, FAST, pictures), drawn(lab, replace(FAST, **{name: value}), pictures)
    assert plain == same  # of no use elsewhere, and so not asked for


def test_the_controls_on_the_page_are_all_there_are() -> None:
    unasked = {"eps", "tile"}  # of the filter and the memory: nothing a visitor sees
    assert {field.name for field in fields(Controls)} - unasked <= {f.name for f in fields(Choices)}


def test_the_plain_values_of_an_event_become_choices() -> None:
    values = (*[0.1, 0.2, 0.3, 0.4], 0.5, "matched", 2.0, True, 8, 0.1, "wct", 3, True, 4, None)
    choices = Choices.of("linear-fast", 384, *values)
    assert choices.weights == (0.1, 0.2, 0.3, 0.4) and choices.strength == 0.5
    assert (choices.form, choices.rank, choices.divided, choices.regions) == ("wct", 3, True, None)


def test_pictures_are_shrunk_to_the_size_and_never_enlarged(lab: Lab, pictures) -> None:
    for size, expected in ((45, (45, 30)), (512, (90, 60))):
        choices = replace(FAST, size=size)
        encoded = transfer_handlers.encode(lab, choices, pictures[0], pictures[1:])
        assert images.open_picture(encoded.content).size == expected == encoded.size


def test_a_content_that_sliders_ask_for_is_kept(lab: Lab, pictures: list[str]) -> None:
    encoded = transfer_handlers.encode(lab, FAST, pictures[0], pictures[1:])
    for strength in (0.5, 0.5):  # drawn, and there already
        os.utime(encoded.content, (1, 1))
        transfer_handlers.stylize(lab, encoded, replace(FAST, strength=strength))
        assert Path(encoded.content).stat().st_mtime > 1
    Path(encoded.content).unlink()
    with pytest.raises(gr.Error, match="choose it again"):
        transfer_handlers.stylize(lab, encoded, replace(FAST, strength=0.25))


def test_the_recipe_of_a_transfer(lab: Lab, pictures: list[str]) -> None:
    choices = replace(FAST, strength=0.5, weights=(0.5, 0, 0, 1.5))
    encoded = transfer_handlers.encode(
        lab, choices, pictures[0], [pictures[1], None, None, pictures[2]]
    )
    recipe = images.read_recipe(transfer_handlers.stylize(lab, encoded, choices).path)
    assert recipe["weights"] == [0.25, 0.75] and recipe["strength"] == 0.5
    assert [recipe["content"], *recipe["styles"]] == list(encoded.digests)


def test_nothing_happens_before_content_and_style_are_there(lab: Lab, pictures) -> None:
    assert transfer_handlers.encode(lab, FAST, pictures[0], [None] * SLOTS) is None
    assert transfer_handlers.encode(lab, FAST, None, pictures) is None
    picture, line, save = transfer_handlers.show(lab, None, FAST)
    assert picture is None and save["value"] is None and "Add" in line


def test_only_what_was_drawn_can_be_saved(lab: Lab, pictures) -> None:
    encoded = transfer_handlers.encode(lab, FAST, pictures[0], pictures[1:])
    for given, there in ((None, False), (encoded, True)):
        pair, _, save = transfer_handlers.show(lab, given, FAST)
        assert save["interactive"] == (pair is not None) == there
        assert save["value"] == (pair[1] if there else None)
    blocks = {getattr(block, "elem_id", None): block for block in build_app(lab).blocks.values()}
    assert not any(blocks[f"{name}-save"].interactive for name in ("transfer", "video", "large"))


def test_the_regions_are_told_which_stroke_is_drawn(lab: Lab, pictures) -> None:
    stroke = painted(torch.zeros(24, 32, dtype=torch.int64))
    divided = replace(FAST, divided=True, regions=stroke)
    encoded = transfer_handlers.encode(lab, divided, pictures[0], pictures[1:])
    pair, *_, update = transfer_handlers.show_stroke(lab, encoded, divided)
    assert pair == transfer_handlers.show(lab, encoded, divided)[0] is not None
    assert update["drawn"] == stroke["stamp"]


def test_a_file_that_is_no_picture_is_explained(lab: Lab, pictures, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"nothing")
    with pytest.raises(gr.Error, match=r"bad\.png"):
        transfer_handlers.encode(lab, FAST, pictures[0], [str(tmp_path / "bad.png")])


def test_weights_that_are_all_nothing_are_explained(lab: Lab, pictures) -> None:
    with pytest.raises(gr.Error, match="weights"):
        drawn(lab, replace(FAST, weights=(0, 0, 0, 0)), pictures)


def test_a_style_alone_is_drawn_whatever_its_share_was(lab: Lab, pictures) -> None:
    """Its slider is hidden, so nobody could turn it up again."""
    nothing = replace(FAST, weights=(0, 1, 1, 1))
    assert drawn(lab, nothing, pictures[:2]) == drawn(lab, FAST, pictures[:2])
    encoded = transfer_handlers.encode(lab, nothing, pictures[0], [pictures[1], None, None, None])
    assert transfer_handlers.show(lab, encoded, nothing)[0] is not None


# --- methods -------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["linear", "linear-fast", "adain", "wct"])
def test_every_method_takes_every_control(every_method: Lab, pictures, method: str) -> None:
    asked = {"form": "wct", "rank": 2, "colour": "matched", "photorealistic": True}
    choices = Choices(method, divided=True, softness=2, **asked)
    recipe = images.read_recipe(drawn(every_method, choices, pictures))
    own = method.startswith("linear")
    assert ("form" in recipe) == ("rank" in recipe) == own and recipe["photorealistic"]


def test_a_method_that_optimises_waits_for_its_button_and_takes_one_style(
    every_method: Lab, pictures
) -> None:
    choices = Choices("gatys", size=32, divided=True)
    every_method.stylizer("gatys").steps = 3
    encoded = transfer_handlers.encode(every_method, choices, pictures[0], pictures[1:])
    picture, line, save = transfer_handlers.show(every_method, encoded, choices)
    assert picture is None and "press Draw" in line and not save["interactive"]
    begun = transfer_handlers.subject(encoded, choices)
    weaker = replace(choices, strength=0.5)  # its last step may have come over that line
    assert transfer_handlers.ended(every_method, begun, encoded, weaker) == line
    *steps, (pair, line, save) = transfer_handlers.show_slowly(every_method, encoded, choices)
    assert len(steps) >= 3 and all("% drawn" in step[1] for step in steps)
    assert save["interactive"] and save["value"] == pair[1]
    assert len(images.read_recipe(pair[1])["styles"]) == 1


def test_a_drawing_that_made_way_has_nothing_to_say(lab: Lab, pictures) -> None:
    encoded = transfer_handlers.encode(lab, FAST, pictures[0], pictures[1:])
    begun = transfer_handlers.subject(encoded, FAST)
    assert "Stopped" in transfer_handlers.ended(lab, begun, encoded, replace(FAST))
    other = transfer_handlers.encode(lab, FAST, pictures[1], pictures[1:])
    for now in ((encoded, Choices("linear")), (encoded, replace(FAST, size=256)), (other, FAST)):
        assert transfer_handlers.ended(lab, begun, *now) == gr.skip()
    assert transfer_handlers.ended(lab, begun, None, FAST) == gr.skip()
    assert transfer_handlers.ended(lab, None, None, FAST) == gr.skip()


def test_whatever_draws_another_picture_ends_the_drawing_of_minutes_first(lab: Lab) -> None:
    """Gradio lets listeners to one event wait for one another, in their order."""
    app = build_app(lab)
    slowly = next(key for key, block in app.blocks.items() if block.elem_id == "slowly")
    long = next(key for key, event in app.fns.items() if (slowly, "click") in event.targets)
    slider = app.fns[long].outputs[1]
    drawing = [event for event in app.fns.values() if slider in event.outputs]
    drawing += [event for event in app.fns.values() if event.name == "encoding"]
    asking = {target for event in drawing for target in event.targets if target[0] is not None}
    assert len(asking) > SLOTS + 10
    for target in asking - {(slowly, "click")}:
        heard = [event for event in app.fns.values() if target in event.targets]
        first = next(event for event in heard if event.fn or event.js or event.cancels)
        assert long in first.cancels, app.blocks[target[0]].label


def test_what_a_method_does_not_have_is_said(every_method: Lab) -> None:
    assert [m for m in ("linear", "adain", "gatys") if is_quick(every_method, m)] == [
        "linear",
        "adain",
    ]
    about, draw_button, _, form, rank, said = transfer_knobs.switched(every_method, "gatys")
    assert "minutes" in about and draw_button["visible"] and "no learned T" in said
    assert not form["interactive"] and not rank["interactive"]
    *_, form, rank, said = transfer_knobs.switched(every_method, "linear-fast")
    assert form["interactive"] and rank["maximum"] == 8 and "rank" in said


@pytest.mark.parametrize("method", ["linear", "linear-fast", "adain", "wct", "gatys"])
def test_the_slider_of_the_rank_is_one_that_gradio_takes(every_method: Lab, method: str) -> None:
    *_, rank, _ = transfer_knobs.switched(every_method, method)
    slider = gr.Slider(1, rank["maximum"], value=rank["value"], step=1)
    assert slider.minimum <= slider.value <= slider.maximum


# --- mixing, regions, moods ----------------------------------------------------------------------


def test_a_style_goes_to_the_next_free_slot() -> None:
    first, second, third = transfer_inputs.next_free(["a", None, None], "new")
    assert second == "new" and first != "new" and third != "new"
    assert transfer_inputs.next_free(["a", "b", "c"], "new")[2] == "new"


def test_the_pad_and_sliders_show_what_there_is_to_mix() -> None:
    pad, hint, *sliders = transfer_inputs.mixed(["a", None, "c", None], [1, 1, 0.5, 1])
    assert [corner["slot"] for corner in pad["corners"]] == [0, 2] and not hint["visible"]
    assert [slider["visible"] for slider in sliders] == [True, False, True, False]
    _, hint, *sliders = transfer_inputs.mixed(["a", None, None, None], [1] * 4)
    assert hint["visible"] and not any(slider["visible"] for slider in sliders)


def test_a_region_is_drawn_in_its_own_style(lab: Lab, pictures) -> None:
    everywhere = torch.zeros(60, 90, dtype=torch.int64)
    for region in (0, 1):
        choices = replace(FAST, divided=True, regions=painted(everywhere + region))
        alone = [pictures[0], pictures[1 + region]]
        difference = pixels(drawn(lab, choices, pictures)) - pixels(drawn(lab, FAST, alone))
        assert np.abs(difference).max() <= 1


def test_regions_start_as_bands_and_are_kept_once_painted(lab: Lab, pictures) -> None:
    encoded = transfer_handlers.encode(lab, FAST, pictures[0], pictures[1:])
    update = transfer_handlers.regions_for(encoded, None)
    value = update["value"]
    assert preset_of(value) == 2 and (value["w"], value["h"]) == (384, 256)
    assert [each["name"] for each in update["domain"]["classes"]] == ["Style 1", "Style 2"]
    assert update["backdrop"] == encoded.content
    assert "value" not in transfer_handlers.regions_for(encoded, value)
    touched = as_drawing(bands((0, 1), (384, 256)))
    assert "value" not in transfer_handlers.regions_for(encoded, touched)
    third = transfer_handlers.encode(lab, FAST, pictures[0], [*pictures[1:], pictures[0]])
    assert preset_of(transfer_handlers.regions_for(third, value)["value"]) == 3


def test_a_map_fitted_to_another_content_is_kept_and_no_stroke(lab: Lab, pictures) -> None:
    """It comes back from the page as if somebody had painted it, so its number says who made it."""
    encoded = transfer_handlers.encode(lab, FAST, pictures[0], pictures[1:])
    painted_on = as_drawing(bands((1, 0), (384, 256)))
    turned = replace(encoded, size=(60, 90))
    once = transfer_handlers.regions_for(turned, painted_on)["value"]
    assert preset_of(painted_on) is None and preset_of(once) is not None
    assert (once["w"], once["h"]) == (256, 384) and labels_of(once) == [1, 0]
    back = transfer_handlers.regions_for(encoded, once)["value"]
    assert preset_of(back) is not None and labels_of(back) == [1, 0]


def regions_after(lab: Lab, pictures: list[str], slots, value: dict) -> dict:
    """The painter's update once there are styles in these slots."""
    paths = [pictures[slot % len(pictures)] if slot in slots else None for slot in range(SLOTS)]
    encoded = transfer_handlers.encode(lab, FAST, pictures[0], paths)
    return transfer_handlers.regions_for(encoded, value)


def labels_of(value: dict) -> list[int]:
    """The ids of a map from left to right."""
    return decode(value, STYLE_SPACE).labels[0, 0].unique_consecutive().tolist()


CHANGED = [
    ((0, 1, 2, 3), (0, 2, 3), [0, 2, 3]),  # Style 2 is removed: its region goes to Style 1
    ((0, 2), (0, 1, 2), [0, 2]),  # Style 2 is added: nobody's region becomes its
    ((0, 1, 2), (1, 2), [1, 2]),  # Style 1 is removed: there is none before it
    ((0, 1, 3), (0, 1), [0, 1]),
]


@pytest.mark.parametrize(("before", "after", "expected"), CHANGED)
def test_a_region_stays_its_styles_when_others_come_and_go(
    lab: Lab, pictures, before, after, expected
) -> None:
    value = as_drawing(bands(before, (384, 256)))  # without a number: somebody painted this
    update = regions_after(lab, pictures, after, value)
    assert labels_of(update.get("value", value)) == expected
    assert ("value" in update) == (not set(before) <= set(after))
    assert [each["id"] for each in update["domain"]["classes"]] == list(after)
    assert update["domain"]["blank"]["rows"] == [after[0]]
    masks = Choices("linear-fast", divided=True, regions=value).masks(after, (256, 384))
    where = decode(value, STYLE_SPACE).labels[0]
    for mask, slot in zip(masks, after, strict=True):
        heirs = [b for b in before if max([a for a in after if a <= b], default=after[0]) == slot]
        assert torch.equal(mask.bool(), torch.isin(where, torch.tensor(heirs, dtype=torch.int64)))


def test_untouched_bands_follow_the_styles(lab: Lab, pictures) -> None:
    first = regions_after(lab, pictures, (0, 1), None)["value"]
    assert labels_of(first) == [0, 1]
    moved = regions_after(lab, pictures, (0, 2), first)["value"]
    assert labels_of(moved) == [0, 2] and preset_of(moved) is not None
    assert "value" not in regions_after(lab, pictures, (0, 2), moved)


def test_a_map_of_regions_without_a_style_is_the_nearest_ones() -> None:
    nothing = as_drawing(Layout(*[torch.full((1, 16, 16), 255)] * 2, STYLE_SPACE))
    assert fitted(nothing, (0, 2), (16, 16)).labels.unique().tolist() == [2]


def test_a_map_that_is_none_is_explained(lab: Lab, pictures) -> None:
    with pytest.raises(gr.Error, match="drawing"):
        drawn(lab, replace(FAST, divided=True, regions={"w": 1}), pictures)


def test_a_mood_sets_its_picture_and_its_controls() -> None:
    for index, name in enumerate(MOODS):
        said, style, *rest, photorealistic, _, _, colour = transfer_inputs.mood_of(index)
        assert said == Path(style).stem == name and Path(style).is_file()
        assert rest == [None] * (SLOTS - 1)
        assert photorealistic and colour == "style"


@pytest.mark.parametrize("another", [True, False], ids=["another style", "none"])
def test_what_a_mood_set_goes_with_it(pictures: list[str], another: bool, tmp_path: Path) -> None:
    name, style, *values = transfer_inputs.mood_of(0)
    photo = values[SLOTS - 1 :]
    style = shutil.copy(style, tmp_path / "cached.jpg")  # Gradio serves a copy of its own
    path = pictures[1] if another else None
    skipped = [gr.skip()] * 4
    left = transfer_inputs.mood_left
    assert left(name, path, *photo) == (None, False, 0, 0, "style")
    assert list(left(name, path, True, 8, 0, "style")) == [None, *skipped]  # turned since
    for still in ((name, style), (None, path), (None, style)):
        assert list(left(*still, *photo)) == [gr.skip(), *skipped]
