"""Collecting objects and clustering them."""

from dataclasses import astuple, replace

import numpy as np
import pytest
import torch

from lab.analysis import styles
from lab.analysis.styles import Objects, best_count, collect, fit_styles
from lab.models.pix2pixhd import pool_by_instance
from lab.models.styles import ALIKE


def test_collect_equals_a_loop_over_objects(tiny_layout, tiny_space):
    labels, instances = tiny_layout
    features = pool_by_instance(torch.rand(1, 3, 32, 64), instances)
    found = collect([(labels[0], instances[0], features[0])], tiny_space)
    expected = {}
    for instance in instances.unique().tolist():
        where = instances[0] == instance
        label = int(labels[0][where][0])
        vector = features[0, :, where].mean(1).numpy()
        expected.setdefault(label, []).append((instance, vector, where.float().mean().item()))
    assert sorted(found) == sorted(expected)
    for label, rows in expected.items():
        np.testing.assert_allclose(found[label].features, [v for _, v, _ in rows], rtol=1e-5)
        np.testing.assert_allclose(found[label].areas, [a for _, _, a in rows], rtol=1e-6)


def test_areas_of_a_picture_sum_to_one(tiny_layout, tiny_space):
    labels, instances = tiny_layout
    found = collect([(labels[0], instances[0], torch.zeros(3, 32, 64))], tiny_space)
    assert sum(objects.areas.sum() for objects in found.values()) == pytest.approx(1)


def test_unlabelled_pixels_are_no_objects(tiny_space):
    labels = torch.full((4, 4), 255)
    assert collect([(labels, labels, torch.zeros(3, 4, 4))], tiny_space) == {}


def blobs(sizes: list[int], *, area: float = 0.1) -> Objects:
    """Well separated groups of `sizes` points on the x axis."""
    rng = np.random.default_rng(0)
    groups = [rng.normal([k, 0, 0], 0.01, (size, 3)) for k, size in enumerate(sizes)]
    count = sum(sizes)
    features = np.concatenate(groups).astype(np.float32)
    return Objects(features, np.full(count, area), np.arange(count) // 4)


def test_separated_groups_are_found_largest_first():
    bank = fit_styles({2: blobs([20, 60, 40])}, classes=4, clusters=3)
    assert bank.counts.tolist() == [0, 0, 3, 0]
    assert bank.sizes[2].tolist() == [60, 40, 20]
    np.testing.assert_allclose(bank.centers[2, :, 0], [1, 2, 0], atol=0.02)


def test_centres_are_the_means_of_their_members():
    objects = blobs([15, 30])
    bank = fit_styles({0: objects}, classes=1, clusters=2)
    nearest = [bank.nearest(0, torch.from_numpy(vector)) for vector in objects.features]
    for cluster in range(2):
        members = objects.features[np.array(nearest) == cluster]
        np.testing.assert_allclose(bank.centers[0, cluster], members.mean(0), atol=1e-5)
        assert len(members) == bank.sizes[0, cluster]


def test_small_objects_do_not_vote():
    large, small = blobs([40], area=0.1), blobs([400], area=0.0001)
    shifted = Objects(small.features + 5, small.areas, small.pictures)
    both = Objects(
        np.concatenate([large.features, shifted.features]),
        np.concatenate([large.areas, shifted.areas]),
        np.concatenate([large.pictures, shifted.pictures]),
    )
    bank = fit_styles({0: both}, classes=1, clusters=2, smallest=0.01)
    assert bank.sizes.sum() == 40
    assert (bank.centers[0, :2, 0] < 1).all()


def test_a_class_of_small_objects_keeps_its_larger_half():
    objects = replace(blobs([30, 30]), areas=np.linspace(0.001, 0.002, 60))
    bank = fit_styles({0: objects}, classes=1, clusters=2, smallest=0.5)
    assert bank.sizes.sum() == 30


def test_same_seed_same_bank():
    banks = [fit_styles({0: blobs([9, 8, 7])}, classes=1, clusters=2, seed=3) for _ in range(2)]
    assert torch.equal(banks[0].centers, banks[1].centers)


def test_kept_samples_are_objects_that_were_clustered() -> None:
    small = Objects(np.full((50, 3), 9, np.float32), np.full(50, 0.0001), np.arange(50))
    large = blobs([30, 30], area=0.1)
    pairs = zip(astuple(small), astuple(large), strict=True)
    both = Objects(*(np.concatenate(pair) for pair in pairs))
    bank = fit_styles({1: both}, classes=2, clusters=2, smallest=0.01, samples=20)
    assert bank.kept.tolist() == [0, 20] and bank.features.shape == (2, 20, 3)
    found = {tuple(row) for row in bank.features[1].tolist()}
    assert len(found) == 20 and found <= {tuple(row) for row in large.features.tolist()}
    again = fit_styles({1: both}, classes=2, clusters=2, smallest=0.01, samples=20)
    assert torch.equal(again.features, bank.features)


def test_all_are_kept_where_they_are_few_and_samples_change_no_centre() -> None:
    bank = fit_styles({0: blobs([9, 8])}, classes=1, clusters=2, samples=40)
    assert bank.kept.tolist() == [17]
    np.testing.assert_array_equal(bank.features[0, :17], blobs([9, 8]).features)
    assert not bank.features[0, 17:].any()
    without = fit_styles({0: blobs([9, 8])}, classes=1, clusters=2)
    assert torch.equal(without.centers, bank.centers) and without.config.samples == 0


def test_the_looks_of_a_picture_are_those_of_its_largest_objects() -> None:
    rng = np.random.default_rng(0)
    objects = {
        label: Objects(
            (rng.integers(3, size=(70, 1)) + rng.normal(0, 0.01, (70, 3))).astype(np.float32),
            rng.uniform(0.02, 0.2, 70),
            rng.integers(12, size=70),
        )
        for label in (0, 2)
    }
    bank = fit_styles(objects, classes=3, clusters=3, smallest=0.01, pictures=50)
    numbers = sorted({int(n) for found in objects.values() for n in found.pictures})
    assert bank.together.shape == (len(numbers), 3, ALIKE)
    for row, number in enumerate(numbers):
        for label in range(3):
            found = objects.get(label)
            there = [] if found is None else np.flatnonzero(found.pictures == number)
            by_area = sorted(there, key=lambda place: -found.areas[place])[:ALIKE]
            looks = [bank.nearest(label, torch.from_numpy(found.features[k])) for k in by_area]
            looks += [-1] * (ALIKE - len(looks))
            assert bank.together[row, label].tolist() == looks
    assert fit_styles(objects, classes=3, clusters=3).config.pictures == 0


def test_nothing_to_cluster_is_an_error():
    with pytest.raises(ValueError, match="no objects to cluster"):
        fit_styles({}, classes=3)


# --- how wide and how well apart the clusters are ------------------------------------------------


def test_spread_and_inertia_are_those_of_a_loop() -> None:
    objects = blobs([15, 30, 8])
    bank = fit_styles({0: objects}, classes=2, clusters=2)
    squares: dict[int, list[float]] = {0: [], 1: []}
    for vector in objects.features:
        cluster = bank.nearest(0, torch.from_numpy(vector))
        offset = vector.astype(np.float64) - bank.centers[0, cluster].numpy()
        squares[cluster].append(float((offset**2).sum()))
    for cluster, found in squares.items():
        assert bank.sizes[0, cluster] == len(found)
        assert bank.spreads[0, cluster] == pytest.approx(np.sqrt(np.mean(found)), rel=1e-4)
    assert bank.inertia(0) == pytest.approx(sum(map(sum, squares.values())), rel=1e-4)
    assert bank.inertia(1) == 0


@pytest.mark.parametrize("groups", [2, 3, 5])
def test_the_silhouette_finds_the_number_of_groups(groups: int) -> None:
    bank = fit_styles({0: blobs([20] * groups)}, classes=1, clusters=7, choose="silhouette")
    assert bank.counts.tolist() == [groups]
    assert bank.silhouettes[0] > 0.9


def test_the_user_may_ask_for_more_and_learns_that_they_lie_less_apart() -> None:
    chosen, asked = (
        fit_styles({0: blobs([20, 20])}, classes=1, clusters=6, choose=choose)
        for choose in ("silhouette", "given")
    )
    assert (chosen.counts.tolist(), asked.counts.tolist()) == ([2], [6])
    assert asked.silhouettes[0] < chosen.silhouettes[0] and asked.inertia(0) < chosen.inertia(0)


def test_where_nothing_lies_apart_there_is_one_cluster() -> None:
    rng = np.random.default_rng(0)
    ball = Objects(rng.normal(size=(400, 8)).astype(np.float32), np.full(400, 0.1), np.arange(400))
    alike = Objects(np.ones((40, 8), np.float32), np.full(40, 0.1), np.arange(40))
    bank = fit_styles({0: ball, 1: alike}, classes=2, clusters=4, choose="silhouette")
    assert bank.counts.tolist() == [1, 1] and bank.silhouettes.tolist() == [0, 0]
    assert bank.sizes[:, 0].tolist() == [400, 40]


def test_of_equally_good_numbers_the_least_is_taken(monkeypatch) -> None:
    monkeypatch.setattr(styles, "silhouette", lambda *_, **__: 0.7)
    assert best_count(blobs([30]).features, 5) == 2
    monkeypatch.setattr(styles, "silhouette", lambda *_, **__: styles.UNSTRUCTURED)
    assert best_count(blobs([30]).features, 5) == 1
