"""Draw: paint a label map, see the photograph, give every object a look."""

from functools import partial
from typing import Any

import gradio as gr

from lab.lab import Lab
from lab.ui import draw_beside, draw_wiring
from lab.ui import draw_handlers as handlers
from lab.ui.components import Page, before_after, note, opening, picture, thumbnails, upload
from lab.ui.domains import domain_of
from lab.ui.draw_wiring import Parts
from lab.ui.looks import NOTHING_PICKED
from lab.ui.painter import painter
from lab.ui.pictures import START

TITLE = "Draw"
PURPOSE = "Paint what is where as a label map; a photograph of it appears with every stroke."
HOW_IT_WORKS = """
Every pixel of the left picture says **what** stands there (its class) and **which one** it is (its
object). pix2pixHD turns this into a photograph: the generator sees the classes as one plane each,
the outlines between objects as one more, and for every object a short vector, its *look*.

- **Paint** with brush, line, shapes or fill. Choosing a class starts a new object; *New object*
  starts another one of the same class. *Select* moves, resizes, copies, deletes or renames an
  object; the map is flat, so what an object covered is gone once something else is done.
- **Looks** are clusters that were found in the training photographs, per class. Click an object in
  the photograph to see it under every look of its class. A look can be kept while all others are
  chosen at random, and copied to another object of the class. A random draw takes looks that
  occurred together in one training photograph, so the light agrees; what is missing there comes
  from the most similar photograph.
- **A photograph of your own label map** lends its looks: the encoder reads every object's.
- **The same drawing, looks and seed give the same bytes.** The saved PNG carries this recipe.
  A project file or a link brings the drawing back; your browser keeps the last one, the server
  none.
- **Without a mouse**: Tab reaches every tool, the arrow keys move a cursor over the map, Space
  lowers and lifts the tool. The question mark in the toolbar lists all keys.
"""
Choices = list[tuple[str, str]]  # (title, name) of checkpoints


def build(lab: Lab, page: Page) -> None:
    """Lays out the tab and wires it; `page.desk` receives what the visitor draws."""
    choices = opening(lab, PURPOSE, HOW_IT_WORKS)
    if not choices:
        return
    columns: dict[str, Any] = {}
    # In this order the photograph follows the canvas at once on a phone; elsewhere each side flows.
    with gr.Row(elem_classes="sides two"):
        for column in (_canvas, _photograph, _sources, _looks):
            with gr.Column(min_width=340):
                columns.update(column(lab, choices))
    states = {name: gr.State(None) for name in ("target", "copied", "sown", "original")}
    parts = Parts(**columns, **states, looks=gr.State(START), kept=gr.State([]))
    draw_wiring.wire(lab, parts, page, [name for _, name in choices])


def _canvas(lab: Lab, choices: Choices) -> dict[str, Any]:
    name = choices[0][1]
    space, size = domain_of(lab, name)
    first = partial(handlers.first_drawing, lab, name)
    options = {"picture": "#photo", "keeps": True, "elem_id": "painter"}
    return {"canvas": painter(space, size, value=first, **options)}


def _sources(lab: Lab, choices: Choices) -> dict[str, Any]:
    name = choices[0][1]
    presets = thumbnails(
        "Layouts to start from, made by rules: there is no photograph of them.",
        value=partial(handlers.preset_thumbnails, lab, name),
        columns=4,
        elem_id="presets",
    )
    with gr.Row(elem_classes="actions"):
        lot = gr.Button("Random layout", min_width=140, elem_id="random-layout")
        size = gr.Dropdown(
            handlers.sizes(lab, name),
            value=1,
            label="Size of the map",
            show_label=False,
            container=False,
            min_width=140,
            elem_id="map-size",
        )
    return {"presets": presets, "lot": lot, "size": size, **_own_map()}


def _own_map() -> dict[str, Any]:
    with gr.Accordion("Your own label map", open=False):
        note(
            "A PNG of class ids (0 is the first class of the legend), or painted in the legend's "
            "colours. Without an instance map, connected regions become the objects. A photograph "
            "of the same scene lends its looks. Maps beyond 2048 × 1024 pixels are shrunk."
        )
        with gr.Row():
            labels = gr.File(label="Label map", file_types=[".png"], height=120)
            instances = gr.File(label="Instance map (optional)", file_types=[".png"], height=120)
        photograph = upload("Photograph of it (optional)", height=160)
        put = gr.Button("Put it on the canvas")
    return {"labels": labels, "instances": instances, "photograph": photograph, "upload": put}


def _photograph(lab: Lab, choices: Choices) -> dict[str, Any]:
    checkpoint = gr.Radio(
        choices,
        value=choices[0][1],
        label="Drawn by",
        show_label=False,
        container=False,
        elem_id="draw-checkpoint",
        elem_classes="toolbar",
    )
    photo = picture("Photograph", elem_id="photo")
    line = gr.HTML(elem_id="draw-status")
    with gr.Row(elem_classes="actions"):
        shuffle = gr.Button("Random looks", min_width=130)
        usual = gr.Button("Usual looks", min_width=130)
        seed = gr.Textbox(
            str(START.seed),
            label="Seed of the looks",
            show_label=False,
            container=False,
            placeholder="seed",
            max_lines=1,
            min_width=100,
        )
        save = gr.DownloadButton("Save PNG", min_width=130, elem_id="draw-save")
    with gr.Accordion("Before and after", open=False):
        kind = gr.Radio(
            draw_beside.CHOICES,
            value=draw_beside.BEFORE,
            label="Beside the newest picture",
            show_label=False,
            container=False,
            elem_classes="toolbar",
        )
        beside = before_after("Before and after", elem_id="beside")
        told = note("There is no picture yet.")
    return {
        "checkpoint": checkpoint,
        "photo": photo,
        "line": line,
        "shuffle": shuffle,
        "usual": usual,
        "seed": seed,
        "save": save,
        "kind": kind,
        "beside": beside,
        "told": told,
    }


def _looks(lab: Lab, choices: Choices) -> dict[str, Any]:
    with gr.Column(elem_classes="card"):
        objects = gr.Dropdown([], label="Look of", elem_id="look-object")
        hint = note(NOTHING_PICKED)
        gallery = thumbnails("", columns=5, elem_id="look-gallery", elem_classes="thumbs whole")
        lock = gr.Checkbox(
            label="Keep this look when the others are drawn anew",
            container=False,
            elem_id="look-lock",
        )
        with gr.Row(elem_classes="actions"):
            copy = gr.Button("Copy look", min_width=110)
            paste = gr.Button("Paste look", min_width=110)
    history = thumbnails(
        "Your last pictures: click one to go back.", columns=4, elem_id="last-pictures"
    )
    held = {"lock": lock, "copy": copy, "paste": paste}
    return {"objects": objects, "hint": hint, "gallery": gallery, "history": history, **held}
