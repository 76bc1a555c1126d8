"""Scores of hand-made discriminators, where they lie and how they are shown."""

import pytest
import torch

from lab.analysis.scores import STRENGTH, geometry, overlay, placed, score_maps
from lab.data.streets import STREETS
from lab.interfaces import Layout
from lab.models.discriminators import DiscriminatorConfig, MultiscaleDiscriminator


def brightness(layers: int = 3, scales: int = 3) -> MultiscaleDiscriminator:
    """A discriminator without norm whose scores are weighted sums of the colours they see."""
    config = DiscriminatorConfig(len(STREETS) + 4, 2, layers=layers, scales=scales)
    network = MultiscaleDiscriminator(config)
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.constant_(module.weight, 1 / module.weight[0].numel())
            torch.nn.init.zeros_(module.bias)
        elif isinstance(module, torch.nn.Sequential):
            for index, part in enumerate(module):
                if isinstance(part, torch.nn.InstanceNorm2d):
                    module[index] = torch.nn.Identity()
    for patch in network.scales:  # the colours alone count, black is -1
        patch.stages[0][0].weight.data[:, : len(STREETS) + 1] = 0
    return network


def empty(height: int, width: int) -> Layout:
    labels = torch.zeros(1, height, width, dtype=torch.int64)
    return Layout(labels, labels.clone(), STREETS)


@pytest.mark.parametrize("at", [(120, 150), (128, 128), (140, 131)])
def test_a_bright_spot_is_found_where_it_is_at_every_scale(at: tuple[int, int]) -> None:
    network, size = brightness(scales=2), (256, 288)
    photo = torch.zeros(1, 3, *size)
    dark = score_maps(network, empty(*size), photo, with_boundaries=True)
    photo[:, :, at[0], at[1]] = 1
    lit = score_maps(network, empty(*size), photo, with_boundaries=True)
    for scale, (before, after) in enumerate(zip(dark, lit, strict=True)):
        rise = (after.over - before.over).clamp_min(0)
        assert rise.max() > 0
        rows, columns = (torch.arange(side, dtype=torch.float32) for side in size)
        middle = (rise.sum(1) @ rows / rise.sum(), rise.sum(0) @ columns / rise.sum())
        for found, true in zip(middle, at, strict=True):
            assert abs(float(found) - true) < 3 * 2**scale


@pytest.mark.parametrize("scale", [0, 1])
def test_a_score_sees_its_patch_and_nothing_else(scale: int) -> None:
    """The papers' 70 pixels; the gradient of one score reaches as far as is said."""
    network = brightness(scales=2)
    jump, start, patch = geometry(network.config, scale)
    assert (jump, start) == (8 * 2**scale, -11.5 * 2**scale)
    assert scale or patch == 70
    x = torch.zeros(1, len(STREETS) + 4, 256, 256, requires_grad=True)
    scores = network(x)[scale][-1]
    i = scores.shape[2] // 2
    scores[0, 0, i, i].backward()
    reached = x.grad[0, -1].abs().sum(0).nonzero()[:, 0]
    assert int(reached.max() - reached.min()) + 1 == patch
    assert (reached.max() + reached.min()) / 2 == pytest.approx(start + i * jump, abs=0.51)


def test_scores_are_kept_at_their_places_and_linear_between() -> None:
    scores = torch.tensor([[0.0, 1.0], [2.0, 3.0]])
    over = placed(scores, (9, 9), jump=4, start=2)
    assert over[2, 2] == 0 and over[2, 6] == 1 and over[6, 2] == 2 and over[6, 6] == 3
    assert over[2, 3] == pytest.approx(0.25) and over[4, 4] == pytest.approx(1.5)
    assert over[0, 0] == 0 and over[8, 8] == 3  # the outermost beyond their places


def test_a_constant_verdict_is_one_colour_over_grey() -> None:
    table = torch.tensor([[1.0, 0, 0], [0, 0, 1.0]])
    photo = torch.ones(3, 4, 4)
    shown = overlay(photo, torch.full((4, 4), 7.0), table)
    expected = torch.tensor([1 - STRENGTH, 1 - STRENGTH, 1.0])
    assert torch.allclose(shown, expected.view(3, 1, 1).expand(3, 4, 4))
