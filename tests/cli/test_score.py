"""python -m lab score synthesis: one result, one sheet, or one sentence."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from lab.images import read_recipe
from tests.cli.commands import assert_one_sentence, lab
from tests.judges import save_mobilenet
from tests.tiny import save_crn, save_judge, save_palette


@pytest.fixture
def studio(place: Path, tiny_dataset: Callable[..., Path]) -> Path:
    """`place` with four validation pairs, a judge, a palette and a CRN."""
    for save in (save_judge, save_palette, save_crn):
        save(place / "checkpoints")
    tiny_dataset(4, split="val")
    return place


def score(*more: str, data: tuple[str, ...] = ("--data", "pairs")) -> int:
    arguments = ("score", "synthesis", "--domain", "streets", *data, "--size", "48x32")
    return lab(*arguments, "--out", "scores.json", *more)


def result() -> dict:
    read = json.loads(Path("scores.json").read_text())
    for row in read["rows"].values():
        row.pop("seconds", None)
    return read


def files() -> set[str]:
    return {path.name for path in Path.cwd().iterdir()}


def test_the_same_command_twice_is_the_same_result_but_for_seconds(studio, capsys) -> None:
    found = []
    for sheet in ("a.html", "b.png"):
        assert score("--sheet", sheet) == 0
        printed = capsys.readouterr()
        assert "pix2pixhd-encoded" in printed.out
        assert printed.err == ""  # a file: no bar
        found.append(result())
    assert found[0] == found[1]
    protocol = found[0]["protocol"]
    assert list(found[0]["rows"]) == ["oracle", "pix2pixhd", "pix2pixhd-encoded", "crn", "palette"]
    assert protocol["size"] == "48x32" and protocol["pictures"] == 4
    assert "no checkpoint streets-pix2pix" in protocol["left_out"]["pix2pix"]
    assert len(found[0]["pictures"]) == 4
    assert len(list(Path("a_files").iterdir())) == 4 * 6
    assert read_recipe("b.png") == {"evaluation": protocol}
    assert not [name for name in files() if name.startswith(".")]


def test_methods_size_limit_and_features(studio) -> None:
    weights = save_mobilenet(studio / "m.safetensors")
    more = ["--methods", "crn", "oracle", "--limit", "2", "--features", "judge"]
    assert score(*more, f"mobilenet={weights}") == 0
    found = result()
    assert list(found["rows"]) == ["oracle", "crn", "palette"]
    assert [entry["position"] for entry in found["pictures"]] == [0, 2]
    assert {"kid_judge", "kid_mobilenet"} < set(found["rows"]["crn"])
    assert not any(name.startswith("fid") for name in found["rows"]["crn"])


def test_a_checkpoint_of_another_name_is_scored_as_its_method(studio, capsys) -> None:
    folder = Path("checkpoints") / "streets"
    other = folder.rename(folder.with_name("streets-1024"))
    card = json.loads((other / "card.json").read_text())
    (other / "card.json").write_text(json.dumps({**card, "name": "streets-1024"}))
    assert score("--methods", "pix2pixhd") == 2
    assert "streets" in capsys.readouterr().err
    assert score("--checkpoint", "streets-1024") == 0
    assert "pix2pixhd" in result()["rows"]
    assert score("--checkpoint", "nowhere") == 2
    assert "nowhere" in capsys.readouterr().err


def test_town_needs_no_data(studio) -> None:
    for save in (save_judge, save_palette):
        save(studio / "checkpoints", "town")
    arguments = ("score", "synthesis", "--domain", "town", "--limit", "2", "--out", "scores.json")
    assert lab(*arguments, "--methods", "oracle") == 0
    found = result()
    assert list(found["rows"]) == ["oracle", "palette"] and found["protocol"]["size"] == "64x32"
    assert [entry["sources"]["scene"] for entry in found["pictures"]] == [1 << 24, (1 << 24) + 1000]


@pytest.mark.parametrize("method", ["oracle", "palette", "crn", "pix2pixhd"])
def test_the_size_is_that_of_pix2pixhd_whoever_is_scored(studio, method) -> None:
    arguments = ("score", "synthesis", "--domain", "streets", "--data", "pairs", "--limit", "2")
    for name, wanted in (("streets", [48, 16]), ("segmenter-streets", [32, 32])):
        path = studio / "checkpoints" / name / "card.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "native_size": wanted}))
    assert lab(*arguments, "--methods", method, "--out", "scores.json") == 0
    assert result()["protocol"]["size"] == "48x16"
    if method != "pix2pixhd":
        (studio / "checkpoints" / "streets" / "card.json").unlink()
        assert lab(*arguments, "--methods", method, "--out", "scores.json") == 0
        assert result()["protocol"]["size"] == "32x32"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--methods", "pix2pix"], "No checkpoint 'streets-pix2pix'"),
        (["--methods", "magic"], "invalid choice: 'magic'"),
        (["--domain", "town"], "The town draws its own scenes; leave out --data"),
        (["--data", "nowhere"], "There is no folder val_label in nowhere"),
        (["--split", "tent"], "There is no folder tent_label"),
        (["--limit", "1"], "expected 2 or more pictures, got '1'"),
        (["--features", "mobilenet"], "write mobilenet=FILE"),
        (["--domain", "faces"], "No checkpoint 'segmenter-faces'"),
        (["--domain", "cityscapes"], "write training/configs/segmenter/segmenter-cityscapes.yaml"),
        (["--domain", "ade20k"], "none is shipped (there: segmenter-streets)"),
        (["--sheet", "sheet.jpg"], "--sheet must end in .html or .png"),
        (["--sheet", "nowhere/a.html"], "the folder nowhere does not exist"),
        (["--sheet", "pairs.html"], None),
        (["--out", "scores.csv"], "--out must end in .json"),
    ],
)
def test_what_cannot_be_scored_is_one_sentence(studio, capsys, more, sentence) -> None:
    if sentence is None:
        (studio / "pairs_files").mkdir()
        (studio / "pairs_files" / "mine.txt").touch()
        sentence = "it holds other things"
    before = files()
    assert score(*more) == 2
    assert_one_sentence(capsys, sentence)
    assert files() == before


def test_photographs_in_files_must_be_given(studio, capsys) -> None:
    assert score(data=()) == 2
    assert_one_sentence(capsys, "--data is missing; give the folder of the dataset 'streets'")


@pytest.mark.parametrize("missing", ["segmenter-streets", "streets-palette"])
def test_judge_and_palette_are_always_needed(studio, capsys, missing) -> None:
    (studio / "checkpoints" / missing / "card.json").unlink()
    assert score() == 2
    assert_one_sentence(capsys, f"No checkpoint '{missing}'")


@pytest.mark.parametrize("sheet", ["sheet.html", "sheet.png"])
def test_a_picture_that_cannot_be_read_leaves_nothing_half_written(studio, capsys, sheet) -> None:
    path = sorted(Path("pairs/val_img").iterdir())[-1]
    path.write_bytes(path.read_bytes()[:60])
    before = files()
    assert score("--sheet", sheet) == 2
    assert_one_sentence(capsys, f"pairs/val_img: {path.name} is damaged")
    assert files() == before


@pytest.mark.parametrize("folder", ["val_label", "val_inst"])
def test_of_a_damaged_pair_the_folder_is_named(studio, capsys, folder) -> None:
    path = sorted(Path("pairs", folder).iterdir())[0]
    path.write_bytes(path.read_bytes()[:60])
    assert score() == 2
    assert_one_sentence(capsys, f"pairs/{folder}: {path.name} is damaged")


def test_maps_that_do_not_fit_together_name_their_dataset(studio, capsys) -> None:
    path = sorted(Path("pairs/val_img").iterdir())[0]
    Image.new("RGB", (20, 20)).save(path)
    assert score() == 2
    assert_one_sentence(capsys, "score: pairs: ")
