"""Saved drawings: what was saved comes back, and nothing else is believed."""

import json
from dataclasses import replace
from typing import Any

import gradio as gr
import pytest
import torch

from lab.data.streets import STREETS
from lab.lab import Lab
from lab.ui import draw_handlers as handlers
from lab.ui.draw_projects import opened, saved
from lab.ui.drawing import decode, encode
from lab.ui.layouts import LAYOUTS, PRESETS, preset
from lab.ui.pictures import Looks

NAMES = ["town", "streets"]
CARS = (8000, 8001)


@pytest.fixture
def project(lab: Lab) -> dict[str, Any]:
    """What the painter packs of a preset with three chosen looks, one of them locked."""
    layout = preset(PRESETS[0], (64, 32), STREETS)
    cars = [one for one in layout.instances.unique().tolist() if one >= 1000][:3]
    looks = Looks(choice=dict.fromkeys(cars, 1), seed=5, locked=frozenset(cars[:1]))
    desk, *_ = handlers.paint(lab, "streets", encode(layout, preset=PRESETS[0]), looks)
    kept = saved(desk)
    drawing = desk.drawing
    packed = {"atelier": 1, "domain": "streets", **kept, "drawing": drawing, "looks": kept["looks"]}
    return json.loads(json.dumps(packed))


def test_a_saved_drawing_comes_back_whole(lab: Lab, project) -> None:
    update, name, looks, seed = opened(lab, NAMES, "town", {"opened": project})
    layout = decode(update["value"], STREETS)
    expected = preset(PRESETS[0], (64, 32), STREETS)
    assert torch.equal(layout.labels, expected.labels)
    assert torch.equal(layout.instances, expected.instances)
    assert update["value"]["opened"] and update["domain"]["name"] == "streets"
    assert (name, seed) == ("streets", "5")
    assert {str(one): cluster for one, cluster in looks.choice.items()} == project["looks"][
        "choice"
    ]
    assert sorted(looks.locked) == project["looks"]["locked"] and len(looks.locked) == 1


def test_a_link_may_name_a_layout_instead_of_its_map(lab: Lab, project) -> None:
    short = {**project, "drawing": {"w": 64, "h": 32, "preset": 77}}
    update, *_ = opened(lab, NAMES, "town", {"opened": short})
    made = preset(77, (64, 32), STREETS)
    assert torch.equal(decode(update["value"], STREETS).instances, made.instances)
    assert update["value"]["preset"] == 77


def test_a_checkpoint_that_is_gone_is_replaced_by_one_of_the_same_classes(
    lab: Lab, project
) -> None:
    gone = {**project, "checkpoint": "gone"}
    assert opened(lab, NAMES, "town", {"opened": gone})[1] == "town"
    with pytest.raises(gr.Error, match="not installed"):
        opened(lab, NAMES, "town", {"opened": {**gone, "domain": "faces"}})


def test_a_drawing_saved_before_its_domain_was_drawn_once_is_not_read_in_other_classes(
    lab: Lab, project
) -> None:
    early = {**project, "domain": "faces"}  # names the checkpoint that drew the domain before
    with pytest.raises(gr.Error, match="'faces'"):
        opened(lab, NAMES, "town", {"opened": early})


@pytest.mark.parametrize(
    "looks",
    [
        None,
        [],
        "usual",
        {"choice": [1]},
        {"choice": {"8000": 99}, "locked": [8000]},
        {"choice": {"8000": -1, "8001": True, "x": 0, "99999": 0}, "seed": 1.5, "locked": ["8000"]},
        {"choice": {}, "seed": 10**30, "locked": {"8000": 1}},
    ],
)
def test_looks_that_do_not_exist_are_left_out(lab: Lab, project, looks: Any) -> None:
    *_, kept, seed = opened(lab, NAMES, "town", {"opened": {**project, "looks": looks}})
    assert kept == Looks() and seed == ""


@pytest.mark.parametrize(
    "change",
    [
        {"drawing": None},
        {"drawing": {}},
        {"drawing": {"w": 64, "h": 32, "preset": LAYOUTS}},
        {"drawing": {"w": 64, "h": 32, "preset": -1}},
        {"drawing": {"w": 9999, "h": 32, "preset": 1}},
        {"drawing": {"preset": 1}},
        {"drawing": {"w": 64, "h": 32, "labels": [99, 2048], "instances": [0, 2048]}},
    ],
)
def test_other_drawings_are_refused_in_a_sentence(lab: Lab, project, change) -> None:
    with pytest.raises(gr.Error) as error:
        opened(lab, NAMES, "town", {"opened": {**project, **change}})
    assert str(error.value).endswith(".") or error.value.message.endswith(".")


@pytest.mark.parametrize("value", [None, {}, {"opened": None}, {"opened": [1]}, "text"])
def test_nothing_saved_is_said_so(lab: Lab, value: Any) -> None:
    with pytest.raises(gr.Error, match="no saved drawing"):
        opened(lab, NAMES, "town", value)


def test_the_pace_is_seconds_per_pixel(lab: Lab) -> None:
    drawing = encode(preset(PRESETS[0], (64, 32), STREETS))
    desk, *_ = handlers.paint(lab, "town", drawing, Looks())
    assert saved(replace(desk, seconds=2.0))["pace"] == pytest.approx(2 / (64 * 32))
