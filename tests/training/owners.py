"""Data sets of a few kilobytes in their owners' folders, and what is planted in them."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy.io import savemat

from training.prepare.__main__ import main

Planted = dict[str, tuple[np.ndarray, np.ndarray]]
"""Stem → (label map in the ids that the lab stores, photo), both (H, W, …)."""


def save(path: Path, pixels: np.ndarray) -> None:
    """A picture or map, its folder made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **({"quality": 100} if path.suffix == ".jpg" else {}))


def photo(size: tuple[int, int], seed: int) -> np.ndarray:
    """Smooth random colours, so that JPEG changes little."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (3, 4, 3), dtype=np.uint8))
    return np.asarray(coarse.resize(size, Image.Resampling.BICUBIC))


def run(name: str, source: Path, out: Path | None, *more: str) -> int:
    """The command line on one thread."""
    place = [] if out is None else ["--out", str(out)]
    return main([name, "--source", str(source), *place, "--workers", "1", *more])


def street(seed: int) -> np.ndarray:
    """Sky, road, two cars that touch at a corner, a third apart, a speck of car, a void strip."""
    labels = np.zeros((36, 48), dtype=np.uint8)
    labels[18:] = 3
    labels[20:27, 4:11] = 8
    labels[27:34, 11:18] = 8  # touches the first at a corner: one object
    labels[22:30, 26 + seed : 34 + seed] = 8
    labels[32:34, 40:44] = 8  # 8 pixels
    labels[5:13, 30:40] = 1  # a building is no thing
    labels[:, 46:] = 11
    return labels


def segnet(root: Path) -> Planted:
    """CamVid of the SegNet authors: two training frames, one of each other split."""
    planted: Planted = {}
    for seed, (split, stem) in enumerate(
        [
            ("train", "0001TP_006690"),
            ("train", "0006R0_f00930"),
            ("val", "0016E5_07959"),
            ("test", "Seq05VD_f00000"),
        ]
    ):
        planted[stem] = street(seed), photo((48, 36), seed)
        save(root / f"{split}annot" / f"{stem}.png", planted[stem][0])
        save(root / split / f"{stem}.png", planted[stem][1])
    return planted


def camvid(root: Path) -> Planted:
    """CamVid of its owners, painted in `PAINT`, one colour of each group at least."""
    planted: Planted = {}
    for seed, stem in enumerate(
        ["0001TP_006690", "0001TP_008550", "0016E5_00390", "0016E5_08159", "Seq05VD_f00000"]
    ):
        rng = np.random.default_rng(seed)
        blocks = rng.permutation(np.arange(32).repeat(2)).reshape(8, 8)
        which = blocks.repeat(6, 0).repeat(8, 1)
        colors = np.array([color for color, _ in PAINT], dtype=np.uint8)
        ids = np.array([label for _, label in PAINT], dtype=np.uint8)
        planted[stem] = ids[which], photo((64, 48), seed)
        save(root / "LabeledApproved_full" / f"{stem}_L.png", colors[which])
        save(root / "701_StillsRaw_full" / f"{stem}.png", planted[stem][1])
    return planted


# Another spelling of the converter's table: CamVid's own order of classes, by name.
PAINT = [
    ((64, 128, 64), 9),  # Animal
    ((192, 0, 128), 1),  # Archway
    ((0, 128, 192), 10),  # Bicyclist
    ((0, 128, 64), 1),  # Bridge
    ((128, 0, 0), 1),  # Building
    ((64, 0, 128), 8),  # Car
    ((64, 0, 192), 9),  # CartLuggagePram
    ((192, 128, 64), 9),  # Child
    ((192, 192, 128), 2),  # Column_Pole
    ((64, 64, 128), 7),  # Fence
    ((128, 0, 192), 3),  # LaneMkgsDriv
    ((192, 0, 64), 3),  # LaneMkgsNonDriv
    ((128, 128, 64), 6),  # Misc_Text
    ((192, 0, 192), 10),  # MotorcycleScooter
    ((128, 64, 64), 8),  # OtherMoving
    ((64, 192, 128), 4),  # ParkingBlock
    ((64, 64, 0), 9),  # Pedestrian
    ((128, 64, 128), 3),  # Road
    ((128, 128, 192), 4),  # RoadShoulder
    ((0, 0, 192), 4),  # Sidewalk
    ((192, 128, 128), 6),  # SignSymbol
    ((128, 128, 128), 0),  # Sky
    ((64, 128, 192), 8),  # SUVPickupTruck
    ((0, 0, 64), 2),  # TrafficCone
    ((0, 64, 64), 6),  # TrafficLight
    ((192, 64, 128), 8),  # Train
    ((128, 128, 0), 5),  # Tree
    ((192, 128, 192), 8),  # Truck_Bus
    ((64, 0, 64), 1),  # Tunnel
    ((192, 192, 0), 5),  # VegetationMisc
    ((0, 0, 0), 11),  # Void
    ((64, 192, 0), 1),  # Wall
]


def celeba(root: Path) -> Planted:
    """CelebAMask-HQ: pictures 0, 1, 1999 and 2000, whose numbers in CelebA give three splits."""
    planted: Planted = {}
    rows = ["idx orig_idx orig_file"]
    for seed, (number, origin) in enumerate(
        [(0, 119613), (1, 162770), (1999, 162771), (2000, 182638)]
    ):
        labels = np.zeros((32, 32), dtype=np.uint8)
        masks = {"skin": (4, 28, 4, 28), "nose": (14, 20, 14, 18), "hair": (2, 12, 2, 30)}
        masks |= {"l_eye": (10, 14, 18, 24)}  # under the hair, which comes later in the list
        ids = {"skin": 1, "nose": 2, "l_eye": 4, "hair": 13}
        for part, (top, bottom, left, right) in sorted(masks.items(), key=lambda it: ids[it[0]]):
            mask = np.zeros((32, 32, 3), dtype=np.uint8)
            mask[top + seed : bottom, left:right] = 255
            labels[top + seed : bottom, left:right] = ids[part]
            save(
                root / "CelebAMask-HQ-mask-anno" / str(number // 2000) / f"{number:05}_{part}.png",
                mask,
            )
        picture = photo((64, 64), seed)
        save(root / "CelebA-HQ-img" / f"{number}.jpg", picture)
        rows.append(f"{number}     {origin}      {origin:06}.jpg")
        planted[f"{number:05}"] = labels, picture
    (root / "CelebA-HQ-to-CelebA-mapping.txt").write_text("\n".join(rows) + "\n")
    return planted


def ade20k(root: Path) -> Planted:
    """ADEChallengeData2016: two training pictures of different sizes, one of validation."""
    planted: Planted = {}
    for seed, (folder, stem, size) in enumerate(
        [
            ("training", "ADE_train_00000001", (60, 40)),
            ("training", "ADE_train_00000002", (48, 64)),
            ("validation", "ADE_val_00000001", (50, 50)),
        ]
    ):
        ids = np.ones((size[1], size[0]), dtype=np.uint8)  # wall
        ids[30:] = 4  # floor
        ids[5:13, 4:12], ids[5:13, 14:24] = 149, 149  # clocks
        ids[20:30, 20:30], ids[2:4, 40:44] = 13, 13  # a person, and a speck of one
        ids[:, :2] = 0
        planted[stem] = np.where(ids == 0, 255, ids - 1).astype(np.uint8), photo(size, seed)
        save(root / "annotations" / folder / f"{stem}.png", ids)
        save(root / "images" / folder / f"{stem}.jpg", planted[stem][1])
    return planted


def cityscapes(root: Path) -> tuple[Planted, dict[str, np.ndarray]]:
    """Cityscapes' folders: frames of two cities and one of validation; also the instance maps."""
    planted: Planted = {}
    instances: dict[str, np.ndarray] = {}
    for seed, (split, city) in enumerate(
        [("train", "aachen"), ("train", "ulm"), ("val", "lindau")]
    ):
        stem = f"{city}_00000{seed}_000019"
        labels = np.full((32, 64), 7, dtype=np.uint8)
        labels[:10], labels[28:] = 23, 1
        labels[12:22, 4:16] = 26
        objects = labels.astype(np.uint16)
        objects[12:22, 4:10], objects[12:22, 10:16] = 26000, 26001  # cars that touch
        labels[12:22, 30:40] = objects[12:22, 30:40] = 24  # a group of people, not divided
        planted[stem], instances[stem] = (labels, photo((64, 32), seed)), objects
        stem_of = root / "gtFine" / split / city / f"{stem}_gtFine"
        save(stem_of.with_name(f"{stem_of.name}_labelIds.png"), labels)
        save(stem_of.with_name(f"{stem_of.name}_instanceIds.png"), objects)
        save(root / "leftImg8bit" / split / city / f"{stem}_leftImg8bit.png", planted[stem][1])
    return planted, instances


def nyuv2(root: Path, h5py: Any) -> tuple[Planted, dict[str, np.ndarray]]:
    """The labelled subset with three rooms and five names; also the instance maps."""
    root.mkdir(parents=True)
    planted: Planted = {}
    instances: dict[str, np.ndarray] = {}
    raw = np.zeros((3, 480, 640), dtype=np.uint16)
    objects = np.zeros((3, 480, 640), dtype=np.uint8)
    pictures = np.stack([photo((640, 480), seed) for seed in range(3)])
    for index in range(3):
        raw[index, 16:], raw[index, 300:] = 1, 2  # wall, floor; the topmost rows unlabelled
        objects[index, 16:] = 1
        for label, number, (left, right) in [
            (3, 1, (100, 150)),
            (3, 2, (150, 180 + index)),  # touches the first: the owner tells them apart
            (4, 1, (300, 400)),  # another kind of chair, which counts from 1 again
            (5, 1, (500, 520)),  # something else
        ]:
            raw[index, 200:260, left:right], objects[index, 200:260, left:right] = label, number
        ids = np.array([39, 0, 1, 4, 4, 39])[raw[index]]
        own = ids.copy()
        own[200:260, 300:400] = 4000
        own[200:260, 100:150], own[200:260, 150 : 180 + index] = 4001, 4002
        inner = slice(16, -16), slice(16, -16)
        planted[f"nyu_{index + 1:04}"] = ids[inner].astype(np.uint8), pictures[index][inner]
        instances[f"nyu_{index + 1:04}"] = own[inner]
    with h5py.File(root / "nyu_depth_v2_labeled.mat", "w") as file:
        file["images"] = pictures.transpose(0, 3, 2, 1)  # MATLAB stores columns first
        file["labels"], file["instances"] = raw.transpose(0, 2, 1), objects.transpose(0, 2, 1)
        file["names"] = np.zeros((1, 5))
    savemat(root / "classMapping40.mat", {"mapClass": np.array([[1, 2, 5, 5, 40]])})
    savemat(root / "splits.mat", {"trainNdxs": np.array([[1], [3]]), "testNdxs": np.array([[2]])})
    return planted, instances
