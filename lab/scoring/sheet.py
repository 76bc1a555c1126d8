"""Every scored picture, in file order: one PNG of thumbnails, or a page (see `page`)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lab.images import resize, save_picture
from lab.scoring.report import Report

SHEET_PIXELS, LARGEST_THUMBNAIL, SMALLEST_THUMBNAIL = 8_000_000, 256, 16


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
    """One PNG."""

    def __init__(self, path: Path, count: int) -> None:
        super().__init__(path, count)
        self.strips: list[Tensor] = []

    def add(self, line: Line) -> None:
        """Keeps thumbnails alone."""
        self.strips.append(strip(list(line.pictures.values()), self.count))

    def finish(self, report: Report) -> None:
        """Writes the PNG, the protocol in its recipe."""
        save_picture(self.path, contact_sheet(self.strips), {"evaluation": report.protocol})


def strip(pictures: Sequence[Tensor], count: int) -> Tensor:
    """Pictures side by side, small enough that `count` strips make one sheet.

    Args:
        pictures: (1, 3, H, W) each, in [0, 1], shown at the first one's shape.
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
