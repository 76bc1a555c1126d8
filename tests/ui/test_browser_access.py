"""Every tab for people who do not see or point: axe-core finds nothing serious, light and dark."""

from collections.abc import Iterator
from typing import Any

import pytest

from lab.ui import TABS
from tests.ui.browsing import PATIENCE, expect, open_tab

sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")

pytestmark = pytest.mark.browser
SERIOUS = ("serious", "critical")
LASTING = {"exclude": [[".progress-text"]]}  # Gradio's clock, which runs for seconds over a picture
AT_REST = "*, ::before, ::after { transition: none !important }"  # half faded in is half a contrast
SETTLED = 5000  # milliseconds for what a tab shows by itself; the rest is looked at empty


@pytest.fixture(scope="module", params=["light", "dark"])
def page(request, chromium, address: str) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    opened.goto(f"{address}?__theme={request.param}")
    opened.add_style_tag(content=AT_REST)
    yield opened
    context.close()


@pytest.mark.parametrize("title", [tab.TITLE for tab in TABS])
def test_axe_finds_nothing_serious(page, title: str) -> None:
    open_tab(page, title)
    page.wait_for_timeout(SETTLED)
    found = axe.Axe().run(page, context=LASTING).response["violations"]
    serious = {
        violation["id"]: [node["html"][:160] for node in violation["nodes"]]
        for violation in found
        if violation["impact"] in SERIOUS
    }
    assert serious == {}


def test_the_divider_between_two_pictures_moves_by_keys(page) -> None:
    open_tab(page, "Resolution")
    divider, handle = (page.locator(f"#stages {part}") for part in ("[role=slider]", ".inner"))
    frame = page.locator("#stages .wrap:has(> [role=slider])")
    divider.focus()
    places = []
    for key, share in (("Home", 0), ("PageUp", 25), ("ArrowRight", 30), ("Shift+ArrowLeft", 29)):
        page.keyboard.press(key)
        expect(divider).to_have_attribute("aria-valuenow", str(share))
        box = frame.bounding_box()
        places.append((handle.bounding_box()["x"] - box["x"]) / box["width"])
    assert places[0] < places[3] < places[2] and abs(places[1] - places[0] - 0.25) < 0.02


def test_pictures_of_a_gallery_are_named_by_what_they_show(page) -> None:
    open_tab(page, "Draw")
    layouts = page.locator("#presets .thumbnail-item")
    caption = layouts.nth(1).locator(".caption-label").text_content().strip()
    expect(layouts.nth(1)).to_have_attribute("aria-label", caption)
    expect(layouts.nth(1)).to_have_attribute("aria-pressed", "false")
    layouts.nth(1).click()
    expect(layouts.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(layouts.nth(0)).to_have_attribute("aria-pressed", "false")
    expect(layouts.nth(1)).to_have_attribute("aria-label", caption)
