"""Numbers as they are written."""

from itertools import pairwise

import pytest

from lab.scoring.report import Report, grid, heading, spread


@pytest.mark.parametrize(("length", "count"), [(101, 120), (101, 24), (7, 3), (3, 3), (1, 5)])
def test_positions_are_distinct_in_order_and_evenly_apart(length: int, count: int) -> None:
    found = spread(length, count)
    assert len(found) == min(length, count)
    steps = {b - a for a, b in pairwise(found)}
    assert found[0] == 0 and found[-1] < length
    assert not steps or (min(steps) >= 1 and max(steps) - min(steps) <= 1)


def test_what_is_no_number_is_left_out_of_tables_for_json() -> None:
    rows = {"a": {"x": 1.23456789, "y": float("nan"), "z": float("inf")}, "b": {}}
    table = Report("t", {"pictures": 2}, rows).table()
    assert table == {"protocol": {"pictures": 2}, "rows": {"a": {"x": 1.2346}, "b": {}}}


def test_a_grid_has_a_cell_for_everything() -> None:
    rows = {"a": {"kid": 0.12345, "kid_deviation": 0.0123}, "b": {"psnr": 12345.6}}
    assert grid(rows) == [["", "kid", "psnr"], ["a", "0.123 ± 0.01", "–"], ["b", "–", "12346"]]
    lines = list(Report("t", {}, rows).lines())
    assert len({len(line) for line in lines}) == 1 and "KID" in lines[0]


def test_columns_are_written_as_people_do() -> None:
    assert heading("mean_iou") == "mean IoU"
    assert heading("frechet_mobilenet") == "Fréchet MobileNet"
