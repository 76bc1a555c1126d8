"""What the browser tests have in common: screens, patience, and how pictures are waited for."""

import pytest

from tests.ui.conftest import PATIENCE

sync_api = pytest.importorskip("playwright.sync_api")
Page, expect = sync_api.Page, sync_api.expect
expect.set_options(timeout=30_000)  # 5 seconds by default, which a busy machine takes to answer

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESKTOP = {"viewport": {"width": 1280, "height": 900}}


def source(page: Page, selector: str) -> str | None:
    """The address of the last picture inside `selector`."""
    return page.locator(f"{selector} img").last.get_attribute("src")


def wait_for_another(page: Page, selector: str, old: str | None) -> None:
    """Until the last picture inside `selector` is not `old`."""
    picture = page.locator(f"{selector} img").last
    expect(picture).not_to_have_attribute("src", old or "", timeout=PATIENCE)


def open_tab(page: Page, title: str) -> None:
    page.get_by_role("tab", name=title, exact=True).first.click()
