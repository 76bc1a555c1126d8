"""The Transfer tab in Chromium with the shipped checkpoint: what a visitor does, and sees."""

import numpy as np
import pytest
from PIL import Image

from tests.ui.browsing import DESKTOP, PATIENCE, PHONE, open_tab, source, wait_for_another
from tests.videos import clips

sync_api = pytest.importorskip("playwright.sync_api")
Page, expect = sync_api.Page, sync_api.expect

pytestmark = pytest.mark.browser
MIX, REGIONS = "Mix in more styles", "Each style in its own region"
VIDEO, LARGE = "A video in these styles", "A very large picture, at its full size"


def opened(page: Page) -> str:
    """The tab with its first picture; returns where that comes from."""
    open_tab(page, "Transfer")
    expect(page.locator("#restyled img").last).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#matrix .js-plotly-plot")).to_be_visible(timeout=PATIENCE)
    return source(page, "#restyled")


def fold(page: Page, title: str) -> None:
    """Opens an accordion."""
    page.get_by_role("button", name=title).click()


def test_styles_are_mixed_on_the_pad_and_by_its_keys_and_given_regions(
    visit, album, tmp_path
) -> None:
    page = visit(**DESKTOP)
    before = opened(page)
    fold(page, MIX)
    page.locator("#more-styles .thumbnail-item").nth(4).click()
    wait_for_another(page, "#restyled", before)
    knob = page.locator("#mixer .knob")
    expect(knob).to_be_visible(timeout=PATIENCE)
    before = source(page, "#restyled")
    knob.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#mixer .shares")).to_have_text("Style 1 45 % · Style 2 55 %")
    wait_for_another(page, "#restyled", before)
    share = page.get_by_label("number input for Style 2 share")
    expect(share).to_have_value("0.55", timeout=PATIENCE)
    before = source(page, "#restyled")
    share.fill("0.15")
    share.press("Enter")
    expect(page.locator("#mixer .shares")).to_have_text("Style 1 75 % · Style 2 25 %")
    wait_for_another(page, "#restyled", before)

    before = source(page, "#restyled")
    fold(page, REGIONS)
    canvas = page.locator("#regions canvas.map")
    canvas.scroll_into_view_if_needed()
    page.locator("#regions").get_by_role("radio", name="Style 2").click()
    canvas.click(position={"x": 40, "y": 40})
    expect(page.get_by_label("Give every style the region painted below")).to_be_checked()
    wait_for_another(page, "#restyled", before)
    page.screenshot(path=album / "regions.png", full_page=True)
    expect(page.get_by_test_id("toast-body")).to_have_count(0)

    # what was painted is fitted to a content of another shape, and that is no wish to divide
    divided = page.get_by_label("Give every style the region painted below")
    before = source(page, "#restyled")
    divided.uncheck()
    wait_for_another(page, "#restyled", before)
    Image.new("RGB", (120, 240), (90, 140, 60)).save(tmp_path / "tall.png")
    before, wide = source(page, "#restyled"), canvas.get_attribute("width")
    page.locator("#content").get_by_label("Remove").or_(
        page.locator("#content").get_by_label("Clear")
    ).first.click()
    expect(page.locator("#transfer-save")).to_be_disabled(timeout=PATIENCE)
    page.locator("#content input[type=file]").set_input_files(tmp_path / "tall.png")
    wait_for_another(page, "#restyled", before)
    expect(canvas).not_to_have_attribute("width", wide, timeout=PATIENCE)
    page.wait_for_timeout(3000)  # for what is not to happen
    expect(divided).not_to_be_checked()
    expect(page.locator("#transfer-save")).to_be_enabled()
    canvas.click(position={"x": 20, "y": 40})
    expect(divided).to_be_checked()


def test_a_mood_keeps_a_photograph_and_the_matrix_can_be_taken_home(visit, album) -> None:
    page = visit(**DESKTOP)
    before = opened(page)
    page.locator("#moods .thumbnail-item").first.click()
    wait_for_another(page, "#restyled", before)
    fold(page, "Keep it a photograph")
    kept = page.get_by_label("Keep edges and surfaces; transfer only colours").first
    expect(kept).to_be_checked()
    page.get_by_role("radio", name="The whole map").click()
    page.get_by_role("radio", name="Covariances").click()  # at once: the last one is shown
    expect(page.locator("#matrix-detail")).to_contain_text("Result", timeout=PATIENCE)
    page.get_by_role("button", name="Make files of all matrices").click()
    expect(page.locator("#matrix-files")).to_contain_text(".npz", timeout=PATIENCE)
    page.screenshot(path=album / "mood.png", full_page=True)

    # another style is no mood; who ticks it for himself keeps it
    styles = page.get_by_text("Styles to try").locator("xpath=..").get_by_role("button")
    before = source(page, "#restyled")
    styles.nth(2).click()
    wait_for_another(page, "#restyled", before)
    expect(kept).not_to_be_checked(timeout=PATIENCE)
    before = source(page, "#restyled")
    kept.check()
    wait_for_another(page, "#restyled", before)
    before = source(page, "#restyled")
    styles.nth(3).click()
    wait_for_another(page, "#restyled", before)
    expect(kept).to_be_checked()


def test_a_drawing_of_minutes_makes_way_for_what_is_chosen_next(visit) -> None:
    page = visit(**DESKTOP)
    before = opened(page)
    line = page.locator("#transfer-status")
    page.get_by_role("radio", name="Gatys").locator("visible=true").click()
    expect(line).to_contain_text("press Draw", timeout=PATIENCE)
    page.locator("#slowly").click()
    expect(line).to_contain_text("% drawn", timeout=PATIENCE)
    page.get_by_role("radio", name="small and fast").locator("visible=true").click()
    expect(line).to_contain_text("linear-fast on", timeout=PATIENCE)
    page.wait_for_timeout(8000)  # for what is not to happen
    expect(line).to_contain_text("linear-fast on")
    assert source(page, "#restyled") == before
    # and the lane of long drawings is free again
    page.get_by_role("radio", name="Gatys").locator("visible=true").click()
    expect(line).to_contain_text("press Draw", timeout=PATIENCE)
    page.locator("#slowly").click()
    expect(line).to_contain_text("% drawn", timeout=PATIENCE)
    page.locator("#slowly-cancel").click()
    expect(line).to_contain_text("Stopped", timeout=PATIENCE)


def test_a_video_is_drawn_cancelled_and_drawn_again(visit, album, tmp_path) -> None:
    clip = clips.make(tmp_path / "clip.mp4", clips.pictures(60, (384, 288)))
    page = visit(**DESKTOP)
    opened(page)
    fold(page, VIDEO)
    page.locator("#video input[type=file]").set_input_files(clip)
    expect(page.locator("#video video")).to_be_visible(timeout=PATIENCE)
    line = page.locator("#video-status")
    page.get_by_role("button", name="Draw the video").click()
    expect(line).to_contain_text("% drawn", timeout=PATIENCE)
    page.locator("#video-cancel").click()
    expect(line).to_contain_text("Stopped", timeout=PATIENCE)
    page.get_by_role("button", name="Draw the video").click()
    expect(line).to_contain_text("60 frames", timeout=PATIENCE)
    expect(page.locator("#video-result video")).to_be_visible(timeout=PATIENCE)
    ready = "document.querySelector('#video-result video').readyState >= 2"
    page.wait_for_function(ready, timeout=PATIENCE)
    page.locator("#video-panel").screenshot(path=album / "video.png")


def test_a_large_picture_comes_back_as_a_file(visit, album, tmp_path) -> None:
    rows, columns = np.indices((600, 900))
    pixels = np.stack([rows % 256, columns % 256, (rows + columns) % 256], -1).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "large.png")
    page = visit(**DESKTOP)
    opened(page)
    fold(page, LARGE)
    page.locator("#large input[type=file]").set_input_files(tmp_path / "large.png")
    expect(page.locator("#large")).to_contain_text("large", timeout=PATIENCE)
    page.get_by_role("button", name="Draw at full size").click()
    expect(page.locator("#large-status")).to_contain_text("900 × 600", timeout=PATIENCE)
    expect(page.locator("#large-preview img")).to_be_visible(timeout=PATIENCE)
    with page.expect_download() as download:
        page.locator("#large-save").click()
    assert Image.open(download.value.path()).size == (900, 600)
    page.locator("#large-panel").screenshot(path=album / "large.png")


@pytest.mark.parametrize(
    ("options", "dark"), [(DESKTOP, False), (PHONE, True)], ids=["desktop-light", "phone-dark"]
)
def test_everything_unfolded_fits_its_screen(visit, album, options, dark: bool) -> None:
    page = visit(dark=dark, **options)
    before = opened(page)
    for title in (MIX, REGIONS, "Colour and strokes", "Keep it a photograph", VIDEO, LARGE):
        fold(page, title)
    page.locator("#more-styles .thumbnail-item").nth(2).click()
    wait_for_another(page, "#restyled", before)
    width = options["viewport"]["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shade = "dark" if dark else "light"
    page.screenshot(path=album / f"unfolded-{width}-{shade}.png", full_page=True)


def test_a_picture_that_cannot_be_read_leaves_no_other_on_show(visit, tmp_path) -> None:
    page = visit(**DESKTOP)
    opened(page)
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    page.locator("#content").get_by_label("Remove").or_(
        page.locator("#content").get_by_label("Clear")
    ).first.click()
    expect(page.locator("#transfer-save")).to_be_disabled(timeout=PATIENCE)
    page.locator("#content input[type=file]").set_input_files(tmp_path / "broken.png")
    toast = page.get_by_test_id("toast-body").first
    expect(toast).to_contain_text("broken.png is no readable picture", timeout=PATIENCE)
    assert "/tmp" not in toast.inner_text()
    line = page.get_by_text("There is a picture that could not be read")
    expect(line).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#transfer-save")).to_be_disabled()
