"""A picture in tiles: what each draws, and what it must see to draw it as if it saw everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True)
class Tile:
    """Rows and columns, in pixels: `core` is drawn, `window` is read; both are (start, stop)."""

    core: tuple[Span, Span]
    window: tuple[Span, Span]

    def place(self, stride: int = 1) -> tuple[slice, slice]:
        """Where the core lies in the picture, in steps of `stride` pixels."""
        rows, columns = (slice(start // stride, stop // stride) for start, stop in self.core)
        return rows, columns

    def source(self, stride: int = 1) -> tuple[slice, slice]:
        """Where the window lies in the picture, in steps of `stride` pixels."""
        rows, columns = (slice(start // stride, stop // stride) for start, stop in self.window)
        return rows, columns

    def inside(self, stride: int = 1) -> tuple[slice, slice]:
        """Where the core lies in the window, in steps of `stride` pixels."""
        spans = zip(self.core, self.window, strict=True)
        rows, columns = (
            slice((start - origin) // stride, (stop - origin) // stride)
            for (start, stop), (origin, _) in spans
        )
        return rows, columns


def tiles(size: tuple[int, int], *, side: int | None, margin: int, multiple: int) -> Iterator[Tile]:
    """Cuts a picture into tiles whose windows reach `margin` pixels further.

    A window ends where the picture ends, so that a network pads its border as it pads the
    picture's. All starts are multiples of `multiple`, so that strides fall alike.

    Args:
        size: (height, width), multiples of `multiple`.
        side: of a core, rounded up to the multiple; None makes one tile of the whole.
        margin: rounded up to the multiple.
    Raises:
        ValueError: a side below 1.
    """
    height, width = size
    if side is None:
        whole = ((0, height), (0, width))
        yield Tile(whole, whole)
        return
    if side < 1:
        raise ValueError(f"A tile's side is {side}; expected at least 1 pixel.")
    side, margin = (-(-length // multiple) * multiple for length in (side, margin))
    for row in _spans(height, side):
        for column in _spans(width, side):
            window = tuple(
                (max(0, start - margin), min(end, stop + margin))
                for (start, stop), end in ((row, height), (column, width))
            )
            yield Tile((row, column), window)


def _spans(length: int, side: int) -> list[Span]:
    return [(start, min(start + side, length)) for start in range(0, length, side)]
