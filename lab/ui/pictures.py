"""What a visitor chose and drew, and how a layout becomes a picture with its recipe."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lab import images
from lab.interfaces import Layout
from lab.lab import Lab
from lab.ui.domains import card_of
from lab.ui.store import Drawn, keep


@dataclass(frozen=True)
class Looks:
    """What a visitor chose for the looks of the objects.

    Attributes:
        choice: instance id -> cluster of its class; objects not named follow `seed`.
        seed: draws the looks of all other objects; None takes every class's largest cluster.
        selected: the instance whose looks are shown.
    """

    choice: Mapping[int, int] = field(default_factory=dict)
    seed: int | None = None
    selected: int | None = None


# Where everybody begins: looks by lot, since a street of usual looks alone is monotonous.
START = Looks(seed=2)


@dataclass(frozen=True)
class Desk:
    """What a visitor last drew; the tabs share it.

    Attributes:
        drawing: the painter's value. checkpoint: the name of the one that drew.
        looks: the chosen looks. picture: path of the PNG.
    """

    drawing: Mapping[str, Any]
    checkpoint: str
    looks: Looks
    picture: str


def synthesize(
    lab: Lab, name: str, layout: Layout, looks: Looks, *, measured: bool = False
) -> Drawn:
    """The picture of `layout` by checkpoint `name`."""
    recipe, styles = _recipe(lab, name, layout, looks)
    pipeline = lab.synthesizer(name)
    return keep(recipe, lambda: pipeline(layout, styles=styles, seed=looks.seed), measured=measured)


def coarse(lab: Lab, name: str, layout: Layout, looks: Looks, *, measured: bool = False) -> Drawn:
    """What the coarsest stage of checkpoint `name` draws of `layout` on its own."""
    recipe, styles = _recipe(lab, name, layout, looks)
    pipeline = lab.synthesizer(name)
    return keep(
        {**recipe, "stage": "coarse"},
        lambda: pipeline.coarse(layout, styles=styles, seed=looks.seed),
        measured=measured,
    )


def _recipe(
    lab: Lab, name: str, layout: Layout, looks: Looks
) -> tuple[dict[str, Any], dict[int, int]]:
    """What the picture is made of, and the look of every object in it."""
    card = card_of(lab, name)
    styles = lab.synthesizer(name).choose(layout, looks.choice, looks.seed)
    recipe = {
        "kind": "synthesis",
        "method": card.method,
        "checkpoint": {"name": name, "digest": card.digest},
        "labels": images.digest(layout.labels),
        "instances": images.digest(layout.instances),
        "styles": {str(instance): styles[instance] for instance in sorted(styles)},
        "seed": looks.seed,
        "size": list(layout.size),
    }
    return recipe, styles
