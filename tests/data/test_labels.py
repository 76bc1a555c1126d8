"""Class tables, one-hot planes and instance boundaries."""

import json
from pathlib import Path

import pytest
import torch
from torch import Tensor

from lab.data.cityscapes import CITYSCAPES
from lab.data.faces import FACES
from lab.data.indoor import INDOOR
from lab.data.labels import IGNORE, Label, LabelSpace, boundaries, one_hot
from lab.data.streets import STREETS

SPACES = [STREETS, FACES, INDOOR, CITYSCAPES]
every_space = pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)


def every_id(space: LabelSpace) -> Tensor:
    """(2, 3, K) all ids of a table, in two orders."""
    ids = torch.arange(len(space))
    return torch.stack((ids.expand(3, -1), ids.flip(0).expand(3, -1)))


@every_space
def test_colours_and_names_are_distinct(space: LabelSpace) -> None:
    assert len({label.color for label in space}) == len(space)
    assert len(set(space.names)) == len(space)
    assert all(0 <= level <= 255 for label in space for level in label.color)


@every_space
def test_decode_undoes_colorize(space: LabelSpace) -> None:
    labels = every_id(space)
    painted = space.colorize(labels)
    assert painted.shape == (2, 3, 3, len(space))
    assert painted.dtype == torch.float32
    for one, ids in zip(painted, labels, strict=True):
        pixels = one.mul(255).round().byte().permute(1, 2, 0)
        assert torch.equal(space.decode(pixels), ids)


@every_space
def test_index_undoes_names(space: LabelSpace) -> None:
    assert [space.index(name) for name in space.names] == list(range(len(space)))


def test_ignore_is_black_and_foreign_colours_decode_to_it(tiny_space: LabelSpace) -> None:
    assert not tiny_space.colorize(torch.full((1, 2, 2), IGNORE)).any()
    foreign = torch.tensor([[[0, 0, 0], [255, 255, 255], [70, 70, 71]]], dtype=torch.uint8)
    assert tiny_space.decode(foreign).tolist() == [[IGNORE] * 3]


def test_a_painting_of_another_shape_or_type_is_refused(tiny_space: LabelSpace) -> None:
    for wrong in (torch.zeros(3, 4, 4, dtype=torch.uint8), torch.zeros(4, 4, 3)):
        with pytest.raises(ValueError, match=r"must be \(H, W, 3\) uint8"):
            tiny_space.decode(wrong)


def test_check_names_the_unknown_ids_and_the_table(tiny_space: LabelSpace) -> None:
    tiny_space.check(torch.tensor([0, 5, IGNORE]))
    with pytest.raises(ValueError, match=r"'tiny' does not have: -1, 6, 77; .*0 sky.*5 car"):
        tiny_space.check(torch.tensor([[0, 77, 6], [-1, 77, IGNORE]]))
    with pytest.raises(ValueError, match="does not have: 6"):
        tiny_space.colorize(torch.full((1, 2, 2), 6))


def test_an_unknown_name_lists_those_there_are(tiny_space: LabelSpace) -> None:
    with pytest.raises(KeyError, match="no class 'boat'; known: sky, building, road"):
        tiny_space.index("boat")


def test_ambiguous_tables_are_refused() -> None:
    with pytest.raises(ValueError, match="the color"):
        LabelSpace("twice", (Label("a", (1, 2, 3)), Label("b", (1, 2, 3))))
    with pytest.raises(ValueError, match="the name 'a'"):
        LabelSpace("twice", (Label("a", (1, 2, 3)), Label("a", (1, 2, 4))))
    with pytest.raises(ValueError, match="0 classes"):
        LabelSpace("none", ())


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int32, torch.int64])
def test_void_ids_are_read_as_no_class_and_others_are_refused(dtype: torch.dtype) -> None:
    space = LabelSpace("two", (Label("a", (1, 2, 3)), Label("b", (1, 2, 4))), frozenset({2, 34}))
    read = space.read(torch.tensor([[0, 1], [2, 34], [IGNORE, 1]], dtype=dtype))
    assert read.dtype == torch.int64
    assert read.tolist() == [[0, 1], [IGNORE, IGNORE], [IGNORE, 1]]
    with pytest.raises(ValueError, match="does not have: 3;"):
        space.read(torch.tensor([2, 3], dtype=dtype))


def test_one_hot_is_undone_by_argmax_and_empty_where_ignored() -> None:
    labels = torch.randint(0, 7, (3, 9, 5))
    labels[torch.rand(3, 9, 5) < 0.3] = IGNORE
    planes = one_hot(labels, 7)
    assert planes.shape == (3, 7, 9, 5)
    assert planes.dtype == torch.float32
    known = labels != IGNORE
    assert torch.equal(planes.sum(1), known.float())
    assert torch.equal(planes.argmax(1)[known], labels[known])


def test_one_hot_with_every_class_id_below_255_still_ignores() -> None:
    assert not one_hot(torch.full((1, 2, 2), IGNORE), 254).any()


def test_boundaries_by_hand() -> None:
    left, right = 26000, 26001  # two cars side by side, above a road
    instances = torch.tensor([[left, left, right, right, right]] * 3 + [[7] * 5] * 2)[None]
    expected = torch.tensor(
        [
            [0, 1, 1, 0, 0],
            [0, 1, 1, 0, 0],
            [1, 1, 1, 1, 1],
            [1, 1, 1, 1, 1],
            [0, 0, 0, 0, 0],
        ]
    )
    assert torch.equal(boundaries(instances)[0, 0].long(), expected)


def brute_force_boundaries(instances: Tensor) -> Tensor:
    batch, height, width = instances.shape
    edges = torch.zeros(batch, 1, height, width)
    for b in range(batch):
        for y in range(height):
            for x in range(width):
                for v, u in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                    if 0 <= v < height and 0 <= u < width:
                        edges[b, 0, y, x] += float(instances[b, v, u] != instances[b, y, x])
    return edges.clamp(max=1)


@pytest.mark.parametrize("shape", [(2, 9, 7), (1, 1, 6), (1, 6, 1), (1, 1, 1)])
def test_boundaries_equal_a_loop_over_pixels(shape: tuple[int, int, int]) -> None:
    instances = torch.randint(0, 3, shape) * 60000
    assert torch.equal(boundaries(instances), brute_force_boundaries(instances))


def test_boundaries_depend_only_on_which_ids_are_equal(
    tiny_layout: tuple[Tensor, Tensor],
) -> None:
    _, instances = tiny_layout
    _, renumbered = instances.unique(return_inverse=True)
    assert torch.equal(boundaries(instances), boundaries(renumbered * -3 + 11))


@pytest.mark.parametrize(
    ("space", "folder", "tolerance"),
    [
        (STREETS, "streets", 0),
        (FACES, "faces", 0),
        (INDOOR, "indoor", 0),
        (CITYSCAPES, "cityscapes_sample", 4),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_tables_agree_with_the_data(
    shared: Path, space: LabelSpace, folder: str, tolerance: int
) -> None:
    rows = json.loads((shared / "data" / folder / "classes.json").read_text())["classes"]
    void = [row for row in rows if row["id"] >= len(space)]
    assert len(void) <= 1
    for row, label in zip(rows, space, strict=len(void) == 0):
        levels = zip(row["color"], label.color, strict=True)
        assert max(abs(a - b) for a, b in levels) <= tolerance
        assert label.name.split()[0] in row["name"].replace("refridg", "refrig")
        assert label.countable or not row["thing"]
