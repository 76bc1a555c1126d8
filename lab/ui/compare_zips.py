"""Compare: the tab in which other implementations are scored."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import gradio as gr

from lab.lab import Lab
from lab.ui.compare_inputs import SIDE, inputs, tasks
from lab.ui.compare_result import PRIVATE, QUIET, describe, downloads, offer, scores_table
from lab.ui.compare_upload import MOST, Scored, score
from lab.ui.comparisons import csv_file, report, sentences, table, view
from lab.ui.components import absent, note, status, stop_by
from lab.ui.explain import explain
from lab.ui.gpu import LONG, LONG_LANE, gpu
from lab.ui.store import AGE
from lab.ui.viewer import viewer

HOW = f"""
**1.** Take the inputs and draw them with your implementation. **2.** Pack its pictures as a zip,
each named like its input: `street-1.png`, or `street-1__waves.png` for a content and a style
({SIDE} pixels on the longer side). **3.** Score it: the same code that scores our own methods, on
the inputs that the zip has. Up to {MOST} zips at a time, each a row.
"""


def score_upload(
    lab: Lab, zips: list[str] | None, task: str, methods: bool
) -> Iterator[tuple[Any, ...]]:
    """Scores zips beside the installed methods.

    Yields:
        The state, the table, the menu of inputs, viewer, sentence, status line.
    """
    pages = -1
    for scored, said in score(lab, zips, task, methods):
        if len(scored.pages) == pages:  # told how far it is: nothing else is new
            yield (*[gr.skip()] * 5, status(said))
            continue
        earlier, pages = pages, len(scored.pages)
        yield scored, table(scored.rows), *_pages(scored, earlier), status(said)


def _pages(scored: Scored, earlier: int) -> tuple[Any, Any, str]:
    """The menu of inputs, the viewer, the sentence. Once a page is shown, with `earlier` pages, the
    visitor chooses which one: others are added to the menu alone."""
    if not scored.pages:
        return gr.update(choices=[], value=None, visible=False), view(None), ""
    names, said = [p.subject for p in scored.pages], sentences(scored.pages[0].protocol)
    if earlier > 0:
        return gr.update(choices=names), gr.skip(), said
    return gr.update(choices=names, value=names[0], visible=True), view(scored.pages[0]), said


@explain
def files(scored: Scored | None) -> tuple[str | None, str | None]:
    """Paths of report and CSV; None before anything was scored."""
    if scored is None or not scored.pages:
        return None, None
    return report(scored.pages, scored.rows), csv_file(scored.rows)


def page_of(scored: Scored | None, name: str | None) -> Any:
    """The comparison of one input, and the viewer's value of it."""
    pages = () if scored is None else scored.pages
    chosen = next((page for page in pages if page.subject == name), None)
    return chosen, view(chosen)


def upload_tab(lab: Lab) -> gr.State | None:
    """Zips and their scores; the state with the comparison of the input that is shown."""
    known = tasks(lab)
    if len(known) < 2 and not lab.cards():
        absent(lab, ("town", "linear-fast"))
        return None
    gr.Markdown(HOW, elem_classes="reading")
    with gr.Row(elem_classes="sides"):
        with gr.Column(min_width=300):
            task = gr.Radio(known, value=known[0], label="Task")
            take = gr.Button("Make the zip of its inputs")
            made = gr.File(label="Inputs", interactive=False, visible=False)
        with gr.Column(min_width=300):
            zips = gr.File(
                label="Your zips", file_types=[".zip"], file_count="multiple", height=150
            )
            methods = gr.Checkbox(True, label="Draw the same inputs with the installed methods")
            with gr.Row(elem_classes="actions"):
                go = gr.Button("Score", variant="primary", min_width=110)
                stop = gr.Button("Stop", min_width=80)
    line = gr.HTML(label="Status", elem_id="upload-status")
    rows = scores_table("Scores", elem_id="upload-table")
    said = note("", label="How it was measured")
    shown = gr.Dropdown([], label="Input shown", elem_id="upload-shown", visible=False)
    panes = viewer(label="Pictures", elem_id="upload-viewer")
    taken_away = downloads()
    state, current = gr.State(None, time_to_live=AGE), gr.State(None, time_to_live=AGE)
    outputs = [state, rows, shown, panes, said, line]
    words = "Scores zips of pictures named like the inputs of a task, beside the lab's methods."
    event = go.click(
        gpu(partial(score_upload, lab), seconds=LONG),
        [zips, task, methods],
        outputs,
        api_name="score_upload",
        api_description=describe(lab, words),
        trigger_mode="once",
        **LONG_LANE,
        **QUIET,
    )
    private = {**QUIET, **PRIVATE}
    stopped = stop_by(stop, event, lambda: status("Stopped."), outputs=line)
    for done in (event.success, stopped.then):
        done(partial(offer, files), state, taken_away, **private)
        done(lambda *given: page_of(*given)[0], [state, shown], current, **private)
    shown.input(page_of, [state, shown], [current, panes], **private)
    take.click(
        partial(inputs, lab),
        task,
        made,
        api_name="upload_inputs",
        api_description="A zip with the inputs of a task, for another implementation to draw.",
    ).success(lambda: gr.update(visible=True), None, made, **private)
    return current
