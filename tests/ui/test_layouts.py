"""Layouts to start from, and what is in them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lab.data.cityscapes import CITYSCAPES
from lab.data.faces import FACES
from lab.data.indoor import INDOOR
from lab.data.labels import IGNORE, LabelSpace
from lab.data.portraits import portrait
from lab.data.streets import STREETS
from lab.interfaces import Layout
from lab.ui.drawing import MAX_PIXELS, MAX_SIDE
from lab.ui.layouts import (
    PRESETS,
    empty,
    preset,
    read,
    resized,
    summary,
    things,
    thumbnail,
)

CAR, ROAD, SKY = STREETS.index("car"), STREETS.index("road"), STREETS.index("sky")


def test_a_preset_is_a_layout_of_the_asked_size_and_the_same_each_time() -> None:
    first, second = (preset.__wrapped__(PRESETS[0], (64, 48), STREETS) for _ in range(2))
    assert first.size == (64, 48)
    assert torch.equal(first.instances, second.instances)
    STREETS.check(first.labels)


def test_the_empty_layout_is_sky_over_road() -> None:
    layout = empty((20, 100), STREETS)
    assert set(layout.labels[0, :55].unique().tolist()) == {SKY}
    assert set(layout.labels[0, 55:].unique().tolist()) == {ROAD}
    assert torch.equal(layout.labels, layout.instances)


def test_the_empty_layout_of_a_space_without_sky(tiny_space: LabelSpace) -> None:
    bare = LabelSpace("bare", tiny_space.labels[1:2])
    assert empty((4, 4), bare).labels.unique().tolist() == [0]


def test_things_are_named_counted_and_sorted(tiny_layout, tiny_space: LabelSpace) -> None:
    found = things(Layout(*tiny_layout, tiny_space))
    areas = [thing.area for thing in found]
    assert areas == sorted(areas, reverse=True) and sum(areas) == 32 * 64
    names = {thing.instance: thing.name for thing in found}
    assert names[5000] == "car 1" and names[5001] == "car 2" and names[2] == "road"


def test_a_thing_belongs_to_the_class_of_most_of_its_pixels() -> None:
    labels = torch.full((1, 16, 16), ROAD)
    labels[:, :10] = CAR
    instances = torch.full_like(labels, 77)
    (thing,) = things(Layout(labels, instances, STREETS))
    assert (thing.label, thing.area, thing.name) == (CAR, 160, "car (77)")


def test_ignored_pixels_are_nothing() -> None:
    labels = torch.full((1, 16, 16), IGNORE)
    assert things(Layout(labels, labels.clone(), STREETS)) == []


def test_the_summary_counts_objects(tiny_layout, tiny_space: LabelSpace) -> None:
    assert summary(Layout(*tiny_layout, tiny_space)) == "2 cars, 2 trees"


def test_the_summary_of_a_layout_has_the_plurals_of_english() -> None:
    for space, name, words in (
        (INDOOR, "bookshelf", "2 bookshelves"),
        (INDOOR, "box", "2 boxes"),
        (CITYSCAPES, "person", "2 people"),
        (CITYSCAPES, "bus", "2 buses"),
        (CITYSCAPES, "rider", "2 riders"),
    ):
        label = space.index(name)
        instances = torch.arange(2).repeat(1, 4, 4) + label * 1000
        layout = Layout(torch.full_like(instances, label), instances, space)
        assert summary(layout) == words


def test_the_thumbnail_has_the_colours_of_the_classes(tiny_layout, tiny_space) -> None:
    image = thumbnail(Layout(*tiny_layout, tiny_space), width=32)
    assert image.size == (32, 16)
    colours = {color for _, color in image.getcolors()}
    assert colours <= {label.color for label in tiny_space.labels}


def test_resizing_keeps_the_ids(tiny_layout, tiny_space: LabelSpace) -> None:
    layout = Layout(*tiny_layout, tiny_space)
    larger = resized(layout, (128, 64))
    assert torch.equal(larger.instances[:, ::2, ::2], layout.instances)


# --- a visitor's own label map -------------------------------------------------------------------


def saved(path: Path, array: np.ndarray) -> str:
    Image.fromarray(array).save(path)
    return str(path)


@pytest.fixture
def ids() -> np.ndarray:
    labels = np.full((24, 32), ROAD)
    labels[:10] = SKY
    labels[12:18, 2:10] = labels[12:18, 20:28] = CAR
    return labels


def test_ids_and_colours_give_the_same_layout(tmp_path: Path, ids: np.ndarray) -> None:
    grey = saved(tmp_path / "ids.png", ids.astype(np.uint8))
    colours = np.array([label.color for label in STREETS.labels], np.uint8)[ids]
    painted = saved(tmp_path / "colours.png", colours)
    first, second = (read(path, None, STREETS, pixels=10_000) for path in (grey, painted))
    assert torch.equal(first.labels, second.labels)
    assert np.array_equal(first.labels[0].numpy(), ids)
    assert set(first.instances.unique().tolist()) == {SKY, ROAD, CAR * 1000, CAR * 1000 + 1}


@pytest.fixture
def both(tmp_path: Path, ids: np.ndarray) -> Callable[[np.ndarray], list[str]]:
    """Saves an instance map; paths of the label map and of it."""
    labels = saved(tmp_path / "l.png", ids.astype(np.uint8))
    return lambda objects: [labels, saved(tmp_path / "i.png", objects.astype(np.uint16))]


def test_an_instance_map_of_the_painters_form_is_taken_as_it_is(both, ids: np.ndarray) -> None:
    objects = np.where(ids == CAR, CAR * 1000 + 7, ids)
    layout = read(*both(objects), STREETS, pixels=10_000)
    assert np.array_equal(layout.instances[0].numpy(), objects)


def test_objects_numbered_from_one_are_no_stuff_afterwards(both, ids: np.ndarray) -> None:
    """A stroke of road has the id of its class, which an object must not have as well."""
    objects = np.zeros_like(ids)
    objects[12:18, 2:10], objects[12:18, 20:28] = ROAD, CAR  # cars three and eight, of many
    layout = read(*both(objects), STREETS, pixels=10_000)
    found = layout.instances[0].numpy()
    assert np.array_equal(found[ids != CAR], ids[ids != CAR])
    assert set(found[12:18, 2:10].flat) == {CAR * 1000}
    assert set(found[12:18, 20:28].flat) == {CAR * 1000 + 1}
    assert {thing.name for thing in things(layout)} == {"sky", "road", "car 1", "car 2"}
    kept = read(*both(objects), STREETS, pixels=10_000, own_ids=True)
    assert np.array_equal(kept.instances[0].numpy(), objects)


def test_a_large_map_is_shrunk_to_the_pixels_asked_for(tmp_path: Path) -> None:
    path = saved(tmp_path / "big.png", np.full((300, 600), ROAD, np.uint8))
    width, height = read(path, None, STREETS, pixels=20_000).size
    assert width * height <= 20_000 and width == pytest.approx(2 * height, abs=2)


@pytest.mark.parametrize("size", [(1600, 1400), (2047, 1025), (1449, 1449), (4000, 60)])
def test_a_shrunk_map_is_never_a_pixel_too_large(tmp_path: Path, size: tuple[int, int]) -> None:
    path = saved(tmp_path / "big.png", np.full(size[::-1], ROAD, np.uint8))
    width, height = read(path, None, STREETS, pixels=MAX_PIXELS, side=MAX_SIDE).size
    assert width * height <= MAX_PIXELS and max(width, height) <= MAX_SIDE
    assert width / height == pytest.approx(size[0] / size[1], rel=0.03)


def test_bad_maps_are_refused_in_a_sentence(tmp_path: Path, ids: np.ndarray) -> None:
    text = tmp_path / "text.png"
    text.write_text("not a picture")
    labels = saved(tmp_path / "l.png", ids.astype(np.uint8))
    cases = [
        (str(text), None),
        (saved(tmp_path / "unknown.png", np.full((20, 20), 99, np.uint8)), None),
        (saved(tmp_path / "photo.png", np.full((20, 20, 3), 17, np.uint8)), None),
        (labels, saved(tmp_path / "small.png", np.zeros((5, 5), np.uint8))),
    ]
    for case in cases:
        with pytest.raises(ValueError) as error:
            read(*case, STREETS, pixels=10_000)
        assert str(error.value).endswith(".") and "\n" not in str(error.value)


def test_void_ids_of_a_domain_are_pixels_of_no_class(tmp_path: Path, ids: np.ndarray) -> None:
    ids = ids.astype(np.uint8)
    rows = slice(0, len(ids) // 4)
    maps = []
    for name, void in (("void", 11), ("none", IGNORE)):
        ids[rows] = void
        maps.append(read(saved(tmp_path / f"{name}.png", ids), None, STREETS, pixels=10_000))
    assert torch.equal(maps[0].labels, maps[1].labels)
    assert (maps[0].labels[0, rows] == IGNORE).all()
    assert torch.equal(maps[0].instances, maps[1].instances)


def test_faces_begin_with_portraits_and_streets_with_streets() -> None:
    made = preset(PRESETS[0], (64, 64), FACES)
    assert torch.equal(made.labels[0], portrait(PRESETS[0], (64, 64)).labels)
    assert (made.labels == FACES.index("skin")).any()
