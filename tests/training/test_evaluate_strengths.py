"""Style at equal content: curves, and the command."""

import json
from pathlib import Path

import pytest

from lab.plots_transfer import style_against_content
from tests.judges import save_vgg
from tests.tiny import save_judge, save_linear_fast
from tests.training.runs import exit_code, save_photos
from training.evaluation.strengths import at_equal_content, main, style_at


def test_a_curve_is_read_between_its_points_and_not_beyond() -> None:
    curve = [(0.2, 0.9), (0.4, 0.5), (0.8, 0.1)]
    assert [style_at(curve, content) for content, _ in curve] == [0.9, 0.5, 0.1]
    assert style_at(curve, 0.6) == pytest.approx(0.3)
    assert style_at(curve, 0.1) is None and style_at(curve, 0.81) is None


def test_of_two_curves_the_lower_one_wins_at_either_end() -> None:
    bold = [(0.2, 0.6), (0.9, 0.1)]
    timid = [(0.2, 0.8), (0.5, 0.5)]
    found = at_equal_content({"bold": bold, "timid": timid})
    assert found["bold"]["bold"] == 0.1 and found["timid"]["timid"] == 0.5
    assert found["bold"]["timid"] < found["timid"]["timid"]
    assert found["timid"]["bold"] is None  # it never goes so far


def test_the_figure_has_a_line_for_every_method() -> None:
    figure = style_against_content({"one": [(0.1, 0.9), (0.5, 0.2)], "two": [(0.2, 0.3)]})
    assert [trace.name for trace in figure.data] == ["one", "two"]
    assert tuple(figure.data[0].x) == (0.1, 0.5) and tuple(figure.data[0].y) == (0.9, 0.2)


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    save_linear_fast(tmp_path)
    save_judge(tmp_path)
    for folder in ("photos", "paintings"):
        save_photos(tmp_path / folder, 2)
    save_vgg(tmp_path / "vgg.safetensors")
    return tmp_path


def asked(*more: str) -> list[str]:
    return ["linear-fast", "--data", ".", "--vgg", "vgg.safetensors", "--limit", "1", *more]


def test_the_command_draws_every_strength(place, capsys) -> None:
    given = ["--strengths", "0", "1", "--out", "curve.json", "--figure", "curve.html"]
    assert main(asked(*given)) == 0
    result = json.loads(Path("curve.json").read_text(encoding="utf-8"))
    rows = result["rows"]
    assert list(rows) == ["content", "style", "linear-fast at 0", "linear-fast at 1"]
    assert rows["linear-fast at 0"]["content_distance"] == 0  # strength 0 is the picture itself
    assert rows["linear-fast at 1"]["content_distance"] > 0
    end = rows["linear-fast at 1"]["style_distance"]
    equal = result["protocol"]["at_equal_content"]
    assert equal["linear-fast"]["linear-fast"] == pytest.approx(end, rel=1e-3)  # rows are rounded
    assert "content distance" in Path("curve.html").read_text(encoding="utf-8")
    assert "at full strength" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--strengths", "1", "0.5"], "--strengths is 1.0 0.5; expected rising numbers"),
        (["--strengths", "0.5"], "--strengths is 0.5; expected rising numbers"),
        (["--limit", "0"], "expected 1 or more pairs, got '0'"),
        (["--out", "curve.txt"], "--out must end in .json"),
        (["--data", "nowhere"], "nowhere"),
        (["segmenter-streets"], "segmenter-streets has no strength"),
    ],
)
def test_what_does_not_fit_is_one_sentence(place, capsys, more, sentence) -> None:
    given = asked(*more) if more[0].startswith("--") else [more[0], *asked()[1:]]
    assert exit_code(main, given) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1
