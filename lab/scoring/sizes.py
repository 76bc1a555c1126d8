"""Quality against size: does a style reach pictures far larger than any that training saw?

The same streets of the procedural town are drawn at growing sizes, so every size has detail of its
own, and nothing was enlarged. Style distance is measured pixel for pixel: the strokes of a style
keep their size, however large the picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from lab.data.town import Town, scene
from lab.metrics.speed import timed
from lab.metrics.style import SCALES, STYLE_LAYERS, Described, style_distance
from lab.models.vgg import VGGEncoder
from lab.pipelines.controls import Controls, draw, encode_styles
from lab.pipelines.tiles import tiles
from lab.pipelines.transfer import FeatureTransfer
from lab.scoring.report import Report, Scores
from lab.scoring.style_network import StyleNetwork

SIZES = (512, 1024, 2048, 4096)
TILE = 512
MARGIN = 32  # pixels, more than a feature of relu3_1 sees to either side
STRIDES = {"relu1_1": 1, "relu2_1": 2, "relu3_1": 4}


def evaluate_sizes(
    stylizer: FeatureTransfer,
    styles: Mapping[str, Tensor],
    *,
    network: StyleNetwork,
    sizes: Sequence[int] = SIZES,
) -> Report:
    """Style distance and seconds at every size, beside those of the untouched content.

    Args:
        stylizer: the method. styles: name → (1, 3, h, w) in [0, 1], each on a street of its own.
        sizes: widths of the contents in pixels, twice their heights.
    Returns:
        A row for every size: "style_distance", that of the content, "seconds" of drawing.
    """
    scores, controls = Scores(), Controls(tile=TILE)
    streets = Town(split="test", length=max(1, len(styles)))
    wanted = {name: describe_in_tiles(network.encoder, look) for name, look in styles.items()}
    rounds = [(size, *pair) for size in sizes for pair in enumerate(styles.items())]
    for size, number, (name, look) in tqdm(rounds, desc="sizes", mininterval=5):
        content = scene(streets.scene_seed(number), (size, size // 2)).photo[None]
        content = content.to(stylizer.device)
        kept = encode_styles(stylizer, [look], controls, content=content)
        drawing = partial(draw, stylizer, content, kept, controls)
        drawn, seconds = timed(drawing, stylizer.device)
        own, untouched = (describe_in_tiles(network.encoder, each) for each in (drawn, content))
        scores.add(
            str(size),
            style_distance=style_distance(network.encoder, own, wanted[name]),
            content_style_distance=style_distance(network.encoder, untouched, wanted[name]),
            seconds=seconds,
        )
    protocol = {
        "pictures": f"{len(styles)} streets of the town's test split at every size, one style each",
        "size": "the width; heights are half of it",
        "style_distance": f"pixel for pixel, by {network.name}: {network.description}mean over "
        f"{', '.join(STYLE_LAYERS)} and the sizes 1, 1/2, 1/4 of Gram matrices' relative "
        "squared difference",
        "seconds": f"of drawing in tiles of {TILE}, the style encoded before",
    }
    return Report("Quality against size", protocol, scores.means())


@torch.inference_mode()
def describe_in_tiles(vgg: VGGEncoder, picture: Tensor, *, tile: int = TILE) -> Described:
    """`lab.metrics.style.describe` of a picture of any size, but for the features of its content.

    Args:
        vgg: to relu3_1. picture: (1, 3, H, W) in [0, 1]. tile: side, a multiple of 4.
    """
    grams = []
    for scale in SCALES:
        copy = picture if scale == 1 else F.interpolate(picture, scale_factor=scale, mode="area")
        grams.append(_grams(vgg, copy, tile))
    return Described(tuple(grams), torch.empty(0))


def _grams(vgg: VGGEncoder, picture: Tensor, tile: int) -> dict[str, Tensor]:
    """Gram matrices (1, C, C) over all tiles, each weighted by its number of places."""
    totals: dict[str, Tensor] = {}
    places = dict.fromkeys(STYLE_LAYERS, 0)
    size = (picture.shape[2], picture.shape[3])
    for each in tiles(size, side=tile, margin=MARGIN, multiple=4):
        rows, columns = each.source()
        features = vgg(picture[..., rows, columns], STYLE_LAYERS)
        for layer in STYLE_LAYERS:
            rows, columns = _core(each.inside(), STRIDES[layer], each.core, size)
            core = features[layer][0, :, rows, columns].flatten(1).float()
            totals[layer] = totals.get(layer, 0) + (core @ core.T).double()
            places[layer] += core.shape[1]
    return {layer: (total / places[layer]).float()[None] for layer, total in totals.items()}


def _core(
    inside: tuple[slice, slice],
    stride: int,
    core: tuple[tuple[int, int], tuple[int, int]],
    size: tuple[int, int],
) -> tuple[slice, slice]:
    """The core of a tile in features, to their end where the picture ends with it."""
    ends = (stop == whole for (_, stop), whole in zip(core, size, strict=True))
    rows, columns = (
        slice(part.start // stride, None if end else part.stop // stride)
        for part, end in zip(inside, ends, strict=True)
    )
    return rows, columns
