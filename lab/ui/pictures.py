"""What a visitor chose and drew, and how a layout becomes a picture with its recipe."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lab import images
from lab.card import Card
from lab.data.labels import LabelSpace
from lab.interfaces import Layout
from lab.lab import Lab
from lab.pipelines.synthesis import SynthesisPipeline
from lab.ui.domains import card_of, domain_of
from lab.ui.drawing import decode
from lab.ui.store import Drawn, is_at_hand, keep


@dataclass(frozen=True)
class Looks:
    """What a visitor chose for the looks of the objects.

    Attributes:
        choice: instance id -> cluster of its class; objects not named follow `seed`.
        seed: draws the looks of all other objects; None takes every class's largest cluster.
        selected: the instance whose looks are shown.
        locked: instances that keep their choice when all others get looks anew.
    """

    choice: Mapping[int, int] = field(default_factory=dict)
    seed: int | None = None
    selected: int | None = None
    locked: frozenset[int] = frozenset()


# Where everybody begins: looks by lot, since a street of usual looks alone is monotonous; with
# this seed daylight in every domain.
START = Looks(seed=2)
COARSE = {"stage": "coarse"}  # in the recipe of what G1 draws alone


@dataclass(frozen=True)
class Desk:
    """What a visitor last drew; the tabs share it.

    Attributes:
        drawing: the painter's value. checkpoint: the name of the one that drew.
        looks: the chosen looks. picture: path of the PNG.
        seconds: how long it took to draw, 0 where it was there already.
    """

    drawing: Mapping[str, Any]
    checkpoint: str
    looks: Looks
    picture: str
    seconds: float = field(default=0.0, compare=False)


def is_of(lab: Lab, desk: Desk, space: LabelSpace) -> bool:
    """Whether what lies on the desk was drawn with the classes of `space`.

    Ids of other classes would mean something, too, only not what was painted.
    """
    return domain_of(lab, desk.checkpoint)[0] is space


def drawing_of(lab: Lab, desk: Desk | None, space: LabelSpace) -> Layout:
    """The visitor's drawing, as large as it was painted.

    Raises:
        ValueError: there is none yet, or it was drawn with other classes than those of `space`.
    """
    if desk is None:
        raise ValueError("There is no drawing yet; paint one in the Draw tab or take a layout.")
    if not is_of(lab, desk, space):
        painted = domain_of(lab, desk.checkpoint)[0].name
        raise ValueError(
            f"The drawing has the classes of {painted!r}, and {space.name!r} is drawn here; paint "
            "one of its own in the Draw tab or take a layout."
        )
    return decode(desk.drawing, space)


def synthesize(
    lab: Lab, name: str, layout: Layout, looks: Looks, *, measured: bool = False
) -> Drawn:
    """The picture of `layout` by checkpoint `name`."""
    pipeline = lab.synthesizer(name)
    recipe, styles = recipe_of(card_of(lab, name), pipeline, layout, looks)
    return keep(recipe, lambda: pipeline(layout, styles=styles, seed=looks.seed), measured=measured)


def coarse(lab: Lab, name: str, layout: Layout, looks: Looks, *, measured: bool = False) -> Drawn:
    """What the coarsest stage of checkpoint `name` draws of `layout` on its own."""
    pipeline = lab.synthesizer(name)
    recipe, styles = recipe_of(card_of(lab, name), pipeline, layout, looks)
    return keep(
        {**recipe, **COARSE},
        lambda: pipeline.coarse(layout, styles=styles, seed=looks.seed),
        measured=measured,
    )


def at_hand(lab: Lab, name: str, layout: Layout, looks: Looks) -> bool:
    """Whether what `synthesize` and `coarse` draw of this is there already."""
    recipe, _ = recipe_of(card_of(lab, name), lab.synthesizer(name), layout, looks)
    return is_at_hand(recipe) and is_at_hand({**recipe, **COARSE})


def recipe_of(
    card: Card, pipeline: SynthesisPipeline, layout: Layout, looks: Looks
) -> tuple[dict[str, Any], dict[int, int]]:
    """What the picture of a checkpoint is made of, and the look of every object in it."""
    styles = pipeline.choose(layout, looks.choice, looks.seed)
    recipe = {
        "kind": "synthesis",
        "method": card.method,
        "checkpoint": {"name": card.name, "digest": card.digest},
        "labels": images.digest(layout.labels),
        "instances": images.digest(layout.instances),
        "styles": {str(instance): styles[instance] for instance in sorted(styles)},
        "seed": looks.seed,
        "size": list(layout.size),
    }
    return recipe, styles
