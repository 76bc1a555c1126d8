"""What the networks are given, know and say, for programs: the inputs of the generator, features of
a photograph, a class grouped into other looks and held against the truth, verdicts on a drawing.
Endpoints as in `synthesis_api`.

    client.predict("town", "car", count=5, api_name="/group_looks")
"""

from functools import partial
from typing import Any

import gradio as gr

from lab import images
from lab.interfaces import Layout
from lab.lab import Lab
from lab.ui import inside_handlers as handlers
from lab.ui import styles_agreement as truth
from lab.ui.components import endpoint
from lab.ui.domains import card_of, domain_of
from lab.ui.explain import explain
from lab.ui.gpu import LANE, LONG_LANE, gpu
from lab.ui.inside_handlers import Subject
from lab.ui.pictures import Looks, synthesize
from lab.ui.resolution_verdicts import NO_DISCRIMINATOR, seen
from lab.ui.store import keep_file, named_by
from lab.ui.styles_looks import Grouping, grouped, most_looks, painted, silhouettes, stored
from lab.ui.synthesis_api import (
    MAPS,
    layout_inputs,
    looks_inputs,
    of_maps,
    read_layout,
)

DESCRIPTIONS = {
    "group_looks": "The looks of a class grouped anew into `count` by K-means of the objects that "
    "the checkpoint stores, without `count` the checkpoint's own: a PNG of a scene in every look; "
    "sizes, spreads, centres, and the silhouette beside those of other numbers of looks.",
    "agreement": "How well the looks of a class of the procedural town, grouped as by "
    "`group_looks`, agree with the looks its objects were truly given, over new scenes: normalised "
    "mutual information and homogeneity, null where there is nothing to tell apart, and of every "
    "true look how many objects are nearest to which look. The first call reads the scenes, which "
    "may take a minute.",
    "inputs": "What the generator is given for a label map: PNGs of the plane of every class that "
    "is there, the most common first, of the boundaries between objects, and of the looks, three "
    "features from -1 to 1 as red, green and blue; where the generator sees it, also of where in "
    f"its object a pixel lies. The report says which is which. {MAPS}; `styles`, `seed`: as for "
    "`draw`.",
    "features": "What the encoder reads in a photograph, or in what `draw` draws: PNGs of its "
    "features of every pixel and averaged over every object, from -1 to 1 as red, green and blue; "
    f"and the average of every object as numbers. {MAPS}.",
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
    grouping = _grouping(lab, checkpoint, kind, count)
    scenes = [painted(lab, grouping, look) for look in range(len(grouping.centers))]
    return scenes, measured(grouping)


def _grouping(lab: Lab, checkpoint: str, kind: str, count: int | None) -> Grouping:
    label = domain_of(lab, checkpoint)[0].index(kind)
    own = stored(lab, checkpoint, label)
    number = len(own.centers) if count is None else int(count)
    most = most_looks(lab, checkpoint, label)
    if len(own.features) and not 1 <= number <= most:
        raise ValueError(
            f"{kind} of {checkpoint} can be grouped into 1 to {most} looks, not {number}; choose "
            "another number."
        )
    return grouped(lab, checkpoint, label, number)


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


@explain
def agreement(lab: Lab, checkpoint: str, kind: str, *, count: int | None = None) -> dict[str, Any]:
    """The measures of agreement, and true look → how many of its objects are in which look.

    Raises:
        KeyError: no such class. ValueError: as `group_looks`, or nobody knows the true looks.
    """
    if not truth.has_truth(lab, checkpoint):
        raise ValueError(truth.NO_TRUTH)
    grouping = _grouping(lab, checkpoint, kind, count)
    found = truth.known(lab, checkpoint) or truth.read(lab, checkpoint, lambda _: None)
    result, table = truth.compared(found, grouping)
    return {
        "information": None if result is None else round(result.information, 4),
        "homogeneity": None if result is None else round(result.homogeneity, 4),
        "objects": sum(map(sum, table.values())),
        "scenes": truth.SCENES,
        "looks": table,
    }


@of_maps
def inputs(
    lab: Lab, checkpoint: str, layout: Layout, looks: Looks
) -> tuple[list[str], dict[str, Any]]:
    """Paths of the planes, the boundaries, the looks and any places, and what each of them is."""
    drawn = synthesize(lab, checkpoint, layout, looks)
    shown = Subject(checkpoint, layout, looks, drawn.path)
    planes = handlers.planes(lab, shown)
    report: list[dict[str, Any]] = []
    for _, said in planes:
        kind = said.split(" · ")[0]
        share = (layout.labels == layout.space.index(kind)).float().mean()
        report.append({"shown": "plane", "kind": kind, "share": round(float(share), 6)})
    places = handlers.place_maps(lab, shown)
    report += [{"shown": "boundaries"}, {"shown": "looks"}]
    report += [{"shown": "place", "what": said} for _, said in places]
    given = [handlers.outlines(lab, shown), handlers.given_map(lab, shown)]
    paths = [path for path, _ in planes] + given + [path for path, _ in places]
    return paths, {"maps": report}


@explain
def features(
    lab: Lab, checkpoint: str, labels: str, photo: str, *, instances: str | None = None
) -> tuple[list[str], dict[str, Any]]:
    """Paths of E's features of every pixel and averaged, and object id → its average.

    Raises:
        ValueError: the checkpoint has no encoder, or a file is no picture.
    """
    layout = read_layout(lab, checkpoint, labels, instances)
    picture = images.resize(images.to_tensor(images.open_picture(photo)), layout.size)
    # Named after all that decides what is read in it: what is shown of it is named after it.
    parts = map(images.digest, (images.to_bytes(picture[0]), layout.labels, layout.instances))
    name = named_by("photo", "-".join([card_of(lab, checkpoint).digest, *parts]), ".png")
    path = keep_file(name, partial(images.save_picture, picture=picture))
    shown = Subject(checkpoint, layout, Looks(), path)
    found, ids = handlers.encoded(lab, shown), layout.instances[0]
    pooled = found[1].cpu()
    averages = {
        str(one): [round(value, 4) for value in pooled[:, ids == one][:, 0].tolist()]
        for one in ids.unique().tolist()
    }
    return handlers.encoder_maps(shown, lambda: found), {"objects": averages}


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
        maps = layout_inputs()
        given = {**maps, **looks_inputs()}
        photo = {"photo": gr.File(label="Photograph", file_types=["image"])}
        many, told = gr.Files(label="Results"), gr.JSON(label="Report")
    for function, taken, returned, lane in (
        (group_looks, asked, [many, told], LANE),
        (agreement, asked, told, LONG_LANE),
        (inputs, given, [many, told], LANE),
        (features, {**photo, **maps}, [many, told], LANE),
        (verdicts, given, [many, told], LANE),
    ):
        name, called = function.__name__, gpu(partial(function, lab))
        said = {"api_description": DESCRIPTIONS[name]}
        endpoint(called, name, {**one, **taken}, returned, **said, **lane)
