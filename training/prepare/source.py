"""What a converter hands over: the frames of an owner's folders, read one pair at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Pair:
    """One photo with its maps, in the ids that the lab stores.

    photo: a file, copied byte for byte unless it has to be resized, or a picture.
    labels: (H, W) integers: classes, the dataset's void ids, or `lab.data.labels.IGNORE`.
    instances: (H, W) integers where the owner tells objects apart.
    remarks: what was odd about this pair, in sentences.
    """

    photo: Path | Image.Image
    labels: np.ndarray
    instances: np.ndarray | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Frame:
    """A pair that has not been read yet: where it belongs, its stem, and how to read it."""

    split: str
    name: str
    read: Callable[[], Pair]


@dataclass(frozen=True)
class Source:
    """The data of one owner.

    dataset: its name in `lab.catalog.DATASETS`. form: what the folders were recognised as.
    things: classes whose 8-connected components are objects, where pairs bring no instances;
        without things and instances the label map tells the objects apart.
    photo_scale: how many times larger than its label map a photo is.
    published: how many pairs the owner counts in each split.
    remarks: what was odd about the folders, in sentences.
    """

    dataset: str
    form: str
    frames: tuple[Frame, ...]
    things: frozenset[int] = frozenset()
    photo_scale: int = 1
    published: Mapping[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def names(self) -> dict[str, list[str]]:
        """The stems of each split, sorted."""
        found: dict[str, list[str]] = {}
        for frame in self.frames:
            found.setdefault(frame.split, []).append(frame.name)
        return {split: sorted(stems) for split, stems in found.items()}


def listing(folder: Path, suffixes: Sequence[str]) -> list[Path]:
    """The files of a folder with one of these suffixes, sorted.

    Raises:
        FileNotFoundError: no such folder. ValueError: it holds none.
    """
    if not folder.is_dir():
        raise FileNotFoundError(
            f"There is no folder {folder.name} in {folder.parent}; unpack the whole data set there."
        )
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes)
    paths = [path for path in paths if not path.name.startswith(".")]
    if not paths:
        raise ValueError(f"The folder {folder} holds no {' or '.join(suffixes)} files.")
    return paths


def read_splits(path: Path) -> dict[str, list[str]]:
    """A JSON file of lists of stems by split, such as {"train": ["a", "b"], "val": ["c"]}.

    Raises:
        FileNotFoundError: no such file. ValueError: it says something else, or a stem twice.
    """
    if not path.is_file():
        raise FileNotFoundError(f"There are no splits at {path}; expected a JSON file.")
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not JSON ({error}); expected lists of stems.") from None
    if not isinstance(table, dict) or not all(
        isinstance(stems, list) and all(isinstance(stem, str) for stem in stems)
        for stems in table.values()
    ):
        raise ValueError(f'{path} holds other things than {{"train": ["stem", …], "val": […]}}.')
    stems = [stem for listed in table.values() for stem in listed]
    twice = next((stem for stem in stems if stems.count(stem) > 1), None)
    if twice is not None:
        raise ValueError(f"{path} lists {twice} more than once; give each stem one split.")
    return table


def assign(stems: Iterable[str], table: Mapping[str, Sequence[str]]) -> tuple[dict[str, str], str]:
    """The split of each stem that `table` lists, and a remark on those it does not (or "").

    Raises:
        ValueError: the table lists a stem that is not there.
    """
    present = set(stems)
    split_of = {stem: split for split, listed in table.items() for stem in listed}
    unknown = sorted(split_of.keys() - present)
    if unknown:
        raise ValueError(
            f"The splits list {unknown[0]} ({len(unknown)} such), which the data lack; "
            "correct the list or complete the data."
        )
    left = sorted(present - split_of.keys())
    remark = f"{len(left)} pairs are in no split and left out, such as {left[0]}." if left else ""
    return split_of, remark
