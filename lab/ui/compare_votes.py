"""Compare, blind: two pictures without names in random order, an answer, and what comes of many."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import plotly.graph_objects as go

from lab import images, plots_scores
from lab.metrics.preference import Choice, Preference, Vote, tally, tally_pairs
from lab.scoring.methods import ORACLE
from lab.ui.comparisons import Comparison, Shown
from lab.ui.explain import explain
from lab.ui.store import keep_image
from lab.ui.viewer import Pane, shown

MOST = 2000  # votes of one visitor
SIDES = ("A, left", "B, right")


@dataclass(frozen=True)
class Ballot:
    """A visitor's votes, and the question that is open.

    Attributes:
        votes: in order. subject: what the open question shows. asked: the rows left and right.
    """

    votes: tuple[Vote, ...] = ()
    subject: str = ""
    asked: tuple[str, str] | None = None


def candidates(comparison: Comparison | None) -> list[Shown]:
    """The pictures that can be voted on: what was drawn, and the true picture."""
    pictures = () if comparison is None else comparison.pictures
    return [each for each in pictures if each.drawn or each.name == ORACLE]


def ask(
    ballot: Ballot, comparison: Comparison | None, *, rng: random.Random
) -> tuple[Ballot, dict[str, Any], str]:
    """The next question: a pair that was not answered yet, in random order.

    Returns:
        The ballot, the viewer's value (empty where nothing is left to ask), a sentence.
    """
    found = candidates(comparison)
    if len(found) < 2:
        closed = replace(ballot, asked=None)
        return closed, shown([]), "Draw a comparison of two methods or more first."
    subject = comparison.subject
    done = {frozenset((v.left, v.right)) for v in ballot.votes if v.subject == subject}
    open_pairs = [p for p in combinations(found, 2) if frozenset(x.name for x in p) not in done]
    if not open_pairs:
        said = f"Every pair of {subject} has your answer; draw another comparison to go on."
        return replace(ballot, asked=None), shown([]), said
    pair = list(rng.choice(open_pairs))
    rng.shuffle(pair)
    names = (pair[0].name, pair[1].name)
    panes = [
        Pane(side, _anonymous(each), each.size) for side, each in zip(SIDES, pair, strict=True)
    ]
    said = f"Votes so far: {len(ballot.votes)}. Pairs of {subject} left: {len(open_pairs)}."
    return replace(ballot, subject=subject, asked=names), shown(panes), said


@explain
def vote(ballot: Ballot, choice: Choice) -> Ballot:
    """The ballot with the open question answered.

    Raises:
        ValueError: nothing is asked, no such answer, or too many of them.
    """
    if choice not in ("left", "right", "equal"):
        raise ValueError(f"A vote is left, right or equal, not {choice!r}.")
    if ballot.asked is None:
        raise ValueError("No pair is shown; ask for one first.")
    if len(ballot.votes) >= MOST:
        raise ValueError(f"{MOST} votes are enough; start over.")
    cast = Vote(ballot.subject, *ballot.asked, choice)
    return replace(ballot, votes=(*ballot.votes, cast), asked=None)


def results(votes: Sequence[Vote]) -> dict[str, dict[str, float]]:
    """Row → counts, win rate and its interval, over all votes."""
    return {row: _counts(fared) for row, fared in tally(votes).items()}


def pair_results(votes: Sequence[Vote]) -> dict[str, dict[str, float]]:
    """The same for every pair: how the first of the two fared."""
    return {f"{a} against {b}": _counts(p) for (a, b), p in tally_pairs(votes).items()}


def chart(votes: Sequence[Vote]) -> go.Figure | None:
    """Win rates with their intervals; None before anything was decided."""
    decided = {row: p for row, p in tally(votes).items() if p.wins + p.losses}
    if not decided:
        return None
    rates = np.array([p.rate for p in decided.values()])
    return plots_scores.intervals(
        list(decided), rates, np.array([p.interval for p in decided.values()])
    )


def _counts(fared: Preference) -> dict[str, float]:
    lower, upper = fared.interval
    return {
        "votes": fared.votes,
        "wins": fared.wins,
        "losses": fared.losses,
        "equal": fared.equal,
        "win_rate": fared.rate,
        "lower": lower,
        "upper": upper,
    }


def _anonymous(picture: Shown) -> str:
    """The path of the same picture under a name that says nothing, without its recipe."""
    opened = images.open_picture(picture.path)
    key = images.digest(images.to_bytes(images.to_tensor(opened)[0]))
    return keep_image(f"picture-{key}", lambda: opened)
