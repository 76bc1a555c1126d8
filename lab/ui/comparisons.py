"""What a comparison is once it is drawn: pictures with numbers, as viewer, table and files."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from lab import images
from lab.card import how_to_make
from lab.files import write_text
from lab.lab import Lab
from lab.scoring.one_file import OneFile
from lab.scoring.page import title_of
from lab.scoring.report import Report, Rows, heading, short
from lab.scoring.sheet import Line
from lab.ui.store import keep_file, named_by
from lab.ui.viewer import Pane, shown

# What stands under a picture, where it is known: a column, and how its value is written.
NOTES = {
    "mean_iou": "mIoU {:.2f}",
    "psnr": "{:.1f} dB",
    "ssim": "SSIM {:.2f}",
    "style_distance": "style {:.2f}",
    "content_distance": "content {:.2f}",
    "seconds": "{:.2g} s",
}
ROW = "Method"  # what the rows of a table are
LEADING = ("data", "subject", "size", "judge", "network", "device")  # of a protocol, in one line


@dataclass(frozen=True)
class Shown:
    """A picture of a comparison.

    Attributes:
        name: of its row, as `lab score` calls it. path: of the PNG. size: (width, height).
        numbers: column → value. drawn: whether it is somebody's answer (and may be voted on), not
            what answers are held against.
    """

    name: str
    path: str
    size: tuple[int, int]
    numbers: Mapping[str, float] = field(default_factory=dict)
    drawn: bool = True


@dataclass(frozen=True)
class Comparison:
    """Pictures of one subject.

    Attributes:
        subject: what they show, in a few words. pictures: in the order they are shown.
        protocol: what rows and columns mean. left_out: sentences about methods that are not here.
    """

    subject: str
    pictures: tuple[Shown, ...] = ()
    protocol: Mapping[str, Any] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @property
    def rows(self) -> dict[str, Mapping[str, float]]:
        """Row → column → value, of the pictures that have numbers."""
        return {each.name: each.numbers for each in self.pictures if each.numbers}


Step = tuple[Comparison, str]  # what there is so far, and what is being done


def with_numbers(pictures: tuple[Shown, ...], rows: Rows) -> tuple[Shown, ...]:
    """The same pictures, each with the numbers of its row."""
    return tuple(replace(each, numbers=rows.get(each.name, {})) for each in pictures)


def absence(lab: Lab, name: str, method: str) -> str:
    """Why a method is not drawn, in a sentence with the command that makes it."""
    if (lab.checkpoints / name / "card.json").is_file():
        return str(lab.missing(name))
    return f"{method} is not installed; `{how_to_make(name)}` makes it."


def finished(count: int, subject: str, lab: Lab) -> str:
    """What is said once all is drawn."""
    return f"{count} method{'s' if count > 1 else ''} drew {subject} on {lab.device.type}"


def view(comparison: Comparison | None, *, keep: bool = False) -> dict[str, Any]:
    """The viewer's value; `keep` leaves zoom and place as they are."""
    if comparison is None:
        return shown([])
    panes = [Pane(title_of(p.name), p.path, p.size, note(p.numbers)) for p in comparison.pictures]
    first = next((i for i, p in enumerate(comparison.pictures) if p.drawn), 0)
    return {**shown(panes, first=first), "keep": keep}


def note(numbers: Mapping[str, float]) -> str:
    """The numbers under a picture."""
    known = {key: value for key, value in numbers.items() if math.isfinite(value)}
    return " · ".join(form.format(known[key]) for key, form in NOTES.items() if key in known)


def table(rows: Rows) -> dict[str, Any]:
    """Rows as the value of a `gr.Dataframe`: numbers, so that they sort as numbers."""
    columns = list(dict.fromkeys(name for values in rows.values() for name in values))
    body = [
        [row, *(_number(values.get(column, math.nan)) for column in columns)]
        for row, values in rows.items()
    ]
    return {"headers": [ROW, *map(heading, columns)], "data": body}


def sentences(protocol: Mapping[str, Any], left_out: Sequence[str] = ()) -> str:
    """What was measured, in a line, and what is not here, in Markdown."""
    said = [str(protocol[key]) for key in LEADING if protocol.get(key)]
    absent = "\n".join(f"- {sentence}" for sentence in left_out)
    return "\n\n".join(part for part in (" · ".join(said), absent) if part)


def report(comparisons: Sequence[Comparison], rows: Rows | None = None) -> str:
    """The path of a page with all of it, in one file.

    Args:
        comparisons: one or more with the same rows and protocol.
        rows: of the table; None takes those of the first.
    """
    first = comparisons[0]
    facts = dict(first.protocol)
    if first.left_out:
        facts["left_out"] = dict(enumerate(first.left_out, 1))
    whole = Report("Comparison", facts, first.rows if rows is None else rows)

    def write(path: Path) -> None:
        with OneFile(path, len(comparisons)) as page:
            for comparison in comparisons:
                page.add(_line(comparison))
            page.finish(whole)

    key = "|".join(map(_key, comparisons)) + to_csv(whole.rows)
    return keep_file(named_by("atelier-comparison", key, ".html"), write)


def csv_file(rows: Rows, *, name: str = "atelier-comparison") -> str:
    """The path of the rows as CSV."""
    text = to_csv(rows)
    return keep_file(named_by(name, text, ".csv"), partial(write_text, text=text))


def to_csv(rows: Rows) -> str:
    """Rows and columns by their names in `scores.json`; empty where there is no number."""
    columns = list(dict.fromkeys(name for values in rows.values() for name in values))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["row", *columns])
    for row, values in rows.items():
        cells = (_number(values.get(column, math.nan)) for column in columns)
        writer.writerow([row, *("" if cell is None else repr(cell) for cell in cells)])
    return text.getvalue()


def _line(comparison: Comparison) -> Line:
    """A comparison as a page shows it."""
    pictures, numbers, recipes = {}, {}, {}
    for p in comparison.pictures:
        pictures[p.name] = images.to_tensor(images.open_picture(p.path))
        numbers[p.name] = {key: p.numbers[key] for key in NOTES if key in p.numbers}
        recipes[p.name] = images.read_recipe(p.path) or {}
    return Line(comparison.subject, pictures, numbers, recipes)


def _number(value: float) -> float | None:
    return value if isinstance(value, int) else short(value)


def _key(comparison: Comparison) -> str:
    paths = ";".join(p.path for p in comparison.pictures)
    return f"{comparison.subject}|{paths}|{to_csv(comparison.rows)}|{comparison.left_out}"
