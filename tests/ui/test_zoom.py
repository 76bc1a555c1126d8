"""The viewer's view (viewer/zoom.js), in the browser: one source point for all panes."""

import json
import random
from typing import Any

import pytest

from lab.ui.viewer import FOLDER, Pane, names, shown, viewer

pytest.importorskip("playwright.sync_api")


@pytest.fixture(scope="module")
def run(chromium):
    """Runs JavaScript with zoom.js in scope."""
    page = chromium.new_page()
    library = (FOLDER / "zoom.js").read_text(encoding="utf-8")

    def evaluate(code: str, **values: Any) -> Any:
        given = "".join(f"const {name} = {json.dumps(value)};" for name, value in values.items())
        return page.evaluate(f"() => {{ {library} {given} {code} }}")

    yield evaluate
    page.close()


def hands(seed: int) -> list[list[Any]]:
    """A random walk of zooms and moves."""
    rng = random.Random(seed)
    steps = []
    for _ in range(60):
        if rng.random() < 0.5:
            steps.append(["zoom", rng.random(), rng.random(), rng.choice([0.5, 1.3, 2])])
        else:
            steps.append(["move", rng.uniform(-0.6, 0.6), rng.uniform(-0.6, 0.6)])
    return steps


WALK = """let view = WHOLE; const seen = [];
for (const [what, ...how] of steps) {
  view = what === 'zoom' ? zoomedAt(view, ...how) : movedBy(view, ...how);
  seen.push(view);
} """


@pytest.mark.browser
@pytest.mark.parametrize("seed", range(4))
def test_a_view_never_leaves_the_picture(run, seed: int) -> None:
    for view in run(WALK + "return seen", steps=hands(seed)):
        assert 1 <= view["scale"] <= 16
        half = 0.5 / view["scale"]
        for at in (view["x"], view["y"]):
            assert half - 1e-12 <= at <= 1 - half + 1e-12


@pytest.mark.browser
@pytest.mark.parametrize("point", [(0.5, 0.5), (0.2, 0.9), (0.66, 0.31)])
def test_the_point_under_the_hand_stays_under_it(run, point: tuple[float, float]) -> None:
    code = """const view = {scale: 2, x: .5, y: .5}, closer = zoomedAt(view, ...point, 1.7);
    return [sourceAt(view, ...point), sourceAt(closer, ...point)]"""
    before, after = run(code, point=point)
    assert before == pytest.approx(after)


@pytest.mark.browser
@pytest.mark.parametrize("seed", range(4))
def test_frames_of_any_size_show_the_same_source_point(run, seed: int) -> None:
    """Laid out for real: the same place of two frames shows the same place of their pictures."""
    code = (
        WALK
        + """
    const found = [[320, 160], [97, 48.5]].map(([width, height]) => {
      const frame = document.createElement('div'), img = document.createElement('div');
      frame.style.cssText = `position:fixed;left:0;top:0;width:${width}px;height:${height}px`;
      img.style.cssText = 'position:absolute;inset:0;transform-origin:0 0';
      img.style.transform = transformOf(view);
      frame.append(img); document.body.append(frame);
      const box = img.getBoundingClientRect();
      frame.remove();
      return places.map(([px, py]) => [(px * width - box.left) / box.width,
        (py * height - box.top) / box.height]);
    });
    return [...found, places.map((p) => sourceAt(view, ...p))]"""
    )
    places = [[0, 0], [1, 1], [0.3, 0.8]]
    large, small, said = run(code, steps=hands(seed), places=places)
    for one, other, told in zip(large, small, said, strict=True):
        assert one == pytest.approx(other, abs=1e-3) and one == pytest.approx(told, abs=1e-3)


@pytest.mark.browser
def test_columns_fill_their_rows(run) -> None:
    table = run("return [1,2,3,4,5,6,7,8].map((n) => columnsFor(n, 1216))")
    assert table == [1, 2, 3, 2, 3, 3, 3, 3]
    assert run("return [columnsFor(5, 358), columnsFor(1, 20)]") == [2, 1]


DOT = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="


@pytest.fixture
def arriving(chromium):
    """A page with the viewer, and what hands it pictures of these names."""
    page = chromium.new_page()
    page.set_content((FOLDER / "viewer.html").read_text(encoding="utf-8"))
    source = "".join((FOLDER / n).read_text(encoding="utf-8") for n in ("zoom.js", "viewer.js"))
    page.evaluate(
        """source => {
          window.props = {value: null};
          const run = new Function('element', 'props', 'trigger', 'watch', 'CONFIG', source);
          run(document.body, props, () => 0, (name, heard) => { window.heard = heard; }, {});
        }""",
        source,
    )

    def arrive(*names: str, keep: bool = True) -> None:
        panes = [{"name": name, "url": DOT, "note": "", "size": [2, 1]} for name in names]
        value = {"panes": panes, "first": 1, "keep": keep}
        page.evaluate("value => { props.value = value; heard(); }", value)

    yield page, arrive
    page.close()


def shown_pair(page) -> list[str]:
    """The names under the divider and in the menus, which must be the same."""
    tags = page.locator(".tag").all_text_contents()
    menus = "[...document.querySelectorAll('select')].map((s) => s.selectedOptions[0].text)"
    assert page.evaluate(menus) == tags
    return tags


@pytest.mark.browser
def test_two_that_were_chosen_stay_under_the_divider_while_pictures_come(arriving) -> None:
    page, arrive = arriving
    arrive("layout", "crn", keep=False)
    page.get_by_role("button", name="Slider").click()
    arrive("layout", "crn", "wct")
    assert shown_pair(page) == ["crn", "wct"]  # nobody chose: the first two that were drawn
    page.get_by_label("Right picture").select_option("layout")
    page.locator(".divider").focus()
    page.keyboard.press("ArrowRight")
    arrive("layout", "adain", "crn", "wct")
    assert shown_pair(page) == ["crn", "layout"]
    focused = "document.activeElement.matches('.divider')"
    assert page.evaluate(focused)
    assert page.locator(".divider").get_attribute("aria-valuenow") == "52"
    arrive("layout", "adain", "wct")  # what was chosen is not there any more
    assert shown_pair(page) == ["adain", "layout"] and page.evaluate(focused)
    arrive("layout", "adain", "wct", keep=False)
    assert shown_pair(page) == ["adain", "wct"]


@pytest.mark.browser
def test_what_stands_in_the_grid_is_not_drawn_again(arriving) -> None:
    page, arrive = arriving
    arrive("layout", "crn", keep=False)
    page.evaluate("window.before = [...document.querySelectorAll('figure')]")
    arrive("layout", "crn", "wct")
    same = "before.map((figure, i) => figure === document.querySelectorAll('figure')[i])"
    assert page.evaluate(same) == [True, True]
    assert page.locator("figcaption b").all_text_contents() == ["layout", "crn", "wct"]
    arrive("layout", "wct")
    assert page.locator("figcaption b").all_text_contents() == ["layout", "wct"]
    arrive()
    assert page.locator("figure").count() == 0 and page.locator(".empty").is_visible()


def test_a_value_names_its_pictures_in_order_and_is_new_each_time() -> None:
    panes = [Pane("layout", "/tmp/a.png", (64, 32)), Pane("crn", "/tmp/b.png", (64, 32), "1 dB")]
    value, again = shown(panes), shown(panes)
    assert names(value) == ["layout", "crn"] and names(None) == []
    assert value["stamp"] != again["stamp"]
    assert value["panes"][1]["url"].endswith("=/tmp/b.png") and value["panes"][1]["note"] == "1 dB"


def test_the_viewer_has_its_events_and_no_others_of_its_props() -> None:
    component = viewer(keys=True)
    assert type(component).__name__ == "HTML"
    for event in (component.left, component.right, component.equal):
        assert callable(event)
    for name in ("panes", "first", "stamp", "keys"):
        assert not hasattr(component, name)
