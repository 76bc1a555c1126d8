"""Styles, Resolution, About: handlers as plain functions, and the page as a whole."""

import json
from dataclasses import replace
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from lab import images
from lab.baselines.palette import Palette
from lab.card import read_card
from lab.checkpoint import save
from lab.data.streets import STREETS
from lab.lab import Lab
from lab.ui import LAUNCH, TABS, about, build_app, resolution, styles
from lab.ui.components import synthesizers
from lab.ui.drawing import encode
from lab.ui.layouts import PRESETS, preset
from lab.ui.patterns import CONTENTS, PATTERNS, STYLES, draw, examples
from lab.ui.pictures import Desk, Looks
from tests.tiny import card, save_streets

ROAD = STREETS.index("road")


# --- styles --------------------------------------------------------------------------------------


def test_the_class_menu_lists_classes_with_several_looks(lab: Lab) -> None:
    labels = [label for _, label in styles.class_menu(lab, "town")]
    assert labels == list(range(1, 11))  # class 0 of the tiny bank has none


def test_every_look_gets_a_swatch_and_a_point(lab: Lab) -> None:
    *growing, (swatches, figure, rule) = styles.show(lab, "town", ROAD)
    assert [len(step[0]) for step in growing] == [1, 2, 3, 4]
    assert len(swatches) == len(figure.data[0].x) == 4
    assert "4 objects" in swatches[0][1] and rule


def test_no_class_is_no_swatch(lab: Lab) -> None:
    assert [step[0] for step in styles.show(lab, "town", None)] == [[]]


def test_two_looks_are_two_pictures_of_one_layout(lab: Lab) -> None:
    first, second = styles.compare(lab, "town", ROAD, (1, 3))
    recipes = [images.read_recipe(path) for path in (first, second)]
    assert recipes[0]["instances"] == recipes[1]["instances"]
    assert [recipe["styles"][str(ROAD)] for recipe in recipes] == [0, 2]
    assert styles.compare(lab, "town", ROAD, (1, 99))[1] == styles.in_look(lab, "town", ROAD, 3)


def test_the_mean_colour_is_that_of_the_masked_pixels() -> None:
    picture = np.zeros((2, 2, 3), np.uint8)
    picture[0] = (10, 20, 30), (20, 40, 60)
    assert styles.mean_color(picture, np.array([[1, 1], [0, 0]], bool)) == "rgb(15,30,45)"
    assert styles.mean_color(picture, np.zeros((2, 2), bool)) == "rgb(128,128,128)"


def test_the_area_rule_is_read_from_the_card(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "does not say" in styles.area_rule(lab, "town")
    card = read_card(lab.checkpoints / "town")
    ruled = replace(card, training={"styles": {"clusters": 10, "smallest": 1 / 64}})
    monkeypatch.setattr(styles, "card_of", lambda *_: ruled)
    assert "1.6 %" in styles.area_rule(lab, "town") and "10 looks" in styles.area_rule(lab, "town")


# --- resolution ----------------------------------------------------------------------------------


def test_two_stages_are_compared_at_one_size(lab: Lab) -> None:
    layout = resolution.layout_for(lab, "streets", PRESETS[1], None)
    shown, rows, said = resolution.stages(lab, "streets", layout, 1)
    sizes = {images.open_picture(path).size for path in (shown.before, shown.after)}
    assert sizes == {(64, 32)} and shown.size == (64, 32)
    assert [row[1] for row in rows] == ["32 × 16", "64 × 32"] and "G1 alone" in said
    generator = lab.synthesizer("streets").generator
    counts = [sum(p.numel() for p in n.parameters()) / 1e6 for n in (generator.coarse, generator)]
    assert [row[3] for row in rows] == [f"{count:.2f} M" for count in counts]


def test_twice_the_size_is_twice_the_size(lab: Lab) -> None:
    layout = resolution.layout_for(lab, "streets", PRESETS[1], None)
    shown, *_ = resolution.stages(lab, "streets", layout, 2)
    assert images.open_picture(shown.after).size == (128, 64)


def test_a_single_stage_says_so(lab: Lab) -> None:
    layout = resolution.layout_for(lab, "town", PRESETS[0], None)
    _, rows, said = resolution.stages(lab, "town", layout, 1)
    assert len(rows) == 1 and "one stage" in said


def test_the_drawing_of_the_visitor_is_taken_at_native_size(lab: Lab) -> None:
    drawing = encode(preset(PRESETS[3], (100, 50), STREETS))
    desk = Desk(drawing, "town", Looks(), "x.png")
    assert resolution.layout_for(lab, "streets", resolution.DRAWING, desk).size == (64, 32)
    with pytest.raises(gr.Error, match="no drawing"):
        resolution.layout_for(lab, "streets", resolution.DRAWING, None)


@pytest.mark.parametrize("at", [(0, 0), (50, 60), (100, 100), (-5, 400)])
def test_the_loupe_shows_pixels_as_blocks(tmp_path: Path, at: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (120, 200, 3), dtype=np.uint8)
    for name in "ab":
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    shown = resolution.Stages(str(tmp_path / "a.png"), str(tmp_path / "b.png"), (200, 120))
    view = np.asarray(Image.open(resolution.loupe(shown, *at)[1]))
    left, top = (
        round((s - 96) * min(100, max(0, a)) / 100) for s, a in zip((200, 120), at, strict=True)
    )
    small = view[:: resolution.ZOOM, :: resolution.ZOOM]
    assert np.array_equal(small, pixels[top : top + 96, left : left + 96])
    assert np.array_equal(view, small.repeat(resolution.ZOOM, 0).repeat(resolution.ZOOM, 1))


def test_the_pyramid_is_a_table() -> None:
    text = resolution.table_text([["G1", "1 × 1", "all", "0 M", "0 s"]])
    assert [line.count("|") for line in text.splitlines()] == [6, 6, 6]


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


def test_every_paper_is_named_once() -> None:
    titles = [paper.title for paper in about.papers()]
    assert len(titles) == len(set(titles)) >= 2


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
        about.curves(elsewhere, "town")
    rows = [{"step": k, "lr": 1.0, "generator/gan": 1 / k} for k in (1, 2, 4)]
    (folder / "history.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (curve,) = about.curves(elsewhere, "town").data
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
    assert len(missing) == 4 and all("accelerate launch" in text for text in missing)


def test_the_page_builds_with_all(lab: Lab) -> None:
    app = build_app(lab)
    tabs = [block.label for block in app.blocks.values() if isinstance(block, gr.Tab)]
    assert tabs == [tab.TITLE for tab in TABS]


def test_every_picture_is_sent_without_loss(lab: Lab) -> None:
    lossy = [
        block.label
        for block in build_app(lab).blocks.values()
        if getattr(block, "format", "png") != "png" and not isinstance(block, gr.HTML)
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


def test_methods_without_looks_are_no_choice_of_the_tabs(tmp_path: Path) -> None:
    save_streets(tmp_path)
    palette = Palette(torch.rand(len(STREETS) + 1, 3), space=STREETS)
    parts, configs = {"colors": palette.part()}, {"colors": {}}
    save(tmp_path / "flat", card("flat", "palette"), parts, configs)
    lab = Lab(device="cpu", checkpoints=tmp_path)
    assert {entry.name for entry in lab.cards()} == {"flat", "streets"}
    assert [name for _, name in synthesizers(lab)] == ["streets"]
