"""python -m lab transfer: everything that can be asked of it, and what is refused."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lab.images import open_picture, read_recipe, save_picture, to_tensor
from lab.lab import Lab
from lab.pipelines.controls import Controls, draw, encode_styles, masks_of
from tests.cli.commands import assert_one_sentence, lab, pixels, transfer


def expected(controls: Controls, *names: str, masks=None) -> np.ndarray:
    """What the pipeline itself draws."""
    pipeline = Lab(device="cpu", checkpoints=Path("checkpoints")).stylizer("linear-fast")
    content, *styles = (to_tensor(open_picture(f"{name}.png")) for name in ("c", *names))
    encoded = encode_styles(pipeline, styles, controls, content=content)
    save_picture("expected.png", draw(pipeline, content, encoded, controls, masks=masks))
    return pixels("expected.png")


@pytest.mark.parametrize(
    ("more", "asked"),
    [
        (["--colour", "luminance"], {"colour": "luminance"}),
        (["--colour", "matched"], {"colour": "matched"}),
        (["--style-scale", "0.5"], {"style_scale": 0.5}),
        (["--form", "wct", "--rank", "2"], {"form": "wct", "rank": 2}),
        (["--photorealistic"], {"photorealistic": True}),
        (
            ["--photorealistic", "--radius", "3", "--detail", "0.5"],
            {"photorealistic": True, "radius": 3, "detail": 0.5},
        ),
    ],
)
def test_what_is_asked_is_drawn_and_stands_in_the_recipe(place, more, asked) -> None:
    assert transfer(*more) == 0
    assert np.array_equal(pixels("out.png"), expected(Controls(**asked), "s"))
    recipe = read_recipe("out.png")
    assert {name: recipe[name] for name in asked} == asked


def test_without_wishes_the_recipe_names_none(place) -> None:
    assert transfer() == 0
    known = {"kind", "method", "checkpoint", "content", "styles", "weights", "strength", "size"}
    assert read_recipe("out.png").keys() == known


def test_tiles_draw_the_same_picture(place) -> None:
    assert transfer(out="a.png") == transfer("--tile", "16", out="b.png") == 0
    near = np.abs(pixels("a.png").astype(int) - pixels("b.png"))
    assert near.max() <= 1
    assert {**read_recipe("a.png"), "tile": 16} == read_recipe("b.png")


def test_regions_come_from_a_map_with_soft_edges(place) -> None:
    regions = np.zeros((20, 30), np.uint8)
    regions[:, 15:] = 1
    Image.fromarray(regions).save("regions.png")
    more = ("--style", "s2.png", "--regions", "regions.png")
    assert transfer(*more, out="sharp.png") == 0
    assert transfer(*more, "--softness", "3", out="soft.png") == 0
    assert not np.array_equal(pixels("sharp.png"), pixels("soft.png"))
    assert read_recipe("soft.png")["regions"] != read_recipe("sharp.png")["regions"]
    ids = to_tensor(Image.fromarray(regions))[0, 0].mul(255).round().long()
    masks = masks_of(ids, 2, size=(43, 61), softness=3.0)
    wanted = expected(Controls(softness=3.0), "s", "s2", masks=masks)
    assert np.array_equal(pixels("soft.png"), wanted)


def test_masks_are_grey_pictures(place) -> None:
    for name, level in (("white", 255), ("black", 0)):
        Image.new("L", (9, 9), level).save(f"{name}.png")
    assert transfer("--style", "s2.png", "--masks", "white.png", "black.png", out="a.png") == 0
    assert transfer(out="b.png") == 0
    assert np.abs(pixels("a.png").astype(int) - pixels("b.png")).max() <= 1


def test_weights_are_in_the_recipe_where_they_decide_anything(place) -> None:
    """Beside masks they hold where no mask is white; regions leave them no place."""
    for name, right in (("hole", 0), ("whole", 255)):
        levels = np.full((20, 30), 255, np.uint8)
        levels[:, 15:] = right
        Image.fromarray(levels).save(f"{name}.png")
    Image.new("L", (9, 9), 0).save("black.png")
    Image.new("L", (9, 9), 1).save("regions.png")
    more = ("--style", "s2.png")
    weighed = ("--weights", "1", "3")
    assert transfer(*more, "--masks", "hole.png", "black.png", *weighed, out="a.png") == 0
    assert transfer(*more, "--masks", "hole.png", "black.png", out="b.png") == 0
    assert not np.array_equal(pixels("a.png"), pixels("b.png"))
    assert read_recipe("a.png")["weights"] == [0.25, 0.75]
    assert transfer(*more, "--masks", "whole.png", "black.png", *weighed, out="c-out.png") == 0
    assert transfer(*more, "--regions", "regions.png", out="d.png") == 0
    for name in ("c-out", "d"):
        assert "weights" not in read_recipe(f"{name}.png")


def test_a_mood_brings_its_own_style_and_controls(place) -> None:
    assert lab("transfer", "--content", "c.png", "--mood", "night", "--out", "a.png") == 0
    assert read_recipe("a.png")["photorealistic"] is True
    more = ("--mood", "night", "--colour", "luminance", "--out", "b.png")
    assert lab("transfer", "--content", "c.png", *more) == 0
    assert read_recipe("b.png")["colour"] == "luminance"


def test_matrices_and_how_near_the_style_they_come(place) -> None:
    assert transfer("--matrices", "m.npz", "--report", "report.json") == 0
    stored = np.load("m.npz")
    report = json.loads(Path("report.json").read_text())
    assert np.allclose(stored["matrix"], report["matrix"], atol=1e-6)
    assert np.allclose(stored["matrix"], stored["style_factor"] @ stored["content_factor"])
    errors = report["covariance_errors"]
    assert errors["wct"] < 1e-3 < errors["asked"]
    assert {"asked_covariance", "result_covariance"} <= set(stored)
    assert transfer("--matrices", "p.npz", "--report", "report.json", "--photorealistic") == 0
    again = json.loads(Path("report.json").read_text())["covariance_errors"]
    assert again["asked"] == errors["asked"] and again["result"] != errors["result"]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--mood", "night"], "Give --style PICTURE, once or several times, or --mood NAME."),
        (
            ["--style-scale", "9"],
            "transfer: --style-scale is 9.0; expected a number from 0.25 to 4",
        ),
        (["--rank", "99"], "rank is 99; expected 1 to"),
        (["--rank", "0"], "transfer: --rank is 0; expected a whole number from 1"),
        (["--radius", "4"], "--radius is for --photorealistic; give it as well."),
        (["--softness", "4"], "--softness is for --regions or --content-labels; give"),
        (["--weights", "1", "--regions", "labels.png"], "--weights has no say beside --regions;"),
        (["--regions", "c.png"], "c.png is a picture in colours"),
        (
            ["--regions", "labels.png"],
            "--regions labels.png: Region 255 has no style; expected 0 alone",
        ),
        (["--masks", "c.png", "c.png"], "2 masks were given for 1 styles"),
        (["--regions", "c.png", "--masks", "c.png"], "choose one of them"),
        (["--tile", "-3"], "transfer: --tile is -3; expected a whole number from 0"),
        (["--matrices", "m.txt"], "--matrices must end in .npz, got m.txt."),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(place, capsys, more, sentence) -> None:
    before = sorted(os.listdir())
    assert transfer(*more) == 2
    assert_one_sentence(capsys, sentence)
    assert sorted(os.listdir()) == before


def test_without_style_and_mood_nothing_can_be_drawn(place, capsys) -> None:
    assert lab("transfer", "--content", "c.png", "--out", "out.png") == 2
    assert_one_sentence(capsys, "or --mood NAME")
