"""Whether a network holds what is asked of it, read from cards."""

from typing import Any

import pytest

from lab.card import CHECKPOINTS, Card, list_cards
from training.bars import BARS, told


def card(name: str, method: str, rows: dict[str, dict[str, float]], parameters: int = 0) -> Card:
    metrics: dict[str, Any] = {"rows": rows}
    return Card(name, method, (8, 8), {"all": {"parameters": parameters}}, metrics=metrics)


def streets(own: dict[str, float], **rivals: dict[str, float]) -> str:
    cards = {
        f"streets-{name}": card(f"streets-{name}", name, {name: rivals[name]}) for name in rivals
    }
    return told(card("streets", "pix2pixhd", {"pix2pixhd": own}), cards)


RIVALS = {
    "pix2pix": {"mean_iou": 0.4, "kid_mobilenet": 0.3},
    "crn": {"mean_iou": 0.5, "kid_mobilenet": 0.2},
}


@pytest.mark.parametrize(
    "own, answers",
    [
        ({"of_oracle": 0.93, "mean_iou": 0.51, "kid_mobilenet": 0.19}, "holds holds holds"),
        ({"of_oracle": 0.92, "mean_iou": 0.51, "kid_mobilenet": 0.19}, "missed holds holds"),
        ({"of_oracle": 0.93, "mean_iou": 0.45, "kid_mobilenet": 0.19}, "holds missed holds"),
        ({"of_oracle": 0.93, "mean_iou": 0.51, "kid_mobilenet": 0.25}, "holds holds missed"),
    ],
)
def test_pix2pixhd_must_be_legible_and_better_than_both_rivals(own, answers) -> None:
    clauses = streets(own, **RIVALS).split("; ")
    assert [clause.rsplit(": ")[1] for clause in clauses] == answers.split()


def test_what_was_not_measured_is_neither_held_nor_missed() -> None:
    assert streets({}, **RIVALS).count("not measured") == 3
    own = {"of_oracle": 1.0, "mean_iou": 0.51, "kid_mobilenet": 0.19}
    assert streets(own, pix2pix=RIVALS["pix2pix"]).count("not measured") == 2


@pytest.mark.parametrize("style, answer", [(0.2, "holds"), (0.3, "missed")])
def test_linear_is_compared_with_single_level_wct(style: float, answer: str) -> None:
    cards = {
        "adain": card("adain", "adain", {"adain": {"style_distance": 0.4}}),
        "wct": card("wct", "wct", {"wct-relu3_1": {"style_distance": 0.25}}),
    }
    own = card("linear", "linear", {"linear": {"style_distance": style}})
    assert told(own, cards).startswith(
        f"style ≤ adain and wct-relu3_1, whatever the content: {answer}; "
    )


@pytest.mark.parametrize("parameters, answer", [(1_000_000, "holds"), (1_000_001, "missed")])
def test_weights_are_stored_in_half_precision(parameters: int, answer: str) -> None:
    assert told(card("linear-fast", "linear-fast", {}, parameters), {}).startswith(
        f"≤ 2 MB: {answer}"
    )


def test_a_network_without_a_bar_gets_a_dash() -> None:
    assert told(card("streets-palette", "palette", {}), {}) == "–"


def test_every_bar_is_one_of_a_shipped_network_and_measured() -> None:
    cards = {card.name: card for card in list_cards(CHECKPOINTS)}
    assert set(BARS) <= set(cards)
    assert not [name for name in BARS if "not measured" in told(cards[name], cards)]
