"""Transfer: a picture in the style of up to four others, and the matrix that carries it over."""

import gradio as gr

from lab.lab import Lab
from lab.ui import (
    transfer_api,
    transfer_inputs,
    transfer_knobs,
    transfer_large,
    transfer_matrix,
    transfer_video,
)
from lab.ui.components import Page, absent, before_after, heading, status, stylizers
from lab.ui.transfer_parts import Parts
from lab.ui.transfer_wiring import wire

TITLE = "Transfer"
PURPOSE = "Draw any picture in the style of any other: one learned matrix carries the style over."
FIRST = "Drawing the first picture; the networks are still loading."
HOW_IT_WORKS = """
An encoder turns both pictures into features. Two small networks look at them and give one matrix
each, **C** for the content and **S** for the style; their product **T = S · C**, 32 × 32 numbers,
is all that the transfer does: the content's features, compressed to 32 channels, are multiplied by
it, the style's mean is added, and a decoder draws the result.

- **Several styles** mix by mixing their matrices and means, or each takes a region of its own.
- **Strength** mixes the transformed features with the content's own; at 0 the content is untouched.
- Styles are read when a picture, the size or the style's colours change; for all other controls
  what was read of them is kept, and only the content is read and drawn again.

Pictures are shrunk so that their longer side fits the chosen size, never enlarged. Every PNG and
MP4 carries the recipe it was made by.
"""


def build(lab: Lab, page: Page) -> None:
    """Lays out the tab and wires it; the first pictures are chosen when the tab is opened."""
    heading(PURPOSE, HOW_IT_WORKS)
    methods = stylizers(lab)
    if not methods:
        absent(lab, ("linear-fast",))
        return
    with gr.Row(elem_classes="sides"):
        with gr.Column(scale=2, min_width=320):
            inputs = transfer_inputs.inputs()
        with gr.Column(scale=3, min_width=340, elem_classes="first"):
            slider = before_after("Content and result", elem_id="restyled")
            line = gr.HTML(status(FIRST), elem_id="transfer-status")
            knobs = transfer_knobs.knobs(lab, methods)
            save = gr.DownloadButton("Save PNG", interactive=False, elem_id="transfer-save")
    with gr.Accordion("A video in these styles", open=False, elem_id="video-panel"):
        video = transfer_video.panel()
    with gr.Accordion("A very large picture, at its full size", open=False, elem_id="large-panel"):
        large = transfer_large.panel()
    matrix = transfer_matrix.panel()
    parts = Parts(inputs, knobs, matrix, video, large, slider, line, save, gr.State(None))
    wire(lab, page, parts)
    transfer_api.build(lab, methods)
