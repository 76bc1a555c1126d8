"""What every method that maps features has in common, on linear transfer, AdaIN and WCT."""

import pytest
import torch
from torch import Tensor, nn

from lab.baselines.adain import AdaIN
from lab.baselines.wct import WCT
from lab.interfaces import Stylizer
from lab.models.closed_forms import adain_map, wct_map
from lab.models.fast import Block, FastConfig, FastDecoder, FastEncoder
from lab.models.linear_transfer import LinearTransform, LinearTransformConfig
from lab.models.vgg import VGGConfig, VGGDecoder, VGGFeatures
from lab.pipelines.linear import LinearMapper, LinearTransfer
from lab.pipelines.moments import MomentMapper
from lab.pipelines.transfer import FeatureTransfer, Level, Style

# What float32 loses where sums are taken in another order, and whitening magnifies.
BORDER = 5e-4
TILED = 1e-5  # of the range: less than a 390th of a step of 8 bits


def lively(network: nn.Module) -> nn.Module:
    """Random weights with contrast, and matrices that depend on what they see."""
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight)
            nn.init.normal_(layer.bias, 0, 0.1)
        elif isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, 0, 0.05)
    for block in filter(lambda each: isinstance(each, Block), network.modules()):
        block.narrow.weight.data.mul_(0.3)  # else the sums grow from block to block
    return network.eval().requires_grad_(False)


def fast() -> LinearTransfer:
    config = FastConfig((6, 8), encoder_blocks=1, decoder_blocks=1, kernel=3)
    shape = LinearTransformConfig(8, (6,), 4, bottleneck=3, standardized=True)
    transform = lively(LinearTransform(shape))
    encoder, decoder = lively(FastEncoder(config)), lively(FastDecoder(config))
    return LinearTransfer([Level(encoder, decoder, LinearMapper(transform))])


def vgg() -> LinearTransfer:
    config = VGGConfig("relu3_1", 8)
    transform = lively(LinearTransform(LinearTransformConfig(32, (8, 6), 4)))
    encoder, decoder = lively(VGGFeatures(config)), lively(VGGDecoder(config))
    return LinearTransfer([Level(encoder, decoder, LinearMapper(transform))])


def adain() -> AdaIN:
    config = VGGConfig("relu3_1", 8)
    level = Level(lively(VGGFeatures(config)), lively(VGGDecoder(config)), MomentMapper(adain_map))
    return AdaIN([level])


def wct() -> WCT:
    encoder, mapper = lively(VGGFeatures(VGGConfig("relu3_1", 8))), MomentMapper(wct_map)
    names = ("relu3_1", "relu2_1", "relu1_1")
    decoders = {name: lively(VGGDecoder(VGGConfig(name, 8))) for name in names}
    return WCT([Level(encoder.up_to(name), decoders[name], mapper) for name in names])


@pytest.fixture(params=[fast, vgg, adain, wct], ids=lambda made: made.__name__)
def pipeline(request) -> FeatureTransfer:
    return request.param()


@pytest.fixture
def content() -> Tensor:
    return torch.rand(1, 3, 32, 40)


@pytest.fixture
def styles(pipeline) -> list[Style]:
    """Three, from pictures of different size and colour."""
    pictures = (torch.rand(1, 3, *size) * tint for size, tint in (((24, 28), 1), ((33, 21), 0.3)))
    return [pipeline.encode_style(p) for p in (*pictures, torch.rand(1, 3, 32, 32) ** 3)]


def test_it_is_a_stylizer(pipeline) -> None:
    assert isinstance(pipeline, Stylizer)
    assert pipeline.multiple == 4 and pipeline.device.type == "cpu"


@pytest.mark.parametrize("size", [(16, 16), (17, 31), (250, 330)])
def test_any_size_comes_back_as_it_was(pipeline, size) -> None:
    picture = pipeline(torch.rand(1, 3, *size), torch.rand(1, 3, 19, 23))
    assert picture.shape == (1, 3, *size)
    assert picture.min() >= 0 and picture.max() <= 1


@pytest.mark.parametrize("size", [(2, 2), (4, 4), (3, 40), (5, 3)])
def test_the_smallest_pictures_are_drawn_and_lend_their_style(pipeline, content, size) -> None:
    small = torch.rand(1, 3, *size)
    assert pipeline(small, content).shape == small.shape
    assert pipeline(content, small).shape == content.shape
    masks = torch.ones(1, *size)
    regions = pipeline.stylize(small, [pipeline.encode_style(content)], [1], masks=masks)
    assert torch.allclose(regions, pipeline(small, content), atol=BORDER)


def test_the_same_call_gives_the_same_bytes(pipeline, content) -> None:
    style = torch.rand(1, 3, 20, 20)
    assert torch.equal(pipeline(content, style), pipeline(content, style))
    other = pipeline(content, torch.rand(1, 3, 20, 20) ** 4)
    assert not torch.allclose(pipeline(content, style), other, atol=1e-3)


def test_a_style_is_read_once(pipeline, content) -> None:
    picture = torch.rand(1, 3, 24, 20)
    kept = pipeline.encode_style(picture)
    assert torch.equal(pipeline.stylize(content, [kept], [1.0]), pipeline(content, picture))
    assert torch.equal(
        pipeline.stylize(content, [kept.to("cpu")], [1.0]), pipeline(content, picture)
    )


def test_a_batch_is_its_pictures_one_by_one(pipeline) -> None:
    contents, pictures = torch.rand(2, 3, 18, 22), torch.rand(2, 3, 20, 16)
    both, shared = pipeline(contents, pictures), pipeline(contents, pictures[:1])
    for i in range(2):
        one = contents[i : i + 1]
        assert torch.equal(both[i : i + 1], pipeline(one, pictures[i : i + 1]))
        assert torch.equal(shared[i : i + 1], pipeline(one, pictures[:1]))


def test_styles_are_one_or_as_many_as_contents(pipeline) -> None:
    with pytest.raises(ValueError, match="3 styles were given for 2 contents; expected one style"):
        pipeline(torch.rand(2, 3, 16, 16), torch.rand(3, 3, 16, 16))
    with pytest.raises(ValueError, match="2 styles were given to be read at once; expected one"):
        pipeline.encode_style(torch.rand(2, 3, 16, 16))


# --- strength ------------------------------------------------------------------------------------


def test_strength_zero_is_the_content_to_the_last_bit(pipeline, content, styles) -> None:
    assert torch.equal(pipeline.stylize(content, styles[:1], [1.0], strength=0), content)


def test_the_picture_comes_back_in_step_with_the_strength(pipeline, content, styles) -> None:
    near = pipeline.stylize(content, styles[:1], [1.0], strength=1e-4)
    assert torch.allclose(near, content, atol=0.02)
    distances = [
        (pipeline.stylize(content, styles[:1], [1.0], strength=s) - content).abs().mean()
        for s in (0.0, 0.3, 1.0)
    ]
    assert distances[0] == 0 < distances[1] < distances[2]


def test_strength_mixes_what_the_deepest_decoder_sees(pipeline, content, styles) -> None:
    fed = []
    level = pipeline.levels[0]
    level.decoder.register_forward_pre_hook(lambda _, inputs: fed.append(inputs[0]))
    for strength in (1.0, 0.25):
        pipeline.stylize(content, styles[:1], [1.0], strength=strength)
    full, quarter, none = fed
    assert torch.allclose(none, level.encoder(content), atol=1e-5)
    assert torch.allclose(quarter, 0.25 * full + 0.75 * none, atol=1e-4)


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_strength_lies_between_zero_and_one(pipeline, content, styles, strength) -> None:
    with pytest.raises(ValueError, match=f"strength is {strength}; expected a number from 0 to 1"):
        pipeline.stylize(content, styles[:1], [1.0], strength=strength)


def test_one_content_at_a_time(pipeline, styles) -> None:
    with pytest.raises(ValueError, match="2 contents were given; expected one"):
        pipeline.stylize(torch.rand(2, 3, 16, 16), styles[:1], [1.0])


# --- mixing --------------------------------------------------------------------------------------


def test_one_hot_weights_are_a_single_style(pipeline, content, styles) -> None:
    for index, style in enumerate(styles):
        weights = [0.0] * 3
        weights[index] = 2.5
        mixed = pipeline.stylize(content, styles, weights)
        assert torch.allclose(mixed, pipeline.stylize(content, [style], [1.0]), atol=1e-4)


def test_mixing_knows_no_order_and_only_shares(pipeline, content, styles) -> None:
    mixed = pipeline.stylize(content, styles, [1, 2, 3])
    turned = pipeline.stylize(content, styles[::-1], [3, 2, 1])
    assert torch.allclose(mixed, turned, atol=BORDER)
    assert torch.allclose(mixed, pipeline.stylize(content, styles, [0.5, 1, 1.5]), atol=BORDER)
    twice = pipeline.stylize(content, [styles[0], styles[0]], [0.3, 0.7])
    assert torch.allclose(twice, pipeline.stylize(content, styles[:1], [1]), atol=BORDER)


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ([1.0], "3 styles were given with 1 weights; expected as many"),
        ([1.0, -0.5, 1.0], "not below 0"),
        ([0.0, 0.0, 0.0], "a sum above 0"),
        ([float("nan"), 1.0, 1.0], "a sum above 0"),
        ([float("inf"), 1.0, 1.0], "a sum above 0"),
    ],
)
def test_weights_that_mean_nothing_are_refused(pipeline, content, styles, weights, sentence):
    with pytest.raises(ValueError, match=sentence):
        pipeline.stylize(content, styles, weights)


def test_no_style_at_all_is_refused(pipeline, content) -> None:
    with pytest.raises(ValueError, match=r"0 styles .* at least one"):
        pipeline.stylize(content, [], [])


# --- regions -------------------------------------------------------------------------------------


def test_one_region_everywhere_is_that_style(pipeline, content, styles) -> None:
    for index, style in enumerate(styles):
        masks = torch.zeros(3, 32, 40)
        masks[index] = 1
        drawn = pipeline.stylize(content, styles, [1, 1, 1], masks=masks)
        alone = pipeline.stylize(content, [style], [1])
        assert torch.allclose(drawn, alone, atol=BORDER)


def test_a_region_is_described_by_itself(pipeline, styles) -> None:
    """Another picture in a region further away than the networks' reach changes nothing here."""
    masks = torch.zeros(3, 32, 288)
    masks[0, :, :100], masks[1, :, 100:190], masks[2, :, 190:] = 1, 1, 1
    one, two = torch.rand(1, 3, 32, 288), torch.rand(1, 3, 32, 288) ** 3
    two[..., :230] = one[..., :230]
    left, again = (
        pipeline.stylize(each, styles, [1, 1, 1], masks=masks)[..., :60] for each in (one, two)
    )
    assert torch.allclose(left, again, atol=1e-3)
    whole, changed = (pipeline.stylize(each, styles[:1], [1])[..., :60] for each in (one, two))
    assert not torch.allclose(whole, changed, atol=1e-2)


def test_a_mask_of_the_style_leaves_the_rest_of_it_out(pipeline) -> None:
    picture, mask = torch.rand(1, 3, 160, 160), torch.zeros(160, 160)
    mask[:, :40] = 1
    other = picture.clone()
    other[..., 120:] = 0
    content = torch.rand(1, 3, 24, 24)
    drawn, again = (
        pipeline.stylize(content, [pipeline.encode_style(each, mask)], [1])
        for each in (picture, other)
    )
    assert torch.allclose(drawn, again, atol=1e-3)


def test_a_mask_counts_places_by_its_ratios_whatever_its_kind(pipeline) -> None:
    picture, content = torch.rand(1, 3, 32, 32), torch.rand(1, 3, 24, 24)
    mask = torch.zeros(32, 32, dtype=torch.bool)
    mask[:, :16] = True
    drawn = [
        pipeline.stylize(content, [pipeline.encode_style(picture, each)], [1])
        for each in (mask, mask.float(), mask.double())
    ]
    assert torch.equal(drawn[0], drawn[1]) and torch.equal(drawn[0], drawn[2])


@pytest.mark.parametrize(
    ("mask", "sentence"),
    [
        (torch.zeros(32, 40), "mask of the style is 0 everywhere, so nothing"),
        (torch.ones(40, 32), r"mask of the style is \(40, 32\); expected \(h, w\) = \(32, 40\)"),
        (torch.ones(1, 32, 40), r"mask of the style is \(1, 32, 40\); expected"),
        (torch.ones(0, 0), r"mask of the style is \(0, 0\); expected"),
        (-torch.ones(32, 40), "mask of the style holds negative or broken values"),
        (torch.full((32, 40), float("nan")), "mask of the style holds negative or broken values"),
        (torch.full((32, 40), float("inf")), "mask of the style holds negative or broken values"),
    ],
)
def test_a_mask_that_does_not_fit_its_style_is_refused(mask: Tensor, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        adain().encode_style(torch.rand(1, 3, 32, 40), mask)


@pytest.mark.parametrize("size", [(1, 2), (3, 3)])
def test_tiny_regions_and_constant_pictures_stay_finite(pipeline, styles, size) -> None:
    masks = torch.zeros(2, 32, 40)
    masks[0, : size[0], : size[1]] = 1
    masks[1] = 1 - masks[0]
    flat = torch.full((1, 3, 32, 40), 0.5)
    for content in (torch.rand(1, 3, 32, 40), flat):
        assert pipeline.stylize(content, styles[:2], [1, 1], masks=masks).isfinite().all()
    assert pipeline(flat, flat).isfinite().all()


# --- tiles ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("tile", [32, 50])
def test_tiles_give_the_same_picture(pipeline, styles, tile) -> None:
    # Features of random weights have directions of hardly any variance, which WCT divides by.
    atol = BORDER if isinstance(pipeline, WCT) else TILED
    content, masks = torch.rand(1, 3, 150, 110), torch.rand(2, 150, 110)
    for settings in ({}, {"strength": 0.4}, {"masks": masks}):
        whole = pipeline.stylize(content, styles[:2], [1, 2], **settings)
        parts = pipeline.stylize(content, styles[:2], [1, 2], tile=tile, **settings)
        assert torch.allclose(parts, whole, rtol=0, atol=atol)


def test_a_network_never_sees_more_than_a_tile_and_its_margin(pipeline, styles) -> None:
    sizes = []
    for level in pipeline.levels:
        level.encoder.register_forward_pre_hook(lambda _, x: sizes.append(x[0].shape[2:]))
    pipeline.stylize(torch.rand(1, 3, 300, 200), styles[:1], [1], tile=32)
    most = 32 + 2 * (max(level.margin for level in pipeline.levels) + 3)
    assert max(max(size) for size in sizes) <= most < 200


def test_regions_that_share_no_tile_are_encoded_as_often_as_a_mix(pipeline, styles) -> None:
    content, masks = torch.rand(1, 3, 64, 128), torch.zeros(2, 64, 128)
    masks[0, :, :64] = masks[1, :, 64:] = 1
    seen: list[int] = []
    for encoder in {level.encoder for level in pipeline.levels}:
        encoder.register_forward_hook(lambda *_: seen.append(1))
    pipeline.stylize(content, styles[:2], [1, 1], tile=32)
    mix = len(seen)
    tiled = pipeline.stylize(content, styles[:2], [1, 1], masks=masks, tile=32)
    assert len(seen) == 2 * mix > 0
    once = pipeline.stylize(content, styles[:2], [1, 1], masks=masks)
    atol = BORDER if isinstance(pipeline, WCT) else TILED
    torch.testing.assert_close(tiled, once, rtol=0, atol=atol)


def test_maps_can_be_held(pipeline, styles) -> None:
    """With the maps of another picture kept, nothing of this one's statistics is used."""
    kept: dict = {}

    def settle(key, compute):
        return kept.setdefault(key, compute())

    def held(key, compute):
        return kept[key]

    content = torch.rand(1, 3, 32, 40)
    first = pipeline.stylize(content, styles[:1], [1], settle=settle)
    assert sorted(kept) == [(level, 0) for level in range(len(pipeline.levels))]
    assert torch.equal(pipeline.stylize(content, styles[1:2], [1], settle=held), first)


# --- margins -------------------------------------------------------------------------------------


@pytest.mark.parametrize("index", range(3))
def test_margins_hold_the_receptive_field(pipeline, index) -> None:
    if index >= len(pipeline.levels):
        pytest.skip("this method has fewer levels")
    level = pipeline.levels[index]
    picture = torch.rand(1, 3, 8, 160, requires_grad=True)
    level.decoder(level.encoder(picture))[..., 80].sum().backward()
    seen = picture.grad.abs().sum((0, 1, 2)).nonzero().flatten()
    reach = level.encoder.margin + level.decoder.margin
    assert seen.min() >= 80 - reach and seen.max() <= 80 + reach
    assert seen.max() - seen.min() > reach  # and is no wild overestimate
