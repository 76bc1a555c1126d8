"""Compare: methods side by side, with numbers, blind votes and other people's pictures."""

import gradio as gr

from lab.lab import Lab
from lab.ui.compare_drawing import layout_tab, styles_tab
from lab.ui.compare_tables import tables_tab
from lab.ui.compare_voting import vote_tab
from lab.ui.compare_zips import upload_tab
from lab.ui.components import Page, heading

TITLE = "Compare"
PURPOSE = "Every method on the same input: side by side, under one zoom, with numbers."
HOW_IT_WORKS = """
**One layout** is drawn by pix2pixHD, by its baselines and by the mean colour of every class
(*palette*, the floor). Where the true picture is known — the rendered scene of the town, or a
photograph you upload with its label map — it is there as *oracle*, and every picture is held
against it: PSNR, SSIM, the distance of features. The **judge** of a domain, a segmenter that no
loss has seen, reads each picture back into labels: pixel accuracy and mean IoU.

**One style pair** is drawn by every stylizer. A copy of the style has the best style distance and
the untouched content the best content distance, so both are rows: methods lie between them.

All numbers come from the code of `python -m lab score`, of the picture rounded to 8 bits as PNG
holds it. One picture says little: the **evaluations** of whole validation splits are in their own
tab, and so is what each part of pix2pixHD adds. **Blind votes** ask your eyes instead, and
**uploads** put the pictures of other implementations into the same table.
"""


def build(lab: Lab, page: Page) -> None:
    """Lays out the tab: what is drawn, what is made of it, what was measured before."""
    heading(PURPOSE, HOW_IT_WORKS)
    with gr.Tabs(elem_id="compare-tabs", overflow_behavior="wrap"):
        with gr.Tab("One layout"):
            layout = layout_tab(lab, page)
        with gr.Tab("One style pair") as styles_page:
            styles = styles_tab(lab, styles_page)
        with gr.Tab("Blind vote") as vote_page:
            vote = gr.Column()
        with gr.Tab("Uploads"):
            uploaded = upload_tab(lab)
        with gr.Tab("Evaluations") as tables_page:
            tables_tab(lab, tables_page)
    found = {"One layout": layout, "One style pair": styles, "Uploads": uploaded}
    states = {name: state for name, state in found.items() if state is not None}
    if states:
        with vote:
            vote_tab(vote_page, states)
