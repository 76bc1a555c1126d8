"""K-means, silhouettes and spreads by their definitions."""

import numpy as np
import pytest

from lab.analysis import clustering
from lab.analysis.clustering import cluster, nearest, silhouette, summarized


def two_groups(each: int) -> np.ndarray:
    """Two well separated groups on the x axis."""
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal([x, 0, 0], 0.01, (each, 3)) for x in (0, 1)])


def test_as_many_clusters_as_objects_leave_no_inertia() -> None:
    features = np.random.default_rng(0).normal(size=(12, 3))
    found = cluster(features, 12)
    assert found.inertia == pytest.approx(0, abs=1e-20) and found.sizes.tolist() == [1] * 12
    assert sorted(found.members.tolist()) == list(range(12))
    np.testing.assert_allclose(found.centers[found.members], features)


def test_one_cluster_is_the_mean_and_its_spread_the_root_mean_square_distance() -> None:
    features = np.random.default_rng(1).normal(size=(40, 3))
    found = cluster(features, 1)
    np.testing.assert_allclose(found.centers[0], features.mean(0))
    squares = ((features - features.mean(0)) ** 2).sum()
    assert found.inertia == pytest.approx(squares)
    assert found.spreads[0] == pytest.approx(np.sqrt(squares / 40))


def test_more_clusters_never_have_more_inertia_and_equal_seeds_equal_clusters() -> None:
    features = np.random.default_rng(2).normal(size=(60, 3))
    inertias = [cluster(features, count).inertia for count in range(1, 8)]
    assert inertias == sorted(inertias, reverse=True)
    pair = [cluster(features, 5, seed=4) for _ in range(2)]
    assert np.array_equal(pair[0].members, pair[1].members)


def test_every_object_is_in_the_cluster_of_its_nearest_centre() -> None:
    features = np.random.default_rng(3).normal(size=(80, 3))
    found = cluster(features, 4)
    assert np.array_equal(nearest(features, found.centers), found.members)
    assert found.sizes.tolist() == sorted(found.sizes, reverse=True)


def test_clusters_are_numbered_by_size_and_of_equals_by_their_first_number() -> None:
    points = np.array([[0.0], [9.0], [9.0], [9.0], [4.0], [6.0]])
    found = summarized(points, np.array([0, 1, 1, 1, 2, 2]))
    assert found.members.tolist() == [2, 0, 0, 0, 1, 1]
    assert found.centers[:, 0].tolist() == [9, 5, 0] and found.spreads.tolist() == [0, 1, 0]


@pytest.mark.parametrize("count", [0, 3])
def test_more_clusters_than_different_objects_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="2 different objects make 1 to 2 clusters"):
        cluster(np.array([[0.0], [1.0], [1.0]]), count)


def test_the_silhouette_is_rousseeuws() -> None:
    points = np.array([[0.0], [1.0], [4.0], [6.0], [7.0]])
    members = np.array([0, 0, 1, 1, 1])
    expected = []
    for i, point in enumerate(points):
        apart = np.abs(points - point)[:, 0]
        own = [apart[j] for j in range(5) if members[j] == members[i] and j != i]
        other = [apart[j] for j in range(5) if members[j] != members[i]]
        a, b = np.mean(own), np.mean(other)
        expected.append((b - a) / max(a, b))
    assert silhouette(points, members) == pytest.approx(np.mean(expected))


@pytest.mark.parametrize("members", [[0, 0, 0], [0, 1, 2]])
def test_one_cluster_or_one_each_has_no_silhouette(members: list[int]) -> None:
    assert silhouette(np.eye(3), np.array(members)) == 0


def test_a_silhouette_of_many_objects_is_that_of_a_sample(monkeypatch) -> None:
    objects = two_groups(300)
    members = np.repeat([0, 1], 300)
    whole = silhouette(objects, members)
    monkeypatch.setattr(clustering, "SAMPLE", 60)
    drawn = [silhouette(objects, members, seed=seed) for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert drawn == pytest.approx([whole] * 3, abs=0.02)
