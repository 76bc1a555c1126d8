"""The command for quality against size."""

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.judges import save_vgg
from tests.tiny import save_linear_fast
from tests.training.runs import exit_code, save_photos
from training.evaluation.sizes import main


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    save_linear_fast(tmp_path)
    save_photos(tmp_path / "styles", 3)
    save_vgg(tmp_path / "vgg.safetensors")
    return tmp_path


def asked(*more: str) -> list[str]:
    given = ["linear-fast", "--styles", "styles", "--vgg", "vgg.safetensors", "--limit", "1"]
    return [*given, "--sizes", "64", "128", *more]


def test_the_command_writes_table_and_curve(place, capsys) -> None:
    assert main(asked("--out", "sizes.json", "--figure", "sizes.html")) == 0
    rows = json.loads(Path("sizes.json").read_text(encoding="utf-8"))["rows"]
    assert list(rows) == ["64", "128"]
    assert "style distance" in Path("sizes.html").read_text(encoding="utf-8")
    assert "128" in capsys.readouterr().out


def test_hidden_files_are_no_styles_and_small_ones_are_refused(place, capsys) -> None:
    Path("few").mkdir()
    Path("few", "._b.png").write_bytes(b"of a file system, not of a picture")
    Image.new("RGB", (12, 12)).save("few/small.png")
    assert exit_code(main, asked("--styles", "few")) == 2
    said = capsys.readouterr().err
    assert "small.png is 12x12" in said and said.count("\n") == 1


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--sizes", "8192"], "--sizes holds 8192; expected widths from 64 to 4096"),
        (["--limit", "0"], "expected 1 or more styles, got '0'"),
        (["--styles", "nowhere"], "--styles nowhere is no folder"),
        (["--out", "sizes.txt"], "--out must end in .json"),
    ],
)
def test_what_does_not_fit_is_one_sentence(place, capsys, more, sentence) -> None:
    assert exit_code(main, asked(*more)) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1
