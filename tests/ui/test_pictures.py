"""Pictures are drawn once, carry their recipe, and the recipe makes them again."""

from pathlib import Path

import pytest
import torch

from lab import images
from lab.card import read_card
from lab.interfaces import Layout
from lab.lab import Lab
from lab.ui.layouts import PRESETS, preset
from lab.ui.pictures import Looks, coarse, keep, synthesize


@pytest.fixture
def layout() -> Layout:
    from lab.data.streets import STREETS

    return preset(PRESETS[0], (64, 32), STREETS)


def test_the_recipe_makes_the_same_bytes_again(lab: Lab, layout: Layout) -> None:
    looks = Looks(seed=5)
    first = Path(synthesize(lab, "streets", layout, looks).path)
    recipe, bytes_of_first = images.read_recipe(first), first.read_bytes()
    first.unlink()
    styles = {int(instance): cluster for instance, cluster in recipe["styles"].items()}
    again = synthesize(lab, "streets", layout, Looks(styles, recipe["seed"]))
    assert Path(again.path).read_bytes() == bytes_of_first


def test_the_recipe_names_everything_the_picture_was_made_of(lab: Lab, layout: Layout) -> None:
    recipe = images.read_recipe(synthesize(lab, "town", layout, Looks()).path)
    card = read_card(lab.checkpoints / "town")
    assert recipe["checkpoint"] == {"name": "town", "digest": card.digest}
    assert recipe["labels"] == images.digest(layout.labels)
    assert recipe["instances"] == images.digest(layout.instances)
    assert recipe["size"] == [64, 32] and recipe["seed"] is None
    assert set(map(int, recipe["styles"])) == set(layout.instances.unique().tolist())


def test_a_picture_is_drawn_once(lab: Lab) -> None:
    drawn: list[int] = []

    def draw() -> torch.Tensor:
        drawn.append(1)
        return torch.rand(1, 3, 8, 8)

    recipe = {"checkpoint": {"name": "any", "digest": "0"}, "seed": 1}
    first, second = keep(recipe, draw), keep(recipe, draw)
    assert first.path == second.path and len(drawn) == 1 and second.seconds == 0
    keep(recipe, draw, measured=True)
    assert len(drawn) == 2
    assert keep({**recipe, "seed": 2}, draw).path != first.path


def test_looks_of_objects_that_are_gone_do_not_matter(lab: Lab, layout: Layout) -> None:
    plain = synthesize(lab, "streets", layout, Looks())
    assert synthesize(lab, "streets", layout, Looks({64999: 2})).path == plain.path


def test_another_look_is_another_picture(lab: Lab, layout: Layout) -> None:
    road = layout.space.index("road")
    paths = {synthesize(lab, "streets", layout, Looks({road: k})).path for k in range(4)}
    assert len(paths) == 4


def test_the_coarse_stage_is_kept_apart_and_smaller(lab: Lab, layout: Layout) -> None:
    fine, rough = (f(lab, "streets", layout, Looks()).path for f in (synthesize, coarse))
    assert images.open_picture(fine).size == (64, 32)
    assert images.open_picture(rough).size == (32, 16)
    assert images.read_recipe(rough)["stage"] == "coarse"
