"""How the parts of the Styles tab answer one another."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import gradio as gr

from lab import plots_styles
from lab.lab import Lab
from lab.ui import styles_desk
from lab.ui import styles_handlers as handlers
from lab.ui.components import Page, stop_by
from lab.ui.domains import clusters
from lab.ui.gpu import LANE, LAST, LONG, LONG_LANE, gpu
from lab.ui.pictures import Desk
from lab.ui.styles_agreement import agree, has_truth
from lab.ui.styles_handlers import Step, Wanted
from lab.ui.styles_looks import most_looks, silhouettes

TO_DRAW = "() => document.getElementById('tab-draw-button')?.click()"
# In the page itself: what no longer holds goes away with the click, not after a round trip.
CLEARED = "() => [[], null, 'One moment …']"
PRIVATE: dict[str, Any] = {"api_visibility": "private"}
QUIET: dict[str, Any] = {**PRIVATE, "show_progress": "hidden"}


@dataclass(frozen=True)
class Parts:
    """The components of the tab that listen or are written to."""

    checkpoint: gr.Radio
    label: gr.Dropdown
    count: gr.Slider
    stop: gr.Button
    fixed: gr.Markdown
    swatches: gr.Gallery
    said: gr.Markdown
    scatter: gr.Plot
    bars: gr.Plot
    first: gr.Slider
    second: gr.Slider
    use: gr.Button
    slider: gr.ImageSlider
    truth: gr.Column
    compare: gr.Button
    cancel: gr.Button
    agreement: gr.Markdown
    wanted: gr.State
    step: gr.State


def wire_truth(lab: Lab, parts: Parts) -> None:
    """The looks beside the true ones, which takes a while to read; other looks end it.

    Wired before `wire_asking`: listeners to one event wait for one another.
    """
    begun, told = gr.State(None), [parts.agreement, parts.cancel]

    def agreed(wanted: Wanted | None, step: Step | None) -> Iterator[tuple[Any, ...]]:
        yield wanted, *[gr.skip()] * len(told)
        for said in agree(lab, step and step.grouping):
            yield gr.skip(), said, gr.update(visible=said.endswith("…"))

    comparing = parts.compare.click(
        gpu(agreed, seconds=LONG), [parts.wanted, parts.step], [begun, *told], **LONG_LANE, **QUIET
    )
    stop_by(parts.cancel, comparing, untold, inputs=[begun, parts.wanted], outputs=told)
    # A menu's `input` comes as well when the focus leaves it as it was, `change` does not.
    others = [parts.checkpoint.input, parts.label.change, parts.count.input]
    gr.on(others, None, cancels=[comparing], **QUIET)


def untold(begun: Wanted | None, wanted: Wanted | None) -> tuple[Any, Any]:
    """The line and the Cancel button after reading the truth was ended, or failed.

    What made way for other looks leaves nothing below them, whatever it said last.
    """
    same = begun and wanted and replace(begun, turn=wanted.turn) == wanted
    return "Stopped." if same else "", _hidden()


def wire_asking(lab: Lab, page: Page, parts: Parts) -> None:
    """What is asked for clears the tab at once; the drawing follows as soon as the lane is free."""
    shown = [parts.swatches, parts.scatter, parts.bars, parts.slider, parts.said, parts.stop]
    drawing = parts.wanted.change(
        gpu(partial(_draw, lab)),
        parts.wanted,
        [parts.step, *shown],
        **LANE,
        **QUIET,
        trigger_mode="multiple",
    )
    pair = [parts.first, parts.second]
    told = [parts.agreement, parts.cancel]
    knobs = [parts.count, parts.fixed, *pair, parts.truth, *told]
    cleared = [parts.step, *shown]

    def open_first(wanted: Wanted | None, name: str) -> Any:
        skipped = [gr.skip()] * (2 + len(knobs) + len(cleared))
        return skipped if wanted is not None else checkpoint(name)

    def checkpoint(name: str) -> Any:
        choices = handlers.class_menu(lab, name)
        label = handlers.first_class(choices)
        return [gr.update(choices=choices, value=label), *chosen(name, label)]

    def chosen(name: str, label: int | None) -> Any:
        wanted = Wanted(name, label, turn=time.monotonic_ns())
        return [wanted, *_knobs(lab, name, label), *_cleared(lab, wanted)]

    def left(wanted: Wanted | None, step: Step | None, name: str, label: int | None) -> Any:
        if wanted is None or (wanted.name, wanted.label) != (name, label):
            return chosen(name, label)
        first, *rest = _as_before(lab, wanted, step)
        return [first, *[gr.skip()] * len(knobs), *rest]

    def regroup(name: str, label: int | None, count: int) -> Any:
        ends = [gr.update(maximum=max(2, count), value=min(2, i)) for i in (1, 2)]
        wanted = Wanted(name, label, int(count), time.monotonic_ns())
        return [wanted, *ends, *_untold(), *_cleared(lab, wanted)]

    def stopped(step: Step | None) -> Any:
        said = "Stopped; choose a class or a number of looks to draw again."
        return gr.skip() if step and step.done else said, gr.update(interactive=False)

    both = [parts.checkpoint, parts.label]
    begun = [parts.wanted, *knobs, *cleared]
    ends = {**QUIET, "cancels": [drawing]}
    gone = [parts.swatches, parts.slider, parts.said]
    for change in (parts.checkpoint.input, parts.count.input):
        change(None, None, gone, js=CLEARED, **QUIET)
    page.tab.select(open_first, [parts.wanted, parts.checkpoint], [parts.label, *begun], **QUIET)
    parts.checkpoint.input(checkpoint, parts.checkpoint, [parts.label, *begun], **ends, **LAST)
    parts.label.input(left, [parts.wanted, parts.step, *both], begun, **ends, **LAST)
    asked = [parts.wanted, *pair, *told, *cleared]
    parts.count.input(regroup, [*both, parts.count], asked, **ends, **LAST)
    parts.stop.click(stopped, parts.step, [parts.said, parts.stop], **ends)


def _as_before(lab: Lab, wanted: Wanted, step: Step | None) -> list[Any]:
    """What is wanted and shown after a menu spoke up unchanged, as it does when the focus leaves.

    What is drawn stays; a drawing that this has ended is asked for once more.
    """
    if step is not None and step.done:
        return [gr.skip()] * 8
    again = replace(wanted, turn=time.monotonic_ns())
    return [again, *_cleared(lab, again)]


def _untold() -> list[Any]:
    """Nothing about the truth, and nothing to cancel."""
    return ["", _hidden()]


def _hidden() -> Any:
    return gr.update(visible=False)


def _cleared(lab: Lab, wanted: Wanted) -> list[Any]:
    """No step, swatches or pair, the new looks as points, a word that pictures are coming."""
    grouping = handlers.asked_for(lab, wanted)
    figure = None if grouping is None else handlers.scatter(grouping)
    swatches = gr.update(value=[], selected_index=None)
    said, stop = "Waiting for the device …", gr.update(interactive=True)
    return [None, swatches, figure, _hidden(), None, said, stop]


def _knobs(lab: Lab, name: str, label: int | None) -> list[Any]:
    """The number of looks, why it may be fixed, the pair, the door to the truth, what is told."""
    said = handlers.no_objects(lab, name)
    stored = 2 if label is None else clusters(lab, name, label)
    most = stored if label is None else most_looks(lab, name, label)
    return [
        gr.update(maximum=max(2, most), value=stored, interactive=label is not None and not said),
        gr.update(value=said, visible=bool(said)),
        *(gr.update(maximum=max(2, stored), value=i) for i in (1, 2)),
        gr.update(visible=has_truth(lab, name)),
        *_untold(),
    ]


def _draw(lab: Lab, wanted: Wanted | None) -> Iterator[list[Any]]:
    """What the components show after every step, in the order of `_cleared`."""
    if wanted is None:
        yield [gr.skip()] * 7
        return
    for step in handlers.show(lab, wanted):
        pair = gr.skip() if step.pair is None else step.pair
        # A scene in space is slow to draw again: once, when it is known what all looks paint.
        figure = step.figure() if step.done and step.grouping else gr.skip()
        stop = gr.update(interactive=not step.done)
        yield [step, step.swatches, figure, gr.skip(), pair, step.said, stop]
    scores = {} if step.grouping is None else silhouettes(step.grouping)
    if scores and step.grouping is not None:
        bars = plots_styles.silhouette_bars(scores, len(step.grouping.centers))
        yield [*[gr.skip()] * 3, gr.update(value=bars, visible=True), *[gr.skip()] * 3]


def wire_comparing(lab: Lab, page: Page, parts: Parts) -> None:
    """Two looks on one layout, the marked look in the scatter, the way to Draw."""
    looks = [parts.step, parts.first, parts.second]
    drawing = {**LANE, **PRIVATE, "show_progress": "minimal"}

    def pair(step: Step | None, first: int, second: int) -> Any:
        if step is None:
            return gr.skip()
        return handlers.compare(lab, step.grouping, (first, second))

    def marked(step: Step | None, second: int) -> Any:
        return gr.skip() if step is None else step.figure(int(second) - 1)

    def clicked(event: gr.SelectData) -> int:
        return event.index + 1

    def use(step: Step | None, second: int, desk: Desk | None) -> tuple[Desk, str]:
        return styles_desk.use(lab, step and step.grouping, second, desk)

    for event in (
        parts.swatches.select(clicked, None, parts.second, **QUIET).then,
        partial(parts.first.input, **LAST),
        partial(parts.second.input, **LAST),
    ):
        event(gpu(pair), looks, parts.slider, **drawing).success(
            marked, [parts.step, parts.second], parts.scatter, **QUIET
        )
    parts.use.click(
        gpu(use), [parts.step, parts.second, page.desk], [page.desk, parts.said], **drawing
    ).success(None, js=TO_DRAW)
