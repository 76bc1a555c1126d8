"""Resolution: what the coarse generator draws, what the enhancer adds, down to the pixel."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from lab.lab import Lab
from lab.models.pix2pixhd import GeneratorConfig
from lab.ui import resolution_handlers as handlers
from lab.ui.components import Page, before_after, note, opening, picture, status, thumbnails
from lab.ui.domains import card_of
from lab.ui.explain import explain
from lab.ui.gpu import LANE, LAST, gpu
from lab.ui.layouts import PRESETS
from lab.ui.pictures import Desk
from lab.ui.resolution_diagram import diagram
from lab.ui.resolution_handlers import CROP, DRAWING, ZOOM, Step, Wanted

TITLE = "Resolution"
PURPOSE = "One layout, two stages: the coarse generator's picture beside the enhancer's."
HOW_IT_WORKS = """
A single network that draws a large picture at once tends to lose either the scene or the detail.
pix2pixHD draws **coarse to fine**. The global generator **G1** sees the layout at half size and
settles what the scene looks like. The local enhancer **G2** sees the layout at full size; its first
half is added to G1's last features, and its second half draws the final picture, or here what is
added to G1's.

G1 is trained first, on small pictures; then G2 around it; then both together. In the slider, G1's
picture is enlarged with bicubic interpolation: it shows what G2 had to add.

The **discriminators** were trained against the generator: each looks at the picture at half the
size of the one before and says of every patch whether it belongs to a photograph.

*GMAC* are billions of multiply-adds of one picture, counted on the layers; *memory* is what drawing
it needed beyond the weights, and *time* one drawing, both with whatever else runs here meanwhile.
*Twice as large* is beyond the size of training. The network has never seen objects that large:
expect textures to repeat and large things to fall apart.
"""
SIZES = {"As trained": 1, "Twice as large": 2}
PRIVATE: dict[str, Any] = {"api_visibility": "private"}
QUIET: dict[str, Any] = {**PRIVATE, "show_progress": "hidden"}


@dataclass(frozen=True)
class _Parts:
    checkpoint: gr.Radio
    source: gr.Dropdown
    factor: gr.Radio
    go: gr.Button
    stop: gr.Button
    slider: gr.ImageSlider
    line: gr.HTML
    table: gr.Markdown
    views: tuple[gr.Image, gr.Image]
    across: gr.Slider
    down: gr.Slider
    diagram: gr.HTML
    verdicts: gr.Gallery
    verdict: gr.Markdown
    wanted: gr.State
    running: gr.State
    shown: gr.State


def build(lab: Lab, page: Page) -> None:
    """Lays out the tab and wires it; nothing is drawn before the tab is opened."""
    choices = opening(lab, PURPOSE, HOW_IT_WORKS)
    if not choices:
        return
    made: dict[str, Any] = {**_controls(choices), **_pictures(), **_inside()}
    states = {name: gr.State(None) for name in ("wanted", "running", "shown")}
    _wire(lab, page, _Parts(**made, **states))


def _controls(choices: list[tuple[str, str]]) -> dict[str, Any]:
    layouts = [*layout_menu(), (DRAWING, DRAWING)]
    with gr.Row(elem_classes="fields"):
        return {
            "checkpoint": gr.Radio(
                choices, value=choices[0][1], label="Checkpoint", min_width=220, scale=3
            ),
            "source": gr.Dropdown(layouts, value=PRESETS[0], label="Layout", min_width=150),
            "factor": gr.Radio(list(SIZES.items()), value=1, label="Size", min_width=260, scale=2),
            "go": gr.Button("Draw", variant="primary", min_width=110),
            "stop": gr.Button("Stop", interactive=False, min_width=90),
        }


def _pictures() -> dict[str, Any]:
    with gr.Row(elem_classes="sides"):
        with gr.Column(scale=3, min_width=340):
            slider = before_after("Both stages", elem_id="stages")
            line = gr.HTML(elem_id="stages-said")
            table = gr.Markdown(elem_classes="wide")
        with gr.Column(scale=2, min_width=320):
            note(f"The loupe: {CROP} × {CROP} pixels, each drawn as {ZOOM} × {ZOOM}.")
            with gr.Row():
                views = (
                    picture("Left picture, enlarged", min_width=140, elem_classes="shown crisp"),
                    picture("Right picture, enlarged", min_width=140, elem_classes="shown crisp"),
                )
            across = gr.Slider(0, 100, value=50, step=1, label="From left to right, %")
            down = gr.Slider(0, 100, value=60, step=1, label="From top to bottom, %")
    return {
        "slider": slider,
        "line": line,
        "table": table,
        "views": views,
        "across": across,
        "down": down,
    }


def _inside() -> dict[str, Any]:
    gr.Markdown("### Where G1's features enter G2")
    drawn = gr.HTML(elem_id="stages-diagram")
    gr.Markdown("### What the discriminators say")
    verdicts = thumbnails(
        "",
        columns=3,
        elem_id="stages-scores",
        elem_classes="thumbs whole uncut",
    )
    return {"diagram": drawn, "verdicts": verdicts, "verdict": note("")}


def layout_menu() -> list[tuple[str, int]]:
    """(name, number) of the presets."""
    return [(f"Layout {i + 1}", number) for i, number in enumerate(PRESETS)]


@explain
def drawn_diagram(lab: Lab, name: str, factor: int) -> str:
    """The diagram of a checkpoint's generator at `factor` times the size of its training."""
    card = card_of(lab, name)
    width, height = card.native_size
    config = GeneratorConfig(**card.config("generator"))
    return diagram(config, (width * int(factor), height * int(factor)))


def _draw(lab: Lab, wanted: Wanted | None, desk: Desk | None) -> Iterator[list[Any]]:
    """The turn that is drawn, and what the components show after every step, as in `_cleared`."""
    if wanted is None:
        yield [gr.skip()] * 8
        return
    for step in handlers.show(lab, wanted, desk):
        yield [wanted.turn, *_shown(step)]


def _shown(step: Step) -> list[Any]:
    pair = gr.skip() if step.stages is None else (step.stages.before, step.stages.after)
    return [
        step.stages,
        pair,
        status(step.said),
        handlers.table_text(step.rows),
        gr.update(value=list(step.verdicts), visible=bool(step.verdicts) or not step.done),
        step.verdict,
        gr.update(interactive=not step.done),
    ]


def _cleared() -> list[Any]:
    waiting = status("Waiting for the device …")
    verdicts, stop = gr.update(value=[], visible=True), gr.update(interactive=True)
    return [None, None, waiting, "", verdicts, "", stop]


def stopped() -> tuple[str, Any]:
    """The line and the Stop button once nothing is drawn any more."""
    return status("Stopped; Draw begins again."), gr.update(interactive=False)


def failed(wanted: Wanted | None, running: int | None) -> tuple[Any, Any]:
    """The same after an error, which says why in a message of its own.

    Gradio calls what was cancelled failed, too: of a drawing that made way for the one that is
    `wanted` now there is nothing to say.
    """
    if wanted is None or wanted.turn != running:
        return gr.skip(), gr.skip()
    return stopped()


def _wire(lab: Lab, page: Page, parts: _Parts) -> None:
    made = [
        parts.shown,
        parts.slider,
        parts.line,
        parts.table,
        parts.verdicts,
        parts.verdict,
        parts.stop,
    ]
    views = list(parts.views)
    drawing = parts.wanted.change(
        gpu(partial(_draw, lab)),
        [parts.wanted, page.desk],
        [parts.running, *made],
        **LANE,
        **QUIET,
        trigger_mode="multiple",
    )

    def asked(name: str, source: str | int, factor: int, desk: Desk | None) -> list[Any]:
        picture = desk.picture if desk is not None and source == DRAWING else None
        wanted = Wanted(name, source, int(factor), time.monotonic_ns(), picture)
        return [wanted, drawn_diagram(lab, name, factor), None, None, *_cleared()]

    def opened(wanted: Wanted | None, *choice: Any) -> list[Any]:
        *_, desk = choice
        kept = wanted is not None and not handlers.is_outdated(lab, wanted, desk)
        return [gr.skip()] * (4 + len(made)) if kept else asked(*choice)

    def enlarged(shown: Any, across: float, down: float) -> Any:
        return [gr.skip()] * 2 if shown is None else handlers.loupe(shown, across, down)

    choice = [parts.checkpoint, parts.source, parts.factor, page.desk]
    begun = [parts.wanted, parts.diagram, *views, *made]
    ends = {**QUIET, "cancels": [drawing]}
    page.tab.select(opened, [parts.wanted, *choice], begun, **QUIET)
    parts.go.click(asked, choice, begun, **ends)
    # A menu's `input` comes as well when the focus leaves it as it was, `change` does not.
    for change in (parts.checkpoint.input, parts.source.change, parts.factor.input):
        change(asked, choice, begun, **ends)
    ended = [parts.line, parts.stop]
    parts.stop.click(stopped, None, ended, **ends)
    drawing.failure(failed, [parts.wanted, parts.running], ended, **QUIET)
    position = [parts.shown, parts.across, parts.down]
    # Where pictures are there already, the loupe does not wait until they are drawn to be measured.
    parts.slider.change(enlarged, position, views, **QUIET)
    for slider in (parts.across, parts.down):
        slider.input(enlarged, position, views, **QUIET, **LAST)
