"""The components of the Transfer tab together, and the events of theirs that draw."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from lab.ui.transfer_inputs import Inputs
from lab.ui.transfer_knobs import Knobs
from lab.ui.transfer_large import LargePanel
from lab.ui.transfer_matrix import MatrixPanel
from lab.ui.transfer_video import VideoPanel


@dataclass(frozen=True)
class Parts:
    """The components of the tab."""

    inputs: Inputs
    knobs: Knobs
    matrix: MatrixPanel
    video: VideoPanel
    large: LargePanel
    slider: gr.ImageSlider
    line: gr.HTML
    save: gr.DownloadButton
    encoded: gr.State

    @property
    def pictures(self) -> list[gr.Image]:
        """The content, then the style of every slot."""
        return [self.inputs.content, *self.inputs.styles]

    @property
    def choices(self) -> list[Any]:
        """What `Choices.of` reads, in its order."""
        given, knobs = self.inputs, self.knobs
        return [
            knobs.method, knobs.size, *given.weights, knobs.strength, knobs.colour,
            knobs.style_scale, knobs.photorealistic, knobs.radius, knobs.detail, knobs.form,
            knobs.rank, given.divided, given.softness, given.regions,
        ]  # fmt: skip

    @property
    def slow(self) -> list[Any]:
        """The events after which pictures are encoded anew."""
        knobs = self.knobs
        # Of a menu Gradio says `input` also when it is left as it was, which would stop a drawing.
        turned = [knobs.method.input, knobs.size.change, knobs.colour.change]
        return [*(each.change for each in self.pictures), *turned, knobs.style_scale.change]

    @property
    def quick(self) -> list[Any]:
        """The events after which it is enough to draw again, but the strokes of regions."""
        given, knobs = self.inputs, self.knobs
        turned = [
            *given.weights, knobs.strength, knobs.photorealistic, knobs.radius, knobs.detail,
            knobs.form, knobs.rank, given.divided, given.softness,
        ]  # fmt: skip
        return [each.change for each in turned]
