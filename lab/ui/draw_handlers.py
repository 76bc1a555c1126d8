"""What the Draw tab does: from a drawing to its photograph, and where drawings come from."""

import random
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from lab import images
from lab.lab import Lab
from lab.ui import looks as look
from lab.ui.components import status
from lab.ui.domains import domain_of
from lab.ui.drawing import MAX_PIXELS, decode, encode, preset_of
from lab.ui.explain import explain
from lab.ui.layouts import PRESETS, preset, read, resized, summary, thumbnail
from lab.ui.painter import domain
from lab.ui.pictures import START, Desk, Looks, synthesize
from lab.ui.store import keep_image

HISTORY = 8
UPLOAD_PIXELS = MAX_PIXELS // 4  # what is drawn after every stroke must stay quick


@explain
def paint(lab: Lab, name: str, drawing: Any, looks: Looks) -> tuple[Desk, str, dict, str]:
    """The photograph of a drawing.

    Returns:
        The desk, the picture's path, the update of the objects' menu, the status line.
    """
    layout = decode(drawing, domain_of(lab, name)[0])
    drawn = synthesize(lab, name, layout, looks)
    menu = look.menu(lab, name, layout)
    there = looks.selected in (instance for _, instance in menu)
    objects = gr.update(choices=menu, value=looks.selected if there else None)
    width, height = layout.size
    took = f"{drawn.seconds:.2f} s" if drawn.seconds else "from memory"
    line = status(f"{width} × {height} pixels · {took} · {name} on {lab.device.type}")
    return Desk(drawing, name, looks, drawn.path), drawn.path, objects, line


def remember(history: list[Desk], desk: Desk | None) -> tuple[list[Desk], list[str], str | None]:
    """The visitor's last pictures, newest first and each once.

    Returns:
        What to keep, the paths to show, the path of the newest.
    """
    if desk is not None:
        history = [desk, *(old for old in history if old.picture != desk.picture)]
    # Gradio's cache is cleaned after a while; what is gone cannot be shown.
    history = [old for old in history[:HISTORY] if Path(old.picture).exists()]
    shown = [old.picture for old in history]
    return history, shown, next(iter(shown), None)


@explain
def restore(lab: Lab, history: list[Desk], index: int) -> tuple[dict, str, Looks, str]:
    """An earlier drawing back on the painter: painter update, checkpoint, looks, seed."""
    if not 0 <= index < len(history):
        raise ValueError("This picture is no longer kept; choose another one.")
    desk = history[index]
    layout = decode(desk.drawing, domain_of(lab, desk.checkpoint)[0])
    seed = "" if desk.looks.seed is None else str(desk.looks.seed)
    return gr.update(value=encode(layout)), desk.checkpoint, desk.looks, seed


@explain
def load_preset(lab: Lab, name: str, index: int) -> tuple[dict, Looks, str]:
    """A procedural layout on the painter, its looks those everybody begins with."""
    space, size = domain_of(lab, name)
    number = PRESETS[index]
    value = encode(preset(number, size, space), preset=number)
    return gr.update(value=value), START, str(START.seed)


@explain
def load_upload(
    lab: Lab, name: str, labels: str | None, instances: str | None
) -> tuple[dict, Looks, str]:
    """A visitor's label map on the painter."""
    if labels is None:
        raise ValueError("Choose a label map first: a PNG of class ids or of the legend's colours.")
    space, _ = domain_of(lab, name)
    layout = read(labels, instances, space, pixels=UPLOAD_PIXELS)
    return gr.update(value=encode(layout)), START, str(START.seed)


@explain
def switch(lab: Lab, name: str, drawing: Any) -> tuple[dict, Looks, str]:
    """The drawing for another checkpoint: a procedural layout is made anew at the size this one
    was trained at, anything else is stretched to it."""
    space, size = domain_of(lab, name)
    number = preset_of(drawing)
    if number in PRESETS:
        value = encode(preset(number, size, space), preset=number)
    else:
        value = encode(resized(decode(drawing, space), size))
    update = gr.update(value=value, domain=domain(space))
    return update, START, str(START.seed)


def first_drawing(lab: Lab, name: str) -> dict[str, Any]:
    """What stands on the painter when the page opens."""
    space, size = domain_of(lab, name)
    return encode(preset(PRESETS[0], size, space), preset=PRESETS[0])


def preset_thumbnails(lab: Lab, name: str) -> list[tuple[str, str]]:
    """(path of the label map in colours, what is in it) of every preset."""
    space, size = domain_of(lab, name)
    shown = []
    for number in PRESETS:
        layout = preset(number, size, space)
        title = f"layout-{images.digest(layout.labels)}"
        shown.append((keep_image(title, partial(thumbnail, layout)), summary(layout)))
    return shown


def random_looks(looks: Looks) -> tuple[Looks, str]:
    """Every object gets a look by lot; the seed makes the same lot again."""
    seed = random.randrange(1_000_000)
    return Looks(seed=seed, selected=looks.selected), str(seed)


@explain
def seeded_looks(looks: Looks, seed: str) -> Looks:
    """The looks that `seed` draws, the visitor's own choices kept; nothing: the usual ones."""
    text = seed.strip()
    if text and not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValueError(f"A seed is a whole number of at most 9 digits, not {text[:20]!r}.")
    return replace(looks, seed=int(text) if text else None)


def reset_looks(looks: Looks) -> tuple[Looks, str]:
    """Every object in the most common look of its class."""
    return Looks(selected=looks.selected), ""
