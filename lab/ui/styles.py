"""Styles: the looks a checkpoint knows for each class, and what K-means over features means."""

from typing import Any

import gradio as gr

from lab.lab import Lab
from lab.ui.components import PNG, Page, before_after, note, opening, thumbnails
from lab.ui.styles_looks import MOST
from lab.ui.styles_wiring import Parts, wire_asking, wire_comparing, wire_truth

TITLE = "Styles"
PURPOSE = (
    "Every class has looks of its own: see which ones a checkpoint found, and group them anew."
)
HOW_IT_WORKS = """
During training an encoder **E** looks at every photograph and averages its output over each object,
so every car, tree or road becomes one short vector. It learns to put into that vector whatever the
label map cannot say: colour, material, light.

After training, the vectors of all objects of a class are grouped by **K-means**: the algorithm
places K centres so that the squared distances of the vectors to their nearest centre are as small
as it can make them. A centre is a *look*; its size says how many training objects lie closest
to it. Drawing with a look means writing its centre into every pixel of the object.

How many looks a class has is set before training, or chosen by the **silhouette**: it compares how
far an object lies from the others of its look with how far it lies from the next look. Choose
another number and the stored objects are grouped anew, for you alone; every look is drawn by its
new centre. Every picture here is drawn by the generator; photographs of the training set are not
shown.

Small objects say little about a look, so only those above a certain area take part; the rule of
this checkpoint stands below its swatches. Where classes have few large objects, there are fewer
looks than K. Looks are numbered by size: look 1 is the most common one.
"""


def build(lab: Lab, page: Page) -> None:
    """Lays out the tab and wires it; nothing is drawn before the tab is opened."""
    choices = opening(lab, PURPOSE, HOW_IT_WORKS)
    if not choices:
        return
    made: dict[str, Any] = {**_controls(choices), **_pictures(), **_truth()}
    parts = Parts(**made, wanted=gr.State(None), step=gr.State(None))
    wire_truth(lab, parts)
    wire_asking(lab, page, parts)
    wire_comparing(lab, page, parts)


def _controls(choices: list[tuple[str, str]]) -> dict[str, Any]:
    with gr.Row(elem_classes="fields"):
        checkpoint = gr.Radio(
            choices, value=choices[0][1], label="Checkpoint", min_width=220, scale=2
        )
        label = gr.Dropdown(
            [], label="Class (number of looks)", elem_id="styles-class", min_width=200
        )
        count = gr.Slider(
            1, MOST, value=8, step=1, label="Number of looks", elem_id="styles-count", min_width=220
        )
        stop = gr.Button("Stop", interactive=False, min_width=90)
    fixed = note("", visible=False)
    return {"checkpoint": checkpoint, "label": label, "count": count, "stop": stop, "fixed": fixed}


def _pictures() -> dict[str, Any]:
    with gr.Row(elem_classes="sides"):
        with gr.Column(scale=3, min_width=340):
            swatches = thumbnails(
                "The looks, most common first. Click one to compare it below.",
                columns=4,
                elem_id="swatches",
                elem_classes="thumbs whole",
            )
            said = note("", elem_id="styles-said")
            bars = gr.Plot(show_label=False, elem_id="styles-silhouettes", visible=False, **PNG)
        with gr.Column(scale=2, min_width=340):
            note(
                "The looks in the space of their features, among the objects of the training "
                "pictures where the checkpoint stores some. The square beside a look and the label "
                "of its points have the colour that it paints on average."
            )
            scatter = gr.Plot(show_label=False, elem_id="styles-scatter", **PNG)
    with gr.Row(elem_classes="fields"):
        first = gr.Slider(1, MOST, value=1, step=1, label="Left: look", min_width=140)
        second = gr.Slider(1, MOST, value=2, step=1, label="Right: look", min_width=140)
        use = gr.Button("Use the right look in Draw", min_width=210, elem_id="styles-use")
    slider = before_after("The same layout under two looks of the class", elem_id="two-looks")
    return {
        "swatches": swatches,
        "said": said,
        "scatter": scatter,
        "bars": bars,
        "first": first,
        "second": second,
        "use": use,
        "slider": slider,
    }


def _truth() -> dict[str, Any]:
    with gr.Column(visible=False) as truth:
        note("The procedural town knows which look every object was given: do the clusters agree?")
        with gr.Row(elem_classes="actions"):
            compare = gr.Button("Compare with the true looks", min_width=210, elem_id="true-looks")
            cancel = gr.Button("Cancel", visible=False, min_width=110)
        agreement = gr.Markdown(elem_classes="note wide", elem_id="styles-agreement")
    return {"truth": truth, "compare": compare, "cancel": cancel, "agreement": agreement}
