"""A discriminator that reads classes, on the features of a frozen network."""

import pytest
import torch
from torch import Tensor, nn

from lab.models.oasis import ReaderConfig, SegmentationDiscriminator, scales_of

CHANNELS = {"relu1_1": 3, "relu2_1": 5, "relu3_1": 7}


@pytest.fixture
def reader() -> SegmentationDiscriminator:
    torch.manual_seed(0)
    return SegmentationDiscriminator(ReaderConfig(width=4), CHANNELS, classes=6)


@pytest.fixture
def features() -> dict[str, Tensor]:
    torch.manual_seed(1)
    sides = zip(CHANNELS.items(), (16, 8, 4), strict=True)
    return {layer: 10 * torch.rand(2, count, side, side + 4) for (layer, count), side in sides}


def test_every_pixel_has_a_score_per_class_and_one_for_drawn(reader, features) -> None:
    assert reader(features, scales_of(features)).shape == (2, 7, 16, 20)


def test_every_layer_reaches_the_classes(reader, features) -> None:
    scales = scales_of(features)
    before = reader(features, scales)
    for layer in CHANNELS:
        changed = {**features, layer: features[layer] + torch.rand_like(features[layer])}
        assert not torch.allclose(reader(changed, scales), before, atol=1e-4)


def test_a_picture_is_read_alone(reader, features) -> None:
    scales = scales_of(features)
    both = reader(features, scales)
    for at in (0, 1):
        own = ({layer: x[at : at + 1] for layer, x in part.items()} for part in (features, scales))
        assert torch.allclose(reader(*own)[0], both[at], atol=1e-5)


def test_how_much_there_is_counts_and_the_layers_unit_does_not(reader, features) -> None:
    scales = scales_of(features)
    plain = reader(features, scales)
    stronger = reader({layer: 1.5 * x for layer, x in features.items()}, scales)
    other = {layer: 7 * x for layer, x in features.items()}
    assert not torch.allclose(plain, stronger, atol=1e-3)
    assert torch.allclose(plain, reader(other, scales_of(other)), atol=1e-5)


def test_scales_are_means_of_each_picture_without_gradient(features) -> None:
    x = features["relu2_1"].requires_grad_(True)
    scales = scales_of(features)["relu2_1"]
    assert scales.shape == (2, 1, 1, 1) and not scales.requires_grad
    assert scales.flatten().tolist() == pytest.approx([x[0].mean().item(), x[1].mean().item()])
    assert scales_of({"dark": torch.zeros(1, 1, 2, 2)})["dark"].item() > 0


def test_it_learns_to_read_what_lies_in_the_features(reader) -> None:
    features = {"relu1_1": torch.rand(1, 3, 16, 20), "relu2_1": torch.ones(1, 5, 8, 10)}
    features["relu3_1"] = torch.ones(1, 7, 4, 5)
    labels = features["relu1_1"].argmax(1)
    optimizer = torch.optim.Adam(reader.parameters(), lr=2e-2)
    for _ in range(150):
        loss = nn.functional.cross_entropy(reader(features, scales_of(features)), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    read = reader(features, scales_of(features)).argmax(1)
    assert (read == labels).float().mean().item() > 0.8
