"""Rendered streets in the look of photographs, class by class, read by a judge."""

import json

import pytest
import torch

from lab import checkpoint
from lab.data.crops import Sample
from lab.data.labels import IGNORE, Label, LabelSpace
from lab.data.streets import STREETS
from lab.pipelines.controls import Controls
from lab.pipelines.photoreal import photorealistic
from lab.pipelines.regions import region_masks
from tests.pipelines.test_transfer import fast
from tests.tiny import save_judge, save_linear_fast
from tests.training.runs import exit_code
from training.evaluation import game_to_real
from training.evaluation.game_to_real import (
    SOFTNESS,
    evaluate_game_to_real,
    main,
    matched_classes,
    nearest_photos,
    restyle,
)

ROAD, SKY, CAR = (STREETS.index(name) for name in ("road", "sky", "car"))


def sample(labels: torch.Tensor) -> Sample:
    photo = torch.rand(3, *labels.shape)
    return Sample(labels=labels, instances=labels, photo=photo, name="street")


def halves(upper: int, lower: int) -> torch.Tensor:
    labels = torch.full((24, 36), upper)
    labels[12:] = lower
    return labels


def test_classes_match_by_name_where_both_show_enough() -> None:
    other = LabelSpace("other", tuple(Label(n, (i, 0, 0)) for i, n in enumerate(("road", "sky"))))
    content, style = halves(SKY, ROAD), halves(1, 0)
    assert matched_classes(content, style, (STREETS, other)) == [(SKY, 1), (ROAD, 0)]
    assert matched_classes(content, style * 0, (STREETS, other)) == [(ROAD, 0)]
    assert matched_classes(halves(CAR, IGNORE), style, (STREETS, other)) == []


def test_the_photos_with_the_nearest_shares_are_taken_each_once() -> None:
    photos = [halves(SKY, SKY), halves(ROAD, SKY), halves(CAR, IGNORE), halves(SKY, ROAD)]
    streets = [halves(SKY, ROAD), halves(CAR, CAR), halves(SKY, ROAD), halves(CAR, CAR)]
    assert nearest_photos(streets, photos, len(STREETS)) == [1, 2, 3, 0]
    assert nearest_photos(streets, photos[2:3], len(STREETS)) == [0, 0, 0, 0]


def test_each_class_takes_the_look_of_its_own() -> None:
    stylizer = fast()
    game, real = sample(halves(SKY, ROAD)), sample(halves(ROAD, CAR))
    photo, content = real["photo"][None], game["photo"][None]
    road = stylizer.encode_style(photo, (real["labels"] == ROAD).float())
    styles = [road, stylizer.encode_style(photo)]
    masks = region_masks((game["labels"] != ROAD).long(), 2, soft=SOFTNESS)
    expected = stylizer.stylize(content, styles, [1, 1], masks=masks)
    assert torch.equal(restyle(stylizer, game, real, controls=Controls()), expected)
    assert torch.equal(restyle(stylizer, game, real), photorealistic(expected, content))


def test_a_photo_without_a_common_class_lends_the_look_of_the_whole() -> None:
    stylizer = fast()
    game, real = sample(halves(SKY, SKY)), sample(halves(ROAD, CAR))
    drawn = restyle(stylizer, game, real, controls=Controls())
    expected = stylizer(game["photo"][None], real["photo"][None])
    assert torch.allclose(drawn, expected, atol=1e-4)


@pytest.fixture
def place(tmp_path, tiny_dataset, monkeypatch):
    monkeypatch.setattr(game_to_real, "SIZE", (64, 48))
    save_linear_fast(tmp_path / "checkpoints")
    save_judge(tmp_path / "checkpoints")
    monkeypatch.chdir(tmp_path)
    return tiny_dataset(3, split="val")


def test_the_command_reads_before_and_after(place, capsys) -> None:
    asked = ["--photos", str(place), "--checkpoints", "checkpoints", "--limit", "2"]
    assert main([*asked, "--out", "scores.json", "--sheet", "sheet.png"]) == 0
    printed = capsys.readouterr().out
    assert "before" in printed and "after" in printed and "IoU" in printed
    with open("scores.json", encoding="utf-8") as file:
        rows = json.load(file)["rows"]
    assert list(rows) == ["before", "after", "photographs"]
    assert all(0 <= row["mean_iou"] <= 1 for row in rows.values())


def test_the_report_is_the_same_again(place) -> None:
    how = {"device": "cpu", "root": "checkpoints"}
    stylizer = checkpoint.load("linear-fast", **how)
    judge = checkpoint.load("segmenter-streets", **how)
    photos = [sample(halves(SKY, ROAD)) for _ in range(2)]
    one, two = (evaluate_game_to_real(stylizer, judge, photos, limit=2) for _ in range(2))
    assert one.rows == two.rows and "class shares" in one.protocol["photos"]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (["--limit", "0"], "expected 1 or more streets, got '0'"),
        (["--judge", "linear-fast"], "linear-fast is no judge"),
        (["--method", "segmenter-streets"], "segmenter-streets has no regions"),
        (["--method", "nothing"], "nothing"),
        (["--out", "scores.txt"], "--out must end in .json"),
    ],
)
def test_what_does_not_fit_is_one_sentence(place, capsys, asked, sentence) -> None:
    given = ["--photos", str(place), "--checkpoints", "checkpoints", *asked]
    assert exit_code(main, given) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1
