"""Costs of generators against closed forms and published numbers."""

import pytest
import torch

from lab.metrics.speed import multiply_adds
from lab.metrics.stages import stage_costs
from lab.models.pix2pixhd import GeneratorConfig, build_generator


def convolution(inputs: int, outputs: int, kernel: int, pixels: int) -> int:
    return inputs * outputs * kernel**2 * pixels


def test_g1_is_the_sum_of_its_convolutions() -> None:
    config = GeneratorConfig(5, width=4, downsamplings=1, blocks=2, kernel=3, upsampling="nearest")
    (cost,) = stage_costs(config, (32, 16))
    full, half = 32 * 16, 16 * 8
    expected = (
        convolution(5, 4, 3, full)
        + convolution(4, 8, 3, half)
        + 2 * 2 * convolution(8, 8, 3, half)
        + convolution(8, 4, 3, full)
        + convolution(4, 3, 3, full)
    )
    assert (cost.stages, cost.size, cost.macs) == (1, (32, 16), expected)


def test_the_papers_networks_cost_what_is_known_of_them() -> None:
    """182.5 M weights and 489 GMAC for G1 at 1024x512; 182.9 M and about 750 for both."""
    (alone,) = stage_costs(GeneratorConfig(36), (1024, 512))
    assert alone.parameters == pytest.approx(182.5e6, rel=1e-3)
    assert alone.macs == pytest.approx(489e9, rel=5e-3)
    coarse, both = stage_costs(GeneratorConfig(36, width=32, enhancers=1), (2048, 1024))
    assert coarse.size == (1024, 512) and coarse.macs == alone.macs
    assert both.parameters == pytest.approx(182.9e6, rel=1e-3)
    assert 740e9 < both.macs < 770e9 and both.stages == 2


@pytest.mark.parametrize("enhancers", [0, 1, 2])
def test_shapes_alone_count_what_a_drawing_counts(enhancers: int) -> None:
    config = GeneratorConfig(
        6, width=4, downsamplings=2, blocks=1, enhancers=enhancers, noise=1, skips=True
    )
    network = build_generator(config).eval()
    with torch.no_grad():
        drawn = multiply_adds(lambda: network(torch.zeros(1, 6, 32, 64)))
    costs = stage_costs(config, (64, 32))
    assert costs[-1].macs == drawn and len(costs) == 1 + (enhancers > 0)
    assert costs[-1].parameters == sum(p.numel() for p in network.parameters())


def test_another_multiple_is_refused() -> None:
    with pytest.raises(ValueError, match="multiples of 4"):
        stage_costs(GeneratorConfig(6, width=4, downsamplings=2), (30, 32))
