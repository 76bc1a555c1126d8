"""Heads on the features of a frozen network."""

import pytest
import torch
from torch import Tensor

from lab.models.projected import ProjectedConfig, ProjectedDiscriminator, scales_of

CHANNELS = {"relu1_1": 3, "relu2_1": 5}
LAYOUT = 2


@pytest.fixture
def heads() -> ProjectedDiscriminator:
    torch.manual_seed(0)
    return ProjectedDiscriminator(ProjectedConfig(tuple(CHANNELS), width=4), CHANNELS, LAYOUT)


@pytest.fixture
def features() -> dict[str, Tensor]:
    torch.manual_seed(1)
    return {"relu1_1": torch.rand(2, 3, 12, 16), "relu2_1": 100 * torch.rand(2, 5, 6, 8)}


@pytest.fixture
def layout() -> Tensor:
    return torch.rand(2, LAYOUT, 12, 16, generator=torch.manual_seed(2))


def test_every_place_of_every_layer_has_a_score(heads, features, layout) -> None:
    scores = heads(features, scales_of(features), layout)
    assert [len(layers) for layers in scores] == [1, 1]
    for (score,), x in zip(scores, features.values(), strict=True):
        assert score.shape == (2, 1, *x.shape[2:])


def test_a_score_depends_on_five_by_five_places(heads, features, layout) -> None:
    features["relu2_1"].requires_grad_(True)
    scales = scales_of(features)
    heads(features, scales, layout)[1][0][0, 0, 3, 4].backward()
    seen = features["relu2_1"].grad[0].abs().sum(0) > 0
    assert seen[1:6, 2:7].all() and seen.sum() == 25
    assert not features["relu2_1"].grad[1].any()  # nor on another picture


def test_the_layout_is_seen_where_it_lies(heads, features, layout) -> None:
    layout.requires_grad_(True)
    heads(features, scales_of(features), layout)[1][0][0, 0, 0, 0].backward()
    seen = layout.grad[0].abs().sum(0) > 0
    assert seen[:6, :6].all() and seen.sum() == 36  # 3x3 places of 2x2 pixels, in the corner


def test_how_much_there_is_counts_and_the_layers_unit_does_not(heads, features, layout) -> None:
    scales = scales_of(features)
    plain = heads(features, scales, layout)
    stronger = heads({k: 1.5 * x for k, x in features.items()}, scales, layout)
    other = {layer: 7 * x for layer, x in features.items()}
    unit = heads(other, scales_of(other), layout)
    for (a,), (b,), (c,) in zip(plain, stronger, unit, strict=True):
        assert not torch.allclose(a, b, atol=1e-3)
        assert torch.allclose(a, c, atol=1e-5)


def test_scales_are_means_of_each_picture_without_gradient(features) -> None:
    x = features["relu2_1"].requires_grad_(True)
    scales = scales_of(features)["relu2_1"]
    assert scales.shape == (2, 1, 1, 1) and not scales.requires_grad
    assert scales.flatten().tolist() == pytest.approx([x[0].mean().item(), x[1].mean().item()])
    assert scales_of({"dark": torch.zeros(1, 1, 2, 2)})["dark"].item() > 0
