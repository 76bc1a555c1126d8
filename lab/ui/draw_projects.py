"""Saved drawings, opened again: what the painter packs into files, links and the browser's storage.

    {"atelier": 1, "domain": "streets", "checkpoint": "town", "looks": {"choice": {"8000": 2},
     "seed": 2, "locked": [8000]}, "drawing": {"w": 512, "h": 256, "labels": "…", …}}

They come from anywhere, so nothing in them is believed before it is checked.
"""

from typing import Any

import gradio as gr

from lab.interfaces import Layout
from lab.lab import Lab
from lab.ui.domains import clusters, domain_of
from lab.ui.drawing import decode, encode, preset_of, size_of
from lab.ui.explain import explain
from lab.ui.layouts import is_preset, preset, things
from lab.ui.painter import domain
from lab.ui.pictures import Desk, Looks

MAX_SEED = 10**9
MOST_CHOICES = 10_000


def saved(desk: Desk) -> dict[str, Any]:
    """What the painter keeps beside the map: checkpoint, looks, and seconds per pixel where they
    were measured."""
    looks = {
        "choice": {str(instance): cluster for instance, cluster in desk.looks.choice.items()},
        "seed": desk.looks.seed,
        "locked": sorted(desk.looks.locked),
    }
    width, height = size_of(desk.drawing)
    return {"checkpoint": desk.checkpoint, "looks": looks, "pace": desk.seconds / (width * height)}


@explain
def opened(lab: Lab, names: list[str], current: str, value: Any) -> tuple[dict, str, Looks, str]:
    """The drawing in a painter's value["opened"]: painter update, checkpoint, looks, seed.

    `names`: the checkpoints that draw; where the saved one is not among them, another that knows
    the same classes takes its place, `current` before all others.
    """
    given = value.get("opened") if isinstance(value, dict) else None
    if not isinstance(given, dict) or not isinstance(given.get("drawing"), dict):
        raise ValueError("This is no saved drawing; choose a project that was saved here.")
    name = _drawn_by(lab, names, current, given)
    space, _ = domain_of(lab, name)
    layout, number = _layout(lab, name, given["drawing"])
    looks = _looks(lab, name, layout, given.get("looks"))
    shown = {**encode(layout, preset=number), "opened": True}
    seed = "" if looks.seed is None else str(looks.seed)
    return gr.update(value=shown, domain=domain(space)), name, looks, seed


def _drawn_by(lab: Lab, names: list[str], current: str, given: dict[str, Any]) -> str:
    """The checkpoint of a saved drawing, of whose classes it must be: what was saved before the
    first picture of a domain was there names one of the domain before."""
    own, told = given.get("checkpoint"), given.get("domain")
    if told is None and own in names:
        return own
    for name in (own, current, *names):
        if name in names and domain_of(lab, name)[0].name == told:
            return name
    raise ValueError(
        f"This drawing is of the checkpoint {str(own)[:40]!r}, which is not installed, nor is "
        f"another of its classes, {str(told)[:40]!r}; choose a drawing of another domain."
    )


def _layout(lab: Lab, name: str, drawing: dict[str, Any]) -> tuple[Layout, int | None]:
    """The map, and the number of the layout it is: a link names an untouched one instead of it."""
    space, _ = domain_of(lab, name)
    number = preset_of(drawing)
    number = number if is_preset(number) else None
    if "labels" in drawing:
        return decode(drawing, space), number
    if number is None:
        raise ValueError("This drawing has neither a map nor the number of a layout.")
    return preset(number, size_of(drawing), space), number


def _looks(lab: Lab, name: str, layout: Layout, given: Any) -> Looks:
    """Those of the saved looks that this checkpoint and this map have."""
    given = given if isinstance(given, dict) else {}
    choice, locked, seed = (given.get(key) for key in ("choice", "locked", "seed"))
    choice = choice if isinstance(choice, dict) and len(choice) <= MOST_CHOICES else {}
    locked = locked if isinstance(locked, list) and len(locked) <= MOST_CHOICES else []
    counts = {thing.instance: clusters(lab, name, thing.label) for thing in things(layout)}
    kept = {
        instance: cluster
        for instance, count in counts.items()
        if type(cluster := choice.get(str(instance))) is int and 0 <= cluster < count
    }
    return Looks(
        choice=kept,
        seed=seed if type(seed) is int and 0 <= seed < MAX_SEED else None,
        locked=frozenset(one for one in locked if type(one) is int and one in kept),
    )
