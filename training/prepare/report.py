"""What was found in a data set: counts, shares of pixels, objects, and what was odd."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from lab.data.labels import LabelSpace
from training.prepare.objects import SMALLEST
from training.prepare.source import Source

SHOWN = 20  # problems that are spelt out


@dataclass
class Tally:
    """Sums over pairs: pixels (K + 1,), the last those of no class; objects (K,) of each class."""

    pixels: np.ndarray
    objects: np.ndarray
    sizes: set[tuple[int, int]] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """This and another one together."""
        self.pixels = self.pixels + other.pixels
        self.objects = self.objects + other.objects
        self.sizes |= other.sizes
        self.problems += other.problems


@dataclass(frozen=True)
class Report:
    """The content of `prepared.json`, the same for the same data and settings.

    sha256 of a split: that of its stems, sorted, each followed by a line feed.
    pixels: share of each class in all pixels. objects: how many of each class.
    """

    dataset: str
    form: str
    source: str
    objects_from: str
    sizes: str
    splits: dict[str, dict[str, Any]]
    pixels: dict[str, float]
    objects: dict[str, int]
    problems: tuple[str, ...]

    def json(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)

    def text(self) -> str:
        """For people: a line per split, a row per class that occurs, the problems."""
        lines = [f"{self.dataset}, {self.form}: {self.sizes}"]
        lines += [f"  {split}: {of['pairs']} pairs" for split, of in self.splits.items()]
        lines.append(f"  objects: {self.objects_from}")
        width = max(len(name) for name in self.pixels)
        for name, share in self.pixels.items():
            if share:
                count = f"{self.objects[name]:9,} objects" if self.objects.get(name) else ""
                lines.append(f"  {name:{width}}  {100 * share:7.3f} %  {count}".rstrip())
        lines += [f"  problem: {problem}" for problem in self.problems] or ["  no problems"]
        return "\n".join(lines)


def report(source: Source, where: str, space: LabelSpace, tally: Tally) -> Report:
    """Puts together what the converter knew and what the pairs showed."""
    names = source.names()
    shares = tally.pixels / max(tally.pixels.sum(), 1)
    labels = [*space.names, "no class"]
    return Report(
        dataset=source.dataset,
        form=source.form,
        source=where,
        objects_from=_objects_from(source, tally),
        sizes=_sizes(tally.sizes),
        splits={
            split: {"pairs": len(stems), "sha256": _digest(stems)}
            for split, stems in sorted(names.items())
        },
        pixels={name: round(float(x), 7) for name, x in zip(labels, shares, strict=True)},
        objects={
            name: int(n) for name, n in zip(space.names, tally.objects, strict=True) if int(n)
        },
        problems=tuple(_problems(source, names, tally)),
    )


def _problems(source: Source, names: Mapping[str, Sequence[str]], tally: Tally) -> list[str]:
    """The owner's counts that are not met, then what was odd, the first of many spelt out."""
    counted = [
        f"The split {split} has {len(names.get(split, ()))} pairs; the owner counts {expected}."
        for split, expected in source.published.items()
        if len(names.get(split, ())) != expected
    ]
    found = [*source.remarks, *tally.problems]
    more = len(found) - SHOWN
    return counted + found[:SHOWN] + ([f"… and {more} more such."] if more > 0 else [])


def _objects_from(source: Source, tally: Tally) -> str:
    if source.things:
        return f"8-connected components of at least {SMALLEST} pixels"
    return "the owner's instances" if tally.objects.any() else "the label map itself"


def _sizes(sizes: set[tuple[int, int]]) -> str:
    """ "640x480", or the range where there are several."""
    ordered = sorted(sizes, key=lambda size: (size[0] * size[1], size))
    written = [f"{width}x{height}" for width, height in ordered]
    if len(written) <= 1:
        return "".join(written)
    return f"{len(written)} sizes, {written[0]} to {written[-1]}"


def _digest(stems: Sequence[str]) -> str:
    return hashlib.sha256("".join(f"{stem}\n" for stem in stems).encode()).hexdigest()
