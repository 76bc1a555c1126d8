"""The look of one object: choose it, see it under every cluster of its class, give it one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from lab.analysis.swatches import surroundings
from lab.interfaces import Layout
from lab.lab import Lab
from lab.ui.domains import clusters, domain_of, style_bank
from lab.ui.drawing import decode, point_of
from lab.ui.explain import explain
from lab.ui.layouts import Thing, things
from lab.ui.pictures import Looks, synthesize
from lab.ui.store import keep_cut

SMALLEST_OBJECT = 30  # pixels; smaller ones show no look anyone could tell
MENU_LENGTH = 80
NOTHING_PICKED = "Click an object in the photograph, or choose it above, to see its looks."


@dataclass(frozen=True)
class Copied:
    """A look that was copied: the checkpoint and the class it belongs to, and its cluster."""

    checkpoint: str
    label: int
    cluster: int


def menu(lab: Lab, name: str, layout: Layout) -> list[tuple[str, int]]:
    """(name, instance id) of the objects whose look can be chosen, largest first."""
    found = [thing for thing in things(layout) if thing.area >= SMALLEST_OBJECT]
    found = [thing for thing in found if clusters(lab, name, thing.label) > 1]
    return [(thing.name, thing.instance) for thing in found[:MENU_LENGTH]]


@explain
def picked(lab: Lab, name: str, drawing: Any) -> int:
    """The instance under the point that was picked, in the map or in the photograph."""
    layout = decode(drawing, domain_of(lab, name)[0])
    point = point_of(drawing)
    if point is None:
        raise ValueError("No point was picked; click an object in the label map.")
    x, y = point
    return int(layout.instances[0, y, x])


@explain
def focus(lab: Lab, name: str, drawing: Any, instance: int | None) -> tuple[Thing, str]:
    """The object `instance` and a sentence about its looks.

    Raises:
        gr.Error: it is not in the drawing.
    """
    layout = decode(drawing, domain_of(lab, name)[0])
    thing = next((thing for thing in things(layout) if thing.instance == instance), None)
    if thing is None:
        raise ValueError("This object is no longer in the drawing; choose another one.")
    count = clusters(lab, name, thing.label)
    if count < 2:
        return thing, f"This checkpoint knows only one look for **{thing.name}**."
    return thing, f"**{thing.name}**: {count} looks. Click one to give it to the object."


@explain
def previews(lab: Lab, name: str, drawing: Any, looks: Looks) -> Iterator[list[tuple[str, str]]]:
    """The selected object under one cluster after the other: (path of a picture, caption) each.

    Every picture is the whole scene drawn by the pipeline and cut around the object: a cut layout
    would be drawn in other colours, because the network normalises over all it sees.
    """
    layout = decode(drawing, domain_of(lab, name)[0])
    thing = next((thing for thing in things(layout) if thing.instance == looks.selected), None)
    shown: list[tuple[str, str]] = []
    yield shown
    if thing is None or clusters(lab, name, thing.label) < 2:
        return
    box = surroundings(layout, thing.instance)
    for cluster in range(clusters(lab, name, thing.label)):
        looked = replace(looks, choice={**looks.choice, thing.instance: cluster})
        path = synthesize(lab, name, layout, looked).path
        shown = [*shown, (keep_cut(path, box), f"look {cluster + 1}")]
        yield shown


@explain
def choose_look(lab: Lab, name: str, drawing: Any, looks: Looks, *, index: int) -> Looks:
    """The selected object takes the cluster whose preview was clicked.

    Raises:
        gr.Error: no object is selected, or it is no longer in the drawing.
    """
    thing = _selected(lab, name, drawing, looks)
    return replace(looks, choice={**looks.choice, thing.instance: index})


@explain
def lock(lab: Lab, name: str, drawing: Any, looks: Looks, *, on: bool) -> Looks:
    """The selected object keeps the look it has now, or follows the seed again."""
    instance = looks.selected
    if instance is None:
        raise ValueError("No object is selected; click one in the picture first.")
    if not on:
        return replace(looks, locked=looks.locked - {instance})
    cluster = _cluster(lab, name, drawing, looks)
    choice = {**looks.choice, instance: cluster}
    return replace(looks, choice=choice, locked=looks.locked | {instance})


@explain
def copy(lab: Lab, name: str, drawing: Any, looks: Looks) -> tuple[Copied, str]:
    """The look of the selected object, for another one of its class, and a sentence about it."""
    thing = _selected(lab, name, drawing, looks)
    copied = Copied(name, thing.label, _cluster(lab, name, drawing, looks))
    kind = domain_of(lab, name)[0][thing.label].name
    return copied, (
        f"The look of **{thing.name}** is copied. Select another object of the class "
        f"{kind} and paste it."
    )


@explain
def paste(lab: Lab, name: str, drawing: Any, looks: Looks, *, copied: Copied | None) -> Looks:
    """The selected object takes the look that was copied."""
    if copied is None:
        raise ValueError("No look is copied yet; select an object and press Copy look.")
    thing = _selected(lab, name, drawing, looks)
    if (copied.checkpoint, copied.label) != (name, thing.label):
        kind = domain_of(lab, copied.checkpoint)[0][copied.label].name
        raise ValueError(
            f"The copied look is one of {kind} of {copied.checkpoint}; {thing.name} cannot have it."
        )
    return replace(looks, choice={**looks.choice, thing.instance: copied.cluster})


def _selected(lab: Lab, name: str, drawing: Any, looks: Looks) -> Thing:
    if looks.selected is None:
        raise ValueError("No object is selected; click one in the picture first.")
    layout = decode(drawing, domain_of(lab, name)[0])
    found = (thing for thing in things(layout) if thing.instance == looks.selected)
    thing = next(found, None)
    if thing is None:
        raise ValueError("This object is no longer in the drawing; choose another one.")
    if clusters(lab, name, thing.label) < 2:
        raise ValueError(f"This checkpoint knows only one look for {thing.name}.")
    return thing


def _cluster(lab: Lab, name: str, drawing: Any, looks: Looks) -> int:
    """The look the selected object has now, whether chosen or drawn by the seed.

    As `SynthesisPipeline.choose` says it, but off the GPU, which ZeroGPU lends to drawing alone.
    """
    thing = _selected(lab, name, drawing, looks)
    if thing.instance in looks.choice:
        return looks.choice[thing.instance]
    if looks.seed is None:
        return 0
    bank = style_bank(lab, name)
    return bank.by_lot(thing.label, instance=thing.instance, seed=looks.seed)
