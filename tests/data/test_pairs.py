"""Pairs of layouts and photos: matching, void, windows, mirrors, determinism, error sentences."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from PIL import Image

from lab.data.cityscapes import Cityscapes
from lab.data.crops import Sample
from lab.data.faces import FACES, Faces
from lab.data.indoor import Indoor
from lab.data.labels import IGNORE, LabelSpace
from lab.data.pairs import PairedDataset
from lab.data.streets import STREETS, Streets

Writer = Callable[..., Path]


def same(a: Sample, b: Sample) -> bool:
    return a["name"] == b["name"] and all(
        torch.equal(a[key], b[key]) for key in ("labels", "instances", "photo")
    )


def photo_says(sample: Sample) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Labels, columns and rows that the photo of `tiny_dataset` encodes."""
    red, green, blue = sample["photo"].mul(255).round().long()
    return red // 20, green, blue


def test_sample_has_the_types_shapes_and_ids_of_the_files(tiny_dataset: Writer) -> None:
    data = Streets(tiny_dataset(), "train")
    sample = data[0]
    assert sample["labels"].shape == sample["instances"].shape == (32, 48)
    assert sample["labels"].dtype == sample["instances"].dtype == torch.int64
    assert sample["photo"].shape == (3, 32, 48)
    assert sample["photo"].dtype == torch.float32
    assert sample["name"] == "frame_000"
    assert sample["labels"].unique().tolist() == [0, 3, 8]
    assert sample["instances"].unique().tolist() == [0, 3, 8000, 8001]
    assert torch.equal(photo_says(sample)[0], sample["labels"])


def test_ids_of_32_bits_survive(tiny_dataset: Writer) -> None:
    root = tiny_dataset()
    for path in (root / "train_inst").iterdir():
        Image.fromarray(np.full((32, 48), 70_001, dtype=np.int32)).save(path.with_suffix(".tif"))
        path.unlink()
        path.with_suffix(".tif").rename(path)  # a PNG has 16 bits at most; the content counts
    assert Streets(root)[0]["instances"].unique().tolist() == [70_001]


def test_without_instance_files_the_label_map_is_the_instance_map(tiny_dataset: Writer) -> None:
    sample = Streets(tiny_dataset(instances=False))[0]
    assert torch.equal(sample["instances"], sample["labels"])


@pytest.mark.parametrize(("dataset", "void"), [(Streets, 11), (Indoor, 39), (Cityscapes, 34)])
def test_void_and_255_become_ignore_in_both_maps(
    tiny_dataset: Writer, dataset: type[PairedDataset], void: int
) -> None:
    root = tiny_dataset(2)
    labels = np.zeros((32, 48), dtype=np.uint8)
    labels[:4], labels[4:8] = void, IGNORE
    Image.fromarray(labels).save(root / "train_label" / "frame_000.png")
    sample = dataset(root)[0]
    assert (sample["labels"][:8] == IGNORE).all()
    assert (sample["instances"][:8] == IGNORE).all()
    assert (sample["labels"][8:] == 0).all()
    assert sample["instances"][8:].unique().tolist() == [0, 3, 8000, 8001]


def test_the_last_tenth_validates_and_nothing_is_in_both(tiny_dataset: Writer) -> None:
    root = tiny_dataset(20)
    train, val = Streets(root, "train"), Streets(root, "val")
    assert [data[i]["name"] for data in (val,) for i in range(len(data))] == [
        "frame_018",
        "frame_019",
    ]
    assert len(train) == 18
    assert train[17]["name"] == "frame_017"


def test_splits_json_decides(tiny_dataset: Writer) -> None:
    root = tiny_dataset(4)
    table = {"train": ["frame_003", "frame_001"], "val": ["frame_000"], "test": ["frame_002"]}
    (root / "splits.json").write_text(json.dumps(table))
    for split, stems in table.items():
        data = Streets(root, split)
        assert [data[i]["name"] for i in range(len(data))] == sorted(stems)
    (root / "splits.json").write_text(json.dumps({"val": ["frame_009"], "train": []}))
    with pytest.raises(ValueError, match=r"lists frame_009 under 'val'"):
        Streets(root, "val")
    with pytest.raises(ValueError, match=r"'train' of .* is empty"):
        Streets(root, "train")
    (root / "splits.json").write_text("[")
    with pytest.raises(ValueError, match=r"splits.json is not JSON"):
        Streets(root, "val")


def test_own_folders_of_a_split_win(tiny_dataset: Writer) -> None:
    tiny_dataset(3, split="val")
    root = tiny_dataset(20, split="train")
    assert (len(Streets(root, "train")), len(Streets(root, "val"))) == (20, 3)


def test_size_resizes_all_three_and_makes_no_new_ids(tiny_dataset: Writer) -> None:
    sample = Streets(tiny_dataset(), size=(24, 20))[0]
    assert sample["labels"].shape == sample["instances"].shape == (20, 24)
    assert sample["photo"].shape == (3, 20, 24)
    assert sample["instances"].unique().tolist() == [0, 3, 8000, 8001]


def test_crop_takes_the_same_window_of_all_three(tiny_dataset: Writer) -> None:
    root = tiny_dataset()
    whole, cut = Streets(root), Streets(root, crop=(20, 12))
    corners = set()
    for epoch in range(8):
        cut.set_epoch(epoch)
        sample = cut[1]
        labels, columns, rows = photo_says(sample)
        top, left = int(rows[0, 0]), int(columns[0, 0])
        corners.add((top, left))
        assert sample["labels"].shape == (12, 20)
        assert torch.equal(labels, sample["labels"])
        expected = whole[1]["instances"][top : top + 12, left : left + 20]
        assert torch.equal(sample["instances"], expected)
    assert len(corners) > 1


def test_crop_looks_for_two_classes(tiny_dataset: Writer) -> None:
    data = Streets(tiny_dataset(), crop=(16, 8), flip=True)
    found = 0
    for epoch in range(20):
        data.set_epoch(epoch)
        found += len(data[0]["labels"].unique()) >= 2
    assert found >= 19  # one draw in two shows two classes, so ten draws fail once in a thousand


def test_crop_gives_up_on_a_picture_of_one_class(tiny_dataset: Writer) -> None:
    root = tiny_dataset(2)
    for kind in ("label", "inst"):
        Image.new("L", (48, 32)).save(root / f"train_{kind}" / "frame_000.png")
    assert Streets(root, crop=(8, 8))[0]["labels"].unique().tolist() == [0]


def test_flip_mirrors_all_three_in_half_of_the_epochs(tiny_dataset: Writer) -> None:
    root = tiny_dataset()
    plain, data = Streets(root)[0], Streets(root, flip=True)
    mirrored = 0
    for epoch in range(40):
        data.set_epoch(epoch)
        sample = data[0]
        flipped = int(photo_says(sample)[1][0, 0]) == 47
        mirrored += flipped
        for key in ("labels", "instances", "photo"):
            assert torch.equal(sample[key], plain[key].flip(-1) if flipped else plain[key])
    assert 8 < mirrored < 32


def test_a_mirrored_face_has_left_and_right_exchanged(tmp_path: Path) -> None:
    labels = np.tile(np.arange(len(FACES), dtype=np.uint8), (8, 1))
    for kind in ("label", "img"):
        (tmp_path / f"train_{kind}").mkdir()
        Image.fromarray(labels).save(tmp_path / f"train_{kind}" / "a.png")
    data = Faces(tmp_path, flip=True)
    pairs = [(names, names.replace("left", "right")) for names in FACES.names if "left" in names]
    assert len(pairs) == 3
    seen = 0
    for epoch in range(20):
        data.set_epoch(epoch)
        row = data[0]["labels"][0].tolist()
        if row[0] == 0:
            continue
        seen += 1
        names = [FACES.names[i] for i in reversed(row)]
        for left, right in pairs:
            assert names[FACES.index(left)] == right
            assert names[FACES.index(right)] == left
        sided = {FACES.index(name) for pair in pairs for name in pair}
        assert all(row[::-1][i] == i for i in range(len(FACES)) if i not in sided)
        assert torch.equal(data[0]["instances"], data[0]["labels"])
    assert seen


def test_numbered_objects_change_class_in_a_mirror_too(tiny_dataset: Writer) -> None:
    class Swapped(Streets):
        mirror: ClassVar[dict[int, int]] = {8: 9, 9: 8}

    data = Swapped(tiny_dataset(), flip=True)
    for epoch in range(20):
        data.set_epoch(epoch)
        sample = data[0]
        if int(photo_says(sample)[1][0, 0]) == 47:
            assert sample["labels"].unique().tolist() == [0, 3, 9]
            assert sample["instances"].unique().tolist() == [0, 3, 9000, 9001]
            return
    pytest.fail("no mirrored sample in twenty epochs")


def test_samples_depend_on_seed_epoch_and_index_alone(tiny_dataset: Writer) -> None:
    root, options = tiny_dataset(), {"crop": (16, 16), "flip": True}
    first, second = Streets(root, seed=3, **options), Streets(root, seed=3, cache=False, **options)
    for epoch in (0, 1, 0):
        first.set_epoch(epoch)
        second.set_epoch(epoch)
        second[2]  # what was read before makes no difference
        assert all(same(first[i], second[i]) for i in range(len(first)))
    first.set_epoch(1)
    assert not all(same(first[i], second[i]) for i in range(len(first)))
    other = Streets(root, seed=4, **options)
    assert not all(same(other[i], second[i]) for i in range(len(first)))


def test_changing_a_sample_leaves_the_dataset_alone(tiny_dataset: Writer) -> None:
    data = Streets(tiny_dataset())
    before = data[0]["photo"].clone()
    data[0]["photo"].zero_()
    data[0]["labels"].zero_()
    assert torch.equal(data[0]["photo"], before)
    assert data[0]["labels"].any()


def test_negative_indices_count_from_the_end(tiny_dataset: Writer) -> None:
    data = Streets(tiny_dataset(3))
    assert same(data[-1], data[len(data) - 1])
    with pytest.raises(IndexError):
        data[len(data)]


def test_different_sizes_name_the_file_and_both_sizes(tiny_dataset: Writer) -> None:
    root = tiny_dataset(2)
    Image.new("RGB", (48, 30)).save(root / "train_img" / "frame_000.png")
    with pytest.raises(ValueError, match=r"frame_000.png .*48x32 but .*train_img is 48x30"):
        Streets(root)[0]


def test_unknown_ids_name_the_file_and_the_ids(tiny_dataset: Writer) -> None:
    root = tiny_dataset(2)
    Image.new("L", (48, 32), 77).save(root / "train_label" / "frame_000.png")
    with pytest.raises(ValueError, match=r"frame_000.png: .*does not have: 77;"):
        Streets(root)[0]


def test_an_object_numbered_like_the_unlabelled_stays_an_object(tiny_dataset: Writer) -> None:
    class Voided(Streets):
        space: ClassVar[LabelSpace] = dataclasses.replace(STREETS, void=frozenset({3}))

    root = tiny_dataset(1)
    plain = Voided(root)[0]["instances"]
    path = root / "train_inst" / "frame_000.png"
    ids = np.asarray(Image.open(path))
    Image.fromarray(np.where(ids == 8001, 255, ids).astype(np.uint16)).save(path)
    found = Voided(root)[0]["instances"]
    # The same partition into objects, and only what is unlabelled has the id of that.
    pairs = torch.stack([plain.flatten(), found.flatten()]).unique(dim=1)
    assert pairs.shape[1] == len(plain.unique()) == len(found.unique())
    assert torch.equal(found == IGNORE, plain == IGNORE)
    assert torch.equal(found[plain != 8001], plain[plain != 8001])


def test_broken_files_are_named(tiny_dataset: Writer) -> None:
    root = tiny_dataset(2)
    for kind in ("img", "inst", "label"):
        path = root / f"train_{kind}" / "frame_000.png"
        path.write_bytes(path.read_bytes()[:-40])
        with pytest.raises(ValueError, match=r"frame_000.png is damaged"):
            Streets(root)[0]


def test_missing_and_empty_folders_say_what_was_expected(
    tiny_dataset: Writer, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError, match=r"no folder train_label in .*<split>_label"):
        Streets(tmp_path / "nothing")
    root = tiny_dataset()
    with pytest.raises(FileNotFoundError, match="no folder test_label"):
        Streets(root, "test")
    for path in (root / "train_img").iterdir():
        path.unlink()
    with pytest.raises(ValueError, match=r"train_img holds no files; expected .jpg"):
        Streets(root)


@pytest.mark.parametrize("kind", ["label", "img", "inst"])
def test_hidden_files_are_none(tiny_dataset: Writer, kind: str) -> None:
    root = tiny_dataset(3)
    names = [sample["name"] for sample in Streets(root)]
    folder = root / f"train_{kind}"
    (folder / "._frame_000.png").write_bytes(b"no picture")
    assert [sample["name"] for sample in Streets(root)] == names
    for path in folder.glob("frame_*"):
        path.unlink()
    with pytest.raises(ValueError, match=f"The folder .*train_{kind} holds no files"):
        Streets(root)


def test_files_without_counterpart_are_named(tiny_dataset: Writer) -> None:
    root = tiny_dataset(3)
    (root / "train_inst" / "frame_001.png").unlink()
    with pytest.raises(ValueError, match=r"train_inst has no file for frame_001.png"):
        Streets(root)
    root = tiny_dataset(3)
    (root / "train_label" / "frame_002.png").unlink()
    with pytest.raises(ValueError, match=r"train_label has no file for frame_002.png"):
        Streets(root)


def test_two_photos_of_one_stem_are_refused(tiny_dataset: Writer) -> None:
    root = tiny_dataset()
    Image.new("RGB", (48, 32)).save(root / "train_img" / "frame_000.jpg")
    with pytest.raises(ValueError, match=r"holds both frame_000.jpg and frame_000.png"):
        Streets(root)


def test_a_window_that_does_not_fit_is_refused(tiny_dataset: Writer) -> None:
    root = tiny_dataset()
    with pytest.raises(ValueError, match="window of 64x8 does not fit the samples of 32x32"):
        Streets(root, size=(32, 32), crop=(64, 8))
    with pytest.raises(ValueError, match="window of 64x8 does not fit frame_000 of 48x32"):
        Streets(root, crop=(64, 8))[0]


def test_cityscapes_is_read_from_both_kinds_of_folders(
    tiny_dataset: Writer, tmp_path: Path
) -> None:
    root, official = tiny_dataset(2, split="val"), tmp_path / "official"
    endings = {"label": "_gtFine_labelIds", "inst": "_gtFine_instanceIds", "img": "_leftImg8bit"}
    for kind, ending in endings.items():
        for path in sorted((root / f"val_{kind}").iterdir()):
            top = official / ("leftImg8bit" if kind == "img" else "gtFine") / "val" / path.stem
            top.mkdir(parents=True, exist_ok=True)
            (top / f"{path.stem}{ending}.png").write_bytes(path.read_bytes())
            path.rename(path.with_name(f"{path.stem}{ending}.png"))
    flat, nested = Cityscapes(root, "val"), Cityscapes(official, "val")
    assert len(flat) == len(nested) == 2
    assert all(same(flat[i], nested[i]) for i in range(2))
    assert flat[0]["name"] == "frame_000"
    with pytest.raises(FileNotFoundError, match="test; expected one per split"):
        Cityscapes(official, "test")


@pytest.mark.parametrize(
    ("dataset", "folder", "counts", "size"),
    [
        (Streets, "streets", (367, 101), (480, 360)),
        (Faces, "faces", (810, 90), (512, 512)),
        (Indoor, "indoor", (981, 109), (608, 448)),
        (Cityscapes, "cityscapes_sample", (7, 1), (2048, 1024)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_real_data_are_readable(
    shared: Path,
    dataset: type[PairedDataset],
    folder: str,
    counts: tuple[int, int],
    size: tuple[int, int],
) -> None:
    root = shared / "data" / folder
    train, val = dataset(root, "train"), dataset(root, "val")
    assert (len(train), len(val)) == counts
    sample = val[0]
    assert sample["labels"].shape == sample["instances"].shape == size[::-1]
    assert sample["photo"].shape == (3, *size[::-1])
    known = sample["labels"] != IGNORE
    assert known.any()
    objects = known & (sample["instances"] >= 1000)
    assert torch.equal(sample["instances"][objects] // 1000, sample["labels"][objects])
    stuff = known & (sample["instances"] < 1000)
    assert torch.equal(sample["instances"][stuff], sample["labels"][stuff])


def test_splits_of_the_real_streets_do_not_overlap(shared: Path) -> None:
    files = [Streets(shared / "data" / "streets", split).files() for split in ("train", "val")]
    train, val = ({file.name for file in part} for part in files)
    assert not train & val
    assert len(STREETS) == 11
