"""Pictures of one scene under one zoom: a plain `gr.HTML` around the files in viewer/.

Grid or divider, wheel, drag, pinch and keys: all of it happens in the browser.
"""

import base64
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

FOLDER = Path(__file__).with_name("viewer")


@dataclass(frozen=True)
class Pane:
    """A picture of the viewer: its name, its file in Gradio's cache, (width, height), and the line
    under it."""

    name: str
    path: str
    size: tuple[int, int]
    note: str = ""


def viewer(*, keys: bool = False, **options: Any) -> gr.HTML:
    """An empty viewer; `shown` makes its values.

    `keys` makes 1, 2 and 3 anywhere on the page the events `left`, `equal` and `right`.
    """
    # Baked in as base64: a name in quotes inside js_on_load would become an event of the component.
    packed = base64.b64encode(json.dumps({"keys": keys}).encode()).decode()
    source = "\n".join(_text(name) for name in ("zoom.js", "viewer.js"))
    return gr.HTML(
        html_template=_text("viewer.html"),
        css_template=_text("viewer.css"),
        js_on_load=f"const CONFIG = JSON.parse(atob(`{packed}`));\n{source}",
        apply_default_css=False,
        **options,
    )


def shown(panes: Sequence[Pane], *, first: int = 0) -> dict[str, Any]:
    """The viewer's value.

    Args:
        first: the pane that the divider begins with, beside the one after it.
    """
    listed = [
        {"name": p.name, "url": address(p.path), "note": p.note, "size": list(p.size)}
        for p in panes
    ]
    # A stamp, since equal values would not reach the browser again.
    return {"panes": listed, "first": first, "stamp": time.time_ns() % 2**52}


def address(path: str) -> str:
    """Where a browser finds a file of Gradio's cache, relative to the page."""
    return f"gradio_api/file={path}"


def names(value: Mapping[str, Any] | None) -> list[str]:
    """The names of the pictures in a viewer's value."""
    return [pane["name"] for pane in (value or {}).get("panes", ())]


def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
