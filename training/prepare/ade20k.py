"""ADE20K (Zhou et al. 2017), the scene parsing benchmark ADEChallengeData2016.

``images/{training,validation}/<stem>.jpg`` with ``annotations/{training,validation}/<stem>.png``:
20210 and 2000 pairs of many sizes; ids 1 to 150 in the order of ``objectInfo150.txt``, 0 is
everything else. Stored are id - 1, and 255 for 0. The benchmark has no instances (its instance
track has 100 other classes), so objects are connected components of the classes that the owners do
not call stuff.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from lab.data.ade20k import ADE20K_SPACE
from lab.data.folders import MAPS, Files, by_stem, match
from lab.data.labels import IGNORE
from lab.data.photos import PICTURES
from lab.images import open_ids
from training.prepare.source import Frame, Pair, Source, listing

SPLITS = {"training": "train", "validation": "val"}
PUBLISHED = {"train": 20210, "val": 2000}


def open_ade20k(source: Path, splits: Path | None = None) -> Source:
    """The scenes at their own sizes.

    Args:
        source: the folder ADEChallengeData2016. splits: not for this one.
    Raises:
        FileNotFoundError, ValueError: a folder is missing, or not complete.
    """
    if splits is not None:
        raise ValueError("ADE20K's folders are its splits; leave out --splits.")
    for kind in ("images", "annotations"):
        if not (source / kind).is_dir():
            raise FileNotFoundError(
                f"There is no folder {kind} in {source}; expected ADEChallengeData2016."
            )
    frames: list[Frame] = []
    for folder, split in SPLITS.items():
        labels = by_stem(listing(source / "annotations" / folder, MAPS))
        photos = by_stem(listing(source / "images" / folder, PICTURES))
        pairs = match(labels, photos, {})
        frames += [Frame(split, files.name, partial(_read, files)) for files in pairs]
    return Source(
        dataset="ade20k",
        form="ADEChallengeData2016",
        frames=tuple(frames),
        things=frozenset(i for i, label in enumerate(ADE20K_SPACE) if label.countable),
        published=PUBLISHED,
    )


def _read(files: Files) -> Pair:
    ids = open_ids(files.label)
    if ids.max() > len(ADE20K_SPACE):
        raise ValueError(
            f"{files.label.name} has the id {ids.max()}; expected 0 to {len(ADE20K_SPACE)}."
        )
    return Pair(files.photo, np.where(ids == 0, IGNORE, ids - 1))
