"""The table of all shipped networks in checkpoints/README.md, from their cards.

python -m training.summary writes it between its two marks; what limits a network is written by
hand below it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lab.card import CHECKPOINTS, Card, list_cards
from lab.catalog import JUDGES, STYLIZERS, SYNTHESIZERS
from lab.cli.arguments import Parser
from lab.files import write_text
from training.bars import told
from training.command import finish

START, END = "<!-- table: python -m training.summary -->", "<!-- end of the table -->"
GROUPS = (("Synthesis", SYNTHESIZERS), ("Transfer", STYLIZERS), ("Judges", JUDGES))
HEADS = ("network", "method", "numbers", "at", "pictures seen", "hours", "on validation", "bar")
COLUMNS = {  # of a card's rows → what they are called here
    "pixel_accuracy": "accuracy",
    "mean_iou": "mIoU",
    "of_oracle": "of oracle",
    "kid_mobilenet": "KID",
    "style_distance": "style",
    "content_distance": "content",
    "ssim": "SSIM",
}
LEFT_OUT = ("content", "style")  # rows of pictures that were not drawn
ORACLE = "oracle"


def table(cards: Sequence[Card]) -> str:
    """Markdown: a table per kind of method, its networks by name."""
    parts, known = [], {card.name: card for card in cards}
    for title, catalog in GROUPS:
        own = [card for card in cards if card.method in catalog]
        rows = [[*row(card, judge=catalog is JUDGES), told(card, known)] for card in own]
        if rows:
            lines = [HEADS, ["---"] * len(HEADS), *rows]
            parts += [f"**{title}**", "\n".join(f"| {' | '.join(line)} |" for line in lines)]
    return "\n\n".join(parts)


def row(card: Card, *, judge: bool) -> list[str]:
    """One network: what it is, how long it learned, what was measured."""
    width, height = card.native_size
    hours = card.training.get("hours")
    return [
        f"`{card.name}`",
        card.method,
        f"{card.parameters / 1e6:.2f} M",
        f"{width}×{height}",
        seen(card.training),
        "counted" if hours is None else f"{hours:.2f}",
        measured(card.metrics.get("rows", {}), judge=judge),
    ]


def seen(training: Mapping[str, Any]) -> str:
    """Pictures of all steps together, as far as the card says."""
    if "stages" in training:
        stages = training["stages"]
        return f"{sum(stage['steps'] * stage['batch'] for stage in stages)}"
    if "pictures" in training:
        return str(training["pictures"])
    return f"{training['steps']} steps" if "steps" in training else ""


def measured(rows: Mapping[str, Mapping[str, float]], *, judge: bool) -> str:
    """The numbers of a card's own rows in one cell; a judge has the photographs' row alone."""
    told = []
    for name, values in rows.items():
        known = [f"{short} {values[key]:.3g}" for key, short in COLUMNS.items() if key in values]
        if known and name not in LEFT_OUT and (judge or name != ORACLE):
            told.append(f"{name}: {', '.join(known)}")
    return "; ".join(told) or "not measured"


def inserted(text: str, made: str) -> str:
    """`text` with what is between the marks replaced by `made`.

    Raises:
        ValueError: the marks are not both there, in order.
    """
    start, end = text.find(START), text.find(END)
    if start < 0 or end < start:
        raise ValueError(f"The text must hold {START!r} and then {END!r}; put them in.")
    return f"{text[: start + len(START)]}\n\n{made}\n\n{text[end:]}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; exit code 2 with one sentence on bad input."""
    own = Parser(prog="training.summary", description=__doc__)
    own.add_argument("--checkpoints", type=Path, default=CHECKPOINTS, metavar="DIR")
    options = own.parse_args(arguments)

    def work() -> None:
        path = options.checkpoints / "README.md"
        made = table(list_cards(options.checkpoints))
        write_text(path, inserted(path.read_text(encoding="utf-8"), made))

    return finish("training.summary", work)


if __name__ == "__main__":
    sys.exit(main())
