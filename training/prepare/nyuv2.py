"""NYU Depth V2 (Silberman et al. 2012), the labelled subset in forty classes.

``nyu_depth_v2_labeled.mat`` is an HDF5 file whose arrays lie transposed: images (1449, 3, 640,
480), labels and instances (1449, 640, 480), names (1, 894). A pair of equal label and instance
number is one object (the owners' get_instance_masks.m). ``classMapping40.mat`` (Gupta et al. 2013)
holds mapClass (1, 894): the class of each label, 1 to 40; label 0 is unlabelled. ``splits.mat`` of
the owners holds trainNdxs (795) and testNdxs (654), counted from 1.

Stored are class - 1, and 39 (other prop) for unlabelled pixels, too, as `lab.data.indoor` reads
them; 16 pixels less on every side, which takes off the white frame: 608x448. The owners have no
validation split: the lab takes the last tenth of the training part for it.
"""

from __future__ import annotations

import zlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from lab.data.indoor import INDOOR
from training.prepare.objects import numbered
from training.prepare.source import Frame, Pair, Source, assign, read_splits

BORDER = 16
VOID = 39
THINGS = frozenset(index for index, label in enumerate(INDOOR) if label.countable)
# What scipy raises at a file of another kind, one cut off, and one of bytes that make no sense.
UNREADABLE = (
    MatReadError,
    ValueError,
    TypeError,
    LookupError,
    NotImplementedError,
    OSError,
    zlib.error,
)
PUBLISHED = {"train": 795, "test": 654}


def open_nyuv2(source: Path, splits: Path | None = None) -> Source:
    """The rooms as pairs of 608x448, called nyu_0001 … by their place in the file.

    Args:
        source: the folder with the three .mat files. splits: instead of splits.mat.
    Raises:
        FileNotFoundError, ValueError: a file is missing or holds something else, or there is no
            h5py to read it with.
    """
    data = _open_hdf5(source / "nyu_depth_v2_labeled.mat")
    classes = _classes(source / "classMapping40.mat", int(max(data["names"].shape)))
    stems = [f"nyu_{index + 1:04}" for index in range(len(data["images"]))]
    table = _official(source / "splits.mat") if splits is None else read_splits(splits)
    split_of, remark = assign(stems, table)
    return Source(
        dataset="indoor",
        form="the owners' labelled subset",
        frames=tuple(
            Frame(split_of[stem], stem, partial(_read, data, index, classes))
            for index, stem in enumerate(stems)
            if stem in split_of
        ),
        published=PUBLISHED if splits is None else {},
        remarks=(remark,) if remark else (),
    )


def _read(data: Any, index: int, classes: np.ndarray) -> Pair:
    photo, raw, objects = (
        np.asarray(data[key][index]).T[BORDER:-BORDER, BORDER:-BORDER]
        for key in ("images", "labels", "instances")
    )
    if raw.max() >= len(classes):
        raise ValueError(
            f"Picture {index + 1} has the label {raw.max()}; expected 0 to {len(classes) - 1}."
        )
    labels = classes[raw]
    regions = raw.astype(np.int64) * 256 + objects  # instance numbers are bytes, anew per label
    return Pair(
        Image.fromarray(np.ascontiguousarray(photo)), labels, numbered(labels, regions, THINGS)
    )


def _open_hdf5(path: Path) -> Any:
    """The open file, its arrays as this module's docstring describes."""
    try:
        import h5py
    except ImportError:
        raise ValueError("nyuv2 is an HDF5 file; pip install h5py to read it.") from None
    if not path.is_file():
        raise FileNotFoundError(f"There is no {path.name} in {path.parent}.")
    try:
        data = h5py.File(path, "r")
    except OSError as error:
        raise ValueError(f"{path} is no readable HDF5 file ({error}); fetch it again.") from None
    missing = [key for key in ("images", "labels", "instances", "names") if key not in data]
    if missing:
        raise ValueError(f"{path} has no {missing[0]}; expected the labelled subset.")
    shapes = data["images"].shape, data["labels"].shape, data["instances"].shape
    count = shapes[0][0]
    if shapes != ((count, 3, 640, 480), (count, 640, 480), (count, 640, 480)):
        raise ValueError(
            f"{path} holds images {shapes[0]}, labels {shapes[1]} and instances {shapes[2]}; "
            "expected (N, 3, 640, 480) and twice (N, 640, 480)."
        )
    return data


def _classes(path: Path, names: int) -> np.ndarray:
    """(names + 1,) the stored id of each label of the file."""
    mapping = _matrix(path, "mapClass")
    if len(mapping) != names or mapping.min() < 1 or mapping.max() > VOID + 1:
        raise ValueError(
            f"{path} maps {len(mapping)} labels to {mapping.min()}–{mapping.max()}; expected "
            f"{names} labels and the classes 1–{VOID + 1}."
        )
    return np.concatenate(([VOID], mapping - 1))


def _official(path: Path) -> dict[str, list[str]]:
    """The owners' two lists as stems."""
    table = {split: _matrix(path, f"{split}Ndxs").tolist() for split in PUBLISHED}
    return {split: [f"nyu_{place:04}" for place in places] for split, places in table.items()}


def _matrix(path: Path, key: str) -> np.ndarray:
    """A variable of a MATLAB file as a row of integers."""
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no {path.name} in {path.parent}; it comes with the owners' toolbox."
        )
    try:
        content = loadmat(path)
    except UNREADABLE as error:
        raise ValueError(f"{path} is no readable MATLAB file ({error}).") from None
    if key not in content:
        raise ValueError(f"{path} has no variable {key}.")
    return np.asarray(content[key]).reshape(-1).astype(np.int64)
