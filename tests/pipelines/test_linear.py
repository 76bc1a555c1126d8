"""The learned matrix as it is used."""

import pytest
import torch

from lab.models.feature_maps import Moments
from lab.models.linear_transfer import LinearTransform, LinearTransformConfig
from lab.models.vgg import VGGConfig, VGGDecoder, VGGFeatures
from lab.pipelines.linear import LinearMapper, LinearTransfer, compressed, truncate
from lab.pipelines.transfer import Level
from tests.pipelines.test_transfer import fast, lively, vgg


@pytest.fixture(params=[fast, vgg], ids=lambda made: made.__name__)
def pipeline(request) -> LinearTransfer:
    return request.param()


def test_the_whole_is_the_papers_formula(pipeline) -> None:
    content, style = torch.rand(1, 3, 32, 40), torch.rand(1, 3, 24, 20)
    (level,) = pipeline.levels
    features = level.mapper.transform(level.encoder(content), level.encoder(style))
    expected = level.decoder(features).clamp(0, 1)
    assert torch.allclose(pipeline(content, style), expected, atol=1e-4)


def test_the_map_is_the_transform_folded_and_has_its_rank(pipeline) -> None:
    content, style = torch.rand(1, 3, 32, 40), torch.rand(1, 3, 24, 20)
    (level,) = pipeline.levels
    transform, features = level.mapper.transform, level.encoder(content)
    kept = pipeline.encode_style(style)
    mapped = level.mapper.map(pipeline.describe(content), [kept.levels[0]], [1.0])
    expected = transform(features, level.encoder(style))
    assert torch.allclose(mapped(features), expected, atol=1e-4)
    assert torch.linalg.matrix_rank(mapped.weight) <= transform.config.width


def test_the_matrix_shown_is_the_weighted_mean_of_the_products(pipeline) -> None:
    content, *pictures = (torch.rand(1, 3, 24, 20) ** power for power in (1, 1, 3))
    (level,) = pipeline.levels
    transform = level.mapper.transform
    own = transform.content_matrix(level.encoder(content))
    one, two = (transform.style_matrix(level.encoder(picture)) @ own for picture in pictures)
    styles = [pipeline.encode_style(picture) for picture in pictures]
    shown = pipeline.matrix(content, styles, [1, 3]).float()
    assert torch.allclose(shown, (0.25 * one + 0.75 * two)[0], atol=1e-4)


def test_compressed_moments_are_those_of_compressed_features(pipeline) -> None:
    (level,) = pipeline.levels
    features = level.encoder(torch.rand(1, 3, 24, 20))
    small = level.mapper.transform.compress(features - features.mean((2, 3), keepdim=True))[0]
    flat = features[0].flatten(1)
    known = Moments(1, flat.mean(1).double(), torch.cov(flat, correction=0).double())
    found = compressed(level.mapper.transform, known)
    assert torch.allclose(found.mean.float(), small.mean((1, 2)), atol=1e-4)
    expected = torch.cov(small.flatten(1), correction=0)
    assert torch.allclose(found.covariance.float(), expected, atol=1e-3)


def test_wcts_matrix_gives_compressed_features_the_styles_covariance(pipeline) -> None:
    swapped = pipeline.with_matrix("wct")
    content, style = torch.rand(1, 3, 32, 40), torch.rand(1, 3, 40, 32) ** 2
    kept = swapped.encode_style(style)
    matrix = swapped.matrix(content, [kept], [1.0])
    transform = swapped.levels[0].mapper.transform
    own, wanted = (
        compressed(transform, each.moments) for each in (swapped.describe(content), kept.levels[0])
    )
    result = matrix @ own.covariance @ matrix.T
    assert (result - wanted.covariance).norm() / wanted.covariance.norm() < 1e-3


def test_adains_matrix_is_diagonal(pipeline) -> None:
    swapped = pipeline.with_matrix("adain")
    kept = swapped.encode_style(torch.rand(1, 3, 20, 20))
    matrix = swapped.matrix(torch.rand(1, 3, 20, 20), [kept], [1.0])
    assert torch.equal(matrix, matrix.diagonal().diag()) and matrix.diagonal().min() > 0


def test_truncation_keeps_the_largest_singular_values(pipeline) -> None:
    content = torch.rand(1, 3, 20, 20)
    kept = pipeline.encode_style(torch.rand(1, 3, 20, 20))
    full = torch.linalg.svdvals(pipeline.matrix(content, [kept], [1.0]))
    for rank in (1, 3):
        cut = torch.linalg.svdvals(pipeline.with_matrix(rank=rank).matrix(content, [kept], [1.0]))
        assert torch.allclose(cut[:rank], full[:rank]) and cut[rank:].abs().max() < 1e-6
    everything = pipeline.with_matrix(rank=4)
    assert torch.allclose(
        everything.stylize(content, [kept], [1.0]),
        pipeline.stylize(content, [kept], [1.0]),
        atol=1e-5,
    )


def test_no_matrix_of_that_rank_is_nearer() -> None:
    matrix = torch.randn(6, 6).double()
    best = (matrix - truncate(matrix, 2)).norm()
    for _ in range(20):
        other = torch.randn(6, 2).double() @ torch.randn(2, 6).double()
        assert (matrix - other).norm() >= best
    assert torch.allclose(best**2, torch.linalg.svdvals(matrix)[2:].square().sum())


def test_forms_and_ranks_that_do_not_exist_are_refused(pipeline) -> None:
    with pytest.raises(ValueError, match="form is 'svd'; expected one of: learned, wct, adain"):
        pipeline.with_matrix("svd")
    for rank in (0, 5):
        with pytest.raises(ValueError, match=f"rank is {rank}; expected 1 to 4"):
            pipeline.with_matrix(rank=rank)


def test_the_deepest_layer_settles_the_multiple() -> None:
    config = VGGConfig("relu4_1", 16)
    mapper = LinearMapper(lively(LinearTransform(LinearTransformConfig(32, (8,), 4))))
    deep = LinearTransfer([Level(lively(VGGFeatures(config)), lively(VGGDecoder(config)), mapper)])
    assert deep.multiple == 8
    assert deep(torch.rand(1, 3, 33, 47), torch.rand(1, 3, 24, 24)).shape == (1, 3, 33, 47)
