"""Layouts to start from (procedural, empty, a visitor's label map), and what is in them."""

import functools
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from lab import images
from lab.data.labels import IGNORE, LabelSpace
from lab.data.presets import LAYOUTS, PRESETS, RULES
from lab.interfaces import Layout
from lab.ui.drawing import MAX_INSTANCE, MIN_SIDE, OBJECTS_PER_CLASS
from lab.ui.object_ids import number_regions, renumbered

HORIZON = 0.55  # where the empty layout's sky ends, as a part of the height

PLURALS = {  # of countable classes, where an s is not enough
    "apparel": "apparel",
    "bench": "benches",
    "bookshelf": "bookshelves",
    "box": "boxes",
    "bus": "buses",
    "canopy": "canopies",
    "chest of drawers": "chests of drawers",
    "food": "food",
    "glass": "glasses",
    "person": "people",
    "shelf": "shelves",
    "stairs": "stairs",
}


@dataclass(frozen=True)
class Thing:
    """One instance of a layout: its id, class, readable name and area in pixels."""

    instance: int
    label: int
    name: str
    area: int


def is_preset(number: int | None) -> bool:
    """Whether there is a procedural layout of this number."""
    return number is not None and 0 <= number < LAYOUTS


@functools.lru_cache(maxsize=32)
def preset(number: int, size: tuple[int, int], space: LabelSpace) -> Layout:
    """Street, portrait or room `number` at (width, height), by the domain; the blank layout where
    no rules are known.

    Raises:
        ValueError: there is no layout of this number.
    """
    if not is_preset(number):
        raise ValueError(f"The layouts have the numbers 0 to {LAYOUTS - 1}, not {number}.")
    if space.name not in RULES:
        return empty(size, space)
    made = RULES[space.name].make(number, size)
    return Layout(made.labels[None], made.instances[None], space)


def names(space: LabelSpace) -> dict[str, int]:
    """The layouts everybody is offered, by name: "street-1" → number; none without rules."""
    if space.name not in RULES:
        return {}
    word = RULES[space.name].word
    return {f"{word}-{place}": number for place, number in enumerate(PRESETS, 1)}


def empty(size: tuple[int, int], space: LabelSpace) -> Layout:
    """Sky over road, the ground that Clear and the eraser bring back; class 0 where a domain has
    neither."""
    width, height = size
    labels = torch.zeros(1, height, width, dtype=torch.int64)
    if "sky" in space.names and "road" in space.names:
        labels += space.index("sky")
        labels[:, round(height * HORIZON) :] = space.index("road")
    return Layout(labels, labels.clone(), space)


def things(layout: Layout) -> list[Thing]:
    """The instances of a layout that belong to a class, largest first."""
    instances, labels = layout.instances[0].numpy(), layout.labels[0].numpy()
    # A pair (instance, class) as one number; the class with most pixels names the instance.
    pairs, areas = np.unique(instances.astype(np.int64) * (IGNORE + 1) + labels, return_counts=True)
    found: dict[int, Thing] = {}
    for pair, area in sorted(zip(pairs.tolist(), areas.tolist(), strict=True), key=lambda p: -p[1]):
        instance, label = divmod(pair, IGNORE + 1)
        if label != IGNORE and instance not in found:
            found[instance] = Thing(instance, label, _name(instance, label, layout.space), area)
    return list(found.values())


def _name(instance: int, label: int, space: LabelSpace) -> str:
    name, number = space[label].name, instance - label * OBJECTS_PER_CLASS
    if instance == label:
        return name
    return f"{name} {number + 1}" if 0 <= number < OBJECTS_PER_CLASS else f"{name} ({instance})"


def summary(layout: Layout) -> str:
    """The layout in a few words: "3 cars, 2 trees"; its stuff where nothing can be counted."""
    space, counted = layout.space, {}
    for thing in things(layout):
        if space[thing.label].countable:
            counted[thing.label] = counted.get(thing.label, 0) + 1
    rare_first = sorted(counted, key=lambda label: -label)[:2]
    words = [_counted(counted[label], space[label].name) for label in rare_first]
    return ", ".join(words) or space[things(layout)[0].label].name


def _counted(number: int, name: str) -> str:
    return f"{number} {name if number == 1 else PLURALS.get(name, f'{name}s')}"


def thumbnail(layout: Layout, *, width: int = 192) -> Image.Image:
    """The label map in the colours of its classes, at most `width` pixels wide."""
    step = max(1, layout.size[0] // width)
    return images.to_pil(layout.space.colorize(layout.labels[:, ::step, ::step]))


def resized(layout: Layout, size: tuple[int, int]) -> Layout:
    """The layout at (width, height), every id kept (nearest)."""
    maps = (images.resize_ids(ids, size) for ids in (layout.labels, layout.instances))
    return Layout(*maps, layout.space)


def read(
    labels: str,
    instances: str | None,
    space: LabelSpace,
    *,
    pixels: int,
    side: int | None = None,
    own_ids: bool = False,
) -> Layout:
    """A visitor's label map as a layout of at most `pixels` pixels, its sides at most `side`.

    Args:
        labels: path of a PNG: class ids (grey or palette), or the colours of `space`.
        instances: path of a PNG of instance ids up to 16 bit; None numbers connected regions.
        own_ids: whether the ids of `instances` stay, for who names objects by them; else objects
            are numbered as the painter does it, see `renumbered`.

    Raises:
        ValueError: not a picture, unknown ids or colours, or two sizes.
    """
    ids = _label_ids(labels, space)
    if (ids == IGNORE).float().mean() > 0.5:
        raise ValueError(
            f"More than half of the label map is in no class of {space.name!r}; "
            "paint it in the ids or the exact colours of the legend."
        )
    if instances is None:
        objects = torch.from_numpy(number_regions(ids.numpy(), space))
    else:
        objects = torch.from_numpy(np.asarray(images.open_ids(instances)))
        _check_instances(objects, ids)
        if not own_ids:
            objects = torch.from_numpy(renumbered(objects.numpy(), ids.numpy(), space))
    layout = Layout(ids[None], objects[None], space)
    return resized(layout, _within(layout.size, pixels, side))


def _within(size: tuple[int, int], pixels: int, side: int | None) -> tuple[int, int]:
    """A size (width, height) shrunk to what is allowed; rounded down, or it were a pixel more."""
    width, height = size
    scale = min(1.0, math.sqrt(pixels / (width * height)), (side or math.inf) / max(size))
    # What is a whole number but for the last bit of a float is that number.
    width, height = (max(MIN_SIDE, math.floor(each * scale + 1e-6)) for each in size)
    return width, height


def _check_instances(objects: torch.Tensor, ids: torch.Tensor) -> None:
    if objects.shape != ids.shape:
        sizes = " and ".join(f"{m.shape[1]}x{m.shape[0]}" for m in (ids, objects))
        raise ValueError(f"Label map and instance map must have one size; they are {sizes}.")
    if objects.min() < 0 or objects.max() > MAX_INSTANCE:
        raise ValueError(
            f"Instance ids must be from 0 to {MAX_INSTANCE}; these are "
            f"{int(objects.min())} to {int(objects.max())}."
        )


def _label_ids(path: str, space: LabelSpace) -> torch.Tensor:
    """(H, W) int64 of a label PNG, whether it holds ids or colours; `IGNORE` where it is void."""
    try:
        with Image.open(path, formats=("PNG",)) as header:
            mode = header.mode
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        name = Path(path).name
        raise ValueError(f"{name} is no readable PNG; save the label map as one.") from error
    if mode in ("RGB", "RGBA"):
        return space.decode(torch.from_numpy(np.array(images.open_picture(path))))
    return space.read(torch.from_numpy(images.open_ids(path)))
