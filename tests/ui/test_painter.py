"""The painter in a page of its own: what it holds, what it sends, and what Python makes of it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.data.faces import FACES
from lab.data.labels import LabelSpace
from lab.data.streets import STREETS
from lab.ui.drawing import decode, encode
from lab.ui.layouts import PRESETS, preset
from lab.ui.painter import painter

pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

HOME = "http://127.0.0.1:9/"  # answered by the fixture: what a page keeps belongs to an address
VISITOR = Path(__file__).with_name("painting.js").read_text(encoding="utf-8")
SHELL = """(heard, value) => {
  const props = {value}, watched = {};
  const trigger = (name) => heard(name, props);
  const watch = (name, told) => { watched[name] = told; };
  const element = document.querySelector("#host");
  const made = new Function("element", "props", "trigger", "watch", SOURCE)(
    element, props, trigger, watch);
  const countable = new Set(made.classes().filter((c) => c.countable).map((c) => c.id));
  return {...made, element, props, watched, countable, map: element.querySelector("canvas.map")};
}"""
INSIDE = """
return {grid: () => grid, history: () => history, classes: () => classes,
  png, packed, unpacked, travel};
"""


@pytest.fixture
def stage(chromium) -> Iterator[Callable[..., Any]]:
    """Runs JavaScript in a page with a painter: `start(heard, value)` makes it. Each test has a
    browser that has kept nothing yet."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    body = ""
    page.route(HOME, lambda route: route.fulfill(body=body, content_type="text/html"))

    def run(
        code: str, space: LabelSpace, size: tuple[int, int], *, keeps: bool = False, **given: Any
    ) -> Any:
        nonlocal body
        component = painter(space, size, keeps=keeps)
        css = f"<meta charset='utf-8'><style>{component.css_template}</style>"
        body = f"{css}<div id='host' style='width:1024px'>{component.html_template}</div>"
        page.goto(HOME)
        constants = "".join(f"const {name} = {json.dumps(v)};" for name, v in given.items())
        source = json.dumps(component.js_on_load + INSIDE)
        start = f"const SOURCE = {source}; const start = {SHELL};"
        return page.evaluate(f"async () => {{ {VISITOR} {start} {constants} {code} }}")

    yield run
    context.close()
    assert errors == []


@pytest.mark.parametrize(
    ("size", "space"),
    [((512, 256), STREETS), ((512, 512), FACES), ((2048, 1024), STREETS)],
    ids=["small", "faces", "large"],
)
def test_page_and_python_hold_the_same_ids_whatever_is_done(stage, size, space) -> None:
    value = encode(preset(PRESETS[0], size, space))
    code = """
    const startWith = (heard) => start(heard, value);
    return visit({start: startWith, seed: 7, count: 200, keepEvery});
    """
    told = stage(code, space, size, value=value, keepEvery=1 if size[0] < 1000 else 8)
    assert told["failures"] == []
    assert told["restored"] and told["steps"] >= 50
    assert told["edits"] > 100 and told["states"] > 40  # the visitor really did something
    back = []
    for text in told["kept"]:
        sent = json.loads(text)
        again = encode(decode(sent, space))
        assert again["labels"] == sent["labels"] and again["instances"] == sent["instances"]
        back.append(again)
    assert loaded(stage, space, size, back[-5:]) == [
        [each["labels"], each["instances"]] for each in back[-5:]
    ]


def loaded(stage, space: LabelSpace, size: tuple[int, int], values: list[Any]) -> list[Any]:
    """What a painter holds, as runs, after it was sent each of the values."""
    code = """
    const painter = start(() => {}, values[0]), held = [];
    const runs = (ids) => {
      const found = [];
      ids.forEach((id) => {
        if (found.length && found.at(-2) === id) found[found.length - 1]++;
        else found.push(id, 1);
      });
      return found.join(' ');
    };
    for (const value of values) {
      painter.props.value = value;
      painter.watched.value();
      held.push([runs(painter.grid().labels), runs(painter.grid().instances)]);
    }
    return held;
    """
    return stage(code, space, size, values=values)
