"""How well a picture took on a style, and how much of the content it kept, by VGG-19's features.

One number without the other says little: a copy of the style picture has the best style distance,
the untouched content the best content distance. The Gram matrices are those of Gatys et al. 2016.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from lab.losses.perceptual import Features, content_loss, style_loss
from lab.models.vgg import VGGEncoder

STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1")
CONTENT_LAYER = "relu3_1"
SCALES = (1.0, 0.5, 0.25)


@torch.inference_mode()
def describe(vgg: VGGEncoder, picture: Tensor) -> list[Features]:
    """Features of `STYLE_LAYERS` at each of `SCALES`, so that both distances can share them.

    Args:
        picture: (B, 3, H, W) in [0, 1]; smaller copies are area averages.
    """
    scaled = (
        picture if scale == 1 else F.interpolate(picture, scale_factor=scale, mode="area")
        for scale in SCALES
    )
    return [vgg(copy, STYLE_LAYERS) for copy in scaled]


@torch.inference_mode()
def style_distance(
    vgg: VGGEncoder, picture: Tensor | Sequence[Features], style: Tensor | Sequence[Features]
) -> float:
    """Mean over sizes and layers of ‖G(picture) - G(style)‖² / ‖G(style)‖², G divided by h·w.

    Args:
        vgg: VGG-19 to relu3_1 or deeper; with another network the number is another one.
        picture, style: (B, 3, H, W) in [0, 1], their sizes may differ; or what `describe` made.
    Returns:
        0 for the style picture itself; the mean over the batch.
    """
    pictures, styles = _described(vgg, picture), _described(vgg, style)
    pairs = zip(pictures, styles, strict=True)
    return float(torch.stack([style_loss(x, wanted, by="gram") for x, wanted in pairs]).mean())


@torch.inference_mode()
def content_distance(
    vgg: VGGEncoder, picture: Tensor | Sequence[Features], content: Tensor | Sequence[Features]
) -> float:
    """Mean squared difference of relu3_1, every channel with mean 0 and deviation 1.

    Args:
        picture, content: (B, 3, H, W) in [0, 1] of the same size; or what `describe` made.
    Returns:
        0 for the content picture itself, and about 2 for one that has nothing to do with it.
    """
    own, wanted = _described(vgg, picture)[0], _described(vgg, content)[0]
    return float(content_loss(own[CONTENT_LAYER], wanted[CONTENT_LAYER]))


def _described(vgg: VGGEncoder, picture: Tensor | Sequence[Features]) -> Sequence[Features]:
    return describe(vgg, picture) if isinstance(picture, Tensor) else picture
