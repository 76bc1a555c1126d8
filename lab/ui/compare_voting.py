"""Compare: the tab of the blind vote."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from lab.metrics.preference import CONFIDENCE, Choice
from lab.ui.compare_result import PRIVATE, QUIET, scores_table
from lab.ui.compare_votes import Ballot, ask, chart, pair_results, results, vote
from lab.ui.comparisons import Comparison, csv_file, table
from lab.ui.components import PNG, note, status
from lab.ui.explain import explain
from lab.ui.gpu import LAST
from lab.ui.store import AGE
from lab.ui.viewer import viewer

HOW = (
    "Two pictures of the comparison you drew, in random order and without names. "
    "Zoom in, then answer with a button or with the keys 1, 2 and 3."
)
RULE = (
    f"Win rate: wins of all decided votes; equal ones are counted apart. Lower and upper: the "
    f"exact binomial interval (Clopper and Pearson), {CONFIDENCE:.0%}. Kept for this visit only."
)


@dataclass(frozen=True)
class _Parts:
    kind: gr.Radio
    panes: gr.HTML
    line: gr.HTML
    buttons: dict[str, gr.Button]
    again: gr.Button
    fold: gr.Accordion
    rows: gr.Dataframe
    pairs: gr.Dataframe
    plot: gr.Plot
    csv: gr.DownloadButton
    ballot: gr.State


@explain
def question(
    kinds: Sequence[str], ballot: Ballot, kind: str, *drawn: Comparison | None
) -> tuple[Ballot, Any, str]:
    """The next pair of the visitor's comparison of a kind.

    Args:
        kinds: what the comparisons of `drawn` are called, in their order. kind: one of them.
    """
    chosen = dict(zip(kinds, drawn, strict=True)).get(kind)
    ballot, panes, said = ask(ballot, chosen, rng=random.SystemRandom())
    return ballot, panes, status(said)


@explain
def answer(
    kinds: Sequence[str], choice: Choice, ballot: Ballot, kind: str, *drawn: Comparison | None
) -> tuple[Ballot, Any, str]:
    """Counts an answer and asks the next question."""
    return question(kinds, vote(ballot, choice), kind, *drawn)


@explain
def tallied(ballot: Ballot) -> tuple[dict[str, Any], dict[str, Any], Any, str | None]:
    """What all votes say: of every method, of every pair, as a figure, as CSV."""
    rows, pairs = results(ballot.votes), pair_results(ballot.votes)
    saved = csv_file({**rows, **pairs}, name="atelier-votes") if rows else None
    return table(rows), table(pairs), chart(ballot.votes), saved


@explain
def told(ballot: Ballot) -> tuple[Any, ...]:
    """The same for the page, where nothing can be saved before there are votes."""
    *shown, saved = tallied(ballot)
    return *shown, gr.update(value=saved, interactive=saved is not None)


def followed(seen: bool, ballot: Ballot) -> tuple[Any, ...]:
    """The same after a vote, where the tally is `seen`."""
    return told(ballot) if seen else (gr.skip(),) * 4


def vote_tab(tab: gr.Tab, states: Mapping[str, gr.State]) -> None:
    """Blind votes on the pictures of the comparisons in `states`, by what they are called."""
    note(HOW)
    with gr.Row(elem_classes="fields"):
        kinds = list(states)
        kind = gr.Radio(kinds, value=kinds[0], label="Pictures of", min_width=300)
        again = gr.Button("Start over", min_width=110)
    with gr.Row(elem_classes="actions"):
        buttons = {
            "left": gr.Button("1 · A is better", min_width=120),
            "equal": gr.Button("2 · Equal", min_width=120),
            "right": gr.Button("3 · B is better", min_width=120),
        }
    line = gr.HTML(label="Status", elem_id="vote-status")
    panes = viewer(keys=True, label="Two pictures", elem_id="vote-viewer")
    with gr.Accordion("The tally", open=False, elem_id="vote-tally") as fold:
        plot = gr.Plot(label="Win rates", show_label=False, **PNG)
        rows = scores_table("Every method", elem_id="vote-rows")
        pairs = scores_table("Every pair", elem_id="vote-pairs")
        note(RULE)
        csv = gr.DownloadButton("Save the tally (CSV)", min_width=170, interactive=False)
    ballot = gr.State(Ballot(), time_to_live=AGE)
    parts = _Parts(kind, panes, line, buttons, again, fold, rows, pairs, plot, csv, ballot)
    _wire(tab, states, parts)


def _wire(tab: gr.Tab, states: Mapping[str, gr.State], parts: _Parts) -> None:
    given = [parts.ballot, parts.kind, *states.values()]
    asked, kinds = [parts.ballot, parts.panes, parts.line], tuple(states)
    ask_again = {"fn": partial(question, kinds), "inputs": given, "outputs": asked, **QUIET}
    tab.select(**ask_again, **PRIVATE)
    parts.kind.input(**ask_again, **PRIVATE)
    gr.Button(visible=False).click(
        **ask_again,
        api_name="vote_question",
        api_description="Two pictures of this session's comparison, without names.",
    )
    votes = []
    for choice, button in parts.buttons.items():
        how = {**QUIET, "trigger_mode": "once"}
        cast = partial(answer, kinds, choice)
        for event in (button.click, getattr(parts.panes, choice)):
            votes.append(event(cast, given, asked, **how, **PRIVATE))
    choice = gr.Radio(["left", "right", "equal"], label="Choice", visible=False)
    gr.Button(visible=False).click(
        partial(answer, kinds),
        [choice, *given],
        asked,
        api_name="vote",
        api_description="Answers the open question; the next two pictures.",
        **QUIET,
    )
    cleared = parts.again.click(lambda: Ballot(), None, parts.ballot, **QUIET, **PRIVATE)
    cleared.then(**ask_again, **PRIVATE)
    _wire_tally(parts, [*votes, cleared])


def _wire_tally(parts: _Parts, votes: Sequence[Any]) -> None:
    """Filled when it is opened, and after each of `votes` as long as it stays open."""
    shown = [parts.rows, parts.pairs, parts.plot, parts.csv]
    words = "Counts, win rates and exact intervals of this session's votes."
    gr.Button(visible=False).click(
        tallied, parts.ballot, shown, api_name="vote_tally", api_description=words, **QUIET
    )
    private = {**QUIET, **PRIVATE}
    seen = gr.State(False)
    parts.fold.expand(lambda ballot: (True, *told(ballot)), parts.ballot, [seen, *shown], **private)
    parts.fold.collapse(lambda: False, None, seen, **private)
    for event in votes:
        event.success(followed, [seen, parts.ballot], shown, **LAST, **private)
