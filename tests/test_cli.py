"""The command line as a stranger uses it: files in, files out, one sentence where it cannot be."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lab.__main__ import COMMANDS, build_parser, main
from lab.card import REPOSITORY
from lab.cli import benchmark
from lab.cli.transfer import check_weights
from lab.images import digest, open_picture, read_recipe, to_tensor
from lab.lab import Lab
from lab.metrics import speed
from tests.tiny import CLUSTERS, save_linear_fast, save_streets


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """A folder with two checkpoints, maps and pictures; the working directory of the test."""
    save_streets(tmp_path / "checkpoints")
    save_linear_fast(tmp_path / "checkpoints")
    labels = np.zeros((40, 70), np.uint8)
    labels[20:] = 3
    instances = labels.astype(np.uint16)
    for k, left in enumerate((8, 30)):
        labels[14:30, left : left + 22] = 8
        instances[14:30, left : left + 22] = 8000 + k
    labels[:4] = 255
    instances[:4] = 255
    Image.fromarray(labels).save(tmp_path / "labels.png")
    Image.fromarray(instances).save(tmp_path / "instances.png")
    rng = np.random.default_rng(0)
    for name, (width, height) in {"c": (61, 43), "s": (50, 32), "s2": (33, 47)}.items():
        pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lab(*arguments: str) -> int:
    """The command line on the checkpoints of `place`; argparse's exits are return values too."""
    try:
        return main(["--checkpoints", "checkpoints", "--device", "cpu", *arguments])
    except SystemExit as stop:
        return stop.code


def synthesize(*more: str, out: str = "out.png") -> int:
    maps = ("--labels", "labels.png", "--instances", "instances.png")
    return lab("synthesize", "--checkpoint", "streets", *maps, "--out", out, *more)


def transfer(*more: str, out: str = "out.png") -> int:
    return lab("transfer", "--content", "c.png", "--style", "s.png", "--out", out, *more)


def pixels(path: str) -> np.ndarray:
    return np.asarray(open_picture(path))


def styles(content: object) -> str:
    text = content if isinstance(content, str) else json.dumps(content)
    Path("styles.json").write_text(text)
    return "styles.json"


# --- synthesize ----------------------------------------------------------------------------------


def test_a_picture_of_the_size_of_its_label_map(place) -> None:
    assert synthesize() == 0
    assert open_picture("out.png").size == (70, 40)


def test_the_same_command_writes_the_same_bytes(place) -> None:
    assert synthesize("--seed", "5", out="a.png") == 0
    assert synthesize("--seed", "5", out="b.png") == 0
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


def test_the_recipe_says_what_was_used(place) -> None:
    chosen = styles({"8001": 2})
    assert synthesize("--styles", chosen, "--seed", "3", "--size", "96x48") == 0
    recipe = read_recipe("out.png")
    here = Lab(device="cpu", checkpoints=Path("checkpoints"))
    assert recipe["kind"] == "synthesis"
    assert recipe["method"] == "pix2pixhd"
    assert recipe["checkpoint"] == {"name": "streets", "digest": here.cards("pix2pixhd")[0].digest}
    assert recipe["labels"] == digest(np.asarray(Image.open("labels.png")))
    assert recipe["instances"] == digest(np.asarray(Image.open("instances.png")))
    assert recipe["seed"] == 3
    assert recipe["size"] == [96, 48]
    assert recipe["styles"]["8001"] == 2
    assert recipe["styles"].keys() == {"0", "3", "8000", "8001"}


def test_the_styles_of_a_recipe_draw_the_same_picture_without_its_seed(place) -> None:
    assert synthesize("--seed", "7", out="a.png") == 0
    drawn = read_recipe("a.png")["styles"]
    assert synthesize("--seed", "8", "--styles", styles(drawn), out="b.png") == 0
    assert np.array_equal(pixels("a.png"), pixels("b.png"))


def test_a_look_changes_the_picture_and_the_seed_leaves_it_alone(place) -> None:
    everywhere = {str(i): 0 for i in (0, 3, 8000, 8001)}
    assert synthesize("--styles", styles(everywhere), out="a.png") == 0
    assert synthesize("--styles", styles({**everywhere, "8001": 3}), out="b.png") == 0
    assert not np.array_equal(pixels("a.png"), pixels("b.png"))


def test_without_instances_the_regions_are_the_objects(place) -> None:
    arguments = ("synthesize", "--checkpoint", "streets", "--labels", "labels.png")
    assert lab(*arguments, "--out", "a.png") == 0
    assert lab(*arguments, "--instances", "labels.png", "--out", "b.png") == 0
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()
    assert read_recipe("a.png")["styles"].keys() == {"0", "3", "8"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"8002": 1}, "no object 8002 of a class in the maps; there are 0, 3, 8000, 8001."),
        ({"255": 0}, "no object 255 of a class"),
        ({"8001": CLUSTERS}, "object 8001 is of class car, which has clusters 0 to 3, not 4."),
        ({"8001": -1}, "which has clusters 0 to 3, not -1."),
        ({"0": 1}, "object 0 is of class sky, which has no clusters, not 1."),
        ({"8001": 1.5}, "as whole numbers, got '8001': 1.5."),
        ({"8001": True}, "as whole numbers, got '8001': True."),
        ({"car": 1}, "as whole numbers, got 'car': 1."),
        ([1, 2], 'must be an object such as {"8001": 3}, not list.'),
        ("{", "styles.json is not JSON"),
    ],
)
def test_styles_that_do_not_fit_are_one_sentence(place, capsys, content, sentence) -> None:
    assert synthesize("--styles", styles(content)) == 2
    assert_one_sentence(capsys, sentence)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--checkpoint", "town"], "No checkpoint 'town' in checkpoints"),
        (["--checkpoint", "../town"], "give a name, not a path"),
        (["--checkpoint", "linear-fast"], "no synthesizer; synthesizers here: streets."),
        (["--labels", "nothing.png"], "There is no picture at nothing.png"),
        (["--labels", "c.png"], "c.png is a picture in colours"),
        (["--labels", "styles.json"], "styles.json is no readable picture"),
        (["--labels", "instances.png"], "--labels: The label map holds ids"),
        (["--instances", "ids.png"], "--labels is 70x40 and --instances 9x9 pixels"),
        (["--labels", "ids.png", "--instances", "ids.png"], "must be at least 16"),
        (["--styles", "nothing.json"], "nothing.json"),
        (["--size", "1024"], "expected WIDTHxHEIGHT such as 1024x512, got '1024'"),
        (["--size", "8x64"], "sides must be 16 to 4096 pixels"),
        (["--size", "4096x4096"], "16,000,000 pixels together at most"),
        (["--seed", "-1"], "expected a whole number from 0 to 2^63 - 1"),
        (["--seed", "1.5"], "expected a whole number from 0 to 2^63 - 1"),
        (["--out", "out.jpg"], "--out must end in .png, got out.jpg."),
        (["--out", "no/where.png"], "the folder no does not exist"),
        (["--out", "folder.png"], "folder.png is a folder; name a file."),
        (["--device", "abacus"], "No device 'abacus' here; choose one of: cpu"),
        (["--colour", "red"], "unrecognized arguments: --colour red"),
    ],
)
def test_bad_input_is_one_sentence_and_no_file(place, capsys, more, sentence) -> None:
    Path("styles.json").write_text("{}")
    Path("folder.png").mkdir()
    Image.fromarray(np.zeros((9, 9), np.uint8)).save("ids.png")
    before = sorted(os.listdir())
    assert synthesize(*more) == 2
    assert_one_sentence(capsys, sentence)
    assert sorted(os.listdir()) == before


# --- transfer ------------------------------------------------------------------------------------


def test_a_transfer_keeps_the_size_of_the_content_and_its_bytes(place) -> None:
    assert transfer(out="a.png") == transfer(out="b.png") == 0
    assert open_picture("a.png").size == (61, 43)
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


def test_the_recipe_of_a_transfer(place) -> None:
    assert transfer("--style", "s2.png", "--weights", "1", "3", "--strength", "0.5") == 0
    recipe = read_recipe("out.png")
    assert recipe["kind"] == "transfer"
    assert recipe["method"] == "linear-fast"
    assert recipe["weights"] == [0.25, 0.75]
    assert recipe["strength"] == 0.5
    assert recipe["size"] == [61, 43]
    assert len({recipe["content"], *recipe["styles"]}) == 3


def test_a_style_of_weight_zero_is_as_if_it_were_not_there(place) -> None:
    assert transfer(out="a.png") == 0
    assert transfer("--style", "s2.png", "--weights", "2", "0", out="b.png") == 0
    assert np.array_equal(pixels("a.png"), pixels("b.png"))


def test_equal_weights_are_the_default(place) -> None:
    assert transfer("--style", "s2.png", out="a.png") == 0
    assert transfer("--style", "s2.png", "--weights", "3", "3", out="b.png") == 0
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


def test_at_strength_zero_the_style_does_not_matter(place) -> None:
    arguments = ("transfer", "--content", "c.png", "--strength", "0")
    assert lab(*arguments, "--style", "s.png", "--out", "a.png") == 0
    assert lab(*arguments, "--style", "s2.png", "--out", "b.png") == 0
    assert np.array_equal(pixels("a.png"), pixels("b.png"))


def test_size_shrinks_to_the_longest_side(place) -> None:
    assert transfer("--size", "32") == 0
    assert max(open_picture("out.png").size) == 32


def test_the_report_holds_the_matrix_that_was_used(place) -> None:
    assert transfer("--style", "s2.png", "--weights", "1", "3", "--report", "report.json") == 0
    report = json.loads(Path("report.json").read_text())
    pipeline = Lab(device="cpu", checkpoints=Path("checkpoints")).stylizer("linear-fast")
    content, *styles = (to_tensor(open_picture(f"{name}.png")) for name in ("c", "s", "s2"))
    encoded = [pipeline.encode_style(style) for style in styles]
    expected = pipeline.matrix(content, encoded, [0.25, 0.75])[0]
    torch.testing.assert_close(torch.tensor(report["matrix"]), expected)
    assert report["recipe"] == read_recipe("out.png")
    assert report["sizes"] == {
        "content": [61, 43],
        "styles": [[50, 32], [33, 47]],
        "picture": [61, 43],
    }
    assert report["seconds"].keys() == {"encode_styles", "transfer"}


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--content", "nothing.png"], "There is no picture at nothing.png"),
        (["--style", "labels.txt"], "labels.txt is no readable picture"),
        (["--weights", "1", "2"], "--weights: 2 given for 1 styles; give one per style."),
        (["--weights", "-1"], "--weights must be 0 or more and not all 0, got -1."),
        (["--weights", "0"], "--weights must be 0 or more and not all 0, got 0."),
        (["--weights", "nan"], "--weights must be 0 or more and not all 0, got nan."),
        (["--method", "gatys"], "No checkpoint 'gatys' in checkpoints"),
        (["--method", "streets"], "no stylizer; stylizers here: linear-fast."),
        (["--strength", "2"], "expected a number from 0 to 1, got '2'"),
        (["--strength", "nan"], "expected a number from 0 to 1, got 'nan'"),
        (["--size", "5000"], "expected 16 to 4096 pixels, got '5000'"),
        (["--out", "out.mp4"], "--out must end in .png, got out.mp4."),
        (["--report", "report.txt"], "--report must end in .json, got report.txt."),
        (["--report", "no/report.json"], "the folder no does not exist"),
    ],
)
def test_a_transfer_that_cannot_be_is_one_sentence(place, capsys, more, sentence) -> None:
    Path("labels.txt").write_text("no picture")
    before = sorted(os.listdir())
    assert transfer(*more) == 2
    assert_one_sentence(capsys, sentence)
    assert sorted(os.listdir()) == before


def test_weights_sum_to_one() -> None:
    assert check_weights(None, 4) == [0.25] * 4
    assert check_weights([1, 2, 5], 3) == [0.125, 0.25, 0.625]


# --- benchmark -----------------------------------------------------------------------------------


def test_benchmark_measures_every_checkpoint(place, capsys, monkeypatch) -> None:
    monkeypatch.setattr(speed, "CEILING_SHAPES", ((8, 32),))
    monkeypatch.setattr(benchmark, "TRANSFER_SIDES", (64, 128))
    assert lab("benchmark", "--quick", "--out", "bench.json") == 0
    bench = json.loads(Path("bench.json").read_text())
    rows = {(row["checkpoint"], row["case"], *row["size"]): row for row in bench["rows"]}
    assert rows.keys() == {
        ("streets", "synthesis", 64, 32),
        ("linear-fast", "transfer", 64, 64),
        ("linear-fast", "transfer, style kept", 64, 64),
    }
    anew, kept = (
        rows["linear-fast", case, 64, 64] for case in ("transfer", "transfer, style kept")
    )
    assert 0 < kept["gmac"] < anew["gmac"]
    for row in rows.values():
        assert 0 < row["median_ms"] <= row["p95_ms"]
        assert row["gmac_per_s"] * row["median_ms"] == pytest.approx(row["gmac"] * 1e3)
        assert row["speed_up"] * row["median_ms"] == pytest.approx(row["plain_ms"])
        for name, top in bench["ceilings"].items():
            share = row["gmac_per_s"] * 1e9 / top
            assert row["share_of_ceiling"][name] == pytest.approx(share)
    assert bench["machine"]["device"] == "cpu"
    table = capsys.readouterr().out.splitlines()[1:]
    assert len(table) == 1 + len(rows)
    assert len({len(line) for line in table}) == 1


def test_benchmark_without_checkpoints(place, capsys) -> None:
    assert main(["--checkpoints", "nowhere", "benchmark", "--out", "bench.json"]) == 2
    assert_one_sentence(capsys, "No checkpoint in nowhere; there is nothing to measure.")


# --- the command line itself ---------------------------------------------------------------------


def test_options_of_all_commands_may_stand_before_or_after_the_command() -> None:
    words = ["benchmark", "--out", "b.json"]
    shared = ["--checkpoints", "x", "--device", "cuda:1"]
    for arguments in ([*shared, *words], [*words, *shared]):
        options = build_parser().parse_args(arguments)
        assert (str(options.checkpoints), options.device) == ("x", "cuda:1")


@pytest.mark.parametrize("arguments", [[], ["paint"], ["synthesize"], ["--colour", "red"]])
def test_wrong_usage_is_one_line(capsys, arguments) -> None:
    assert lab(*arguments) == 2
    assert_one_sentence(capsys, "python -m lab")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_every_option(capsys, command) -> None:
    assert lab(command, "--help") == 0
    text = capsys.readouterr().out
    assert all(option in text for option in ("--out", "--device", "--checkpoints"))


def test_as_a_process_there_is_no_traceback_and_nothing_on_stdout(place) -> None:
    arguments = "synthesize --checkpoint atlantis --labels labels.png --out out.png"
    done = subprocess.run(
        [sys.executable, "-m", "lab", *arguments.split()],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "No checkpoint 'atlantis'" in done.stderr


def assert_one_sentence(capsys, sentence: str) -> None:
    printed = capsys.readouterr()
    assert sentence in printed.err
    assert printed.err.count("\n") == 1
    assert printed.err.endswith("\n")
    assert "Traceback" not in printed.err
