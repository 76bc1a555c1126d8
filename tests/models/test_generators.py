"""The coarse-to-fine generator of pix2pixHD."""

import pytest
import torch
from torch import Tensor, nn

from lab.models.blocks import append_noise
from lab.models.pix2pixhd import (
    EncoderConfig,
    FeatureEncoder,
    GeneratorConfig,
    GlobalGenerator,
    LocalEnhancer,
    build_generator,
)

CITYSCAPES = 35 + 1  # classes and the boundary map: what the paper's generator sees


def parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def conv(kernel: int, inputs: int, outputs: int) -> int:
    """Parameters of one convolution with bias."""
    return kernel * kernel * inputs * outputs + outputs


def tiny(enhancers: int = 0, **settings) -> GeneratorConfig:
    return GeneratorConfig(6, width=4, downsamplings=2, blocks=1, enhancers=enhancers, **settings)


def awake(config: GeneratorConfig) -> nn.Module:
    """A generator whose random pictures are not all grey, as those of the published start are."""
    generator = build_generator(config)
    for parameter in generator.parameters():
        nn.init.normal_(parameter, 0, 0.3)
    return generator.eval()


def test_the_papers_global_generator_has_182_million_parameters() -> None:
    with torch.device("meta"):
        generator = build_generator(GeneratorConfig(CITYSCAPES))
    steps = [(64, 128), (128, 256), (256, 512), (512, 1024)]
    expected = conv(7, CITYSCAPES, 64) + conv(7, 64, 3)
    expected += 2 * sum(conv(3, *step) for step in steps)  # down and up, but for the biases
    expected += sum(fine - coarse for fine, coarse in steps)
    expected += 9 * 2 * conv(3, 1024, 1024)
    assert parameters(generator) == expected
    assert round(expected / 1e6, 1) == 182.5


def test_an_enhancer_adds_a_third_of_a_million() -> None:
    with torch.device("meta"):
        whole = build_generator(GeneratorConfig(CITYSCAPES, width=32, enhancers=1))
        coarse = build_generator(GeneratorConfig(CITYSCAPES, width=64))
    local = conv(7, CITYSCAPES, 32) + conv(3, 32, 64) + 6 * conv(3, 64, 64)
    local += conv(3, 64, 32) + conv(7, 32, 3)
    assert parameters(whole) == parameters(coarse) + local
    assert round(parameters(whole) / 1e6, 1) == 182.9
    assert round(local / 1e6, 1) == 0.3


def test_the_papers_encoder_has_0_79_million_parameters() -> None:
    with torch.device("meta"):
        encoder = FeatureEncoder(EncoderConfig())
    assert round(parameters(encoder) / 1e6, 2) == 0.79


def test_only_the_large_kernels_and_the_residual_blocks_reflect() -> None:
    layers = [m for m in build_generator(tiny()).modules() if isinstance(m, nn.Conv2d)]
    for layer in layers:
        assert layer.padding_mode == ("zeros" if layer.stride == (2, 2) else "reflect")
    assert [layer.kernel_size[0] for layer in layers] == [7, 3, 3, 3, 3, 7]


@pytest.mark.parametrize("enhancers", [0, 1, 2])
@pytest.mark.parametrize("upsampling", ["transposed", "nearest", "bilinear"])
def test_pictures_have_the_conditions_size_and_lie_in_the_range_of_tanh(
    enhancers: int, upsampling: str
) -> None:
    config = tiny(enhancers, upsampling=upsampling, norm="affine", padding="zeros", kernel=5)
    condition = torch.randn(3, 6, 16, 32)
    picture = awake(config)(condition)
    assert picture.shape == (3, 3, 16, 32)
    assert picture.abs().max() <= 1
    assert picture.std() > 0.1


@pytest.mark.parametrize(("enhancers", "multiple"), [(0, 4), (1, 8), (2, 16)])
def test_a_wrong_size_names_the_multiple(enhancers: int, multiple: int) -> None:
    config = tiny(enhancers)
    assert config.multiple == multiple
    condition = torch.zeros(1, 6, 2 * multiple, multiple + 2)
    sentence = rf"{multiple + 2}x{2 * multiple}; both sides must be multiples of {multiple}\."
    with pytest.raises(ValueError, match=sentence):
        build_generator(config)(condition)


def test_no_enhancers_means_the_global_generator_alone() -> None:
    assert isinstance(build_generator(tiny(0)), GlobalGenerator)
    local = build_generator(tiny(2))
    assert isinstance(local, LocalEnhancer)
    assert local.coarse.config.width == 4 * 2**2  # each enhancer halves the width


def test_widths_double_up_to_the_limit() -> None:
    config = tiny(max_width=8)
    generator = build_generator(config)
    assert [config.channels(level) for level in range(4)] == [4, 8, 8, 8]
    widths = {m.out_channels for m in generator.modules() if isinstance(m, nn.Conv2d)}
    assert widths == {3, 4, 8}
    assert generator(torch.randn(1, 6, 8, 8)).shape == (1, 3, 8, 8)
    assert (
        max(
            m.out_channels
            for m in build_generator(tiny()).body.modules()
            if isinstance(m, nn.Conv2d)
        )
        == 16
    )
    with pytest.raises(ValueError, match="max_width is 4, but G1 already starts with 8 channels"):
        tiny(1, max_width=4)


def test_every_pixel_can_reach_every_parameter() -> None:
    generator = build_generator(tiny(1))
    generator(torch.randn(1, 6, 16, 16)).square().mean().backward()
    silent = [name for name, p in generator.named_parameters() if p.grad is None]
    # G1's own last convolution draws only when G1 stands alone.
    assert silent == ["coarse.to_picture.0.weight", "coarse.to_picture.0.bias"]


def mean_of_neighbours(x: Tensor) -> Tensor:
    """Every second pixel: the mean over those of its 3x3 neighbours that exist."""
    height, width = x.shape[-2:]
    halved = torch.empty(*x.shape[:2], height // 2, width // 2)
    for row in range(0, height, 2):
        for column in range(0, width, 2):
            window = x[..., max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
            halved[..., row // 2, column // 2] = window.mean((2, 3))
    return halved


def test_the_pyramid_averages_what_each_cell_covers() -> None:
    generator = build_generator(tiny(2))
    condition = torch.rand(2, 6, 16, 32)
    full, half, quarter = generator.pyramid(condition)
    assert torch.equal(full, condition)
    assert torch.allclose(half, mean_of_neighbours(condition), atol=1e-6)
    assert torch.allclose(quarter, mean_of_neighbours(half), atol=1e-6)
    # A condition that is the same everywhere stays so, up to the border.
    assert torch.equal(generator.pyramid(torch.ones(1, 6, 16, 16))[2], torch.ones(1, 6, 4, 4))


def test_an_enhancer_adds_its_first_half_to_the_features_of_g1() -> None:
    generator = awake(tiny(1))
    condition = torch.randn(1, 6, 16, 16)
    coarse = generator.coarse.features(mean_of_neighbours(condition))
    (level,) = generator.levels
    joined = level.up(level.down(condition) + coarse)
    assert torch.allclose(generator.features(condition), joined, atol=1e-5)
    assert torch.allclose(generator(condition), generator.to_picture(joined), atol=1e-4)


def silence(up: nn.Sequential) -> None:
    """Makes an up-sampling layer's output zero."""
    *_, normalization, _ = up
    nn.init.zeros_(normalization.weight)
    nn.init.zeros_(normalization.bias)


@pytest.mark.parametrize("skips", [True, False])
def test_a_skip_adds_the_features_of_the_way_down_of_equal_size(skips: bool) -> None:
    generator = awake(tiny(1, norm="affine", skips=skips))
    coarse, (level,) = generator.coarse, generator.levels
    condition = torch.randn(1, 6, 16, 24)
    below = torch.randn(1, 8, 8, 12)
    for up, down in ((coarse.body[-1], coarse.body[0]), (level.up[-1], level.down[0])):
        silence(up)
        features = coarse.features(condition) if up is coarse.body[-1] else level(condition, below)
        expected = down(condition)
        assert torch.equal(features, expected if skips else torch.zeros_like(expected))
        assert expected.any()


def test_every_size_has_its_skip() -> None:
    generator = awake(tiny(norm="affine", skips=True))
    first, half, quarter, block, up, last = generator.body
    condition = torch.randn(1, 6, 16, 24)
    full = first(condition)
    middle = half(full)
    joined = up(block(quarter(middle))) + middle
    assert torch.allclose(generator.features(condition), last(joined) + full, atol=1e-5)


def test_skips_have_no_weights_of_their_own() -> None:
    plain, joined = (awake(tiny(1, skips=skips)).state_dict() for skips in (False, True))
    assert {k: v.shape for k, v in plain.items()} == {k: v.shape for k, v in joined.items()}


@pytest.mark.parametrize("enhancers", [0, 1])
def test_noise_is_fresh_in_training_and_always_the_same_in_use(enhancers: int) -> None:
    generator = awake(tiny(enhancers, noise=1))
    condition = torch.randn(1, 6, 16, 24).repeat(2, 1, 1, 1)
    used = generator(condition)
    assert torch.equal(used, generator(condition)) and torch.equal(used[0], used[1])
    generator.train()
    drawn = generator(condition)
    assert not torch.allclose(drawn[0], drawn[1], atol=1e-3)
    assert not torch.allclose(drawn, generator(condition), atol=1e-3)


def test_noise_tells_places_apart_where_the_layout_does_not() -> None:
    # Off the border, where zero padding would tell them apart as well.
    flat = torch.ones(1, 6, 128, 128)
    both = [awake(tiny(noise=n, norm="none", upsampling="nearest")) for n in (0, 1)]
    without, with_noise = (generator(flat)[..., 60:68, 60:68].std((2, 3)) for generator in both)
    assert without.max() < 1e-4 < with_noise.max()


def test_noise_comes_behind_the_condition_and_is_normal() -> None:
    condition = torch.rand(2, 6, 64, 64)
    for fresh in (True, False):
        joined = append_noise(condition, 2, fresh=fresh)
        assert torch.equal(joined[:, :6], condition)
        noise = joined[:, 6:]
        assert noise.mean().abs() < 0.05 and abs(noise.std() - 1) < 0.05
    assert append_noise(condition, 0, fresh=True) is condition


@pytest.mark.parametrize("enhancers", [1, 2])
def test_residual_enhancers_begin_with_the_picture_of_g1(enhancers: int) -> None:
    generator = awake(tiny(enhancers, residual=True))
    nn.init.zeros_(generator.to_picture[0].weight)
    nn.init.zeros_(generator.to_picture[0].bias)
    condition = torch.randn(1, 6, 32, 32)
    own = generator.coarse.to_picture[0](
        generator.coarse.features(generator.pyramid(condition)[-1])
    )
    enlarged = nn.functional.interpolate(own, size=(32, 32), mode="bilinear").tanh()
    assert torch.allclose(generator(condition), enlarged, atol=1e-3)
    fresh = build_generator(tiny(enhancers, residual=True))
    assert not fresh.to_picture[0].weight.any() and not fresh.to_picture[0].bias.any()
    nn.init.normal_(generator.to_picture[0].weight)
    assert not torch.allclose(generator(condition), enlarged, atol=1e-1)


def test_two_enhancers_nest() -> None:
    generator = awake(tiny(2))
    condition = torch.randn(1, 6, 32, 64)
    _, half, quarter = generator.pyramid(condition)
    below = generator.levels[0](half, generator.coarse.features(quarter))
    assert below.shape == (1, 8, 16, 32)
    assert torch.allclose(generator.features(condition), generator.levels[1](condition, below))


def test_only_g1s_features_reach_the_enhancer_not_its_picture() -> None:
    generator = awake(tiny(1))
    condition = torch.randn(1, 6, 16, 16)
    before = generator(condition)
    nn.init.zeros_(generator.coarse.to_picture[0].weight)
    assert torch.equal(generator(condition), before)
    first = next(generator.coarse.body.parameters())
    first.data *= -1
    assert not torch.allclose(generator(condition), before, atol=1e-3)


def test_pictures_of_a_batch_do_not_see_each_other() -> None:
    generator = awake(tiny(1))
    condition = torch.randn(2, 6, 16, 16)
    both = generator(condition)
    for index in range(2):
        assert torch.allclose(both[index], generator(condition[index : index + 1])[0], atol=1e-5)
