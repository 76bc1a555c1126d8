"""What the stages of a generator cost: multiply-adds and parameters, known without drawing."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import torch

from lab.metrics.speed import multiply_adds
from lab.models.pix2pixhd import GeneratorConfig, LocalEnhancer, build_generator


@dataclass(frozen=True)
class Cost:
    """One way to draw: by G1 alone, or by G1 with all enhancers around it.

    Attributes:
        stages: how many networks work. size: (width, height) of what is drawn, in pixels.
        parameters: trained numbers of them. macs: multiply-adds of one picture.
    """

    stages: int
    size: tuple[int, int]
    parameters: int
    macs: int


@functools.lru_cache(maxsize=64)
def stage_costs(config: GeneratorConfig, size: tuple[int, int]) -> tuple[Cost, ...]:
    """G1 alone at its own size, then the whole generator where it has enhancers.

    The networks are built without memory and run on shapes alone.

    Args:
        size: (width, height) of the condition of the whole, a multiple of `config.multiple`.
    Raises:
        ValueError: another size.
    """
    with torch.device("meta"):
        generator = build_generator(config).eval()
    whole = [(generator, size, config.enhancers + 1)]
    if isinstance(generator, LocalEnhancer):
        scale = 2**config.enhancers
        whole.insert(0, (generator.coarse, (size[0] // scale, size[1] // scale), 1))
    return tuple(
        Cost(stages, seen, sum(p.numel() for p in network.parameters()), _macs(network, seen))
        for network, seen, stages in whole
    )


@torch.no_grad()
def _macs(network: torch.nn.Module, size: tuple[int, int]) -> int:
    width, height = size
    condition = torch.empty(1, network.config.inputs, height, width, device="meta")
    return multiply_adds(lambda: network(condition))
