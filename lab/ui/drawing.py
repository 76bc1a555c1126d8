"""A visitor's drawing: the JSON the painter sends, checked before it is believed, and its way back.

    {"w": 512, "h": 256, "labels": "id run id run …", "instances": "id run …"}

with "domain", the label space its ids are of, "preset", the number of the untouched layout it is,
and "stamp", which differs each time.

Runs go row by row. They are text because Gradio watches every number of a list that a component
holds, and copies it with every event: a detailed map kept the page busy for seconds. Lists of
numbers, as drawings were saved before, are read as well. The value comes from a browser, so
anything may stand in it: sizes, types, ids and the sum of the runs are checked before a single
pixel is allocated.
"""

import re
import time
from typing import Any

import numpy as np
import torch

from lab.data.labels import IGNORE, LabelSpace
from lab.interfaces import Layout

MIN_SIDE = 16
MAX_SIDE = 2048
MAX_PIXELS = 2048 * 1024
MAX_INSTANCE = 65535
NUMBERS = re.compile(r"[0-9]{1,8}(?: [0-9]{1,8})*")  # an id or a run's length; none has nine digits
OBJECTS_PER_CLASS = 1000  # the k-th object of a countable class has the id class * 1000 + k


def encode(layout: Layout, *, preset: int | None = None) -> dict[str, Any]:
    """The first picture of `layout` as the painter's value.

    Args:
        layout: labels and instances (B, H, W), instance ids 0..65535.
        preset: the number of the procedural layout this is, None for any other.

    Returns:
        JSON as above. "stamp" differs each time, so that the painter sees the same map sent again.
    """
    width, height = layout.size
    return {
        "w": width,
        "h": height,
        "labels": _runs(layout.labels[0].numpy()),
        "instances": _runs(layout.instances[0].numpy()),
        "domain": layout.space.name,
        "preset": preset,
        "stamp": time.time_ns() % 2**50,  # a JSON number stays exact below 2**53
    }


def decode(value: Any, space: LabelSpace) -> Layout:
    """The layout of a painter's value, maps (1, H, W).

    Raises:
        ValueError: nothing was drawn yet, it was with other classes than those of `space`, or the
            value is not what the painter sends.
    """
    if value is None:
        raise ValueError("There is no drawing yet; paint one or choose a layout.")
    if not isinstance(value, dict):
        raise ValueError(f"A drawing is a JSON object, not {type(value).__name__}; paint it again.")
    if is_foreign(value, space):
        raise ValueError(
            f"The drawing has the classes of {str(value['domain'])[:40]!r}, and {space.name!r} is "
            "drawn here; choose a layout to start from."
        )
    width, height = size_of(value)
    labels = _map(value, "labels", (height, width), IGNORE)
    instances = _map(value, "instances", (height, width), MAX_INSTANCE)
    space.check(labels)
    return Layout(labels, instances, space)


def is_foreign(value: Any, space: LabelSpace) -> bool:
    """Whether a drawing says that it has other classes than `space`, where its ids, even those that
    exist, would mean something else. Programs that say nothing are believed."""
    told = value.get("domain") if isinstance(value, dict) else None
    return told not in (None, space.name)


def preset_of(value: Any) -> int | None:
    """The number of the untouched procedural layout that a value says it is, else None."""
    number = value.get("preset") if isinstance(value, dict) else None
    return number if type(number) is int else None


def stamp_of(value: Any) -> int | None:
    """Which of the visitor's drawings a value is, as the painter counts them."""
    stamp = value.get("stamp") if isinstance(value, dict) else None
    return stamp if type(stamp) is int else None


def point_of(value: Any) -> tuple[int, int] | None:
    """The pixel (x, y) of the drawing that the visitor picked last, else None."""
    point = value.get("point") if isinstance(value, dict) else None
    if not isinstance(point, list) or len(point) != 2 or any(type(p) is not int for p in point):
        return None
    width, height = size_of(value)
    x, y = point
    return (x, y) if 0 <= x < width and 0 <= y < height else None


def size_of(value: Any) -> tuple[int, int]:
    """(width, height) of a drawing.

    Raises:
        ValueError: they are no sides a drawing can have.
    """
    value = value if isinstance(value, dict) else {}
    sides = value.get("w"), value.get("h")
    # `type is int`: bool is an int, and JSON's NaN and 1e9 arrive as float
    if any(type(side) is not int or not MIN_SIDE <= side <= MAX_SIDE for side in sides):
        shown = "x".join(str(side)[:12] for side in sides)
        raise ValueError(
            f"A drawing has sides from {MIN_SIDE} to {MAX_SIDE} pixels, not {shown}; resize it."
        )
    width, height = sides
    if width * height > MAX_PIXELS:
        raise ValueError(
            f"A drawing has at most {MAX_PIXELS:,} pixels, not {width * height:,}; make it smaller."
        )
    return width, height


def _map(value: dict[str, Any], key: str, shape: tuple[int, int], largest: int) -> torch.Tensor:
    """(1, H, W) int64 of the runs under `key`."""
    pixels = shape[0] * shape[1]
    runs = _numbers(value.get(key), most=2 * pixels)
    what = f"The drawing's {key} must be"
    if runs is None or len(runs) % 2 or not 2 <= len(runs) <= 2 * pixels:
        raise ValueError(f"{what} pairs of an id and a run length; paint it again.")
    if any(type(number) is not int for number in runs):
        raise ValueError(f"{what} whole numbers only; paint it again.")
    ids, lengths = runs[0::2], runs[1::2]
    if min(ids) < 0 or max(ids) > largest:
        raise ValueError(f"{what} ids from 0 to {largest}; paint it again.")
    if min(lengths) < 1 or sum(lengths) != pixels:
        raise ValueError(f"{what} runs that fill {shape[1]}x{shape[0]} pixels; paint it again.")
    filled = np.repeat(np.array(ids, np.int64), np.array(lengths, np.int64))
    return torch.from_numpy(filled.reshape(1, *shape))


def _numbers(runs: Any, *, most: int) -> list[Any] | None:
    """The runs one by one, None if they are neither a list nor a text of `most` numbers or less."""
    if isinstance(runs, str):
        sane = len(runs) <= 9 * most and NUMBERS.fullmatch(runs)
        return [int(number) for number in runs.split(" ")] if sane else None
    return runs if isinstance(runs, list) else None


def _runs(ids: np.ndarray) -> str:
    flat = ids.reshape(-1)
    starts = np.concatenate(([0], np.flatnonzero(np.diff(flat)) + 1))
    lengths = np.diff(np.append(starts, flat.size))
    numbers = np.stack((flat[starts], lengths), 1).reshape(-1)
    return " ".join(map(str, numbers.tolist()))
