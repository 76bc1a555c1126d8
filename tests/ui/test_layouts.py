"""Layouts to start from, and what is in them."""

from collections import deque
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lab.data.faces import FACES
from lab.data.labels import IGNORE, LabelSpace
from lab.data.portraits import portrait
from lab.data.streets import STREETS
from lab.interfaces import Layout
from lab.ui.layouts import (
    PRESETS,
    empty,
    number_regions,
    preset,
    read,
    resized,
    summary,
    things,
    thumbnail,
)

CAR, ROAD, SKY = STREETS.index("car"), STREETS.index("road"), STREETS.index("sky")


def flooded(labels: np.ndarray, space: LabelSpace) -> np.ndarray:
    """Connected regions by a breadth-first search from every pixel: the slow truth."""
    ids = np.full(labels.shape, -1, np.int64)
    count: dict[int, int] = {}
    for start in np.ndindex(labels.shape):
        label = int(labels[start])
        if ids[start] >= 0:
            continue
        if label >= len(space) or not space[label].countable:
            ids[start] = label
            continue
        number = count.get(label, 0)
        count[label] = number + 1
        queue = deque([start])
        ids[start] = label * 1000 + number
        while queue:
            row, column = queue.popleft()
            for at in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
                inside = 0 <= at[0] < labels.shape[0] and 0 <= at[1] < labels.shape[1]
                if inside and ids[at] < 0 and labels[at] == label:
                    ids[at] = ids[start]
                    queue.append(at)
    return ids


@pytest.mark.parametrize("seed", range(6))
def test_regions_are_those_of_a_search_from_every_pixel(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.choice([SKY, ROAD, CAR, CAR, 9, IGNORE], size=(19, 23))
    assert np.array_equal(number_regions(labels, STREETS), flooded(labels, STREETS))


def test_a_region_may_wind() -> None:
    labels = np.full((7, 9), ROAD)
    labels[0, :] = labels[2, :] = labels[4, :] = labels[6, :] = CAR
    labels[1, 8] = labels[3, 0] = labels[5, 8] = CAR  # one snake
    assert set(np.unique(number_regions(labels, STREETS))) == {ROAD, CAR * 1000}


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


def test_an_instance_map_of_16_bits_is_taken_as_it_is(tmp_path: Path, ids: np.ndarray) -> None:
    objects = (ids * 1000 + 7).astype(np.uint16)
    paths = [
        saved(tmp_path / "l.png", ids.astype(np.uint8)),
        saved(tmp_path / "i.png", objects),
    ]
    layout = read(*paths, STREETS, pixels=10_000)
    assert np.array_equal(layout.instances[0].numpy(), objects)


def test_a_large_map_is_shrunk_to_the_pixels_asked_for(tmp_path: Path) -> None:
    path = saved(tmp_path / "big.png", np.full((300, 600), ROAD, np.uint8))
    width, height = read(path, None, STREETS, pixels=20_000).size
    assert width * height <= 20_500 and width == pytest.approx(2 * height, abs=2)


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


def test_faces_begin_with_portraits_and_streets_with_streets() -> None:
    made = preset(PRESETS[0], (64, 64), FACES)
    assert torch.equal(made.labels[0], portrait(PRESETS[0], (64, 64)).labels)
    assert (made.labels == FACES.index("skin")).any()
