"""The real app with the shipped checkpoints in Chromium: what a visitor does, and sees."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from lab.ui import TABS
from lab.ui.layouts import PRESETS
from lab.ui.looks import NOTHING_PICKED
from lab.ui.store import SHIPPED
from tests.ui.browsing import DESKTOP, PATIENCE, PHONE, open_tab, source, wait_for_another
from tests.ui.test_painter_kept import packed

sync_api = pytest.importorskip("playwright.sync_api")
Page, expect = sync_api.Page, sync_api.expect

pytestmark = pytest.mark.browser


def stroke(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drags over the canvas between two points given as shares of its width and height."""
    canvas = page.locator("#painter canvas.map")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=8)
    page.mouse.up()


def wait_for_drawing(page: Page, old: str | None) -> None:
    """Until the whole photograph is there: where that takes long, a quick one comes first."""
    wait_for_another(page, "#photo", old)
    page.locator("#painter .painter:not([data-busy])").wait_for()


def opened_again(page: Page):
    """The photograph of a second page in the same visitor's browser, once it stands."""
    again = page.context.new_page()
    again.goto(page.url)
    expect(again.locator("#last-pictures .thumbnail-item")).to_have_count(1, timeout=PATIENCE)
    return again.locator("#photo img").last


@pytest.mark.parametrize(
    ("title", "where"),
    [("Draw", "#photo"), ("Styles", "#two-looks"), ("Resolution", "#stages"),
     ("Transfer", "#restyled"), ("Inside", "#inside-channels"), ("Inside", "#inside-scores"),
     ("Compare", "#layout-viewer")],
)  # fmt: skip
def test_a_first_visit_begins_with_a_picture_drawn_ahead(visit, title: str, where: str) -> None:
    page = visit(**DESKTOP)
    open_tab(page, title)
    expect(page.locator(f"{where} img").last).to_be_visible(timeout=PATIENCE)
    assert Path(urlsplit(source(page, where)).path).name in {
        path.name for path in SHIPPED.iterdir()
    }


def test_a_stroke_paints_a_new_photograph_and_undo_brings_the_old_one_back(visit, album) -> None:
    page = visit(**DESKTOP)
    first = source(page, "#photo")
    page.get_by_role("radio", name="tree", exact=True).click()
    stroke(page, (0.3, 0.7), (0.5, 0.75))
    wait_for_drawing(page, first)
    page.screenshot(path=album / "stroke.png", full_page=True)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#photo img").last).to_have_attribute("src", first, timeout=PATIENCE)


def test_two_visitors_never_see_each_others_work(visit) -> None:
    one, other = visit(**DESKTOP), visit(**DESKTOP)
    first = source(one, "#photo")
    one.get_by_role("button", name="Clear", exact=True).click()
    wait_for_drawing(one, first)
    expect(one.locator("#last-pictures .thumbnail-item")).to_have_count(2, timeout=PATIENCE)
    expect(other.locator("#last-pictures .thumbnail-item")).to_have_count(1)
    assert source(other, "#photo") == first
    # A drawing is kept where it was made, and nowhere else.
    expect(opened_again(other)).to_have_attribute("src", first, timeout=PATIENCE)
    expect(opened_again(one)).not_to_have_attribute("src", first, timeout=PATIENCE)


def test_an_object_takes_the_look_that_is_clicked(visit, album) -> None:
    page = visit(**DESKTOP)
    box = page.locator("#photo img").bounding_box()
    page.locator("#photo img").click(position={"x": box["width"] / 2, "y": box["height"] * 0.95})
    looks = page.locator("#look-gallery .thumbnail-item")
    expect(looks.nth(2)).to_be_visible(timeout=PATIENCE)
    looks.nth(1).click()  # which may be the look that it has: then nothing is drawn
    page.wait_for_timeout(3000)
    page.locator("#painter .painter:not([data-busy])").wait_for()
    before = source(page, "#photo")
    looks.nth(2).click()
    wait_for_drawing(page, before)
    page.screenshot(path=album / "look.png", full_page=True)


def test_looks_are_offered_only_of_an_object_of_the_drawing_that_is_shown(visit) -> None:
    page = visit(**DESKTOP)
    first, looks = source(page, "#photo"), page.locator("#look-gallery .thumbnail-item")
    hint = page.get_by_text(NOTHING_PICKED)
    bring = (page.locator("#presets .thumbnail-item").nth(1),  # then the first drawing once more
             page.locator("#last-pictures .thumbnail-item").nth(1))  # fmt: skip
    for other in bring:
        before = source(page, "#photo")
        box = page.locator("#photo img").bounding_box()
        at = {"x": box["width"] / 2, "y": box["height"] * 0.95}
        page.locator("#photo img").click(position=at)
        expect(looks.nth(2)).to_be_visible(timeout=PATIENCE)
        expect(hint).to_have_count(0)
        other.click()
        wait_for_drawing(page, before)
        expect(looks).to_have_count(0)
        expect(hint).to_be_visible()
        expect(page.get_by_role("combobox", name="Look of")).to_have_value("")
    assert source(page, "#photo") == first


def test_a_painted_map_makes_room_for_another_domain_and_is_kept(visit) -> None:
    page = visit(**DESKTOP)
    photo = source(page, "#photo")
    stroke(page, (0.3, 0.7), (0.5, 0.75))
    wait_for_drawing(page, photo)
    for title, label in (("Faces", "hair"), ("Town", "pole")):
        photo = source(page, "#photo")
        page.locator("#draw-checkpoint").get_by_text(title, exact=True).click()
        wait_for_drawing(page, photo)
        photo = source(page, "#photo")
        page.get_by_role("radio", name=label, exact=True).click()
        stroke(page, (0.4, 0.2), (0.6, 0.3))
        wait_for_drawing(page, photo)
        expect(page.get_by_test_id("toast-body")).to_have_count(0)
    expect(page.get_by_role("button", name="Bring it back")).to_be_visible()


def test_the_line_over_the_map_moves_until_the_newest_stroke_is_drawn(visit) -> None:
    page = visit(**DESKTOP)
    first = source(page, "#photo")
    stroke(page, (0.3, 0.6), (0.5, 0.6))
    wait_for_another(page, "#photo", first)  # the quick picture; the whole one is being drawn
    stroke(page, (0.3, 0.8), (0.5, 0.8))
    page.locator("#painter .painter:not([data-busy])").wait_for()
    newest = source(page, "#photo")
    expect(page.locator("#last-pictures .thumbnail-item")).to_have_count(3, timeout=PATIENCE)
    assert source(page, "#photo") == newest


def test_the_eraser_brings_back_the_very_picture_from_before_the_stroke(visit) -> None:
    page = visit(**DESKTOP)
    first = source(page, "#photo")
    page.get_by_role("button", name="Clear", exact=True).click()
    wait_for_drawing(page, first)
    cleared = source(page, "#photo")
    stroke(page, (0.2, 0.5), (0.4, 0.8))
    wait_for_drawing(page, cleared)
    page.get_by_role("button", name="Eraser").click()
    stroke(page, (0.2, 0.5), (0.4, 0.8))
    # The same ids are the same recipe, and the same recipe is the same file.
    expect(page.locator("#photo img").last).to_have_attribute("src", cleared, timeout=PATIENCE)


def test_a_new_object_is_another_instance(visit) -> None:
    page = visit(**DESKTOP)
    for step in range(2):
        old = source(page, "#photo")
        if step == 0:
            page.get_by_role("button", name="Clear", exact=True).click()
            wait_for_drawing(page, old)
            old = source(page, "#photo")
            page.get_by_role("radio", name="building").click()
        else:
            page.get_by_role("button", name="New object").click()
        stroke(page, (0.2 + 0.5 * step, 0.3), (0.3 + 0.5 * step, 0.4))
        wait_for_drawing(page, old)
    page.get_by_role("combobox", name="Look of").click()
    for name in ("building 1", "building 2"):
        expect(page.get_by_role("option", name=name, exact=True)).to_have_count(1)


def test_a_layout_can_be_chosen_and_cleared(visit) -> None:
    page = visit(**DESKTOP)
    first = source(page, "#photo")
    page.locator("#presets .thumbnail-item").nth(1).click()
    wait_for_drawing(page, first)
    second = source(page, "#photo")
    page.get_by_role("button", name="Clear", exact=True).click()
    wait_for_drawing(page, second)


def test_a_link_pasted_while_another_tab_is_shown_shows_its_drawing_in_draw(visit) -> None:
    page = visit(**DESKTOP)
    first = source(page, "#photo")
    open_tab(page, "Transfer")
    page.evaluate(
        "link => { location.hash = link; }",
        f"drawing={packed({'w': 1024, 'h': 512, 'preset': PRESETS[2]})}",
    )
    expect(page.locator("#tab-draw-button")).to_have_attribute("aria-selected", "true")
    wait_for_another(page, "#photo", first)


def test_a_picture_is_restyled_and_weakened(visit, album) -> None:
    page = visit(**DESKTOP)
    open_tab(page, "Transfer")
    expect(page.locator("#restyled img").last).to_be_visible(timeout=PATIENCE)
    first = source(page, "#restyled")
    page.locator(".gallery-item, .gallery button").filter(has=page.locator("img")).last.wait_for()
    page.get_by_label("range slider for Strength").fill("0.5")
    page.get_by_label("range slider for Strength").dispatch_event("pointerup")
    wait_for_another(page, "#restyled", first)
    page.screenshot(path=album / "restyled.png", full_page=True)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("options", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_tab_opens_and_fits_its_screen(visit, album, options, dark: bool) -> None:
    page = visit(dark=dark, **options)
    width = options["viewport"]["width"]
    done = {"Styles": "#swatches img", "Resolution": "#stages img", "Transfer": "#restyled img"}
    for tab in TABS:
        open_tab(page, tab.TITLE)
        if tab.TITLE in done:
            expect(page.locator(done[tab.TITLE]).last).to_be_visible(timeout=PATIENCE)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, tab.TITLE
        expect(page.get_by_test_id("toast-body")).to_have_count(0)
        shade = "dark" if dark else "light"
        page.screenshot(path=album / f"{tab.TITLE}-{width}-{shade}.png", full_page=True)
