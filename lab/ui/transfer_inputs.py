"""The left side of the Transfer tab: content, styles, how they are mixed, where each one goes."""

import filecmp
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from lab.moods import MOODS, mood
from lab.patterns import CONTENTS, STYLES, examples
from lab.pipelines.controls import Controls
from lab.ui.components import note, thumbnails, upload
from lab.ui.mixer import corners, mixer, weights_of
from lab.ui.painter import painter
from lab.ui.transfer_choices import MAP_SIDE, SLOTS, STYLE_SPACE

MIXED = "Style 1 alone is drawn. Add a second one, and a pad to mix them appears here."
PAINTED = """
Tick this, choose a style under the map and paint where it goes. *Fill* paints a whole region,
*Clear* takes the first style everywhere. It needs two styles or more; shares of styles then no
longer matter.
"""


@dataclass(frozen=True)
class Inputs:
    """The components of the left side; `styles` and `weights` have one for every slot,
    `mood` holds the name of the mood that was chosen, None where there is none."""

    content: gr.Image
    mine: gr.Button
    styles: tuple[gr.Image, ...]
    moods: gr.Gallery
    mood: gr.State
    more: gr.Gallery
    hint: gr.Markdown
    pad: gr.HTML
    weights: tuple[gr.Slider, ...]
    divided: gr.Checkbox
    softness: gr.Slider
    regions: gr.HTML


def inputs() -> Inputs:
    """Lays the left side out."""
    options = {"cache_examples": False, "examples_per_page": 12, "api_visibility": "private"}
    content = upload("Content", elem_id="content", height=212)
    with gr.Row():
        with gr.Column(scale=3, min_width=200):
            contents = [[path] for path in examples(CONTENTS)]
            gr.Examples(contents, content, label="Contents to try", **options)
        with gr.Column(scale=1, min_width=110, elem_classes="low"):
            mine = gr.Button("Use what I drew", size="sm", min_width=100)
    style = upload("Style 1", elem_id="style", height=212)
    gr.Examples([[p] for p in examples(STYLES)], style, label="Styles to try", **options)
    moods = thumbnails(
        "Or a mood: another hour or weather, and the photograph stays one.",
        value=[(str(each.style(name)), each.title) for name, each in MOODS.items()],
        columns=4,
        elem_id="moods",
    )
    with gr.Accordion("Mix in more styles", open=False, elem_id="mix"):
        more = _more_styles()
    with gr.Accordion("Each style in its own region", open=False, elem_id="divide"):
        places = _regions()
    rest, gallery, hint, pad, weights = more
    styles, mood = (style, *rest), gr.State(None)
    return Inputs(content, mine, styles, moods, mood, gallery, hint, pad, weights, *places)


def _more_styles() -> tuple[tuple[gr.Image, ...], Any, Any, Any, tuple[gr.Slider, ...]]:
    with gr.Row(elem_classes="slots"):
        rest = tuple(
            upload(
                f"Style {slot + 1}",
                elem_id=f"style-{slot + 1}",
                height=130,
                min_width=90,
                placeholder="Drop or click",
            )
            for slot in range(1, SLOTS)
        )
    more = thumbnails(
        "Styles to add: a click fills the next free place.",
        value=[(path, "") for path in examples(STYLES)],
        columns=8,
        elem_id="more-styles",
        elem_classes="thumbs bare",
    )
    hint = note(MIXED)
    pad = mixer(elem_id="mixer")
    with gr.Row():
        weights = tuple(
            gr.Slider(
                0,
                1,
                value=1,
                step=0.01,
                label=f"Style {slot + 1} share",
                min_width=180,
                visible=False,
            )
            for slot in range(SLOTS)
        )
    return rest, more, hint, pad, weights


def _regions() -> tuple[gr.Checkbox, gr.Slider, gr.HTML]:
    divided = gr.Checkbox(label="Give every style the region painted below", elem_id="divided")
    note(PAINTED)
    size = (MAP_SIDE, MAP_SIDE * 3 // 4)
    regions = painter(STYLE_SPACE, size, things=False, elem_id="regions")
    softness = gr.Slider(
        0, 64, value=6, step=1, label="Softness of the edges, pixels", elem_id="softness"
    )
    return divided, softness, regions


def next_free(paths: Sequence[str | None], chosen: str) -> list[Any]:
    """Updates of the slots after the first: `chosen` goes to the first free one, or the last."""
    free = [slot for slot, path in enumerate(paths) if path is None]
    at = free[0] if free else len(paths) - 1
    return [chosen if slot == at else gr.skip() for slot in range(len(paths))]


def mixed(paths: Sequence[str | None], weights: Sequence[float]) -> tuple[Any, ...]:
    """For the styles there are: the pad's update, the hint's, and one for every slider."""
    there = corners(paths)
    several = len(there) > 1
    sliders = [gr.update(visible=several and path is not None) for path in paths]
    pad = gr.update(corners=there, weights=list(weights))
    return pad, gr.update(visible=not several), *sliders


def spread(value: Any) -> list[float]:
    """The sliders' values for the pad's."""
    return weights_of(value, SLOTS)


def mood_of(index: int) -> tuple[Any, ...]:
    """What a mood sets: its name, all slots, then photo-realism, radius, detail and colour."""
    name = list(MOODS)[index]
    chosen = mood(name)
    styles = [str(chosen.style(name)), *[None] * (SLOTS - 1)]
    return name, *styles, *_photo(chosen.controls)


def mood_left(name: str | None, path: str | None, *photo: Any) -> tuple[Any, ...]:
    """Once style 1 is another picture than a mood's: no mood, and what it set as at the beginning.

    Args:
        name: of the mood that was chosen last. path: of style 1. photo: photo-realism, radius,
            detail and colour, which stay where the visitor has turned one of them since.
    """
    if name is None or (path is not None and _is_mood(path)):
        return (gr.skip(),) * (1 + len(photo))
    as_set = photo == _photo(mood(name).controls)
    return None, *(_photo(Controls()) if as_set else [gr.skip()] * len(photo))


def _photo(controls: Controls) -> tuple[Any, ...]:
    """Photo-realism, radius, detail and colour as they stand on the page."""
    return controls.photorealistic, controls.radius or 0, controls.detail, controls.colour


def _is_mood(path: str) -> bool:
    """Whether a picture, wherever Gradio keeps it, is the example of a mood."""
    return any(filecmp.cmp(path, each.style(name), shallow=False) for name, each in MOODS.items())
