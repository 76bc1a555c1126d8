"""Figures of transfers show the numbers they are given."""

import numpy as np
import pytest

from lab import plots_transfer as plots


def numbers(values: object) -> np.ndarray:
    return np.asarray(values, float)


def test_matrices_share_one_scale_or_have_their_own() -> None:
    named = {"S": np.eye(3), "C": 4 * np.eye(3)}
    shared, own = plots.matrices(named), plots.matrices(named, alike=False)
    assert [heat.zmax for heat in shared.data] == [4, 4]
    assert [heat.zmax for heat in own.data] == [1, 4]
    assert all(heat.zmin == -heat.zmax for heat in (*shared.data, *own.data))
    assert np.array_equal(numbers(shared.data[1].z), 4 * np.eye(3))
    assert [note.text for note in shared.layout.annotations] == ["S", "C"]
    assert shared.layout.yaxis2.autorange == "reversed" and shared.layout.yaxis2.scaleanchor == "x2"


def test_the_folded_map_is_one_of_features() -> None:
    shown = plots.folded_map(np.diag([1.0, -2.0]))
    assert shown.data[0].zmax == 2 and "feature" in shown.layout.xaxis.title.text


def test_bars_are_the_errors_in_order() -> None:
    (bars,) = plots.style_errors({"content": 0.9, "linear": 0.2, "wct": 0.0}, own="linear").data
    assert numbers(bars.x).tolist() == [0.9, 0.2, 0.0]
    assert list(bars.y) == ["content", "linear", "wct"]
    assert bars.marker.color[1] != bars.marker.color[0] == bars.marker.color[2]


def test_spectra_are_eigenvalues_largest_first() -> None:
    rotation, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))
    (line,) = plots.spectra({"style": rotation @ np.diag([1.0, 9.0, 4.0]) @ rotation.T}).data
    assert np.allclose(numbers(line.y), [9, 4, 1])


def test_quality_has_a_point_for_every_size() -> None:
    shown = plots.quality_against_size([512, 1024], {"linear": [0.2, 0.3], "content": [1, 1]})
    assert {line.name: list(line.y) for line in shown.data}["linear"] == [0.2, 0.3]
    assert list(shown.layout.xaxis.tickvals) == [512, 1024]


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plots.matrices({}),
        lambda: plots.matrices({"S": np.full((2, 2), np.nan)}),
        lambda: plots.style_errors({"wct": np.inf}),
        lambda: plots.spectra({"style": np.zeros(3)}),
        lambda: plots.quality_against_size([512], {"linear": [0.1, 0.2]}),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(draw) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        draw()
