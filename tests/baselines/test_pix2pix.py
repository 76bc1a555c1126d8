"""The U-Net of pix2pix and the method around it."""

import pytest
import torch
from torch import nn

from lab.baselines.pix2pix import Pix2Pix, UNet, UNetConfig
from lab.interfaces import Layout


def tiny(**settings) -> UNet:
    return UNet(UNetConfig(6, width=2, **{"halvings": 4, **settings})).eval()


def test_the_papers_network_is_c64_to_c512_with_54_million_parameters() -> None:
    with torch.device("meta"):
        network = UNet(UNetConfig(3))
    assert network.config.channels == [64, 128, 256, 512, 512, 512, 512, 512]
    weights = sum(p.numel() for n, p in network.named_parameters() if p.ndim == 4)
    down = [(3, 64), (64, 128), (128, 256), (256, 512)] + 4 * [(512, 512)]
    up = [(512, 512)] + 3 * [(1024, 512)] + [(1024, 256), (512, 128), (256, 64), (128, 3)]
    assert weights == sum(16 * a * b for a, b in down + up)
    assert round(weights / 1e6, 1) == 54.4


def test_the_first_and_the_innermost_halving_have_no_normalization() -> None:
    with torch.device("meta"):
        network = UNet(UNetConfig(3))
    normed = [any(isinstance(m, nn.InstanceNorm2d) for m in down) for down in network.downs]
    assert normed == [False, *6 * [True], False]


def test_sizes_are_kept_down_to_one_pixel_in_the_middle() -> None:
    for size in ((16, 16), (32, 48)):
        picture = tiny()(torch.rand(2, 6, *size))
        assert picture.shape == (2, 3, *size) and picture.abs().max() <= 1


def test_every_skip_matters() -> None:
    network = tiny(dropout=0.0)
    condition = torch.randn(1, 6, 32, 32)
    before = network(condition)
    for up in network.ups:
        convolution = up[1]
        kept = convolution.weight.data.clone()
        skipped = convolution.in_channels // 2 if up is not network.ups[0] else 0
        if skipped:
            convolution.weight.data[skipped:] = 0
            assert not torch.allclose(network(condition), before, atol=1e-7)
        convolution.weight.data = kept
    assert torch.equal(network(condition), before)


def test_noise_is_dropout_that_stays_on_and_follows_the_generator() -> None:
    network, condition = tiny(), torch.randn(1, 6, 32, 32)
    one, same, other = (
        network(condition, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
    )
    assert torch.equal(one, same) and not torch.equal(one, other)
    mask = network._noise(torch.ones(1, 1, 200, 200), torch.Generator().manual_seed(0))
    assert set(mask.unique().tolist()) == {0.0, 2.0}
    assert mask.mean().item() == pytest.approx(1, abs=0.02)


def test_the_method_draws_any_size_the_same_for_the_same_seed(tiny_space, tiny_layout) -> None:
    labels, instances = (ids[:, :30, :50] for ids in tiny_layout)
    method = Pix2Pix(tiny(), space=tiny_space, native_size=(64, 32))
    draw = lambda seed: method(Layout(labels, instances, tiny_space), seed=seed)  # noqa: E731
    assert draw(None).shape == (1, 3, 30, 50)
    assert torch.equal(draw(None), draw(0)) and torch.equal(draw(-1), draw(-1))
    assert not torch.equal(draw(0), draw(1))
    assert draw(0).min() >= 0 and draw(0).max() <= 1


def test_instances_have_no_part_in_it(tiny_space, tiny_layout) -> None:
    labels, instances = tiny_layout
    method = Pix2Pix(tiny(), space=tiny_space, native_size=(64, 32))
    one, other = (method(Layout(labels, i, tiny_space)) for i in (instances, labels))
    assert torch.equal(one, other)


def test_one_halving_is_no_u_net() -> None:
    with pytest.raises(ValueError, match="needs 2 or more"):
        UNetConfig(6, halvings=1)
