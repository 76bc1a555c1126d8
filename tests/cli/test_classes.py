"""--content-labels and --style-labels: each class takes the look of its own."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lab.images import open_picture, read_recipe, resize_ids, to_tensor
from lab.lab import Lab
from lab.pipelines.controls import Controls, with_form
from lab.pipelines.photoreal import photorealistic
from lab.pipelines.regions import region_masks
from tests.cli.commands import assert_one_sentence, lab, pixels, transfer
from tests.tiny import save_vgg_stylizer

SKY, ROAD, TREE, CAR = 3, 7, 9, 200
LABELS = ("--content-labels", "cl.png", "--style-labels", "sl.png")


@pytest.fixture
def classes(place: Path) -> Path:
    """A content of sky, road and a tree; a style, `two`, of a blue sky, a dark road and no tree,
    and its halves by themselves."""
    rng = np.random.default_rng(3)
    content = np.full((22, 30), SKY, np.uint8)
    content[8:], content[:, 24:], content[0, 0] = ROAD, TREE, 255
    style = np.full((24, 16), SKY, np.uint8)
    style[:, 8:] = ROAD
    style[-1] = CAR
    sky = (rng.integers(0, 60, (48, 32, 3)) + np.array([40, 120, 190])).astype(np.uint8)
    road = (rng.integers(0, 30, (48, 32, 3)) + np.array([30, 20, 10])).astype(np.uint8)
    two = np.where(np.arange(32)[:, None] < 16, sky, road).astype(np.uint8)
    for name, array in {"cl": content, "sl": style, "sky": sky, "road": road, "two": two}.items():
        Image.fromarray(array).save(f"{name}.png")
    return place


def draw(*more: str, out: str) -> np.ndarray:
    assert lab("transfer", "--content", "c.png", *more, "--out", out) == 0
    return pixels(out).astype(int)


def ids(name: str, size: tuple[int, int]) -> torch.Tensor:
    """A label map at (width, height)."""
    return resize_ids(torch.from_numpy(np.asarray(Image.open(name)).astype(np.int64))[None], size)[
        0
    ]


@pytest.mark.parametrize(
    ("more", "controls"),
    [
        (("--form", "adain"), Controls(form="adain")),
        (("--form", "wct", "--softness", "3"), Controls(form="wct", softness=3.0)),
        (("--photorealistic",), Controls(photorealistic=True)),
    ],
)
def test_each_class_takes_its_own_and_the_rest_the_whole(classes, more, controls) -> None:
    content, style = (to_tensor(open_picture(f"{name}.png")) for name in ("c", "two"))
    own, other = ids("cl.png", (61, 43)), ids("sl.png", (32, 48))
    stylizer = Lab(device="cpu", checkpoints=Path("checkpoints")).stylizer("linear-fast")
    method = with_form(stylizer, controls)
    styles = [method.encode_style(style, (other == each).float()) for each in (SKY, ROAD)]
    styles.append(method.encode_style(style))
    regions = torch.full_like(own, 2)
    regions[own == SKY], regions[own == ROAD] = 0, 1
    masks = region_masks(regions, 3, soft=controls.softness)
    expected = method.stylize(content, styles, [1, 1, 1], masks=masks)
    if controls.photorealistic:
        expected = photorealistic(expected, content)
    found = draw("--style", "two.png", *LABELS, *more, out="o.png")
    assert np.array_equal(found, (expected[0] * 255).round().permute(1, 2, 0).numpy())


@pytest.mark.parametrize("form", ["adain", "wct"])
def test_a_class_has_the_colours_of_its_half(classes, form: str) -> None:
    """As if its half were a style of its own, given to that region; not as the other half."""
    regions = (ids("cl.png", (61, 43)) != SKY).byte().numpy()
    Image.fromarray(regions).save("regions.png")
    Image.fromarray(np.where(regions, ROAD, SKY).astype(np.uint8)).save("cl.png")
    how = ("--form", form, "--regions", "regions.png")
    wanted, swapped = (
        draw("--style", f"{a}.png", "--style", f"{b}.png", *how, out=f"{a}-first.png")
        for a, b in (("sky", "road"), ("road", "sky"))
    )
    found = draw("--style", "two.png", *LABELS, "--form", form, out="o.png")
    assert abs(found - wanted).mean() < abs(found - swapped).mean() / 4


def test_without_a_common_class_the_whole_style_is_taken(classes) -> None:
    Image.new("L", (5, 5), CAR + 1).save("cl.png")
    found = draw("--style", "two.png", *LABELS, out="a.png")
    assert abs(found - draw("--style", "two.png", out="b.png")).max() <= 1


def test_the_recipe_knows_both_maps_and_the_report_is_of_the_whole_style(classes) -> None:
    more = ("--style", "two.png", "--report")
    draw(*more, "a.json", "--matrices", "m.npz", *LABELS, out="a.png")
    draw(*more, "b.json", out="b.png")
    found, plain = (json.loads(Path(name).read_text()) for name in ("a.json", "b.json"))
    assert np.allclose(found["matrix"], plain["matrix"])
    recipe = read_recipe("a.png")
    assert len(recipe["styles"]) == 1 and "weights" not in recipe and "regions" in recipe
    assert len(set(recipe["classes"].values())) == 2
    before = recipe["classes"]["style"]
    Image.new("L", (5, 5), SKY).save("sl.png")
    draw("--style", "two.png", *LABELS, out="c2.png")
    assert read_recipe("c2.png")["classes"]["style"] != before


def test_a_class_of_which_nothing_shows_has_no_counterpart(classes) -> None:
    """The road of the style is hidden: the content's takes what the whole of it shows, sky."""
    stored = np.dstack((np.asarray(Image.open("two.png")), np.full((48, 32), 255, np.uint8)))
    stored[:, 16:, 3] = 0
    Image.fromarray(stored).save("cutout.png")
    found = draw("--style", "cutout.png", *LABELS, out="a.png")
    Image.new("L", (5, 5), SKY).save("sl.png")
    wanted = draw("--style", "cutout.png", *LABELS, out="b.png")
    assert abs(found - wanted).mean() < 3


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--content-labels", "cl.png"], "--content-labels and --style-labels need each other"),
        ([*LABELS, "--style", "s2.png"], "--style-labels is of one style; give --style once"),
        ([*LABELS, "--regions", "cl.png"], "--regions has no say beside --content-labels;"),
        ([*LABELS, "--masks", "cl.png"], "--masks has no say beside --content-labels;"),
        ([*LABELS, "--weights", "1"], "--weights has no say beside --content-labels;"),
        ([*LABELS[:3], "c.png"], "c.png is a picture in colours"),
        ([*LABELS, "--out", "sl.png"], "--out sl.png is one of the inputs"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(classes, capsys, more, sentence) -> None:
    assert transfer(*more) == 2
    assert_one_sentence(capsys, sentence)


def test_a_method_of_one_look_takes_no_classes(classes, capsys) -> None:
    save_vgg_stylizer(classes / "checkpoints", "gatys")
    assert transfer(*LABELS, "--method", "gatys") == 2
    assert_one_sentence(capsys, "This method takes one style for the whole picture")
    assert not Path("out.png").exists()
