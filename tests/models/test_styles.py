"""Features of objects: pooled by instance, read by the encoder, kept in the style bank."""

import numpy as np
import pytest
import torch
from torch import Tensor

from lab.models.pix2pixhd import (
    EncoderConfig,
    FeatureEncoder,
    pool_by_instance,
)
from lab.models.styles import StyleBank, StyleBankConfig

IDS = torch.tensor([0, 3, 255, 256, 8001, 65535])


def looped(features: Tensor, instances: Tensor) -> Tensor:
    """The definition: picture by picture, object by object, channel by channel."""
    pooled = torch.zeros_like(features)
    for picture in range(len(features)):
        for instance in instances[picture].unique():
            where = instances[picture] == instance
            for channel in range(features.shape[1]):
                values = features[picture, channel][where]
                pooled[picture, channel][where] = values.double().mean().to(features.dtype)
    return pooled


def random_instances(*shape: int) -> Tensor:
    return IDS[torch.randint(len(IDS), shape)]


def encoder() -> FeatureEncoder:
    return FeatureEncoder(EncoderConfig(outputs=3, width=4, downsamplings=2)).eval()


# --- pooling -------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (1, 3, 9, 7), (3, 2, 16, 5)])
def test_pooling_equals_the_loop(shape: tuple[int, ...]) -> None:
    features = torch.randn(shape)
    instances = random_instances(shape[0], *shape[2:])
    pooled = pool_by_instance(features, instances)
    assert pooled.dtype == features.dtype
    assert torch.allclose(pooled, looped(features, instances), atol=1e-6, rtol=0)


def test_equal_ids_in_two_pictures_are_two_objects() -> None:
    features = torch.stack([torch.zeros(1, 4, 4), torch.ones(1, 4, 4)])
    instances = torch.full((2, 4, 4), 65535)
    assert torch.equal(pool_by_instance(features, instances), features)
    # Ids of one picture shifted by the number of ids must not meet those of the next.
    instances = torch.stack([torch.full((4, 4), 1), torch.full((4, 4), 0)])
    instances[0, 0, 0], instances[1, 0, 0] = 0, 2
    features = torch.randn(2, 1, 4, 4)
    pooled = pool_by_instance(features, instances)
    assert torch.allclose(pooled, looped(features, instances), atol=1e-6)


def test_large_and_negative_ids_are_names_like_any_other() -> None:
    features = torch.randn(2, 2, 8, 8)
    instances = random_instances(2, 8, 8)
    pooled = pool_by_instance(features, instances)
    assert torch.equal(pool_by_instance(features, 10**9 * instances - 5), pooled)


def test_pooling_twice_is_pooling_once() -> None:
    features, instances = torch.randn(2, 3, 33, 31), random_instances(2, 33, 31)
    once = pool_by_instance(features, instances)
    assert torch.equal(pool_by_instance(once, instances), once)


def test_a_sky_of_a_million_pixels_is_as_exact_as_a_small_one() -> None:
    # A running sum in float32 rounds every 0.3 to the last digit of the sum: off by a percent.
    sky = torch.full((1, 1, 1024, 1024), 0.3)
    pooled = pool_by_instance(sky, torch.zeros(1, 1024, 1024, dtype=torch.int64))
    assert torch.equal(pooled, sky)


def test_gradients_are_shared_evenly_inside_an_object() -> None:
    instances = torch.tensor([[[7, 7, 7], [9, 9, 7]]])
    features = torch.randn(1, 2, 2, 3, dtype=torch.float64, requires_grad=True)
    pool_by_instance(features, instances)[0, 0, 0, 0].backward()
    expected = (instances == 7).double() / 4
    assert torch.allclose(features.grad[:, 0], expected) and not features.grad[:, 1].any()
    assert torch.autograd.gradcheck(lambda x: pool_by_instance(x, instances), features)


# --- the encoder ---------------------------------------------------------------------------------


def test_codes_are_constant_inside_objects_and_differ_between_them(tiny_layout) -> None:
    _, instances = tiny_layout
    codes = encoder()(torch.rand(1, 3, 32, 64), instances)
    assert codes.shape == (1, 3, 32, 64) and codes.abs().max() <= 1
    vectors = []
    for instance in instances.unique():
        inside = codes[0][:, instances[0] == instance]
        assert torch.equal(inside, inside[:, :1].expand_as(inside))
        vectors.append(inside[:, 0])
    distances = torch.pdist(torch.stack(vectors))
    assert distances.min() > 0


@pytest.mark.parametrize("shortcut", [False, True])
def test_an_objects_code_is_the_mean_of_the_networks_output(tiny_layout, shortcut: bool) -> None:
    _, instances = tiny_layout
    config = EncoderConfig(width=4, downsamplings=2, shortcut=shortcut)
    network, photo = FeatureEncoder(config).eval(), torch.rand(1, 3, 32, 64)
    raw = network.body(photo * 2 - 1) + shortcut * (photo * 2 - 1)
    assert torch.allclose(network(photo, instances), looped(raw.tanh(), instances), atol=1e-6)


def test_a_shortcut_needs_as_many_codes_as_colours() -> None:
    with pytest.raises(ValueError, match="the photo's 3 channels, but outputs is 4"):
        EncoderConfig(outputs=4, shortcut=True)


def test_codes_of_a_batch_are_those_of_its_pictures(tiny_layout) -> None:
    _, instances = tiny_layout
    network, photos = encoder(), torch.rand(2, 3, 32, 64)
    both = network(photos, instances.expand(2, -1, -1))
    for index in range(2):
        alone = network(photos[index : index + 1], instances)
        assert torch.allclose(both[index], alone[0], atol=1e-6)


def test_the_encoder_names_its_multiple(tiny_layout) -> None:
    with pytest.raises(ValueError, match="30x32; both sides must be multiples of 4"):
        encoder()(torch.rand(1, 3, 32, 30), torch.zeros(1, 32, 30, dtype=torch.int64))


# --- the bank ------------------------------------------------------------------------------------


@pytest.fixture
def bank() -> StyleBank:
    """Six classes: class k has k clusters, so the sky has none."""
    bank = StyleBank(StyleBankConfig(classes=6, clusters=5, channels=3))
    bank.centers.copy_(torch.rand(bank.centers.shape) * 2 - 1)
    bank.counts.copy_(torch.arange(6))
    return bank


def test_every_object_is_painted_with_the_centre_it_was_given(bank, tiny_layout) -> None:
    labels, instances = tiny_layout
    choice = {1: 0, 2: 1, 3: 2, 4000: 3, 4001: 0, 5000: 4, 5001: 2}
    painted = bank.paint(labels, instances, choice)
    assert painted.shape == (1, 3, 32, 64)
    for instance, cluster in choice.items():
        inside = painted[0][:, instances[0] == instance]
        center = bank.centers[2 if instance == 2 else labels[instances == instance][0], cluster]
        assert torch.equal(inside, center[:, None].expand_as(inside))
    assert not painted[0][:, instances[0] == 0].any()  # the sky has no clusters


def test_objects_without_a_choice_stay_at_zero(bank, tiny_layout) -> None:
    labels, instances = tiny_layout
    painted = bank.paint(labels, instances, {5000: 1, 77: 3})  # 77 is nowhere in the layout
    assert torch.equal(painted[0].any(0), instances[0] == 5000)


def test_an_object_has_the_class_that_most_of_it_shows(bank) -> None:
    labels = torch.tensor([[[5, 5, 4, 255, 255, 255, 255]]])
    instances = torch.full_like(labels, 9)
    painted = bank.paint(labels, instances, {9: 4})  # class 4 has no cluster 4
    assert torch.equal(painted[0, :, 0], bank.centers[5, 4][:, None].expand(3, 7))
    unlabelled = torch.full_like(labels, 255)
    assert not bank.paint(unlabelled, instances, {9: 4}).any()


def test_equal_ids_in_two_pictures_are_painted_as_two_objects(bank) -> None:
    labels = torch.randint(1, 6, (3, 9, 7))
    instances = random_instances(3, 9, 7)
    choice = dict.fromkeys(IDS.tolist(), 0)
    both = bank.paint(labels, instances, choice)
    alone = [bank.paint(labels[k : k + 1], instances[k : k + 1], choice) for k in range(3)]
    assert torch.equal(both, torch.cat(alone))
    # Outvoted in the batch, each picture's object is still of the class it shows there.
    labels = torch.stack([torch.full((4, 4), 5), torch.full((4, 4), 2)])
    painted = bank.paint(labels, torch.full_like(labels, 7), {7: 1})
    assert torch.equal(painted[:, :, 0, 0], torch.stack([bank.centers[5, 1], bank.centers[2, 1]]))


@pytest.mark.parametrize("cluster", [-1, 4, 99])
def test_a_cluster_the_class_lacks_is_refused(bank, tiny_layout, cluster: int) -> None:
    sentence = f"Object 4001 of class 4 was given style {cluster}; that class has styles 0 to 3"
    with pytest.raises(ValueError, match=sentence):
        bank.paint(*tiny_layout, {4001: cluster})


def test_nearest_is_the_closest_of_the_clusters_that_exist(bank) -> None:
    for label in range(1, 6):
        for cluster in range(label):
            assert bank.nearest(label, bank.centers[label, cluster]) == cluster
    # Row 4 of class 4 is unused; its numbers must not be chosen, however close they are.
    vector = bank.centers[4, 4]
    distances = (bank.centers[4, :4] - vector).norm(dim=1)
    assert bank.nearest(4, vector) == int(distances.argmin())


def test_the_bank_is_saved_with_its_tables_and_has_nothing_to_train(bank) -> None:
    assert set(bank.state_dict()) == {"centers", "counts", "sizes"}
    assert not list(bank.parameters())
    other = StyleBank(bank.config)
    other.load_state_dict(bank.state_dict())
    assert torch.equal(other.centers, bank.centers) and torch.equal(other.counts, bank.counts)


def test_a_measured_bank_has_its_measures_too_and_a_bank_without_has_no_inertia(bank) -> None:
    measured = StyleBank(StyleBankConfig(2, 3, measured=True))
    assert set(measured.state_dict()) == {*bank.state_dict(), "spreads", "silhouettes"}
    assert measured.spreads.shape == (2, 3) and measured.silhouettes.shape == (2,)
    measured.sizes[1] = torch.tensor([4, 2, 0])
    measured.spreads[1] = torch.tensor([0.5, 1.0, 9.0])
    assert measured.inertia(1) == 4 * 0.25 + 2 * 1.0
    with pytest.raises(ValueError, match="holds no spreads; fit it again"):
        bank.inertia(1)


@pytest.mark.parametrize("measured", [True, False])
def test_tables_must_be_those_of_the_config(measured: bool) -> None:
    """Strict both ways: no table is made up where a file has none, none is dropped."""
    stored = StyleBank(StyleBankConfig(2, 3, measured=not measured)).state_dict()
    with pytest.raises(RuntimeError, match="spreads"):
        StyleBank(StyleBankConfig(2, 3, measured=measured)).load_state_dict(stored)


def test_a_bank_with_samples_has_them_and_one_without_none(bank) -> None:
    sampled = StyleBank(StyleBankConfig(6, 5, samples=7))
    assert set(sampled.state_dict()) == {*bank.state_dict(), "features", "kept"}
    assert sampled.features.shape == (6, 7, 3) and sampled.kept.tolist() == [0] * 6
    for stored, other in ((bank, sampled), (sampled, bank)):
        with pytest.raises(RuntimeError, match="features"):
            other.load_state_dict(stored.state_dict())


# --- looks by lot ---------------------------------------------------------------------------------


def together(*pictures: list[list[int]]) -> StyleBank:
    """A bank of classes, each of clusters of 60, 30 and 10 objects, with such pictures."""
    classes = max([2, *map(len, pictures)])
    bank = StyleBank(StyleBankConfig(classes, 3, pictures=len(pictures)))
    bank.counts[:] = 3
    bank.sizes[:] = torch.tensor([60, 30, 10])
    for row, classes in enumerate(pictures):
        for label, looks in enumerate(classes):
            bank.together[row, label, : len(looks)] = torch.tensor(looks, dtype=torch.int8)
    return bank


def test_objects_of_one_lot_look_as_they_did_in_one_picture() -> None:
    bank = together([[0], [1]], [[1], [2]], [[2], [0]])
    lots = [
        (bank.by_lot(0, instance=4, seed=seed), bank.by_lot(1, instance=9, seed=seed))
        for seed in range(60)
    ]
    assert set(lots) == {(0, 1), (1, 2), (2, 0)}


def test_several_objects_of_a_picture_lend_their_looks_to_several() -> None:
    bank = together([[0, 2, 2], [1]])
    looks = [bank.by_lot(0, instance=k, seed=5) for k in range(600)]
    assert set(looks) == {0, 2}
    assert looks.count(2) / len(looks) == pytest.approx(2 / 3, abs=0.08)


def test_a_class_the_first_picture_lacks_is_taken_from_another() -> None:
    bank = together([[0], []], [[1], []], [[2], [1]])
    for seed in range(20):
        assert bank.by_lot(1, instance=1, seed=seed) == 1
    assert {bank.by_lot(0, instance=1, seed=seed) for seed in range(60)} == {0, 1, 2}


def test_it_is_taken_from_the_picture_most_like_the_first() -> None:
    # Faces of two skins, half of them with their ears under hair: ears of the other never come.
    fair, dark = ([0], [0], [0]), ([1], [1], [1])
    hidden = [(skin, nose, []) for skin, nose, _ in (fair, dark)]
    bank = together(*map(list, (fair, dark, *hidden)))
    faces = {
        tuple(bank.by_lot(label, instance=label, seed=seed) for label in range(3))
        for seed in range(60)
    }
    assert faces == {(0, 0, 0), (1, 1, 1)}


@pytest.mark.parametrize("pictures", [0, 2])
def test_without_such_pictures_the_sizes_of_the_clusters_decide(pictures: int) -> None:
    bank = together(*([[[], []]] * pictures))
    looks = [bank.by_lot(0, instance=k, seed=1) for k in range(2000)]
    for cluster, share in enumerate((0.6, 0.3, 0.1)):
        assert looks.count(cluster) / len(looks) == pytest.approx(share, abs=0.05)


def test_objects_of_any_id_are_drawn_by_lot() -> None:
    bank = together()
    for instance in (-1, -(2**31), -(2**63), 0, 2**63 - 1):
        looks = [bank.by_lot(0, instance=instance, seed=seed) for seed in range(40)]
        assert set(looks) == {0, 1, 2}
        assert looks == [bank.by_lot(0, instance=instance, seed=seed) for seed in range(40)]
    # From 0 up the lot is that of the id itself.
    own = np.random.default_rng((3, 8001)).choice(3, p=[0.6, 0.3, 0.1])
    assert bank.by_lot(0, instance=8001, seed=3) == own
