"""Figures show the numbers they are given."""

import numpy as np
import plotly.graph_objects as go
import pytest

from lab import plots


def numbers(values: object) -> np.ndarray:
    return np.asarray(values, float)


def test_the_heat_map_holds_the_matrix_around_zero() -> None:
    matrix = np.arange(9.0).reshape(3, 3) - 2
    (heat,) = plots.transform_matrix(matrix).data
    assert np.array_equal(numbers(heat.z), matrix)
    assert heat.zmin == -heat.zmax == -np.abs(matrix).max()


def test_a_matrix_of_zeros_is_still_drawn() -> None:
    (heat,) = plots.transform_matrix(np.zeros((2, 2))).data
    assert heat.zmax > 0


def test_the_first_row_is_on_top_and_cells_are_square() -> None:
    axis = plots.transform_matrix(np.eye(4)).layout.yaxis
    assert axis.autorange == "reversed" and axis.scaleanchor == "x"


def test_singular_values_of_a_diagonal_are_its_sizes() -> None:
    (bars,) = plots.singular_values(np.diag([1.0, -5.0, 3.0])).data
    assert np.allclose(numbers(bars.y), [5, 3, 1])
    assert numbers(bars.x).tolist() == [1, 2, 3]


def test_singular_values_do_not_change_under_rotation() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(6, 6))
    rotation, _ = np.linalg.qr(rng.normal(size=(6, 6)))
    first, second = (plots.singular_values(m).data[0].y for m in (matrix, rotation @ matrix))
    assert np.allclose(numbers(first), numbers(second))


@pytest.mark.parametrize("features", [1, 2, 3])
def test_up_to_three_features_are_drawn_as_they_are(features: int) -> None:
    centers = np.random.default_rng(0).uniform(-1, 1, (5, features))
    points, axes = plots.project(centers)
    assert np.array_equal(points, centers) and len(axes) == features


def test_many_features_keep_the_distances_that_three_directions_can_hold() -> None:
    rng = np.random.default_rng(0)
    basis, _ = np.linalg.qr(rng.normal(size=(8, 3)))
    centers = rng.normal(size=(10, 3)) @ basis.T + 4  # a flat of three dimensions among eight
    points, _ = plots.project(centers)
    apart = [np.linalg.norm(x[:, None] - x[None], axis=-1) for x in (centers, points)]
    assert np.allclose(*apart)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_centres_of_many_features(count: int) -> None:
    figure = plots.style_scatter(np.eye(8)[:count], np.ones(count))
    assert isinstance(figure.data[0], go.Scatter3d) and len(figure.data[0].x) == count


def test_marker_areas_are_in_proportion_to_counts() -> None:
    sizes = np.array([100.0, 25.0, 0.0])
    marker = plots.style_scatter(np.zeros((3, 3)), sizes).data[0].marker
    grown = numbers(marker.size) - min(marker.size)
    assert np.allclose((grown / grown[0]) ** 2, sizes / 100)


def test_the_colours_are_those_given() -> None:
    colours = ["rgb(1,2,3)", "rgb(4,5,6)"]
    figure = plots.style_scatter(np.zeros((2, 2)), np.ones(2), colors=colours)
    assert list(figure.data[0].marker.color) == colours


def test_learning_curves_leave_gaps_out() -> None:
    history = [
        {"step": 1, "loss": 3.0, "note": "begun"},
        {"step": 2, "loss": float("nan"), "rate": 0.1},
        {"step": 3, "loss": 1.0},
        {"loss": 9.0},
    ]
    curves = {trace.name: trace for trace in plots.learning_curves(history).data}
    assert set(curves) == {"loss", "rate"}
    assert list(curves["loss"].x) == [1, 3] and list(curves["loss"].y) == [3.0, 1.0]
    assert [t.name for t in plots.learning_curves(history, ["rate"]).data] == ["rate"]


def test_no_two_of_many_curves_look_alike() -> None:
    history = [{"step": 1} | {f"loss {k}": float(k) for k in range(12)}]
    lines = [trace.line for trace in plots.learning_curves(history).data]
    assert len({(line.color, line.dash) for line in lines}) == 12


def test_no_history_is_an_empty_figure() -> None:
    assert len(plots.learning_curves([]).data) == 0


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plots.transform_matrix(np.zeros(3)),
        lambda: plots.transform_matrix(np.full((2, 2), np.nan)),
        lambda: plots.singular_values(np.full((2, 2), np.inf)),
        lambda: plots.style_scatter(np.zeros((3, 2)), np.ones(2)),
        lambda: plots.style_scatter(np.zeros((2, 2)), np.ones(2), colors=["red"]),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(draw) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        draw()
