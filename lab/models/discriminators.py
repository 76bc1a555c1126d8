"""The discriminators of pix2pixHD (Wang et al. 2018, §3.2, multi-scale discriminators)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from torch import Tensor, nn

from lab.models.blocks import Norm, initialize, normalization
from lab.models.ranges import require


@dataclass(frozen=True)
class DiscriminatorConfig:
    """Shape of the discriminators; `inputs` = classes + 1 boundary + 3 colours.

    Channels double from layer to layer up to `max_width`, the official code's 512.
    """

    inputs: int
    width: int = 64
    max_width: int = 512
    layers: int = 3
    scales: int = 3
    norm: Norm = "instance"

    def __post_init__(self) -> None:
        require(self, "width", "max_width", "layers", "scales", least=1)
        require(self, "inputs", least=0)


class PatchDiscriminator(nn.Module):
    """PatchGAN of Isola et al. 2017 (70 px receptive field at three layers), features returned.

    The 4x4 convolutions have padding 2 as in pix2pixHD, so the score map is a little larger
    than pix2pix's.
    """

    def __init__(self, config: DiscriminatorConfig) -> None:
        super().__init__()
        doubled = [min(config.width * 2**i, config.max_width) for i in range(1, config.layers + 1)]
        widths = [config.width, *doubled]
        stages = [nn.Sequential(nn.Conv2d(config.inputs, widths[0], 4, 2, 2), nn.LeakyReLU(0.2))]
        for index, (inputs, outputs) in enumerate(pairwise(widths)):
            stride = 2 if index < config.layers - 1 else 1
            stages.append(
                nn.Sequential(
                    nn.Conv2d(inputs, outputs, 4, stride, 2),
                    normalization(outputs, config.norm),
                    nn.LeakyReLU(0.2),
                )
            )
        stages.append(nn.Sequential(nn.Conv2d(widths[-1], 1, 4, 1, 2)))
        self.stages = nn.ModuleList(stages)
        initialize(self)

    def forward(self, x: Tensor) -> list[Tensor]:
        """(B, inputs, H, W) → features of every layer; the last is the score (B, 1, h, w)."""
        features = []
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features


class MultiscaleDiscriminator(nn.Module):
    """The same PatchGAN on a pyramid of pictures, each half the size of the one before."""

    def __init__(self, config: DiscriminatorConfig) -> None:
        super().__init__()
        self.config = config
        self.scales = nn.ModuleList(PatchDiscriminator(config) for _ in range(config.scales))
        self.halve = nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False)

    def forward(self, x: Tensor, first: int = 0) -> list[list[Tensor]]:
        """(B, inputs, H, W) → one list of features per scale, finest first.

        `first` leaves out the scales before it: x is then as small as that scale sees it.
        """
        results = []
        for index, discriminator in enumerate(self.scales[first:]):
            if index:
                x = self.halve(x)
            results.append(discriminator(x))
        return results
