"""The judge's network."""

import pytest
import torch
from torch import nn

from lab.models.segmenter import Segmenter, SegmenterConfig


def tiny(**settings) -> Segmenter:
    network = Segmenter(SegmenterConfig(5, **{"widths": (4, 8, 16), "neck": 4, **settings}))
    for parameter in network.parameters():
        nn.init.normal_(parameter, 0, 0.3)
    return network.eval()


@pytest.mark.parametrize("levels", [2, 3, 4])
def test_every_pixel_has_a_score_per_class(levels: int) -> None:
    network = tiny(widths=(4, 8, 16, 16)[:levels])
    assert network.config.multiple == 2**levels
    height, width = 3 * 2**levels, 2 * 2**levels
    logits, pooled, features = network.judge(torch.rand(2, 3, height, width))
    sides = [(height // 2**level, width // 2**level) for level in range(1, levels + 1)]
    assert [tuple(x.shape[2:]) for x in features] == sides
    assert logits.shape == (2, 5, height, width)
    assert pooled.shape == (2, network.config.widths[-1] + network.config.neck)


def test_forward_and_judge_say_the_same() -> None:
    network, photo = tiny(), torch.rand(1, 3, 16, 24)
    assert torch.equal(network(photo), network.judge(photo)[0])


def test_every_level_of_the_pyramid_reaches_the_classes() -> None:
    network, photo = tiny(), torch.rand(1, 3, 32, 32)
    before = network(photo)
    for lateral in network.laterals:
        kept = lateral.weight.data.clone()
        nn.init.zeros_(lateral.weight)
        assert not torch.allclose(network(photo), before, atol=1e-4)
        lateral.weight.data = kept


def test_pictures_of_a_batch_do_not_see_each_other() -> None:
    network, photos = tiny(), torch.rand(3, 3, 16, 16)
    whole = network(photos)
    for index in range(3):
        alone = network(photos[index : index + 1])
        assert torch.allclose(alone, whole[index : index + 1], atol=1e-5)
