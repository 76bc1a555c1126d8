"""Which of two pictures people prefer: votes, their tally, and how sure it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, log1p, nan
from typing import Literal

Choice = Literal["left", "right", "equal"]
CONFIDENCE = 0.95
_HALVINGS = 60  # of [0, 1]: beyond what a float can tell apart


@dataclass(frozen=True)
class Vote:
    """One answer: the rows that were shown left and right of a subject, and what was chosen."""

    subject: str
    left: str
    right: str
    choice: Choice

    @property
    def winner(self) -> str | None:
        """The preferred row; None where both were equal."""
        return {"left": self.left, "right": self.right, "equal": None}[self.choice]


@dataclass(frozen=True)
class Preference:
    """How a row fared: `rate` is wins / (wins + losses), with its exact interval; equal answers
    are counted and left out of both. NaN, and the whole of [0, 1], where there are none."""

    wins: int
    losses: int
    equal: int

    @property
    def votes(self) -> int:
        """How often it was shown."""
        return self.wins + self.losses + self.equal

    @property
    def rate(self) -> float:
        """Share of the decided votes that it won."""
        decided = self.wins + self.losses
        return self.wins / decided if decided else nan

    @property
    def interval(self) -> tuple[float, float]:
        """The exact interval around `rate`."""
        return binomial_interval(self.wins, self.wins + self.losses)


def tally(votes: Sequence[Vote]) -> dict[str, Preference]:
    """Row → how it fared against all others, the most preferred first."""
    rows = dict.fromkeys(row for vote in votes for row in (vote.left, vote.right))
    counted = {row: _fared(votes, row) for row in rows}
    return dict(sorted(counted.items(), key=lambda item: -_known(item[1].rate)))


def tally_pairs(votes: Sequence[Vote]) -> dict[tuple[str, str], Preference]:
    """(row, row) in order of the alphabet → how the first fared against the second."""
    pairs = dict.fromkeys(tuple(sorted((vote.left, vote.right))) for vote in votes)
    return {
        pair: _fared([vote for vote in votes if {vote.left, vote.right} == set(pair)], pair[0])
        for pair in sorted(pairs)
    }


def binomial_interval(
    wins: int, count: int, *, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """The exact interval of a share (Clopper & Pearson 1934): all p for which as many wins, or as
    few, are not less likely than (1 - confidence) / 2.

    Args:
        wins: 0 … count. confidence: inside (0, 1).
    Returns:
        (lower, upper) in [0, 1]; (0, 1) where nothing was counted.
    Raises:
        ValueError: more wins than votes, or a confidence that is none.
    """
    if not 0 <= wins <= count or not 0 < confidence < 1:
        raise ValueError(
            f"{wins} of {count} at {confidence} is no share; expected 0 <= wins <= count and a "
            "confidence between 0 and 1."
        )
    tail = (1 - confidence) / 2
    lower = _root(lambda p: _at_least(wins, count, p) >= tail) if wins else 0.0
    upper = _root(lambda p: _at_least(wins + 1, count, p) >= 1 - tail) if wins < count else 1.0
    return lower, upper


def _at_least(wins: int, count: int, p: float) -> float:
    """The chance of `wins` or more of `count` at the share p; grows with p."""
    if p in (0.0, 1.0):
        return float(wins <= count * p)
    # By logarithms: from a thousand votes on, the binomials are larger than any float.
    whole, won, lost = lgamma(count + 1), log(p), log1p(-p)
    return sum(
        exp(whole - lgamma(k + 1) - lgamma(count - k + 1) + k * won + (count - k) * lost)
        for k in range(wins, count + 1)
    )


def _root(passed: Callable[[float], bool]) -> float:
    """Where on [0, 1] something that is passed for good is first passed."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if passed(middle) else (middle, high)
    return (low + high) / 2


def _fared(votes: Sequence[Vote], row: str) -> Preference:
    shown = [vote for vote in votes if row in (vote.left, vote.right)]
    wins = sum(vote.winner == row for vote in shown)
    equal = sum(vote.winner is None for vote in shown)
    return Preference(wins, len(shown) - wins - equal, equal)


def _known(rate: float) -> float:
    return rate if rate == rate else -1.0  # NaN comes last
