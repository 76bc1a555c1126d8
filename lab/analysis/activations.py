"""What happens inside a synthesizer while it draws: inputs, layers and discriminators as maps."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lab.data.labels import LabelSpace, boundaries, one_hot
from lab.interfaces import Layout
from lab.models.discriminators import MultiscaleDiscriminator
from lab.models.pix2pixhd import GlobalGenerator, LocalEnhancer


class DrawingPipeline(Protocol):
    """What draws, as far as it is looked into: `lab.pipelines.synthesis.SynthesisPipeline`."""

    generator: GlobalGenerator | LocalEnhancer
    space: LabelSpace
    frame: int

    def drawer(self, layout: Layout) -> GlobalGenerator | LocalEnhancer: ...

    def __call__(
        self, layout: Layout, *, styles: Mapping[int, int] | None = None, seed: int | None = None
    ) -> Tensor: ...


def layers(generator: GlobalGenerator | LocalEnhancer) -> dict[str, nn.Module]:
    """The layers worth a look, in the order in which they work: name → module.

    G1 is the coarse generator, G2 and so on the enhancers around it, from small to large.
    """
    coarse = generator.coarse if isinstance(generator, LocalEnhancer) else generator
    downs, blocks = coarse.config.downsamplings, coarse.config.blocks
    named = {"G1, first convolution": coarse.body[0]}
    for i in range(downs):
        named[f"G1, halving {i + 1}"] = coarse.body[1 + i]
    for i in range(blocks):
        named[f"G1, residual block {i + 1}"] = coarse.body[1 + downs + i]
    for i in range(downs):
        named[f"G1, doubling {i + 1}"] = coarse.body[1 + downs + blocks + i]
    for i, level in enumerate(getattr(generator, "levels", ()), start=2):
        named[f"G{i}, first convolution"] = level.down[0]
        named[f"G{i}, halving"] = level.down[1]
        for block in range(len(level.up) - 1):
            named[f"G{i}, residual block {block + 1}"] = level.up[block]
        named[f"G{i}, doubling"] = level.up[-1]
    return named


@contextmanager
def recorded(module: nn.Module) -> Iterator[list[Tensor]]:
    """What `module` puts out inside the block; what other threads, other visitors, draw is not
    seen."""
    seen: list[Tensor] = []
    mine = threading.get_ident()

    def keep(_module: nn.Module, _inputs: object, output: Tensor) -> None:
        if threading.get_ident() == mine:
            seen.append(output.detach())

    handle = module.register_forward_hook(keep)
    try:
        yield seen
    finally:
        handle.remove()


def activation(
    pipeline: DrawingPipeline,
    layout: Layout,
    layer: str,
    *,
    styles: Mapping[int, int] | None = None,
    seed: int | None = None,
) -> Tensor:
    """The features of one layer while the layout is drawn.

    Args:
        layer: a name of `layers`. styles, seed: as the pipeline takes them.
    Returns:
        (C, h, w), without the frame that is drawn and cut off.
    Raises:
        KeyError: no such layer, with those there are.
        ValueError: the layer did not work, because the layout is small enough for G1 alone.
    """
    named = layers(pipeline.generator)
    if layer not in named:
        raise KeyError(f"No layer is called {layer!r}; choose one of: {', '.join(named)}.")
    with recorded(named[layer]) as seen, recorded(pipeline.drawer(layout)) as drawn:
        pipeline(layout, styles=styles, seed=seed)
    if not seen:
        raise ValueError(
            "This layout is no larger than what G1 draws alone, so the enhancer did no work; "
            "choose a layer of G1 or a larger layout."
        )
    features, picture = seen[0][0], drawn[0]
    return _inside(features, layout, frame=pipeline.frame, drawn=picture.shape[-2])


def _inside(features: Tensor, layout: Layout, *, frame: int, drawn: int) -> Tensor:
    """(C, h, w) of a layer without the frame: what lies over the layout's own pixels; `drawn` rows
    has the picture before it is cut."""
    width, height = layout.size
    scale = drawn // features.shape[-2]
    start = frame // scale
    rows, columns = (-(-side // scale) for side in (height, width))
    return features[:, start : start + rows, start : start + columns]


def inputs(pipeline: DrawingPipeline, layout: Layout) -> tuple[Tensor, Tensor]:
    """The layout as the generator sees it: one-hot planes (K, H, W) and boundaries (H, W)."""
    planes = one_hot(layout.labels, len(pipeline.space))[0]
    return planes, boundaries(layout.instances)[0, 0]


@torch.inference_mode()
def discriminator_features(
    discriminator: MultiscaleDiscriminator, layout: Layout, photo: Tensor, *, with_boundaries: bool
) -> list[list[Tensor]]:
    """What the discriminators see in a picture of this layout, finest scale first.

    Args:
        photo: (1, 3, H, W) in [0, 1]. with_boundaries: as the generator's config says.
    Returns:
        Per scale the features (C, h, w) of every layer; the last is the score, 1 for real.
    """
    device = next(discriminator.parameters()).device
    maps = [one_hot(layout.labels, len(layout.space))]
    if with_boundaries:
        maps.append(boundaries(layout.instances))
    pair = torch.cat([*(m.to(device) for m in maps), photo.to(device) * 2 - 1], 1)
    return [[features[0] for features in scale] for scale in discriminator(pair)]


def tiles(channels: Tensor, *, columns: int, tile: tuple[int, int], gap: int = 3) -> Tensor:
    """Channels side by side, each stretched from its 2nd to its 98th percentile.

    Args:
        channels: (C, h, w) of any range; a constant channel becomes 0.5 throughout.
        columns: tiles in a row. tile: (width, height) of each. gap: pixels between them.
    Returns:
        (rows · height + gaps, columns · width + gaps) in [0, 1], NaN where there is no tile.
    """
    width, height = tile
    count = len(channels)
    shown = F.interpolate(channels[None].float(), size=(height, width), mode="area")[0]
    flat = shown.reshape(count, -1)
    low, high = (torch.quantile(flat, q, dim=1).view(-1, 1, 1) for q in (0.02, 0.98))
    spread = high - low
    stretched = ((shown - low) / spread.clamp_min(1e-12)).clamp(0, 1)
    stretched = torch.where(spread > 0, stretched, torch.full_like(stretched, 0.5))
    rows = -(-count // columns)
    sheet = shown.new_full(
        (rows * (height + gap) - gap, columns * (width + gap) - gap), float("nan")
    )
    for index, one in enumerate(stretched):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        sheet[top : top + height, left : left + width] = one
    return sheet


def colored(values: Tensor, table: Tensor, *, empty: float = 1.0) -> Tensor:
    """Values as a picture, by a table of colours.

    Args:
        values: (h, w) in [0, 1] or NaN. table: (N, 3) in [0, 1], from the smallest value on.
        empty: the grey where there is no value.
    Returns:
        (3, h, w) in [0, 1].
    """
    there = values.isfinite()
    index = (values.nan_to_num() * (len(table) - 1)).round().long().clamp(0, len(table) - 1)
    picture = table.to(values)[index]
    return torch.where(there[..., None], picture, torch.full_like(picture, empty)).movedim(-1, 0)
