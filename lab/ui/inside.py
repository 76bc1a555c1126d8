"""Inside: what happens between a label map and its photograph, for the visitor's last picture."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from lab.lab import Lab
from lab.ui import inside_handlers as handlers
from lab.ui.components import PNG, Page, note, opening, picture, thumbnails
from lab.ui.gpu import LANE, LAST, gpu
from lab.ui.inside_handlers import Subject
from lab.ui.pictures import Desk
from lab.ui.training_record import curves, film

TITLE = "Inside"
PURPOSE = "Your last picture taken apart: what the networks were given, see and say, step by step."
HOW_IT_WORKS = """
Everything here belongs to the picture you drew last in *Draw*, in its looks; before the first one,
to a layout of ours. Maps of many channels are shown side by side, each channel stretched from its
darkest to its brightest value, dark blue to yellow.
"""
STEPS = {
    "planes": r"""
### 1 · What stands where

The label map is cut into one plane per class, 1 where the class stands and 0 elsewhere. A single
plane of class numbers would say that class 4 lies between 3 and 5, which means nothing.

$$ m_k(x) = \begin{cases} 1 & L(x) = k \\ 0 & \text{otherwise} \end{cases} $$
""",
    "outlines": r"""
### 2 · Which object is which

Two cars side by side have one class, so their planes run into one another. One more plane is 1
wherever a pixel's object differs from that of one of its four neighbours.

$$ b(x) = \big[\, \exists\, y \in N_4(x) :\; I(y) \neq I(x) \,\big] $$

In the middle of a wall there is no edge to see, and every place of it is alike. Ours, for some of
the networks: where between the first and last pixel of its object one lies, in its row and in its
column, and waves over these for storeys and windows to stand on, but not over what has no parts,
such as a road; in streets also where windows, the line of the road, wheels, lamps and heads would
be, since a street's parallels run to one point and its horizon is as high as the eye; on crowns of
trees a noise, for leaves to differ by; in rooms where panels, bars, frames, drawers and handles
would be, since four straight lines bound a front, and its height tells how far away either end is.
""",
    "looks": r"""
### 3 · How each object looks

In training the encoder E reads the photograph, and its features are averaged over each object: what
an object cannot keep for itself at every pixel is its look. In use there is no photograph, and the
centre $c_{k,s}$ of one of the clusters of its class takes the place of the average.

$$ z(x) = \frac{1}{|i|} \sum_{y \in i} E(p)(y), \quad x \in i
\qquad\text{or}\qquad z(x) = c_{\,k,\,s(i)} $$
""",
    "layers": r"""
### 4 · What the generator makes of it

Planes, boundary and looks enter G1, which halves the size until one place sees the whole scene,
thinks there in residual blocks, and doubles the size again; an enhancer does the same at twice the
size around it. Early layers still show the layout, late ones the light, edges and grain of the
picture.

$$ h_{l+1} = \mathrm{ReLU}\big(\mathrm{norm}(W_l * h_l)\big), \qquad
h_{\text{block}} = h + F(h) $$
""",
    "scores": r"""
### 5 · What the discriminators say

Three discriminators look at the picture with its layout, each at half the size of the one before,
and say for every patch whether it is a photograph (1) or drawn (0). Their layers are what the
feature matching loss compares between photograph and drawing.

$$ \min_D \; \tfrac12 \big(D(p) - 1\big)^2 + \tfrac12\, D(G)^2, \qquad
\mathcal{L}_{FM} = \sum_l \tfrac{1}{N_l} \big\lVert D_l(p) - D_l(G) \big\rVert_1 $$
""",
    "record": r"""
### 6 · How it was learned

Generator and discriminator learn in turn, so their losses do not fall to zero: each gets better at
the other's expense, and the drawings tell more than the curves. G1 learns first, on small pictures,
then the enhancer around it, then all together.

$$ \min_{G,E}\; \mathcal{L}_{GAN} + \lambda_{FM}\, \mathcal{L}_{FM} + \lambda_{VGG}\,
\mathcal{L}_{VGG} + \dots $$
""",
}
NO_SCORES = "This checkpoint was shipped without its discriminators: they are half as large as it."
QUIET = {"show_progress": "hidden"}
PRIVATE = {"api_visibility": "private"}


@dataclass(frozen=True)
class _Parts:
    """The components of the tab that listen or are written to."""

    planes: gr.Gallery
    outlines: gr.Image
    places: gr.Gallery
    placed: gr.Column
    looks: gr.Gallery
    layer: gr.Dropdown
    layer_picture: gr.Image
    layer_note: gr.Markdown
    score: gr.Dropdown
    score_picture: gr.Image
    score_note: gr.Markdown
    film: gr.Image
    film_note: gr.Markdown
    curves: gr.Plot
    shown: gr.State


def build(lab: Lab, page: Page) -> None:
    """Lays out the tab and wires it; nothing is computed before the tab is opened."""
    choices = opening(lab, PURPOSE, HOW_IT_WORKS)
    if not choices:
        return
    made: dict[str, Any] = {}
    for name, show in (
        ("planes", _show_planes),
        ("outlines", _show_outlines),
        ("looks", _show_looks),
        ("layers", _show_layers),
        ("scores", _show_scores),
        ("record", _show_record),
    ):
        with gr.Row(elem_classes="sides step"):
            with gr.Column(scale=2, min_width=300):
                gr.Markdown(STEPS[name], latex_delimiters=_DELIMITERS, elem_classes="reading")
                chooser = _CHOOSERS.get(name)
                if chooser:
                    made |= chooser()
            with gr.Column(scale=3, min_width=340):
                made |= show()
    _wire(lab, page, choices[0][1], _Parts(**made, shown=gr.State(None)))


_DELIMITERS = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": "$", "right": "$", "display": False},
]
_CHOOSERS = {
    "layers": lambda: {"layer": gr.Dropdown([], label="Layer", elem_id="inside-layer")},
    "scores": lambda: {"score": gr.Dropdown([], label="Discriminator", elem_id="inside-score")},
}


def _show_planes() -> dict[str, Any]:
    return {"planes": thumbnails("The planes of the classes that are there.", columns=4)}


def _show_outlines() -> dict[str, Any]:
    edges = picture("Boundaries between objects", elem_id="inside-outlines")
    with gr.Column(visible=False) as placed:
        places = thumbnails("Where in its object a pixel lies.", columns=4)
    return {"outlines": edges, "places": places, "placed": placed}


def _show_looks() -> dict[str, Any]:
    said = "Three features as red, green and blue."
    return {"looks": thumbnails(said, columns=3, elem_classes="thumbs whole")}


def _show_layers() -> dict[str, Any]:
    shown = picture("Channels of the layer", elem_id="inside-channels")
    return {"layer_picture": shown, "layer_note": note("")}


def _show_scores() -> dict[str, Any]:
    shown = picture("What the discriminator sees", elem_id="inside-scores")
    return {"score_picture": shown, "score_note": note("")}


def _show_record() -> dict[str, Any]:
    strip = picture("Drawings while it learned", elem_id="inside-film")
    said = note("")
    plot = gr.Plot(label="Losses while it was trained", **PNG)
    return {"film": strip, "film_note": said, "curves": plot}


def record(lab: Lab, name: str) -> tuple[Any, str, Any]:
    """The strip of drawings of a checkpoint's training, a line about it, and its losses."""
    strip = film(lab, name)
    said = (
        "One validation layout as it was drawn in the course of training, row by row."
        if strip
        else "No drawings of its training were kept with this checkpoint."
    )
    shown = gr.update(value=strip, visible=strip is not None)
    return shown, said, curves(lab, name)


def opened(
    lab: Lab, first: str, desk: Desk | None, layer: str | None, score: str | None
) -> tuple[Subject, Any, Any]:
    """The picture to look into and the choices it offers; what was chosen stays where it fits."""
    shown = handlers.subject(lab, first, desk)
    layers = handlers.layer_names(lab, shown.name)
    scores = handlers.score_names(lab, shown.name)
    # G1 works on every layout, an enhancer on large ones only.
    usual = [name for name in layers if name.startswith("G1")][-1]
    verdicts = [value for title, value in scores if "verdict" in title]
    said = score if score in [value for _, value in scores] else next(iter(verdicts), None)
    return (
        shown,
        gr.update(choices=layers, value=layer if layer in layers else usual),
        gr.update(choices=scores, value=said, visible=bool(scores)),
    )


def inputs(lab: Lab, shown: Subject) -> tuple[Any, str, Any, Any]:
    """One-hot planes, boundaries and places of the last picture, and whether there are places."""
    places = handlers.place_maps(lab, shown)
    told = gr.update(visible=bool(places))
    return handlers.planes(lab, shown), handlers.outlines(lab, shown), places, told


def scores(lab: Lab, shown: Subject, choice: str | None) -> tuple[Any, str]:
    """The channels of a layer of a discriminator ("scale.layer") for the last picture."""
    if not choice:
        return gr.update(value=None, visible=False), NO_SCORES
    path, said = handlers.score_sheet(lab, shown, choice)
    return gr.update(value=path, visible=True), said


def _wire(lab: Lab, page: Page, first: str, parts: _Parts) -> None:
    work, quiet = {**LANE, **QUIET}, {**QUIET, **PRIVATE}
    layer = (
        gpu(partial(handlers.layer_sheet, lab)),
        [parts.shown, parts.layer],
        [parts.layer_picture, parts.layer_note],
    )
    score = (
        gpu(partial(scores, lab)),
        [parts.shown, parts.score],
        [parts.score_picture, parts.score_note],
    )
    start = page.tab.select(
        gpu(partial(opened, lab, first)),
        [page.desk, parts.layer, parts.score],
        [parts.shown, parts.layer, parts.score],
        **work,
        **PRIVATE,
    )
    maps = [parts.planes, parts.outlines, parts.places, parts.placed]
    given = (gpu(partial(inputs, lab)), parts.shown, maps)
    looks = (gpu(partial(handlers.looks_maps, lab)), parts.shown, parts.looks)
    shown = start
    for step in (given, looks, layer, score):
        shown = shown.success(*step, **work, **PRIVATE)
    shown.success(
        lambda subject: record(lab, subject.name),
        parts.shown,
        [parts.film, parts.film_note, parts.curves],
        **quiet,
    )
    for menu, step in ((parts.layer, layer), (parts.score, score)):
        menu.input(*step, **LAST, **LANE, **PRIVATE)
