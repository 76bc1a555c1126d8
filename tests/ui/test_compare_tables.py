"""Stored evaluations: every row and column of the cards, and of the ablations."""

import json
from pathlib import Path

import gradio as gr
import pytest

from lab.lab import Lab
from lab.ui.compare_tables import (
    ablation_charts,
    chart,
    evaluations,
    in_order,
    protocol_text,
    stored_scores,
)
from tests.tiny import save_crn, save_linear_fast, save_palette, save_streets

ROWS = {
    "oracle": {"mean_iou": 0.8, "seconds": None},
    "crn": {"mean_iou": 0.4, "kid_judge": 0.2, "kid_judge_deviation": 0.01, "note": "x"},
}


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "pictures"))
    root = tmp_path / "checkpoints"
    save_palette(root)
    save_crn(root)
    path = root / "streets-crn" / "card.json"
    card = json.loads(path.read_text())
    card["metrics"] = {"rows": ROWS, "protocol": {"pictures": 3, "rows": {"crn": "sees labels"}}}
    path.write_text(json.dumps(card))
    return Lab(device="cpu", checkpoints=root)


def test_every_number_of_the_cards_is_there_and_nothing_else(lab: Lab) -> None:
    (found,) = evaluations(lab).values()
    assert found.rows == {
        "oracle": {"mean_iou": 0.8},
        "crn": {"mean_iou": 0.4, "kid_judge": 0.2, "kid_judge_deviation": 0.01},
    }
    assert found.columns == ["mean_iou", "kid_judge"]


def test_what_one_draws_with_comes_first(lab: Lab) -> None:
    save_linear_fast(lab.checkpoints)
    save_streets(lab.checkpoints, "alley", enhancers=0)
    save_streets(lab.checkpoints, "town", enhancers=0)
    names = ["streets-crn", "linear-fast", "alley", "town"]
    assert in_order(lab, names) == ["town", "alley", "linear-fast", "streets-crn"]
    measured = names[:2]
    assert in_order(lab, measured) == ["linear-fast", "streets-crn"]


def test_a_table_brings_its_menu_protocol_and_file(lab: Lab) -> None:
    scores, menu, protocol, saved = stored_scores(lab, "streets-crn")
    assert scores["headers"] == ["Method", "mean IoU", "KID judge", "KID judge deviation"]
    assert scores["data"] == [["oracle", 0.8, None, None], ["crn", 0.4, 0.2, 0.01]]
    assert menu["value"] == "mean_iou" and ("KID judge", "kid_judge") in menu["choices"]
    assert "sees labels" in protocol and "crn,0.4,0.2,0.01" in Path(saved).read_text()
    assert protocol_text({"a_b": 1}) == "- **a b**: 1"


def test_a_chart_is_one_column(lab: Lab) -> None:
    (bar,) = chart(lab, "streets-crn", "kid_judge").data
    assert list(bar.x) == [0.2] and list(bar.y) == ["crn"] and list(bar.error_x.array) == [0.01]
    assert "↓" in chart(lab, "streets-crn", "kid_judge").layout.xaxis.title.text
    with pytest.raises(gr.Error, match="mean_iou"):
        chart(lab, "streets-crn", "fid")
    with pytest.raises(gr.Error, match="streets-crn"):
        stored_scores(lab, "streets-palette")


def test_ablations_are_held_against_the_whole() -> None:
    rows = [["Full", 0.5, 0.01, 0.7, 0.02, 3], ["No encoder", 0.4, None, 0.8, 0.01, 1]]
    iou, kid = ablation_charts(rows)
    assert list(iou.data[0].x) == [0.5, 0.4] and list(kid.data[0].x) == [0.7, 0.8]
    assert list(iou.data[0].error_x.array) == [0.01, 0]
