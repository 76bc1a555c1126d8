"""Cityscapes (Cordts et al. 2016): ``leftImg8bit_trainvaltest`` and ``gtFine_trainvaltest``.

``leftImg8bit/<split>/<city>/<stem>_leftImg8bit.png`` with ``gtFine/<split>/<city>/
<stem>_gtFine_labelIds.png`` and ``…_gtFine_instanceIds.png``: 2975 and 500 frames of 2048x1024.
Objects have the instance id class * 1000 + k; a class id there is stuff, or a group that the owners
did not divide. The test part has no annotations, only placeholders, and is left out. `lab.data`
reads these folders as they are, so they need only be checked, or copied flat and smaller.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from lab.data.cityscapes import CITYSCAPES, Cityscapes
from lab.data.folders import Files
from lab.images import open_ids
from training.prepare.objects import PER_CLASS
from training.prepare.source import Frame, Pair, Source

PUBLISHED = {"train": 2975, "val": 500}


def open_cityscapes(source: Path, splits: Path | None = None) -> Source:
    """The frames with the owners' instances.

    Args:
        source: the folder that holds leftImg8bit and gtFine, or those of the pix2pixHD layout.
        splits: not for this one.
    Raises:
        FileNotFoundError, ValueError: a folder is missing, or not complete.
    """
    if splits is not None:
        raise ValueError("Cityscapes' folders are its splits; leave out --splits.")
    flat = all((source / f"{split}_label").is_dir() for split in PUBLISHED)
    for kind in ("leftImg8bit", "gtFine"):
        if not flat and not (source / kind).is_dir():
            raise FileNotFoundError(
                f"There is no folder {kind} in {source}; unpack leftImg8bit_trainvaltest and "
                "gtFine_trainvaltest there."
            )
    frames = [
        Frame(split, files.name, partial(_read, files))
        for split in PUBLISHED
        for files in Cityscapes(source, split).files()
    ]
    return Source(
        dataset="cityscapes",
        form="the pix2pixHD folders" if flat else "the owners' folders",
        frames=tuple(frames),
        published=PUBLISHED,
    )


def _read(files: Files) -> Pair:
    """A frame whose instance map agrees with its label map."""
    if files.instances is None:
        raise ValueError(f"{files.name} has no instance map; unpack gtFine_trainvaltest whole.")
    labels, instances = open_ids(files.label), open_ids(files.instances)
    if labels.shape != instances.shape:
        raise ValueError(f"{files.name} has a label map and an instance map of different sizes.")
    classes = np.where(instances >= PER_CLASS, instances // PER_CLASS, instances)
    wrong = (classes != labels) & (labels < len(CITYSCAPES))
    if wrong.any():
        raise ValueError(
            f"{files.name} has {int(wrong.sum())} pixels whose instance is of another class than "
            "their label; fetch gtFine again."
        )
    return Pair(files.photo, labels, instances)
