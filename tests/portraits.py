"""Photographs the page for the README: `python -m tests.portraits http://127.0.0.1:7860`.

The page must be running with the shipped checkpoints; Chromium is found as in `tests/run.sh`.
"""

import os
import shutil
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from lab.patterns import ASSETS

FOLDER = ASSETS / "page"
SCREEN = {"width": 1280, "height": 860}
READY = {"Draw": "#photo img", "Transfer": "#matrix .js-plotly-plot"}  # what appears last
PATIENCE = 180_000  # milliseconds


def portrait(page: Page, title: str, ready: str) -> Path:
    """The tab `title` as a visitor first sees it, once `ready` is there."""
    page.get_by_role("tab", name=title, exact=True).first.click()
    page.locator(ready).first.wait_for(timeout=PATIENCE)
    page.wait_for_timeout(3000)  # the last picture fades in
    path = FOLDER / f"{title.lower()}.jpg"
    Image.open(BytesIO(page.screenshot())).convert("RGB").save(path, quality=85)
    return path


def main(address: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport=SCREEN)
        page.goto(f"{address}?__theme=light")
        for title, ready in READY.items():
            print(portrait(page, title, ready))
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
