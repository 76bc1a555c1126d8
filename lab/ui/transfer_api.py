"""The Transfer tab for programs: endpoints of plain, typed values, for `gradio_client`.

    client.predict(content=handle_file("c.jpg"), style=handle_file("s.jpg"), api_name="/transfer")

Each endpoint is a hidden row of components: they check files, ranges and choices, and describe
them. Functions of bare paths would read whatever file of the server a caller names.
"""

from collections.abc import Iterator, Sequence
from typing import Any, get_args

import gradio as gr
import torch

from lab import images
from lab.lab import Lab
from lab.pipelines.controls import SCALES, Colour
from lab.pipelines.linear import Form
from lab.pipelines.video import STEADY, Steady
from lab.ui import transfer_handlers, transfer_large, transfer_matrix, transfer_video
from lab.ui.components import endpoint, upload
from lab.ui.explain import explain
from lab.ui.gpu import LANE, LONG, LONG_LANE, gpu
from lab.ui.transfer_choices import MAP_SIDE, SIZES, SLOTS, Choices, painted
from lab.ui.work import Work

WHOLE_RANK = 512  # more than any matrix has: keeps all
STYLES = "Up to four styles with a weight each, "
DESCRIPTIONS = {
    "transfer": "A picture in the style of others: the PNG, and the recipe it carries. " + STYLES
    + "or with `regions` each where the PNG of ids says (0: the first style that is given).",
    "transfer_matrices": "The matrices of a transfer: an NPZ of all arrays, a ZIP of CSV tables, "
    "and how far from the style's covariance are those of content and result, the drawn picture "
    "read again, and those that the map (asked) and closed forms in its place ask of the decoder.",
    "transfer_video": "A video in the style of pictures: progress while it lasts, then the MP4 and "
    "a report with frames, shots, seconds, and the temporal error where asked for.",
    "transfer_large": "A picture of up to 134 million pixels at its full size, drawn in tiles: "
    "progress while it lasts, then the PNG and its recipe.",
}  # fmt: skip


@explain
def transfer(
    lab: Lab, content: str, *paths: str | None, regions: str | None = None, **asked: Any
) -> tuple[str, dict[str, Any]]:
    """Draws a picture. Returns its path and its recipe.

    Args:
        paths: of the styles. regions: path of a PNG of ids. asked: see `choices_of`.
    """
    choices = choices_of(regions, paths, **asked)
    encoded = transfer_handlers.encode(lab, choices, content, paths)
    if encoded is None:
        raise ValueError("A transfer needs a content and at least one style; give both.")
    path = transfer_handlers.stylize(lab, encoded, choices).path
    return path, images.read_recipe(path)


@explain
def matrices(
    lab: Lab, content: str, *paths: str | None, regions: str | None = None, **asked: Any
) -> tuple[list[str], dict[str, float]]:
    """Paths of the NPZ and of the ZIP of CSV tables, and the covariance errors by method."""
    choices = choices_of(regions, paths, **asked)
    encoded = transfer_handlers.encode(lab, choices, content, paths)
    made = transfer_matrix.files(lab, encoded, choices)
    return made, dict(transfer_matrix.anatomy(lab, encoded, choices).errors)


@explain
def video(
    lab: Lab, content: str, *paths: str | None, steady: Steady, temporal: bool, **asked: Any
) -> Iterator[tuple[str | None, dict[str, Any]]]:
    """Draws a video: ("progress") for every frame, at last its path and a report."""
    film = transfer_video.Film(content, steady, temporal)
    regions = asked.pop("regions", None)
    work = Work(transfer_video.make(lab, film, choices_of(regions, paths, **asked), paths))
    for share in work:
        yield None, {"progress": round(share, 4)}
    made = work.result
    report = {"said": transfer_video.said(made), "temporal": made.temporal, "recipe": made.recipe}
    yield made.path, {"progress": 1.0, **report}


@explain
def large(
    lab: Lab, content: str, *paths: str | None, regions: str | None = None, **asked: Any
) -> Iterator[tuple[str | None, dict[str, Any]]]:
    """Draws a picture at its full size: ("progress") for every tile, at last path and recipe."""
    work = Work(transfer_large.make(lab, content, choices_of(regions, paths, **asked), paths))
    for share in work:
        yield None, {"progress": round(share, 4)}
    path = work.result.path
    yield path, {"progress": 1.0, "recipe": images.read_recipe(path)}


def choices_of(
    regions: str | None, paths: Sequence[str | None] = ("",) * SLOTS, **asked: Any
) -> Choices:
    """Choices from an endpoint's values: `weight_1` and so on, and fields of `Choices` by name.

    Args:
        regions: path of a PNG of ids, which count the styles that are given: beyond the last it is
            the last one's. paths: of the styles, None where there is none.

    Raises:
        ValueError: the map of regions is none, or numbers more than four.
    """
    weights = tuple(asked.pop(f"weight_{slot + 1}") for slot in range(SLOTS))
    if regions is None:
        return Choices(weights=weights, **asked)
    ids = torch.from_numpy(images.open_ids(regions))
    if int(ids.max()) >= SLOTS:
        raise ValueError(
            f"The map of regions holds the id {int(ids.max())}; expected 0 to {SLOTS - 1}, one "
            "for each style."
        )
    scale = min(1.0, 4 * MAP_SIDE / max(ids.shape))
    size = tuple(max(16, round(side * scale)) for side in (ids.shape[1], ids.shape[0]))
    slots = torch.tensor([slot for slot, path in enumerate(paths) if path is not None] or [0])
    counted = images.resize_ids(ids[None], size)[0].long().clamp(max=len(slots) - 1)
    return Choices(weights=weights, divided=True, regions=painted(slots[counted]), **asked)


def build(lab: Lab, methods: list[tuple[str, str]]) -> None:
    """Adds the endpoints to the page that is being built; nothing of them is shown."""
    with gr.Column(visible=False):
        picture = upload("Content")
        files = {
            "video": gr.File(label="Video", file_types=["video"]),
            "large": gr.File(label="Content", file_types=["image"]),
        }
        named = _named(methods)
        held = {
            "steady": gr.Radio(list(get_args(Steady)), value=STEADY, label="How it is held steady"),
            "temporal": gr.Checkbox(label="Measure the temporal error"),
        }
        out, many = gr.File(label="Result"), gr.Files(label="NPZ and ZIP of CSV")
        told = gr.JSON(label="Report")
    quick = ((transfer, "transfer", out), (matrices, "transfer_matrices", many))
    for function, name, output in quick:
        inputs = {"content": picture, **named}
        said = {"api_description": DESCRIPTIONS[name]}
        endpoint(gpu(_bound(function, lab)), name, inputs, [output, told], **said, **LANE)
    long = ((video, "video", held), (large, "large", {}))
    for function, kind, more in long:
        inputs = {"content": files[kind], **named, **more}
        called, name = gpu(_bound_steps(function, lab), seconds=LONG), f"transfer_{kind}"
        said = {"api_description": DESCRIPTIONS[name]}
        endpoint(called, name, inputs, [out, told], **said, **LONG_LANE)


def _bound(function: Any, lab: Lab) -> Any:
    """`function` with the styles by name; those that may be left out default to None."""

    def endpoint(*, content, style, style_2=None, style_3=None, style_4=None, regions=None, **more):
        styles = (style, style_2, style_3, style_4)
        return function(lab, content, *styles, regions=regions, **more)

    return endpoint


def _bound_steps(function: Any, lab: Lab) -> Any:
    """The same of a generator."""

    def endpoint(*, content, style, style_2=None, style_3=None, style_4=None, regions=None, **more):
        styles = (style, style_2, style_3, style_4)
        yield from function(lab, content, *styles, regions=regions, **more)

    return endpoint


def _named(methods: list[tuple[str, str]]) -> dict[str, Any]:
    """The parameters that all endpoints share, by their names."""
    names = [name for _, name in methods]
    low, high = SCALES
    styles = {"style": upload("Style 1")}
    styles |= {f"style_{k}": upload(f"Style {k}") for k in range(2, SLOTS + 1)}
    weights = {
        f"weight_{k}": gr.Slider(0, 1, value=1, label=f"Weight of style {k}")
        for k in range(1, SLOTS + 1)
    }
    return {
        **styles,
        **weights,
        "method": gr.Dropdown(names, value=names[0], label="Method, the name of a checkpoint"),
        "size": gr.Dropdown(list(SIZES), value=512, label="Longer side, pixels"),
        "strength": gr.Slider(0, 1, value=1, label="Strength: 0 is the content"),
        "colour": gr.Radio(list(get_args(Colour)), value="style", label="Whose colours"),
        "style_scale": gr.Slider(low, high, value=1, label="Size of the style picture"),
        "photorealistic": gr.Checkbox(label="Keep edges and surfaces; transfer only colours"),
        "radius": gr.Slider(0, 1000, value=0, step=1, label="Radius, pixels; 0 is automatic"),
        "detail": gr.Slider(0, 1, value=0, label="Detail of the content"),
        "form": gr.Radio(list(get_args(Form)), value="learned", label="What T is"),
        "rank": gr.Slider(1, WHOLE_RANK, value=WHOLE_RANK, step=1, label="Rank of T"),
        "regions": upload("Map of ids: 0 is the first style's region"),
        "softness": gr.Slider(0, 1000, value=0, label="Softness of regions, pixels"),
    }
