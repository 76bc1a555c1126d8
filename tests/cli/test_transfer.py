"""python -m lab transfer: files in, files out, one sentence where it cannot be."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lab.cli.transfer import check_weights
from lab.images import fit, open_picture, read_recipe, to_tensor
from lab.lab import Lab
from tests.cli.commands import assert_one_sentence, lab, pixels, transfer
from tests.tiny import save_vgg_stylizer


def test_a_transfer_keeps_the_size_of_the_content_and_its_bytes(place) -> None:
    assert transfer(out="a.png") == transfer(out="b.png") == 0
    assert open_picture("a.png").size == (61, 43)
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


def test_the_recipe_of_a_transfer(place) -> None:
    assert transfer("--style", "s2.png", "--weights", "1", "3", "--strength", "0.5") == 0
    recipe = read_recipe("out.png")
    assert recipe["kind"] == "transfer"
    assert recipe["method"] == "linear-fast"
    assert recipe["weights"] == [0.25, 0.75]
    assert recipe["strength"] == 0.5
    assert recipe["size"] == [61, 43]
    assert len({recipe["content"], *recipe["styles"]}) == 3


def test_a_method_that_draws_a_picture_as_a_whole_takes_no_tiles(place, capsys) -> None:
    save_vgg_stylizer(place / "checkpoints", "gatys")
    assert transfer("--method", "gatys", "--tile", "16") == 2
    assert_one_sentence(capsys, "--tile: gatys draws a picture as a whole")


def test_a_style_of_weight_zero_is_as_if_it_were_not_there(place) -> None:
    assert transfer(out="a.png") == 0
    assert transfer("--style", "s2.png", "--weights", "2", "0", out="b.png") == 0
    assert np.array_equal(pixels("a.png"), pixels("b.png"))


def test_equal_weights_are_the_default(place) -> None:
    assert transfer("--style", "s2.png", out="a.png") == 0
    assert transfer("--style", "s2.png", "--weights", "3", "3", out="b.png") == 0
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


def test_at_strength_zero_the_style_does_not_matter(place) -> None:
    arguments = ("transfer", "--content", "c.png", "--strength", "0")
    assert lab(*arguments, "--style", "s.png", "--out", "a.png") == 0
    assert lab(*arguments, "--style", "s2.png", "--out", "b.png") == 0
    assert np.array_equal(pixels("a.png"), pixels("b.png"))


def test_size_shrinks_to_the_longest_side(place) -> None:
    assert transfer("--size", "32") == 0
    assert max(open_picture("out.png").size) == 32


def test_the_report_holds_the_matrix_that_was_used(place) -> None:
    assert transfer("--style", "s2.png", "--weights", "1", "3", "--report", "report.json") == 0
    report = json.loads(Path("report.json").read_text())
    pipeline = Lab(device="cpu", checkpoints=Path("checkpoints")).stylizer("linear-fast")
    content, *styles = (to_tensor(open_picture(f"{name}.png")) for name in ("c", "s", "s2"))
    encoded = [pipeline.encode_style(style) for style in styles]
    expected = pipeline.matrix(content, encoded, [0.25, 0.75]).float()
    torch.testing.assert_close(torch.tensor(report["matrix"]), expected)
    assert report["recipe"] == read_recipe("out.png")
    assert report["sizes"] == {
        "content": [61, 43],
        "styles": [[50, 32], [33, 47]],
        "picture": [61, 43],
    }
    assert report["seconds"].keys() == {"encode_styles", "transfer"}


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--content", "nothing.png"], "There is no picture at nothing.png"),
        (["--style", "labels.txt"], "labels.txt is no readable picture"),
        (["--weights", "1", "2"], "--weights: 2 given for 1 styles; give one per style."),
        (["--weights", "-1"], "--weights must be 0 or more and not all 0, got -1."),
        (["--weights", "0"], "--weights must be 0 or more and not all 0, got 0."),
        (["--weights", "nan"], "--weights must be 0 or more and not all 0, got nan."),
        (
            ["--style", "s2.png", "--weights", "1e308", "1e308"],
            "--weights are too large to be added up; divide 1e+308 1e+308 alike.",
        ),
        (["--method", "gatys"], "No checkpoint 'gatys' in checkpoints"),
        (["--method", "lineal"], "(lineal/card.json is missing; there: linear-fast)."),
        (["--method", "streets"], "no stylizer; stylizers here: linear-fast."),
        (["--strength", "2"], "expected a number from 0 to 1, got '2'"),
        (["--strength", "nan"], "expected a number from 0 to 1, got 'nan'"),
        (["--size", "5000"], "expected 16 to 4096 pixels, got '5000'"),
        (["--out", "out.jpg"], "--out must end in .png or .mp4, got out.jpg."),
        (["--out", "c.png"], "--out c.png is one of the inputs; choose another name."),
        (["--out", "s.png"], "--out s.png is one of the inputs"),
        (["--masks", "labels.png", "--out", "labels.png"], "--out labels.png is one of the inputs"),
        (["--report", "report.txt"], "--report must end in .json, got report.txt."),
        (["--report", "no/report.json"], "the folder no does not exist"),
    ],
)
def test_a_transfer_that_cannot_be_is_one_sentence(place, capsys, more, sentence) -> None:
    Path("labels.txt").write_text("no picture")
    before = sorted(os.listdir())
    assert transfer(*more) == 2
    assert_one_sentence(capsys, sentence)
    assert sorted(os.listdir()) == before


def test_weights_sum_to_one() -> None:
    assert check_weights(None, 4) == [0.25] * 4
    assert check_weights([1, 2, 5], 3) == [0.125, 0.25, 0.625]


def made(mode: str) -> Image.Image:
    """The content of the fixture in another mode, or another way of storing it."""
    picture = Image.open("c.png").convert("RGB")
    if mode == "16-bit":
        return Image.fromarray((np.asarray(picture.convert("L")).astype(np.uint16)) * 257)
    return picture.convert(mode)


@pytest.mark.parametrize(
    ("mode", "name"),
    [("L", "x.png"), ("P", "x.png"), ("1", "x.png"), ("16-bit", "x.png"), ("CMYK", "x.jpg")],
)
def test_contents_of_any_mode_are_drawn_at_their_size(place, mode: str, name: str) -> None:
    made(mode).save(name)
    assert lab("transfer", "--content", name, "--style", "s.png", "--out", "out.png") == 0
    with Image.open("out.png") as drawn:
        assert drawn.size == (61, 43) and drawn.mode == "RGB"


def test_a_content_turned_by_its_exif_is_drawn_upright(place) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # a quarter turn
    Image.open("c.png").convert("RGB").save("x.jpg", exif=turned)
    assert lab("transfer", "--content", "x.jpg", "--style", "s.png", "--out", "out.png") == 0
    assert open_picture("out.png").size == (43, 61)


@pytest.mark.parametrize("size", [None, "32"])
def test_transparency_is_kept(place, size: str | None) -> None:
    picture = Image.open("c.png").convert("RGBA")
    ramp = Image.linear_gradient("L").resize(picture.size)
    picture.putalpha(ramp)
    picture.save("x.png")
    more = () if size is None else ("--size", size)
    assert lab("transfer", "--content", "x.png", "--style", "s.png", "--out", "o.png", *more) == 0
    with Image.open("o.png") as drawn:
        wanted = ramp if size is None else fit(ramp, 32)
        assert drawn.mode == "RGBA" and drawn.getchannel("A").tobytes() == wanted.tobytes()
        colours = np.asarray(drawn, int)[..., :3]
    # Colours are drawn as if nothing were transparent, where nothing is wholly so.
    assert lab("transfer", "--content", "c.png", "--style", "s.png", "--out", "p.png", *more) == 0
    shown = np.asarray(wanted) > 0
    assert abs(colours - pixels("p.png"))[shown].mean() < 3
    assert read_recipe("o.png")["kind"] == "transfer"
    picture.putalpha(255)
    picture.save("x.png")
    assert lab("transfer", "--content", "x.png", "--style", "s.png", "--out", "o.png", *more) == 0
    with Image.open("o.png") as drawn:
        assert drawn.mode == "RGB"


def test_at_strength_zero_every_colour_that_shows_comes_back(place) -> None:
    stored = np.random.default_rng(0).integers(0, 256, (43, 61, 4), dtype=np.uint8)
    stored[:20, :, 3] = 0
    stored[20] = (255, 0, 0, 128)
    Image.fromarray(stored).save("x.png")
    more = ("--style", "s.png", "--strength", "0", "--out", "o.png")
    assert lab("transfer", "--content", "x.png", *more) == 0
    with Image.open("o.png") as drawn:
        found = np.asarray(drawn)
    assert np.array_equal(found[..., 3], stored[..., 3])
    shown = stored[..., 3] > 0
    assert np.array_equal(found[shown], stored[shown])


def hidden(path: str, colours: np.ndarray) -> None:
    """A picture of `colours` (H, W, 3) of which only a corner shows, the rest wild and hidden."""
    wild = np.random.default_rng(1).integers(0, 256, (64, 64, 4), dtype=np.uint8)
    wild[..., 3] = 0
    wild[:16, :16] = np.dstack((colours, np.full((16, 16), 255)))
    Image.fromarray(wild).save(path)


@pytest.mark.parametrize("colour", ["style", "matched"])
def test_of_a_style_only_what_shows_is_taken(place, colour: str) -> None:
    """A dark corner, the rest transparent, draws as the dark colour alone, not nearly white."""
    dark = np.full((16, 16, 3), (40, 20, 30), np.uint8)
    hidden("cutout.png", dark)
    Image.fromarray(dark).resize((64, 64)).save("dark.png")
    for name in ("cutout", "dark"):
        more = ("--style", f"{name}.png", "--colour", colour, "--out", f"o-{name}.png")
        assert lab("transfer", "--content", "c.png", *more) == 0
    difference = pixels("o-cutout.png").astype(int) - pixels("o-dark.png")
    assert abs(difference).mean() < 1


def test_what_a_style_hides_has_no_weight(place) -> None:
    """A dark corner with a bright rim, which is what lies nearest to all that is hidden."""
    corner = np.full((16, 16, 3), 20, np.uint8)
    corner[14:] = corner[:, 14:] = 240
    hidden("cutout.png", corner)
    Image.fromarray(corner).save("corner.png")
    bright = np.full((16, 16, 3), 240, np.uint8)
    Image.fromarray(bright).save("bright.png")
    means = {}
    for name in ("cutout", "corner", "bright"):
        more = ("--style", f"{name}.png", "--out", f"o-{name}.png")
        assert lab("transfer", "--content", "c.png", *more) == 0
        means[name] = pixels(f"o-{name}.png").mean()
    far = abs(means["bright"] - means["corner"])
    assert abs(means["cutout"] - means["corner"]) < far / 4


def test_a_style_that_shows_nothing_is_one_sentence(place, capsys) -> None:
    Image.new("RGBA", (32, 32)).save("nothing.png")
    arguments = ("--style", "nothing.png", "--out", "o.png")
    assert lab("transfer", "--content", "c.png", *arguments) == 2
    assert_one_sentence(capsys, "nothing.png is wholly transparent, so it has no style;")
