"""Clusters and true looks: the closed forms of their agreement."""

from math import log

import pytest

from lab.analysis.agreement import agreement


def test_equal_partitions_agree_whatever_they_are_called() -> None:
    found = agreement([3, 3, 0, 0, 1], ["wet", "wet", "brick", "brick", "asphalt"])
    assert (found.objects, found.looks, found.clusters) == (5, 3, 3)
    assert found.information == pytest.approx(1) and found.homogeneity == pytest.approx(1)


def test_independent_partitions_share_nothing() -> None:
    found = agreement([0, 1, 0, 1], ["a", "a", "b", "b"])
    assert found.information == pytest.approx(0) and found.homogeneity == pytest.approx(0)


def test_information_is_that_of_the_counts() -> None:
    clusters, looks = [0, 0, 0, 1, 1, 1, 1, 2], list("aabbbbbb")
    pairs = list(zip(clusters, looks, strict=True))

    def entropy(values: list) -> float:
        shares = [values.count(value) / len(values) for value in set(values)]
        return -sum(share * log(share) for share in shares)

    mutual = entropy(clusters) + entropy(looks) - entropy(pairs)
    found = agreement(clusters, looks)
    mean = (entropy(clusters) + entropy(looks)) / 2
    assert found.information == pytest.approx(mutual / mean)
    assert found.homogeneity == pytest.approx(mutual / entropy(looks))


def test_pure_clusters_that_are_too_many_tell_all_but_agree_less() -> None:
    found = agreement([0, 1, 2, 3], ["a", "a", "b", "b"])
    assert found.homogeneity == pytest.approx(1)
    assert found.information == pytest.approx(log(2) / ((log(2) + log(4)) / 2))


@pytest.mark.parametrize(("clusters", "looks"), [([], []), ([1], ["a"]), ([0, 1], ["a", "a"])])
def test_where_nothing_is_to_be_told_apart_nothing_agrees(clusters, looks) -> None:
    assert agreement(clusters, looks) is None


def test_every_object_needs_both() -> None:
    with pytest.raises(ValueError, match="2 clusters and 1 looks"):
        agreement([0, 1], ["a"])
