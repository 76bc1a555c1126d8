"""Very large pictures at their full size, in tiles: a file in, a file out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr
from torch import Tensor

from lab import images
from lab.cutouts import open_cutout
from lab.interfaces import Progress, part_of
from lab.lab import Lab
from lab.limits import LARGE
from lab.pipelines.controls import draw, encode_styles, reading_share
from lab.recipes import transfer_recipe
from lab.ui.components import note, picture, status
from lab.ui.domains import card_of
from lab.ui.explain import explain
from lab.ui.store import Drawn, keep, keep_view
from lab.ui.transfer_choices import Choices
from lab.ui.transfer_handlers import opened_styles, stylizer_of
from lab.ui.work import Work

PREVIEW = 1024  # longer side of the copy that is shown
EXPLAINED = f"""
The picture keeps its size, {LARGE.side:,} pixels a side and {LARGE.pixels / 1e6:.0f} million in all
at most. It is drawn in tiles with the statistics of the whole, so there are no seams. Styles and
controls are those above; styles are read at the longer side chosen there.
"""


@dataclass(frozen=True)
class LargePanel:
    """The components of the panel."""

    content: gr.File
    go: gr.Button
    cancel: gr.Button
    preview: gr.Image
    line: gr.HTML
    save: gr.DownloadButton


def panel() -> LargePanel:
    """Lays the panel out."""
    note(EXPLAINED)
    with gr.Row(elem_classes="sides"):
        with gr.Column(min_width=300):
            content = gr.File(
                label="Large picture", file_types=["image"], height=140, elem_id="large"
            )
            with gr.Row(elem_classes="actions"):
                go = gr.Button("Draw at full size", variant="primary", min_width=140)
                cancel = gr.Button("Cancel", min_width=90, elem_id="large-cancel")
            save = gr.DownloadButton("Save PNG", interactive=False, elem_id="large-save")
        with gr.Column(min_width=300):
            preview = picture("The result, shrunk", elem_id="large-preview", min_width=160)
            line = gr.HTML(status("Add a picture, then draw it."), elem_id="large-status")
    return LargePanel(content, go, cancel, preview, line, save)


def make(
    lab: Lab, path: str, choices: Choices, styles: Sequence[str | None]
) -> Callable[[Progress], Drawn]:
    """Checks what was asked, and returns what draws it.

    Raises:
        ValueError: no readable picture, or too large a one; no style; a method that draws none.
    """
    stylizer = stylizer_of(lab, choices)
    slots, pictures = opened_styles(lab, choices, styles)
    controls = choices.controls(lab, slots)
    digests = [each.digest for each in pictures]

    def draw_it(progress: Progress) -> Drawn:
        cutout = open_cutout(path, limits=LARGE)
        content = cutout.picture
        size = (content.shape[2], content.shape[3])
        masks = choices.masks(slots, size)
        recipe = {
            **transfer_recipe(card_of(lab, choices.method), digests, controls, masks=masks),
            "content": cutout.digest,
            "size": [size[1], size[0]],
        }
        progress(0.0)

        def drawing() -> Tensor:
            there = content.to(lab.device)
            looks = [each.picture.to(lab.device) for each in pictures]
            counting = [each.mask for each in pictures]
            share = reading_share(looks, controls, content=there)
            reading = {"masks": counting, "progress": part_of(progress, 0.0, share)}
            encoded = encode_styles(stylizer, looks, controls, content=there, **reading)
            how = {"masks": masks, "progress": part_of(progress, share, 1.0)}
            return draw(stylizer, there, encoded, controls, **how)

        return keep(recipe, drawing, alpha=cutout.alpha)

    return draw_it


@explain
def show(
    lab: Lab, path: str | None, choices: Choices, styles: Sequence[str | None]
) -> Iterator[tuple[Any, str, Any]]:
    """A line for every tile, then the preview, a line and the file to save."""
    if path is None:
        raise ValueError("There is no picture yet; add one.")
    work = Work(make(lab, path, choices, styles))
    # Until the new one is whole, what was drawn before is there: to be seen and to be saved.
    yield gr.skip(), status("Reading the picture …"), gr.skip()
    for share in work:
        yield gr.skip(), status(f"{share:.0%} done"), gr.skip()
    drawn = work.result
    preview = keep_view(drawn.path, "preview", partial(images.fit, longest=PREVIEW))
    width, height = (images.read_recipe(drawn.path) or {}).get("size", (0, 0))
    took = f"{drawn.seconds:.1f} s" if drawn.seconds else "from memory"
    line = status(f"{width} × {height} pixels · {took}; the preview is shrunk, the file is not.")
    yield preview, line, gr.update(value=drawn.path, interactive=True)
