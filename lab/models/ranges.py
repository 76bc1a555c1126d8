"""Ranges of settings, checked where they are given: a network of width 0 is none."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any


def require(
    settings: Any,
    *names: str,
    least: float = -math.inf,
    above: float = -math.inf,
    most: float = math.inf,
    below: float = math.inf,
) -> None:
    """Checks fields of a dataclass; of a list or map every number, and None is always right.

    Args:
        least, most: the range with its ends. above, below: without them.
    Raises:
        ValueError: a number outside, infinite, or none at all (NaN).
    """
    for name in names:
        for place, value in _numbers(name, getattr(settings, name)):
            if not (least <= value <= most and above < value < below):
                said = _range(least, above, most, below)
                raise ValueError(f"{place} is {value}; expected {said}.")


def require_some(place: str, weights: Mapping[str, float]) -> None:
    """Checks weights of which not all may be 0.

    Raises:
        ValueError: they are.
    """
    if not any(weights.values()):
        raise ValueError(
            f"{place}: nothing weighs more than 0, so there is nothing to learn; give one of them "
            f"a weight: {', '.join(weights)}."
        )


def require_odd(settings: Any, *names: str) -> None:
    """Checks sides of kernels, which have a middle.

    Raises:
        ValueError: one that is even or less than 1.
    """
    for name in names:
        value = getattr(settings, name)
        if value < 1 or value % 2 == 0:
            raise ValueError(f"{name} is {value}; expected an odd number, 1 or more.")


def _numbers(place: str, value: Any) -> Iterator[tuple[str, float]]:
    """The numbers in a field, named by their places."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _numbers(f"{place}.{key}", item)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _numbers(f"{place}[{index}]", item)
    elif value is not None:
        yield place, value


def _range(least: float, above: float, most: float, below: float) -> str:
    """The range in words."""
    if least > -math.inf and most < math.inf:
        return f"{least:g} to {most:g}"
    ends = [
        (least > -math.inf, f"{least:g} or more"),
        (above > -math.inf, f"more than {above:g}"),
        (most < math.inf, f"{most:g} at most"),
        (below < math.inf, f"less than {below:g}"),
    ]
    return " and ".join(words for given, words in ends if given) or "a number"
