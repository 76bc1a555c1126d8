"""The painter's objects, keys, files and quick pictures, in a page of its own."""

import base64
import io
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from lab.data.faces import FACES
from lab.data.streets import STREETS
from lab.interfaces import Layout
from lab.ui.drawing import encode
from lab.ui.layouts import PRESETS, preset
from lab.ui.painter import domain
from tests.ui.test_painter import stage

__all__ = ["stage"]
pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

WIDTH, HEIGHT = 256, 128
SIZE = (WIDTH, HEIGHT)
ROAD, CAR, TREE = (STREETS.index(name) for name in ("road", "car", "tree"))
# What the tests below do with a painter: click at a place of the map, press a key, count an id.
HAND = """
const said = [], painter = start((name) => said.push(name), value), {map, element} = painter;
const box = map.getBoundingClientRect(), scale = box.width / painter.grid().width;
const pointer = (kind, x, y) => map.dispatchEvent(new PointerEvent(kind, {
  clientX: box.left + x * scale, clientY: box.top + y * scale, pointerId: 1, bubbles: true}));
const drag = (...points) => {
  pointer('pointerdown', ...points[0]);
  for (const at of points.slice(1)) pointer('pointermove', ...at);
  pointer('pointerup', ...points.at(-1));
};
const press = (key, more = {}) => {
  for (const kind of ['keydown', 'keyup']) {
    map.dispatchEvent(new KeyboardEvent(kind, {key, bubbles: true, ...more}));
  }
};
const count = (id) => painter.grid().instances.reduce((n, each) => n + (each === id), 0);
const held = () => [...painter.grid().instances].join();
"""


def scene() -> dict[str, Any]:
    """One car of 40x20 pixels in the middle of a road."""
    labels = torch.full((1, HEIGHT, WIDTH), ROAD)
    instances = labels.clone()
    labels[:, 50:70, 100:140] = CAR
    instances[:, 50:70, 100:140] = CAR * 1000
    return encode(Layout(labels, instances, STREETS))


def done(stage, code: str, value: Any = None, space=STREETS, size=SIZE, **given: Any) -> Any:
    """What `code` returns, with a hand at a painter that shows `value`."""
    return stage(HAND + code, space, size, value=value or scene(), **given)


def test_an_object_is_moved_and_what_it_covered_comes_back(stage) -> None:
    told = done(
        stage,
        """
        const before = held();
        press('v');
        drag([120, 60], [125, 60], [180, 90]);
        const there = [count(8000), painter.grid().instances[60 * 256 + 120]];
        const moved = painter.grid().instances[90 * 256 + 180];
        drag([180, 90], [150, 70], [120, 60]);
        return {there, moved, same: held() === before};
        """,
    )
    assert told == {"there": [800, ROAD], "moved": 8000, "same": True}


def test_a_copy_is_another_object_and_what_is_deleted_is_closed(stage) -> None:
    told = done(
        stage,
        """
        press('v');
        drag([120, 60]);
        press('d');
        const two = [count(8000) + count(8001), count(8001)];
        press('Delete');
        return {two, left: [count(8000), count(8001)], rest: count(3)};
        """,
    )
    assert told["two"][1] == 800 and 800 < told["two"][0] <= 1600
    assert told["left"][1] == 0 and told["left"][0] + told["rest"] == WIDTH * HEIGHT


def test_an_object_is_resized_and_renamed(stage) -> None:
    told = done(
        stage,
        f"""
        press('v');
        drag([120, 60]);
        await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
        drag([140, 70], [150, 80], [180, 90]);
        const area = count(8000), select = element.querySelector('.relabel select');
        select.value = {TREE};
        select.dispatchEvent(new Event('change'));
        return {{area, cars: count(8000), trees: count({TREE * 1000})}};
        """,
    )
    assert told == {"area": 80 * 40, "cars": 0, "trees": 80 * 40}


def test_an_object_comes_forward_over_what_cuts_into_it(stage) -> None:
    told = done(
        stage,
        """
        press('1', {code: 'Numpad1'});
        drag([120, 40], [120, 60], [120, 90]);
        const cut = count(8000);
        press('v');
        drag([103, 60]);
        press('u');
        return {cut, whole: count(8000)};
        """,
    )
    assert told["cut"] < 800 and told["whole"] == 800


def test_all_can_be_painted_by_keys(stage) -> None:
    told = done(
        stage,
        """
        press('@', {code: 'Digit1', shiftKey: true});
        press('r');
        press(' ');
        for (let k = 0; k < 5; k++) press('ArrowRight');
        for (let k = 0; k < 5; k++) press('ArrowDown');
        press(' ');
        const area = count(10000);
        press('z', {ctrlKey: true});
        return {area, undone: count(10000), said};
        """,
    )
    assert told["area"] == 20 * 20 and told["undone"] == 0
    assert told["said"].count("input") == 3  # shown, painted, undone


def test_a_polygon_is_closed_at_its_first_corner(stage) -> None:
    told = done(
        stage,
        """
        press('6', {code: 'Digit6'});
        press('p');
        for (const at of [[10, 10], [50, 10], [50, 50], [10, 50], [10, 10]]) drag(at);
        return count(5000);
        """,
    )
    assert told == 40 * 40


@pytest.mark.parametrize(("space", "size"), [(STREETS, (512, 256)), (FACES, (96, 96))])
def test_saved_maps_are_those_on_the_canvas(stage, space, size) -> None:
    layout = preset(PRESETS[1], size, space)
    texts = done(
        stage,
        """
        const {labels, instances, width, height} = painter.grid(), texts = [];
        for (const ids of [labels, instances]) {
          const bytes = new Uint8Array(await (await painter.png(ids, width, height)).arrayBuffer());
          texts.push(btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join('')));
        }
        return texts;
        """,
        encode(layout),
        space,
        size,
    )
    for text, ids, mode in zip(
        texts, (layout.labels, layout.instances), ("L", "I;16"), strict=True
    ):
        with Image.open(io.BytesIO(base64.b64decode(text))) as picture:
            assert picture.mode == mode
            assert np.array_equal(np.asarray(picture), ids[0].numpy())


def test_what_is_packed_into_a_link_comes_out_of_it_and_no_bomb_does(stage) -> None:
    told = done(
        stage,
        """
        const text = await painter.packed({drawing: painter.props.value, name: 'ü'});
        const back = await painter.unpacked(text), refused = [];
        const bomb = await painter.packed('0'.repeat(40 << 20));
        for (const bad of ['', '!', text.slice(0, 40), bomb]) {
          await painter.unpacked(bad).then(() => refused.push(false), () => refused.push(true));
        }
        const plain = /^[A-Za-z0-9_-]*$/.test(text);
        return {plain, name: back.name, same: JSON.stringify(back.drawing) ===
          JSON.stringify(painter.props.value), refused, small: bomb.length < 200000};
        """,
    )
    assert told == {
        "plain": True,
        "name": "ü",
        "same": True,
        "refused": [True] * 4,
        "small": True,
    }


def test_the_whole_picture_follows_the_quick_one_of_the_newest_drawing(stage) -> None:
    told = done(
        stage,
        """
        painter.props.kept = {pace: 1, looks: null};
        said.length = 0;
        drag([20, 20], [40, 20]);
        const old = painter.props.value.stamp;
        drag([20, 40], [40, 40]);
        const steps = [[...said]];
        for (const stamp of [old, painter.props.value.stamp]) {
          painter.props.sketched = stamp;
          painter.watched.sketched();
          steps.push([...said]);
        }
        return steps;
        """,
    )
    assert told == [["sketch", "sketch"], ["sketch", "sketch"], ["sketch", "sketch", "input"]]


def test_ids_of_another_domain_are_never_brought_back(stage) -> None:
    portrait = encode(preset(PRESETS[0], (96, 96), FACES))
    told = done(
        stage,
        """
        drag([20, 20], [40, 20]);
        painter.props.domain = faces;
        painter.props.value = portrait;
        painter.watched.domain();
        painter.watched.value();
        painter.travel(false);
        return [painter.grid().width, Math.max(...painter.grid().labels)];
        """,
        faces=domain(FACES),
        portrait=portrait,
    )
    assert told[0] == 96 and told[1] < len(FACES)
