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

    `names`: the checkpoints that draw; where the saved one is not among them, `current` takes its
    place if it knows the same classes.
    """
    given = value.get("opened") if isinstance(value, dict) else None
    if not isinstance(given, dict) or not isinstance(given.get("drawing"), dict):
        raise ValueError("This is no saved drawing; choose a project that was saved here.")
    name = given.get("checkpoint")
    if not isinstance(name, str) or name not in names:
        if given.get("domain") != domain_of(lab, current)[0].name:
            raise ValueError(
                f"This drawing is of the checkpoint {str(name)[:40]!r}, which is not installed."
            )
        name = current
    space, _ = domain_of(lab, name)
    layout, number = _layout(lab, name, given["drawing"])
    looks = _looks(lab, name, layout, given.get("looks"))
    shown = {**encode(layout, preset=number), "opened": True}
    seed = "" if looks.seed is None else str(looks.seed)
    return gr.update(value=shown, domain=domain(space)), name, looks, seed


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
