"""The scatter of a class's objects and the bars of its silhouettes."""

import numpy as np
import pytest

from lab.plots_styles import COLORS, FADED, object_scatter, silhouette_bars

RNG = np.random.default_rng(0)
FEATURES = RNG.uniform(-1, 1, (20, 3))
grouping = np.arange(20) % 2
CENTERS = np.stack([FEATURES[grouping == k].mean(0) for k in range(2)])
PAINTED = ["#010203", "#f4f5f6"]


def test_three_features_are_shown_as_they_are_by_cluster() -> None:
    figure = object_scatter(FEATURES, grouping, CENTERS, painted=PAINTED)
    centers, *clouds = figure.data
    np.testing.assert_allclose(np.stack([centers.x, centers.y, centers.z], 1), CENTERS)
    assert list(centers.marker.color) == list(COLORS[:2])
    for cluster, cloud in enumerate(clouds):
        shown = np.stack([cloud.x, cloud.y, cloud.z], 1)
        np.testing.assert_allclose(shown, FEATURES[grouping == cluster])
        assert cloud.marker.color == COLORS[cluster]
    assert figure.layout.scene.xaxis.title.text.endswith("feature 1")


def test_points_and_legend_say_what_their_cluster_paints() -> None:
    centers, *clouds = object_scatter(FEATURES, grouping, CENTERS, painted=PAINTED).data
    assert list(centers.hoverlabel.bgcolor) == PAINTED
    for said, cloud, color in zip(centers.hovertext, clouds, PAINTED, strict=True):
        assert color in said and color in cloud.hovertemplate and color in cloud.name
        assert cloud.hoverlabel.bgcolor == color
    for unknown in object_scatter(FEATURES, grouping, CENTERS).data:
        assert unknown.hoverlabel.bgcolor is None and "painting" not in str(unknown)


def test_one_colour_for_two_clusters_is_refused() -> None:
    with pytest.raises(ValueError, match="There are 2 clusters; give what each paints, not 1"):
        object_scatter(FEATURES, grouping, CENTERS, painted=PAINTED[:1])


def test_a_selected_cluster_stands_out() -> None:
    figure = object_scatter(FEATURES, grouping, CENTERS, painted=PAINTED, selected=1)
    assert figure.data[1].marker.opacity == FADED < figure.data[2].marker.opacity


@pytest.mark.parametrize("channels", [1, 2, 5])
def test_fewer_features_are_flat_and_more_are_projected_together(channels: int) -> None:
    features = RNG.normal(size=(20, channels))
    centers = np.stack([features[grouping == k].mean(0) for k in range(2)])
    figure = object_scatter(features, grouping, centers, painted=PAINTED)
    assert [len(trace.x) for trace in figure.data] == [2, 10, 10]
    if channels > 3:
        assert figure.layout.scene.xaxis.title.text.startswith("<br>component 1")
        # Centres are means, and a projection keeps means.
        np.testing.assert_allclose(figure.data[0].x[0], np.mean(figure.data[1].x), atol=1e-9)


@pytest.mark.parametrize("members", [[0], [0] * 19 + [2]])
def test_members_without_objects_or_centres_are_refused(members: list[int]) -> None:
    with pytest.raises(ValueError, match="give the cluster of each"):
        object_scatter(FEATURES, np.array(members), CENTERS, painted=PAINTED)


def test_the_chosen_number_is_marked() -> None:
    bars = silhouette_bars({3: 0.4, 2: 0.5}, 3).data[0]
    assert list(bars.x) == [2, 3] and bars.marker.color[0] != bars.marker.color[1]


def test_without_objects_there_are_the_centres_in_what_they_paint_once_it_is_known() -> None:
    empty = np.zeros((0, 3)), np.zeros(0, int)
    figure = object_scatter(*empty, CENTERS, painted=PAINTED)
    assert len(figure.data) == 1 and len(figure.data[0].x) == 2
    assert list(figure.data[0].marker.color) == PAINTED
    unknown = object_scatter(*empty, CENTERS).data[0].marker.color
    assert len(unknown) == 2 and not set(unknown) & set(COLORS)
