"""Draw: which component listens to which, and what follows from it."""

import time
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import gradio as gr

from lab.lab import Lab
from lab.ui import draw_beside, draw_projects
from lab.ui import draw_handlers as handlers
from lab.ui import looks as look
from lab.ui.components import Page, at_index
from lab.ui.domains import clusters
from lab.ui.gpu import LANE, LAST, gpu
from lab.ui.layouts import PRESETS
from lab.ui.painter import CLEAR_BUSY, SHOWN, UNOPENED
from lab.ui.pictures import Looks

QUIET = {"show_progress": "hidden"}
PRIVATE = {"api_visibility": "private"}
HIDDEN = {**QUIET, **PRIVATE}
Target = tuple[int | None, int]  # the object that is picked, and when


@dataclass(frozen=True)
class Parts:
    """The components of the tab that listen or are written to."""

    checkpoint: gr.Radio
    canvas: gr.HTML
    presets: gr.Gallery
    lot: gr.Button
    size: gr.Dropdown
    labels: gr.File
    instances: gr.File
    photograph: gr.Image
    upload: gr.Button
    photo: gr.Image
    line: gr.HTML
    shuffle: gr.Button
    usual: gr.Button
    seed: gr.Textbox
    save: gr.DownloadButton
    kind: gr.Radio
    beside: gr.ImageSlider
    told: gr.Markdown
    objects: gr.Dropdown
    hint: gr.Markdown
    gallery: gr.Gallery
    lock: gr.Checkbox
    copy: gr.Button
    paste: gr.Button
    history: gr.Gallery
    looks: gr.State
    kept: gr.State
    target: gr.State
    copied: gr.State
    original: gr.State


def wire(lab: Lab, parts: Parts, page: Page, names: list[str]) -> None:
    """Wires the tab; `page.desk` receives what the visitor draws, `names` are the checkpoints."""
    desk = page.desk
    _painting(lab, parts, desk)
    _layouts(lab, parts)
    _saved(lab, parts, page, names)
    _focus(lab, parts)
    _choice(lab, parts, desk)


def _paint(event: Any, lab: Lab, desk: gr.State, parts: Parts, **options: Any) -> None:
    """After `event`: the photograph, then the visitor's history, then no more busy line."""
    painted = event(
        gpu(partial(handlers.paint, lab)),
        [parts.checkpoint, parts.canvas, parts.looks],
        [desk, parts.photo, parts.objects, parts.line],
        **{**QUIET, **LANE, **LAST, **options},
    )
    painted.then(None, js=CLEAR_BUSY)
    remembered = painted.success(
        handlers.remember,
        [parts.kept, desk],
        [parts.kept, parts.history, parts.save, parts.canvas, parts.lock],
        **HIDDEN,
    )
    _beside(remembered.success, lab, parts)


def _beside(event: Any, lab: Lab, parts: Parts) -> None:
    asked = [parts.kept, parts.kind, parts.original]
    event(partial(draw_beside.beside, lab), asked, [parts.beside, parts.told], **HIDDEN)


def _painting(lab: Lab, parts: Parts, desk: gr.State) -> None:
    _paint(
        parts.canvas.input,
        lab,
        desk,
        parts,
        api_name="synthesize",
        api_description="The photograph of a painter's value, in the looks of this session; "
        "`/draw` takes files and looks instead.",
    )
    # The painter goes on to `input` by itself when it learns that the quick picture is there.
    parts.canvas.sketch(
        gpu(partial(handlers.sketch, lab)),
        [parts.checkpoint, parts.canvas, parts.looks],
        [parts.photo, parts.objects, parts.canvas, parts.line],
        **LAST,
        **HIDDEN,
        **LANE,
    ).failure(None, js=CLEAR_BUSY)
    lots = [parts.looks, parts.seed]
    for event in (
        parts.shuffle.click(handlers.random_looks, parts.looks, lots, **HIDDEN),
        parts.usual.click(handlers.reset_looks, parts.looks, lots, **HIDDEN),
        parts.seed.submit(handlers.seeded_looks, lots, parts.looks, **HIDDEN),
    ):
        _paint(event.then, lab, desk, parts, **PRIVATE)
    _beside(parts.kind.change, lab, parts)


def _layouts(lab: Lab, parts: Parts) -> None:
    # The painter announces what it was sent as its own input, so painting follows by itself.
    onto = [parts.canvas, parts.looks, parts.seed]

    def chosen(name: str, looks: Looks, factor: int | None, event: gr.SelectData) -> Any:
        return handlers.load_preset(lab, name, PRESETS[event.index], looks, factor=factor)

    def lot(name: str, looks: Looks, factor: int | None) -> Any:
        return handlers.load_preset(lab, name, handlers.random_layout(), looks, factor=factor)

    def own(name: str, labels: str | None, instances: str | None, photo: str | None) -> Any:
        return handlers.load_upload(lab, name, labels, instances, photo=photo)

    asked = [parts.checkpoint, parts.looks, parts.size]
    parts.presets.select(chosen, asked, onto, **LAST, **HIDDEN)
    parts.lot.click(lot, asked, onto, **LAST, **HIDDEN)
    drawn = [parts.checkpoint, parts.canvas]
    parts.checkpoint.input(partial(handlers.switch, lab), drawn, onto, **LAST, **HIDDEN)
    parts.size.input(partial(handlers.enlarge, lab), [*drawn, parts.size], parts.canvas, **HIDDEN)
    parts.upload.click(
        gpu(own),
        [parts.checkpoint, parts.labels, parts.instances, parts.photograph],
        [*onto, parts.original],
        **HIDDEN,
        **LANE,
    )
    parts.canvas.input(partial(handlers.size_choice, lab), drawn, parts.size, **HIDDEN)
    parts.checkpoint.change(
        partial(handlers.preset_thumbnails, lab), parts.checkpoint, parts.presets, **HIDDEN
    )


def _saved(lab: Lab, parts: Parts, page: Page, names: list[str]) -> None:
    back = [parts.canvas, parts.checkpoint, parts.looks, parts.seed]
    parts.history.select(
        at_index(partial(handlers.restore, lab)), parts.kept, back, **HIDDEN
    ).failure(None, js=CLEAR_BUSY)
    page.tab.select(partial(handlers.adopt, lab), [page.desk, parts.kept], back, **HIDDEN).then(
        None, js=SHOWN
    )
    parts.canvas.open(
        partial(draw_projects.opened, lab, names), [parts.checkpoint, parts.canvas], back, **HIDDEN
    ).failure(None, js=UNOPENED)


def _focus(lab: Lab, parts: Parts) -> None:
    """An object is picked: its looks are shown."""
    drawn = [parts.checkpoint, parts.canvas]

    def turn(instance: int | None) -> Any:
        """What is picked, anew every time, and no looks of what was picked before; an empty menu
        speaks, too, when the focus leaves it."""
        return (instance, time.monotonic_ns()), gr.skip() if instance is None else []

    def picked(name: str, drawing: Any) -> Any:
        return turn(look.picked(lab, name, drawing))

    def focus(name: str, drawing: Any, looks: Looks, target: Target) -> Any:
        instance, _ = target
        if instance is None:
            return [gr.skip()] * 5
        thing, sentence = look.focus(lab, name, drawing, instance)
        chosen = gr.update(value=instance if clusters(lab, name, thing.label) > 1 else None)
        outlined = gr.update(selected=instance)
        locked = instance in looks.locked
        return replace(looks, selected=instance), chosen, outlined, sentence, locked

    def previews(name: str, drawing: Any, looks: Looks, target: Target) -> Any:
        instance, _ = target
        chosen = replace(looks, selected=instance)
        yield from [gr.skip()] if instance is None else look.previews(lab, name, drawing, chosen)

    asked = [*drawn, parts.looks, parts.target]
    many = {"trigger_mode": "multiple"}
    shown = parts.target.change(gpu(previews), asked, parts.gallery, **many, **LANE, **HIDDEN)
    # Else the looks of the object before would go on coming, and be given to the one picked now.
    ends = {**HIDDEN, **LAST, "cancels": [shown]}
    about = [parts.looks, parts.objects, parts.canvas, parts.hint, parts.lock]
    for event in (
        parts.canvas.pick(picked, drawn, [parts.target, parts.gallery], **ends),
        parts.objects.input(turn, parts.objects, [parts.target, parts.gallery], **ends),
    ):
        event.success(focus, asked, about, **LAST, **HIDDEN)


def _choice(lab: Lab, parts: Parts, desk: gr.State) -> None:
    """The picked object gets a look, keeps it, or hands it on."""
    asked = [parts.checkpoint, parts.canvas, parts.looks]

    def lock(name: str, drawing: Any, looks: Looks, on: bool) -> Looks:
        return look.lock(lab, name, drawing, looks, on=on)

    def paste(name: str, drawing: Any, looks: Looks, copied: look.Copied | None) -> Looks:
        return look.paste(lab, name, drawing, looks, copied=copied)

    parts.copy.click(partial(look.copy, lab), asked, [parts.copied, parts.hint], **HIDDEN)
    parts.lock.input(lock, [*asked, parts.lock], parts.looks, **HIDDEN).failure(
        lambda: False, None, parts.lock, **HIDDEN
    )

    def chosen(name: str, drawing: Any, looks: Looks, event: gr.SelectData) -> Looks:
        return look.choose_look(lab, name, drawing, looks, index=event.index)

    for event in (
        parts.gallery.select(chosen, asked, parts.looks, **HIDDEN),
        parts.paste.click(paste, [*asked, parts.copied], parts.looks, **HIDDEN),
    ):
        _paint(event.success, lab, desk, parts, **PRIVATE)
