"""Synthesis for programs: endpoints of plain, typed values, for `gradio_client`.

    client.predict("streets", handle_file("labels.png"), seed=3, api_name="/draw")

As in `transfer_api`, each endpoint is a hidden row of components, which check files and choices.
"""

from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image
from torch import Tensor

from lab import images
from lab.files import write_bytes
from lab.interfaces import Layout
from lab.lab import Lab
from lab.pipelines.synthesis import SynthesisPipeline
from lab.ui import inside_handlers
from lab.ui.components import endpoint
from lab.ui.domains import bank_of, domain_of
from lab.ui.drawing import MAX_PIXELS
from lab.ui.explain import explain
from lab.ui.gpu import LANE, gpu
from lab.ui.inside_handlers import Subject
from lab.ui.layouts import preset, read
from lab.ui.pictures import Looks, coarse, synthesize
from lab.ui.store import keep_file

MAPS = (
    "`labels`: PNG of class ids or of the legend's colours, shrunk where it has more than "
    f"{MAX_PIXELS:,} pixels; `instances`: PNG of object ids up to 16 bit, class id for stuff, "
    "without it connected regions are the objects"
)
MOST_SEED = 10**18  # the recipe that says it is JSON, whose numbers end at 64 bits
DESCRIPTIONS = {
    "draw": f"The photograph of a label map: the PNG, and the recipe it carries. {MAPS}; `styles`: "
    "object id to cluster, all others follow `seed`, without one the most common.",
    "stages": f"What G1 draws alone and what the whole generator draws: two PNGs. {MAPS}.",
    "encode": "The looks of a photograph's objects: object id to its nearest cluster, as `draw` "
    f"takes them. {MAPS}.",
    "activations": f"The channels of one layer of the generator side by side: a PNG. {MAPS}; "
    "`layer`: a name as in the tab Inside, e.g. 'G1, residual block 1'.",
    "layout": "A layout made by rules, street, portrait or room: 16-bit PNGs of its class ids and"
    " object ids.",
    "clusters": "The looks of every class: how many, how many objects of the training set are in "
    "each, and how wide and how far apart they are, where that was measured.",
}


def of_maps(function: Callable[..., Any]) -> Callable[..., Any]:
    """An endpoint's function (lab, checkpoint, layout, looks, …) with the maps as files and the
    looks as plain values."""

    @explain
    def called(
        lab: Lab,
        checkpoint: str,
        labels: str,
        *,
        instances: str | None = None,
        styles: Any = None,
        seed: int | None = None,
        **more: Any,
    ) -> Any:
        shown = read_layout(lab, checkpoint, labels, instances)
        return function(lab, checkpoint, shown, _looks(styles, seed), **more)

    called.__name__, called.__doc__ = function.__name__, function.__doc__
    return called


@of_maps
def draw(lab: Lab, checkpoint: str, layout: Layout, looks: Looks) -> tuple[str, dict[str, Any]]:
    """Path of the photograph, and its recipe."""
    path = synthesize(lab, checkpoint, layout, looks).path
    return path, images.read_recipe(path)


@of_maps
def stages(
    lab: Lab, checkpoint: str, layout: Layout, looks: Looks
) -> tuple[list[str], dict[str, Any]]:
    """Paths of G1's picture and of the whole generator's, and the seconds each took."""
    drawn = [stage(lab, checkpoint, layout, looks, measured=True) for stage in (coarse, synthesize)]
    return [each.path for each in drawn], {"seconds": [round(each.seconds, 3) for each in drawn]}


@of_maps
def activations(
    lab: Lab, checkpoint: str, layout: Layout, looks: Looks, *, layer: str
) -> tuple[str, dict[str, str]]:
    """Path of the sheet of channels, and a line about them."""
    drawn = synthesize(lab, checkpoint, layout, looks)
    shown = Subject(checkpoint, layout, looks, drawn.path)
    path, said = inside_handlers.layer_sheet(lab, shown, layer)
    return path, {"shown": said}


@explain
def encode(
    lab: Lab, checkpoint: str, labels: str, photo: str, *, instances: str | None = None
) -> dict[str, int]:
    """Object id → nearest cluster of its class; classes without clusters are absent."""
    layout = read_layout(lab, checkpoint, labels, instances)
    pipeline = lab.synthesizer(checkpoint)
    picture = images.resize(images.to_tensor(images.open_picture(photo)), layout.size)
    return {str(one): cluster for one, cluster in sorted(pipeline.assign(picture, layout).items())}


@explain
def layout(lab: Lab, checkpoint: str, number: int) -> list[str]:
    """Paths of the class ids and object ids of a layout made by rules."""
    if number is None:
        raise ValueError("A layout is asked for by its number; give one.")
    space, size = domain_of(lab, checkpoint)
    made = preset(int(number), size, space)
    stem = f"layout-{space.name}-{int(number)}-{size[0]}x{size[1]}"
    return [
        keep_file(f"{stem}-{kind}.png", partial(_write_ids, ids=ids))
        for kind, ids in (("labels", made.labels), ("instances", made.instances))
    ]


@explain
def clusters(lab: Lab, checkpoint: str) -> dict[str, Any]:
    """Class name → looks, sizes, and spreads and silhouette where they were measured."""
    bank, (space, _) = bank_of(lab, checkpoint), domain_of(lab, checkpoint)
    if bank is None:
        raise ValueError(f"{checkpoint} has no looks; choose a checkpoint of pix2pixHD.")
    found: dict[str, Any] = {}
    for label, count in enumerate(bank.counts.tolist()):
        told: dict[str, Any] = {"looks": count, "objects": bank.sizes[label, :count].tolist()}
        if bank.spreads is not None and bank.silhouettes is not None:
            told["spreads"] = bank.spreads[label, :count].tolist()
            told["silhouette"] = float(bank.silhouettes[label])
        found[space[label].name] = told
    return found


def _write_ids(path: Path, ids: Tensor) -> None:
    """(1, H, W) ids as a 16-bit grey PNG."""
    stored = BytesIO()
    Image.fromarray(ids[0].numpy().astype(np.uint16)).save(stored, format="PNG")
    write_bytes(path, stored.getvalue())


def read_layout(lab: Lab, checkpoint: str, labels: str, instances: str | None) -> Layout:
    """The layout in a program's files, its objects named as there.

    Raises:
        ValueError: the checkpoint has no looks, `labels` is missing, or one is no such map.
    """
    if not isinstance(lab.synthesizer(checkpoint), SynthesisPipeline):
        raise ValueError(f"{checkpoint} has no looks; choose a checkpoint of pix2pixHD.")
    if labels is None:
        raise ValueError("A label map is needed: a PNG of class ids or of the legend's colours.")
    space, _ = domain_of(lab, checkpoint)
    # Who sends ids names objects by them, in `styles`.
    return read(labels, instances, space, pixels=MAX_PIXELS, own_ids=True)


def _looks(styles: Any, seed: int | None) -> Looks:
    """The looks of an endpoint's values.

    Raises:
        ValueError: `styles` is no JSON object of object ids and clusters, or the seed no number
            that JSON can carry.
    """
    given = styles or {}
    if isinstance(seed, int | float) and not abs(seed) < MOST_SEED:
        raise ValueError(f"A seed has at most 18 digits, not {str(seed)[:40]}; choose another one.")
    try:
        choice = {int(one): int(cluster) for one, cluster in given.items()}
        return Looks(choice=choice, seed=None if seed is None else int(seed))
    except (AttributeError, TypeError, ValueError) as error:
        raise ValueError(
            'Styles are a JSON object of object ids and clusters, such as {"8000": 2}, and a seed '
            f"is a whole number; got {str(given)[:60]!r} and {str(seed)[:20]!r}."
        ) from error


def layout_inputs() -> dict[str, Any]:
    """The parameters that a layout is made of, by their names."""
    return {
        "labels": gr.File(label="Label map", file_types=[".png"]),
        "instances": gr.File(label="Instance map", file_types=[".png"]),
    }


def looks_inputs() -> dict[str, Any]:
    """The parameters that its looks are made of, by their names."""
    return {
        "styles": gr.JSON(label="Object id to cluster", value=None),
        "seed": gr.Number(label="Seed of the other looks", value=None, precision=0),
    }


def build(lab: Lab, names: list[str]) -> None:
    """Adds the endpoints to the page that is being built; nothing of them is shown.

    `names`: the checkpoints of pix2pixHD that are installed; without any there are no endpoints.
    """
    if not names:
        return
    with gr.Column(visible=False):
        checkpoint = gr.Dropdown(names, value=names[0], label="Checkpoint")
        maps, looks = layout_inputs(), looks_inputs()
        photo = gr.File(label="Photograph", file_types=["image"])
        layer = gr.Textbox(label="Layer", value="G1, first convolution")
        number = gr.Number(label="Number of the layout", value=1, precision=0)
        out, many = gr.File(label="Result"), gr.Files(label="Results")
        told = gr.JSON(label="Report")
    one = {"checkpoint": checkpoint}
    for function, inputs, outputs in (
        (draw, {**one, **maps, **looks}, [out, told]),
        (stages, {**one, **maps, **looks}, [many, told]),
        (encode, {**one, "photo": photo, **maps}, told),
        (activations, {**one, "layer": layer, **maps, **looks}, [out, told]),
        (layout, {**one, "number": number}, many),
        (clusters, one, told),
    ):
        name = function.__name__
        said = {"api_description": DESCRIPTIONS[name]}
        endpoint(gpu(partial(function, lab)), name, inputs, outputs, **said, **LANE)
