"""How well a picture took on a style, and how much of the content it kept, by VGG-19's features.

One number without the other says little: a copy of the style picture has the best style distance,
the untouched content the best content distance. The Gram matrices are those of Gatys et al. 2016.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from lab.losses.perceptual import content_loss, gram_matrix, relative_distance
from lab.models.vgg import VGGEncoder

STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1")
CONTENT_LAYER = "relu3_1"
SCALES = (1.0, 0.5, 0.25)


@dataclass(frozen=True, eq=False)
class Described:
    """All that the distances need of a picture, so that it is looked at once.

    grams: {layer: (B, C, C)} at each of `SCALES`. content: `CONTENT_LAYER` at full size.
    """

    grams: tuple[Mapping[str, Tensor], ...]
    content: Tensor


@torch.inference_mode()
def describe(vgg: VGGEncoder, picture: Tensor) -> Described:
    """Gram matrices of `STYLE_LAYERS` at each of `SCALES`, and the features of the content.

    Args:
        picture: (B, 3, H, W) in [0, 1]; smaller copies are area averages.
    """
    grams, content = [], None
    for scale in SCALES:
        copy = picture if scale == 1 else F.interpolate(picture, scale_factor=scale, mode="area")
        features = vgg(copy, STYLE_LAYERS)
        grams.append({layer: gram_matrix(x) for layer, x in features.items()})
        content = features[CONTENT_LAYER] if content is None else content
    return Described(tuple(grams), content)


@torch.inference_mode()
def style_distance(
    vgg: VGGEncoder, picture: Tensor | Described, style: Tensor | Described
) -> float:
    """Mean over sizes and layers of ‖G(picture) - G(style)‖² / ‖G(style)‖², G divided by h·w.

    Args:
        vgg: VGG-19 to relu3_1 or deeper; with another network the number is another one.
        picture, style: (B, 3, H, W) in [0, 1], their sizes may differ; or what `describe` made.
    Returns:
        0 for the style picture itself; the mean over the batch.
    """
    own, wanted = _described(vgg, picture).grams, _described(vgg, style).grams
    terms = [
        relative_distance(here[layer], there[layer])
        for here, there in zip(own, wanted, strict=True)
        for layer in STYLE_LAYERS
    ]
    return float(torch.stack(terms).mean())


@torch.inference_mode()
def content_distance(
    vgg: VGGEncoder, picture: Tensor | Described, content: Tensor | Described
) -> float:
    """Mean squared difference of relu3_1, every channel with mean 0 and deviation 1.

    Args:
        picture, content: (B, 3, H, W) in [0, 1] of the same size; or what `describe` made.
    Returns:
        0 for the content picture itself, and about 2 for one that has nothing to do with it.
    """
    own, wanted = _described(vgg, picture), _described(vgg, content)
    return float(content_loss(own.content, wanted.content))


def _described(vgg: VGGEncoder, picture: Tensor | Described) -> Described:
    return describe(vgg, picture) if isinstance(picture, Tensor) else picture
