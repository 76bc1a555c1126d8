"""Swatches: where a class is shown, and that the generator draws it there."""

import pytest
import torch
from torch import Tensor

from lab.analysis.swatches import SMALLEST_SIDE, plain, stand, surroundings, swatch, widened
from lab.data.faces import FACES
from lab.data.indoor import INDOOR
from lab.data.labels import LabelSpace
from lab.data.presets import RULES
from lab.data.streets import STREETS
from lab.interfaces import Layout

SIZE = (64, 32)
CAR = STREETS.index("car")


class Painter:
    """Every object in the grey of its cluster, objects not named black."""

    native_size = SIZE

    def __init__(self, space) -> None:
        self.space, self.seen = space, []

    def __call__(self, layout: Layout, *, styles=None) -> Tensor:
        self.seen.append(layout)
        picture = torch.zeros(1, 3, *layout.labels.shape[1:])
        for instance, cluster in styles.items():
            picture[:, :, (layout.instances == instance)[0]] = (cluster + 1) / 10
        return picture


@pytest.mark.parametrize("space", [STREETS, FACES, INDOOR], ids=lambda space: space.name)
def test_a_class_is_shown_where_rules_make_it_or_else_as_an_ellipse(space: LabelSpace) -> None:
    """Its objects are named, the largest first; only what rules never make is an ellipse."""
    for label, number in enumerate(RULES[space.name].most):
        shown = stand(label, space, (128, 96))
        inside = shown.layout.labels == label
        areas = [int((shown.layout.instances == instance).sum()) for instance in shown.instances]
        assert sum(areas) == inside.sum() > 0 and areas == sorted(areas, reverse=True)
        assert (len(shown.layout.labels.unique()) == 2) == (number is None)


def test_a_swatch_shows_all_objects_of_the_class_under_one_cluster_and_no_other() -> None:
    painter = Painter(STREETS)
    picture = swatch(painter, CAR, 4)
    shown = stand(CAR, STREETS, SIZE)
    left, top, right, bottom = shown.box
    expected = (shown.layout.labels[0] == CAR)[top:bottom, left:right] * 0.5
    torch.testing.assert_close(picture[0, 0], expected)
    assert swatch(painter, CAR, 4, size=(30, 20)).shape == (1, 3, 20, 30)


def test_the_surroundings_hold_the_object_and_stay_inside() -> None:
    for label in range(len(STREETS)):
        layout = stand(label, STREETS, (256, 128)).layout
        for instance in stand(label, STREETS, (256, 128)).instances:
            left, top, right, bottom = surroundings(layout, instance)
            assert 0 <= left < right <= 256 and 0 <= top < bottom <= 128
            inside = layout.instances[0] == instance
            assert inside[top:bottom, left:right].sum() == inside.sum()
            assert min(right - left, bottom - top) >= SMALLEST_SIDE


def test_surroundings_by_hand() -> None:
    ids = torch.zeros(1, 300, 400, dtype=torch.int64)
    ids[0, 100:200, 10:20] = 7
    layout = Layout(torch.zeros_like(ids), ids, STREETS)
    # 100 rows and half of it; 10 columns grow to the smallest side, moved in from the border.
    assert surroundings(layout, 7) == (0, 75, 112, 225)
    assert surroundings(layout, 8) == (0, 0, 400, 300)


@pytest.mark.parametrize("label", range(6))
def test_elsewhere_a_class_is_an_ellipse_on_another(tiny_space, label: int) -> None:
    shown = stand(label, tiny_space, (80, 60))
    assert torch.equal(shown.layout.labels, plain(label, tiny_space, (80, 60)).labels)
    assert shown.instances == (label,) and len(shown.layout.labels.unique()) == 2
    inside = shown.layout.labels[0] == label
    assert inside[30, 40] and not inside[0, 0]
    assert float(inside.float().mean()) == pytest.approx(torch.pi * 0.38 * 0.34, abs=0.02)
    assert torch.equal(inside, inside.flip(0)) and torch.equal(inside, inside.flip(1))


@pytest.mark.parametrize(
    ("box", "size", "expected"),
    [
        ((100, 40, 140, 100), (4, 3), (80, 40, 160, 100)),  # a pole grows sideways
        ((100, 60, 180, 80), (4, 3), (100, 40, 180, 100)),  # a car upwards and downwards
        ((0, 0, 30, 60), (4, 3), (0, 0, 80, 60)),  # moved in from the border
        ((10, 0, 190, 20), (4, 3), (20, 0, 180, 120)),  # a sky is cut: there is no more height
        ((90, 50, 110, 60), (2, 1), (90, 50, 110, 60)),
    ],
)
def test_a_box_is_brought_to_proportions_inside_the_picture(box, size, expected) -> None:
    assert widened(box, size, (200, 120)) == expected
