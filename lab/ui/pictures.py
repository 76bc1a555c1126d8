"""Pictures with their recipes: drawn once, kept as PNG, found again by what they were made of."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder
from torch import Tensor

from lab import images
from lab.interfaces import Layout
from lab.lab import Lab
from lab.ui.domains import card_of


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


@dataclass(frozen=True)
class Drawn:
    """A picture that was drawn: its file, the seconds it took (0 where it was there already)."""

    path: str
    seconds: float


def keep(recipe: Mapping[str, Any], draw: Callable[[], Tensor], *, measured: bool = False) -> Drawn:
    """The PNG made by `recipe`; `draw` is called only where it is not there yet.

    The file lies in Gradio's own cache, which serves it as it is (recipe inside) and cleans up.
    `measured` draws in any case, to learn how long it takes.
    """
    text = json.dumps(recipe, sort_keys=True, separators=(",", ":"))
    key = hashlib.sha256(text.encode()).hexdigest()[:16]
    folder = Path(get_upload_folder()) / "atelier"
    path = folder / f"atelier-{recipe['checkpoint']['name']}-{key}.png"
    if path.exists() and not measured:
        return Drawn(str(path), 0.0)
    start = time.perf_counter()
    picture = draw().cpu()  # waits for the device, so the clock below has seen all of the work
    seconds = time.perf_counter() - start
    folder.mkdir(parents=True, exist_ok=True)
    images.save_picture(path, picture, recipe)
    return Drawn(str(path), seconds)


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
