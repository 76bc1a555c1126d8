"""What the Draw tab does: from a drawing to its photograph, and where drawings come from."""

import random
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from lab import images
from lab.data.labels import LabelSpace
from lab.interfaces import Layout
from lab.lab import Lab
from lab.ui import looks as look
from lab.ui.components import status
from lab.ui.domains import domain_of
from lab.ui.draw_projects import saved
from lab.ui.drawing import (
    MAX_PIXELS,
    MAX_SIDE,
    MIN_SIDE,
    decode,
    encode,
    is_foreign,
    preset_of,
    size_of,
    stamp_of,
)
from lab.ui.explain import explain
from lab.ui.layouts import (
    LAYOUTS,
    PRESETS,
    is_preset,
    preset,
    read,
    resized,
    summary,
    thumbnail,
)
from lab.ui.painter import domain
from lab.ui.pictures import START, Desk, Looks, synthesize
from lab.ui.store import keep_file, keep_image, named_by

HISTORY = 8
FACTORS = (1, 2, 4)  # sizes of the map, times what the checkpoint was trained at


@explain
def paint(lab: Lab, name: str, drawing: Any, looks: Looks) -> tuple[Desk, str, dict, str]:
    """The photograph of a drawing.

    An object that is gone is not selected any more.

    Returns:
        The desk, the picture's path, the update of the objects' menu, the status line.
    """
    layout = _layout(lab, name, drawing)
    if looks.selected is not None and not (layout.instances == looks.selected).any():
        looks = replace(looks, selected=None)
    drawn = synthesize(lab, name, layout, looks)
    objects = _objects(lab, name, layout, looks)
    width, height = layout.size
    took = f"{drawn.seconds:.2f} s" if drawn.seconds else "from memory"
    line = status(f"{width} × {height} pixels · {took} · {name} on {lab.device.type}")
    return Desk(drawing, name, looks, drawn.path, drawn.seconds), drawn.path, objects, line


@explain
def sketch(lab: Lab, name: str, drawing: Any, looks: Looks) -> tuple[str, dict, dict, str]:
    """The drawing at half its size, which is there sooner.

    Returns:
        The picture's path, the updates of the objects' menu and of the painter, the status line.
    """
    layout = _layout(lab, name, drawing)
    width, height = (max(MIN_SIDE, side // 2) for side in layout.size)
    drawn = synthesize(lab, name, resized(layout, (width, height)), looks)
    line = status(f"{width} × {height} pixels first · the whole picture follows")
    objects = _objects(lab, name, layout, looks)
    return drawn.path, objects, gr.update(sketched=stamp_of(drawing)), line


def _layout(lab: Lab, name: str, drawing: Any) -> Layout:
    """The drawing's layout. That it has other classes is said to programs alone: in the page it is
    a stroke that was on its way when another domain was chosen, of which a drawing follows."""
    space, _ = domain_of(lab, name)
    try:
        return decode(drawing, space)
    except ValueError as error:
        if not is_foreign(drawing, space):
            raise
        raise gr.Error(str(error), visible=False, print_exception=False) from error


def _objects(lab: Lab, name: str, layout: Layout, looks: Looks) -> dict:
    """The update of the menu of objects, which keeps the selected one while it is there."""
    menu = look.menu(lab, name, layout)
    there = looks.selected in (instance for _, instance in menu)
    return gr.update(choices=menu, value=looks.selected if there else None)


def remember(
    history: list[Desk], desk: Desk | None
) -> tuple[list[Desk], list[str], str | None, dict, bool]:
    """The visitor's last pictures, newest first and each once.

    Returns:
        What to keep, the paths to show, the path of the newest, the painter's update (which says
        that this drawing is drawn), whether the selected object keeps its look.
    """
    if desk is not None:
        history = [desk, *(old for old in history if old.picture != desk.picture)]
    # Gradio's cache is cleaned after a while; what is gone cannot be shown.
    history = [old for old in history[:HISTORY] if Path(old.picture).exists()]
    shown = [old.picture for old in history]
    newest = next(iter(shown), None)
    update = gr.skip()
    if desk is not None:
        update = gr.update(kept=saved(desk), backdrop=newest, drawn=stamp_of(desk.drawing))
    locked = desk is not None and desk.looks.selected in desk.looks.locked
    return history, shown, newest, update, locked


def sizes(lab: Lab, name: str) -> list[tuple[str, int]]:
    """(as people write it, factor) of the sizes the map can have with a checkpoint."""
    width, height = domain_of(lab, name)[1]
    fitting = [f for f in FACTORS if (width * f) * (height * f) <= MAX_PIXELS]
    return [(f"{width * f} × {height * f}", f) for f in fitting]


def size_choice(lab: Lab, name: str, drawing: Any) -> dict:
    """The update of the menu of sizes: those of the checkpoint, and which of them the map has."""
    native = domain_of(lab, name)[1]
    choices, there = sizes(lab, name), size_of(drawing)
    factor = next((f for _, f in choices if there == _times(native, f)), None)
    return gr.update(choices=choices, value=factor)


@explain
def enlarge(lab: Lab, name: str, drawing: Any, factor: int | None) -> dict:
    """The drawing at another size: painter update.

    The menu speaks, too, when the focus leaves it; it is empty where the map has another size.
    """
    space, native = domain_of(lab, name)
    if factor is None or size_of(drawing) == _times(native, factor):
        return gr.skip()
    return gr.update(value=_at(space, _times(native, factor), drawing))


@explain
def restore(lab: Lab, history: list[Desk], index: int) -> tuple[dict, str, Looks, str]:
    """An earlier drawing back on the painter: painter update, checkpoint, looks, seed.

    No object of it is selected: the looks that are shown are another's.
    """
    if not 0 <= index < len(history):
        raise ValueError("This picture is no longer kept; choose another one.")
    desk = history[index]
    space, _ = domain_of(lab, desk.checkpoint)
    number = preset_of(desk.drawing)
    value = encode(decode(desk.drawing, space), preset=number if is_preset(number) else None)
    looks = replace(desk.looks, selected=None)
    seed = "" if looks.seed is None else str(looks.seed)
    return gr.update(value=value, domain=domain(space)), desk.checkpoint, looks, seed


@explain
def adopt(lab: Lab, desk: Desk | None, kept: list[Desk]) -> Any:
    """What another tab laid on the desk, put on the painter as `restore` does; nothing to do where
    the picture there is the visitor's last one of this tab."""
    if desk is None or (kept and kept[0].picture == desk.picture):
        return (gr.skip(),) * 4
    return restore(lab, [desk], 0)


@explain
def load_preset(
    lab: Lab, name: str, number: int, looks: Looks = START, *, factor: int | None = 1
) -> tuple[dict, Looks, str]:
    """A procedural layout on the painter, its looks those of the seed there was.

    What was chosen for single objects of another layout goes; the seed stays, so that undoing
    brings back the picture as well as the map.
    """
    space, native = domain_of(lab, name)
    value = _laid(number, _times(native, factor or 1), space)
    seed = "" if looks.seed is None else str(looks.seed)
    return gr.update(value=value, domain=domain(space)), Looks(seed=looks.seed), seed


def random_layout() -> int:
    """The number of a layout by lot."""
    return random.randrange(LAYOUTS)


@explain
def load_upload(
    lab: Lab, name: str, labels: str | None, instances: str | None, *, photo: str | None = None
) -> tuple[dict, Looks, str, str | None]:
    """A visitor's label map on the painter, as large as a drawing can be; of a photograph of it
    the looks are read.

    Returns:
        Painter update, looks, seed, the path of the photograph at the map's size.
    """
    if labels is None:
        raise ValueError("Choose a label map first: a PNG of class ids or of the legend's colours.")
    space, _ = domain_of(lab, name)
    layout = read(labels, instances, space, pixels=MAX_PIXELS, side=MAX_SIDE)
    update = gr.update(value=encode(layout), domain=domain(space))
    if photo is None:
        return update, START, str(START.seed), None
    picture = images.resize(images.to_tensor(images.open_picture(photo)), layout.size)
    looks = Looks(choice=lab.synthesizer(name).assign(picture, layout))
    name = named_by("photo", images.digest((picture * 255).round().long()[0]), ".png")
    return update, looks, "", keep_file(name, partial(images.save_picture, picture=picture))


@explain
def switch(lab: Lab, name: str, drawing: Any) -> tuple[dict, Looks, str]:
    """The drawing for another checkpoint: a procedural layout is made anew at the size this one
    was trained at, anything else is stretched to it. One painted with other classes, which the
    browser keeps, makes room for a layout of these."""
    space, size = domain_of(lab, name)
    painted = not is_preset(preset_of(drawing))
    if painted and is_foreign(drawing, space):
        value = _laid(PRESETS[0], size, space)
    else:
        value = _at(space, size, drawing)
    return gr.update(value=value, domain=domain(space)), START, str(START.seed)


def _at(space: LabelSpace, size: tuple[int, int], drawing: Any) -> dict[str, Any]:
    """A drawing at another size: a procedural layout made anew, anything else stretched."""
    number = preset_of(drawing)
    if is_preset(number):
        return _laid(number, size, space)
    return encode(resized(decode(drawing, space), size))


def _laid(number: int, size: tuple[int, int], space: LabelSpace) -> dict[str, Any]:
    """A procedural layout as the painter's value."""
    return encode(preset(number, size, space), preset=number)


def _times(size: tuple[int, int], factor: int) -> tuple[int, int]:
    return size[0] * factor, size[1] * factor


def first_drawing(lab: Lab, name: str) -> dict[str, Any]:
    """What stands on the painter when the page opens."""
    space, size = domain_of(lab, name)
    return {**_laid(PRESETS[0], size, space), "first": True}


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
    """Every object that is not locked gets a look by lot; the seed makes the same lot again."""
    seed = random.randrange(1_000_000)
    return replace(_locked_only(looks), seed=seed), str(seed)


@explain
def seeded_looks(looks: Looks, seed: str) -> Looks:
    """The looks that `seed` draws, the visitor's own choices kept; nothing: the usual ones."""
    text = seed.strip()
    if text and not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValueError(f"A seed is a whole number of at most 9 digits, not {text[:20]!r}.")
    return replace(looks, seed=int(text) if text else None)


def reset_looks(looks: Looks) -> tuple[Looks, str]:
    """Every object that is not locked in the most common look of its class."""
    return replace(_locked_only(looks), seed=None), ""


def _locked_only(looks: Looks) -> Looks:
    choice = {one: cluster for one, cluster in looks.choice.items() if one in looks.locked}
    return replace(looks, choice=choice)
