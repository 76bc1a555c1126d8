"""Writing a data set: all or nothing, what is recorded, how objects are numbered."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lab.catalog import DATASETS
from lab.data.ade20k import ADE20K_SPACE, STUFF
from lab.images import open_ids
from tests.training.owners import run, segnet
from training.prepare.objects import components, numbered

# --- objects -------------------------------------------------------------------------------------


def flood(labels: np.ndarray, things: set[int], smallest: int) -> dict[int, list[frozenset]]:
    """Brute force: the 8-connected components of each thing, largest first."""
    left = {tuple(place) for place in np.argwhere(np.isin(labels, list(things)))}
    found: dict[int, list[frozenset]] = {label: [] for label in things}
    while left:
        seed = min(left)
        region, border = {seed}, [seed]
        while border:
            row, column = border.pop()
            around = {(row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            new = {place for place in around - region if labels[place] == labels[seed]}
            region |= new
            border += new
        left -= region
        if len(region) >= smallest:
            found[int(labels[seed])].append(frozenset(region))
    return {label: sorted(regions, key=len, reverse=True) for label, regions in found.items()}


@pytest.mark.parametrize("seed", range(3))
def test_components_are_those_that_a_flood_fill_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 4, (8, 9)).repeat(5, 0).repeat(6, 1)
    labels = np.where(rng.random(coarse.shape) < 0.1, rng.integers(0, 4, coarse.shape), coarse)
    objects, expected = components(labels, {1, 3}), flood(labels, {1, 3}, 40)
    for label, regions in expected.items():
        ids = sorted(set(objects[labels == label].tolist()) - {label})
        assert ids == list(range(label * 1000, label * 1000 + len(regions)))
        masks = [frozenset(map(tuple, np.argwhere(objects == i).tolist())) for i in ids]
        assert set(masks) == set(regions)
        assert [len(mask) for mask in masks] == [len(region) for region in regions]
    assert np.array_equal(objects[np.isin(labels, (0, 2))], labels[np.isin(labels, (0, 2))])


def test_what_the_owner_divides_stays_divided_and_equal_numbers_of_two_classes_are_two_objects():
    labels = np.array([[5, 5, 5, 2, 2, 0]])
    regions = np.array([[1, 7, 7, 7, 7, 7]])
    assert numbered(labels, regions, {5, 2}).tolist() == [[5001, 5000, 5000, 2000, 2000, 0]]


def test_ids_that_would_pass_sixteen_bits_are_numbered_through_the_picture() -> None:
    labels = np.array([[148, 148, 149, 64, 64, 64, 3]])
    regions = np.array([[1, 2, 1, 1, 1, 2, 1]])
    assert numbered(labels, regions, {64, 148, 149}).tolist() == [
        [1002, 1003, 1004, 1000, 1000, 1001, 3]
    ]
    assert numbered(labels[:, 3:], regions[:, 3:], {64}).tolist() == [[64000, 64000, 64001, 3]]


def test_beyond_the_thousandth_object_of_a_class_the_smallest_stay_stuff() -> None:
    regions = np.arange(1002).reshape(1, -1).repeat(2, 0)
    regions[1, 500] = regions[1, 501] = 499  # 499 has four pixels, 500 and 501 one each
    objects = numbered(np.full(regions.shape, 7), regions, {7})
    assert objects[0, 499] == 7000
    assert objects[0, 500] == objects[0, 501] == 7
    assert len(np.unique(objects)) == 1001


# --- writing -------------------------------------------------------------------------------------


def test_the_record_counts_what_there_is(tmp_path, capsys) -> None:
    planted = segnet(tmp_path / "camvid")
    assert run("camvid", tmp_path / "camvid", tmp_path / "out") == 0
    record = json.loads((tmp_path / "out" / "prepared.json").read_text())
    assert {split: of["pairs"] for split, of in record["splits"].items()} == {
        "train": 2,
        "val": 1,
        "test": 1,
    }
    stems = b"0001TP_006690\n0006R0_f00930\n"
    assert record["splits"]["train"]["sha256"] == hashlib.sha256(stems).hexdigest()
    pixels = np.concatenate([labels.ravel() for labels, _ in planted.values()])
    assert record["pixels"]["car"] == pytest.approx((pixels == 8).mean(), abs=1e-6)
    assert record["pixels"]["no class"] == pytest.approx((pixels == 11).mean(), abs=1e-6)
    assert sum(record["pixels"].values()) == pytest.approx(1, abs=1e-5)
    assert record["objects"] == {"car": 8} and "40 pixels" in record["objects_from"]
    assert record["sizes"] == "48x36"
    assert "The split train has 2 pairs; the owner counts 367." in record["problems"]
    printed = capsys.readouterr()
    assert "8 objects" in printed.out and "problem: The split train" in printed.out
    assert "4/4" in printed.err  # progress


def test_photos_are_copied_byte_for_byte_and_the_same_data_give_the_same_bytes(tmp_path) -> None:
    segnet(tmp_path / "camvid")
    for name in ("one", "two"):
        assert run("camvid", tmp_path / "camvid", tmp_path / name, "--workers", "3") == 0
    files = [path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*")]
    assert len(files) == 3 * 4 + 1
    for path in files:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes()
    copied = tmp_path / "one" / "train_img" / "0001TP_006690.png"
    original = tmp_path / "camvid" / "train" / "0001TP_006690.png"
    assert copied.read_bytes() == original.read_bytes()


def test_another_size_takes_nearest_ids_and_keeps_the_objects(tmp_path) -> None:
    planted = segnet(tmp_path / "camvid")
    assert run("camvid", tmp_path / "camvid", tmp_path / "out", "--size", "24x18") == 0
    for stem in ("0001TP_006690", "0006R0_f00930"):
        labels = open_ids(tmp_path / "out" / "train_label" / f"{stem}.png")
        assert np.array_equal(labels, planted[stem][0][1::2, 1::2])
        objects = open_ids(tmp_path / "out" / "train_inst" / f"{stem}.png")
        assert set(np.unique(objects)) == {0, 1, 3, 8, 8000, 8001, 11}
    with Image.open(tmp_path / "out" / "train_img" / "0001TP_006690.png") as picture:
        assert picture.size == (24, 18)


def test_without_a_place_to_write_it_only_checks(tmp_path, capsys) -> None:
    segnet(tmp_path / "camvid")
    assert run("camvid", tmp_path / "camvid", None) == 0
    assert "nothing was written" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["camvid"]


def test_nothing_is_overwritten(tmp_path, capsys) -> None:
    segnet(tmp_path / "camvid")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("kept")
    assert run("camvid", tmp_path / "camvid", tmp_path / "out") == 2
    assert "exists already" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]
    (tmp_path / "out" / "mine.txt").unlink()
    assert run("camvid", tmp_path / "camvid", tmp_path / "out") == 0  # an empty folder is fine


def broken(root: Path, how: str) -> None:
    """One thing wrong with the last frame that is converted."""
    label, picture = (root / k / "Seq05VD_f00000.png" for k in ("testannot", "test"))
    if how == "cut":
        picture.write_bytes(picture.read_bytes()[:200])
    elif how == "id":
        Image.fromarray(np.full((36, 48), 12, dtype=np.uint8)).save(label)
    elif how == "size":
        Image.fromarray(np.zeros((20, 20), dtype=np.uint8)).save(label)
    elif how == "pair":
        picture.rename(picture.with_name("Seq05VD_f00030.png"))
    elif how == "empty":
        label.unlink()
        picture.unlink()
    elif how == "colours":
        Image.fromarray(np.zeros((36, 48, 3), dtype=np.uint8)).save(label)


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ("cut", "Seq05VD_f00000.png is damaged or cut short"),
        ("id", "test/Seq05VD_f00000: The label map holds ids that 'streets' does not have: 12"),
        ("size", "The label map is 20x20 and the photo 48x36; expected a photo of 20x20."),
        ("pair", "test has no file for Seq05VD_f00000.png"),
        ("empty", "testannot holds no .png files"),
        ("colours", "Seq05VD_f00000.png is a picture in colours"),
    ],
)
def test_a_broken_source_ends_in_one_sentence_and_leaves_nothing(
    tmp_path, capsys, how: str, sentence: str
) -> None:
    segnet(tmp_path / "camvid")
    broken(tmp_path / "camvid", how)
    assert run("camvid", tmp_path / "camvid", tmp_path / "out") == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("training.prepare: ") and sentence in last
    assert [path.name for path in tmp_path.iterdir()] == ["camvid"]


def test_an_interruption_leaves_nothing(tmp_path, monkeypatch) -> None:
    segnet(tmp_path / "camvid")
    calls = []

    def interrupt(*_: object) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("training.prepare.writing._save_photo", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run("camvid", tmp_path / "camvid", tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["camvid"]


@pytest.mark.parametrize("name", ["camvid", "celebamask-hq", "nyuv2", "ade20k", "cityscapes"])
def test_a_folder_of_something_else_is_said_to_be_that(tmp_path, capsys, name: str) -> None:
    if name == "nyuv2":
        pytest.importorskip("h5py")
    (tmp_path / "else").mkdir()
    assert run(name, tmp_path / "else", tmp_path / "out") == 2
    assert run(name, tmp_path / "nowhere", tmp_path / "out") == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("training.prepare: ") and "else" in first
    assert "There is no folder" in second and "nowhere" in second
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("size", ["512", "8x8", "5000x100", "axb", "-4x16"])
def test_a_size_that_is_none_is_refused(tmp_path, size: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        run("camvid", tmp_path, None, f"--size={size}")
    assert stopped.value.code == 2


# --- the classes of ADE20K -----------------------------------------------------------------------


def test_the_table_of_ade20k_has_the_owners_classes() -> None:
    assert len(ADE20K_SPACE) == 150 and set(ADE20K_SPACE.names) > STUFF
    assert sum(label.countable for label in ADE20K_SPACE) == 150 - 35
    places = {"wall": 0, "person": 12, "car": 20, "bus": 80, "bicycle": 127, "flag": 149}
    assert {name: ADE20K_SPACE.index(name) for name in places} == places
    assert DATASETS["ade20k"].space is ADE20K_SPACE


def test_the_colours_of_ade20k_can_be_told_apart() -> None:
    colors = np.array([label.color for label in ADE20K_SPACE])
    distances = np.abs(colors[:, None] - colors[None]).sum(-1) + 1000 * np.eye(150)
    assert distances.min() >= 12
