"""Styles, Resolution, About: handlers as plain functions, and the page as a whole."""

import json
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest
import torch

from lab import images
from lab.baselines.palette import Palette
from lab.card import read_card
from lab.checkpoint import save
from lab.data.streets import STREETS
from lab.lab import Lab
from lab.patterns import CONTENTS, PATTERNS, STYLES, draw, examples
from lab.ui import LAUNCH, TABS, about, build_app, store
from lab.ui.components import synthesizers
from lab.ui.training_record import curves
from tests.tiny import card, save_streets

ROAD = STREETS.index("road")


# --- ablations -----------------------------------------------------------------------------------


def test_ablations_are_a_table_where_there_are_some(lab: Lab, tmp_path: Path) -> None:
    assert about.ablations(lab) is None
    elsewhere = Lab(device="cpu", checkpoints=tmp_path)
    iou = {"mean": 0.5, "spread": 0.01, "n": 3, "values": {"0": 0.5}}
    row = {"title": "No encoder", "mean_iou": iou, "kid_mobilenet": {**iou, "mean": 0.7}}
    protocol = {"steps": 700, "data": "town", "size": "256x128", "pictures": 60, "spread": "sd"}
    protocol["oracle_mean_iou"] = 0.8
    table = {"rows": {"no-encoder": row}, "protocol": protocol, "reading": "It says nothing."}
    (tmp_path / "ablations.json").write_text(json.dumps(table))
    rows, said = about.ablations(elsewhere)
    assert rows == [["No encoder", 0.5, 0.01, 0.7, 0.01, 3]]
    assert "700 steps" in said and said.endswith("It says nothing.")
    kinds = [type(block) for block in build_app(elsewhere).blocks.values()]
    assert gr.Dataframe in kinds


# --- about, examples, the page -------------------------------------------------------------------


def test_what_is_said_of_how_long_files_are_kept_is_true(lab: Lab) -> None:
    assert "within two hours" in about.INTRODUCTION
    often, age = build_app(lab).delete_cache
    assert often + age <= 2 * 3600 and store.AGE + store.EVERY <= 2 * 3600


def test_every_paper_is_named_once() -> None:
    titles = [paper.title for paper in about.papers()]
    assert len(titles) == len(set(titles)) >= 2


def test_every_paper_can_be_cited_under_a_key_of_its_own() -> None:
    entries = [about.citation(paper) for paper in about.papers()]
    keys = [entry[entry.index("{") + 1 : entry.index(",")] for entry in entries]
    assert "wang2018" in keys and len(set(keys)) == len(keys)
    for entry, paper in zip(entries, about.papers(), strict=True):
        assert entry.count("{") == entry.count("}") and f"{{{paper.title}}}" in entry
        assert entry.count(" and ") >= paper.authors.count(", ") and paper.url in entry


def test_a_card_is_told_whole(lab: Lab) -> None:
    card = read_card(lab.checkpoints / "streets")
    told = about.card_text(
        replace(card, metrics={"val": {"miou": 0.512345, "pictures": 101}}, limits=("blurred",))
    )
    for part in (card.digest, "64 × 32", "CC BY-NC", "0.5123", "101", "- blurred", "command"):
        assert part in told


def test_the_curves_are_the_losses_of_the_history(lab: Lab, tmp_path: Path) -> None:
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "card.json").write_text((lab.checkpoints / "town" / "card.json").read_text())
    elsewhere = Lab(device="cpu", checkpoints=tmp_path)
    with pytest.raises(gr.Error, match="history"):
        curves(elsewhere, "town")
    rows = [{"step": k, "lr": 1.0, "generator/gan": 1 / k} for k in (1, 2, 4)]
    (folder / "history.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (curve,) = curves(elsewhere, "town").data
    assert curve.name == "generator/gan" and list(curve.y) == [1, 0.5, 0.25]


def test_the_example_pictures_are_there_small_and_opened() -> None:
    assert [Path(path).stem for path in examples(STYLES)] == sorted(PATTERNS)
    for path in (*examples(STYLES), *examples(CONTENTS)):
        assert Path(path).stat().st_size < 300_000
        assert min(images.open_picture(path).size) >= 256


def test_a_pattern_is_the_same_each_time_and_an_unknown_one_is_explained() -> None:
    assert draw("waves").tobytes() == draw("waves").tobytes()
    with pytest.raises(KeyError, match="waves"):
        draw("nothing")


def test_the_page_builds_without_any_checkpoint(tmp_path: Path) -> None:
    app = build_app(Lab(device="cpu", checkpoints=tmp_path))
    texts = [str(block.value) for block in app.blocks.values() if isinstance(block, gr.Markdown)]
    missing = [text for text in texts if "needs a trained checkpoint" in text]
    # three of them in Compare, one for each of its doors to methods
    assert len(missing) == 8 and all("accelerate launch" in text for text in missing)


def test_the_page_builds_with_all(lab: Lab) -> None:
    app = build_app(lab)
    tabs = [block for block in app.blocks.values() if isinstance(block, gr.Tab)]
    first = [tab.label for tab in tabs if tab.parent.elem_id == "tabs"]
    assert first == [tab.TITLE for tab in TABS]
    named = {tab.elem_id for tab in tabs if tab.parent.elem_id == "tabs"}
    assert len(named) == len(TABS) and "tab-draw" in named  # where the Styles tab leads


def test_every_picture_is_sent_without_loss(lab: Lab) -> None:
    lossy = [
        block.label
        for block in build_app(lab).blocks.values()
        if getattr(block, "format", "png") != "png" and not isinstance(block, gr.HTML | gr.Video)
    ]
    assert lossy == []


def test_heavy_events_share_one_lane(lab: Lab) -> None:
    fns = build_app(lab).fns.values()
    lanes = {f.concurrency_id: f.concurrency_limit for f in fns if f.concurrency_id == "gpu"}
    assert lanes == {"gpu": 1}
    assert sum(f.concurrency_id == "gpu" for f in fns) >= 8


def test_the_launch_is_closed_by_default() -> None:
    closed = ("enable_monitoring", "run_history", "ssr_mode", "share", "pwa")
    assert not any(LAUNCH[key] for key in closed)
    assert LAUNCH["strict_cors"] and LAUNCH["max_file_size"] and LAUNCH["footer_links"] == []


def test_the_lab_starts_on_a_machine_that_is_too_busy_to_answer_at_once(lab, monkeypatch) -> None:
    monkeypatch.setattr("gradio.networking.url_ok", lambda url: False)
    app = build_app(lab)
    _, address, _ = app.launch(prevent_thread_lock=True, quiet=True, **LAUNCH)
    app.close()
    assert address.startswith("http://127.0.0.1:")


def test_methods_without_looks_are_no_choice_of_the_tabs(tmp_path: Path) -> None:
    save_streets(tmp_path)
    palette = Palette(torch.rand(len(STREETS) + 1, 3), space=STREETS)
    parts, configs = {"colors": palette.part()}, {"colors": {}}
    save(tmp_path / "flat", card("flat", "palette"), parts, configs)
    lab = Lab(device="cpu", checkpoints=tmp_path)
    assert {entry.name for entry in lab.cards()} == {"flat", "streets"}
    assert [name for _, name in synthesizers(lab)] == ["streets"]
