"""Resolution: what the coarse generator draws, what the enhancer adds, down to the pixel."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr
from PIL import Image

from lab import images
from lab.interfaces import Layout
from lab.lab import Lab
from lab.ui.components import (
    Page,
    absent,
    before_after,
    heading,
    note,
    picture,
    status,
    synthesizers,
)
from lab.ui.domains import domain_of
from lab.ui.drawing import decode
from lab.ui.explain import explain
from lab.ui.gpu import LANE, gpu
from lab.ui.layouts import PRESETS, preset, resized, summary, thumbnail
from lab.ui.pictures import Desk, Looks, coarse, synthesize
from lab.ui.store import keep_view

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

*Beyond training size* doubles the layout. The network has never seen objects that large: expect
textures to repeat and large things to fall apart.
"""
DRAWING = "My drawing"
SIZES = {"As trained": 1, "Twice that, beyond training size": 2}
USUAL = Looks()  # frozen: safe as a default
CROP = 96  # pixels of the picture that the loupe shows
ZOOM = 4  # screen pixels per picture pixel in the loupe


@dataclass(frozen=True)
class Stages:
    """The pictures of one layout: paths, the size of both, and whether there is an enhancer."""

    before: str
    after: str
    size: tuple[int, int]


@explain
def layout_for(lab: Lab, name: str, source: str | int, desk: Desk | None) -> Layout:
    """A preset by its number or the visitor's drawing, at the size of the checkpoint's training."""
    space, size = domain_of(lab, name)
    if source != DRAWING:
        return preset(int(source), size, space)
    if desk is None:
        raise ValueError("There is no drawing yet; paint one in the Draw tab or take a layout.")
    return resized(decode(desk.drawing, space), size)


@explain
def stages(
    lab: Lab, name: str, layout: Layout, factor: int, *, looks: Looks = USUAL
) -> tuple[Stages, list[list[str]], str]:
    """Draws a layout, `factor` times as large, by both stages.

    Returns:
        The pictures, the rows of the pyramid's table, the sentence under it.
    """
    pipeline = lab.synthesizer(name)
    layout = resized(layout, tuple(side * factor for side in layout.size))
    fine = synthesize(lab, name, layout, looks, measured=True)
    width, height = layout.size
    if not pipeline.enhancers:
        before = keep_view(fine.path, "labels", lambda _: thumbnail(layout, width=width))
        rows = [_row(lab, name, "G1", layout.size, fine.seconds)]
        said = (
            "This checkpoint has one stage: G1 alone draws at full size, there is no enhancer. "
            "The slider compares its picture with the label map."
        )
        return Stages(before, fine.path, layout.size), rows, said
    rough = coarse(lab, name, layout, looks, measured=True)
    seen = images.open_picture(rough.path).size
    before = keep_view(
        rough.path,
        f"{width}x{height}",
        lambda small: small.resize(layout.size, Image.Resampling.BICUBIC),
    )
    rows = [
        _row(lab, name, "G1", seen, rough.seconds),
        _row(lab, name, "G1 + G2", layout.size, fine.seconds),
    ]
    said = f"Left: G1 alone, {seen[0]} × {seen[1]}, enlarged. Right: with G2, {width} × {height}."
    return Stages(before, fine.path, layout.size), rows, said


def _row(lab: Lab, name: str, stage: str, size: tuple[int, int], seconds: float) -> list[str]:
    pipeline = lab.synthesizer(name)
    inputs = pipeline.generator.config.inputs
    labels = len(pipeline.space)
    features = inputs - labels - 1
    network = pipeline.generator
    if stage == "G1" and pipeline.enhancers:
        network = network.coarse
    parameters = sum(weights.numel() for weights in network.parameters())
    noise = network.config.noise
    sees = f"{labels} labels + 1 boundary + {features} features" + f" + {noise} noise" * bool(noise)
    return [stage, f"{size[0]} × {size[1]}", sees, f"{parameters / 1e6:.2f} M", f"{seconds:.2f} s"]


def table_text(rows: list[list[str]]) -> str:
    """The pyramid as a Markdown table."""
    lines = [["Stage", "Size", "Sees", "Parameters", "Time"], ["---"] * 5, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


@explain
def loupe(shown: Stages | None, across: float, down: float) -> tuple[str, str]:
    """Paths of a small square of both pictures, every pixel enlarged to a block.

    Args:
        across, down: position of the square, 0..100 % of the way.
    """
    if shown is None:
        raise ValueError("Draw a layout first.")
    side = min(CROP, *shown.size)
    left, top = (
        round((size - side) * min(100.0, max(0.0, at)) / 100)
        for size, at in zip(shown.size, (across, down), strict=True)
    )

    def enlarged(picture: Image.Image) -> Image.Image:
        cut = picture.crop((left, top, left + side, top + side))
        return cut.resize((side * ZOOM, side * ZOOM), Image.Resampling.NEAREST)

    view = f"loupe-{left}-{top}"
    return keep_view(shown.before, view, enlarged), keep_view(shown.after, view, enlarged)


@dataclass(frozen=True)
class _Parts:
    checkpoint: gr.Radio
    source: gr.Dropdown
    factor: gr.Radio
    go: gr.Button
    slider: gr.ImageSlider
    said: gr.Markdown
    line: gr.HTML
    table: gr.Markdown
    across: gr.Slider
    down: gr.Slider
    views: tuple[gr.Image, gr.Image]
    shown: gr.State


def build(lab: Lab, page: Page) -> None:
    """Lays out the tab and wires it; nothing is drawn before the tab is opened."""
    heading(PURPOSE, HOW_IT_WORKS)
    choices = synthesizers(lab, first="streets")
    if not choices:
        absent(lab, ("streets", "town"))
        return
    with gr.Row(elem_classes="fields"):
        checkpoint = gr.Radio(choices, value=choices[0][1], label="Checkpoint", min_width=220)
        source = gr.Dropdown(
            [*layout_menu(), (DRAWING, DRAWING)], value=PRESETS[0], label="Layout", min_width=200
        )
        factor = gr.Radio(list(SIZES.items()), value=1, label="Size", min_width=260)
        go = gr.Button("Draw", variant="primary", min_width=110)
    with gr.Row(elem_classes="sides"):
        with gr.Column(scale=3, min_width=340):
            slider = before_after("Both stages", elem_id="stages")
            said = note("")
            line = gr.HTML()
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
    parts = _Parts(
        checkpoint, source, factor, go, slider, said, line, table, across, down, views, gr.State()
    )
    _wire(lab, page, parts)


def layout_menu() -> list[tuple[str, int]]:
    """(name, number) of the presets."""
    return [(f"Street {i + 1}", number) for i, number in enumerate(PRESETS)]


def _wire(lab: Lab, page: Page, parts: _Parts) -> None:
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    drawing = {**LANE, **quiet, "show_progress": "full", "show_progress_on": parts.slider}

    def draw(name: str, source: str | int, factor: int, desk: Desk | None) -> Any:
        layout = layout_for(lab, name, source, desk)
        looks = desk.looks if desk is not None and source == DRAWING else USUAL
        shown, rows, sentence = stages(lab, name, layout, int(factor), looks=looks)
        line = status(f"{summary(layout)} · {name} on {lab.device.type}")
        return shown, (shown.before, shown.after), sentence, table_text(rows), line

    def opened(shown: Stages | None, name: str, source: str | int, factor: int, desk: Desk | None):
        return gr.skip() if shown is not None else draw(name, source, factor, desk)

    asked = [parts.checkpoint, parts.source, parts.factor, page.desk]
    made = [parts.shown, parts.slider, parts.said, parts.table, parts.line]
    views = list(parts.views)
    position = [parts.shown, parts.across, parts.down]
    events = [
        page.tab.select(gpu(opened), [parts.shown, *asked], made, **drawing),
        parts.go.click(gpu(draw), asked, made, **drawing),
    ]
    for change in (parts.checkpoint.input, parts.source.input, parts.factor.input):
        events.append(change(gpu(draw), asked, made, **drawing))
    for event in events:
        event.success(partial(loupe), position, views, **quiet)
    for slider in (parts.across, parts.down):
        slider.release(partial(loupe), position, views, **quiet)
