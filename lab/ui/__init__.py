"""The lab in the browser: one module per tab, in the order of `TABS`."""

import os
from pathlib import Path

# Before the first import of gradio, which reads it: nothing is sent to anyone.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

from lab.ui import gpu  # isort: skip  (imports `spaces`, which must come before CUDA is used)

import gradio as gr
from PIL import Image
from starlette.middleware import Middleware

from lab.lab import Lab
from lab.limits import LARGE
from lab.patterns import ASSETS
from lab.ui import (
    about,
    compare,
    draw,
    inside,
    networks_api,
    resolution,
    styles,
    synthesis_api,
    transfer,
)
from lab.ui.cancelling import OneAtATime
from lab.ui.components import Page, synthesizers
from lab.ui.icon import ICON
from lab.ui.theme import CSS_FILES, THEME

__all__ = ["CSS_FILES", "LAUNCH", "TABS", "THEME", "build_app", "gpu"]

TABS = (draw, styles, resolution, transfer, compare, inside, about)
NAME = "Atelier"
HEADER = f"""<header class="head"><h1>{NAME}</h1>
<p>Label maps become photographs, photographs take on styles.</p></header>"""
CACHE_AGE = 3600  # seconds after which a visitor's pictures are deleted

# How the app is served: nothing leaves the machine, nothing grows without bound.
LAUNCH = {
    "theme": THEME,
    "css_paths": CSS_FILES,
    "js": Path(__file__).with_name("access.js").read_text(encoding="utf-8"),
    "show_error": True,
    "footer_links": [],
    "run_history": False,
    "enable_monitoring": False,
    "strict_cors": True,
    "ssr_mode": False,
    "pwa": False,
    "max_file_size": "200mb",  # of videos and of very large pictures
    "state_session_capacity": 200,
    "share": False,
    # Gradio would ask its own page once it is served, and end where a busy machine takes 3 seconds.
    "_frontend": False,
    "allowed_paths": [str(ASSETS)],
    "favicon_path": str(ICON),
    "app_kwargs": {"middleware": [Middleware(OneAtATime)]},
}


def build_app(lab: Lab) -> gr.Blocks:
    """The whole page around `lab`; it builds even where no checkpoint is installed."""
    Image.MAX_IMAGE_PIXELS = LARGE.pixels  # Pillow refuses at twice this, our own doors before
    with gr.Blocks(
        title=f"{NAME}: labels to photographs, pictures to styles",
        analytics_enabled=False,
        delete_cache=(CACHE_AGE, CACHE_AGE),
        fill_width=True,
    ) as app:
        gr.HTML(HEADER)
        desk = gr.State(None, time_to_live=CACHE_AGE)
        with gr.Tabs(elem_id="tabs", overflow_behavior="wrap"):
            for tab in TABS:
                name = tab.TITLE.lower()
                with gr.Tab(tab.TITLE, id=name, elem_id=f"tab-{name}") as page:
                    tab.build(lab, Page(page, desk))
        for api in (synthesis_api, networks_api):
            api.build(lab, [name for _, name in synthesizers(lab)])
    # A component whose value is a function becomes an endpoint named after it, of use to nobody.
    for event in app.fns.values():
        if any(name == "load" for _, name in event.targets):
            event.api_visibility = "private"
    app.queue(max_size=32, default_concurrency_limit=4)
    return app
