"""Figures of scores show the numbers they are given."""

import numpy as np
import plotly.graph_objects as go
import pytest

from lab import plots_scores as plots

NAMES = ["photo", "a", "b"]
VALUES = np.array([0.9, 0.5, 0.4])


def test_bars_are_the_values_and_references_stand_back() -> None:
    figure = plots.bars(NAMES, VALUES, references=["photo"], title="mean IoU")
    (bar,) = figure.data
    assert list(bar.x) == VALUES.tolist() and list(bar.y) == NAMES
    assert bar.marker.color[1] == bar.marker.color[2] != bar.marker.color[0]
    assert not bar.error_x.visible and figure.layout.xaxis.title.text == "mean IoU"
    deviating = plots.bars(NAMES, VALUES, deviations=np.array([0, 0.1, 0]))
    assert deviating.data[0].error_x.visible


def test_intervals_reach_their_bounds() -> None:
    bounds = np.array([[0.7, 1.0], [0.1, 0.8], [0.4, 0.41]])
    (points,) = plots.intervals(NAMES, VALUES, bounds).data
    reached = np.stack((points.x - points.error_x.arrayminus, points.x + points.error_x.array), 1)
    np.testing.assert_allclose(reached, bounds)


def test_what_is_left_out_is_held_against_the_whole() -> None:
    figure = plots.apart(NAMES, VALUES, deviations=np.full(3, 0.1), title="KID")
    assert figure.layout.shapes[0].x0 == figure.layout.shapes[0].x1 == VALUES[0]


@pytest.mark.parametrize("values", [np.zeros(2), np.array([0, 1, np.nan]), np.zeros((3, 1))])
def test_what_does_not_fit_is_refused(values: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"expected|give one|must be"):
        plots.bars(NAMES, values)
    with pytest.raises(ValueError, match=r"expected|give one|must be"):
        plots.intervals(NAMES, values, np.zeros((3, 2)))


def test_a_column_leaves_out_what_has_no_number() -> None:
    rows = {"a": {"x": 1, "x_deviation": 0.5}, "b": {"y": 2.0}, "c": {"x": float("nan")}}
    rows["d"] = {"x": 3.0}
    names, values, deviations = plots.column(rows, "x", deviation="x_deviation")
    assert names == ["a", "d"]
    assert values.tolist() == [1, 3] and deviations.tolist() == [0.5, 0]
    assert plots.column(rows, "z", deviation="")[0] == []
    assert isinstance(plots.bars(*plots.column(rows, "z", deviation="")[:2]), go.Figure)
