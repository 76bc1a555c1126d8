import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lab import checkpoint
from lab.__main__ import main as lab_main
from lab.card import read_card
from lab.images import open_picture, read_recipe
from lab.scoring.report import Report
from tests.judges import save_mobilenet, save_vgg
from tests.tiny import save_crn, save_judge, save_linear_fast, save_palette, save_streets
from tests.training.runs import exit_code
from training.evaluate import main
from training.evaluation import transfer
from training.evaluation.report import write_card

# --- held-out pairs ------------------------------------------------------------------------------


@pytest.fixture
def albums(tmp_path: Path, monkeypatch) -> Path:
    """photos/ and paintings/ of 23 small pictures; the colour says which."""
    monkeypatch.setattr(transfer, "SIDE", 32)
    for kind in ("photos", "paintings"):
        (tmp_path / kind).mkdir()
        for k in range(23):
            path = tmp_path / kind / f"{k:03}.png"
            Image.effect_noise((36, 32), 40 + k).convert("RGB").save(path)
    return tmp_path


def test_pairs_are_distinct_and_of_the_last_twenty(albums: Path) -> None:
    pairs = transfer.HeldOutPairs(albums / "photos", albums / "paintings", pairs=500)
    assert len(pairs) == 400
    assert len({pairs[i].names for i in range(400)}) == 400
    last = [f"{k:03}" for k in range(3, 23)]
    assert [path.stem for path in pairs.contents] == [path.stem for path in pairs.styles] == last
    assert pairs[0].content.shape == pairs[0].style.shape == (1, 3, 32, 32)
    with pytest.raises(IndexError):
        pairs[400]


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def streets(tmp_path: Path, tiny_dataset: Callable[..., Path]) -> list[str]:
    """The arguments that evaluate a random pix2pixHD on four pictures."""
    for save in (save_streets, save_judge, save_palette, save_crn):
        save(tmp_path)
    data = tiny_dataset(4, split="val")
    weights = save_mobilenet(tmp_path / "mobilenet.safetensors")
    features = ["--features", "judge", f"mobilenet={weights}"]
    return [str(tmp_path / "streets"), "--data", str(data), *features]


ROWS = {
    "streets": ["oracle", "pix2pixhd", "pix2pixhd-encoded", "palette"],
    "streets-crn": ["oracle", "crn", "palette"],
    "streets-palette": ["oracle", "palette"],
    "segmenter-streets": ["oracle"],
}


@pytest.mark.parametrize("name", ROWS)
def test_scenes_from_the_command_line(tmp_path: Path, streets: list[str], name, capsys) -> None:
    out, sheet, folder = tmp_path / "metrics.json", tmp_path / "sheet.png", tmp_path / name
    before = read_card(folder)
    places = ["--out", str(out), "--sheet", str(sheet), "--write-card"]
    assert main([str(folder), *streets[1:], *places, "--device", "cpu"]) == 0
    result = json.loads(out.read_text())
    table = {key: result[key] for key in ("protocol", "rows", "classes")}
    assert table["protocol"]["pictures"] == 4 and table["protocol"]["size"] == "64x32"
    assert table["protocol"]["checkpoint"] == before.digest
    assert list(table["rows"]) == ROWS[name] == list(result["pictures"][0]["rows"])
    assert all(np.isfinite(value) for row in table["rows"].values() for value in row.values())
    assert ("kid_judge" in table["rows"]["oracle"]) == (name != "segmenter-streets")
    assert ROWS[name][-1] in capsys.readouterr().out
    assert read_recipe(sheet) == {"evaluation": table["protocol"]}

    after = read_card(folder)
    assert after.digest == before.digest
    assert after.metrics == table
    assert {**after.raw, "metrics": {}} == before.raw
    checkpoint.load(name, root=tmp_path, device="cpu")
    assert not list(folder.glob(".*"))


def test_evaluation_and_the_scores_of_the_lab_are_the_same(tmp_path: Path, streets) -> None:
    out, other = tmp_path / "a.json", tmp_path / "b.json"
    assert main([*streets, "--limit", "3", "--device", "cpu", "--out", str(out)]) == 0
    arguments = ["--checkpoints", str(tmp_path), "--device", "cpu", "score", "synthesis"]
    arguments += ["--domain", "streets", "--methods", "pix2pixhd", *streets[1:], "--limit", "3"]
    assert lab_main([*arguments, "--out", str(other)]) == 0
    results = [json.loads(path.read_text()) for path in (out, other)]
    for result in results:
        for row in result["rows"].values():
            row.pop("seconds", None)
    digest = results[0]["protocol"].pop("checkpoint")
    assert digest == results[0]["protocol"]["checkpoints"]["pix2pixhd"]
    assert results[0] == results[1]


def test_transfer_from_the_command_line(tmp_path: Path, albums: Path) -> None:
    save_linear_fast(tmp_path)
    vgg, out = save_vgg(tmp_path / "vgg.safetensors"), tmp_path / "metrics.json"
    sheet = tmp_path / "sheet.png"
    arguments = [str(tmp_path / "linear-fast"), "--data", str(albums), "--vgg", str(vgg)]
    places = ["--out", str(out), "--sheet", str(sheet), "--limit", "2", "--device", "cpu"]
    assert main([*arguments, *places]) == 0
    result = json.loads(out.read_text())
    rows, protocol = result["rows"], result["protocol"]
    assert list(rows) == ["content", "style", "linear-fast", "reconstruction"]
    assert rows["content"]["content_distance"] == rows["style"]["style_distance"] == 0
    assert rows["content"]["style_distance"] > 0 and rows["linear-fast"]["seconds"] > 0
    assert protocol["checkpoint"] == read_card(tmp_path / "linear-fast").digest
    assert protocol["size"].startswith("32x32") and len(result["pictures"]) == 2
    assert read_recipe(sheet) == {"evaluation": protocol}
    stylizer = checkpoint.load("linear-fast", root=tmp_path, device="cpu")
    pairs = transfer.HeldOutPairs(albums / "photos", albums / "paintings", pairs=2)
    contents = [pairs[index].content for index in range(2)]
    errors = [(stylizer.reconstruct(x).clamp(0, 1) - x).square().mean() for x in contents]
    expected = -10 * torch.stack(errors).log10().mean().item()
    assert rows["reconstruction"]["psnr"] == pytest.approx(expected, abs=1e-3)


def test_a_stylizer_scores_the_same_in_the_evaluation_and_in_the_lab(tmp_path, albums) -> None:
    """With pictures that need no scaling and no cutting, so that both see the same."""
    for kind in ("photos", "paintings"):
        for path in (albums / kind).iterdir():
            open_picture(path).crop((0, 0, 32, 32)).save(path)
        for path in sorted((albums / kind).iterdir())[:-20]:
            path.unlink()
    save_linear_fast(tmp_path)
    vgg, out, other = save_vgg(tmp_path / "v.safetensors"), tmp_path / "a.json", tmp_path / "b.json"
    shared = ["--vgg", str(vgg), "--limit", "3", "--device", "cpu"]
    folders = {"--content": albums / "photos", "--style": albums / "paintings"}
    assert (
        main([str(tmp_path / "linear-fast"), "--data", str(albums), *shared, "--out", str(out)])
        == 0
    )
    named = [str(word) for pair in folders.items() for word in pair]
    arguments = ["--checkpoints", str(tmp_path), "score", "transfer", *named, *shared]
    assert lab_main([*arguments, "--size", "32", "--out", str(other)]) == 0
    results = [json.loads(path.read_text()) for path in (out, other)]
    for first, second in zip(*(result["pictures"] for result in results), strict=True):
        for row in ("content", "style", "linear-fast"):
            for key in ("style_distance", "content_distance", "ssim"):
                assert first["rows"][row][key] == second["rows"][row][key]
        assert first["sources"] == second["sources"]


def test_a_compressed_vgg_is_refused(tmp_path: Path, albums: Path, capsys) -> None:
    save_linear_fast(tmp_path)
    vgg = save_vgg(tmp_path / "small.safetensors", divisor=4)
    arguments = [str(tmp_path / "linear-fast"), "--data", str(albums), "--vgg", str(vgg)]
    assert main([*arguments, "--device", "cpu"]) == 2
    assert "compressed stand-in for VGG-19 (1/4 of the width)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (["--features", "mobilenet=none.safetensors"], "No MobileNet weights at none.safetensors"),
        (["--data", "nowhere"], "There is no folder val_label in nowhere"),
        (["--limit", "1"], "expected 2 or more pictures, got '1'"),
        (["--out", "nowhere/a.json"], "the folder nowhere does not exist"),
        (["--out", "metrics.csv"], "--out must end in .json"),
        (["--sheet", "sheet.jpg"], "--sheet must end in .png or .html"),
    ],
)
def test_bad_input_is_one_sentence(streets: list[str], change, sentence: str, capsys) -> None:
    assert exit_code(main, [*streets, "--device", "cpu", *change]) == 2
    error = capsys.readouterr().err
    assert sentence in error and error.count("\n") == 1


def test_data_in_files_must_be_given(tmp_path: Path, streets: list[str], capsys) -> None:
    assert main([streets[0], "--device", "cpu"]) == 2
    assert "--data is missing; give the folder of the dataset 'streets'" in capsys.readouterr().err
    save_linear_fast(tmp_path)
    assert main([str(tmp_path / "linear-fast"), "--device", "cpu"]) == 2
    assert "--data is missing; give the folder of photos/ and paintings/" in capsys.readouterr().err


def test_an_unknown_checkpoint_is_named(capsys) -> None:
    assert main(["no-such-checkpoint"]) == 2
    assert "No checkpoint 'no-such-checkpoint'" in capsys.readouterr().err


# --- the card ------------------------------------------------------------------------------------


def test_a_card_keeps_other_metrics_and_refuses_those_of_another_checkpoint(tmp_path) -> None:
    digest = save_streets(tmp_path).digest
    path = tmp_path / "streets" / "card.json"
    raw = json.loads(path.read_text())
    path.write_text(json.dumps({**raw, "metrics": {"speed": 1, "rows": {"old": {}}}}))
    table = Report("t", {"checkpoint": digest}, {"redraw": {"psnr": 12.3456789}}).table()
    write_card(tmp_path / "streets", table)
    metrics = read_card(tmp_path / "streets").metrics
    assert metrics == {"speed": 1, **table} and metrics["rows"]["redraw"]["psnr"] == 12.346
    before = path.read_bytes()
    with pytest.raises(ValueError, match="evaluate it again"):
        write_card(tmp_path / "streets", {"protocol": {"checkpoint": "other"}, "rows": {}})
    assert path.read_bytes() == before


def test_held_out_is_what_training_leaves_out(albums: Path) -> None:
    pairs = transfer.HeldOutPairs(albums / "photos", albums / "paintings", pairs=2)
    every = sorted((albums / "photos").iterdir())
    assert pairs.contents == every[-transfer.TransferConfig.hold_out :]
