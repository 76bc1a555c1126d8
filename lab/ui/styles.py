"""Styles: the looks a checkpoint knows for each class, and what K-means over features means."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr
import numpy as np
import plotly.graph_objects as go
from PIL import Image

from lab import plots
from lab.analysis.swatches import Stand, stand
from lab.lab import Lab
from lab.ui.components import (
    PNG,
    Page,
    absent,
    before_after,
    heading,
    note,
    synthesizers,
    thumbnails,
)
from lab.ui.domains import Bank, bank_of, card_of, clusters, domain_of
from lab.ui.explain import explain
from lab.ui.gpu import LANE, gpu
from lab.ui.pictures import Looks, synthesize
from lab.ui.store import keep_cut

TITLE = "Styles"
PURPOSE = "Every class has looks of its own: see which ones a checkpoint found, and compare two."
HOW_IT_WORKS = """
During training an encoder **E** looks at every photograph and averages its output over each object,
so every car, tree or road becomes one short vector. It learns to put into that vector whatever the
label map cannot say: colour, material, light.

After training, the vectors of all objects of a class are grouped by **K-means**: the algorithm
places K centres so that the squared distances of the vectors to their nearest centre are as small
as it can make them. A centre is a *look*; its size says how many training objects lie closest
to it. Drawing with a look means writing its centre into every pixel of the object.

How many looks a class has is set before training, or chosen by the **silhouette**: it compares how
far an object lies from the others of its look with how far it lies from the next look. Every
picture here is drawn by the generator; photographs of the training set are not shown.

Small objects say little about a look, so only those above a certain area take part; the rule of
this checkpoint stands below its swatches. Where classes have few large objects, there are fewer
looks than K. Looks are numbered by size: look 1 is the most common one.
"""


def stand_of(lab: Lab, name: str, label: int) -> Stand:
    """Where a class of a checkpoint is shown."""
    space, size = domain_of(lab, name)
    return stand(label, space, size)


def in_look(lab: Lab, name: str, label: int, cluster: int) -> str:
    """Path of the scene with every object of the class under one cluster."""
    shown = stand_of(lab, name, label)
    return synthesize(lab, name, shown.layout, Looks(shown.styles(cluster))).path


@explain
def class_menu(lab: Lab, name: str) -> list[tuple[str, int]]:
    """(class and number of looks, label) of the classes with more than one look."""
    space, _ = domain_of(lab, name)
    counts = {label: clusters(lab, name, label) for label in range(len(space))}
    return [(f"{space[k].name} ({n})", k) for k, n in counts.items() if n > 1]


@explain
def show(lab: Lab, name: str, label: int | None) -> Iterator[tuple[list, go.Figure | None, str]]:
    """Swatches of a class, one cluster after the other, then its scatter coloured by them.

    Yields:
        Gallery of (picture, caption), figure, the measures of the looks and the rule of their
        objects.
    """
    swatches: list[tuple[str, str]] = []
    if label is None:
        yield swatches, None, area_rule(lab, name)
        return
    bank, count = bank_of(lab, name), clusters(lab, name, label)
    if bank is None or not count:
        raise ValueError("This class has no looks; choose another one.")
    said = f"{measures(bank, label)} {area_rule(lab, name)}"
    shown = stand_of(lab, name, label)
    mask = shown.layout.labels[0].numpy() == label
    colors = []
    for cluster in range(count):
        path = in_look(lab, name, label, cluster)
        with Image.open(path) as picture:
            colors.append(mean_color(np.asarray(picture), mask))
        swatches = [*swatches, (keep_cut(path, shown.box), caption(bank, label, cluster))]
        yield swatches, None, said
    centers, sizes = bank.centers[label, :count], bank.sizes[label, :count]
    yield swatches, plots.style_scatter(centers, sizes, colors=colors), said


def caption(bank: Bank, label: int, cluster: int) -> str:
    """What stands under a swatch: its number, its objects, how wide it is where that is known."""
    words = f"look {cluster + 1} · {_counted(bank.sizes[label, cluster], 'object')}"
    return words if bank.spreads is None else f"{words} · ±{bank.spreads[label, cluster]:.2f}"


def measures(bank: Bank, label: int) -> str:
    """How many looks a class has, of how many objects, and how well they lie apart."""
    objects = _counted(bank.sizes[label].sum(), "object")
    words = f"{_counted(bank.counts[label], 'look')} of {objects}"
    if bank.spreads is None or bank.silhouettes is None:
        return f"{words}; how wide they are was not measured for this checkpoint."
    if bank.counts[label] < 2:
        return f"{words}."
    return (
        f"{words}. Silhouette {bank.silhouettes[label]:.2f}: 1 is groups far apart, 0 is groups "
        "that run into one another. ± is a look's spread, the root mean square distance of its "
        "objects to its centre; features lie between -1 and 1."
    )


def _counted(count: int, what: str) -> str:
    return f"{int(count)} {what}{'' if count == 1 else 's'}"


@explain
def compare(lab: Lab, name: str, label: int | None, pair: tuple[int, int]) -> tuple[str, str]:
    """Paths of the same scene with the class under two clusters."""
    if label is None:
        raise ValueError("This checkpoint has no class with several looks to compare.")
    last = clusters(lab, name, label) - 1
    first, second = (in_look(lab, name, label, min(int(look) - 1, last)) for look in pair)
    return first, second


def mean_color(picture: np.ndarray, mask: np.ndarray) -> str:
    """The mean colour of the pixels in `mask` as CSS; grey where there are none.

    Args:
        picture: (H, W, 3) uint8. mask: (H, W) bool.
    """
    if not mask.any():
        return "rgb(128,128,128)"
    red, green, blue = picture[mask].mean(0).round().astype(int)
    return f"rgb({red},{green},{blue})"


def area_rule(lab: Lab, name: str) -> str:
    """What the card says of the clustering, as a sentence."""
    said = card_of(lab, name).training.get("styles")
    if not isinstance(said, Mapping) or "smallest" not in said:
        return "The card of this checkpoint does not say how its looks were clustered."
    most = f"at most {said.get('clusters', '?')} looks per class"
    chosen = ", their number chosen by silhouette" if said.get("choose") == "silhouette" else ""
    return (
        f"Clustered by K-means, {most}{chosen}, over the objects that cover at least "
        f"{100 * said['smallest']:.1f} % of their picture."
    )


@dataclass(frozen=True)
class _Parts:
    checkpoint: gr.Radio
    label: gr.Dropdown
    swatches: gr.Gallery
    rule: gr.Markdown
    scatter: gr.Plot
    first: gr.Slider
    second: gr.Slider
    slider: gr.ImageSlider


def build(lab: Lab, page: Page) -> None:
    """Lays out the tab and wires it; nothing is drawn before the tab is opened."""
    heading(PURPOSE, HOW_IT_WORKS)
    choices = synthesizers(lab)
    if not choices:
        absent(lab, ("town", "streets"))
        return
    with gr.Row():
        checkpoint = gr.Radio(choices, value=choices[0][1], label="Checkpoint")
        label = gr.Dropdown([], label="Class (number of looks)", elem_id="styles-class")
    with gr.Row(elem_classes="sides"):
        with gr.Column(scale=3, min_width=340):
            swatches = thumbnails(
                "The looks, most common first. Click one to compare it below.",
                columns=4,
                elem_id="swatches",
                elem_classes="thumbs whole",
            )
            rule = note("")
        with gr.Column(scale=2, min_width=340):
            scatter = gr.Plot(label="Centres of the looks, as large as they are common", **PNG)
    with gr.Row():
        first = gr.Slider(1, 10, value=1, step=1, label="Left: look", min_width=140)
        second = gr.Slider(1, 10, value=2, step=1, label="Right: look", min_width=140)
    slider = before_after("The same layout under two looks of the class", elem_id="two-looks")
    _wire(lab, page, _Parts(checkpoint, label, swatches, rule, scatter, first, second, slider))


def _wire(lab: Lab, page: Page, parts: _Parts) -> None:
    private: dict[str, Any] = {"api_visibility": "private"}
    quiet = {**private, "show_progress": "hidden"}
    drawing = {**LANE, **private, "show_progress": "minimal"}
    shown = [parts.swatches, parts.scatter, parts.rule]

    def opened(name: str, label: int | None) -> Any:
        return gr.skip() if label is not None else menu(name)

    def menu(name: str) -> Any:
        choices = class_menu(lab, name)
        preferred = next((k for words, k in choices if words.startswith("road")), None)
        first = preferred if preferred is not None else next((k for _, k in choices), None)
        return gr.update(choices=choices, value=first)

    def pair(name: str, label: int | None, first: int, second: int) -> tuple[str, str]:
        return compare(lab, name, label, (first, second))

    def limits(name: str, label: int | None) -> Any:
        count = 2 if label is None else max(2, clusters(lab, name, label))
        return gr.update(maximum=count, value=1), gr.update(maximum=count, value=2)

    def clicked(event: gr.SelectData) -> int:
        return event.index + 1

    compared = [parts.checkpoint, parts.label, parts.first, parts.second]
    drawn = gpu(partial(show, lab))
    both = [parts.checkpoint, parts.label]
    page.tab.select(opened, both, parts.label, **quiet)
    parts.checkpoint.input(menu, parts.checkpoint, parts.label, **quiet)
    chosen = parts.label.change(limits, both, [parts.first, parts.second], **quiet)
    chosen.then(gpu(pair), compared, parts.slider, **drawing)
    chosen.then(drawn, both, shown, **LANE, **quiet)
    parts.swatches.select(clicked, None, parts.second, **quiet).then(
        gpu(pair), compared, parts.slider, **drawing
    )
    for slider in (parts.first, parts.second):
        slider.release(gpu(pair), compared, parts.slider, **drawing)
