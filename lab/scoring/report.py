"""A table of rows and columns with the protocol it was measured by."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from statistics import stdev
from typing import Any

from torch import Tensor

DEVIATION = "_deviation"  # what the column of a deviation ends in; the rest is its mean's name
WRITTEN = {word: word.upper() for word in ("kid", "fid", "psnr", "ssim")}
WRITTEN |= {"iou": "IoU", "frechet": "Fréchet", "mobilenet": "MobileNet", "mib": "MiB"}
# Of the bars while it lasts; disable=None: none where standard error is a file.
BAR: Mapping[str, Any] = {"mininterval": 1, "leave": False, "disable": None}
Rows = Mapping[str, Mapping[str, float]]


@dataclass
class Report:
    """What was done and what came out.

    protocol: how, in words and numbers. rows: row → column → value. classes: row → class → IoU.
    pictures: for each scored layout, or pair, its sources and, row by row, digests and numbers.
    videos: the same for each scored video.
    """

    title: str
    protocol: dict[str, Any]
    rows: Rows
    classes: Rows = field(default_factory=dict)
    pictures: list[dict[str, Any]] = field(default_factory=list, repr=False)
    videos: list[dict[str, Any]] = field(default_factory=list, repr=False)

    def table(self) -> dict[str, Any]:
        """Protocol and rows as cards hold them; what is no number (an IoU of a class that never
        occurs) is left out."""
        tables = {"rows": rounded(self.rows), "classes": rounded(self.classes)}
        return {"protocol": self.protocol, **{key: rows for key, rows in tables.items() if rows}}

    def result(self) -> dict[str, Any]:
        """The table and every scored picture, as the file of a result holds them."""
        videos = {"videos": self.videos} if self.videos else {}
        return {"title": self.title, **self.table(), "pictures": self.pictures, **videos}

    def joined(self, other: Report) -> Report:
        """This report, and in the same rows the columns of another."""
        rows = {
            row: {**self.rows.get(row, {}), **other.rows.get(row, {})}
            for row in (*self.rows, *other.rows)
        }
        return replace(
            self,
            protocol={**self.protocol, **other.protocol},
            rows=rows,
            pictures=[*self.pictures, *other.pictures],
            videos=[*self.videos, *other.videos],
        )

    def lines(self) -> Iterator[str]:
        """The rows as aligned text."""
        head, *body = grid(self.rows)
        cells = [[heading(name) for name in head], *body]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        for first, *others in cells:
            right = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
            yield "  ".join([first.ljust(widths[0]), *right])


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

    def spreads(self) -> dict[str, dict[str, float]]:
        """Row → column with `DEVIATION` → deviation of one value, where there are several."""
        return {
            row: {
                column + DEVIATION: stdev(values)
                for column, values in columns.items()
                if len(values) > 1
            }
            for row, columns in self.values.items()
        }


def spread(length: int, count: int) -> list[int]:
    """At most `count` of the positions 0 … length - 1, evenly apart, in order."""
    count = min(length, count)
    return [i * length // count for i in range(count)]


def grid(rows: Rows) -> list[list[str]]:
    """Heads and cells of a table: a column per value, its deviation beside it as ±."""
    names = dict.fromkeys(name for columns in rows.values() for name in columns)
    shown = [name for name in names if not name.endswith(DEVIATION)]
    body = [[row, *(_cell(values, name) for name in shown)] for row, values in rows.items()]
    return [["", *shown], *body]


def heading(column: str) -> str:
    """A column's name as people write it: "frechet_judge" → "Fréchet judge"."""
    return " ".join(WRITTEN.get(word, word) for word in column.split("_"))


def rounded(rows: Rows) -> dict[str, dict[str, float]]:
    """The same rows to five digits, without what is not finite: JSON has no word for it."""
    return {
        row: {name: short(value) for name, value in columns.items() if math.isfinite(value)}
        for row, columns in rows.items()
    }


def short(value: float) -> float | None:
    """A value to five digits; None where it is no finite number."""
    return float(f"{value:.5g}") if math.isfinite(value) else None


def _cell(values: Mapping[str, float], name: str) -> str:
    if not math.isfinite(values.get(name, math.nan)):
        return "–"
    value, deviation = values[name], values.get(name + DEVIATION)
    said = f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return said + (f" ± {deviation:.1g}" if deviation else "")
