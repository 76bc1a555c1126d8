"""The multi-scale patch discriminator of pix2pixHD."""

from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

from lab.models.discriminators import (
    DiscriminatorConfig,
    MultiscaleDiscriminator,
    PatchDiscriminator,
)


def reach(network: nn.Module, side: int) -> tuple[int, int]:
    """Height and width of the input pixels that the middle score depends on."""
    for parameter in network.parameters():
        parameter.data.abs_()  # nothing cancels
    picture = torch.rand(1, 1, side, side, requires_grad=True)
    score = network(picture)[-1]
    score[0, 0, score.shape[2] // 2, score.shape[3] // 2].backward()
    seen = picture.grad[0, 0] != 0
    return int(seen.any(1).sum()), int(seen.any(0).sum())


@pytest.mark.parametrize(("layers", "field"), [(1, 16), (2, 34), (3, 70), (4, 142)])
def test_the_receptive_field_is_the_published_one(layers: int, field: int) -> None:
    # Instance norm sees the whole picture, so it is measured without.
    config = DiscriminatorConfig(inputs=1, width=1, layers=layers, norm="none")
    assert reach(PatchDiscriminator(config), 2 * field) == (field, field)


def test_a_scale_of_the_paper_has_2_8_million_parameters() -> None:
    inputs = 35 + 1 + 3  # Cityscapes' classes, boundaries, colours
    with torch.device("meta"):
        networks = MultiscaleDiscriminator(DiscriminatorConfig(inputs))
    widths = [inputs, 64, 128, 256, 512, 1]
    expected = sum(16 * a * b + b for a, b in pairwise(widths))
    sizes = [sum(p.numel() for p in scale.parameters()) for scale in networks.scales]
    assert sizes == [expected] * 3
    assert round(expected / 1e6, 1) == 2.8


def test_the_width_is_capped() -> None:
    network = PatchDiscriminator(DiscriminatorConfig(3, width=2, max_width=16, layers=5))
    widths = [m.out_channels for m in network.modules() if isinstance(m, nn.Conv2d)]
    assert widths == [2, 4, 8, 16, 16, 16, 1]


def test_the_finest_scales_can_be_left_out() -> None:
    network = MultiscaleDiscriminator(DiscriminatorConfig(5, width=4)).eval()
    picture = torch.rand(1, 5, 64, 96)
    whole, part = network(picture), network(network.halve(picture), first=1)
    assert len(part) == 2
    for expected, found in zip(whole[1:], part, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(expected, found, strict=True))


def test_three_scales_of_five_feature_maps_the_last_a_score() -> None:
    scales = MultiscaleDiscriminator(DiscriminatorConfig(5, width=4))(torch.rand(2, 5, 64, 96))
    assert [len(features) for features in scales] == [5, 5, 5]
    for features in scales:
        assert [f.shape[1] for f in features] == [4, 8, 16, 32, 1]
        assert all(len(f) == 2 for f in features)
    # Padding 2 on 4x4 kernels: a stride-2 layer maps n to n // 2 + 1, a stride-1 layer to n + 1.
    heights = [[f.shape[2] for f in features] for features in scales]
    assert heights == [[33, 17, 9, 10, 11], [17, 9, 5, 6, 7], [9, 5, 3, 4, 5]]


def test_scores_are_unbounded_and_the_first_layer_is_not_normalised() -> None:
    network = PatchDiscriminator(DiscriminatorConfig(3, width=4))
    picture = torch.rand(1, 3, 64, 64)
    first = network.stages[0]
    assert not torch.allclose(first(3 * picture), first(picture), atol=1e-3)
    for parameter in network.stages[-1].parameters():
        nn.init.constant_(parameter, 100.0)
    assert network(picture)[-1].abs().max() > 100  # no sigmoid: least squares


def halved(picture: Tensor) -> Tensor:
    """Average over the 3x3 neighbours that exist, every second pixel."""
    kernel = torch.ones(picture.shape[1], 1, 3, 3)
    pool = nn.functional.conv2d
    total = pool(picture, kernel, stride=2, padding=1, groups=picture.shape[1])
    count = pool(torch.ones_like(picture), kernel, stride=2, padding=1, groups=picture.shape[1])
    return total / count


def test_each_scale_sees_half_of_the_one_before() -> None:
    networks = MultiscaleDiscriminator(DiscriminatorConfig(3, width=4))
    picture = torch.rand(1, 3, 50, 66)  # any size
    seen = picture
    for features, scale in zip(networks(picture), networks.scales, strict=True):
        for own, expected in zip(features, scale(seen), strict=True):
            assert torch.allclose(own, expected, atol=1e-5)
        seen = halved(seen)


def test_real_and_fake_may_share_a_batch() -> None:
    networks = MultiscaleDiscriminator(DiscriminatorConfig(3, width=4, scales=2))
    real, fake = torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32)
    both = networks(torch.cat([real, fake]))
    for alone, index in ((networks(real), 0), (networks(fake), 1)):
        for scale, layers in zip(both, alone, strict=True):
            for joint, own in zip(scale, layers, strict=True):
                assert torch.allclose(joint[index], own[0], atol=1e-5)


def test_gradients_reach_every_parameter_and_the_picture() -> None:
    networks = MultiscaleDiscriminator(DiscriminatorConfig(3, width=2))
    picture = torch.rand(1, 3, 64, 64, requires_grad=True)
    sum(scale[-1].square().mean() for scale in networks(picture)).backward()
    assert all(p.grad is not None for p in networks.parameters())
    assert picture.grad.abs().sum() > 0
