"""The cascade of Chen & Koltun."""

from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F

from lab.baselines.crn import CRN, CascadedRefinement, CRNConfig
from lab.interfaces import Layout


def tiny(**settings) -> CascadedRefinement:
    network = CascadedRefinement(CRNConfig(6, **{"widths": (8, 6, 4), **settings})).eval()
    for parameter in network.parameters():
        parameter.data.normal_(0, 0.3)
    return network


def test_the_papers_network_for_256_has_98_million_parameters() -> None:
    with torch.device("meta"):
        network = CascadedRefinement(CRNConfig(20))
    widths = (0, 1024, 1024, 1024, 1024, 1024, 512, 512)
    expected = 0
    for below, width in pairwise(widths):
        expected += 9 * (20 + below) * width + 9 * width * width + 6 * width  # bias, scale, shift
    assert sum(p.numel() for p in network.parameters()) == expected + 3 * 512 + 3
    assert round(expected / 1e6) == 98


def test_each_module_sees_the_layout_by_area_beside_the_features_below() -> None:
    network, condition = tiny(), torch.rand(1, 6, 16, 24)
    first, second, third = network.cascade
    x = first(F.interpolate(condition, scale_factor=0.25, mode="area"))
    for module, layout in (
        (second, F.interpolate(condition, scale_factor=0.5, mode="area")),
        (third, condition),
    ):
        x = module(torch.cat([layout, F.interpolate(x, layout.shape[2:], mode="bilinear")], 1))
    assert torch.allclose(network(condition)[:, 0], network.to_pictures(x), atol=1e-5)


def test_layers_are_normalised_over_channels_and_places_of_each_picture() -> None:
    network = tiny()
    layer = network.cascade[0]
    values = layer[1](layer[0](torch.rand(2, 6, 4, 6)))
    weight, bias = layer[1].weight.view(1, -1, 1, 1), layer[1].bias.view(1, -1, 1, 1)
    plain = (values - bias) / weight
    assert torch.allclose(plain.mean((1, 2, 3)), torch.zeros(2), atol=1e-4)
    assert torch.allclose(plain.std((1, 2, 3), correction=0), torch.ones(2), atol=1e-2)


def test_the_seed_chooses_among_the_pictures_drawn_at_once(tiny_space, tiny_layout) -> None:
    labels, instances = (ids[:, :30, :50] for ids in tiny_layout)
    method = CRN(tiny(pictures=3), space=tiny_space, native_size=(64, 32))
    assert method.lot and not CRN(tiny(), space=tiny_space, native_size=(64, 32)).lot
    layout = Layout(labels, instances, tiny_space)
    drawn = [method(layout, seed=seed) for seed in range(6)]
    assert all(picture.shape == (1, 3, 30, 50) for picture in drawn)
    assert all(torch.equal(drawn[seed], drawn[seed + 3]) for seed in range(3))
    assert not torch.equal(drawn[0], drawn[1])
    assert torch.equal(method(layout), drawn[0])


@pytest.mark.parametrize("settings", [{"widths": ()}, {"pictures": 0}])
def test_an_empty_cascade_is_refused(settings: dict) -> None:
    with pytest.raises(ValueError, match="expected one or more each"):
        CRNConfig(6, **settings)
