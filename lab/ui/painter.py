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
# In this order, in one scope: what runs at once may use only what stands before it.
SOURCES = (
    "grid.js",
    "history.js",
    "objects.js",
    "view.js",
    "tools.js",
    "select.js",
    "painter.js",
    "files.js",
    "kept.js",
    "input.js",
    "start.js",
)
UNDO = 100  # steps that can be taken back
# Run in the page where what the painter of the photograph sent could not be drawn: the line over
# its map stops moving. The same for the painter of the regions.
UNDRAWN = "() => window.dispatchEvent(new Event('atelier-undrawn'))"
UNDRAWN_REGIONS = "() => window.dispatchEvent(new Event('atelier-undrawn-regions'))"
# Run in the page where Python could not open what the painter sent.
UNOPENED = "() => window.dispatchEvent(new Event('atelier-unopened'))"
# Run in the page once the painter's tab is shown and has what other tabs laid on the desk.
SHOWN = "() => window.dispatchEvent(new Event('atelier-shown'))"
GROUND_ROWS = 256  # rows in which the ground of the blank layout is described, whatever its size


def painter(
    space: LabelSpace,
    size: tuple[int, int],
    *,
    picture: str = "",
    things: bool = True,
    keeps: bool = False,
    **options: Any,
) -> gr.HTML:
    """A painter for the classes of `space` at (width, height).

    `picture` is the CSS selector of the photograph of the drawing: a click there picks, too.
    `things`: whether the map has objects, to be picked and numbered, or regions alone.
    `keeps`: whether drawings are saved as projects and links and kept in the visitor's browser.

    Its value is what `drawing.decode` reads. Events: `input` (the map changed, or was sent from
    Python and is now shown), `sketch` (the same where the whole picture takes long: a quick one is
    wanted, and `input` follows once it is there), `pick` (an object was picked; the value has its
    "point"), `unpick` (none is any more: it was let go or is gone) and `open` (a saved drawing is
    in the value's "opened").

    Updates: `selected=id` outlines an object, `domain=domain(space)` changes the classes,
    `backdrop=path` shows a picture that Gradio serves through the map, `kept=...` is what belongs
    to a saved drawing besides the map: {"checkpoint", "looks", "pace": seconds per pixel},
    `sketched=stamp` says that the quick picture of the drawing with this stamp is shown,
    `drawn=stamp` that the whole one is.
    """
    config = {
        **domain(space),
        "width": size[0],
        "height": size[1],
        "picture": picture,
        "things": things,
        "keeps": keeps,
        "undo": UNDO,
        "through": 0 if things else 50,
        "active": space.index("car") if "car" in space.names else 0,
    }
    # Baked in as base64: a name in quotes inside js_on_load would become an event of the component.
    packed = base64.b64encode(json.dumps(config).encode()).decode()
    return gr.HTML(
        html_template=_text("painter.html"),
        css_template=_text("painter.css"),
        js_on_load=f"const CONFIG = JSON.parse(atob(`{packed}`));\n{source()}",
        apply_default_css=False,
        **options,
    )


def source() -> str:
    """What runs in the page, as one text."""
    return "\n".join(_text(name) for name in SOURCES)


def domain(space: LabelSpace) -> dict[str, Any]:
    """The classes of a label space and its blank layout, as the painter takes them."""
    rows = empty((1, GROUND_ROWS), space).labels[0, :, 0].tolist()
    classes = [
        {"id": i, "name": label.name, "color": list(label.color), "countable": label.countable}
        for i, label in enumerate(space.labels)
    ]
    return {"name": space.name, "classes": classes, "blank": {"rows": rows}}


def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
