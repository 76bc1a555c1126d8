"""Transfer: a picture in the style of one or two others, and the matrix that carries it over."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from lab.lab import Lab
from lab.ui.components import (
    PNG,
    Page,
    absent,
    before_after,
    heading,
    note,
    status,
    stylizers,
    upload,
)
from lab.ui.gpu import LANE, gpu
from lab.ui.patterns import CONTENTS, STYLES, examples
from lab.ui.pictures import Desk
from lab.ui.transfer_handlers import Encoded, encode, explain_matrix, stylize

TITLE = "Transfer"
PURPOSE = "Draw any picture in the style of any other: one learned matrix carries the style over."
HOW_IT_WORKS = """
An encoder turns both pictures into features. Two small networks look at them and give one matrix
each, **C** for the content and **S** for the style; their product **T = S · C**, 32 × 32 numbers,
is all that the transfer does: the content's features, compressed to 32 channels, are multiplied by
it, the style's mean is added, and a decoder draws the result.

- **Two styles** mix by mixing their matrices and means.
- **Strength** mixes the transformed features with the content's own: at 0 you see what encoder and
  decoder make of the content alone.
- Encoding happens when a picture or the size changes; the sliders only apply the matrix again.

Pictures are shrunk so that their longer side fits the chosen size, never enlarged. The style's size
matters too: a smaller one gives finer strokes.
"""
SIZES = (256, 384, 512, 768, 1024)


@dataclass(frozen=True)
class _Parts:
    method: gr.Radio
    size: gr.Radio
    pictures: tuple[gr.Image, gr.Image, gr.Image]
    mine: gr.Button
    mix: gr.Slider
    strength: gr.Slider
    slider: gr.ImageSlider
    line: gr.HTML
    save: gr.DownloadButton
    heat: gr.Plot
    values: gr.Plot
    said: gr.Markdown
    encoded: gr.State


def build(lab: Lab, page: Page) -> None:
    """Lays out the tab and wires it; the first pictures are chosen when the tab is opened."""
    heading(PURPOSE, HOW_IT_WORKS)
    choices = stylizers(lab)
    if not choices:
        absent(lab, ("linear-fast",))
        return
    with gr.Row(elem_classes="sides"):
        with gr.Column(scale=2, min_width=320):
            inputs = _inputs()
        with gr.Column(scale=3, min_width=340):
            slider = before_after("Content and result", elem_id="restyled")
            line = gr.HTML(elem_id="transfer-status")
            strength = gr.Slider(0, 1, value=1, step=0.05, label="Strength")
            with gr.Row(elem_classes="actions"):
                method = gr.Radio(choices, value=choices[0][1], label="Method", min_width=160)
                size = gr.Radio(SIZES, value=512, label="Longer side, pixels", min_width=300)
            save = gr.DownloadButton("Save PNG", elem_id="transfer-save")
    gr.Markdown("### The matrix T")
    said = note("")
    with gr.Row():
        heat = gr.Plot(label="T, 32 × 32", **PNG)
        values = gr.Plot(label="Singular values of T", **PNG)
    states = {"encoded": gr.State(None)}
    parts = _Parts(
        method, size, *inputs, strength, slider, line, save, heat, values, said, **states
    )
    _wire(lab, page, parts)


def _inputs() -> tuple[tuple[gr.Image, gr.Image, gr.Image], gr.Button, gr.Slider]:
    content = upload("Content", elem_id="content")
    mine = gr.Button("Use the picture I drew", size="sm")
    options = {"cache_examples": False, "examples_per_page": 12, "api_visibility": "private"}
    gr.Examples([[p] for p in examples(CONTENTS)], content, label="Contents to try", **options)
    styles = [[path] for path in examples(STYLES)]
    style = upload("Style", elem_id="style")
    gr.Examples(styles, style, label="Styles to try", **options)
    with gr.Accordion("Mix in a second style", open=False):
        second = upload("Second style", elem_id="second")
        gr.Examples(styles, second, label="Second styles to try", **options)
        mix = gr.Slider(0, 1, value=0.5, step=0.05, label="Share of the second style")
    return (content, style, second), mine, mix


def _wire(lab: Lab, page: Page, parts: _Parts) -> None:
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    content, style, _ = parts.pictures

    def first_pictures(content: str | None, style: str | None) -> Any:
        if content is not None or style is not None:
            return gr.skip()
        return examples(CONTENTS)[0], examples(STYLES)[0]

    def encoding(method: str, size: int, *paths: str | None) -> Encoded | None:
        return encode(lab, method, list(paths), size)

    def drawing(encoded: Encoded | None, mix: float, strength: float) -> Any:
        drawn = stylize(lab, encoded, mix, strength)
        if drawn is None:
            return None, status("Add a content and a style picture."), None
        took = f"{drawn.seconds:.2f} s" if drawn.seconds else "from memory"
        line = status(f"{took} · {encoded.method} on {lab.device.type}")
        return (encoded.content, drawn.path), line, drawn.path

    def my_picture(desk: Desk | None) -> str:
        if desk is None:
            raise gr.Error("There is no drawing yet; paint one in the Draw tab.", duration=5)
        return desk.picture

    page.tab.select(first_pictures, [content, style], [content, style], **quiet)
    parts.mine.click(my_picture, page.desk, content, **quiet)
    changes = [picture.change for picture in parts.pictures]
    encoded = gr.on(
        [*changes, parts.method.input, parts.size.input],
        gpu(encoding),
        [parts.method, parts.size, *parts.pictures],
        parts.encoded,
        trigger_mode="always_last",
        **LANE,
        **quiet,
    )
    for event in (encoded.success, parts.mix.release, parts.strength.release):
        drawn = event(
            gpu(drawing),
            [parts.encoded, parts.mix, parts.strength],
            [parts.slider, parts.line, parts.save],
            **{**LANE, **quiet, "show_progress": "minimal", "show_progress_on": parts.slider},
        )
        drawn.success(
            gpu(partial(explain_matrix, lab)),
            [parts.encoded, parts.mix],
            [parts.heat, parts.values, parts.said],
            **LANE,
            **quiet,
        )
