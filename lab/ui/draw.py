"""Draw: paint a label map, see the photograph, give every object a look."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import gradio as gr

from lab.lab import Lab
from lab.ui import draw_handlers as handlers
from lab.ui import looks as look
from lab.ui.components import (
    Page,
    absent,
    at_index,
    heading,
    note,
    picture,
    synthesizers,
    thumbnails,
)
from lab.ui.domains import clusters, domain_of
from lab.ui.gpu import LANE, gpu
from lab.ui.painter import painter
from lab.ui.pictures import START, Looks

TITLE = "Draw"
PURPOSE = "Paint a street as a label map; a photograph of it appears with every stroke."
HOW_IT_WORKS = """
Every pixel of the left picture says **what** stands there (its class) and **which one** it is (its
object). pix2pixHD turns this into a photograph: the generator sees the classes as one plane each,
the outlines between objects as one more, and for every object a short vector, its *look*.

- **Paint** with brush, fill or polygon. Choosing a class starts a new object; *New object* starts
  another one of the same class. *Pick* continues an object that is there and shows its looks.
- **Looks** are clusters that were found in the training photographs, per class. Click an object in
  the photograph to see it under every look of its class.
- **The same drawing, looks and seed give the same bytes.** The saved PNG carries this recipe.
- Keys on the map: B F P E I tools, 1-9 classes, N new object, [ ] brush size, Ctrl+Z, Enter, Esc.
"""
CLEAR_BUSY = "() => document.querySelectorAll('.painter').forEach(p => delete p.dataset.busy)"
QUIET = {"show_progress": "hidden"}
PRIVATE = {"api_visibility": "private"}

Choices = list[tuple[str, str]]  # (title, name) of checkpoints


@dataclass(frozen=True)
class _Parts:
    """The components of the tab that listen or are written to."""

    checkpoint: gr.Radio
    canvas: gr.HTML
    presets: gr.Gallery
    labels: gr.File
    instances: gr.File
    upload: gr.Button
    photo: gr.Image
    line: gr.HTML
    shuffle: gr.Button
    usual: gr.Button
    seed: gr.Textbox
    save: gr.DownloadButton
    objects: gr.Dropdown
    hint: gr.Markdown
    gallery: gr.Gallery
    history: gr.Gallery
    looks: gr.State
    kept: gr.State
    target: gr.State


def build(lab: Lab, page: Page) -> None:
    """Lays out the tab and wires it; `page.desk` receives what the visitor draws."""
    heading(PURPOSE, HOW_IT_WORKS)
    choices = synthesizers(lab)
    if not choices:
        absent(lab, ("town", "streets"))
        return
    columns: dict[str, Any] = {}
    # Two rows of two: on a phone the photograph then follows the canvas at once.
    for left, right in ((_canvas, _photograph), (_sources, _looks)):
        with gr.Row(elem_classes="sides"):
            for column in (left, right):
                with gr.Column(min_width=340):
                    columns.update(column(lab, choices))
    states = {"looks": gr.State(START), "kept": gr.State([]), "target": gr.State(None)}
    parts = _Parts(**columns, **states)
    _wire_painting(lab, page.desk, parts)
    _wire_sources(lab, parts)
    _wire_looks(lab, parts, page.desk)


def _canvas(lab: Lab, choices: Choices) -> dict[str, Any]:
    name = choices[0][1]
    space, size = domain_of(lab, name)
    first = partial(handlers.first_drawing, lab, name)
    canvas = painter(space, size, picture="#photo", value=first, elem_id="painter")
    return {"canvas": canvas}


def _sources(lab: Lab, choices: Choices) -> dict[str, Any]:
    presets = thumbnails(
        "Layouts to start from, made by rules: there is no photograph of them.",
        value=partial(handlers.preset_thumbnails, lab, choices[0][1]),
        columns=4,
        elem_id="presets",
    )
    with gr.Accordion("Your own label map", open=False):
        note(
            "A PNG of class ids (0 is the first class of the legend), or painted in the legend's "
            "colours. Without an instance map, connected regions become the objects."
        )
        with gr.Row():
            labels = gr.File(label="Label map", file_types=[".png"], height=120)
            instances = gr.File(label="Instance map (optional)", file_types=[".png"], height=120)
        upload = gr.Button("Put it on the canvas")
    return {"presets": presets, "labels": labels, "instances": instances, "upload": upload}


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
        shuffle = gr.Button("Random looks", min_width=110)
        usual = gr.Button("Usual looks", min_width=110)
        seed = gr.Textbox(
            str(START.seed),
            label="Seed of the looks",
            show_label=False,
            container=False,
            placeholder="seed",
            max_lines=1,
            min_width=80,
        )
        save = gr.DownloadButton("Save PNG", min_width=110, elem_id="draw-save")
    return {
        "checkpoint": checkpoint,
        "photo": photo,
        "line": line,
        "shuffle": shuffle,
        "usual": usual,
        "seed": seed,
        "save": save,
    }


def _looks(lab: Lab, choices: Choices) -> dict[str, Any]:
    with gr.Column(elem_classes="card"):
        objects = gr.Dropdown([], label="Look of", elem_id="look-object")
        hint = note("Click an object in the photograph, or choose it above, to see its looks.")
        gallery = thumbnails("", columns=5, elem_id="look-gallery", elem_classes="thumbs whole")
    history = thumbnails("Your last pictures: click one to go back.", columns=4)
    return {"objects": objects, "hint": hint, "gallery": gallery, "history": history}


def _paint(event: Any, lab: Lab, desk: gr.State, parts: _Parts, **options: Any) -> None:
    """After `event`: the photograph, then the visitor's history, then no more busy line."""
    painted = event(
        gpu(partial(handlers.paint, lab)),
        [parts.checkpoint, parts.canvas, parts.looks],
        [desk, parts.photo, parts.objects, parts.line],
        **{**QUIET, **LANE, **options},
    )
    painted.then(None, js=CLEAR_BUSY)
    painted.success(
        handlers.remember,
        [parts.kept, desk],
        [parts.kept, parts.history, parts.save],
        **QUIET,
        **PRIVATE,
    )


def _wire_painting(lab: Lab, desk: gr.State, parts: _Parts) -> None:
    _paint(parts.canvas.input, lab, desk, parts, trigger_mode="always_last", api_name="synthesize")
    lots = [parts.looks, parts.seed]
    for event in (
        parts.shuffle.click(handlers.random_looks, parts.looks, lots, **QUIET, **PRIVATE),
        parts.usual.click(handlers.reset_looks, parts.looks, lots, **QUIET, **PRIVATE),
        parts.seed.submit(handlers.seeded_looks, lots, parts.looks, **QUIET, **PRIVATE),
    ):
        _paint(event.then, lab, desk, parts, **PRIVATE)


def _wire_sources(lab: Lab, parts: _Parts) -> None:
    # The painter announces what it was sent as its own input, so painting follows by itself.
    onto = [parts.canvas, parts.looks, parts.seed]
    quiet = {**QUIET, **PRIVATE}

    def preset(name: str, event: gr.SelectData) -> Any:
        return handlers.load_preset(lab, name, event.index)

    parts.presets.select(preset, parts.checkpoint, onto, **quiet)
    parts.checkpoint.input(
        partial(handlers.switch, lab), [parts.checkpoint, parts.canvas], onto, **quiet
    )
    parts.upload.click(
        partial(handlers.load_upload, lab),
        [parts.checkpoint, parts.labels, parts.instances],
        onto,
        **quiet,
    )
    parts.history.select(
        at_index(partial(handlers.restore, lab)),
        parts.kept,
        [parts.canvas, parts.checkpoint, parts.looks, parts.seed],
        **quiet,
    )


def _wire_looks(lab: Lab, parts: _Parts, desk: gr.State) -> None:
    drawn = [parts.checkpoint, parts.canvas]
    quiet = {**QUIET, **PRIVATE}

    def focus(name: str, drawing: Any, looks: Looks, instance: int | None) -> Any:
        thing, sentence = look.focus(lab, name, drawing, instance)
        chosen = gr.update(value=instance if clusters(lab, name, thing.label) > 1 else None)
        outlined = gr.update(selected=instance)
        return replace(looks, selected=instance), chosen, outlined, sentence

    for event in (
        parts.canvas.pick(partial(look.picked, lab), drawn, parts.target, **quiet),
        parts.objects.input(lambda instance: instance, parts.objects, parts.target, **quiet),
    ):
        event.success(
            focus,
            [*drawn, parts.looks, parts.target],
            [parts.looks, parts.objects, parts.canvas, parts.hint],
            **quiet,
        ).success(
            gpu(partial(look.previews, lab)),
            [*drawn, parts.looks],
            parts.gallery,
            **LANE,
            **quiet,
        )
    chosen = parts.gallery.select(at_index(look.choose_look), parts.looks, parts.looks, **quiet)
    _paint(chosen.then, lab, desk, parts, **PRIVATE)
