"""Blind votes: nothing gives the names away, every pair comes once, the tally is the votes."""

import random
from dataclasses import replace
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from lab import images
from lab.scoring.methods import ORACLE
from lab.ui.compare_votes import (
    MOST,
    Ballot,
    ask,
    candidates,
    chart,
    pair_results,
    results,
    vote,
)
from lab.ui.compare_voting import answer, followed, question, tallied
from lab.ui.comparisons import Comparison, Shown

METHODS = ("pix2pixhd", "crn", "palette")


@pytest.fixture
def comparison(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Comparison:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "pictures"))
    pictures = []
    for k, name in enumerate(("layout", ORACLE, *METHODS)):
        path = tmp_path / f"atelier-town-{name}.png"
        picture = images.to_tensor(Image.new("RGB", (8, 4), (k * 40, 0, 0)))
        images.save_picture(path, picture, {"method": name})
        pictures.append(Shown(name, str(path), (8, 4), {"psnr": 1.0}, drawn=name in METHODS))
    return Comparison("street-1", tuple(pictures))


def test_methods_and_the_photo_are_voted_on_but_no_layout(comparison: Comparison) -> None:
    assert [each.name for each in candidates(comparison)] == [ORACLE, *METHODS]


def test_every_pair_is_asked_once_in_random_order(comparison: Comparison) -> None:
    ballot, rng, asked = Ballot(), random.Random(0), []
    while True:
        ballot, value, said = ask(ballot, comparison, rng=rng)
        if ballot.asked is None:
            break
        asked.append(ballot.asked)
        ballot = vote(ballot, "equal")
    assert value["panes"] == [] and "Every pair" in said
    assert len(asked) == len({frozenset(pair) for pair in asked}) == 6
    order = [ORACLE, *METHODS]
    turned = sum(order.index(left) > order.index(right) for left, right in asked)
    assert 0 < turned < 6


def test_sides_are_drawn_by_lot(comparison: Comparison) -> None:
    two = replace(comparison, pictures=comparison.pictures[2:4])
    lefts = [ask(Ballot(), two, rng=random.Random(k))[0].asked[0] for k in range(400)]
    assert 150 < lefts.count("crn") < 250


def test_nothing_that_is_sent_gives_a_name_away(comparison: Comparison) -> None:
    ballot, value, said = ask(Ballot(), comparison, rng=random.Random(1))
    sent = f"{value} {said}"
    assert not any(name in sent for name in (*METHODS, ORACLE, "psnr", "dB"))
    for pane, name in zip(value["panes"], ballot.asked, strict=True):
        path = pane["url"].partition("=")[2]
        assert images.read_recipe(path) is None
        shown = next(p for p in comparison.pictures if p.name == name)
        assert np.array_equal(np.asarray(Image.open(path)), np.asarray(Image.open(shown.path)))


def test_the_tally_is_the_votes(comparison: Comparison) -> None:
    ballot, rng = Ballot(), random.Random(3)
    for choice in ("left", "right", "equal", "left", "left", "right"):
        ballot = vote(ask(ballot, comparison, rng=rng)[0], choice)
    rows, pairs = results(ballot.votes), pair_results(ballot.votes)
    assert sum(row["votes"] for row in rows.values()) == 2 * len(ballot.votes)
    assert sum(row["wins"] for row in rows.values()) == 5
    assert sum(row["votes"] for row in pairs.values()) == len(ballot.votes) == len(pairs)
    for row in (*rows.values(), *pairs.values()):
        assert row["wins"] + row["losses"] + row["equal"] == row["votes"]
        assert 0 <= row["lower"] <= row["upper"] <= 1
    shown, pair_table, figure, saved = tallied(ballot)
    assert len(shown["data"]) == len(rows) and len(pair_table["data"]) == len(pairs)
    assert figure is not None and Path(saved).read_text().count("\n") == 1 + len(rows) + len(pairs)
    assert chart([]) is None and tallied(Ballot())[3] is None
    assert followed(True, ballot)[:2] == (shown, pair_table)
    assert followed(False, ballot) == (gr.skip(),) * 4  # folded away
    buttons = [followed(True, each)[3] for each in (ballot, Ballot())]
    assert [button["interactive"] for button in buttons] == [True, False]
    assert Path(buttons[0]["value"]).is_file()


def test_what_is_no_vote_is_one_sentence(comparison: Comparison) -> None:
    open_one, _, _ = ask(Ballot(), comparison, rng=random.Random(0))
    with pytest.raises(gr.Error, match="left, right or equal"):
        vote(open_one, "both")
    with pytest.raises(gr.Error, match="No pair"):
        vote(Ballot(), "left")
    once = vote(open_one, "left")
    with pytest.raises(gr.Error, match="enough"):
        vote(replace(open_one, votes=once.votes * MOST), "left")
    closed, value, said = ask(Ballot(), None, rng=random.Random(0))
    assert closed.asked is None and value["panes"] == [] and "first" in said


def test_kinds_are_told_apart_and_votes_stay_with_their_visitor(comparison: Comparison) -> None:
    kinds = ("One layout", "Uploads")
    mine, value, _ = question(kinds, Ballot(), "Uploads", None, comparison)
    assert mine.asked and len(value["panes"]) == 2
    none, value, _ = question(kinds, Ballot(), "One layout", None, comparison)
    assert none.asked is None and value["panes"] == []
    after, _, line = answer(kinds, "left", mine, "Uploads", None, comparison)
    assert len(after.votes) == 1 and "so far: 1." in line and mine.votes == () == Ballot().votes
