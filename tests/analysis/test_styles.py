"""Collecting objects and clustering them."""

import numpy as np
import pytest
import torch

from lab.analysis.styles import Objects, collect, fit_styles
from lab.models.pix2pixhd import pool_by_instance


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


def blobs(sizes, *, area=0.1):
    """Well separated groups of `sizes` points on the x axis."""
    rng = np.random.default_rng(0)
    groups = [rng.normal([k, 0, 0], 0.01, (size, 3)) for k, size in enumerate(sizes)]
    return Objects(np.concatenate(groups).astype(np.float32), np.full(sum(sizes), area))


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
    shifted = Objects(small.features + 5, small.areas)
    both = Objects(
        np.concatenate([large.features, shifted.features]),
        np.concatenate([large.areas, shifted.areas]),
    )
    bank = fit_styles({0: both}, classes=1, clusters=2, smallest=0.01)
    assert bank.sizes.sum() == 40
    assert (bank.centers[0, :2, 0] < 1).all()


def test_a_class_of_small_objects_keeps_its_larger_half():
    objects = Objects(blobs([30, 30]).features, np.linspace(0.001, 0.002, 60))
    bank = fit_styles({0: objects}, classes=1, clusters=2, smallest=0.5)
    assert bank.sizes.sum() == 30


def test_same_seed_same_bank():
    banks = [fit_styles({0: blobs([9, 8, 7])}, classes=1, clusters=2, seed=3) for _ in range(2)]
    assert torch.equal(banks[0].centers, banks[1].centers)


def test_nothing_to_cluster_is_an_error():
    with pytest.raises(ValueError, match="no objects to cluster"):
        fit_styles({}, classes=3)
