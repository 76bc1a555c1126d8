"""Every scored picture, in file order: one PNG of thumbnails, or a page (see `page`)."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from lab.images import resize, save_picture, to_pil, to_tensor
from lab.scoring.report import Report, heading

SHEET_PIXELS, LARGEST_THUMBNAIL, SMALLEST_THUMBNAIL = 8_000_000, 256, 16
SMALLEST_CAPTIONED = 120  # width below which a thumbnail has no room for words
GAP, TEXT, LEADING = 8, 12, 16  # pixels
PAPER, INK, QUIET = "#ffffff", "#1d1c1b", "#78726a"


@dataclass(frozen=True, eq=False)
class Line:
    """Pictures of one subject.

    pictures: column → (1, 3, H, W) in [0, 1]. numbers: column → what that picture scored.
    recipes: column → what the picture was made from.
    """

    name: str
    pictures: Mapping[str, Tensor]
    numbers: Mapping[str, Mapping[str, float]]
    recipes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Sheet(AbstractContextManager, ABC):
    """Takes lines as they are made; writes nothing unless it is finished.

    Args:
        path: where. count: how many lines there will be.
    """

    def __init__(self, path: Path, count: int) -> None:
        self.path, self.count = path, count

    @abstractmethod
    def add(self, line: Line) -> None:
        """Takes the next line; all have the same columns."""

    @abstractmethod
    def finish(self, report: Report) -> None:
        """Writes the sheet with the numbers of the whole."""

    def __enter__(self) -> Sheet:
        return self

    def __exit__(self, *error: object) -> None:
        """Removes what an unfinished sheet has left."""


class Thumbnails(Sheet):
    """One PNG: pictures side by side, and under each, where there is room, what it scored."""

    def __init__(self, path: Path, count: int) -> None:
        super().__init__(path, count)
        self.strips: list[Strip] = []

    def add(self, line: Line) -> None:
        """Keeps thumbnails alone."""
        number = len(self.strips) + 1
        self.strips.append(strip(line, self.count, name=f"{number} · {line.name}"))

    def finish(self, report: Report) -> None:
        """Writes the PNG, the protocol in its recipe."""
        sheet = contact_sheet(self.strips, title=report.title)
        save_picture(self.path, sheet, {"evaluation": report.protocol})


@dataclass(frozen=True, eq=False)
class Strip:
    """Thumbnails of a line: its name, and for every column picture and numbers."""

    name: str
    pictures: Mapping[str, Image.Image]
    numbers: Mapping[str, Mapping[str, float]]


def strip(line: Line, count: int, *, name: str = "") -> Strip:
    """A line's pictures, small enough that `count` such lines make one sheet, true to shape."""
    height, width = next(iter(line.pictures.values())).shape[-2:]
    fitting = SHEET_PIXELS / (count * len(line.pictures) * height * width)
    scale = min(1.0, LARGEST_THUMBNAIL / max(height, width), fitting**0.5)
    longest = max(SMALLEST_THUMBNAIL, int(max(height, width) * scale))
    small = {name: to_pil(_shrunk(x, longest)) for name, x in line.pictures.items()}
    return Strip(name or line.name, small, line.numbers)


def contact_sheet(strips: Sequence[Strip], *, title: str = "") -> Tensor:
    """All strips in order, left to right and then down, about square: (1, 3, H, W)."""
    thumbnails = [picture for each in strips for picture in each.pictures.values()]
    width = max(picture.width for picture in thumbnails)
    captioned = width >= SMALLEST_CAPTIONED
    words = 3 * LEADING + 2 * GAP if captioned else 0
    across = max(len(each.pictures) for each in strips) * (width + GAP) + words // 3
    down = sum(picture.height for picture in thumbnails) / len(thumbnails) + GAP + words
    beside = max(1, round((len(strips) * down / across) ** 0.5))
    rows = [strips[i : i + beside] for i in range(0, len(strips), beside)]
    heights = [max(x.height for s in row for x in s.pictures.values()) + GAP for row in rows]
    top = GAP + (LEADING + GAP if captioned else 0)
    sheet = Image.new("RGB", (beside * across + GAP, top + sum(heights) + len(rows) * words), PAPER)
    pen = ImageDraw.Draw(sheet)
    if captioned:
        _write(pen, (GAP, GAP), _key(strips, title), sheet.width - 2 * GAP)
    for row, height in zip(rows, heights, strict=True):
        for i, each in enumerate(row):
            _paste(sheet, each, (GAP + i * across, top), width, captioned=captioned)
        top += height + words
    return to_tensor(sheet)


def _paste(
    sheet: Image.Image, own: Strip, place: tuple[int, int], width: int, *, captioned: bool
) -> None:
    """Puts a strip on the sheet, in columns of `width`."""
    (left, top), pen = place, ImageDraw.Draw(sheet)
    if captioned:
        whole = len(own.pictures) * (width + GAP) - GAP
        _write(pen, place, own.name, whole, QUIET)
        top += LEADING + 2
    for column, picture in own.pictures.items():
        sheet.paste(picture, (left, top))
        if captioned:
            below = top + picture.height + 2
            _write(pen, (left, below), column, width)
            said = written(own.numbers.get(column, {}))
            _write(pen, (left, below + LEADING), said, width, QUIET)
        left += width + GAP


def _shrunk(picture: Tensor, longest: int) -> Tensor:
    height, width = picture.shape[-2:]
    scale = longest / max(height, width)
    return resize(picture.cpu(), (max(1, round(width * scale)), max(1, round(height * scale))))


def _key(strips: Sequence[Strip], title: str) -> str:
    """The title, and what the numbers are."""
    names = max((list(n) for each in strips for n in each.numbers.values()), key=len, default=[])
    said = f"under each picture its {' · '.join(map(heading, names))}" if names else ""
    return ": ".join(filter(None, (title, said)))


def written(numbers: Mapping[str, float]) -> str:
    """Values as they stand beneath a picture."""
    return " · ".join(map(_written, numbers.values()))


def _written(value: float) -> str:
    if math.isnan(value):
        return "–"
    return f"{value:.3f}" if value == 0 or abs(value) >= 0.01 else f"{value:.2g}"


def _write(
    pen: ImageDraw.ImageDraw, place: tuple[int, int], text: str, width: int, ink: str = INK
) -> None:
    """One line of text, cut where it does not fit."""
    font = ImageFont.load_default(TEXT)
    shown = text
    while shown and pen.textlength(shown, font=font) > width:
        shown = shown.removesuffix("...")[:-1] + "..." if len(shown) > 4 else ""
    pen.text(place, shown, fill=ink, font=font)
