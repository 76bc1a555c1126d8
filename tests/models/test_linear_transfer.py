"""The learned matrix of linear style transfer."""

from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

from lab.models.linear_transfer import (
    LinearTransform,
    LinearTransformConfig,
    MatrixNet,
    channel_mean,
)

CONFIG = LinearTransformConfig(channels=12, hidden=(8, 6), width=4)


@pytest.fixture
def network() -> LinearTransform:
    """Matrices of order one that depend on what they see, whatever training starts from."""
    network = LinearTransform(CONFIG).eval()
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")
            nn.init.normal_(layer.bias, 0.0, 0.1)
        elif isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, 0.0, 0.3)
    return network


@pytest.fixture
def content() -> Tensor:
    return torch.randn(1, 12, 9, 11)


@pytest.fixture
def style() -> Tensor:
    return torch.randn(1, 12, 7, 5) * 2 + 1  # another size than the content's


def parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize(
    ("channels", "hidden", "millions"), [(256, (128, 64), 2.89), (512, (256, 128), 5.16)]
)
def test_the_papers_transforms_have_their_published_size(channels, hidden, millions) -> None:
    with torch.device("meta"):
        network = LinearTransform(LinearTransformConfig(channels, hidden, 32))
    widths = [channels, *hidden, 32]
    cnn = sum(9 * a * b + b for a, b in pairwise(widths))
    linear = 1024 * 1024 + 1024
    ends = (channels * 32 + 32) + (32 * channels + channels)
    assert parameters(network) == 2 * (cnn + linear) + ends
    assert round(parameters(network) / 1e6, 2) == millions


# --- the matrix ----------------------------------------------------------------------------------


def bare(width: int) -> MatrixNet:
    """A branch whose CNN and fully connected layer do nothing: only the second moment is left."""
    branch = MatrixNet(LinearTransformConfig(channels=width, hidden=(), width=width))
    branch.body = nn.Identity()
    branch.linear = nn.Identity()
    return branch


def test_a_branch_takes_the_second_moment_of_its_map() -> None:
    x = torch.randn(2, 3, 4, 5)
    expected = torch.zeros(2, 3, 3)
    for row in range(4):
        for column in range(5):
            pixel = x[:, :, row, column]
            expected += pixel[:, :, None] * pixel[:, None, :] / 20
    assert torch.allclose(bare(3)(x), expected, atol=1e-6)


def test_the_moment_is_an_average_over_places() -> None:
    x, branch = torch.randn(1, 3, 4, 6), bare(3)
    assert torch.allclose(branch(x.repeat(1, 1, 3, 2)), branch(x), atol=1e-6)
    shuffled = x.flatten(2)[..., torch.randperm(24)].view_as(x)
    assert torch.allclose(branch(shuffled), branch(x), atol=1e-6)


def test_the_cnns_output_is_not_centred_again() -> None:
    offset = torch.tensor([1.0, -2.0, 3.0])
    flat = offset.view(1, 3, 1, 1).expand(1, 3, 4, 4)
    assert torch.allclose(bare(3)(flat)[0], torch.outer(offset, offset))


def test_the_style_stands_on_the_left(network, content, style) -> None:
    left, right = torch.randn(4, 4), torch.randn(4, 4)
    for branch, matrix in ((network.style, left), (network.content, right)):
        nn.init.zeros_(branch.linear.weight)
        branch.linear.bias.data = matrix.flatten()
    assert torch.allclose(network.matrix(content, style)[0], left @ right, atol=1e-5)
    assert not torch.allclose(left @ right, right @ left, atol=1e-2)


def test_the_matrix_is_the_product_of_the_branches(network, content, style) -> None:
    product = network.style_matrix(style) @ network.content_matrix(content)
    assert torch.equal(network.matrix(content, style), product)
    assert product.shape == (1, 4, 4)


@pytest.mark.parametrize("which", ["content", "style"])
def test_a_constant_per_channel_leaves_the_matrix_alone(network, content, style, which) -> None:
    inputs = {"content": content, "style": style}
    before = network.matrix(**inputs)
    inputs[which] = inputs[which] + torch.randn(1, 12, 1, 1)
    assert torch.allclose(network.matrix(**inputs), before, atol=1e-5)


def test_content_and_style_have_their_own_branches(network, content, style) -> None:
    assert not torch.allclose(network.content_matrix(content), network.style_matrix(content))
    before = network.matrix(content, style)
    assert not torch.allclose(network.matrix(content, 2 * style), before, atol=1e-4)
    assert not torch.allclose(network.matrix(2 * content, style), before, atol=1e-4)


def test_an_untrained_transform_knows_flat_pictures(style) -> None:
    network = LinearTransform(CONFIG)
    flat = torch.randn(1, 12, 1, 1).expand(1, 12, 5, 6)
    assert torch.allclose(network.matrix(flat, flat)[0], torch.eye(4), atol=1e-6)
    assert torch.allclose(network(flat, style), channel_mean(style).expand_as(flat), atol=1e-6)
    # Its compress and unzip are a projection: of what they keep nothing changes.
    kept = network.unzip(network.compress(style))
    assert torch.allclose(network.unzip(network.compress(kept)), kept, atol=1e-5)
    assert not torch.allclose(kept, style, atol=0.1)


# --- the transform -------------------------------------------------------------------------------


def test_the_transform_is_affine_in_the_matrix(network, content, style) -> None:
    mean = channel_mean(style)
    one, two = torch.randn(1, 4, 4), torch.randn(1, 4, 4)

    def linear_part(matrix: Tensor) -> Tensor:
        return network.transform(content, mean, matrix) - network.transform(
            content, mean, torch.zeros(1, 4, 4)
        )

    mixed = linear_part(0.3 * one - 2 * two)
    assert torch.allclose(mixed, 0.3 * linear_part(one) - 2 * linear_part(two), atol=1e-5)
    assert linear_part(one).abs().max() > 0.1


def test_a_constant_on_the_style_shifts_the_output_by_itself(network, content, style) -> None:
    shift = torch.randn(1, 12, 1, 1)
    shifted = network(content, style + shift)
    assert torch.allclose(shifted, network(content, style) + shift, atol=1e-5)


def test_a_constant_on_the_content_changes_nothing(network, content, style) -> None:
    shifted = network(content + torch.randn(1, 12, 1, 1), style)
    assert torch.allclose(shifted, network(content, style), atol=1e-5)


def orthonormal(network: LinearTransform) -> Tensor:
    """Makes compress the projection on 4 orthonormal directions and unzip its transpose."""
    basis = torch.linalg.qr(torch.randn(12, 4)).Q  # (12, 4)
    network.compress.weight.data = basis.T[..., None, None].contiguous()
    network.unzip.weight.data = basis[..., None, None].contiguous()
    nn.init.zeros_(network.compress.bias)
    nn.init.zeros_(network.unzip.bias)
    return basis


def test_the_identity_returns_features_of_the_span(network) -> None:
    basis = orthonormal(network)
    codes = torch.randn(1, 4, 63)
    content = (basis @ codes).view(1, 12, 7, 9) + torch.randn(1, 12, 1, 1)
    identity = torch.eye(4)[None]
    result = network.transform(content, channel_mean(content), identity)
    assert torch.allclose(result, content, atol=1e-5)
    # What lies outside of the 4 directions is lost: the map has rank k.
    outside = torch.randn(1, 12, 7, 9)
    result = network.transform(outside, channel_mean(outside), identity)
    assert not torch.allclose(result, outside, atol=0.1)


def test_the_outputs_mean_is_the_styles_where_nothing_is_biased(network, content, style) -> None:
    orthonormal(network)
    assert torch.allclose(channel_mean(network(content, style)), channel_mean(style), atol=1e-5)


def test_forward_is_transform_of_matrix(network, content, style) -> None:
    whole = network.transform(content, channel_mean(style), network.matrix(content, style))
    assert torch.equal(network(content, style), whole)
    assert whole.shape == content.shape


def test_pairs_of_a_batch_do_not_see_each_other(network) -> None:
    content, style = torch.randn(3, 12, 6, 8), torch.randn(3, 12, 5, 5)
    together = network(content, style)
    for i in range(3):
        alone = network(content[i : i + 1], style[i : i + 1])
        assert torch.allclose(together[i : i + 1], alone, atol=1e-5)
    # One style serves a whole batch.
    matrix = network.matrix(content, style[:1])
    assert matrix.shape == (3, 4, 4)
    shared = network.transform(content, channel_mean(style[:1]), matrix)
    assert torch.allclose(shared[1:2], network(content[1:2], style[:1]), atol=1e-5)


def test_every_parameter_learns(network, content, style) -> None:
    network(content, style).square().sum().backward()
    silent = [n for n, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert not silent


def test_the_moments_stay_in_single_precision_under_autocast(network, content, style) -> None:
    exact, drawn = network.content_matrix(content), network(content, style)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        matrix, own = network.content_matrix(content), network.style_matrix(style)
        rough, product = network(content, style), network.matrix(content, style)
    assert matrix.dtype == torch.float32
    assert torch.allclose(matrix, exact, atol=0.02)
    assert torch.equal(product, own @ matrix)  # in single precision, too
    assert (rough.float() - drawn).norm() < 0.05 * drawn.norm()


# --- factors that carry deviations ---------------------------------------------------------------


def standardized() -> LinearTransform:
    torch.manual_seed(3)
    return LinearTransform(LinearTransformConfig(8, (6,), 4, bottleneck=3, standardized=True))


def test_t_scales_with_the_styles_contrast_and_against_the_contents() -> None:
    transform, content, style = standardized(), *(30 * torch.randn(2, 2, 8, 12, 10))
    matrix = transform.matrix(content, style)
    assert torch.allclose(transform.matrix(content, 5 * style), 5 * matrix, rtol=1e-3, atol=1e-4)
    assert torch.allclose(transform.matrix(5 * content, style), matrix / 5, rtol=1e-3, atol=1e-4)


def test_it_begins_as_adain_of_the_compressed_channels() -> None:
    transform, content, style = standardized(), *(30 * torch.randn(2, 2, 8, 12, 10))
    for branch in (transform.content, transform.style):
        torch.nn.init.zeros_(branch.linear[-1].weight)
    ratio = [transform.compress(x).std((2, 3), correction=0) for x in (style, content)]
    expected = torch.diag_embed(ratio[0] / ratio[1])
    assert torch.allclose(transform.matrix(content, style), expected, rtol=1e-3, atol=1e-4)


def test_a_flat_content_is_not_magnified() -> None:
    transform, style = standardized(), torch.randn(1, 8, 12, 10)
    flat = torch.ones(1, 8, 12, 10) + 1e-4 * torch.randn(1, 8, 12, 10)
    drawn = transform(flat, style)
    assert (drawn - style.mean((2, 3), keepdim=True)).abs().max() < 0.1


def test_variances_of_half_features_are_summed_in_single_precision() -> None:
    """Compressed in half precision, as autocast has it, but no sum is rounded to eight bits."""
    transform, features = standardized(), 30 * torch.randn(2, 8, 12, 10)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        variance = transform.prepare(features)[1]
        compressed = transform.compress(features - channel_mean(features))
    assert compressed.dtype == torch.bfloat16 and variance.dtype == torch.float32
    assert torch.equal(variance, compressed.float().var((2, 3), correction=0))
