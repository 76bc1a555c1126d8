"""A table of rows and columns with the protocol it was measured by, and a sheet of its pictures."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lab.card import CARD, parse_card
from lab.images import resize

SHEET_PIXELS, LARGEST_THUMBNAIL, SMALLEST_THUMBNAIL = 8_000_000, 256, 16


@dataclass
class Report:
    """What was done; row → column → value; and a strip of thumbnails for every picture."""

    protocol: dict[str, Any]
    rows: dict[str, dict[str, float]]
    strips: list[Tensor] = field(default_factory=list, repr=False)

    def table(self) -> dict[str, Any]:
        """Protocol and rows as JSON holds them, numbers to five digits."""
        rows = {
            row: {column: float(f"{value:.5g}") for column, value in columns.items()}
            for row, columns in self.rows.items()
        }
        return {"protocol": self.protocol, "rows": rows}

    def lines(self) -> Iterator[str]:
        """The rows as text."""
        for row, columns in self.rows.items():
            cells = "  ".join(f"{column} {value:.4g}" for column, value in columns.items())
            yield f"{row:28}{cells}"


class Scores:
    """Values that arrive picture by picture."""

    def __init__(self) -> None:
        self.values: dict[str, dict[str, list[float]]] = {}

    def add(self, row: str, **values: float | Tensor) -> None:
        """One more value of each named column."""
        for column, value in values.items():
            self.values.setdefault(row, {}).setdefault(column, []).append(float(value))

    def means(self) -> dict[str, dict[str, float]]:
        """Row → column → mean."""
        return {
            row: {column: sum(values) / len(values) for column, values in columns.items()}
            for row, columns in self.values.items()
        }


def spread(length: int, count: int) -> list[int]:
    """At most `count` of the positions 0 … length - 1, evenly apart, in order."""
    count = min(length, count)
    return [i * length // count for i in range(count)]


def strip(pictures: Sequence[Tensor], count: int) -> Tensor:
    """Pictures of one size side by side, small enough that `count` strips make one sheet.

    Args:
        pictures: (1, 3, H, W) each, in [0, 1].
    Returns:
        (3, h, n·w).
    """
    height, width = pictures[0].shape[-2:]
    fitting = (SHEET_PIXELS / (count * len(pictures) * height / width)) ** 0.5
    small = max(SMALLEST_THUMBNAIL, int(min(width, LARGEST_THUMBNAIL, fitting)))
    size = (small, max(1, round(small * height / width)))
    return torch.cat([resize(picture.cpu(), size)[0] for picture in pictures], 2)


def contact_sheet(strips: Sequence[Tensor]) -> Tensor:
    """All strips in order, left to right and then down, about square: (3, H, W)."""
    height, width = strips[0].shape[1:]
    beside = max(1, round((len(strips) * height / width) ** 0.5))
    filled = [*strips, *[torch.ones_like(strips[0])] * (-len(strips) % beside)]
    return torch.cat(
        [torch.cat(filled[i : i + beside], 2) for i in range(0, len(filled), beside)], 1
    )


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Writes `value` whole or not at all, in the form of a card."""
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def write_card(folder: Path, table: Mapping[str, Any]) -> None:
    """Puts a report's table under "metrics" of the card in `folder`; everything else stays.

    Raises:
        ValueError: The card is no longer that of the checkpoint the table was measured on.
    """
    path = folder / CARD
    raw = json.loads(path.read_text(encoding="utf-8"))
    digest, measured = parse_card(raw, path).digest, table["protocol"]["checkpoint"]
    if digest != measured:
        raise ValueError(
            f"{path} is now of the checkpoint {digest}, but {measured} was measured; "
            "evaluate it again."
        )
    write_json(path, {**raw, "metrics": {**raw.get("metrics", {}), **table}})
