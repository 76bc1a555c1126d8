"""Styles, Resolution and Inside in Chromium with the shipped checkpoints: what each is for."""

from pathlib import Path

import pytest

from tests.ui.browsing import DESKTOP, PATIENCE, open_tab, source, wait_for_another

sync_api = pytest.importorskip("playwright.sync_api")
Page, expect = sync_api.Page, sync_api.expect

pytestmark = pytest.mark.browser


def test_two_looks_are_compared_and_the_right_one_is_used_in_draw(visit, album: Path) -> None:
    page = visit(**DESKTOP)
    before = source(page, "#photo")
    open_tab(page, "Styles")
    looks = page.locator("#swatches .thumbnail-item")
    expect(looks.nth(7)).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#two-looks img").last).to_be_visible(timeout=PATIENCE)
    first = source(page, "#two-looks")
    looks.nth(3).click()  # red setts, which the first picture's road does not have
    wait_for_another(page, "#two-looks", first)
    page.screenshot(path=album / "two-looks.png", full_page=True)
    page.get_by_role("button", name="Use the right look in Draw").click()
    expect(page.locator("#tab-draw-button")).to_have_attribute("aria-selected", "true")
    wait_for_another(page, "#photo", before)


def test_no_verdict_on_looks_stays_or_arrives_under_others(visit) -> None:
    page = visit(**DESKTOP)
    open_tab(page, "Styles")
    expect(page.locator("#two-looks img").last).to_be_visible(timeout=PATIENCE)
    verdict, compare = page.locator("#styles-agreement"), page.locator("#true-looks")
    cancel = page.get_by_role("button", name="Cancel", exact=True).locator("visible=true")
    compare.click()
    expect(verdict).to_contain_text("Reading", timeout=PATIENCE)
    expect(cancel).to_have_count(1)
    count = page.get_by_label("number input for Number of looks")
    for looks in ("3", "4"):  # while it is read, and once it is known
        count.fill(looks)
        count.press("Enter")
        expect(verdict).to_be_empty(timeout=PATIENCE)
        expect(cancel).to_have_count(0)
        page.wait_for_timeout(5000)  # for what is not to happen
        expect(verdict).to_be_empty()
        expect(page.locator("#swatches .thumbnail-item")).to_have_count(int(looks))
        compare.click()
        expect(verdict).to_contain_text("road objects", timeout=PATIENCE)


def test_a_layout_goes_through_both_stages_under_the_loupe(visit, album: Path) -> None:
    page = visit(**DESKTOP)
    open_tab(page, "Resolution")
    table = page.get_by_role("table").filter(has_text="GMAC")
    expect(table).to_contain_text("G2", timeout=PATIENCE)  # both are measured
    expect(page.locator("#stages-scores .thumbnail-item")).to_have_count(9, timeout=PATIENCE)
    loupe = page.get_by_alt_text("Left picture, enlarged")
    expect(loupe).to_be_visible(timeout=PATIENCE)
    seen, drawn = loupe.get_attribute("src"), source(page, "#stages")
    page.get_by_label("range slider for From left to right, %").fill("20")
    page.get_by_label("range slider for From left to right, %").dispatch_event("pointerup")
    expect(loupe).not_to_have_attribute("src", seen, timeout=PATIENCE)
    moved = loupe.get_attribute("src")
    page.get_by_label("Layout", exact=True).locator("visible=true").click()
    page.get_by_role("option", name="Layout 2", exact=True).click()
    page.get_by_role("button", name="Draw", exact=True).locator("visible=true").click()
    wait_for_another(page, "#stages", drawn)
    expect(loupe).not_to_have_attribute("src", moved, timeout=PATIENCE)
    page.screenshot(path=album / "stages.png", full_page=True)


def test_the_last_picture_is_taken_apart_layer_by_layer(visit, album: Path) -> None:
    page = visit(**DESKTOP)
    open_tab(page, "Inside")
    for part in ("#inside-outlines", "#inside-channels", "#inside-scores"):
        expect(page.locator(f"{part} img").last).to_be_visible(timeout=PATIENCE)
    layer = source(page, "#inside-channels")
    page.locator("#inside-layer input").click()
    page.get_by_role("option").first.click()
    wait_for_another(page, "#inside-channels", layer)
    said = source(page, "#inside-scores")
    page.locator("#inside-score input").click()
    page.get_by_role("option").last.click()
    wait_for_another(page, "#inside-scores", said)
    page.screenshot(path=album / "inside.png", full_page=True)
