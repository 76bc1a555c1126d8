"""A lab with tiny checkpoints, and a browser that cannot reach anything but this machine."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.lab import Lab
from tests.tiny import save_linear_fast, save_streets

BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="session")
def tiny_checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a two-stage "streets", a one-stage "town" and a "linear-fast"."""
    root = tmp_path_factory.mktemp("checkpoints")
    save_streets(root, "streets", enhancers=1)
    save_streets(root, "town", enhancers=0, seed=1)
    save_linear_fast(root)
    return root


@pytest.fixture
def lab(tiny_checkpoints: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A lab on the CPU whose pictures go to a folder of this test."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "pictures"))
    return Lab(device="cpu", checkpoints=tiny_checkpoints)


@pytest.fixture(scope="session")
def chromium() -> Iterator["object"]:
    """A running Chromium (Playwright's `Browser`); skipped where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api")
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.skip("needs Chromium: set CHROMIUM to its path")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=BROWSER_ARGUMENTS)
        yield browser
        browser.close()
