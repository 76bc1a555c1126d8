"""The looks of an object, the seed and the marks of galleries in the real app, in Chromium."""

import pytest

from lab.ui.looks import NOTHING_PICKED
from tests.ui.browsing import DESKTOP, PATIENCE, Page, expect, source
from tests.ui.test_browser import stroke, wait_for_drawing

pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser
LOOKS = "#look-gallery .thumbnail-item"


def pick_a_car(page: Page) -> None:
    """From the menu; returns once its looks are there."""
    page.get_by_role("combobox", name="Look of").click()
    page.get_by_role("option", name="car 1", exact=True).click()
    expect(page.locator(LOOKS).nth(2)).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("key", ["Delete", "Escape"])
def test_no_looks_stay_of_an_object_that_is_deleted_or_let_go(visit, key: str) -> None:
    page = visit(**DESKTOP)
    pick_a_car(page)
    page.get_by_role("button", name="Select", exact=True).click()
    page.keyboard.press(key)
    expect(page.locator(LOOKS)).to_have_count(0, timeout=PATIENCE)
    expect(page.get_by_text(NOTHING_PICKED)).to_be_visible()
    expect(page.get_by_role("combobox", name="Look of")).to_have_value("")
    expect(page.get_by_test_id("toast-body")).to_have_count(0)


def test_leaving_the_menu_of_objects_draws_no_looks_anew(visit) -> None:
    page = visit(**DESKTOP)
    pick_a_car(page)
    page.wait_for_timeout(3000)
    page.locator(LOOKS).first.evaluate("each => { each.dataset.same = 1; }")
    page.get_by_role("combobox", name="Look of").click()
    page.get_by_label("Seed of the looks").focus()
    page.wait_for_timeout(2000)
    expect(page.locator(f"{LOOKS}[data-same]")).to_have_count(1)


def test_a_seed_is_drawn_when_its_field_is_left_and_a_wrong_one_is_not(visit) -> None:
    page = visit(**DESKTOP)
    first = source(page, "#photo")
    seed = page.get_by_label("Seed of the looks")
    for text in ("5", "five"):
        seed.fill(text)
        seed.blur()
        if text == "5":
            wait_for_drawing(page, first)
            drawn = source(page, "#photo")
    expect(page.get_by_test_id("toast-body")).to_contain_text("whole number")
    page.wait_for_timeout(1000)
    assert source(page, "#photo") == drawn


def test_no_gallery_marks_what_is_not_there_any_more(visit) -> None:
    page = visit(**DESKTOP)
    last, layouts = (f"#{name} .thumbnail-item" for name in ("last-pictures", "presets"))
    first = source(page, "#photo")
    page.locator(layouts).nth(1).click()
    wait_for_drawing(page, first)
    expect(page.locator(f"{layouts}.selected")).to_have_count(1)
    expect(page.locator(last)).to_have_count(2, timeout=PATIENCE)
    page.locator(last).nth(1).click()
    expect(page.locator("#photo img").last).to_have_attribute("src", first, timeout=PATIENCE)
    for gallery in (last, layouts):
        expect(page.locator(f"{gallery}.selected")).to_have_count(0)
    page.locator(layouts).nth(2).click()
    wait_for_drawing(page, first)
    second = source(page, "#photo")
    page.get_by_role("button", name="Random layout").click()
    wait_for_drawing(page, second)
    expect(page.locator(f"{layouts}.selected")).to_have_count(0)


def test_the_marked_look_is_not_that_of_before_random_looks(visit) -> None:
    page = visit(**DESKTOP)
    pick_a_car(page)
    page.locator(LOOKS).nth(2).click()
    expect(page.locator(f"{LOOKS}.selected")).to_have_count(1)
    page.get_by_role("button", name="Random looks").click()
    expect(page.locator(f"{LOOKS}.selected")).to_have_count(0)


def test_a_stroke_before_another_domain_raises_no_alarm(visit) -> None:
    page = visit(**DESKTOP)
    first = source(page, "#photo")
    stroke(page, (0.3, 0.6), (0.5, 0.7))
    page.locator("#draw-checkpoint").get_by_text("Faces", exact=True).click()
    stroke(page, (0.3, 0.7), (0.5, 0.6))
    expect(page.get_by_role("radio", name="hair", exact=True)).to_be_visible(timeout=PATIENCE)
    wait_for_drawing(page, first)
    expect(page.get_by_test_id("toast-body")).to_have_count(0)
