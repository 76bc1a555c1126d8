"""What the painter keeps in the browser: the visitor's own drawings, each under its domain."""

import base64
import json
import zlib
from typing import Any

import pytest

from lab.data.faces import FACES
from lab.data.streets import STREETS
from lab.ui.drawing import encode
from lab.ui.layouts import PRESETS, empty, preset
from lab.ui.painter import domain
from tests.ui.test_painter import stage

__all__ = ["stage"]
pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

SIZE = (256, 128)
# A page that keeps drawings, and its server: `begin` shows the first drawing, `answer` sends what
# was asked to be opened, `kept` is what a domain's drawing in the browser holds.
KEEPER = """
const said = [], asked = [], key = (domain) => `atelier:${domain}`;
const begin = () => start((name, props) => {
  said.push(name);
  if (name === 'open') asked.push(props.value.opened.drawing.labels);
}, {...first, first: true});
const answer = (painter, drawing) => {
  painter.props.value = {...drawing, opened: true};
  painter.watched.value();
};
const wait = (time) => new Promise((go) => setTimeout(go, time));
const until = async (condition) => {
  for (let k = 0; k < 600; k++) { if (await condition()) return true; await wait(50); }
  throw new Error(`never: ${condition}`);
};
const settled = () => wait(1500);      // twice as long as a stroke waits to be kept
const paint = ({map}, y = .2) => {
  const box = map.getBoundingClientRect();
  for (const [kind, x] of [['down', .2], ['move', .4], ['up', .4]]) {
    map.dispatchEvent(new PointerEvent(`pointer${kind}`, {pointerId: 1, bubbles: true,
      clientX: box.left + x * box.width, clientY: box.top + y * box.height}));
  }
};
const kept = async ({unpacked}, domain) => {
  const text = localStorage.getItem(key(domain));
  if (!text) return text;
  const {drawing} = JSON.parse(text);
  return (typeof drawing === 'string' ? await unpacked(drawing) : drawing).drawing.labels;
};
const words = ({element}) => element.querySelector('.state').textContent;
const bar = ({element}) => !element.querySelector('.offer').hidden;
const offered = ({element}) => bar({element})
  && !element.querySelector('[data-act=restore]').hidden;
const unopened = () => window.dispatchEvent(new Event('atelier-unopened'));
"""


def drawing(number: int, space=STREETS, size: tuple[int, int] = SIZE) -> dict[str, Any]:
    return encode(preset(number, size, space))


def packed(value: dict[str, Any], space=STREETS) -> str:
    """A project as a link holds it."""
    project = {"atelier": 1, "domain": space.name, "drawing": value}
    squeezer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bytes_ = squeezer.compress(json.dumps(project).encode()) + squeezer.flush()
    return base64.urlsafe_b64encode(bytes_).decode().rstrip("=")


def stored(value: dict[str, Any], space=STREETS) -> str:
    """A project as the browser keeps it."""
    return json.dumps({"time": 0, "drawing": packed(value, space)})


def done(stage, code: str, **given: Any) -> Any:
    """What `code` returns in a page where a visitor has a drawing and a friend another one."""
    mine, theirs = drawing(PRESETS[1]), drawing(PRESETS[2])
    values = {
        "first": drawing(PRESETS[0]),
        "mine": mine,
        "theirs": theirs,
        "store": stored(mine),
        "link": f"#drawing={packed(theirs)}",
        **given,
    }
    return stage(KEEPER + code, STREETS, SIZE, keeps=True, **values)


@pytest.mark.parametrize("order", [["domain", "value"], ["value", "domain"]])
def test_a_stroke_is_kept_in_its_domain_even_if_another_is_chosen_at_once(stage, order) -> None:
    face = drawing(PRESETS[1], FACES, (96, 96))
    told = done(
        stage,
        """
        localStorage.setItem(key('faces'), facesStore);
        const painter = begin();
        const looks = (checkpoint, seed) => {
          painter.props.kept = {checkpoint, looks: {seed}};
          painter.watched.kept();
        };
        looks('town', 2);
        looks('town', 7);
        paint(painter);
        const painted = painter.props.value.labels;
        Object.assign(painter.props, {domain: faces, value: portrait});
        for (const name of order) painter.watched[name]();
        looks('faces', 2);
        await settled();
        return {streets: await kept(painter, 'streets') === painted,
          faces: localStorage.getItem(key('faces')) === facesStore};
        """,
        order=order,
        faces=domain(FACES),
        portrait=drawing(PRESETS[0], FACES, (96, 96)),
        facesStore=stored(face, FACES),
    )
    assert told == {"streets": True, "faces": True}


def test_a_stroke_is_kept_and_comes_back_though_the_page_is_left_at_once(stage) -> None:
    painted = done(stage, "const painter = begin(); paint(painter); return painter.props.value;")
    asked = "begin(); await until(() => asked.length); return asked;"
    assert done(stage, asked) == [painted["labels"]]  # in a page of its own: the first one is gone


def test_a_stroke_is_kept_with_the_page_hidden_and_never_replaced_by_an_older_one(stage) -> None:
    told = done(
        stage,
        """
        const painter = begin(), packs = [];
        const squeezed = Response.prototype.arrayBuffer;      // packing waits to be let go
        Response.prototype.arrayBuffer = async function () {
          await new Promise((go) => packs.push(go));
          return squeezed.call(this);
        };
        Object.defineProperty(document, 'hidden', {get: () => true});
        paint(painter);
        await until(() => packs.length);                      // the first stroke is being packed
        paint(painter, .5);
        document.dispatchEvent(new Event('visibilitychange'));
        const painted = painter.props.value.labels, seen = [];
        seen.push(await kept(painter, 'streets') === painted);
        packs[0]();
        await wait(300);
        seen.push(await kept(painter, 'streets') === painted);
        return seen;
        """,
    )
    assert told == [True, True]


def test_a_drawing_nobody_painted_on_is_kept_only_once_its_looks_are_changed(stage) -> None:
    told = done(
        stage,
        """
        const painter = begin(), seen = [];
        painter.props.value = {...first, first: true};    // the page's server sends it once more
        painter.watched.value();
        for (const seed of [2, 7]) {
          painter.props.kept = {checkpoint: 'town', looks: {seed}};
          painter.watched.kept();
          await settled();
          seen.push(await kept(painter, 'streets') === first.labels);
        }
        return seen;
        """,
    )
    assert told == [False, True]


def test_that_a_drawing_cannot_be_kept_is_said_once(stage) -> None:
    told = done(
        stage,
        """
        let tried = 0;
        Storage.prototype.setItem = () => { tried++; throw new DOMException('full'); };
        const painter = begin(), told = [];
        for (const y of [.2, .5]) {
          paint(painter, y);
          await until(() => tried === told.length + 1);
          await wait(100);
          told.push(words(painter).includes('cannot keep the drawing'));
        }
        return told;
        """,
    )
    assert told == [True, False]


def test_a_kept_drawing_that_cannot_be_opened_now_is_offered_again(stage) -> None:
    told = done(
        stage,
        """
        localStorage.setItem(key('streets'), store);
        const painter = begin();
        await until(() => asked.length);
        unopened();
        const there = localStorage.getItem(key('streets')) === store, beside = offered(painter);
        const shown = painter.props.value.labels === first.labels;
        await settled();
        const still = localStorage.getItem(key('streets')) === store;
        painter.element.querySelector('[data-act=restore]').click();
        await until(() => asked.length > 1);
        return {there, beside, shown, still, again: asked[1] === mine.labels};
        """,
    )
    assert told == dict.fromkeys(("there", "beside", "shown", "still", "again"), True)


# Changes the domain as Python does: its classes and a drawing of it, together.
SWITCH = """
const go = (painter, domain, value) => {
  Object.assign(painter.props, {domain, value});
  for (const name of ['domain', 'value']) painter.watched[name]();
};
const press = ({element}, deed) => element.querySelector(`[data-act=${deed}]`).click();
"""


@pytest.mark.parametrize("layout", [True, False], ids=["a layout came", "only drawings came"])
def test_starting_afresh_begins_the_domain_that_is_shown(stage, layout: bool) -> None:
    """With the layout that came of it, without one with its blank ground."""
    face = drawing(PRESETS[1], FACES, (96, 96))
    blank = encode(empty((96, 96), FACES))
    portrait = encode(preset(PRESETS[0], (96, 96), FACES), preset=PRESETS[0])
    told = done(
        stage,
        SWITCH
        + """
        localStorage.setItem(key('faces'), store);
        const painter = begin();
        paint(painter);
        go(painter, faces, begun);
        press(painter, 'restore');
        await until(() => asked.length);
        answer(painter, face);
        press(painter, 'forget');
        const {labels, domain, w, h} = painter.props.value;
        return {labels, domain, w, h, kept: localStorage.getItem(key('faces'))};
        """,
        begun=portrait if layout else encode(preset(PRESETS[2], (96, 96), FACES)),
        face=face,
        faces=domain(FACES),
        store=stored(face, FACES),
    )
    labels = (portrait if layout else blank)["labels"]
    assert told == {"labels": labels, "domain": "faces", "w": 96, "h": 96, "kept": None}


def test_the_first_drawing_that_comes_late_leaves_another_domain_alone(stage) -> None:
    told = done(
        stage,
        SWITCH
        + """
        const painter = begin();
        go(painter, faces, portrait);
        painter.props.value = {...first, first: true};    // the page's server sends it once more
        painter.watched.value();
        return painter.grid().width;
        """,
        portrait=drawing(PRESETS[0], FACES, (96, 96)),
        faces=domain(FACES),
    )
    assert told == 96


def test_a_kept_drawing_that_nobody_can_read_is_forgotten(stage) -> None:
    told = done(
        stage,
        """
        localStorage.setItem(key('streets'), JSON.stringify({time: 0, drawing: 'broken'}));
        const painter = begin();
        await until(() => said.includes('input'));
        return {kept: localStorage.getItem(key('streets')), bar: bar(painter),
          shown: painter.props.value.labels === first.labels};
        """,
    )
    assert told == {"kept": None, "bar": False, "shown": True}
