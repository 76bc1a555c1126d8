"""Compare: where a comparison is shown, whoever drew it: viewer, status, table, files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from lab.lab import Lab
from lab.ui.comparisons import ROW, Comparison, Step, csv_file, report, sentences, table, view
from lab.ui.components import note, status
from lab.ui.explain import explain
from lab.ui.store import AGE
from lab.ui.viewer import viewer

QUIET: dict[str, Any] = {"show_progress": "hidden"}
PRIVATE: dict[str, Any] = {"api_visibility": "private"}


@dataclass(frozen=True)
class Result:
    """The components of a comparison; `state` holds the visitor's last one."""

    state: gr.State
    viewer: gr.HTML
    line: gr.HTML
    table: gr.Dataframe
    said: gr.Markdown
    page: gr.DownloadButton
    csv: gr.DownloadButton

    @property
    def outputs(self) -> list[Any]:
        """What `steps` yields for, in its order."""
        return [self.state, self.viewer, self.table, self.said, self.line]


def scores_table(label: str, **options: Any) -> gr.Dataframe:
    """An empty table of scores: sortable, and no taller than its rows."""
    settings = {"interactive": False, "show_label": False, "buttons": [], "elem_classes": "scores"}
    empty = {"headers": [ROW], "data": []}
    return gr.Dataframe(label=label, **{"value": empty, **settings, **options})


def result(name: str) -> Result:
    """Lays out an empty result; `name` begins the ids of its parts."""
    line = gr.HTML(label="Status", elem_id=f"{name}-status")
    panes = viewer(label="Pictures", elem_id=f"{name}-viewer")
    scores = scores_table("Numbers of each picture", elem_id=f"{name}-table")
    said = note("", label="How it was measured, and what is not installed")
    page, csv = downloads()
    state = gr.State(None, time_to_live=AGE)
    return Result(state, panes, line, scores, said, page, csv)


def downloads() -> list[gr.DownloadButton]:
    """The buttons of report and CSV, which can be pressed once there are files behind them."""
    titles = "Save the report (HTML)", "Save the numbers (CSV)"
    with gr.Row(elem_classes="actions"):
        return [gr.DownloadButton(title, min_width=170, interactive=False) for title in titles]


def offer(files: Callable[[Any], tuple[str | None, str | None]], shown: Any) -> list[Any]:
    """The updates of these buttons: the files made of what is shown, None where there is none."""
    return [gr.update(value=path, interactive=path is not None) for path in files(shown)]


def steps(drawing: Iterator[Step]) -> Iterator[tuple[Any, ...]]:
    """Values for `Result.outputs`, step by step; the view stays where it is while pictures come."""
    before = None
    for comparison, said in drawing:
        if comparison is before:  # told how far it is: no reason to lay out all pictures anew
            yield (*[gr.skip()] * 4, status(said))
            continue
        yield (
            comparison,
            view(comparison, keep=before is not None),
            table(comparison.rows),
            sentences(comparison.protocol, comparison.left_out),
            status(said),
        )
        before = comparison


@explain
def files(comparison: Comparison | None) -> tuple[str | None, str | None]:
    """Paths of the report and of the CSV of a comparison; None before there is any."""
    if comparison is None or not comparison.rows:
        return None, None
    return report([comparison]), csv_file(comparison.rows)


@explain
def required(comparison: Comparison | None) -> tuple[str | None, str | None]:
    """The same where files were asked for by name.

    Raises:
        ValueError: nothing was drawn yet.
    """
    if comparison is None or not comparison.rows:
        raise ValueError("Nothing is drawn yet; draw a comparison first.")
    return files(comparison)


def wire_files(event: Any, parts: Result) -> None:
    """Once `event` is done, its result can be taken away."""
    event.success(partial(offer, files), parts.state, [parts.page, parts.csv], **QUIET, **PRIVATE)


def export_endpoint(parts: Result, name: str) -> None:
    """The same files for clients, from the comparison of their session.

    An event of its own that no click triggers: the buttons have their files already.
    """
    asked = gr.Button(visible=False)
    asked.click(
        required,
        parts.state,
        [gr.File(visible=False, label="Report, HTML"), gr.File(visible=False, label="CSV")],
        api_name=name,
        api_description="Report (one HTML file) and CSV of this session's last comparison.",
        **QUIET,
    )


def once(draw: Callable[..., Iterator[Any]], outputs: int) -> Callable[..., Iterator[Any]]:
    """`draw` for a tab that is opened: only where the state, its first argument, is still empty."""

    def opened(comparison: Comparison | None, *given: Any) -> Iterator[Any]:
        if comparison is not None:
            yield (gr.skip(),) * outputs
            return
        yield from draw(*given)

    return opened


def describe(lab: Lab, what: str) -> str:
    """The beginning of an endpoint's description."""
    return f"{what} Runs on {lab.device.type}; yields what there is after every picture."
