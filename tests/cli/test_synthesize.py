"""python -m lab synthesize: files in, files out, one sentence where it cannot be."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lab.images import digest, open_ids, open_picture, read_recipe
from lab.lab import Lab
from tests.cli.commands import assert_one_sentence, lab, pixels, styles, synthesize
from tests.tiny import CLUSTERS


def test_a_picture_of_the_size_of_its_label_map(place) -> None:
    assert synthesize() == 0
    assert open_picture("out.png").size == (70, 40)


def test_the_same_command_writes_the_same_bytes(place) -> None:
    assert synthesize("--seed", "5", out="a.png") == 0
    assert synthesize("--seed", "5", out="b.png") == 0
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


def test_the_recipe_says_what_was_used(place) -> None:
    chosen = styles({"8001": 2})
    assert synthesize("--styles", chosen, "--seed", "3", "--size", "96x48") == 0
    recipe = read_recipe("out.png")
    here = Lab(device="cpu", checkpoints=Path("checkpoints"))
    assert recipe["kind"] == "synthesis"
    assert recipe["method"] == "pix2pixhd"
    assert recipe["checkpoint"] == {"name": "streets", "digest": here.cards("pix2pixhd")[0].digest}
    assert recipe["labels"] == digest(np.asarray(Image.open("labels.png")))
    assert recipe["instances"] == digest(np.asarray(Image.open("instances.png")))
    assert recipe["seed"] == 3
    assert recipe["size"] == [96, 48]
    assert recipe["styles"]["8001"] == 2
    assert recipe["styles"].keys() == {"0", "3", "8000", "8001"}


def test_the_styles_of_a_recipe_draw_the_same_picture_without_its_seed(place) -> None:
    assert synthesize("--seed", "7", out="a.png") == 0
    drawn = read_recipe("a.png")["styles"]
    assert synthesize("--seed", "8", "--styles", styles(drawn), out="b.png") == 0
    assert np.array_equal(pixels("a.png"), pixels("b.png"))


def test_a_look_changes_the_picture_and_the_seed_leaves_it_alone(place) -> None:
    everywhere = {str(i): 0 for i in (0, 3, 8000, 8001)}
    assert synthesize("--styles", styles(everywhere), out="a.png") == 0
    assert synthesize("--styles", styles({**everywhere, "8001": 3}), out="b.png") == 0
    assert not np.array_equal(pixels("a.png"), pixels("b.png"))


def test_without_instances_all_of_a_class_is_one_object(place) -> None:
    arguments = ("synthesize", "--checkpoint", "streets", "--labels", "labels.png")
    assert lab(*arguments, "--out", "a.png") == 0
    assert lab(*arguments, "--instances", "labels.png", "--out", "b.png") == 0
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()
    assert read_recipe("a.png")["styles"].keys() == {"0", "3", "8"}


def test_the_recipe_of_negative_ids_draws_the_same_picture_too(place) -> None:
    ids = open_ids("instances.png")
    Image.fromarray(np.where(ids == 8001, -7, ids).astype(np.int32)).save("instances.tif")
    maps = ("--labels", "labels.png", "--instances", "instances.tif")
    assert lab("synthesize", "--checkpoint", "streets", *maps, "--out", "a.png") == 0
    looks = read_recipe("a.png")["styles"]
    assert looks.keys() == {"0", "3", "8000", "-7"}
    more = ("--styles", styles(looks), "--seed", "9", "--out", "b.png")
    assert lab("synthesize", "--checkpoint", "streets", *maps, *more) == 0
    assert np.array_equal(pixels("a.png"), pixels("b.png"))


def test_void_ids_of_the_data_are_pixels_of_no_class(place) -> None:
    ids = np.asarray(Image.open("labels.png"))
    for name, void in (("void", 11), ("none", 255)):
        Image.fromarray(np.where(ids == 3, void, ids).astype(np.uint8)).save(f"{name}.png")
        arguments = ("--labels", f"{name}.png", "--out", f"{name}-drawn.png")
        assert lab("synthesize", "--checkpoint", "streets", *arguments) == 0
    assert np.array_equal(pixels("void-drawn.png"), pixels("none-drawn.png"))
    assert read_recipe("void-drawn.png")["styles"].keys() == {"0", "8"}
    assert read_recipe("void-drawn.png")["labels"] != read_recipe("none-drawn.png")["labels"]


def test_looks_of_objects_too_small_for_the_size_are_left_out(place) -> None:
    labels, ids = (np.array(Image.open(f"{name}.png")) for name in ("labels", "instances"))
    labels[0, 0], ids[0, 0] = 8, 8005  # of 35x20, half a pixel
    Image.fromarray(labels).save("speck.png"), Image.fromarray(ids).save("ids.png")
    maps = ("--labels", "speck.png", "--instances", "ids.png", "--size", "35x20")
    arguments = ("synthesize", "--checkpoint", "streets", *maps, "--out", "out.png")
    assert lab(*arguments, "--styles", styles({"8005": 1, "8001": 2})) == 0
    drawn = read_recipe("out.png")["styles"]
    assert "8005" not in drawn and drawn["8001"] == 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"8002": 1}, "no object 8002 of a class in the maps; there are 0, 3, 8000, 8001."),
        ({"255": 0}, "no object 255 of a class"),
        ({"8001": CLUSTERS}, "object 8001 is of class car, which has clusters 0 to 3, not 4."),
        ({"8001": -1}, "which has clusters 0 to 3, not -1."),
        ({"0": 1}, "object 0 is of class sky, which has no clusters, not 1."),
        ({"8001": 1.5}, "as whole numbers, got '8001': 1.5."),
        ({"8001": True}, "as whole numbers, got '8001': True."),
        ({"car": 1}, "as whole numbers, got 'car': 1."),
        ([1, 2], 'must be an object such as {"8001": 3}, not list.'),
        ("{", "styles.json is not JSON"),
        ('{"8001": 1, "8001": 2}', "styles.json is not JSON: a key stands in it twice."),
        ('{"8001": 1, "08001": 2}', "names object 8001 twice; name it once."),
    ],
)
def test_styles_that_do_not_fit_are_one_sentence(place, capsys, content, sentence) -> None:
    assert synthesize("--styles", styles(content)) == 2
    assert_one_sentence(capsys, sentence)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--checkpoint", "town"], "No checkpoint 'town' in checkpoints"),
        (["--checkpoint", "../town"], "give a name, not a path"),
        (["--checkpoint", "linear-fast"], "no synthesizer; synthesizers here: streets."),
        (["--labels", "nothing.png"], "There is no picture at nothing.png"),
        (["--labels", "c.png"], "c.png is a picture in colours"),
        (["--labels", "styles.json"], "styles.json is no readable picture"),
        (["--labels", "instances.png"], "--labels: The label map holds ids"),
        (["--instances", "ids.png"], "--labels is 70x40 and --instances 9x9 pixels"),
        (["--labels", "ids.png", "--instances", "ids.png"], "16: give a larger map or --size."),
        (["--styles", "nothing.json"], "--styles nothing.json: there is no such file"),
        (["--styles", "folder.png"], "--styles folder.png is a folder; name a JSON file."),
        (["--checkpoint", "tawn"], "(tawn/card.json is missing; there: streets)."),
        (["--size", "1024"], "expected WIDTHxHEIGHT such as 1024x512, got '1024'"),
        (["--size", "8x64"], "sides must be 16 to 4096 pixels"),
        (["--size", "4096x4096"], "16,000,000 pixels together at most"),
        (["--seed", "-1"], "expected a whole number from 0 to 2^63 - 1"),
        (["--seed", "1.5"], "expected a whole number from 0 to 2^63 - 1"),
        (["--out", "out.jpg"], "--out must end in .png, got out.jpg."),
        (["--out", "no/where.png"], "the folder no does not exist"),
        (["--out", "labels.png"], "--out labels.png is one of the inputs; choose another name."),
        (["--out", "./instances.png"], "--out instances.png is one of the inputs"),
        (["--out", "folder.png"], "folder.png is a folder; name a file."),
        (["--device", "abacus"], "No device 'abacus' here; choose one of: cpu"),
        (["--colour", "red"], "unrecognized arguments: --colour red"),
    ],
)
def test_bad_input_is_one_sentence_and_no_file(place, capsys, more, sentence) -> None:
    Path("styles.json").write_text("{}")
    Path("folder.png").mkdir()
    Image.fromarray(np.zeros((9, 9), np.uint8)).save("ids.png")
    before = sorted(os.listdir())
    assert synthesize(*more) == 2
    assert_one_sentence(capsys, sentence)
    assert sorted(os.listdir()) == before


def test_a_card_of_another_label_space_is_one_sentence(place, capsys) -> None:
    card = Path("checkpoints/streets/card.json")
    card.write_text(card.read_text().replace('"space": "streets"', '"space": "indoor"'))
    assert synthesize() == 2
    assert_one_sentence(capsys, "checkpoints/streets does not fit the method 'pix2pixhd'")
