"""Compare in Chromium: what a reviewer does, with the shipped checkpoints."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lab.ui.viewer import viewer
from tests.ui.browsing import PATIENCE

sync_api = pytest.importorskip("playwright.sync_api")
Page, expect = sync_api.Page, sync_api.expect

pytestmark = pytest.mark.browser
DESKTOP = {"width": 1280, "height": 800}
TRANSFORM = "images => images.map((image) => image.style.transform)"


@pytest.fixture
def page(chromium, address: str) -> Iterator[Page]:
    """A fresh visitor on the Compare tab; nothing is asked of others, nothing goes wrong."""
    context = chromium.new_context(viewport=DESKTOP, accept_downloads=True)
    opened, outside, errors = context.new_page(), [], []
    opened.set_default_timeout(PATIENCE)
    inside = (address, "data:", "blob:")
    opened.on("request", lambda r: None if r.url.startswith(inside) else outside.append(r.url))
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    opened.goto(f"{address}?__theme=light")
    opened.get_by_role("tab", name="Compare", exact=True).first.click()
    yield opened
    context.close()
    assert outside == [] and errors == []


def drawn(page: Page) -> None:
    """Until the comparison that opens by itself is whole."""
    expect(page.locator("#layout-status")).to_contain_text(" drew ", timeout=PATIENCE)


def test_a_reviewer_looks_closely_takes_the_report_and_votes(page: Page, tmp_path: Path) -> None:
    drawn(page)
    panes = page.locator("#layout-viewer .panes img")
    assert panes.count() >= 4
    panes.evaluate_all("all => Promise.all(all.map((image) => image.decode()))")  # until it is in
    assert len(set(panes.evaluate_all("all => all.map((image) => image.naturalWidth)"))) == 1

    # one zoom for all: by the wheel, by the keys, and back
    whole = panes.evaluate_all(TRANSFORM)
    panes.nth(2).scroll_into_view_if_needed()
    box = page.locator("#layout-viewer .frame").nth(2).bounding_box()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.wheel(0, -400)
    expect(page.locator("#layout-viewer .scale")).not_to_have_text("1×")
    zoomed = panes.evaluate_all(TRANSFORM)
    assert len(set(zoomed)) == 1 and zoomed != whole
    page.mouse.down()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.4 * box["height"], steps=4)
    page.mouse.up()
    moved = panes.evaluate_all(TRANSFORM)
    assert len(set(moved)) == 1 and moved != zoomed
    page.locator("#layout-viewer .panes").press("0")
    assert panes.evaluate_all(TRANSFORM) == whole

    # any two of them under the divider
    page.locator("#layout-viewer").get_by_role("button", name="Slider").click()
    page.get_by_label("Left picture").first.select_option(label="photo (oracle)")
    page.get_by_label("Right picture").first.select_option(label="palette")
    divider = page.locator("#layout-viewer").get_by_role("slider", name="Divider")
    divider.press("ArrowLeft")
    expect(divider).to_have_attribute("aria-valuenow", "48")
    assert panes.evaluate_all("all => all.map((i) => i.alt)") == ["photo (oracle)", "palette"]

    with page.expect_download() as download:
        page.get_by_role("button", name="Save the report (HTML)").first.click()  # once it can be
    text = Path(download.value.path()).read_text()
    assert "data:image/png;base64," in text and "palette" in text

    # another domain chosen: the pictures are told to be of the one before
    page.locator("#compare-tabs").get_by_role("radio", name="faces").first.check()
    told = page.locator("#layout-status")
    expect(told).to_contain_text("Still showing street-1 of town", timeout=PATIENCE)
    expect(told).to_contain_text("press Compare to draw portrait-1 of faces")

    # blind: no name on the page, a key answers, the tally has it
    page.get_by_role("tab", name="Blind vote", exact=True).click()
    asked = page.locator("#vote-viewer figcaption b")
    expect(asked).to_have_text(["A, left", "B, right"], timeout=PATIENCE)
    page.keyboard.press("1")
    expect(page.locator("#vote-status")).to_contain_text("so far: 1.", timeout=PATIENCE)
    page.get_by_role("button", name="2 · Equal").click()
    expect(page.locator("#vote-status")).to_contain_text("so far: 2.", timeout=PATIENCE)
    page.locator("#vote-tally").get_by_text("The tally").click()
    rows = page.locator("#vote-rows")
    expect(rows).to_contain_text("win rate", timeout=PATIENCE)

    # an open tally follows; a chosen radio leaves the keys as they are
    counted = rows.inner_text()
    page.get_by_role("radio", name="One layout").locator("visible=true").click()
    page.keyboard.press("3")
    expect(page.locator("#vote-status")).to_contain_text("so far: 3.", timeout=PATIENCE)
    expect(rows).not_to_have_text(counted, timeout=PATIENCE)


def test_a_zip_of_another_implementation_gets_its_row(page: Page, tmp_path: Path) -> None:
    drawn(page)
    stored = io.BytesIO()
    Image.new("RGB", (1024, 512), (120, 120, 120)).save(stored, "PNG")
    with zipfile.ZipFile(tmp_path / "grey.zip", "w") as archive:
        archive.writestr("street-1.png", stored.getvalue())
    page.get_by_role("tab", name="Uploads", exact=True).click()
    page.get_by_label("Draw the same inputs with the installed methods").uncheck()
    page.locator("input[type=file][accept='.zip']").set_input_files(tmp_path / "grey.zip")
    expect(page.get_by_role("row", name="grey.zip")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Score", exact=True).click()
    expect(page.locator("#upload-status")).to_contain_text("scored on 1", timeout=PATIENCE)
    expect(page.locator("#upload-table")).to_contain_text("upload 1 grey")
    expect(page.locator("#upload-viewer figcaption b")).to_have_count(3)


def test_what_takes_minutes_is_stopped_and_another_comparison_begins(page: Page) -> None:
    page.get_by_role("tab", name="One style pair", exact=True).click()
    line = page.locator("#styles-status")
    expect(line).to_contain_text(" drew ", timeout=PATIENCE)  # what opens by itself
    page.get_by_label("gatys", exact=True).check()
    page.get_by_role("button", name="Compare", exact=True).last.click()
    expect(line).to_contain_text("gatys", timeout=PATIENCE)
    page.get_by_role("button", name="Stop", exact=True).locator("visible=true").click()
    expect(line).to_contain_text("Stopped; ", timeout=PATIENCE)
    page.get_by_label("gatys", exact=True).uncheck()
    page.get_by_role("button", name="Compare", exact=True).last.click()
    expect(line).to_contain_text(" drew ", timeout=PATIENCE)


# --- the viewer alone ----------------------------------------------------------------------------

GREY = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='8' height='4'/>"
PANES = [{"name": name, "url": GREY, "note": "", "size": [8, 4]} for name in ("one", "two")]
ALONE = """
const heard = [], watched = {}, props = {value: {panes}}, element = document.querySelector('#host');
new Function('element', 'props', 'trigger', 'watch', SOURCE)(
  element, props, (name) => heard.push(name), (name, told) => { watched[name] = told; });
const point = (kind, x, y) => {
  const box = element.querySelector('.frame').getBoundingClientRect();
  element.querySelector('.frame').dispatchEvent(new PointerEvent(`pointer${kind}`, {pointerId: 1,
    bubbles: true, clientX: box.left + x * box.width, clientY: box.top + y * box.height}));
};
const seen = () => element.querySelector('.frame img').style.transform;
HTMLElement.prototype.setPointerCapture = () => {};  // a synthetic pointer has nothing to capture
"""


@pytest.fixture
def alone(chromium) -> Iterator[Callable[[str], Any]]:
    """Runs JavaScript beside a viewer of two pictures in a page of its own."""
    opened, component = chromium.new_page(), viewer(keys=True)
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    style = f"<style>{component.css_template}</style>"
    opened.set_content(f"{style}<div id=host style='width:800px'>{component.html_template}</div>")
    given = f"const SOURCE = {json.dumps(component.js_on_load)}, panes = {json.dumps(PANES)};"
    yield lambda code: opened.evaluate(f"() => {{ {given} {ALONE} {code} }}")
    opened.close()
    assert errors == []


def test_a_picture_that_arrives_during_a_drag_ends_it_and_the_zoom_goes_on(alone) -> None:
    told = alone(
        """
        element.querySelector('[data-zoom=in]').click();
        point('down', .5, .5);
        point('move', .6, .6);
        const moved = seen();
        props.value = {panes: [...panes, {...panes[0], name: 'three'}], keep: true};
        watched.value();
        point('move', .7, .7);
        const after = seen();
        element.querySelector('[data-zoom=in]').click();
        return {moved, after, zoomed: seen()};
        """
    )
    assert told["moved"] == told["after"] != told["zoomed"]
    assert not any("NaN" in transform for transform in told.values())


@pytest.mark.parametrize(
    ("focused", "answers"),
    [("radio", ["left"]), ("checkbox", ["left"]), ("text", []), ("number", [])],
)
def test_keys_vote_but_where_they_are_written(alone, focused: str, answers: list[str]) -> None:
    told = alone(
        f"""
        const input = document.createElement('input');
        input.type = '{focused}';
        document.body.append(input);
        input.dispatchEvent(new KeyboardEvent('keydown', {{key: '1', bubbles: true}}));
        return heard;
        """
    )
    assert told == answers
