"""The layers that the networks share."""

import copy

import pytest
import torch
from torch import nn

from lab.models.blocks import (
    ResidualBlock,
    conv_norm_relu,
    convolution,
    initialize,
    normalization,
    upsample_norm_relu,
)


@pytest.mark.parametrize("kernel", [3, 5, 7])
@pytest.mark.parametrize("padding", ["reflect", "zeros"])
def test_convolutions_keep_the_size_or_halve_an_even_one(kernel: int, padding: str) -> None:
    x = torch.rand(2, 3, 12, 16)
    assert convolution(3, 4, kernel, padding=padding)(x).shape == (2, 4, 12, 16)
    assert conv_norm_relu(3, 4, kernel, stride=2, padding=padding)(x).shape == (2, 4, 6, 8)


def test_channel_norm_sees_one_pixel_alone() -> None:
    norm = normalization(6, "channel")
    x = torch.randn(2, 6, 5, 4)
    y = norm(x)
    assert torch.allclose(y.mean(1), torch.zeros(2, 5, 4), atol=1e-6)
    assert torch.allclose(y.var(1, correction=0), torch.ones(2, 5, 4), atol=1e-3)
    gain, offset = torch.rand(2, 1, 5, 4) + 1, torch.randn(2, 1, 5, 4)
    assert torch.allclose(norm(x * gain + offset), y, atol=1e-4)
    other = x.clone()
    other[:, :, 2, 1] += torch.randn(2, 6)
    changed = (norm(other) != y).any(1).any(0)
    assert changed[2, 1] and changed.sum() == 1  # instance norm would have moved every pixel


def test_instance_norm_is_blind_to_each_pictures_gain_and_offset() -> None:
    norm = normalization(3, "instance")
    x = torch.randn(2, 3, 16, 16)
    gain = torch.tensor([2.0, 50.0]).view(2, 1, 1, 1)
    assert torch.allclose(norm(x), norm(gain * x + 7), atol=1e-4)
    assert not list(norm.parameters()) and not list(norm.buffers())  # no running statistics


def test_affine_adds_a_gain_and_a_shift_and_none_adds_nothing() -> None:
    assert sum(p.numel() for p in normalization(5, "affine").parameters()) == 10
    x = torch.randn(1, 5, 4, 4)
    assert torch.equal(normalization(5, "none")(x), x)


def test_residual_block_is_the_identity_with_zero_weights() -> None:
    # Negative values would not survive a ReLU after the sum.
    block = ResidualBlock(3)
    for parameter in block.parameters():
        nn.init.zeros_(parameter)
    x = torch.randn(2, 3, 8, 8)
    assert torch.equal(block(x), x)


@pytest.mark.parametrize("upsampling", ["transposed", "nearest", "bilinear"])
def test_upsampling_doubles_the_size(upsampling: str) -> None:
    layer = upsample_norm_relu(4, 2, upsampling=upsampling)
    drawn = layer(torch.randn(2, 4, 5, 7))
    assert drawn.shape == (2, 2, 10, 14)
    assert drawn.min() == 0  # ReLU


def test_a_slope_stays_a_slope_under_bilinear_and_becomes_stairs_under_nearest() -> None:
    slope = torch.arange(8.0).expand(1, 1, 8, 8)
    spread = {}
    for upsampling in ("nearest", "bilinear"):
        steps = upsample_norm_relu(1, 1, upsampling=upsampling)[0](slope).diff(dim=3)
        spread[upsampling] = steps[..., 1:-1].std().item()
    assert spread["bilinear"] < 1e-6 < 0.1 < spread["nearest"]


def test_only_transposed_draws_a_checkerboard_on_a_plain_surface() -> None:
    flat = torch.ones(1, 2, 6, 6)
    spread = {}
    for upsampling in ("transposed", "nearest", "bilinear"):
        layer = upsample_norm_relu(2, 3, upsampling=upsampling, norm="none")[:-1]
        spread[upsampling] = layer(flat)[..., 2:-2, 2:-2].std((2, 3)).max().item()
    assert max(spread["nearest"], spread["bilinear"]) < 1e-6 < 1e-2 < spread["transposed"]


def test_initialize_draws_weights_with_the_published_spread() -> None:
    module = nn.Sequential(
        nn.Conv2d(32, 64, 5), nn.ConvTranspose2d(64, 32, 5), nn.InstanceNorm2d(4096, affine=True)
    )
    initialize(module)
    for convolution_ in module[:2]:
        assert convolution_.weight.mean().item() == pytest.approx(0, abs=5e-4)
        assert convolution_.weight.std().item() == pytest.approx(0.02, rel=0.02)
        assert not convolution_.bias.any()
    assert module[2].weight.mean().item() == pytest.approx(1, abs=2e-3)
    assert module[2].weight.std().item() == pytest.approx(0.02, rel=0.05)
    assert not module[2].bias.any()


def test_initialize_repeats_with_the_callers_seed() -> None:
    weights = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        layer = nn.Conv2d(3, 3, 3)
        initialize(layer)
        weights.append(layer.weight.detach().clone())
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])


def test_unknown_kinds_are_named_with_the_known_ones() -> None:
    kinds = "instance, affine, group, channel, none"
    with pytest.raises(ValueError, match=f"'batch'; expected one of: {kinds}"):
        normalization(3, "batch")
    kinds = "transposed, nearest, bilinear"
    with pytest.raises(ValueError, match=f"'bicubic'; expected one of: {kinds}"):
        upsample_norm_relu(3, 3, upsampling="bicubic")

        upsample_norm_relu(3, 3, upsampling="bicubic")


@pytest.mark.parametrize("norm", ["instance", "affine", "group", "channel", "none"])
@pytest.mark.parametrize("batch", [1, 2])
def test_gradients_do_not_depend_on_the_order_in_memory(norm: str, batch: int) -> None:
    # With one picture PyTorch's own instance norm fails here, where no ReLU in place follows it.
    torch.manual_seed(0)
    picture = torch.randn(batch, 4, 8, 12)
    blocks = {
        "residual": ResidualBlock(4, norm=norm),
        "down": conv_norm_relu(4, 8, 3, stride=2, norm=norm),
        "leaky": nn.Sequential(
            convolution(4, 8, 3), normalization(8, norm), nn.LeakyReLU(0.2), convolution(8, 4, 3)
        ),
        "bare": nn.Sequential(convolution(4, 8, 3), normalization(8, norm), convolution(8, 4, 3)),
    }
    for name, block in blocks.items():

        def gradients(network: nn.Module, x: torch.Tensor) -> list[torch.Tensor]:
            x = x.detach().requires_grad_()
            y = network(x)
            weight = torch.linspace(-1, 1, y.numel(), dtype=y.dtype).view(y.shape)
            weight = weight.contiguous(memory_format=torch.channels_last)
            return list(torch.autograd.grad(y, [x, *network.parameters()], weight))

        last = torch.channels_last
        exact = copy.deepcopy(block).double()
        expected = gradients(exact, picture.double())
        ordered = block.to(memory_format=last)
        found = gradients(ordered, picture.contiguous(memory_format=last))
        for one, other in zip(found, expected, strict=True):
            assert torch.allclose(one, other.float(), rtol=1e-3, atol=1e-3), name
