"""The real app with the shipped checkpoints in Chromium: what a visitor does, and sees."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.card import CHECKPOINTS
from lab.ui import TABS

sync_api = pytest.importorskip("playwright.sync_api")
Page, expect = sync_api.Page, sync_api.expect

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("ATELIER_CHECKPOINTS", CHECKPOINTS))
PATIENCE = 180_000  # milliseconds: an upper bound for a machine that is busy, not a demand
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESKTOP = {"viewport": {"width": 1280, "height": 900}}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `python app.py`, started for this file and stopped after it."""
    for name in ("town", "linear-fast"):
        if not (FOLDER / name / "card.json").is_file():
            pytest.skip(f"needs the checkpoint {name} in {FOLDER.name}/")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    work = tmp_path_factory.mktemp("app")
    command = [sys.executable, str(ROOT / "app.py"), "--port", str(port), "--device", "cpu"]
    environment = {**os.environ, "GRADIO_TEMP_DIR": str(work / "cache")}
    with (work / "log.txt").open("w") as log:
        server = subprocess.Popen(
            [*command, "--checkpoints", str(FOLDER)], env=environment, stdout=log, stderr=log
        )
    try:
        url = f"http://127.0.0.1:{port}/"
        wait_for(url, server, work / "log.txt")
        yield url
    finally:
        server.terminate()
        server.wait(30)


def wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    """Returns when `url` answers; fails with the log when the server ends or stays silent."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < end and server.poll() is None:
        try:
            direct.open(url, timeout=10).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    pytest.fail(f"The app does not answer:\n{log.read_text()[-2000:]}")


@pytest.fixture
def visit(chromium, address: str) -> Iterator[Callable[..., Page]]:
    """Opens the app in a fresh visitor's browser and waits for the first photograph; afterwards
    asserts that nothing was asked of other machines and that nothing went wrong in the page."""
    contexts, outside, errors = [], [], []

    def open_page(*, dark: bool = False, **options) -> Page:
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda r: outside.append(r.url) if is_outside(r.url, address) else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.goto(f"{address}?__theme={'dark' if dark else 'light'}")
        expect(page.locator("#photo img")).to_be_visible(timeout=PATIENCE)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert outside == []
    assert errors == []


def is_outside(url: str, address: str) -> bool:
    """Whether a request leaves this server."""
    return not url.startswith((address, "data:", "blob:"))


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: $SCREENSHOTS or a temporary folder."""
    folder = Path(os.environ.get("SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def source(page: Page, selector: str) -> str | None:
    """The address of the last picture inside `selector`."""
    return page.locator(f"{selector} img").last.get_attribute("src")


def wait_for_another(page: Page, selector: str, old: str | None) -> None:
    """Until the last picture inside `selector` is not `old`."""
    picture = page.locator(f"{selector} img").last
    expect(picture).not_to_have_attribute("src", old or "", timeout=PATIENCE)


def open_tab(page: Page, title: str) -> None:
    page.get_by_role("tab", name=title, exact=True).first.click()


def stroke(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drags over the canvas between two points given as shares of its width and height."""
    box = page.locator("#painter canvas.map").bounding_box()
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=8)
    page.mouse.up()


def test_a_stroke_paints_a_new_photograph_and_undo_brings_the_old_one_back(visit, album) -> None:
    page = visit(**DESKTOP)
    first = source(page, "#photo")
    page.get_by_role("radio", name="tree", exact=True).click()
    stroke(page, (0.3, 0.7), (0.5, 0.75))
    wait_for_another(page, "#photo", first)
    page.screenshot(path=album / "stroke.png", full_page=True)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#photo img").last).to_have_attribute("src", first, timeout=PATIENCE)


def test_an_object_takes_the_look_that_is_clicked(visit, album) -> None:
    page = visit(**DESKTOP)
    box = page.locator("#photo img").bounding_box()
    page.locator("#photo img").click(position={"x": box["width"] / 2, "y": box["height"] * 0.95})
    looks = page.locator("#look-gallery .thumbnail-item")
    expect(looks.nth(1)).to_be_visible(timeout=PATIENCE)
    first = source(page, "#photo")
    looks.nth(1).click()
    wait_for_another(page, "#photo", first)
    page.screenshot(path=album / "look.png", full_page=True)


def test_the_eraser_brings_back_the_very_picture_from_before_the_stroke(visit) -> None:
    page = visit(**DESKTOP)
    first = source(page, "#photo")
    page.get_by_role("button", name="Clear", exact=True).click()
    wait_for_another(page, "#photo", first)
    cleared = source(page, "#photo")
    stroke(page, (0.2, 0.5), (0.4, 0.8))
    wait_for_another(page, "#photo", cleared)
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
            wait_for_another(page, "#photo", old)
            old = source(page, "#photo")
            page.get_by_role("radio", name="building").click()
        else:
            page.get_by_role("button", name="New object").click()
        stroke(page, (0.2 + 0.5 * step, 0.3), (0.3 + 0.5 * step, 0.4))
        wait_for_another(page, "#photo", old)
    page.get_by_role("combobox", name="Look of").click()
    for name in ("building 1", "building 2"):
        expect(page.get_by_role("option", name=name, exact=True)).to_have_count(1)


def test_a_layout_can_be_chosen_and_cleared(visit) -> None:
    page = visit(**DESKTOP)
    first = source(page, "#photo")
    page.locator("#presets .thumbnail-item").nth(1).click()
    wait_for_another(page, "#photo", first)
    second = source(page, "#photo")
    page.get_by_role("button", name="Clear", exact=True).click()
    wait_for_another(page, "#photo", second)


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
