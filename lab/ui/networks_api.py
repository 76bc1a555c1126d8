"""What the networks know and say, for programs: a class grouped into other looks, verdicts on a
drawing. Endpoints as in `synthesis_api`.

    client.predict("town", "car", count=5, api_name="/group_looks")
"""

from functools import partial
from typing import Any

import gradio as gr

from lab.interfaces import Layout
from lab.lab import Lab
from lab.ui.components import endpoint
from lab.ui.domains import domain_of
from lab.ui.explain import explain
from lab.ui.gpu import LANE, gpu
from lab.ui.pictures import Looks, synthesize
from lab.ui.resolution_verdicts import NO_DISCRIMINATOR, seen
from lab.ui.styles_looks import Grouping, grouped, most_looks, painted, silhouettes, stored
from lab.ui.synthesis_api import MAPS, layout_inputs, looks_inputs, of_maps

DESCRIPTIONS = {
    "group_looks": "The looks of a class grouped anew into `count` by K-means of the objects that "
    "the checkpoint stores, without `count` the checkpoint's own: a PNG of a scene in every look; "
    "sizes, spreads, centres, and the silhouette beside those of other numbers of looks.",
    "verdicts": "What the discriminators say of a drawing of a label map, the finest first: each "
    "one's verdicts over the picture as PNG, and as numbers, 1 for a photograph and 0 for drawn, "
    f"each on a patch of the picture. {MAPS}.",
}


@explain
def group_looks(
    lab: Lab, checkpoint: str, kind: str, *, count: int | None = None
) -> tuple[list[str], dict[str, Any]]:
    """Paths of the scene in every look, the largest first, and what was measured of the looks.

    Raises:
        KeyError: no such class. ValueError: it has no looks; too many are asked for; the
            checkpoint stores no objects to group.
    """
    label = domain_of(lab, checkpoint)[0].index(kind)
    own = stored(lab, checkpoint, label)
    number = len(own.centers) if count is None else int(count)
    most = most_looks(lab, checkpoint, label)
    if len(own.features) and not 1 <= number <= most:
        raise ValueError(
            f"{kind} of {checkpoint} can be grouped into 1 to {most} looks, not {number}; choose "
            "another number."
        )
    grouping = grouped(lab, checkpoint, label, number)
    return [painted(lab, grouping, look) for look in range(number)], measured(grouping)


def measured(grouping: Grouping) -> dict[str, Any]:
    """The looks as plain values; what the checkpoint does not say is None."""
    told = {str(k): round(found, 4) for k, found in silhouettes(grouping).items()}
    spreads = grouping.spreads
    return {
        "looks": len(grouping.centers),
        "objects": grouping.sizes.tolist(),
        "centers": grouping.centers.tolist(),
        "spreads": None if spreads is None else spreads.tolist(),
        "silhouette": None if grouping.silhouette is None else float(grouping.silhouette),
        "silhouettes": told,
        "stored": len(grouping.features),
    }


@of_maps
def verdicts(
    lab: Lab, checkpoint: str, layout: Layout, looks: Looks
) -> tuple[list[str], dict[str, Any]]:
    """Paths of the score maps over the drawing, the finest first, and their numbers.

    Raises:
        ValueError: the checkpoint was shipped without its discriminators.
    """
    if lab.synthesizer(checkpoint).discriminator is None:
        raise ValueError(NO_DISCRIMINATOR)
    found = seen(lab, checkpoint, layout, synthesize(lab, checkpoint, layout, looks).path)
    report = [
        {
            "patch": each.patch,
            "mean": float(each.scores.mean()),
            "scores": [[round(score, 4) for score in row] for row in each.scores.tolist()],
        }
        for each, _ in found
    ]
    return [path for _, path in found], {"discriminators": report}


def build(lab: Lab, names: list[str]) -> None:
    """Adds the endpoints to the page that is being built, see `synthesis_api.build`."""
    if not names:
        return
    with gr.Column(visible=False):
        one = {"checkpoint": gr.Dropdown(names, value=names[0], label="Checkpoint")}
        asked = {
            "kind": gr.Textbox(label="Class, by its name"),
            "count": gr.Number(label="Number of looks", value=None, precision=0),
        }
        given = {**layout_inputs(), **looks_inputs()}
        many, told = gr.Files(label="Results"), gr.JSON(label="Report")
    for function, inputs in ((group_looks, asked), (verdicts, given)):
        name = function.__name__
        called, said = gpu(partial(function, lab)), {"api_description": DESCRIPTIONS[name]}
        endpoint(called, name, {**one, **inputs}, [many, told], **said, **LANE)
