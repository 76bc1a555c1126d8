import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import Subset

from lab import checkpoint
from lab.baselines.palette import Palette
from lab.card import read_card
from lab.data.streets import STREETS
from lab.images import open_picture, read_recipe, to_tensor
from lab.metrics.mobilenet import MobileNetFeatures
from tests.judges import save_mobilenet, save_vgg
from tests.tiny import card, save_linear_fast, save_streets
from training.evaluate import main
from training.evaluation import transfer
from training.evaluation.report import Report, contact_sheet, spread, strip, write_card
from training.evaluation.synthesis import evaluate_synthesis

# --- the parts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("length", "count"), [(101, 120), (101, 24), (7, 3), (3, 3), (1, 5)])
def test_positions_are_distinct_in_order_and_evenly_apart(length: int, count: int) -> None:
    found = spread(length, count)
    assert len(found) == min(length, count)
    steps = {b - a for a, b in pairwise(found)}
    assert found[0] == 0 and found[-1] < length
    assert not steps or (min(steps) >= 1 and max(steps) - min(steps) <= 1)


def test_a_sheet_shows_every_strip_in_order_and_fills_up_with_white() -> None:
    grey = [torch.full((1, 3, 20, 40), i / 10) for i in range(5)]
    sheet = contact_sheet([strip([x, x], 5) for x in grey])
    across, down = sheet.shape[2] // 80, sheet.shape[1] // 20
    cells = [sheet[0, 20 * row + 9, 80 * i + 39] for row in range(down) for i in range(across)]
    expected = [i / 10 for i in range(5)] + [1.0] * (len(cells) - 5)
    torch.testing.assert_close(torch.stack(cells), torch.tensor(expected))


def test_a_large_sheet_can_be_opened_again() -> None:
    for count in (2, 120, 1000):
        strips = [strip([torch.rand(1, 3, 64, 128)] * 4, count)] * count
        assert max(contact_sheet(strips).shape) <= 4096


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
    seen = {tuple(picture.sum().item() for picture in pairs[i]) for i in range(400)}
    assert len(seen) == 400
    assert list(pairs.contents.indices) == list(pairs.styles.indices) == list(range(3, 23))
    assert pairs[0][0].shape == pairs[0][1].shape == (3, 32, 32)
    with pytest.raises(IndexError):
        pairs[400]


# --- a generator that knows the photograph -------------------------------------------------------


class Oracle:
    """Draws the photo where it may look at it, noise where it may not."""

    device, space = torch.device("cpu"), STREETS

    def redraw(self, photo, layout):
        return photo

    def __call__(self, layout, *, seed=None):
        generator = torch.Generator().manual_seed(seed or 0)
        return torch.rand(1, 3, *layout.labels.shape[1:], generator=generator)


def test_the_oracle_bounds_every_column(tmp_path: Path) -> None:
    network = MobileNetFeatures.from_file(save_mobilenet(tmp_path / "judge.safetensors"))
    labels = torch.randint(0, 11, (6, 8, 16)).repeat_interleave(4, 1).repeat_interleave(4, 2)
    # Structure the palette cannot know: a gradient of its own in every picture.
    samples = [
        {"labels": x, "instances": x, "photo": torch.rand(3, 1, 1) * torch.rand(3, 32, 64)}
        for x in labels
    ]
    report = evaluate_synthesis(Oracle(), samples, samples, network)
    best = report.rows["redraw"]
    assert best["ssim"] == pytest.approx(1, abs=1e-5) and best["mobilenet_distance"] == 0
    for row in ("largest clusters", "random looks", "palette"):
        values = report.rows[row]
        assert values["psnr"] < best["psnr"] and values["ssim"] < best["ssim"]
        assert values["mobilenet_distance"] > 0 and values["kid"] > best["kid"]
    assert report.rows["training photos"]["kid"] == pytest.approx(best["kid"])
    assert report.rows["random looks"]["diversity"] > 0
    assert len(report.strips) == 6


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def streets(tmp_path: Path, tiny_dataset: Callable[..., Path]) -> list[str]:
    """The arguments that evaluate a random pix2pixHD on four pictures."""
    save_streets(tmp_path)
    for split in ("train", "val"):
        data = tiny_dataset(4, split=split)
    judge = save_mobilenet(tmp_path / "judge.safetensors")
    return [str(tmp_path / "streets"), "--data", str(data), "--mobilenet", str(judge)]


def test_streets_from_the_command_line(tmp_path: Path, streets: list[str], capsys) -> None:
    out, sheet = tmp_path / "metrics.json", tmp_path / "sheet.png"
    folder = tmp_path / "streets"
    before = read_card(folder)
    places = ["--out", str(out), "--sheet", str(sheet), "--write-card"]
    assert main([*streets, *places, "--device", "cpu"]) == 0
    table = json.loads(out.read_text())
    assert table["protocol"]["pictures"] == 4 and table["protocol"]["size"] == "64x32"
    assert table["protocol"]["checkpoint"] == before.digest
    rows = ("redraw", "largest clusters", "random looks", "palette", "training photos")
    assert tuple(table["rows"]) == rows
    assert all(np.isfinite(value) for row in rows for value in table["rows"][row].values())
    assert all(row in capsys.readouterr().out for row in ("palette",))
    assert read_recipe(sheet) == {"evaluation": table["protocol"]}

    after = read_card(folder)
    assert after.digest == before.digest
    assert after.metrics == table
    assert {**after.raw, "metrics": {}} == before.raw
    checkpoint.load("streets", root=tmp_path, device="cpu")
    assert not list(folder.glob(".*"))


def test_the_same_numbers_again(tmp_path: Path, streets: list[str]) -> None:
    tables = []
    for name in ("a.json", "b.json"):
        out = tmp_path / name
        assert main([*streets, "--out", str(out), "--limit", "3"]) == 0
        tables.append(json.loads(out.read_text()))
    assert tables[0] == tables[1]
    assert tables[0]["protocol"]["pictures"] == 3


def test_transfer_from_the_command_line(tmp_path: Path, albums: Path) -> None:
    save_linear_fast(tmp_path)
    vgg, out = save_vgg(tmp_path / "vgg.safetensors"), tmp_path / "metrics.json"
    sheet = tmp_path / "sheet.png"
    arguments = [str(tmp_path / "linear-fast"), "--data", str(albums), "--vgg", str(vgg)]
    places = ["--out", str(out), "--sheet", str(sheet), "--limit", "2", "--device", "cpu"]
    assert main([*arguments, *places]) == 0
    rows = json.loads(out.read_text())["rows"]
    assert list(rows) == ["result", "content picture itself", "reconstruction (strength 0)"]
    assert rows["content picture itself"]["content_distance"] == 0
    assert rows["content picture itself"]["style_distance"] > 0
    assert rows["result"]["seconds"] > 0
    pairs = transfer.HeldOutPairs(albums / "photos", albums / "paintings", pairs=2)
    shown = to_tensor(open_picture(sheet))[0]
    for index, (content, style) in enumerate(pairs):
        row = shown[:, 32 * index : 32 * index + 32]
        torch.testing.assert_close(row[..., :64], torch.cat([content, style], 2))


def test_a_compressed_vgg_is_refused(tmp_path: Path, albums: Path, capsys) -> None:
    save_linear_fast(tmp_path)
    vgg = save_vgg(tmp_path / "small.safetensors", divisor=4)
    arguments = [str(tmp_path / "linear-fast"), "--data", str(albums), "--vgg", str(vgg)]
    assert main([*arguments, "--device", "cpu"]) == 2
    assert "compressed stand-in (1/4 of the width)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (["--mobilenet", "none.safetensors"], "No MobileNet weights at none.safetensors"),
        (["--data", "nowhere"], "There is no folder val_label in nowhere"),
        (["--limit", "1"], "--limit is 1; expected 2 or more"),
        (["--out", "nowhere/a.json"], "There is no folder nowhere"),
        (["--out", "metrics.csv"], "give the name of a .json file"),
        (["--sheet", "sheet.jpg"], "give the name of a .png file"),
    ],
)
def test_bad_input_is_one_sentence(streets: list[str], change, sentence: str, capsys) -> None:
    assert main([*streets, "--device", "cpu", *change]) == 2
    error = capsys.readouterr().err
    assert sentence in error and error.count("\n") == 1


def test_data_in_files_must_be_given(tmp_path: Path, streets: list[str], capsys) -> None:
    judge = streets[-2:]
    assert main([streets[0], *judge, "--device", "cpu"]) == 2
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
    table = Report({"checkpoint": digest}, {"redraw": {"psnr": 12.3456789}}).table()
    write_card(tmp_path / "streets", table)
    metrics = read_card(tmp_path / "streets").metrics
    assert metrics == {"speed": 1, **table} and metrics["rows"]["redraw"]["psnr"] == 12.346
    before = path.read_bytes()
    with pytest.raises(ValueError, match="evaluate it again"):
        write_card(tmp_path / "streets", {"protocol": {"checkpoint": "other"}, "rows": {}})
    assert path.read_bytes() == before


def test_held_out_is_what_training_leaves_out(albums: Path) -> None:
    held = transfer.held_out(albums / "photos")
    assert isinstance(held, Subset)
    trained = range(len(held.dataset) - transfer.TransferConfig.hold_out)
    assert set(trained).isdisjoint(held.indices)
    assert len(trained) + len(held) == len(held.dataset)


def test_a_method_without_an_evaluation_is_one_sentence(tmp_path: Path, capsys) -> None:
    palette = Palette(torch.rand(len(STREETS) + 1, 3), space=STREETS)
    parts, configs = {"colors": palette.part()}, {"colors": {}}
    checkpoint.save(tmp_path / "flat", card("flat", "palette"), parts, configs)
    assert main([str(tmp_path / "flat"), "--device", "cpu"]) == 2
    error = capsys.readouterr().err
    assert "of the method 'palette'; evaluated here are pix2pixhd and linear" in error
    assert error.count("\n") == 1
