"""The right side of the Transfer tab: method, size, and every control of a transfer."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from lab.catalog import STYLIZERS
from lab.lab import Lab
from lab.pipelines.controls import SCALES
from lab.ui.components import note
from lab.ui.domains import card_of
from lab.ui.transfer_choices import SIZES, is_quick, matrix_width

COLOURS = {
    "style": "The style's",
    "luminance": "The content's: only brightness is transferred",
    "matched": "The style's picture, given the content's colours first",
}
FORMS = {"learned": "Learned", "wct": "WCT, in closed form", "adain": "AdaIN, in closed form"}
PHOTO = """
The result is made an affine function of the content's colours around every place (a guided filter):
edges, surfaces and objects stay, colours and light change. The radius is that of the windows (0: a
sixteenth of the shorter side); detail brings back the content's own fine brightness.
"""
MATRIX = """
**T** is learned; the closed forms of WCT and AdaIN may stand in its place, between the same
networks. A lower rank keeps only its strongest directions: colours and textures collapse into few.
"""
NO_MATRIX = "{title} has no learned T, so there is neither a form nor a rank of it to choose."
OPTIMISED = """
{title} changes the picture itself, step by step, for minutes; so nothing is drawn before you press
Draw. It takes the first style for the whole picture, and has neither T nor maps for videos.
"""


@dataclass(frozen=True)
class Knobs:
    """The components of the right side but the picture."""

    strength: gr.Slider
    method: gr.Radio
    size: gr.Dropdown
    about: gr.Markdown
    slowly: gr.Button
    cancel: gr.Button
    colour: gr.Radio
    style_scale: gr.Slider
    photorealistic: gr.Checkbox
    radius: gr.Slider
    detail: gr.Slider
    form: gr.Radio
    rank: gr.Slider
    no_matrix: gr.Markdown


def knobs(lab: Lab, methods: list[tuple[str, str]]) -> Knobs:
    """Lays them out: what everybody turns first, the rest folded by subject."""
    first = methods[0][1]
    quick, width = is_quick(lab, first), matrix_width(lab, first)
    strength = gr.Slider(0, 1, value=1, step=0.05, label="Strength")
    with gr.Row(elem_classes="actions"):
        method = gr.Radio(methods, value=first, label="Method", scale=3, min_width=200)
        size = gr.Dropdown(SIZES, value=512, label="Longer side, pixels", min_width=150)
    about = note(about_method(lab, first))
    with gr.Row(elem_classes="actions"):
        slowly = gr.Button("Draw", variant="primary", visible=not quick, elem_id="slowly")
        cancel = gr.Button("Cancel", visible=not quick, elem_id="slowly-cancel")
    with gr.Accordion("Colour and strokes", open=False):
        colours = [(said, name) for name, said in COLOURS.items()]
        colour = gr.Radio(colours, value="style", label="Colours")
        low, high = SCALES
        scale = gr.Slider(
            low,
            high,
            value=1,
            step=0.25,
            label="Size of the style picture (smaller gives finer strokes)",
        )
    with gr.Accordion("Keep it a photograph", open=False):
        photo = gr.Checkbox(label="Keep edges and surfaces; transfer only colours")
        radius = gr.Slider(0, 128, value=0, step=1, label="Radius, pixels (0: chosen for you)")
        detail = gr.Slider(0, 1, value=0, step=0.05, label="Detail of the content")
        note(PHOTO)
    with gr.Accordion("The matrix: its form and rank", open=False):
        forms = [(said, name) for name, said in FORMS.items()]
        form = gr.Radio(forms, value="learned", label="What T is", interactive=bool(width))
        rank = gr.Slider(
            1, ranks(width), value=width or 1, step=1, label="Rank of T", interactive=bool(width)
        )
        no_matrix = note(matrix_note(lab, first))
    return Knobs(
        strength, method, size, about, slowly, cancel, colour, scale, photo, radius, detail, form,
        rank, no_matrix,
    )  # fmt: skip


def ranks(width: int | None) -> int:
    """Where the slider of the rank ends: Gradio refuses one that ends where it begins."""
    return max(2, width or 1)


def about_method(lab: Lab, name: str) -> str:
    """A line on a method: its paper, or what is different about it."""
    card = card_of(lab, name)
    if not is_quick(lab, name):
        return OPTIMISED.format(title=card.title or name)
    paper = STYLIZERS[card.method].paper
    return f"[{paper.title}]({paper.url}), {paper.year}."


def matrix_note(lab: Lab, name: str) -> str:
    """What form and rank do, or why this method has neither."""
    if matrix_width(lab, name):
        return MATRIX
    return NO_MATRIX.format(title=card_of(lab, name).title or name)


def switched(lab: Lab, name: str) -> tuple[Any, ...]:
    """For another method: the line about it, Draw, Cancel, form, rank, the note on the matrix."""
    slow, width = not is_quick(lab, name), matrix_width(lab, name)
    return (
        about_method(lab, name),
        gr.update(visible=slow),
        gr.update(visible=slow),
        gr.update(value="learned", interactive=bool(width)),
        gr.update(maximum=ranks(width), value=width or 1, interactive=bool(width)),
        matrix_note(lab, name),
    )
