from itertools import combinations

import pytest
import torch

from lab.metrics.distribution import frechet_distance, kid, polynomial_kernel


def whole(real: torch.Tensor, fake: torch.Tensor) -> float:
    """The estimate on all pictures at once: every subset is the whole set, in another order."""
    return kid(real, fake, subsets=2, size=len(real))[0]


def test_the_kernel_is_the_cubed_polynomial() -> None:
    x, y = torch.randn(3, 5), torch.randn(4, 5)
    found = polynomial_kernel(x, y)
    assert found.dtype == torch.float64
    for i in range(3):
        for j in range(4):
            dot = sum(float(a) * float(b) for a, b in zip(x[i], y[j], strict=True))
            assert float(found[i, j]) == pytest.approx((dot / 5 + 1) ** 3)


def test_by_hand() -> None:
    # D = 1: k(0, 0) = 1, k(1, 1) = 8, k(0, 1) = 1, so 1 + 8 - 2
    assert whole(torch.zeros(2, 1), torch.ones(2, 1)) == pytest.approx(7)


def test_equal_to_the_loops_of_the_definition() -> None:
    real, fake = torch.randn(5, 3), torch.randn(5, 3) + 0.3

    def kernel(a: torch.Tensor, b: torch.Tensor) -> float:
        return (float(a.double() @ b.double()) / 3 + 1) ** 3

    expected = 0.0
    for i in range(5):
        for j in range(5):
            if i != j:
                expected += (kernel(real[i], real[j]) + kernel(fake[i], fake[j])) / 20
            expected -= 2 * kernel(real[i], fake[j]) / 25
    mean, deviation = kid(real, fake, subsets=4, size=5)
    assert mean == pytest.approx(expected)
    assert deviation == pytest.approx(0, abs=1e-12)


def test_unbiased_the_mean_over_all_ways_to_halve_a_set_is_zero() -> None:
    pool = torch.randn(6, 4) * 3
    values = []
    for chosen in combinations(range(6), 3):
        others = [i for i in range(6) if i not in chosen]
        values.append(whole(pool[list(chosen)], pool[others]))
    assert sum(values) / len(values) == pytest.approx(0, abs=1e-9)
    assert max(values) > 0 > min(values)


def test_two_samples_of_one_distribution_are_near_and_a_shift_moves_them_apart() -> None:
    real = torch.randn(300, 8)
    near, *apart = (
        kid(real, torch.randn(300, 8) + shift, subsets=50, size=100)[0]
        for shift in (0.0, 0.3, 0.6, 1.2)
    )
    assert abs(near) < 0.02
    assert near < apart[0] < apart[1] < apart[2]


def test_symmetric_and_blind_to_order() -> None:
    real, fake = torch.randn(7, 4), torch.rand(7, 4)
    assert whole(real, fake) == pytest.approx(whole(fake, real))
    assert whole(real[torch.randperm(7)], fake.flip(0)) == pytest.approx(whole(real, fake))


def test_the_seed_fixes_the_subsets() -> None:
    real, fake = torch.randn(30, 4), torch.rand(40, 4)
    state = torch.get_rng_state()
    first = kid(real, fake, size=10, seed=1)
    assert torch.equal(torch.get_rng_state(), state)
    assert first == kid(real, fake, size=10, seed=1)
    assert first != kid(real, fake, size=10, seed=2)


@pytest.mark.parametrize("size", [1, 6])
def test_a_subset_the_sets_do_not_have_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"Subsets of {size} pictures; expected 2 to 5"):
        kid(torch.rand(5, 3), torch.rand(9, 3), size=size)


def test_features_of_two_networks_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(5, 3\) and \(5, 4\)"):
        kid(torch.rand(5, 3), torch.rand(5, 4), size=2)


def test_no_subsets_are_refused() -> None:
    with pytest.raises(ValueError, match="0 subsets; expected 1 or more"):
        kid(torch.rand(5, 3), torch.rand(5, 3), size=2, subsets=0)


def test_paired_sets_leave_the_pairs_out_as_the_loops_of_the_definition_do() -> None:
    real = torch.randn(5, 3)
    fake = real + 0.3 * torch.randn(5, 3)  # as alike as a drawing and its photograph are

    def kernel(a: torch.Tensor, b: torch.Tensor) -> float:
        return (float(a.double() @ b.double()) / 3 + 1) ** 3

    expected = sum(
        kernel(real[i], real[j])
        + kernel(fake[i], fake[j])
        - kernel(real[i], fake[j])
        - kernel(real[j], fake[i])
        for i in range(5)
        for j in range(5)
        if i != j
    )
    mean, deviation = kid(real, fake, subsets=4, size=5, paired=True)
    assert mean == pytest.approx(expected / 20)
    assert deviation == pytest.approx(0, abs=1e-12)


def test_a_paired_set_is_nothing_apart_from_itself_in_any_subset() -> None:
    real = torch.randn(30, 6)
    mean, deviation = kid(real, real.clone(), subsets=20, size=10, paired=True)
    assert abs(mean) < 1e-12 and deviation < 1e-12
    assert kid(real, real.clone(), subsets=200, size=15)[0] < -0.01  # by pictures and themselves


def test_drawings_of_one_distribution_are_near_their_photographs_however_alike() -> None:
    generator = torch.Generator().manual_seed(3)
    found = []
    for _ in range(200):
        layout, photo, drawn = torch.randn(3, 12, 4, generator=generator)
        found.append(kid(layout + photo, layout + drawn, subsets=1, size=12, paired=True)[0])
    values = torch.tensor(found)
    assert abs(values.mean()) < 3 * values.std() / len(values) ** 0.5


def test_paired_sets_of_two_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="one size; these are 5 and 6: give one picture"):
        kid(torch.rand(5, 3), torch.rand(6, 3), size=2, paired=True)


# --- Fréchet -------------------------------------------------------------------------------------


def with_moments(count: int, mean: torch.Tensor, covariance: torch.Tensor) -> torch.Tensor:
    """(count, D) features whose sample mean and covariance are exactly these."""
    x = torch.randn(count, len(mean), dtype=torch.float64)
    x = x - x.mean(0)
    root = torch.linalg.cholesky(x.T @ x / (count - 1))
    white = torch.linalg.solve_triangular(root, x.T, upper=False).T
    return white @ torch.linalg.cholesky(covariance).T + mean


def random_covariance(size: int) -> torch.Tensor:
    x = torch.randn(size, 2 * size, dtype=torch.float64)
    return x @ x.T / size


def test_the_distance_of_gaussians_with_known_moments() -> None:
    means, variances = torch.randn(2, 4).double(), torch.rand(2, 4).double() + 0.1
    real, fake = (with_moments(30 + i, means[i], variances[i].diag()) for i in range(2))
    expected = (means[0] - means[1]).square().sum()
    expected += (variances[0].sqrt() - variances[1].sqrt()).square().sum()
    assert frechet_distance(real, fake) == pytest.approx(float(expected), rel=1e-9)


def test_covariances_that_do_not_commute() -> None:
    a, b = random_covariance(5), random_covariance(5)
    values, vectors = torch.linalg.eigh(a)
    root = vectors * values.sqrt() @ vectors.T
    trace = torch.linalg.eigvalsh(root @ b @ root).sqrt().sum()
    zero = torch.zeros(5, dtype=torch.float64)
    found = frechet_distance(with_moments(40, zero, a), with_moments(50, zero, b))
    assert found == pytest.approx(float(a.trace() + b.trace() - 2 * trace), rel=1e-9)


@pytest.mark.parametrize("count", [3, 40])  # fewer and more than features
def test_equal_sets_are_at_no_distance_in_any_order_and_a_shift_is_its_square(count: int) -> None:
    real = torch.randn(count, 12)
    assert frechet_distance(real, real) == pytest.approx(0, abs=1e-10)
    assert frechet_distance(real, real.flip(0)) == pytest.approx(0, abs=1e-10)
    assert frechet_distance(real, real + 2) == pytest.approx(4 * 12, rel=1e-6)


def test_it_is_symmetric_and_turning_both_sets_changes_nothing() -> None:
    real, fake = torch.randn(9, 6).double(), torch.randn(14, 6).double() * 2 + 1
    found = frechet_distance(real, fake)
    assert frechet_distance(fake, real) == pytest.approx(found)
    turn = torch.linalg.qr(torch.randn(6, 6).double()).Q
    assert frechet_distance(real @ turn, fake @ turn) == pytest.approx(found)


@pytest.mark.parametrize(
    ("real", "fake", "sentence"),
    [((4, 3), (4, 2), "of one network"), ((1, 3), (4, 3), "needs 2 pictures or more; got 1 and 4")],
)
def test_sets_without_a_distance(real: tuple, fake: tuple, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        frechet_distance(torch.rand(real), torch.rand(fake))
