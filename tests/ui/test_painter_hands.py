"""Two hands at once: a palm beside the pen, keys while a stroke or an object is on its way."""

import pytest

from lab.data.faces import FACES
from lab.data.labels import IGNORE
from lab.data.streets import STREETS
from lab.interfaces import Layout
from lab.ui.drawing import decode, encode
from lab.ui.layouts import PRESETS, preset
from tests.ui.test_painter import stage
from tests.ui.test_painter_input import FINGERS
from tests.ui.test_painter_objects import CAR, done, scene

__all__ = ["stage"]
pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

CAR_ID = CAR * 1000
PEN = """
const pen = (kind, x, y, type = 'pen') => map.dispatchEvent(new PointerEvent(`pointer${kind}`, {
  clientX: box.left + x * scale, clientY: box.top + y * scale, pointerId: 9, pointerType: type,
  bubbles: true}));
"""


@pytest.mark.parametrize("kind", ["pen", "mouse"])
@pytest.mark.parametrize("end", ["up", "cancel"])
def test_the_hand_beside_the_pen_neither_draws_nor_ends_its_stroke(stage, kind, end) -> None:
    told = done(
        stage,
        FINGERS
        + PEN
        + """
        const drawn = (hand) => {
          pen('down', 20, 20, kind);
          pen('move', 40, 20, kind);
          if (hand) {
            for (const id of [1, 2]) finger(id, 'down', 200, 100);
            finger(1, 'move', 220, 110);
            for (const id of [1, 2]) finger(id, end, 220, 110);
          }
          pen('move', 60, 20, kind);
          pen('up', 60, 20, kind);
          const map = held();
          press('z', {ctrlKey: true});
          return map;
        };
        press('1', {code: 'Digit1'});
        const level = element.querySelector('.level').textContent;
        return {same: drawn(true) === drawn(false), level};
        """,
        kind=kind,
        end=end,
    )
    assert told == {"same": True, "level": "100 %"}


@pytest.mark.parametrize("keys", [True, False])
def test_a_class_chosen_while_the_brush_is_down_is_painted_from_there_on(stage, keys) -> None:
    told = done(
        stage,
        PEN
        + """
        const go = (x) => keys ? press('ArrowRight') : pen('move', x, 20, 'mouse');
        if (keys) press(' '); else pen('down', 20, 20, 'mouse');
        press('6', {code: 'Digit6'});
        go(40);
        press('n');
        go(60);
        if (keys) press(' '); else pen('up', 60, 20, 'mouse');
        const persons = [5000, 5001].map((id) => count(id) > 0);
        const broken = wrong(painter.grid(), painter.countable);
        return {broken, persons, steps: painter.history().undo.length};
        """,
        keys=keys,
    )
    assert told == {"broken": None, "persons": [True, True], "steps": 1}


COPIED = [CAR_ID + 1, 13 * 20]  # the copy covers all but a third of the car's width
REMOVED = [STREETS.index("road"), 0]


@pytest.mark.parametrize(
    ("key", "there"), [("d", COPIED), ("u", [CAR_ID, 800]), ("Delete", REMOVED)]
)
def test_a_deed_while_an_object_is_dragged_is_done_where_it_is(stage, key, there) -> None:
    told = done(
        stage,
        PEN
        + f"""
        const before = held();
        press('v');
        pen('down', 120, 60, 'mouse');
        pen('move', 150, 90, 'mouse');
        press(key);
        pen('move', 200, 90, 'mouse');
        pen('up', 200, 90, 'mouse');
        const there = [painter.grid().instances[90 * 256 + 150], count({CAR_ID})];
        const steps = painter.history().undo.length;
        for (let k = 0; k < steps; k++) press('z', {{ctrlKey: true}});
        const same = held() === before;
        press('b');
        pen('down', 20, 20, 'mouse');
        pen('up', 20, 20, 'mouse');
        return {{there, same, paints: held() !== before}};
        """,
        key=key,
    )
    assert told == {"there": there, "same": True, "paints": True}


@pytest.mark.parametrize("end", ["corner", "dropped", "cancelled", "painted alike"])
def test_the_whole_picture_follows_though_the_quick_one_came_while_the_pen_was_down(
    stage, end
) -> None:
    told = done(
        stage,
        PEN
        + """
        painter.props.kept = {pace: 1, looks: null};
        press('1', {code: 'Digit1'});
        drag([20, 20], [40, 20]);
        if (end === 'corner') press('p');
        said.length = 0;
        pen('down', 20, 20, 'mouse');
        painter.props.sketched = painter.props.value.stamp;
        painter.watched.sketched();
        const early = [...said];
        if (end === 'dropped') press('Escape');
        pen(end === 'cancelled' ? 'cancel' : 'up', 20, 20, 'mouse');
        return {early, said};
        """,
        end=end,
    )
    assert told == {"early": [], "said": ["input"]}


def test_the_smallest_brush_paints_the_pixel_it_touches_wherever_in_it(stage) -> None:
    told = done(
        stage,
        """
        const size = element.querySelector('.size input');
        size.value = 1;
        press('1', {code: 'Digit1'});
        for (const at of [[20.02, 20.02], [30.98, 30.98], [40.5, 40.5]]) {
          pointer('pointerdown', ...at);
          pointer('pointerup', ...at);
        }
        return [[20, 20], [30, 30], [40, 40]].map(([x, y]) => painter.grid().labels[y * 256 + x]);
        """,
    )
    assert told == [0, 0, 0]


def test_a_drag_that_begins_on_nothing_moves_no_object(stage) -> None:
    layout = decode(scene(), STREETS)
    labels, instances = layout.labels, layout.instances
    for ids in (labels, instances):
        ids[:, :40] = IGNORE
    told = done(
        stage,
        """
        press('v');
        drag([120, 60]);
        const before = held();
        drag([20, 20], [60, 40]);
        return held() === before;
        """,
        encode(Layout(labels, instances, STREETS)),
    )
    assert told is True


def test_an_object_that_is_gone_when_python_names_it_is_not_selected(stage) -> None:
    told = done(
        stage,
        """
        painter.props.selected = 4000;
        painter.watched.selected();
        press('v');
        const before = held();
        press('ArrowRight');
        return {same: held() === before, word: element.querySelector('.state').textContent};
        """,
        encode(preset(PRESETS[0], (96, 96), FACES)),
        FACES,
        (96, 96),
    )
    assert told["same"]


def test_a_double_click_ends_a_polygon_though_it_has_no_area(stage) -> None:
    told = done(
        stage,
        """
        press('p');
        const twice = (...at) => {
          drag(at);
          drag(at);
          map.dispatchEvent(new MouseEvent('dblclick', {bubbles: true}));
        };
        for (const at of [[10, 10], [50, 10], [50, 50]]) drag(at);
        twice(10, 10);
        drag([100, 10]);
        return element.querySelector('.state').textContent;
        """,
    )
    assert told.startswith("corner 1;")


def test_a_map_that_was_zoomed_fills_its_frame_after_that_became_smaller(stage) -> None:
    told = done(
        stage,
        """
        const frames = (n) => new Promise((go) => {
          const next = () => n-- ? requestAnimationFrame(next) : go();
          next();
        });
        for (let k = 0; k < 3; k++) press('+');
        press('b');
        for (let k = 0; k < 70; k++) press('ArrowRight');
        const gaps = [], wrap = element.querySelector('.wrap');
        const host = document.querySelector('#host');
        for (const side of ['400px', '0', '700px']) {
          host.style.display = side === '0' ? 'none' : '';
          if (side !== '0') host.style.width = side;
          await frames(4);
          const [a, b] = [map, wrap].map((each) => each.getBoundingClientRect());
          gaps.push(Math.max(a.left - b.left, b.right - a.right) > 2);
        }
        return [gaps, element.querySelector('.level').textContent];
        """,
    )
    assert told == [[False] * 3, "338 %"]


def test_keys_stay_with_the_map_while_an_object_is_dragged(stage) -> None:
    """C goes to the list of classes, where the keys that end or turn back a drag would be lost."""
    told = done(
        stage,
        PEN
        + """
        const where = () => document.activeElement === map ? 'map' : document.activeElement.tagName;
        press('v');
        pen('down', 120, 60, 'mouse');
        pen('move', 150, 90, 'mouse');
        press('c');
        const during = where();
        pen('up', 150, 90, 'mouse');
        press('c');
        return [during, where()];
        """,
    )
    assert told == ["map", "SELECT"]
