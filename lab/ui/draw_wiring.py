"""Draw: which component listens to which, and what follows from it."""

import time
from collections.abc import Callable
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
from lab.ui.looks import NOTHING_PICKED
from lab.ui.painter import SHOWN, UNDRAWN, UNOPENED
from lab.ui.pictures import Desk, Looks

QUIET = {"show_progress": "hidden"}
PRIVATE = {"api_visibility": "private"}
HIDDEN = {**QUIET, **PRIVATE}
Target = tuple[int, int]  # the object that is picked, and when


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
    sown: gr.State
    original: gr.State


def wire(lab: Lab, parts: Parts, page: Page, names: list[str]) -> None:
    """Wires the tab; `page.desk` receives what the visitor draws, `names` are the checkpoints."""
    # One function for all events: ZeroGPU keeps its workers by it.
    draw = gpu(partial(handlers.paint, lab))
    paint = partial(_paint, lab=lab, desk=page.desk, parts=parts, draw=draw)
    _painting(lab, parts, paint)
    previews = _focus(lab, parts)
    _layouts(lab, parts, previews)
    _saved(lab, parts, page, names, previews=previews)
    _choice(lab, parts, paint)


def _paint(
    event: Any, *, lab: Lab, desk: gr.State, parts: Parts, draw: Callable, **options: Any
) -> Any:
    """After `event`: the photograph, then the visitor's history, then no more busy line unless
    something newer was painted. Returns the drawing, to go on from."""
    painted = event(
        draw,
        [parts.checkpoint, parts.canvas, parts.looks],
        [desk, parts.photo, parts.objects, parts.line],
        **{**QUIET, **LANE, **LAST, **options},
    )
    remembered = painted.success(
        handlers.remember,
        [parts.kept, desk],
        [parts.kept, parts.history, parts.save, parts.canvas, parts.lock],
        **LAST,
        **HIDDEN,
    )
    # What was clicked has moved to the front; with new pictures Gradio would keep the mark.
    remembered.success(unmarked, None, parts.history, **HIDDEN)
    # A look that was on its way when another drawing came may have arrived after it.
    painted.success(unpicked, parts.looks, [parts.gallery, parts.hint], **HIDDEN)
    _beside(remembered.success, lab, parts)
    return painted


def unpicked(looks: Looks) -> tuple[Any, Any]:
    """No looks below a drawing of which no object is picked."""
    return ([], NOTHING_PICKED) if looks.selected is None else (gr.skip(), gr.skip())


def _anew(shown: tuple, original: str | None = None) -> tuple:
    """What a handler shows that put another drawing on the painter, and what goes with the one
    before: the looks of the object that was picked in it, the photograph that lent it its own."""
    if shown[0] == gr.skip():
        return *shown, *(gr.skip() for _ in range(3))
    return *shown, [], NOTHING_PICKED, original


def _with_anew(parts: Parts, *outputs: Any) -> list[Any]:
    """The components that `_anew` writes to besides those of the handler."""
    return [*outputs, parts.gallery, parts.hint, parts.original]


def _beside(event: Any, lab: Lab, parts: Parts) -> None:
    asked = [parts.kept, parts.kind, parts.original]
    event(partial(draw_beside.beside, lab), asked, [parts.beside, parts.told], **HIDDEN)


def _painting(lab: Lab, parts: Parts, paint: Callable) -> None:
    painted = paint(
        parts.canvas.input,
        api_name="synthesize",
        api_description="The photograph of a painter's value, in the looks of this session; "
        "`/draw` takes files and looks instead.",
    )
    painted.failure(None, js=UNDRAWN)
    # The painter goes on to `input` by itself when it learns that the quick picture is there.
    parts.canvas.sketch(
        gpu(partial(handlers.sketch, lab)),
        [parts.checkpoint, parts.canvas, parts.looks],
        [parts.photo, parts.objects, parts.canvas, parts.line],
        **LAST,
        **HIDDEN,
        **LANE,
    ).failure(None, js=UNDRAWN)
    lots = [parts.looks, parts.seed]
    for event in (
        parts.shuffle.click(handlers.random_looks, parts.looks, lots, **HIDDEN),
        parts.usual.click(handlers.reset_looks, parts.looks, lots, **HIDDEN),
    ):
        paint(event.success, **PRIVATE)
    parts.seed.submit(sown, lots, [parts.looks, parts.sown], **HIDDEN)
    parts.seed.blur(sown, lots, [parts.looks, parts.sown], **HIDDEN)
    paint(parts.sown.change, **PRIVATE)
    for event in (parts.shuffle.click, parts.usual.click, parts.sown.change):
        event(unmarked, None, parts.gallery, **HIDDEN)
    _beside(parts.kind.change, lab, parts)


def sown(looks: Looks, seed: str) -> tuple[Any, Any]:
    """The looks of another seed, and when they were asked for; nothing where the seed is the one
    there is, for the field speaks whenever the focus leaves it."""
    seeded = handlers.seeded_looks(looks, seed)
    return (gr.skip(), gr.skip()) if seeded == looks else (seeded, time.monotonic_ns())


def unmarked() -> gr.Gallery:
    """No picture of a gallery marked: the one that was clicked is not what there is now."""
    return gr.Gallery(selected_index=None)  # `gr.update` leaves out what is None


def _layouts(lab: Lab, parts: Parts, previews: Any) -> None:
    """Another drawing: a layout, the visitor's own, or what another checkpoint makes of this one.

    The painter announces what it was sent as its own input, so painting follows by itself.
    """
    onto = _with_anew(parts, parts.canvas, parts.looks, parts.seed)

    def chosen(name: str, looks: Looks, factor: int | None, event: gr.SelectData) -> Any:
        return _anew(handlers.load_preset(lab, name, PRESETS[event.index], looks, factor=factor))

    def lot(name: str, looks: Looks, factor: int | None) -> Any:
        number = handlers.random_layout()
        return _anew(handlers.load_preset(lab, name, number, looks, factor=factor))

    def own(name: str, labels: str | None, instances: str | None, photo: str | None) -> Any:
        *shown, original = handlers.load_upload(lab, name, labels, instances, photo=photo)
        return _anew(tuple(shown), original)

    def switched(name: str, drawing: Any) -> Any:
        return _anew(handlers.switch(lab, name, drawing))

    asked = [parts.checkpoint, parts.looks, parts.size]
    ends = {**HIDDEN, "cancels": [previews]}
    parts.presets.select(chosen, asked, onto, **LAST, **ends)
    parts.lot.click(lot, asked, onto, **LAST, **ends)
    for event in (parts.lot.click, parts.upload.click, parts.checkpoint.input):
        event(unmarked, None, parts.presets, **HIDDEN)
    drawn = [parts.checkpoint, parts.canvas]
    parts.checkpoint.input(switched, drawn, onto, **LAST, **ends)
    parts.size.input(partial(handlers.enlarge, lab), [*drawn, parts.size], parts.canvas, **HIDDEN)
    parts.upload.click(
        gpu(own),
        [parts.checkpoint, parts.labels, parts.instances, parts.photograph],
        onto,
        **ends,
        **LANE,
    )
    parts.canvas.input(partial(handlers.size_choice, lab), drawn, parts.size, **HIDDEN)
    parts.checkpoint.change(
        partial(handlers.preset_thumbnails, lab), parts.checkpoint, parts.presets, **HIDDEN
    )


def _saved(lab: Lab, parts: Parts, page: Page, names: list[str], *, previews: Any) -> None:
    """A drawing comes back: one of the last, one from another tab, one that was saved."""
    back = _with_anew(parts, parts.canvas, parts.checkpoint, parts.looks, parts.seed)

    def again(kept: list[Desk], index: int) -> Any:
        return _anew(handlers.restore(lab, kept, index))

    def adopted(desk: Desk | None, kept: list[Desk]) -> Any:
        return _anew(handlers.adopt(lab, desk, kept))

    def opened(current: str, drawing: Any) -> Any:
        return _anew(draw_projects.opened(lab, names, current, drawing))

    ends = {**HIDDEN, "cancels": [previews]}
    parts.history.select(at_index(again), parts.kept, back, **ends)
    # It ends no previews: mostly the tab is only looked at again, with the object still picked.
    page.tab.select(adopted, [page.desk, parts.kept], back, **HIDDEN).then(None, js=SHOWN)
    drawn = [parts.checkpoint, parts.canvas]
    parts.canvas.open(opened, drawn, back, **ends).failure(None, js=UNOPENED)
    for event in (parts.history.select, parts.canvas.open):
        event(unmarked, None, parts.presets, **HIDDEN)


def _focus(lab: Lab, parts: Parts) -> Any:
    """An object is picked: its looks are shown. Returns their drawing, which others may end."""
    drawn = [parts.checkpoint, parts.canvas]

    def picked(name: str, drawing: Any) -> Any:
        """What is picked, anew every time, and no looks of what was picked before."""
        return (look.picked(lab, name, drawing), time.monotonic_ns()), []

    def focus(name: str, drawing: Any, looks: Looks, target: Target) -> Any:
        instance, _ = target
        thing, sentence = look.focus(lab, name, drawing, instance)
        chosen = gr.update(value=instance if clusters(lab, name, thing.label) > 1 else None)
        outlined = gr.update(selected=instance)
        locked = instance in looks.locked
        return replace(looks, selected=instance), chosen, outlined, sentence, locked

    def previews(name: str, drawing: Any, looks: Looks, target: Target) -> Any:
        yield from look.previews(lab, name, drawing, replace(looks, selected=target[0]))

    asked = [*drawn, parts.looks, parts.target]
    about = [parts.looks, parts.objects, parts.canvas, parts.hint, parts.lock]
    focused = parts.target.change(focus, asked, about, **LAST, **HIDDEN)
    many = {"trigger_mode": "multiple"}
    shown = focused.success(gpu(previews), asked, parts.gallery, **many, **LANE, **HIDDEN)
    # Else the looks of the object before would go on coming, and be given to the one picked now.
    parts.target.change(None, cancels=[shown], **HIDDEN)
    aimed = [parts.target, parts.gallery]
    parts.canvas.pick(picked, drawn, aimed, **LAST, **HIDDEN)
    parts.objects.input(listed, [parts.objects, parts.looks], aimed, **LAST, **HIDDEN)
    left = [parts.looks, parts.objects, parts.gallery, parts.hint, parts.lock]
    parts.canvas.unpick(let_go, parts.looks, left, **LAST, **HIDDEN, cancels=[shown])
    return shown


def listed(instance: int | None, looks: Looks) -> tuple[Any, Any]:
    """The object that was chosen from the menu, as a click picks one; nothing where it is picked
    already, for the menu speaks whenever the focus leaves it."""
    if instance in (None, looks.selected):
        return gr.skip(), gr.skip()
    return (instance, time.monotonic_ns()), []


def let_go(looks: Looks) -> tuple[Looks, dict, list, str, bool]:
    """No object is picked any more: its looks, its sentence and its lock leave."""
    return replace(looks, selected=None), gr.update(value=None), [], NOTHING_PICKED, False


def _choice(lab: Lab, parts: Parts, paint: Callable) -> None:
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
        paint(event.success, **PRIVATE)
    parts.paste.click(unmarked, None, parts.gallery, **HIDDEN)
