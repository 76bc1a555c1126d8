"""The painter's JSON: what goes out comes back, and nothing else is believed."""

import json
import math
from typing import Any

import pytest
import torch

from lab.data.faces import FACES
from lab.data.indoor import INDOOR
from lab.data.labels import IGNORE
from lab.data.streets import STREETS
from lab.interfaces import Layout
from lab.ui.drawing import MAX_SIDE, decode, encode, point_of, preset_of


def layout(width: int = 24, height: int = 17, *, seed: int = 0) -> Layout:
    """Random labels in blocks, with some ignored pixels, and 16-bit instances."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(0, 11, (1, height, width), generator=generator)
    labels[:, :3] = IGNORE
    instances = torch.randint(0, 65536, (1, height, width), generator=generator)
    instances[:, 5:9] = 65535
    return Layout(labels, instances, STREETS)


def value(**changes: Any) -> dict[str, Any]:
    """A good drawing of 16x16 with some entries replaced."""
    good = {"w": 16, "h": 16, "labels": "3 200 8 56", "instances": "3 200 8000 56"}
    return {**good, **changes}


@pytest.mark.parametrize("size", [(16, 16), (24, 17), (512, 256), (2048, 16)])
def test_what_is_encoded_comes_back_through_json(size: tuple[int, int]) -> None:
    sent = layout(*size)
    received = decode(json.loads(json.dumps(encode(sent))), STREETS)
    assert torch.equal(received.labels, sent.labels)
    assert torch.equal(received.instances, sent.instances)
    assert received.labels.dtype == torch.int64


def test_runs_are_as_few_as_can_be() -> None:
    labels = torch.zeros(1, 16, 16, dtype=torch.int64)
    labels[:, 4] = 3
    sent = encode(Layout(labels, labels, STREETS))
    assert sent["labels"] == "0 64 3 16 0 176"


def test_the_same_map_sent_twice_differs_only_in_its_stamp() -> None:
    first, second = (encode(layout(), preset=2) for _ in range(2))
    assert first.pop("stamp") != second.pop("stamp")
    assert first == second


def test_a_drawing_of_other_classes_is_refused_even_where_its_ids_exist_here() -> None:
    assert encode(layout())["domain"] == STREETS.name
    for space in (FACES, INDOOR):
        with pytest.raises(ValueError, match=f"'streets', and '{space.name}' is drawn here"):
            decode({**value(), "domain": "streets"}, space)
    assert torch.equal(
        decode({**value(), "domain": "streets"}, STREETS).labels, decode(value(), STREETS).labels
    )


def test_runs_may_be_split_anywhere() -> None:
    split = value(labels="3 100 3 100 8 56")
    assert torch.equal(decode(split, STREETS).labels, decode(value(), STREETS).labels)


def test_drawings_saved_as_lists_of_numbers_are_read() -> None:
    before = value(labels=[3, 200, 8, 56], instances=[3, 200, 8000, 56])
    one, other = decode(before, STREETS), decode(value(), STREETS)
    assert torch.equal(one.labels, other.labels) and torch.equal(one.instances, other.instances)


BROKEN = {
    "nothing": None,
    "a number": 3,
    "a text": "label map",
    "a list": [1, 2],
    "an empty object": {},
    "no labels": {"w": 16, "h": 16},
    "width as text": value(w="16"),
    "width as float": value(w=16.0),
    "width as truth": value(w=True),
    "width not a number": value(w=math.nan),
    "width negative": value(w=-16),
    "too small": value(w=1, h=256, labels=[3, 256], instances=[3, 256]),
    "20 000 pixels wide": value(w=20_000, labels=[3, 320_000], instances=[3, 320_000]),
    "too many pixels": value(w=2048, h=2048, labels=[3, 2048**2], instances=[3, 2048**2]),
    "labels an object": value(labels={"0": 3}),
    "no text": value(labels=""),
    "a text of half a pair": value(labels="3 200 8"),
    "a text that is too short": value(labels="3 255"),
    "a text that is too long": value(labels="3 257"),
    "a word": value(labels="3 all"),
    "a fraction in the text": value(labels="3 200.0 8 56"),
    "a sign": value(labels="3 300 8 -44"),
    "digits that are none": value(labels="3 \uff12\uff15\uff16"),
    "an underscore": value(labels="3 2_56"),
    "two spaces": value(labels="3  256"),
    "a line break": value(labels="3 256\n"),
    "nine digits": value(labels="3 000000256"),
    "a text as long as a film": value(labels="0 " * 10_000_000),
    "labels empty": value(labels=[]),
    "half a pair": value(labels=[3, 200, 8]),
    "more runs than pixels": value(labels=[3, 1] * 300),
    "a float": value(labels=[3, 200.5, 8, 55]),
    "not a number": value(labels=[math.nan, 256]),
    "infinity": value(labels=[3, math.inf]),
    "a truth value": value(labels=[True, 256]),
    "a text inside": value(labels=["3", 256]),
    "a list inside": value(labels=[[3], 256]),
    "a null inside": value(labels=[None, 256]),
    "a negative run": value(labels=[3, 300, 8, -44]),
    "a run of nothing": value(labels=[3, 256, 8, 0]),
    "too short": value(labels=[3, 255]),
    "too long": value(labels=[3, 257]),
    "a huge run": value(labels=[3, 10**30]),
    "a huge id": value(labels=[10**30, 256]),
    "a negative id": value(labels=[-1, 256]),
    "an unknown class": value(labels=[11, 256]),
    "an instance above 16 bits": value(instances=[65536, 256]),
    "instances missing": value(instances=None),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_anything_else_is_refused_in_one_sentence(broken: Any) -> None:
    with pytest.raises(ValueError) as error:
        decode(broken, STREETS)
    said = str(error.value)
    assert said.endswith(".") and "\n" not in said and len(said) < 400


def test_sizes_are_refused_before_anything_is_allocated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numpy.repeat", lambda *_: pytest.fail("allocated"))
    monkeypatch.setattr("torch.from_numpy", lambda *_: pytest.fail("allocated"))
    broad = ("20 000 pixels wide", "too many pixels", "a huge run", "too long")
    for broken in (*broad, "a text that is too long", "a text as long as a film"):
        with pytest.raises(ValueError):
            decode(BROKEN[broken], STREETS)


def test_the_largest_drawing_is_taken() -> None:
    runs = [3, MAX_SIDE * 1024]
    largest = decode({"w": MAX_SIDE, "h": 1024, "labels": runs, "instances": runs}, STREETS)
    assert largest.size == (MAX_SIDE, 1024)


@pytest.mark.parametrize("point", [[0, 0], [15, 15], [3, 7]])
def test_a_picked_point_inside_is_taken(point: list[int]) -> None:
    assert point_of(value(point=point)) == tuple(point)


@pytest.mark.parametrize(
    "point", [None, [16, 0], [0, 16], [-1, 0], [1.5, 2], [1], [1, 2, 3], "12", [True, 1]]
)
def test_any_other_point_is_none(point: Any) -> None:
    assert point_of(value(point=point)) is None


@pytest.mark.parametrize(
    ("drawing", "number"),
    [(value(preset=5), 5), (value(), None), (value(preset="5"), None), (None, None), ([], None)],
)
def test_the_number_of_an_untouched_preset(drawing: Any, number: int | None) -> None:
    assert preset_of(drawing) == number
