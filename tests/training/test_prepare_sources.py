"""Every owner's form → the lab's datasets: what was planted arrives."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lab.catalog import DATASETS
from lab.data.labels import IGNORE
from lab.images import open_ids
from tests.training import owners
from tests.training.owners import Planted, run
from training.prepare.camvid import split_of_stem


def arrives(root: Path, dataset: str, planted: Planted, splits: dict[str, list[str]]) -> dict:
    """The instance maps that the dataset reads, after labels and photos were compared."""
    kind, objects = DATASETS[dataset], {}
    for split, stems in splits.items():
        read = kind(root, split)
        assert [read[index]["name"] for index in range(len(read))] == stems
        for sample in (read[index] for index in range(len(read))):
            labels, photo = planted[sample["name"]]
            expected = np.where(np.isin(labels, [*kind.space.void]), IGNORE, labels)
            assert np.array_equal(sample["labels"].numpy(), expected)
            pixels = (sample["photo"].permute(1, 2, 0) * 255).round().numpy()
            assert pixels.shape == photo.shape
            assert np.abs(pixels - photo).mean() < 4  # JPEG
            objects[sample["name"]] = sample["instances"].numpy()
    return objects


# --- CamVid --------------------------------------------------------------------------------------


def test_camvid_of_the_segnet_authors(tmp_path) -> None:
    planted = owners.segnet(tmp_path / "in")
    assert run("camvid", tmp_path / "in", tmp_path / "out") == 0
    splits = {
        "train": ["0001TP_006690", "0006R0_f00930"],
        "val": ["0016E5_07959"],
        "test": ["Seq05VD_f00000"],
    }
    objects = arrives(tmp_path / "out", "streets", planted, splits)
    for seed, stem in enumerate(planted):
        labels = planted[stem][0]
        expected = np.where(labels == 11, IGNORE, labels).astype(int)  # the speck stays stuff
        expected[20:27, 4:11] = expected[27:34, 11:18] = 8000  # a corner joins them
        expected[22:30, 26 + seed : 34 + seed] = 8001
        assert np.array_equal(objects[stem], expected)


def test_camvid_of_its_owners_in_every_colour(tmp_path) -> None:
    planted = owners.camvid(tmp_path / "in")
    lines = [f"{r} {g} {b}\t\t{'x'}" for (r, g, b), _ in owners.PAINT[:1]]
    assert run("camvid", tmp_path / "in", tmp_path / "out") == 0
    splits = {
        "train": ["0001TP_006690", "0016E5_00390"],
        "val": ["0016E5_08159"],
        "test": ["0001TP_008550", "Seq05VD_f00000"],
    }
    arrives(tmp_path / "out", "streets", planted, splits)
    (tmp_path / "in" / "label_colors.txt").write_text("\n".join(lines))
    assert run("camvid", tmp_path / "in", tmp_path / "again") == 2  # 64 128 64 is no x
    (tmp_path / "in" / "label_colors.txt").write_text("64 128 64\t\tAnimal\n128 0 0  Building\n\n")
    assert run("camvid", tmp_path / "in", tmp_path / "again") == 0


def test_splits_of_ones_own_take_the_place_of_camvids(tmp_path, capsys) -> None:
    planted = owners.camvid(tmp_path / "in")
    own = tmp_path / "splits.json"
    table = {"train": ["Seq05VD_f00000", "0016E5_00390"], "val": ["0001TP_006690"]}
    own.write_text(json.dumps(table))
    assert run("camvid", tmp_path / "in", tmp_path / "out", "--splits", str(own)) == 0
    arrives(tmp_path / "out", "streets", planted, {k: sorted(v) for k, v in table.items()})
    assert "2 pairs are in no split and left out" in capsys.readouterr().out
    for wrong, sentence in [
        ({"train": ["nothing"]}, "The splits list nothing (1 such)"),
        ({"train": ["0016E5_00390"] * 2}, "lists 0016E5_00390 more than once"),
        (["0016E5_00390"], "holds other things"),
    ]:
        own.write_text(json.dumps(wrong))
        assert run("camvid", tmp_path / "in", tmp_path / "new", "--splits", str(own)) == 2
        assert sentence in capsys.readouterr().err.splitlines()[-1]
    own.write_text("{")
    assert run("camvid", tmp_path / "in", tmp_path / "new", "--splits", str(own)) == 2


def test_colours_that_are_not_camvids_are_void_when_few_and_refused_when_many(
    tmp_path, capsys
) -> None:
    planted = owners.camvid(tmp_path / "in")
    path = tmp_path / "in" / "LabeledApproved_full" / "0001TP_006690_L.png"
    pixels = np.asarray(Image.open(path)).copy()
    pixels[0, :5] = 1
    Image.fromarray(pixels).save(path)
    labels = planted["0001TP_006690"][0].copy()
    labels[0, :5] = 11
    assert run("camvid", tmp_path / "in", tmp_path / "out") == 0
    assert "0001TP_006690: 5 pixels in unknown colours are void" in capsys.readouterr().out
    written = open_ids(tmp_path / "out" / "train_label" / "0001TP_006690.png")
    assert np.array_equal(written, labels)
    pixels[:20] = 1
    Image.fromarray(pixels).save(path)
    assert run("camvid", tmp_path / "in", tmp_path / "new") == 2
    assert "colours that are not CamVid's" in capsys.readouterr().err


def test_the_splits_of_camvid_are_those_of_the_segnet_authors(shared) -> None:
    """Their lists of 367 and 101 frames, which the data folder keeps."""
    path = shared / "data" / "streets" / "splits.json"
    if not path.is_file():
        pytest.skip("needs ../shared/data/streets")
    table = json.loads(path.read_text())
    for split in ("train", "val"):
        assert {split_of_stem(stem) for stem in table[split]} == {split}
    assert (len(table["train"]), len(table["val"])) == (367, 101)
    with pytest.raises(ValueError, match="no frame of CamVid"):
        split_of_stem("frame_0001")


def test_the_streets_beside_the_repository_come_back_as_they_are(tmp_path, shared) -> None:
    """In SegNet's form → labels and instances, made independently, equal to the last pixel."""
    streets = shared / "data" / "streets"
    if not streets.is_dir():
        pytest.skip("needs ../shared/data/streets")
    table, chosen = json.loads((streets / "splits.json").read_text()), {}
    for split in ("train", "val"):
        chosen[split] = table[split][:: len(table[split]) // 6][:6]
        for kind in ("", "annot"):
            (tmp_path / "in" / f"{split}{kind}").mkdir(parents=True)
        for stem in chosen[split]:
            shutil.copy(streets / "train_img" / f"{stem}.jpg", tmp_path / "in" / split)
            label = streets / "train_label" / f"{stem}.png"
            shutil.copy(label, tmp_path / "in" / f"{split}annot")
    assert run("camvid", tmp_path / "in", tmp_path / "out") == 0
    for split, stems in chosen.items():
        for stem in stems:
            for kind in ("label", "inst"):
                here = open_ids(tmp_path / "out" / f"{split}_{kind}" / f"{stem}.png")
                there = open_ids(streets / f"train_{kind}" / f"{stem}.png")
                assert np.array_equal(here, there), (stem, kind)


# --- the others ----------------------------------------------------------------------------------


def test_celebamask_hq(tmp_path, capsys) -> None:
    planted = owners.celeba(tmp_path / "in")
    half = {
        name: (labels, np.asarray(Image.fromarray(photo).resize((32, 32), Image.Resampling.BOX)))
        for name, (labels, photo) in planted.items()
    }
    assert run("celebamask-hq", tmp_path / "in", tmp_path / "out") == 0
    assert "objects: the label map itself" in capsys.readouterr().out
    splits = {"train": ["00000", "00001"], "val": ["01999"], "test": ["02000"]}
    objects = arrives(tmp_path / "out", "faces", half, splits)
    for stem, ids in objects.items():
        assert np.array_equal(ids, planted[stem][0])  # the parts are the objects
    assert not list((tmp_path / "out").glob("*_inst"))
    assert run("celebamask-hq", tmp_path / "in", tmp_path / "large", "--size", "64x64") == 0
    copied = tmp_path / "large" / "train_img" / "00001.jpg"
    assert copied.read_bytes() == (tmp_path / "in" / "CelebA-HQ-img" / "1.jpg").read_bytes()


def test_what_celebamask_hq_lacks_is_named(tmp_path, capsys) -> None:
    owners.celeba(tmp_path / "in")
    masks = tmp_path / "in" / "CelebAMask-HQ-mask-anno"
    mapping = tmp_path / "in" / "CelebA-HQ-to-CelebA-mapping.txt"
    lines = mapping.read_text().splitlines()
    mapping.write_text("\n".join(lines[:-1]))
    assert run("celebamask-hq", tmp_path / "in", tmp_path / "out") == 2
    mapping.unlink()
    assert run("celebamask-hq", tmp_path / "in", tmp_path / "out") == 2
    mapping.write_text("\n".join(lines))
    shutil.rmtree(masks / "1")
    assert run("celebamask-hq", tmp_path / "in", tmp_path / "out") == 2
    last = [line for line in capsys.readouterr().err.splitlines() if "prepare:" in line]
    assert "no line for 02000 (1 missing)" in last[0]
    assert "There is no CelebA-HQ-to-CelebA-mapping.txt" in last[1]
    assert "2000.jpg has no mask" in last[2]


def test_ade20k(tmp_path) -> None:
    planted = owners.ade20k(tmp_path / "in")
    assert run("ade20k", tmp_path / "in", tmp_path / "out") == 0
    splits = {
        "train": ["ADE_train_00000001", "ADE_train_00000002"],
        "val": ["ADE_val_00000001"],
    }
    objects = arrives(tmp_path / "out", "ade20k", planted, splits)
    for stem, ids in objects.items():
        labels = planted[stem][0]
        expected = labels.astype(int)
        expected[20:30, 20:30] = 1000  # the person
        expected[5:13, 14:24], expected[5:13, 4:12] = 1001, 1002  # clocks, the larger first
        assert np.array_equal(ids, expected)
    record = json.loads((tmp_path / "out" / "prepared.json").read_text())
    assert record["objects"] == {"person": 3, "clock": 6}
    assert record["sizes"] == "3 sizes, 60x40 to 48x64"


def test_an_id_beyond_ade20ks_classes_is_refused(tmp_path, capsys) -> None:
    owners.ade20k(tmp_path / "in")
    path = tmp_path / "in" / "annotations" / "validation" / "ADE_val_00000001.png"
    Image.fromarray(np.full((50, 50), 151, dtype=np.uint8)).save(path)
    assert run("ade20k", tmp_path / "in", tmp_path / "out") == 2
    assert "has the id 151; expected 0 to 150" in capsys.readouterr().err


def test_cityscapes_is_checked_in_place_and_written_flat(tmp_path, capsys) -> None:
    planted, instances = owners.cityscapes(tmp_path / "in")
    assert run("cityscapes", tmp_path / "in", None) == 0
    assert "6 objects" in capsys.readouterr().out
    assert run("cityscapes", tmp_path / "in", tmp_path / "out") == 0
    capsys.readouterr()
    assert run("cityscapes", tmp_path / "out", None) == 0  # what was written is checked as well
    assert "6 objects" in capsys.readouterr().out
    train = ["aachen_000000_000019", "ulm_000001_000019"]
    splits = {"train": train, "val": ["lindau_000002_000019"]}
    for root in (tmp_path / "in", tmp_path / "out"):  # the lab reads both alike
        objects = arrives(root, "cityscapes", planted, splits)
        for stem, ids in objects.items():
            assert np.array_equal(ids, instances[stem])
    record = json.loads((tmp_path / "out" / "prepared.json").read_text())
    assert record["objects"] == {"car": 6} and record["objects_from"] == "the owner's instances"


def test_instances_of_other_classes_than_their_labels_are_refused(tmp_path, capsys) -> None:
    _, instances = owners.cityscapes(tmp_path / "in")
    path = next((tmp_path / "in" / "gtFine" / "val").rglob("*_instanceIds.png"))
    wrong = instances["lindau_000002_000019"].copy()
    wrong[wrong == 26001] = 24001
    Image.fromarray(wrong).save(path)
    assert run("cityscapes", tmp_path / "in", None) == 2
    assert "60 pixels whose instance is of another class" in capsys.readouterr().err


def test_nyuv2(tmp_path) -> None:
    planted, instances = owners.nyuv2(tmp_path / "in", pytest.importorskip("h5py"))
    assert run("nyuv2", tmp_path / "in", tmp_path / "out") == 0
    # The owners have no validation split: the lab takes it out of the training part.
    splits = {"train": ["nyu_0001"], "val": ["nyu_0003"], "test": ["nyu_0002"]}
    objects = arrives(tmp_path / "out", "indoor", planted, splits)
    for stem, ids in objects.items():
        assert ids.shape == (448, 608)
        void = planted[stem][0] == 39
        assert np.array_equal(ids, np.where(void, IGNORE, instances[stem]))


def test_what_nyuv2_lacks_is_named(tmp_path, capsys, monkeypatch) -> None:
    h5py, source = pytest.importorskip("h5py"), tmp_path / "in"
    owners.nyuv2(source, h5py)
    sentences = []

    def fails() -> None:
        assert run("nyuv2", source, tmp_path / "out") == 2
        sentences.append(capsys.readouterr().err.splitlines()[-1])

    (source / "splits.mat").rename(source / "away")
    fails()
    (source / "away").rename(source / "splits.mat")
    (source / "classMapping40.mat").write_bytes(b"nothing")
    fails()
    owners.savemat(source / "classMapping40.mat", {"mapClass": np.array([[1, 2, 3]])})
    fails()
    with h5py.File(source / "nyu_depth_v2_labeled.mat", "a") as file:
        del file["instances"]
    fails()
    (source / "nyu_depth_v2_labeled.mat").write_bytes(b"nothing")
    fails()
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    fails()
    expected = [
        "There is no splits.mat",
        "no readable MATLAB file",
        "maps 3 labels to 1–3; expected 5 labels",
        "has no instances",
        "no readable HDF5 file",
        "pip install h5py",
    ]
    for sentence, part in zip(sentences, expected, strict=True):
        assert part in sentence


def test_the_labs_crops_and_flips_work_on_what_is_written(tmp_path) -> None:
    owners.ade20k(tmp_path / "in")
    assert run("ade20k", tmp_path / "in", tmp_path / "out") == 0
    kind = DATASETS["ade20k"]
    dataset = kind(tmp_path / "out", "train", size=(48, 32), crop=(32, 32), flip=True)
    for epoch in range(3):
        dataset.set_epoch(epoch)
        sample = dataset[epoch % 2]
        assert sample["photo"].shape == (3, 32, 32)
        assert torch.equal(sample["labels"] == IGNORE, sample["instances"] == IGNORE)
