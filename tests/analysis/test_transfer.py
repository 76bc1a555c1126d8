"""A transfer in matrices: closed forms, identities, and files that hold the same numbers."""

import csv
import io

import numpy as np
import pytest
import torch

from lab.analysis.transfer import dissect, relative_error, to_csv, to_npz, transported
from lab.models.feature_maps import AffineMap, Moments
from lab.pipelines.transfer import shares_of
from tests.pipelines.test_transfer import adain, fast, vgg, wct


def taken_apart(pipeline, *, weights=(1.0,), content=None, strength=1.0):
    content = torch.rand(1, 3, 32, 40) if content is None else content
    pictures = [torch.rand(1, 3, 40, 36) ** (1 + 2 * i) for i in range(len(weights))]
    styles = [pipeline.encode_style(each) for each in pictures]
    looks, shares = [style.levels[0] for style in styles], shares_of(styles, weights)
    drawn = pipeline.stylize(content, styles, weights, strength=strength)
    how = {"drawn": pipeline.describe(drawn), "strength": strength}
    mapper = pipeline.levels[0].mapper
    return dissect(mapper, pipeline.describe(content), looks, shares, **how), content, styles


@pytest.mark.parametrize("strength", [1.0, 0.4])
@pytest.mark.parametrize("make", [fast, vgg, adain, wct], ids=lambda made: made.__name__)
def test_covariances_are_what_the_decoder_is_asked_for_and_what_the_picture_has(
    make, strength
) -> None:
    pipeline = make()
    found, content, styles = taken_apart(pipeline, strength=strength)
    seen = []
    pipeline.levels[0].decoder.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    drawn = pipeline.stylize(content, styles, [1.0], strength=strength)
    features, read = (pipeline.levels[0].encoder(each) for each in (content, drawn))
    covariances = ((found.content, features), (found.asked, seen[0]), (found.result, read))
    for shown, flat in covariances:
        expected = torch.cov(flat[0].flatten(1).double(), correction=0).numpy()
        assert np.allclose(shown, expected, atol=1e-3 * np.abs(expected).max())
    mapped = np.tensordot(found.folded, features[0].double().numpy(), 1) + found.bias[:, None, None]
    assert np.allclose(mapped, seen[0][0].numpy(), atol=1e-3 * np.abs(mapped).max())


@pytest.mark.parametrize("make", [fast, adain], ids=lambda made: made.__name__)
def test_wct_reaches_the_style_and_adain_its_variances(make) -> None:
    found, *_ = taken_apart(make(), content=torch.rand(1, 3, 120, 160))
    assert found.errors["wct"] < 1e-3
    assert found.errors["wct"] < found.errors["adain"]
    assert list(found.errors)[:3] == ["content", "result", "asked"]
    for name in ("content", "result", "asked"):
        error = relative_error(torch.tensor(getattr(found, name)), torch.tensor(found.style))
        assert error == pytest.approx(found.errors[name])
    if make is adain:
        assert found.errors["asked"] == found.errors["adain"]
        assert np.allclose(found.asked.diagonal(), found.style.diagonal(), atol=1e-3)


def test_wct_asks_for_the_style_but_its_decoders_do_not_draw_it() -> None:
    found, *_ = taken_apart(wct(), content=torch.rand(1, 3, 120, 160))
    assert found.errors["asked"] == found.errors["wct"] < 1e-3
    assert found.errors["result"] > 0.05


def test_without_strength_the_content_is_asked_for_and_drawn() -> None:
    found, *_ = taken_apart(fast(), strength=0.0)
    assert np.allclose(found.asked, found.content) and np.allclose(found.result, found.content)
    assert len({round(found.errors[name], 9) for name in found.errors}) == 1


def test_a_style_equal_to_the_content_leaves_nothing_to_do() -> None:
    pipeline = wct()
    content = torch.rand(1, 3, 32, 40)
    described = pipeline.describe(content)
    found = dissect(pipeline.levels[0].mapper, described, [described], [1.0], drawn=described)
    assert found.errors["content"] == found.errors["result"] == 0
    assert found.errors["asked"] < 1e-6 and found.errors["adain"] < 1e-6
    identity = transported(described.covariance, AffineMap(torch.eye(32), torch.zeros(32)))
    assert torch.equal(identity, described.covariance)


def test_t_is_the_product_of_its_factors_also_of_mixed_styles() -> None:
    found, *_ = taken_apart(fast(), weights=(1.0, 3.0))
    assert np.allclose(found.matrix, found.style_factor @ found.content_factor)
    assert np.allclose(found.singular_values, np.linalg.svd(found.matrix)[1])
    assert found.matrix.shape == (4, 4) and found.folded.shape == (8, 8)
    assert np.linalg.matrix_rank(found.folded) <= 4
    assert {"T by WCT", "T by AdaIN"} <= set(found.errors)


def test_swapped_and_truncated_matrices_are_shown_as_they_are() -> None:
    swapped, *_ = taken_apart(fast().with_matrix("wct", rank=2))
    assert np.linalg.matrix_rank(swapped.matrix, tol=1e-9) == 2
    assert swapped.style_factor is swapped.content_factor is None
    assert "style_factor" not in swapped.arrays() and "matrix" in swapped.arrays()
    full, *_ = taken_apart(fast().with_matrix("wct"))
    assert full.errors["T by WCT"] == full.errors["asked"]


def test_a_method_without_a_matrix_shows_its_map() -> None:
    found, *_ = taken_apart(adain())
    assert found.matrix is None
    assert np.allclose(found.singular_values, np.linalg.svd(found.folded)[1])


def test_moments_of_known_columns() -> None:
    class Plain:
        margin = 0

        def map(self, content, styles, shares) -> AffineMap:
            return AffineMap(torch.diag(torch.tensor([2.0, 1.0])).double(), torch.zeros(2).double())

    own = Moments(4, torch.zeros(2).double(), torch.eye(2).double())
    wanted = Moments(4, torch.ones(2).double(), torch.diag(torch.tensor([4.0, 4.0])).double())
    drawn = Moments(4, torch.zeros(2).double(), torch.diag(torch.tensor([4.0, 2.0])).double())
    found = dissect(Plain(), own, [wanted], [1.0], drawn=drawn)
    assert np.allclose(found.asked, np.diag([4, 1]))
    assert np.allclose(found.result, np.diag([4, 2]))
    assert found.errors["asked"] == pytest.approx(3 / 32**0.5)
    assert found.errors["result"] == pytest.approx(2 / 32**0.5)
    half = dissect(Plain(), own, [wanted], [1.0], drawn=drawn, strength=0.5)
    assert np.allclose(half.asked, np.diag([1.5**2, 1]))
    assert found.errors["content"] == pytest.approx(0.75)


def test_files_hold_the_same_numbers() -> None:
    found, *_ = taken_apart(fast())
    stored = np.load(io.BytesIO(to_npz(found)))
    assert to_npz(found) == to_npz(found)
    for name, array in found.arrays().items():
        assert np.array_equal(stored[name], array)
    assert dict(zip(stored["error_names"], stored["errors"], strict=True)) == found.errors
    head, *rows = csv.reader(io.StringIO(to_csv(found.matrix, row="new").decode()))
    assert head == ["new\\column", "1", "2", "3", "4"]
    assert np.allclose(np.array(rows, float)[:, 1:], found.matrix, rtol=1e-8)
    assert len(to_csv(found.singular_values).splitlines()) == 2
