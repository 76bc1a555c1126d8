"""CelebAMask-HQ (Lee et al. 2020), as github.com/switchablenorms/CelebAMask-HQ distributes it.

``CelebA-HQ-img/<n>.jpg``, n from 0 to 29999, are 1024x1024; ``CelebAMask-HQ-mask-anno/<n // 2000>/
<n, five digits>_<part>.png`` are masks of 512x512 of the parts that a face has. Parts later in the
owners' list (their g_mask.py) cover earlier ones; a part's place in it, from 1, is its id, and 0 is
background. The splits are CelebA's own: ``CelebA-HQ-to-CelebA-mapping.txt`` (columns idx, orig_idx,
orig_file) gives each picture's number in CelebA, where 162771 begins validation and 182638 the
test (their g_partition.py): 24183, 2993 and 2824 pictures.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from lab.images import open_picture
from training.prepare.source import Frame, Pair, Source, assign, listing, read_splits

PARTS = (
    *("skin", "nose", "eye_g", "l_eye", "r_eye", "l_brow", "r_brow", "l_ear", "r_ear"),
    *("mouth", "u_lip", "l_lip", "hair", "hat", "ear_r", "neck_l", "neck", "cloth"),
)
FOLDER = 2000  # pictures whose masks share a folder
VALIDATION, TEST = 162771, 182638  # the first numbers of these splits in CelebA
PUBLISHED = {"train": 24183, "val": 2993, "test": 2824}
MAPPING = "CelebA-HQ-to-CelebA-mapping.txt"


def open_celebamask_hq(source: Path, splits: Path | None = None) -> Source:
    """The faces as pairs of 512x512.

    Args:
        source: the folder CelebAMask-HQ. splits: instead of CelebA's; stems are five digits.
    Raises:
        FileNotFoundError, ValueError: a folder or the mapping is missing, or is something else.
    """
    photos = {f"{_number(path):05}": path for path in listing(source / "CelebA-HQ-img", (".jpg",))}
    masks = source / "CelebAMask-HQ-mask-anno"
    if not masks.is_dir():
        raise FileNotFoundError(f"There is no folder {masks.name} in {source}.")
    if splits is None:
        split_of, remark = _official(source / MAPPING, sorted(photos)), ""
    else:
        split_of, remark = assign(photos, read_splits(splits))
    return Source(
        dataset="faces",
        form="the owners' binary masks",
        frames=tuple(
            Frame(split_of[name], name, partial(_read, photos[name], masks))
            for name in sorted(split_of)
        ),
        photo_scale=2,
        published=PUBLISHED if splits is None else {},
        remarks=(remark,) if remark else (),
    )


def _read(photo: Path, masks: Path) -> Pair:
    """The masks laid over one another in the owners' order."""
    number = _number(photo)
    stem = masks / str(number // FOLDER) / f"{number:05}"
    labels: np.ndarray | None = None
    for label, part in enumerate(PARTS, start=1):
        path = stem.with_name(f"{stem.name}_{part}.png")
        if not path.is_file():
            continue
        mask = np.asarray(open_picture(path).convert("L")) > 0
        labels = np.zeros(mask.shape, dtype=np.int64) if labels is None else labels
        if mask.shape != labels.shape:
            raise ValueError(f"{path.name} has another size than the other masks of its picture.")
        labels[mask] = label
    if labels is None:
        raise ValueError(f"{photo.name} has no mask {stem}_<part>.png; unpack all of them.")
    return Pair(photo, labels)


def _official(path: Path, names: list[str]) -> dict[str, str]:
    """The split of each picture by its number in CelebA."""
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no {path.name} in {path.parent}, which gives the splits; add it from the "
            "owners' archive, or name your own --splits."
        )
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    try:
        number_of = {f"{int(row[0]):05}": int(row[1]) for row in rows if row}
    except (ValueError, IndexError):
        raise ValueError(f"{path} is no table of idx, orig_idx and orig_file.") from None
    missing = [name for name in names if name not in number_of]
    if missing:
        raise ValueError(f"{path} has no line for {missing[0]} ({len(missing)} missing).")
    return {name: _split(number_of[name]) for name in names}


def _split(number: int) -> str:
    if number < VALIDATION:
        return "train"
    return "val" if number < TEST else "test"


def _number(path: Path) -> int:
    if not path.stem.isdecimal():
        raise ValueError(f"{path.name} is no picture of CelebA-HQ; they are called 0.jpg, 1.jpg, …")
    return int(path.stem)
