"""Fingers and keys on the painter: two fingers only zoom, one does what a mouse does."""

import pytest

from lab.data.streets import STREETS
from tests.ui.test_painter import stage
from tests.ui.test_painter_objects import CAR, done

__all__ = ["stage"]
pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

CAR_ID = CAR * 1000
SKY = STREETS.index("sky")
FINGERS = """
const finger = (id, kind, x, y) => map.dispatchEvent(new PointerEvent(`pointer${kind}`, {
  clientX: box.left + x * scale, clientY: box.top + y * scale, pointerId: id,
  pointerType: 'touch', bubbles: true}));
const tap = (x, y) => { finger(1, 'down', x, y); finger(1, 'up', x, y); };
// Apart from a point; afterwards the whole map is shown again, as `box` has it.
const pinch = (x, y) => {
  finger(1, 'down', x, y);
  finger(2, 'down', x + 20, y);
  finger(1, 'move', x - 20, y);
  finger(2, 'move', x + 40, y);
  finger(2, 'up', x + 40, y);
  finger(1, 'move', x - 10, y);
  finger(1, 'up', x - 10, y);
  const level = element.querySelector('.level').textContent;
  element.querySelector('[data-act=fit]').click();
  return level;
};
const words = () => element.querySelector('.state').textContent;
const chosen = (kind) => element.querySelector(`[data-${kind}][aria-${
  kind === 'tool' ? 'pressed' : 'checked'}=true]`).dataset[kind];
"""
DRAWING = ["brush", "eraser", "line", "rectangle", "ellipse"]
ACTING = ["polygon", "fill", "eyedropper", "select"]


@pytest.mark.parametrize("tool", [*DRAWING, *ACTING])
def test_two_fingers_zoom_and_do_nothing_else_whatever_the_tool(stage, tool: str) -> None:
    told = done(
        stage,
        FINGERS
        + """
        element.querySelector(`[data-label="${sky}"]`).click();
        element.querySelector(`[data-tool=${tool}]`).click();
        const before = held();
        said.length = 0;
        const level = pinch(120, 60);
        return {level, said, steps: painter.history().undo.length, same: held() === before,
          tool: chosen('tool'), label: +chosen('label')};
        """,
        tool=tool,
        sky=SKY,
    )
    assert told.pop("level") == "300 %"
    assert told == {"said": [], "steps": 0, "same": True, "tool": tool, "label": SKY}


def test_a_polygon_goes_on_after_two_fingers_zoomed(stage) -> None:
    told = done(
        stage,
        FINGERS
        + """
        press('6', {code: 'Digit6'});
        press('p');
        for (const at of [[10, 10], [50, 10], [50, 50]]) tap(...at);
        pinch(150, 90);
        for (const at of [[10, 50], [10, 10]]) tap(...at);
        return count(5000);
        """,
    )
    assert told == 40 * 40


def test_a_finger_fills_where_it_is_lifted_unless_it_is_taken_away(stage) -> None:
    told = done(
        stage,
        FINGERS
        + f"""
        press('f');
        finger(1, 'down', 120, 60);
        const down = count({CAR_ID});
        finger(1, 'cancel', 120, 60);
        const cancelled = count({CAR_ID});
        press('7', {{code: 'Digit7'}});
        tap(120, 60);
        return {{down, cancelled, lifted: count({CAR_ID}), steps: painter.history().undo.length}};
        """,
    )
    assert told == {"down": 800, "cancelled": 800, "lifted": 0, "steps": 1}


def test_a_finger_picks_a_class_an_object_and_moves_it(stage) -> None:
    told = done(
        stage,
        FINGERS
        + f"""
        press('i');
        tap(120, 60);
        const picked = {{tool: chosen('tool'), label: +chosen('label')}};
        press('v');
        said.length = 0;
        tap(120, 60);
        const announced = said.includes('pick');
        finger(1, 'down', 120, 60);
        for (const at of [[125, 62], [180, 90]]) finger(1, 'move', ...at);
        finger(1, 'up', 180, 90);
        const moved = painter.grid().instances[90 * 256 + 180] === {CAR_ID};
        return {{...picked, announced, moved, whole: count({CAR_ID})}};
        """,
    )
    assert told == {"tool": "brush", "label": CAR, "announced": True, "moved": True, "whole": 800}


def test_a_tool_chosen_while_a_finger_waits_does_not_act_for_it(stage) -> None:
    told = done(
        stage,
        FINGERS
        + """
        const before = held();
        press('f');
        finger(1, 'down', 120, 60);
        element.querySelector('[data-tool=brush]').click();
        finger(1, 'up', 120, 60);
        return held() === before;
        """,
    )
    assert told is True


def test_the_keys_say_what_the_eyedropper_took_and_that_a_brush_is_down(stage) -> None:
    told = done(
        stage,
        FINGERS
        + """
        press('i');
        press(' ');
        const taken = words();
        press(' ');
        return {taken, down: words()};
        """,
    )
    assert told["taken"] == "car"
    assert told["down"] == "brush down; arrows draw, Space ends"
