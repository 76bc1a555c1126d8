"""Compare: what draws, what scores, what is taken away; handlers as plain functions."""

import csv
import io
import math
import re
import threading
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from lab import images
from lab.data.streets import STREETS
from lab.lab import Lab
from lab.patterns import CONTENTS, STYLES, examples
from lab.scoring.methods import ENCODED, ORACLE, load_judge, oracle, rows_of
from lab.scoring.report import short
from lab.scoring.synthesis import score_synthesis
from lab.ui import build_app
from lab.ui import compare_scenes as scenes
from lab.ui import compare_synthesis as synthesis
from lab.ui import compare_transfer as transfer
from lab.ui.compare_drawing import SEED, compare_layout, still
from lab.ui.compare_result import files, required, steps
from lab.ui.comparisons import Comparison, sentences, table, to_csv, view
from lab.ui.drawing import encode
from lab.ui.gpu import LANE, LONG_LANE
from lab.ui.layouts import PRESETS, preset
from lab.ui.pictures import Desk, Looks
from lab.ui.viewer import names
from lab.ui.work import Cancelled
from tests.tiny import (
    save_crn,
    save_judge,
    save_linear_fast,
    save_palette,
    save_streets,
    save_vgg_stylizer,
)

PAIR = examples(CONTENTS)[0], examples(STYLES)[0]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny checkpoints of two domains and of every stylizer but wct; streets have a judge."""
    root = tmp_path_factory.mktemp("checkpoints")
    save_streets(root, "streets")
    save_streets(root, "town", seed=1)
    for domain in ("streets", "town"):
        save_palette(root, domain)
    save_crn(root, "streets")
    save_judge(root, "streets")
    save_linear_fast(root)
    for method in ("linear", "adain", "gatys"):
        save_vgg_stylizer(root, method)
    # the tiny cards call every domain "streets"
    card = root / "town" / "card.json"
    card.write_text(card.read_text().replace('"domain": "streets"', '"domain": "town"'))
    return root


@pytest.fixture
def lab(everything: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "pictures"))
    return Lab(device="cpu", checkpoints=everything)


def last(drawing) -> Comparison:
    """A comparison once everything is drawn."""
    *_, (comparison, _) = drawing
    return comparison


def labels_file(folder: Path, size: tuple[int, int] = (64, 32)) -> str:
    ids = np.zeros((size[1], size[0]), np.uint8)
    ids[size[1] // 2 :] = STREETS.index("road")
    Image.fromarray(ids).save(folder / "labels.png")
    return str(folder / "labels.png")


# --- one layout ----------------------------------------------------------------------------------


def test_every_installed_method_draws_and_a_missing_one_is_a_sentence(lab: Lab) -> None:
    assert scenes.domains(lab) == ["town", "streets"]
    done = last(synthesis.compare(lab, "streets", "street-1", 0))
    assert [p.name for p in done.pictures] == ["layout", "pix2pixhd", "crn", "palette"]
    assert len(done.left_out) == 1 and "streets-pix2pix.yaml" in done.left_out[0]
    assert {images.open_picture(p.path).size for p in done.pictures} == {(64, 32)}
    for name, numbers in done.rows.items():
        assert {"pixel_accuracy", "mean_iou", "seconds"} <= set(numbers), name
        assert "psnr" not in numbers


def test_the_town_is_held_against_its_scene_and_redrawn_from_it(lab: Lab) -> None:
    done = last(synthesis.compare(lab, "town", "street-2", 0))
    assert [p.name for p in done.pictures][:3] == ["layout", ORACLE, "pix2pixhd"]
    assert ENCODED in done.rows and "psnr" in done.rows["palette"]
    assert "mean_iou" not in done.rows["palette"]  # no judge of the town is installed
    assert "segmenter-town" in sentences(done.protocol)


def test_numbers_are_those_of_lab_score(lab: Lab, tmp_path: Path) -> None:
    """The same layouts as a split of two, scored by the command's own function."""
    photo = np.random.default_rng(0).integers(0, 256, (32, 64, 3), dtype=np.uint8)
    Image.fromarray(photo).save(tmp_path / "photo.png")
    own = scenes.Own(labels_file(tmp_path), None, str(tmp_path / "photo.png"))
    done = last(synthesis.compare(lab, "streets", scenes.UPLOAD, 0, own=own))
    scene = scenes.scene_of(lab, "streets", scenes.UPLOAD, own=own)

    class Twice(list):
        positions, domain = (0, 1), "streets"

        def protocol(self) -> dict:
            return {}

    judge = load_judge("streets", lab.checkpoints, lab.device)
    methods = [oracle(), *rows_of(lab.cards("crn")[0], lab.synthesizer("streets-crn"))]
    scored = score_synthesis(Twice([scene, scene]), methods, judge=judge).rows
    for row in (ORACLE, "crn"):
        for column in ("pixel_accuracy", "mean_iou", "of_oracle", "psnr", "ssim"):
            if column in scored[row]:
                assert done.rows[row][column] == pytest.approx(scored[row][column]), column
    assert "distance_judge" in done.rows["crn"]
    assert not any(name.startswith(("kid", "frechet")) for name in done.rows["crn"])


def test_pictures_come_one_by_one_and_are_told_about(lab: Lab) -> None:
    seen = [(len(c.pictures), said) for c, said in synthesis.compare(lab, "town", "street-1", 0)]
    counts = [count for count, _ in seen]
    assert counts == sorted(counts) and counts[0] == 0 and counts[-1] == 5
    assert "Drawing pix2pixhd, 1 of 3" in seen[1][1] and "drew" in seen[-1][1]


def test_what_is_shown_is_told_apart_from_what_is_chosen(lab: Lab) -> None:
    done = last(synthesis.compare(lab, "town", "street-1", SEED))
    as_shown, emptied = (still(done, "town", "street-1", seed) for seed in (SEED, None))
    other = still(done, "town", "street-2", 5)
    assert as_shown == emptied and "Shown is street-1 of town, seed 2." in as_shown
    assert "Still showing street-1 of town, seed 2;" in other
    assert "press Compare to draw street-2 of town, seed 5." in other
    own = Comparison(synthesis.subject(scenes.UPLOAD, "town", 0), pictures=done.pictures)
    assert "Shown is upload of town, seed 0." in still(own, "town", scenes.UPLOAD, 0)
    assert "Still showing upload" in still(own, "town", scenes.DRAWING, 0)
    assert all(still(empty, "town", "street-1", 0) == gr.skip() for empty in (None, Comparison("")))


def test_two_seeds_are_two_pictures_and_one_seed_is_one(lab: Lab) -> None:
    drawn = [last(synthesis.compare(lab, "streets", "street-1", seed)) for seed in (0, 0, 5)]
    paths = [next(p.path for p in c.pictures if p.name == "pix2pixhd") for c in drawn]
    assert paths[0] == paths[1] != paths[2]


@pytest.mark.parametrize(
    ("domain", "source", "words"),
    [
        ("town", scenes.DRAWING, "no drawing"),
        ("town", scenes.UPLOAD, "label map"),
        ("town", "street-99", "street-99"),
        ("faces", "street-1", "No method of 'faces'"),
        ("nowhere", "street-1", "nowhere"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(lab: Lab, domain: str, source: str, words) -> None:
    with pytest.raises(gr.Error, match=words):
        list(compare_layout(lab, domain, source, 0, None, None, None, None))


def test_programs_may_name_a_layout_of_any_domain(lab: Lab) -> None:
    """The menu's choices are those of the first, until a visitor chooses another."""
    menus = [each for each in build_app(lab).blocks.values() if isinstance(each, gr.Dropdown)]
    (layouts,) = [each for each in menus if ("street-1", "street-1") in each.choices]
    assert layouts.preprocess("portrait-1") == "portrait-1"


def test_an_empty_seed_is_the_usual_one(lab: Lab) -> None:
    *_, (done, *_) = compare_layout(lab, "streets", "street-1", None)
    assert f"seed {SEED}" in done.subject


def test_a_drawing_of_other_classes_is_refused(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = encode(preset(PRESETS[0], (64, 32), STREETS))
    desk = Desk(drawing, "streets", Looks(), "x.png")
    drawn = scenes.scene_of(lab, "town", scenes.DRAWING, desk=desk)  # one domain's, in the other
    assert drawn.layout.size == (64, 32)
    monkeypatch.setattr(scenes, "size_of", lambda *_: (64, 32))
    with pytest.raises(ValueError, match="classes of 'streets', and 'faces' is drawn here"):
        scenes.scene_of(lab, "faces", scenes.DRAWING, desk=desk)


def test_work_of_minutes_stays_out_of_everybodys_lane(lab: Lab) -> None:
    """Styles may be drawn by a method of minutes and zips are many; a layout takes seconds."""
    events = [event for event in build_app(lab).fns.values() if drawing_like(event)]
    assert len(events) == 5
    long = {e.api_name for e in events if e.concurrency_id == LONG_LANE["concurrency_id"]}
    assert long == {"compare_styles", "score_upload"}
    assert {e.concurrency_id for e in events} == {
        lane["concurrency_id"] for lane in (LANE, LONG_LANE)
    }


def drawing_like(event) -> bool:
    """Whether an event writes to a viewer of the tab and is no vote or mere look at the result."""
    written = {getattr(each, "elem_id", None) for each in event.outputs}
    tables = {"layout-table", "styles-table", "upload-table"}
    return bool(written & tables)


# --- one pair ------------------------------------------------------------------------------------


def test_every_chosen_stylizer_draws_between_content_and_style(lab: Lab) -> None:
    assert transfer.installed(lab) == ["linear", "linear-fast", "adain", "gatys"]
    assert "gatys" not in transfer.usual(lab)
    chosen = ["adain", "linear-fast"]  # in whatever order
    done = last(transfer.compare(lab, *PAIR, size=64, methods=chosen))
    assert [p.name for p in done.pictures] == ["content", "style", "linear-fast", "adain"]
    assert done.rows["content"]["content_distance"] == 0 == done.rows["style"]["style_distance"]
    assert done.rows["content"]["ssim"] == pytest.approx(1)
    assert "seconds" in done.rows["adain"] and "seconds" not in done.rows["style"]
    assert "the encoder of the checkpoint gatys" in sentences(done.protocol)
    assert [sentence.split()[0] for sentence in done.left_out] == ["wct"]


def test_without_a_style_network_the_rest_is_still_measured(tmp_path: Path, lab: Lab) -> None:
    root = tmp_path / "few"
    save_linear_fast(root)
    few = Lab(device="cpu", checkpoints=root)
    done = last(transfer.compare(few, *PAIR, size=64, methods=["linear-fast"]))
    assert set(done.rows["linear-fast"]) == {"ssim", "seconds"}
    assert "gatys.yaml" in sentences(done.protocol)


def test_gatys_tells_how_far_it_is_and_ends_when_nobody_looks(lab: Lab, monkeypatch) -> None:
    told = threading.Event()

    def endless(content, style, *, progress=None, **_):
        while True:
            try:
                progress(0.25)
            except Cancelled:
                told.set()
                raise

    monkeypatch.setattr(Lab, "stylizer", lambda self, name: endless)
    monkeypatch.setattr(transfer, "stylizer_row", lambda *_: transfer.TransferMethod("x", None, ""))
    drawing = transfer.compare(lab, *PAIR, size=64, methods=["gatys"])
    words = [next(drawing)[1] for _ in range(3)]
    assert words[-1].endswith("25%")
    drawing.close()  # as Gradio does when a visitor stops an event
    assert told.wait(10)


@pytest.mark.parametrize(
    ("given", "methods", "words"),
    [
        ((None, PAIR[1]), ["linear-fast"], "content and a style"),
        (PAIR, [], "one method"),
        (PAIR, ["wct"], "wct is not installed"),
        (PAIR, ["nothing"], "nothing"),
    ],
)
def test_a_pair_that_cannot_be_drawn_is_one_sentence(lab: Lab, given, methods, words) -> None:
    with pytest.raises(gr.Error, match=words):
        list(transfer.compare(lab, *given, size=64, methods=methods))


# --- viewer, table, files ------------------------------------------------------------------------


def test_steps_keep_the_view_and_end_with_table_and_protocol(lab: Lab) -> None:
    *_, first, done = steps(synthesis.compare(lab, "town", "street-1", 0))
    comparison, shown, scores, said, line = done
    assert first[1]["keep"] and shown["keep"] and shown["first"] == 2
    assert names(shown)[1] == "photo (oracle)" and "drew" in line
    assert scores["headers"][0] == "Method" and len(scores["data"]) == len(comparison.rows)
    assert "64x32" in said and "- pix2pix is not installed" in said


def test_csv_comes_back_as_it_was() -> None:
    rows = {'a, "b"': {"psnr": 12.345678, "mean_iou": 0.5}, "c": {"psnr": math.nan, "x": 1e-9}}
    found = {row.pop("row"): row for row in csv.DictReader(io.StringIO(to_csv(rows)))}
    assert list(found) == list(rows)
    for row, values in rows.items():
        for column, cell in found[row].items():
            value = values.get(column, math.nan)
            assert (cell == "") if math.isnan(value) else float(cell) == short(value)
    assert table(rows)["data"][1] == ["c", None, None, 1e-9]


def test_the_report_is_one_file_with_every_picture(lab: Lab) -> None:
    done = last(synthesis.compare(lab, "town", "street-1", 0))
    page, numbers = files(done)
    text = Path(page).read_text()
    assert text.count("data:image/png;base64,") == len(done.pictures)
    assert not re.search(r"(src|href)=\"(?!data:|#)", text) and "<script" not in text
    assert "town-pix2pix.yaml" in text and "PSNR" in text
    assert Path(numbers).read_text() == to_csv(done.rows)
    assert files(None) == (None, None)
    with pytest.raises(gr.Error, match="Nothing is drawn"):
        required(None)


def test_what_is_shown_is_what_was_scored(lab: Lab) -> None:
    done = last(synthesis.compare(lab, "town", "street-1", 0))
    by_name = {p.name: images.to_tensor(images.open_picture(p.path)) for p in done.pictures}
    error = (by_name["palette"].double() - by_name[ORACLE].double()).square().mean()
    assert done.rows["palette"]["psnr"] == pytest.approx(float(-10 * torch.log10(error)), abs=1e-3)
    assert view(None)["panes"] == []
