"""What is asked of a shipped network, and whether the numbers of its card hold it.

A bar reads a card and the cards of its rivals, which were measured on the same pictures. What has
not been measured is no pass and no failure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lab.card import Card

Cards = Mapping[str, Card]
OF_PIX2PIXHD = ("pix2pix", "crn")  # on the same domain
OF_LINEAR = (("adain", "adain"), ("wct", "wct-relu3_1"))  # checkpoints and rows
HALF = 2  # bytes of a number on disk


@dataclass(frozen=True)
class Bar:
    """`asked` is a clause; `holds` tells of a card among others, None where numbers are missing."""

    asked: str
    holds: Callable[[Card, Cards], bool | None]


def told(card: Card, cards: Cards) -> str:
    """The bars of a network in one cell of a table; a dash where none is set."""
    answers = {True: "holds", False: "missed", None: "not measured"}
    clauses = [f"{bar.asked}: {answers[bar.holds(card, cards)]}" for bar in BARS.get(card.name, ())]
    return "; ".join(clauses) or "–"


def number(card: Card | None, row: str, key: str) -> float | None:
    """One value of a card's measured rows, None without the card, the row or the value."""
    return card.metrics.get("rows", {}).get(row, {}).get(key) if card else None


def at_least(row: str, key: str, bar: float) -> Callable[[Card, Cards], bool | None]:
    """`key` of `row` reaches `bar`."""

    def holds(card: Card, cards: Cards) -> bool | None:
        value = number(card, row, key)
        return None if value is None else value >= bar

    return holds


def beyond_rivals(key: str, sign: int) -> Callable[[Card, Cards], bool | None]:
    """`sign` · `key` of pix2pixHD is above that of pix2pix and of CRN on the same domain."""

    def holds(card: Card, cards: Cards) -> bool | None:
        own = number(card, "pix2pixhd", key)
        others = [number(cards.get(f"{card.name}-{rival}"), rival, key) for rival in OF_PIX2PIXHD]
        if own is None or None in others:
            return None
        return all(sign * own > sign * other for other in others)

    return holds


def no_further_than(*rivals: tuple[str, str]) -> Callable[[Card, Cards], bool | None]:
    """The style distance is at most that of the rivals, each (checkpoint, row)."""

    def holds(card: Card, cards: Cards) -> bool | None:
        own = number(card, card.method, "style_distance")
        others = [number(cards.get(name), row, "style_distance") for name, row in rivals]
        return None if own is None or None in others else all(own <= other for other in others)

    return holds


def lighter_than(megabytes: float) -> Callable[[Card, Cards], bool | None]:
    """Its weights take at most so many megabytes on disk."""
    return lambda card, cards: card.parameters * HALF <= megabytes * 1e6


DRAWN = (
    Bar("≥ 0.93 of oracle", at_least("pix2pixhd", "of_oracle", 0.93)),
    Bar("mIoU above pix2pix and crn", beyond_rivals("mean_iou", 1)),
    Bar("KID below both", beyond_rivals("kid_mobilenet", -1)),
)
BARS: Mapping[str, tuple[Bar, ...]] = {
    **dict.fromkeys(("faces", "indoor", "streets", "town"), DRAWN),
    "linear": (
        Bar("style ≤ adain and wct-relu3_1, whatever the content", no_further_than(*OF_LINEAR)),
        Bar("rebuilds ≥ 26 dB", at_least("reconstruction", "psnr", 26.0)),
    ),
    "linear-fast": (Bar("≤ 2 MB", lighter_than(2)),),
    "segmenter-streets": (Bar("accuracy ≥ 0.88", at_least("oracle", "pixel_accuracy", 0.88)),),
}
