"""Normalisation by a picture's own statistics, or by those of another."""

import threading

import pytest
import torch
from torch import nn

from lab.models.instance_norm import InstanceNorm, held, recorded


def layer(affine: bool = True) -> InstanceNorm:
    made = InstanceNorm(3, affine=affine)
    if affine:
        nn.init.normal_(made.weight)
        nn.init.normal_(made.bias)
    return made


@pytest.mark.parametrize("affine", [True, False])
def test_alone_it_is_torchs_layer_and_by_its_own_statistics_too(affine: bool) -> None:
    own, x = layer(affine), torch.randn(2, 3, 5, 7) * 3 + 1
    torchs = nn.InstanceNorm2d(3, affine=affine)
    torchs.load_state_dict(own.state_dict())
    assert torch.equal(own(x), torchs(x))
    with recorded() as statistics:
        assert torch.equal(own(x), torchs(x))
    with held(statistics):
        torch.testing.assert_close(own(x), torchs(x), atol=1e-5, rtol=1e-5)


def test_by_the_statistics_of_another_picture_every_pixel_is_normalised_alone() -> None:
    own, x = layer(), torch.randn(1, 3, 4, 4)
    other = x.clone()
    other[..., 0, 0] += 5
    with recorded() as statistics:
        before = own(x)
    with held(statistics):
        after = own(other)
    moved = (after - before).abs().amax(1)[0] > 1e-5
    assert moved[0, 0] and moved.sum() == 1
    assert ((own(other) - before).abs().amax(1)[0] > 1e-5).all()  # its own move all others


def test_other_threads_and_what_follows_know_nothing_of_it() -> None:
    own, x = layer(), torch.randn(1, 3, 4, 4)
    plain, seen = own(x), []
    with recorded() as statistics:
        own(x + torch.rand(1, 3, 4, 4))
    with held(statistics):
        elsewhere = threading.Thread(target=lambda: seen.append(own(x)))
        elsewhere.start()
        elsewhere.join()
        assert not torch.equal(own(x), plain)
    assert torch.equal(seen[0], plain) and torch.equal(own(x), plain)
    with recorded():
        own(x)
    assert len(statistics) == 1 and own in statistics
