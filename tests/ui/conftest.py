"""A lab with tiny checkpoints, and a browser that cannot reach anything but this machine."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lab.card import CHECKPOINTS
from lab.lab import Lab
from tests.tiny import save_linear_fast, save_streets

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("ATELIER_CHECKPOINTS", CHECKPOINTS))
PATIENCE = 60_000  # milliseconds: an upper bound for a machine that is busy, not a demand
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


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `python app.py`, started once for all tests in the browser."""
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
def visit(chromium, address: str) -> Iterator[Callable[..., "object"]]:
    """Opens the app in a fresh visitor's browser and waits for the first photograph; afterwards
    asserts that nothing was asked of other machines and that nothing went wrong in the page."""
    contexts, outside, errors = [], [], []

    def open_page(*, dark: bool = False, **options):
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda r: outside.append(r.url) if is_outside(r.url, address) else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.goto(f"{address}?__theme={'dark' if dark else 'light'}")
        page.locator("#photo img").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert outside == []
    assert errors == []


def is_outside(url: str, address: str) -> bool:
    """Whether a request leaves this server."""
    return not url.startswith((address, "data:", "blob:"))


@pytest.fixture(scope="session")
def album() -> Path:
    """Where screenshots are kept to be looked at: $SCREENSHOTS or tests/artifacts."""
    folder = Path(os.environ.get("SCREENSHOTS") or Path(__file__).parents[1] / "artifacts")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def pictures(tmp_path: Path) -> list[str]:
    """A content and two styles: paths of small noise pictures."""
    paths = []
    for k, size in enumerate(((90, 60), (40, 40), (50, 30))):
        pixels = np.random.default_rng(k).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
        paths.append(str(tmp_path / f"{k}.png"))
        Image.fromarray(pixels).save(paths[-1])
    return paths
