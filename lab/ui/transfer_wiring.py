"""What happens in the Transfer tab when something is chosen, turned or clicked."""

from collections.abc import Callable
from functools import partial
from typing import Any

import gradio as gr

from lab.lab import Lab
from lab.patterns import CONTENTS, STYLES, examples
from lab.ui import (
    transfer_handlers,
    transfer_inputs,
    transfer_knobs,
    transfer_large,
    transfer_matrix,
    transfer_video,
)
from lab.ui.components import Page, stop_by
from lab.ui.drawing import preset_of
from lab.ui.gpu import LANE, LAST, LONG, LONG_LANE, gpu
from lab.ui.painter import UNDRAWN_REGIONS
from lab.ui.pictures import Desk
from lab.ui.transfer_choices import SLOTS, Choices
from lab.ui.transfer_handlers import Encoded
from lab.ui.transfer_parts import Parts

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
# Run in the page: the pad follows its sliders at once, however long the drawing takes.
SHARES = "(...w) => { dispatchEvent(new CustomEvent('atelier-shares', {detail: w})); return []; }"


def wire(lab: Lab, page: Page, parts: Parts) -> None:
    """Connects everything; pictures and slow controls encode, all others only draw again."""
    _wire_slowly(lab, parts)  # first: listeners to one event wait for one another
    _wire_pictures(lab, page, parts)
    _wire_inputs(lab, parts)
    explained = gpu(_explaining(lab))  # once: ZeroGPU keeps a worker for every function
    _wire_drawing(lab, parts, explained)
    _wire_matrix(lab, parts, explained)
    _wire_long(lab, parts)


def _chosen(handler: Callable[..., Any], lab: Lab) -> Callable[..., Any]:
    """`handler(lab, encoded, choices)` as a listener to the plain values."""

    def listener(encoded: Encoded | None, *values: Any) -> Any:
        return handler(lab, encoded, Choices.of(*values))

    return listener


def _wire_pictures(lab: Lab, page: Page, parts: Parts) -> None:
    content, style = parts.pictures[:2]

    def first_pictures(content: str | None, style: str | None) -> Any:
        if content is not None or style is not None:
            return gr.skip()
        return examples(CONTENTS)[0], examples(STYLES)[0]

    def my_picture(desk: Desk | None) -> str:
        if desk is None:
            raise gr.Error("There is no drawing yet; paint one in the Draw tab.", duration=5)
        return desk.picture

    page.tab.select(first_pictures, [content, style], [content, style], **QUIET)
    parts.inputs.mine.click(my_picture, page.desk, content, **QUIET)


def _wire_inputs(lab: Lab, parts: Parts) -> None:
    given, knobs = parts.inputs, parts.knobs
    rest = list(given.styles[1:])
    mix = [given.pad, given.hint, *given.weights]

    def add(event: gr.SelectData, *paths: str | None) -> list[Any]:
        return transfer_inputs.next_free(paths, examples(STYLES)[event.index])

    def take_mood(event: gr.SelectData) -> Any:
        return transfer_inputs.mood_of(event.index)

    def mixed(*values: Any) -> Any:
        return transfer_inputs.mixed(values[:SLOTS], values[SLOTS:])

    def painted_on(value: Any) -> Any:
        # A map with a number is sent back as Python made it: no stroke, so no wish.
        return True if preset_of(value) is None else gr.skip()

    photo = [knobs.photorealistic, knobs.radius, knobs.detail, knobs.colour]
    given.more.select(add, rest, rest, **QUIET)
    given.moods.select(take_mood, None, [given.mood, *given.styles, *photo], **QUIET)
    given.styles[0].change(
        transfer_inputs.mood_left,
        [given.mood, given.styles[0], *photo],
        [given.mood, *photo],
        **LAST,
        **QUIET,
    )
    gr.on(
        [style.change for style in given.styles],
        mixed,
        [*given.styles, *given.weights],
        mix,
        **LAST,
        **QUIET,
    )
    gr.on(
        [weight.input for weight in given.weights],
        None,
        list(given.weights),
        js=SHARES,
        **QUIET,
    )
    given.pad.input(transfer_inputs.spread, given.pad, list(given.weights), **LAST, **QUIET)
    given.regions.input(painted_on, given.regions, given.divided, **LAST, **QUIET)
    told = [knobs.about, knobs.slowly, knobs.cancel, knobs.form, knobs.rank, knobs.no_matrix]
    knobs.method.input(partial(transfer_knobs.switched, lab), knobs.method, told, **LAST, **QUIET)


def _wire_drawing(lab: Lab, parts: Parts, explained: Callable[..., Any]) -> None:
    given = parts.inputs
    asked = [parts.encoded, *parts.choices]
    shown = [parts.slider, parts.line, parts.save]

    def encoding(content: str | None, *values: Any) -> Encoded | None:
        choices = Choices.of(*values[SLOTS:])
        return transfer_handlers.encode(lab, choices, content, values[:SLOTS])

    encoded = gr.on(
        parts.slow,
        gpu(encoding),
        [*parts.pictures, *parts.choices],
        parts.encoded,
        **LAST,
        **LANE,
        **QUIET,
    )
    encoded.failure(transfer_handlers.refused, None, [parts.encoded, *shown], **QUIET)
    drawing = {**LANE, **LAST, **QUIET, "show_progress": "minimal", "show_progress_on": shown[0]}
    show = gpu(_chosen(transfer_handlers.show, lab))
    stroke = gpu(_chosen(transfer_handlers.show_stroke, lab))
    painted = given.regions.input(stroke, asked, [*shown, given.regions], **drawing)
    painted.failure(None, js=UNDRAWN_REGIONS)
    for event in (
        painted,
        gr.on(parts.quick, show, asked, shown, **drawing),
        encoded.success(show, asked, shown, **drawing),
    ):
        event.success(explained, [*asked, parts.matrix.view], parts.matrix.outputs(), **LANE,
                      **LAST, **QUIET)  # fmt: skip
    regions = [parts.encoded, given.regions]
    encoded.success(transfer_handlers.regions_for, regions, given.regions, **LAST, **QUIET)


def _wire_slowly(lab: Lab, parts: Parts) -> None:
    """The drawing that takes minutes, ended by its button and by all that asks for another."""
    asked, begun = [parts.encoded, *parts.choices], gr.State(None)
    shown = [parts.slider, parts.line, parts.save]

    def slowly(encoded: Encoded | None, *values: Any) -> Any:
        choices = Choices.of(*values)
        yield transfer_handlers.subject(encoded, choices), *[gr.skip()] * len(shown)
        for step in transfer_handlers.show_slowly(lab, encoded, choices):
            yield gr.skip(), *step

    def ended(begun: Any, encoded: Encoded | None, *values: Any) -> Any:
        return transfer_handlers.ended(lab, begun, encoded, Choices.of(*values))

    click, drawn = parts.knobs.slowly.click, gpu(slowly, seconds=LONG)
    long = click(drawn, asked, [begun, *shown], **LONG_LANE, **QUIET)
    stop_by(parts.knobs.cancel, long, ended, inputs=[begun, *asked], outputs=parts.line)
    # Else it would go on for minutes, and then lie over the picture that was asked for since.
    others = [*parts.slow, *parts.quick, parts.inputs.regions.input]
    gr.on(others, None, cancels=[long], **QUIET)


def _explaining(lab: Lab) -> Callable[..., Any]:
    def listener(encoded: Encoded | None, *values: Any) -> Any:
        *choices, view = values
        return transfer_matrix.figures(lab, encoded, Choices.of(*choices), view)

    return listener


def _wire_matrix(lab: Lab, parts: Parts, explained: Callable[..., Any]) -> None:
    panel, asked = parts.matrix, [parts.encoded, *parts.choices]

    def made(encoded: Encoded | None, *values: Any) -> Any:
        paths = transfer_matrix.files(lab, encoded, Choices.of(*values))
        return transfer_matrix.shown_files(paths)

    view = {**LANE, **LAST, **QUIET}
    panel.view.input(explained, [*asked, panel.view], panel.outputs(), **view)
    panel.make.click(gpu(made), asked, panel.files, **LANE, **QUIET)


def _wire_long(lab: Lab, parts: Parts) -> None:
    video, large = parts.video, parts.large
    styled = [*parts.inputs.styles, *parts.choices]

    def filmed(path: str | None, steady: str, temporal: bool, *values: Any) -> Any:
        film = transfer_video.Film(path or "", steady, temporal)
        choices = Choices.of(*values[SLOTS:])
        yield from transfer_video.show(lab, film, choices, values[:SLOTS])

    def enlarged(path: str | None, *values: Any) -> Any:
        choices = Choices.of(*values[SLOTS:])
        yield from transfer_large.show(lab, path, choices, values[:SLOTS])

    filming = video.go.click(
        gpu(filmed, seconds=LONG),
        [video.video, video.steady, video.temporal, *styled],
        [video.result, video.line, video.table, video.save],
        **LONG_LANE,
        **QUIET,
    )
    stop_by(video.cancel, filming, transfer_handlers.stopped, outputs=video.line)
    drawing = large.go.click(
        gpu(enlarged, seconds=LONG),
        [large.content, *styled],
        [large.preview, large.line, large.save],
        **LONG_LANE,
        **QUIET,
    )
    stop_by(large.cancel, drawing, transfer_handlers.stopped, outputs=large.line)
