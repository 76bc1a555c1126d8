"""Compare: the two tabs in which methods draw, one layout or one pair of pictures."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import gradio as gr

from lab.lab import Lab
from lab.patterns import CONTENTS, STYLES, examples
from lab.ui import compare_scenes as scenes
from lab.ui import compare_synthesis as synthesis
from lab.ui import compare_transfer as transfer
from lab.ui.compare_ahead import Key, layout_key, opening, styles_key
from lab.ui.compare_result import (
    PRIVATE,
    QUIET,
    Result,
    describe,
    export_endpoint,
    once,
    result,
    steps,
    wire_files,
)
from lab.ui.comparisons import Comparison
from lab.ui.components import Page, absent, note, status, stop_by, upload
from lab.ui.gpu import LANE, LONG, LONG_LANE, gpu
from lab.ui.pictures import Desk

SEED = 2  # a street in daylight
SHOWN_STYLE = "waves"
SIZE = 384  # pixels of the longer side, of the choices
ONCE = {**QUIET, "trigger_mode": "once"}  # one at a time, told about in words
# A layout, and what a tab opens with, takes seconds; styles may be drawn by a method of minutes.
DRAWING, LONG_DRAWING = {**LANE, **ONCE}, {**LONG_LANE, **ONCE}


def first_pair() -> tuple[str, str]:
    """Content and style that the tab of styles begins with."""
    styles = sorted(examples(STYLES), key=lambda path: SHOWN_STYLE not in path)
    return examples(CONTENTS)[0], styles[0]


def compare_layout(
    lab: Lab,
    domain: str,
    source: str,
    seed: int | None,
    labels: str | None = None,
    instances: str | None = None,
    photo: str | None = None,
    desk: Desk | None = None,
) -> Iterator[tuple[Any, ...]]:
    """Draws one layout by every installed method of a domain; values for `Result.outputs`.

    `seed`: of the looks; None, which an emptied field sends, is the one the field begins with.
    """
    own = scenes.Own(labels, instances, photo)
    number = SEED if seed is None else int(seed)
    yield from steps(synthesis.compare(lab, domain, source, number, own=own, desk=desk))


def compare_styles(
    lab: Lab, content: str | None, style: str | None, size: int, methods: list[str]
) -> Iterator[tuple[Any, ...]]:
    """Draws one pair by the chosen stylizers; values for `Result.outputs`."""
    yield from steps(transfer.compare(lab, content, style, size=int(size), methods=methods))


def _layout_key(lab: Lab, domain: str, source: str, seed: int | None, *_: Any) -> Key | None:
    return layout_key(lab, domain, source, SEED if seed is None else int(seed))


def layout_tab(lab: Lab, page: Page) -> gr.State | None:
    """One layout by every method of a domain; the state with the visitor's last comparison."""
    domains = scenes.domains(lab)
    if not domains:
        absent(lab, ("town", "town-palette"))
        return None
    sources = scenes.sources(domains[0])
    with gr.Row(elem_classes="fields"):
        domain = gr.Radio(domains, value=domains[0], label="Domain", min_width=380, scale=2)
        source = gr.Dropdown(sources, value=sources[0], label="Layout", min_width=150)
        # The choices are of one domain, and programs name layouts of all: `compare` checks them.
        source.preprocess = lambda chosen: chosen
        seed = gr.Number(SEED, label="Seed", precision=0, minimum=0, min_width=80)
        go = gr.Button("Compare", variant="primary", min_width=110)
        stop = gr.Button("Stop", min_width=80)
    with gr.Accordion("My own files", open=False):
        note(
            "A label map is a PNG of class ids, or painted in the legend's colours. With the "
            "photograph it was made from, every picture is held against it."
        )
        with gr.Row():
            labels = gr.File(label="Label map", file_types=[".png"], height=120)
            instances = gr.File(label="Instance map (optional)", file_types=[".png"], height=120)
            photo = gr.File(label="Photograph (optional)", file_types=["image"], height=120)
    parts = result("layout")
    given = [domain, source, seed, labels, instances, photo, page.desk]
    chosen = domain.input(_sources, domain, source, **QUIET, **PRIVATE)
    uploaded = labels.upload(lambda: scenes.UPLOAD, None, source, **QUIET, **PRIVATE)
    for changed in (chosen.then, uploaded.then, source.input, seed.input):
        changed(still, [parts.state, domain, source, seed], parts.line, **QUIET, **PRIVATE)
    draw = partial(compare_layout, lab)
    words = "Draws one layout by every installed method of a domain and scores each picture."
    named = {"api_name": "compare_layout", "api_description": describe(lab, words)}
    event = go.click(gpu(draw), given, parts.outputs, **DRAWING, **named)
    ahead = opening(draw, partial(_layout_key, lab))
    opened = _open(page.tab.select, ahead, given, parts)
    _finish([event, opened], stop, parts, "export_layout")
    return parts.state


def styles_tab(lab: Lab, tab: gr.Tab) -> gr.State | None:
    """One content and style by several stylizers; the state with the last comparison."""
    known = transfer.installed(lab)
    if not known:
        absent(lab, ("linear-fast",))
        return None
    with gr.Row(elem_classes="sides"):
        with gr.Column(min_width=280):
            content = upload("Content", elem_id="compare-content", height=170)
            _examples(content, CONTENTS, "Contents to try")
        with gr.Column(min_width=280):
            style = upload("Style", elem_id="compare-style", height=170)
            _examples(style, STYLES, "Styles to try")
        with gr.Column(min_width=280):
            methods = gr.CheckboxGroup(
                known, value=transfer.usual(lab), label="Methods (gatys takes minutes)"
            )
            size = gr.Radio(transfer.SIZES, value=SIZE, label="Longer side, pixels")
            with gr.Row(elem_classes="actions"):
                go = gr.Button("Compare", variant="primary", min_width=110)
                stop = gr.Button("Stop", min_width=80)
    parts = result("styles")
    given = [content, style, size, methods]
    draw = partial(compare_styles, lab)
    words = "Draws one content in one style by the chosen methods and scores each picture."
    named = {"api_name": "compare_styles", "api_description": describe(lab, words)}
    event = go.click(gpu(draw, seconds=LONG), given, parts.outputs, **LONG_DRAWING, **named)
    begun = tab.select(_first_pair, [content, style], [content, style], **QUIET, **PRIVATE)
    ahead = opening(draw, partial(styles_key, lab))
    opened = _open(begun.then, ahead, given, parts)
    _finish([event, opened], stop, parts, "export_styles")
    return parts.state


def _sources(domain: str) -> Any:
    known = scenes.sources(domain)
    return gr.update(choices=known, value=known[0])


def still(comparison: Comparison | None, domain: str, source: str, seed: int | None) -> Any:
    """Tells that what is shown is not what is chosen any more, and how that is drawn."""
    if comparison is None or not comparison.pictures:
        return gr.skip()
    asked = synthesis.subject(source, domain, SEED if seed is None else int(seed))
    if comparison.subject == asked:
        return status(f"Shown is {asked}.")
    return status(f"Still showing {comparison.subject}; press Compare to draw {asked}.")


def _first_pair(content: str | None, style: str | None) -> Any:
    return first_pair() if content is None and style is None else (gr.skip(), gr.skip())


def _examples(onto: gr.Image, folder: Any, label: str) -> None:
    options = {"cache_examples": False, "examples_per_page": 12, "api_visibility": "private"}
    gr.Examples([[path] for path in examples(folder)], onto, label=label, **options)


def _open(event: Any, draw: Any, given: list[Any], parts: Result) -> Any:
    """Draws on `event` where nothing is drawn yet."""
    opened = gpu(once(draw, len(parts.outputs)))
    return event(opened, [parts.state, *given], parts.outputs, **DRAWING, **PRIVATE)


def _finish(events: list[Any], stop: gr.Button, parts: Result, name: str) -> None:
    """Files for what was drawn, and an end to what is being drawn."""
    for event in events:
        wire_files(event, parts)
        ended = stop_by(stop, event, _stopped, inputs=parts.state, outputs=parts.line)
        wire_files(ended, parts)
    export_endpoint(parts, name)


def _stopped(comparison: Comparison | None) -> str:
    count = 0 if comparison is None else sum(each.drawn for each in comparison.pictures)
    return status(f"Stopped; {count} pictures are there.")
