"""Linear style transfer as it is used."""

import pytest
import torch
from torch import Tensor, nn

from lab.interfaces import Stylizer
from lab.models.fast import FastConfig, FastDecoder, FastEncoder
from lab.models.linear_transfer import LinearTransform, LinearTransformConfig
from lab.models.vgg import VGGConfig, VGGDecoder
from lab.pipelines.transfer import Style, TransferPipeline, VGGFeatures


def made(encoder: nn.Module, config: LinearTransformConfig, decoder: nn.Module) -> TransferPipeline:
    """Random networks with contrast, and matrices that depend on what they see."""
    pipeline = TransferPipeline(encoder.eval(), LinearTransform(config).eval(), decoder.eval())
    for network in (encoder, decoder, pipeline.transform):
        for layer in network.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight)
                nn.init.normal_(layer.bias, 0, 0.1)
            elif isinstance(layer, nn.Linear):
                nn.init.normal_(layer.weight, 0, 0.3)
    return pipeline


def fast() -> TransferPipeline:
    config = FastConfig(widths=(4, 6, 8), blocks=1)
    return made(FastEncoder(config), LinearTransformConfig(8, (6,), 4), FastDecoder(config))


def vgg() -> TransferPipeline:
    config = VGGConfig("relu3_1", 16)
    return made(VGGFeatures(config), LinearTransformConfig(16, (8,), 4), VGGDecoder(config))


@pytest.fixture(params=[fast, vgg], ids=["fast", "vgg"])
def pipeline(request) -> TransferPipeline:
    return request.param()


@pytest.fixture
def content() -> Tensor:
    return torch.rand(1, 3, 32, 40)


@pytest.fixture
def styles(pipeline) -> list[Style]:
    """Three, from pictures of different size and colour."""
    pictures = (torch.rand(1, 3, *size) * tint for size, tint in (((24, 28), 1), ((33, 21), 0.3)))
    return [pipeline.encode_style(p) for p in (*pictures, torch.rand(1, 3, 32, 32) ** 3)]


def autoencoded(pipeline: TransferPipeline, content: Tensor) -> Tensor:
    """Encoder and decoder alone, for sides that are multiples."""
    return pipeline.decoder(pipeline.encoder(content)).clamp(0, 1)


def test_it_is_a_stylizer(pipeline) -> None:
    assert isinstance(pipeline, Stylizer)
    assert pipeline.paper.year == 2019 and pipeline.multiple == 4


@pytest.mark.parametrize("size", [(16, 16), (17, 31), (250, 330)])
def test_any_size_comes_back_as_it_was(pipeline, size) -> None:
    picture = pipeline(torch.rand(1, 3, *size), torch.rand(1, 3, 19, 23))
    assert picture.shape == (1, 3, *size)
    assert picture.min() >= 0 and picture.max() <= 1


def test_the_same_call_gives_the_same_bytes(pipeline, content) -> None:
    style = torch.rand(1, 3, 20, 20)
    assert torch.equal(pipeline(content, style), pipeline(content, style))
    other = pipeline(content, torch.rand(1, 3, 20, 20) ** 4)
    assert not torch.allclose(pipeline(content, style), other, atol=1e-3)


# --- strength ------------------------------------------------------------------------------------


def test_strength_zero_is_the_plain_autoencoder(pipeline, content, styles) -> None:
    drawn = pipeline.stylize(content, styles[:1], [1.0], strength=0)
    assert torch.allclose(drawn, autoencoded(pipeline, content), atol=1e-6)


def test_strength_mixes_what_the_decoder_sees(pipeline, content, styles) -> None:
    fed = []
    pipeline.decoder.register_forward_pre_hook(lambda _, inputs: fed.append(inputs[0]))
    for strength in (0.0, 1.0, 0.25):
        pipeline.stylize(content, styles[:1], [1.0], strength=strength)
    none, full, quarter = fed
    assert torch.allclose(none, pipeline.encoder(content), atol=1e-6)
    assert torch.allclose(quarter, 0.25 * full + 0.75 * none, atol=1e-5)
    assert not torch.allclose(full, none, atol=1e-2)


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_strength_lies_between_zero_and_one(pipeline, content, styles, strength) -> None:
    with pytest.raises(ValueError, match=f"strength is {strength}; expected a number from 0 to 1"):
        pipeline.stylize(content, styles[:1], [1.0], strength=strength)


# --- mixing --------------------------------------------------------------------------------------


def test_a_style_is_kept_as_its_matrix_and_mean(pipeline, content) -> None:
    picture = torch.rand(1, 3, 24, 20)
    style, features = pipeline.encode_style(picture), pipeline.encoder(picture)
    assert torch.allclose(style.mean, features.mean((2, 3), keepdim=True), atol=1e-6)
    assert torch.allclose(style.matrix, pipeline.transform.style_matrix(features), atol=1e-5)
    once = pipeline.stylize(content, [style], [1.0])
    assert torch.equal(once, pipeline(content, picture))


def test_the_whole_is_the_papers_formula(pipeline, content) -> None:
    picture = torch.rand(1, 3, 24, 20)
    features = pipeline.transform(pipeline.encoder(content), pipeline.encoder(picture))
    expected = pipeline.decoder(features).clamp(0, 1)
    assert torch.allclose(pipeline(content, picture), expected, atol=1e-4)


def test_one_hot_weights_are_a_single_style(pipeline, content, styles) -> None:
    for index, style in enumerate(styles):
        weights = [0.0] * 3
        weights[index] = 2.5
        mixed = pipeline.stylize(content, styles, weights)
        assert torch.allclose(mixed, pipeline.stylize(content, [style], [1.0]), atol=1e-5)


def test_mixing_knows_no_order_and_only_shares(pipeline, content, styles) -> None:
    mixed = pipeline.stylize(content, styles, [1, 2, 3])
    turned = pipeline.stylize(content, styles[::-1], [3, 2, 1])
    assert torch.allclose(mixed, turned, atol=1e-5)
    assert torch.allclose(mixed, pipeline.stylize(content, styles, [0.5, 1, 1.5]), atol=1e-5)
    one, two = styles[:2]
    equal = pipeline.stylize(content, [one, two], [1, 1])
    assert torch.allclose(equal, pipeline.stylize(content, [two, one], [1, 1]), atol=1e-6)
    twice = pipeline.stylize(content, [one, one], [0.3, 0.7])
    assert torch.allclose(twice, pipeline.stylize(content, [one], [1]), atol=1e-5)


def test_the_matrix_shown_is_the_weighted_mean_of_the_products(pipeline, content, styles) -> None:
    own = pipeline.transform.content_matrix(pipeline.encoder(content))
    expected = 0.25 * styles[0].matrix @ own + 0.75 * styles[1].matrix @ own
    assert torch.allclose(pipeline.matrix(content, styles[:2], [1, 3]), expected, atol=1e-4)


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
    with pytest.raises(ValueError, match=sentence):
        pipeline.matrix(content, styles, weights)


def test_no_style_at_all_is_refused(pipeline, content) -> None:
    with pytest.raises(ValueError, match=r"0 styles .* at least one"):
        pipeline.stylize(content, [], [])


# --- regions -------------------------------------------------------------------------------------


def test_one_region_everywhere_is_that_style(pipeline, content, styles) -> None:
    for index, style in enumerate(styles):
        regions = torch.full((1, 32, 40), index)
        drawn = pipeline.stylize(content, styles, [1, 1, 1], regions=regions)
        alone = pipeline.stylize(content, [style], [1])
        assert torch.allclose(drawn, alone, atol=1e-5)


@pytest.mark.parametrize("size", [(32, 40), (29, 37)])
def test_every_place_is_fed_by_the_style_of_its_region(pipeline, styles, size) -> None:
    height, width = size
    content, regions = torch.rand(1, 3, height, width), torch.zeros(1, height, width).long()
    regions[:, 8:, 20:] = 1
    regions[:, 28:] = 2  # a row of cells that the smaller content only half fills
    fed = []
    pipeline.decoder.register_forward_pre_hook(lambda _, inputs: fed.append(inputs[0]))
    pipeline.stylize(content, styles, [1, 1, 1], regions=regions, strength=0.7)
    for style in styles:
        pipeline.stylize(content, [style], [1], strength=0.7)
    placed, *single = fed
    for row in range(placed.shape[2]):
        for column in range(placed.shape[3]):
            region = int(regions[0, min(4 * row, height - 1), min(4 * column, width - 1)])
            assert torch.equal(placed[..., row, column], single[region][..., row, column])


def test_regions_that_do_not_fit_are_refused(pipeline, content, styles) -> None:
    with pytest.raises(ValueError, match=r"regions are \(1, 8, 10\); expected .*\(1, 32, 40\)"):
        pipeline.stylize(content, styles, [1, 1, 1], regions=torch.zeros(1, 8, 10).long())
    for region in (-1, 3):
        with pytest.raises(ValueError, match=f"Region {region} has no style; expected 0 to 2"):
            regions = torch.zeros(1, 32, 40).long()
            regions[0, 5, 5] = region
            pipeline.stylize(content, styles, [1, 1, 1], regions=regions)


# --- batches -------------------------------------------------------------------------------------


@pytest.mark.parametrize("strength", [1.0, 0.4])
def test_a_batch_is_its_pictures_one_by_one(pipeline, strength) -> None:
    contents, pictures = torch.rand(2, 3, 18, 22), torch.rand(2, 3, 20, 16)
    both = pipeline(contents, pictures, strength=strength)
    shared = pipeline(contents, pictures[:1], strength=strength)
    for i in range(2):
        one = contents[i : i + 1]
        alone = pipeline(one, pictures[i : i + 1], strength=strength)
        assert torch.allclose(both[i : i + 1], alone, atol=1e-5)
        alone = pipeline(one, pictures[:1], strength=strength)
        assert torch.allclose(shared[i : i + 1], alone, atol=1e-5)


def test_regions_of_a_batch_are_each_pictures_own(pipeline, styles) -> None:
    contents, regions = torch.rand(2, 3, 16, 16), torch.zeros(2, 16, 16).long()
    regions[1] = 2
    both = pipeline.stylize(contents, styles, [1, 1, 1], regions=regions)
    for index, style in ((0, 0), (1, 2)):
        alone = pipeline.stylize(contents[index : index + 1], [styles[style]], [1])
        assert torch.allclose(both[index], alone[0], atol=1e-5)


def test_the_deepest_layer_settles_the_multiple() -> None:
    config = VGGConfig("relu4_1", 16)
    transform = LinearTransform(LinearTransformConfig(32, (8,), 4))
    deep = TransferPipeline(VGGFeatures(config), transform, VGGDecoder(config))
    assert deep.multiple == 8
    assert deep(torch.rand(1, 3, 33, 47), torch.rand(1, 3, 24, 24)).shape == (1, 3, 33, 47)
