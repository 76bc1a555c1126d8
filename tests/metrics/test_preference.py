"""Votes and their tally."""

import math
import random

import pytest
from scipy.stats import binomtest

from lab.metrics.preference import Vote, binomial_interval, tally, tally_pairs

ROWS = ("a", "b", "c")


def votes(count: int, seed: int = 0) -> list[Vote]:
    rng = random.Random(seed)
    pairs = (rng.sample(ROWS, 2) for _ in range(count))
    return [Vote("s", *pair, rng.choice(("left", "right", "equal"))) for pair in pairs]


@pytest.mark.parametrize("count", [1, 2, 7, 30, 400])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_the_interval_is_the_exact_one(count: int, confidence: float) -> None:
    for wins in {0, 1, count // 3, count - 1, count}:
        exact = binomtest(wins, count).proportion_ci(confidence, method="exact")
        found = binomial_interval(wins, count, confidence=confidence)
        assert found == pytest.approx((exact.low, exact.high), abs=1e-9)


def test_the_interval_is_the_exact_one_of_many_votes_too() -> None:
    for wins, count in ((0, 1500), (1, 1500), (700, 1500), (1500, 1500), (2499, 2500)):
        exact = binomtest(wins, count).proportion_ci(0.95, method="exact")
        assert binomial_interval(wins, count) == pytest.approx((exact.low, exact.high), abs=1e-9)


def test_nothing_counted_says_nothing() -> None:
    assert binomial_interval(0, 0) == (0.0, 1.0)
    with pytest.raises(ValueError, match="no share"):
        binomial_interval(3, 2)
    with pytest.raises(ValueError, match="confidence"):
        binomial_interval(1, 2, confidence=1.0)


def test_the_tally_holds_every_vote_twice_and_wins_are_losses() -> None:
    cast = votes(200)
    counted = tally(cast)
    assert set(counted) == set(ROWS)
    assert sum(each.votes for each in counted.values()) == 2 * len(cast)
    assert sum(each.wins for each in counted.values()) == sum(
        each.losses for each in counted.values()
    )
    assert sum(each.equal for each in counted.values()) == 2 * sum(
        vote.winner is None for vote in cast
    )
    rates = [each.rate for each in counted.values()]
    assert rates == sorted(rates, reverse=True)
    for each in counted.values():
        assert each.interval[0] <= each.rate <= each.interval[1]


def test_pairs_sum_to_the_tally_and_sides_do_not_matter() -> None:
    cast = votes(200, seed=1)
    pairs = tally_pairs(cast)
    assert sum(each.votes for each in pairs.values()) == len(cast)
    turned = {"left": "right", "right": "left", "equal": "equal"}
    mirrored = [Vote(v.subject, v.right, v.left, turned[v.choice]) for v in cast]
    assert tally_pairs(mirrored) == pairs and tally(mirrored) == tally(cast)
    wins = sum(
        each.wins if pair[0] == "a" else each.losses for pair, each in pairs.items() if "a" in pair
    )
    assert wins == tally(cast)["a"].wins


def test_only_equal_votes_have_no_rate() -> None:
    counted = tally([Vote("s", "a", "b", "equal")])
    assert all(math.isnan(each.rate) and each.interval == (0.0, 1.0) for each in counted.values())
