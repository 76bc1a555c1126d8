"""The canvas on which a label map is painted: a plain `gr.HTML` around the files in painter/.

A factory, not a subclass: Gradio writes a .pyi beside the source of every component class.
"""

import base64
import json
from pathlib import Path
from typing import Any

import gradio as gr

from lab.data.labels import LabelSpace
from lab.ui.layouts import empty

FOLDER = Path(__file__).with_name("painter")
GROUND_ROWS = 256  # rows in which the ground of the blank layout is described, whatever its size


def painter(
    space: LabelSpace, size: tuple[int, int], *, picture: str = "", **options: Any
) -> gr.HTML:
    """A painter for the classes of `space` at (width, height).

    `picture` is the CSS selector of the photograph of the drawing: a click there picks, too.

    Its value is what `drawing.decode` reads. Events: `input` (the map changed, or was sent from
    Python and is now shown) and `pick` (an object was picked; the value has its "point").
    `gr.update(selected=id)` outlines an object, `gr.update(domain=domain(space))` changes the
    classes.
    """
    config = {
        **domain(space),
        "width": size[0],
        "height": size[1],
        "picture": picture,
        "active": space.index("car") if "car" in space.names else 0,
    }
    # Baked in as base64: a name in quotes inside js_on_load would become an event of the component.
    packed = base64.b64encode(json.dumps(config).encode()).decode()
    source = "\n".join(_text(name) for name in ("grid.js", "view.js", "painter.js"))
    return gr.HTML(
        html_template=_text("painter.html"),
        css_template=_text("painter.css"),
        js_on_load=f"const CONFIG = JSON.parse(atob(`{packed}`));\n{source}",
        apply_default_css=False,
        **options,
    )


def domain(space: LabelSpace) -> dict[str, Any]:
    """The classes of a label space and its blank layout, as the painter takes them."""
    rows = empty((1, GROUND_ROWS), space).labels[0, :, 0].tolist()
    classes = [
        {"id": i, "name": label.name, "color": list(label.color), "countable": label.countable}
        for i, label in enumerate(space.labels)
    ]
    return {"classes": classes, "blank": {"rows": rows}}


def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
