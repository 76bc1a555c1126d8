"""The line over the map: it moves until what was painted last is drawn. And what a value says."""

from typing import Any

import pytest

from lab.data.faces import FACES
from lab.data.streets import STREETS
from lab.ui.drawing import encode
from lab.ui.layouts import PRESETS, preset
from lab.ui.painter import UNDRAWN, UNDRAWN_REGIONS, domain
from tests.ui.test_painter import stage

__all__ = ["stage"]
pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

SIZE = (256, 128)
HAND = """
const said = [], painter = start((name) => said.push(name), first), {map, element} = painter;
const busy = () => 'busy' in element.querySelector('.painter').dataset;
const stamp = () => painter.props.value.stamp;
const press = (tool) => element.querySelector(`[data-tool=${tool}]`).click();
const drag = (y) => {
  const box = map.getBoundingClientRect();
  for (const [kind, x] of [['down', .2], ['move', .4], ['up', .4]]) {
    map.dispatchEvent(new PointerEvent(`pointer${kind}`, {pointerId: 1, bubbles: true,
      clientX: box.left + x * box.width, clientY: box.top + y * box.height}));
  }
};
const drawn = (stamp) => {
  painter.props.drawn = stamp;
  painter.watched.drawn();
};
drawn(stamp());                              // what stands on the painter at first
"""


def done(stage, code: str, *, keeps: bool = True, **given: Any) -> Any:
    """What `code` returns, with a hand at a painter that shows a street."""
    first = encode(preset(PRESETS[0], SIZE, STREETS))
    return stage(HAND + code, STREETS, SIZE, keeps=keeps, first=first, **given)


@pytest.mark.parametrize("keeps", [True, False])
def test_the_line_moves_until_the_newest_stroke_is_drawn(stage, keeps: bool) -> None:
    told = done(
        stage,
        """
        drag(.2);
        const before = stamp(), seen = [busy()];
        drag(.6);                        // while the first one is being drawn
        drawn(before);
        seen.push(busy());
        drawn(stamp());
        return [...seen, busy()];
        """,
        keeps=keeps,
    )
    assert told == [True, True, False]


@pytest.mark.parametrize("fails", [0, 1, 2])
def test_the_line_stops_when_nothing_more_is_to_come(stage, fails: int) -> None:
    """Of three strokes, the second and third painted while the first is drawn, the third is drawn
    next; where the first fails, it moves on, where both do, it stops."""
    told = done(
        stage,
        f"""
        const fail = {UNDRAWN}, older = (drag(.2), stamp());
        drag(.4);
        drag(.6);
        fails > 0 ? fail() : drawn(older);
        const between = busy();
        fails > 1 ? fail() : drawn(stamp());
        return [between, busy()];
        """,
        fails=fails,
    )
    assert told == [True, False]


def test_an_object_picked_meanwhile_keeps_nobody_waiting(stage) -> None:
    told = done(
        stage,
        """
        drag(.2);
        const painted = stamp();
        press('select');
        drag(.9);
        const picked = said.at(-1) === 'pick' && stamp() > painted;
        drawn(painted);
        return [picked, busy()];
        """,
    )
    assert told == [True, False]


@pytest.mark.parametrize(("keeps", "own"), [(True, UNDRAWN), (False, UNDRAWN_REGIONS)])
def test_what_another_painter_sent_ends_no_line(stage, keeps: bool, own: str) -> None:
    others = UNDRAWN_REGIONS if keeps else UNDRAWN
    code = f"drag(.2); ({others})(); const still = busy(); ({own})(); return [still, busy()];"
    assert done(stage, code, keeps=keeps) == [True, False]


def test_a_value_says_whose_ids_it_holds(stage) -> None:
    told = done(
        stage,
        """
        const seen = [painter.props.value.domain];
        Object.assign(painter.props, {domain: faces, value: face});
        painter.watched.value();
        return [...seen, painter.props.value.domain];
        """,
        faces=domain(FACES),
        face=encode(preset(PRESETS[0], (96, 96), FACES)),
    )
    assert told == ["streets", "faces"]


def test_another_layout_of_the_same_classes_leaves_the_tool_in_the_hand(stage) -> None:
    told = done(
        stage,
        """
        press('eraser');
        Object.assign(painter.props, {domain: streets, value: {...first, labels: other}});
        for (const name of ['domain', 'value']) painter.watched[name]();
        return element.querySelector('.painter').dataset.tool;
        """,
        streets=domain(STREETS),
        other=encode(preset(PRESETS[1], SIZE, STREETS))["labels"],
    )
    assert told == "eraser"
