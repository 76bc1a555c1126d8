"""How large a picture may be."""

from dataclasses import dataclass

MIN_SIDE = 2
MAX_SIDE = 4096
MAX_PIXELS = 16_000_000


@dataclass(frozen=True)
class Limits:
    """The longer side of a picture, and all of it, in pixels."""

    side: int = MAX_SIDE
    pixels: int = MAX_PIXELS

    def __str__(self) -> str:
        return (
            f"at most {self.side} pixels a side and {self.pixels:,} in all: make it smaller first"
        )


USUAL = Limits()
LARGE = Limits(side=16_384, pixels=134_217_728)  # 16384x8192, for what never needs all at once


def check_size(size: tuple[int, int], name: str, limits: Limits = USUAL) -> None:
    """Refuses a picture called `name` of a (width, height) beyond the limits.

    Raises:
        ValueError: it is too small or too large.
    """
    width, height = size
    if min(width, height) < MIN_SIDE:
        raise ValueError(f"{name} is {width}x{height}; expected {MIN_SIDE}x{MIN_SIDE} or more.")
    if max(width, height) > limits.side or width * height > limits.pixels:
        raise ValueError(f"{name} is {width}x{height}; {limits}.")
