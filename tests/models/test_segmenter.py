"""The judge's network."""

import pytest
import torch
from torch import nn

from lab.models.mobilenet import LEVELS
from lab.models.segmenter import Segmenter, SegmenterConfig


def tiny() -> Segmenter:
    network = Segmenter(SegmenterConfig(5, width=0.1, neck=16))
    for parameter in network.parameters():
        nn.init.normal_(parameter, 0, 0.3)
    return network.eval()


@pytest.mark.parametrize("size", [(96, 64), (32, 32), (40, 24)])
def test_every_pixel_has_a_score_per_class(size: tuple[int, int]) -> None:
    network = tiny()
    assert network.config.multiple == 2**LEVELS
    logits, pooled, features = network.judge(torch.rand(2, 3, *size))
    sides = [tuple(-(-side // 2**level) for side in size) for level in range(1, LEVELS + 1)]
    assert [tuple(x.shape[2:]) for x in features] == sides
    assert logits.shape == (2, 5, *size)
    assert pooled.shape == (2, network.encoder.widths[-1] + network.config.neck)


def test_forward_and_judge_say_the_same() -> None:
    network, photo = tiny(), torch.rand(1, 3, 16, 24)
    assert torch.equal(network(photo), network.judge(photo)[0])


def test_every_level_of_the_pyramid_reaches_the_classes() -> None:
    network, photo = tiny(), torch.rand(1, 3, 32, 32)
    before = network(photo)
    for lateral in network.laterals:
        kept = lateral[0].weight.data.clone()
        nn.init.zeros_(lateral[0].weight)
        assert not torch.allclose(network(photo), before, atol=1e-4)
        lateral[0].weight.data = kept


def test_pictures_of_a_batch_do_not_see_each_other() -> None:
    network, photos = tiny(), torch.rand(3, 3, 16, 16)
    whole = network(photos)
    for index in range(3):
        alone = network(photos[index : index + 1])
        assert torch.allclose(alone, whole[index : index + 1], atol=1e-5)


def test_the_smallest_neck_reads_the_smallest_pictures_and_none_below_it_is_taken() -> None:
    for neck in (1, 2, 4, 8, 15):
        with pytest.raises(ValueError, match=f"neck is {neck}; expected 16 or more"):
            SegmenterConfig(5, neck=neck)
    network = Segmenter(SegmenterConfig(5, width=0.1, neck=16))
    assert network(torch.rand(1, 3, 32, 32)).isfinite().all()
