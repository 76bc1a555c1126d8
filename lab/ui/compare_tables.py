"""Compare: the tab of the evaluations that cards hold, and of what parts of a method add."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr
import numpy as np
import plotly.graph_objects as go

from lab import plots_scores
from lab.lab import Lab
from lab.scoring.page import REFERENCES, arrow
from lab.scoring.report import DEVIATION, Rows, heading
from lab.ui.about import LEFT_OUT, ablations
from lab.ui.compare_result import PRIVATE, QUIET, scores_table
from lab.ui.comparisons import csv_file, table
from lab.ui.components import PNG, note, stylizers, synthesizers
from lab.ui.explain import explain

PREFERRED = ("mean_iou", "style_distance", "kid_mobilenet", "kid", "psnr")  # shown first
NONE = "No checkpoint here holds an evaluation; make one with `python -m training.evaluate`."
NO_ABLATIONS = (
    "There is no `ablations.json` among the checkpoints; make it with "
    "`python -m training.ablations --runs DIR`."
)


@dataclass(frozen=True)
class Evaluation:
    """What a card says it measured: row → column → value, and in what way."""

    title: str
    rows: Rows
    protocol: Mapping[str, Any]

    @property
    def columns(self) -> list[str]:
        """The columns that can be drawn, the telling ones first."""
        found = dict.fromkeys(name for values in self.rows.values() for name in values)
        plain = [name for name in found if not name.endswith(DEVIATION)]
        return sorted(plain, key=lambda n: PREFERRED.index(n) if n in PREFERRED else len(PREFERRED))


def evaluations(lab: Lab) -> dict[str, Evaluation]:
    """Checkpoint → its evaluation, of all cards that hold one."""
    found = {}
    for card in lab.cards():
        rows = card.metrics.get("rows")
        if isinstance(rows, Mapping) and rows:
            numbers = {row: _numbers(values) for row, values in rows.items()}
            protocol = card.metrics.get("protocol", {})
            found[card.name] = Evaluation(card.title or card.name, numbers, protocol)
    return found


@explain
def evaluation(lab: Lab, name: str) -> Evaluation:
    """The evaluation of one checkpoint.

    Raises:
        ValueError: it has none; with those that have.
    """
    found = evaluations(lab)
    if name not in found:
        raise ValueError(f"{name!r} holds no evaluation; known: {', '.join(found) or 'none'}.")
    return found[name]


@explain
def chart(lab: Lab, name: str, column: str) -> go.Figure:
    """One column of a checkpoint's evaluation, with its deviations where there are any."""
    measured = evaluation(lab, name)
    if column not in measured.columns:
        known = ", ".join(measured.columns)
        raise ValueError(f"{name} was not measured by {column!r}; known: {known}.")
    rows, values, deviations = plots_scores.column(
        measured.rows, column, deviation=column + DEVIATION
    )
    return plots_scores.bars(
        rows,
        values,
        deviations=deviations,
        references=REFERENCES,
        title=f"{heading(column)} {arrow(column)}",
    )


@explain
def stored_scores(lab: Lab, name: str) -> tuple[dict[str, Any], Any, str, str]:
    """The table of a checkpoint, the menu of its columns, its protocol, its CSV."""
    measured = evaluation(lab, name)
    menu = gr.update(
        choices=[(heading(column), column) for column in measured.columns],
        value=measured.columns[0],
    )
    saved = csv_file(measured.rows, name=f"atelier-evaluation-{name}")
    return table(measured.rows), menu, protocol_text(measured.protocol), saved


def protocol_text(protocol: Mapping[str, Any]) -> str:
    """A protocol as a list in Markdown."""
    lines = []
    for key, value in protocol.items():
        lines.append(f"- **{heading(key)}**: " + ("" if isinstance(value, Mapping) else f"{value}"))
        if isinstance(value, Mapping):
            lines += [f"    - {inner}: {words}" for inner, words in value.items()]
    return "\n".join(lines)


def ablation_charts(rows: list[list[Any]]) -> tuple[go.Figure, go.Figure]:
    """Mean IoU and KID of every recipe with their spreads; rows as under `LEFT_OUT`."""
    names = [row[0] for row in rows]
    figures = []
    for value, title in ((1, "mean IoU ↑"), (3, "KID ↓")):
        numbers = np.array([row[value] for row in rows], np.float64)
        spreads = np.array([row[value + 1] or 0.0 for row in rows], np.float64)
        figures.append(plots_scores.apart(names, numbers, deviations=spreads, title=title))
    return figures[0], figures[1]


def tables_tab(lab: Lab, tab: gr.Tab) -> None:
    """Evaluations of the cards, then the ablations."""
    found = evaluations(lab)
    if found:
        _evaluations(lab, tab, found)
    else:
        gr.Markdown(NONE, elem_classes="absent")
    gr.Markdown("### What each part of pix2pixHD adds", elem_classes="reading")
    added = ablations(lab)
    if added is None:
        gr.Markdown(NO_ABLATIONS, elem_classes="absent")
        return
    rows, said = added
    table_of = {"headers": list(LEFT_OUT), "data": rows}
    scores_table("Ablations", value=table_of)
    with gr.Row():
        for figure in ablation_charts(rows):
            gr.Plot(figure, show_label=False, label="Ablations", min_width=320, **PNG)
    note(said)


def in_order(lab: Lab, found: Collection[str]) -> list[str]:
    """What one draws with, as other tabs list it, then the rest by name."""
    names = [name for _, name in (*synthesizers(lab), *stylizers(lab)) if name in found]
    return names + sorted(set(found) - {*names})


def _evaluations(lab: Lab, tab: gr.Tab, found: Mapping[str, Evaluation]) -> None:
    choices = [(found[name].title, name) for name in in_order(lab, found)]
    with gr.Row(elem_classes="fields"):
        name = gr.Dropdown(choices, value=choices[0][1], label="Checkpoint", min_width=220)
        column = gr.Dropdown([], label="Column of the chart", min_width=220)
        csv = gr.DownloadButton("Save the numbers (CSV)", min_width=170)
    rows = scores_table("Evaluation", elem_id="evaluation")
    plot = gr.Plot(label="Evaluation", show_label=False, **PNG)
    with gr.Accordion("How it was measured", open=False):
        protocol = gr.Markdown(label="Protocol", elem_classes="reading")
    shown = [rows, column, protocol, csv]
    words = "Table, protocol and CSV of what a checkpoint's card says it measured."
    named = {"api_name": "stored_scores", "api_description": words}
    show, draw = partial(stored_scores, lab), partial(chart, lab)
    for event, words in ((tab.select, PRIVATE), (name.input, named)):
        done = event(show, name, shown, **QUIET, **words)
        done.success(draw, [name, column], plot, **QUIET, **PRIVATE)
    column.input(draw, [name, column], plot, **QUIET, **PRIVATE)


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    """The numbers among what a row of a card holds."""
    return {
        key: float(value)
        for key, value in values.items()
        if type(value) in (int, float) and math.isfinite(value)
    }
