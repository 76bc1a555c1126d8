"""The matrix panel: what it shows is what the transfer multiplies by."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch

from lab import images
from lab.analysis.transfer import to_csv
from lab.lab import Lab
from lab.ui import build_app, transfer_handlers, transfer_matrix
from lab.ui.transfer_choices import Choices
from lab.ui.transfer_matrix import COVARIANCES, ERROR_NAMES, FACTORS, FOLDED, VIEWS
from tests.tiny import save_vgg_stylizer

FAST = Choices("linear-fast")


@pytest.fixture
def encoded(lab: Lab, pictures: list[str]) -> transfer_handlers.Encoded:
    return transfer_handlers.encode(lab, FAST, pictures[0], pictures[1:])


def test_the_heat_map_is_the_matrix_of_the_pipeline(lab: Lab, pictures, encoded) -> None:
    choices = replace(FAST, weights=(0.2, 0.6, 0, 0), rank=3)
    said, heat, values, *_ = transfer_matrix.figures(lab, encoded, choices, FACTORS)
    content = images.to_tensor(images.open_picture(pictures[0]))
    stylizer = lab.stylizer("linear-fast").with_matrix("learned", 3)
    matrix = stylizer.matrix(content, list(encoded.styles), [0.25, 0.75]).float()
    assert torch.allclose(torch.tensor(np.asarray(heat.data[0].z)).float(), matrix, atol=1e-4)
    kept = np.asarray(values.data[0].y)
    assert len(kept) == 8 and (kept[3:] < 1e-5 * kept[0]).all() and "of 8 directions" in said


def test_t_is_the_product_of_its_factors(lab: Lab, encoded) -> None:
    found = transfer_matrix.anatomy(lab, encoded, FAST)
    assert np.allclose(found.matrix, found.style_factor @ found.content_factor, rtol=1e-4)


def test_every_control_of_the_matrix_changes_it(lab: Lab, encoded) -> None:
    shown = [
        transfer_matrix.anatomy(lab, encoded, replace(FAST, **more)).matrix
        for more in ({}, {"form": "wct"}, {"form": "adain"}, {"rank": 1}, {"weights": (1, 0, 0, 0)})
    ]
    for index, matrix in enumerate(shown):
        assert not any(np.allclose(matrix, other) for other in shown[:index])


def test_the_closer_views_show_all_matrices(lab: Lab, encoded) -> None:
    found = transfer_matrix.anatomy(lab, encoded, FAST)
    sides = {FACTORS: [8] * 3, FOLDED: [8], COVARIANCES: [8] * 4}
    for view in VIEWS:
        drawn = transfer_matrix.closer(found, view)
        assert [len(trace.z) for trace in drawn.data] == sides[view]
    assert set(found.errors) == set(ERROR_NAMES)


def test_the_result_is_the_drawn_picture_with_all_that_was_asked(lab: Lab, encoded) -> None:
    stylizer = lab.stylizer("linear-fast")
    style = transfer_matrix.anatomy(lab, encoded, FAST).style
    results = []
    for more in ({}, {"strength": 0.3}, {"photorealistic": True}, {"colour": "luminance"}):
        choices = replace(FAST, **more)
        found = transfer_matrix.anatomy(lab, encoded, choices)
        path = transfer_handlers.stylize(lab, encoded, choices).path
        picture = images.to_tensor(images.open_picture(path))
        expected = stylizer.describe(picture).moments.covariance.numpy()
        assert np.allclose(found.result, expected, rtol=1e-6, atol=0)
        error = np.linalg.norm(expected - style) / np.linalg.norm(style)
        said = transfer_matrix.sentence(found, divided=False)
        assert f"as drawn, read again, has one {error:.2f} away" in said
        results.append(found.result)
    assert not any(np.allclose(results[0], other, atol=0) for other in results[1:])


def test_the_bars_say_what_is_drawn_and_what_is_asked(lab: Lab, encoded) -> None:
    _, _, _, bars, *_ = transfer_matrix.figures(lab, encoded, FAST, FACTORS)
    found = transfer_matrix.anatomy(lab, encoded, FAST)
    shown = dict(zip(bars.data[0].y, bars.data[0].x, strict=True))
    assert shown["result, as drawn"] == found.errors["result"]
    assert shown["asked of the decoder"] == found.errors["asked"]
    assert shown["asked by WCT"] == found.errors["wct"]


def test_other_pictures_of_the_same_map_have_files_of_their_own(lab: Lab, encoded) -> None:
    plain = transfer_matrix.files(lab, encoded, FAST)
    photo = transfer_matrix.files(lab, encoded, replace(FAST, photorealistic=True))
    assert not set(plain) & set(photo)


def test_regions_are_mentioned(lab: Lab, encoded) -> None:
    choices = replace(FAST, divided=True)
    assert "Each region" in transfer_matrix.figures(lab, encoded, choices, FACTORS)[0]
    assert "Each region" not in transfer_matrix.figures(lab, encoded, FAST, FACTORS)[0]


def test_the_files_hold_every_array(lab: Lab, encoded) -> None:
    npz, tables = transfer_matrix.files(lab, encoded, FAST)
    found = transfer_matrix.anatomy(lab, encoded, FAST)
    with np.load(npz) as stored, zipfile.ZipFile(tables) as archive:
        for name, array in found.arrays().items():
            assert np.array_equal(stored[name], array)
            assert archive.read(f"{name}.csv") == to_csv(array)
        errors = dict(
            line.split(",") for line in archive.read("errors.csv").decode().split("\n")[1:-1]
        )
    for name, error in found.errors.items():
        assert float(errors[name]) == pytest.approx(error)
    assert transfer_matrix.files(lab, encoded, FAST) == [npz, tables]


def test_the_archive_is_the_same_each_time(lab: Lab, encoded) -> None:
    found = transfer_matrix.anatomy(lab, encoded, FAST)
    assert transfer_matrix.to_zip(found) == transfer_matrix.to_zip(found)
    with zipfile.ZipFile(io.BytesIO(transfer_matrix.to_zip(found))) as archive:
        assert archive.testzip() is None


def test_nothing_is_shown_before_there_is_anything(lab: Lab) -> None:
    assert not any(transfer_matrix.figures(lab, None, FAST, FACTORS))
    with pytest.raises(gr.Error, match="no matrices yet"):
        transfer_matrix.files(lab, None, FAST)


@pytest.mark.parametrize(("method", "whole"), [("adain", 32), ("wct", 32)])
def test_methods_without_t_show_their_whole_map(tmp_path: Path, pictures, method, whole) -> None:
    save_vgg_stylizer(tmp_path, method)
    lab, choices = Lab(device="cpu", checkpoints=tmp_path), Choices(method)
    encoded = transfer_handlers.encode(lab, choices, pictures[0], pictures[1:])
    said, heat, *_, closer = transfer_matrix.figures(lab, encoded, choices, FACTORS)
    assert len(heat.data[0].z) == whole == len(closer.data[0].z) and "no T" in said


def test_a_method_that_optimises_says_it_has_none(tmp_path: Path, pictures) -> None:
    save_vgg_stylizer(tmp_path, "gatys")
    lab, choices = Lab(device="cpu", checkpoints=tmp_path), Choices("gatys")
    encoded = transfer_handlers.encode(lab, choices, pictures[0], pictures[1:])
    said, *figures = transfer_matrix.figures(lab, encoded, choices, FACTORS)
    assert "no matrix" in said and not any(figures)


def test_the_last_of_two_quick_choices_is_what_is_shown(lab: Lab) -> None:
    events = [
        event
        for event in build_app(lab).fns.values()
        if "matrix-detail" in {getattr(each, "elem_id", None) for each in event.outputs}
    ]
    assert len(events) > 1 and {event.trigger_mode for event in events} == {"always_last"}
