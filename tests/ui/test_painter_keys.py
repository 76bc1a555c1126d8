"""The painter's keys: heard wherever its focus is, on every keyboard, and one step at a time."""

import pytest

from lab.data.streets import STREETS
from tests.ui.test_painter import stage
from tests.ui.test_painter_input import FINGERS
from tests.ui.test_painter_objects import CAR, done

__all__ = ["stage"]
pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

CAR_ID = CAR * 1000
TREE = STREETS.index("tree")
# A click as the mouse does it: the focus goes to what was clicked, and keys go where it is.
FOCUS = """
const focused = (selector) => {
  const target = element.querySelector(selector);
  target.focus();
  target.click();
};
const type = (key, more = {}) => document.activeElement.dispatchEvent(
  new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true, ...more}));
const size = () => +element.querySelector('.size input').value;
"""


def test_keys_are_heard_after_a_click_on_a_tool_or_a_class(stage) -> None:
    told = done(
        stage,
        FINGERS
        + FOCUS
        + f"""
        const before = held();
        focused('[data-act=clear]');
        const cleared = held() !== before;
        type('z', {{ctrlKey: true}});
        const undone = held() === before;
        focused('[data-label="{TREE}"]');
        const tools = ['e', 'f', 'b'].map((key) => {{ type(key); return chosen('tool'); }});
        return {{cleared, undone, tools}};
        """,
    )
    assert told == {"cleared": True, "undone": True, "tools": ["eraser", "fill", "brush"]}


def test_what_a_focused_control_needs_for_itself_stays_with_it(stage) -> None:
    told = done(
        stage,
        FINGERS
        + FOCUS
        + f"""
        const before = held(), slider = element.querySelector('.size input');
        focused('[data-tool=line]');
        const taken = [' ', 'Enter', 'ArrowRight'].map((key) => !type(key));
        slider.focus();
        taken.push(...['e', 'Home', '1'].map((key) => !type(key, {{code: `Digit${{key}}`}})));
        focused('[data-label="{CAR}"]');
        type('ArrowRight');
        return {{taken, same: held() === before, label: +chosen('label'), tool: chosen('tool')}};
        """,
    )
    assert told == {"taken": [False] * 6, "same": True, "label": CAR + 1, "tool": "line"}


def test_keys_go_on_when_the_button_that_was_pressed_has_nothing_left_to_do(stage) -> None:
    told = done(
        stage,
        FINGERS
        + FOCUS
        + """
        const before = held();
        press('v');
        drag([120, 60]);
        focused('[data-object=remove]');
        type('z', {ctrlKey: true});
        return held() === before;
        """,
    )
    assert told is True


def test_escape_closes_an_open_panel_and_keeps_the_selection(stage) -> None:
    told = done(
        stage,
        FINGERS
        + FOCUS
        + f"""
        press('v');
        drag([120, 60]);
        focused('[data-act=keys]');
        type('Escape');
        const closed = element.querySelector('dl.keys').hidden;
        type('Delete');
        return {{closed, cars: count({CAR_ID})}};
        """,
    )
    assert told == {"closed": True, "cars": 0}


@pytest.mark.parametrize(
    "keyboard",
    [
        {"code": "Digit8", "ctrlKey": True, "altKey": True, "modifierAltGraph": True},  # Windows
        {"code": "Digit8", "modifierAltGraph": True},  # Linux
        {"code": "Digit5", "altKey": True},  # macOS
        {"code": "BracketLeft"},
    ],
)
def test_a_bracket_changes_the_brush_wherever_it_is_on_the_keyboard(stage, keyboard) -> None:
    told = done(
        stage,
        FINGERS
        + FOCUS
        + """
        const before = size(), label = +chosen('label');
        press('[', keyboard);
        return {smaller: before - size(), same: +chosen('label') === label};
        """,
        keyboard=keyboard,
    )
    assert told == {"smaller": 4, "same": True}


def test_digits_pick_classes_and_the_numpads_arrows_do_not(stage) -> None:
    told = done(
        stage,
        FINGERS
        + FOCUS
        + """
        const after = (key, more) => { press(key, more); return +chosen('label'); };
        const labels = [after('4', {code: 'Numpad4'}), after('ArrowUp', {code: 'Numpad8'})];
        labels.push(after('-', {code: 'Digit6'}));      // as a French keyboard prints it
        labels.push(after('Home', {code: 'Numpad7'}));
        return labels;
        """,
    )
    assert told == [3, 3, 5, 5]


def test_undo_takes_back_the_corners_of_an_open_polygon_one_by_one(stage) -> None:
    told = done(
        stage,
        FINGERS
        + """
        press('6', {code: 'Digit6'});
        drag([200, 20], [210, 20]);
        const painted = held(), back = () => press('z', {ctrlKey: true}), step = [];
        press('p');
        for (const at of [[10, 10], [50, 10], [50, 50], [90, 90]]) drag(at);
        back();
        step.push(words().slice(0, 8));
        drag([10, 50]);
        press('Enter');
        step.push(count(5001) + count(5000) > 40 * 40, held() === painted);
        back();
        step.push(held() === painted);
        for (const at of [[10, 10], [50, 10]]) drag(at);
        back();
        back();
        step.push(held() === painted);
        back();
        step.push(held() === painted);
        return step;
        """,
    )
    assert told == ["corner 3", True, False, True, True, False]


def test_python_hears_that_nothing_is_selected_any_more(stage) -> None:
    told = done(
        stage,
        FINGERS
        + f"""
        const heard = (...keys) => {{
          press('v');
          drag([120, 60]);
          said.length = 0;
          for (const key of keys) press(key);
          return [...said];
        }};
        return [heard('Escape'), heard('ArrowRight'), heard('Delete'), count({CAR_ID})];
        """,
    )
    assert told == [["unpick"], ["input"], ["unpick", "input"], 0]
