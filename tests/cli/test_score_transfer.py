"""python -m lab score transfer: one result, one sheet, or one sentence."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lab.__main__ import main
from lab.images import read_recipe
from tests.cli.commands import assert_one_sentence, lab
from tests.judges import save_mobilenet, save_vgg
from tests.scoring.moving import save_video
from tests.tiny import save_vgg_stylizer

ROWS = ["content", "style", "linear-fast"]


@pytest.fixture
def album(place: Path) -> Path:
    """`place` with three contents, two styles, and the weights of a VGG-19."""
    rng = np.random.default_rng(1)
    for folder, names, shape in (("in", "abc", (40, 52, 3)), ("by", "xy", (44, 36, 3))):
        (place / folder).mkdir()
        for name in names:
            pixels = rng.integers(0, 256, shape, dtype=np.uint8)
            Image.fromarray(pixels).save(place / folder / f"{name}.png")
    save_vgg(place / "vgg.safetensors")
    return place


def score(*more: str) -> int:
    arguments = ("score", "transfer", "--content", "in", "--style", "by", "--size", "48")
    return lab(*arguments, "--vgg", "vgg.safetensors", "--out", "scores.json", *more)


def result() -> dict:
    read = json.loads(Path("scores.json").read_text())
    for rows in (read["rows"], *(entry["rows"] for entry in read["pictures"])):
        for row in rows.values():
            for name in ("seconds", "seconds_style_kept", "peak_mib"):
                row.pop(name, None)
    return read


def files() -> set[str]:
    return {path.name for path in Path.cwd().rglob("*")}


def test_the_same_command_twice_is_the_same_result_but_for_the_clock(album, capsys) -> None:
    found = []
    for sheet in ("a.html", "b.png"):
        assert score("--sheet", sheet) == 0
        printed = capsys.readouterr()
        assert "style distance" in printed.out
        assert printed.err == ""  # a file: no bar
        found.append(result())
    assert found[0] == found[1]
    protocol, rows = found[0]["protocol"], found[0]["rows"]
    assert list(rows) == ROWS and len(found[0]["pictures"]) == protocol["pictures"] == 6
    assert "VGG-19" in protocol["network"] and "longest side 48" in protocol["size"]
    assert list(protocol["left_out"]) == ["linear", "adain", "wct", "gatys"]
    assert len(list(Path("a_files").iterdir())) == 6 * 3
    assert read_recipe("b.png") == {"evaluation": protocol}
    page = Path("a.html").read_text()
    assert "6 · c in the style of y" in page and f"{rows['content']['style_distance']:.3f}" in page


def test_methods_limit_features_and_pictures(album) -> None:
    for method in ("wct", "gatys"):
        save_vgg_stylizer(album / "checkpoints", method)
    weights = save_mobilenet(album / "m.safetensors")
    more = ["--methods", "wct", "gatys", "--gatys-steps", "2", "--limit", "1"]
    assert score(*more, "--features", f"mobilenet={weights}", "--pictures", "kept") == 0
    found = result()
    assert list(found["rows"]) == ["content", "style", "wct", "wct-relu3_1", "gatys"]
    assert all("distance_mobilenet" in row for row in found["rows"].values())
    assert not any(name.endswith("_deviation") for name in found["rows"]["wct"])  # of one pair
    assert [entry["name"] for entry in found["pictures"]] == ["a in the style of x"]
    kept = {f"a__x__{row}.png" for row in ("wct", "wct-relu3_1", "gatys")}
    assert {path.name for path in Path("kept").iterdir()} == kept


def test_without_vgg_the_encoder_of_gatys_stands_in(album) -> None:
    for name in ("linear", "gatys"):
        save_vgg_stylizer(album / "checkpoints", name)
    arguments = ("score", "transfer", "--content", "in", "--style", "by", "--limit", "1")
    assert lab(*arguments, "--methods", "linear", "--out", "scores.json") == 0
    network = result()["protocol"]["network"]
    assert "the checkpoint gatys" in network and "is not VGG-19" in network


def test_without_vgg_and_gatys_it_is_said_how_to_get_one(album, capsys) -> None:
    arguments = ("score", "transfer", "--content", "in", "--style", "by")
    assert lab(*arguments, "--out", "scores.json") == 2
    assert_one_sentence(capsys, "write --vgg FILE")


def test_a_sheet_replaces_no_picture_that_is_scored(album, capsys) -> None:
    before = (album / "in" / "a.png").read_bytes()
    assert score("--sheet", "in/a.png") == 2
    assert_one_sentence(capsys, "--sheet in/a.png is one of the inputs")
    assert (album / "in" / "a.png").read_bytes() == before


def test_drawings_of_two_pairs_are_never_kept_under_one_name(album, capsys) -> None:
    for old, new in (("in/a", "in/x"), ("in/b", "in/x__y"), ("by/x", "by/y__z"), ("by/y", "by/z")):
        (album / f"{old}.png").rename(album / f"{new}.png")
    assert score("--pictures", "kept") == 2
    assert_one_sentence(capsys, "would both be kept as x__y__z__linear-fast.png; rename one")
    assert not (album / "kept").exists()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--methods", "magic"], "invalid choice: 'magic'"),
        (["--methods", "adain"], "No checkpoint 'adain'"),
        (["--content", "nowhere"], "There is no folder nowhere"),
        (["--style", "empty"], "The folder empty holds no pictures"),
        (["--vgg", "none.safetensors"], "No VGG weights at none.safetensors"),
        (["--vgg", "c.png"], "c.png holds no weights of VGG-19"),
        (["--features", "judge"], "'judge' is no network for pairs of pictures"),
        (["--features", "mobilenet"], "write mobilenet=FILE"),
        (["--limit", "0"], "expected 1 or more pairs, got '0'"),
        (["--gatys-steps", "2", "--methods", "wct"], "--gatys-steps is for gatys"),
        (["--gatys-steps", "x"], "expected 1 or more steps, got 'x'"),
        (["--steady", "frozen"], "--steady is for videos; in holds none: leave it out."),
        (["--size", "20"], "a.png is 20x15 when its longest side is at most 20"),
        (["--sheet", "sheet.jpg"], "--sheet must end in .html or .png"),
        (["--pictures", "c.png"], "--pictures c.png is a file"),
        (["--pictures", "by"], "--pictures by is one of the inputs; name another folder."),
        (["--pictures", "no/where"], "the folder no does not exist"),
        (["--out", "scores.csv"], "--out must end in .json"),
        (["--domain", "streets"], "unrecognized arguments: --domain"),
    ],
)
def test_what_cannot_be_scored_is_one_sentence(album, capsys, more, sentence) -> None:
    (album / "empty").mkdir()
    before = files()
    assert score(*more) == 2
    assert_one_sentence(capsys, sentence)
    assert files() == before


@pytest.mark.parametrize("sheet", ["sheet.html", "sheet.png"])
def test_a_picture_that_cannot_be_read_leaves_nothing_half_written(album, capsys, sheet) -> None:
    path = Path("in/c.png")
    path.write_bytes(path.read_bytes()[:60])
    before = files()
    assert score("--sheet", sheet) == 2
    assert_one_sentence(capsys, "in: c.png is damaged")
    assert files() == before


def test_what_both_tasks_take_stands_before_or_after_them(album) -> None:
    arguments = ("--content", "in", "--style", "by", "--size", "48", "--limit", "1")
    places = ("--vgg", "vgg.safetensors", "--out", "scores.json")
    where = ("--checkpoints", "checkpoints", "--device", "cpu")
    assert main(["score", "transfer", *arguments, *places, *where]) == 0
    assert main([*where, "score", "transfer", *arguments, *places]) == 0
    assert list(result()["rows"]) == ROWS


def test_videos_among_the_contents_and_alone(album, capsys) -> None:
    pytest.importorskip("av", reason="videos need PyAV")
    pytest.importorskip("cv2", reason="temporal errors need OpenCV")
    save_video(album / "in" / "clip.mp4")
    assert score("--limit", "2", "--sheet", "sheet.png") == 0
    assert capsys.readouterr().err == ""
    found = result()
    assert len(found["pictures"]) == len(found["videos"]) == 2
    row = found["rows"]["linear-fast"]
    assert {"style_distance", "temporal_error_1"} < set(row) and "carried" in str(found["protocol"])
    for path in Path("in").glob("*.png"):
        path.unlink()
    assert score("--limit", "1", "--sheet", "sheet.html", "--steady", "free") == 0
    found = result()
    assert found["pictures"] == [] and len(found["videos"]) == 1
    assert list(found["rows"]) == ["content", "linear-fast"]


@pytest.mark.parametrize("more", [(), ("--sheet", "sheet.png"), ("--pictures", "kept")])
def test_videos_for_who_draws_none_are_one_sentence(album, capsys, more) -> None:
    save_vgg_stylizer(album / "checkpoints", "gatys")
    for path in Path("in").glob("*.png"):
        path.unlink()
    (album / "in" / "clip.mp4").touch()  # never opened
    before = files()
    assert score("--methods", "gatys", *more) == 2
    assert_one_sentence(capsys, "in holds nothing but videos, which gatys cannot draw")
    assert files() == before
