"""The features of a picture, window by window, so that no picture is too large."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from lab.interfaces import Progress
from lab.models.feature_maps import View
from lab.pipelines.tiles import Tile, tiles


class Windows:
    """A picture (1, 3, H, W) as an encoder sees it, in tiles; a single tile is encoded once.

    Args:
        side: of a tile, None for the whole picture. margin: how far a window reaches beyond its
            core. multiple: of what H and W are multiples. told: called after every window that was
            iterated over, as a tile or as a view; what it raises ends the iteration.
    """

    def __init__(
        self,
        encoder: nn.Module,
        picture: Tensor,
        *,
        side: int | None,
        margin: int,
        multiple: int,
        told: Callable[[], None] = lambda: None,
    ) -> None:
        self.encoder, self.picture, self.told = encoder, picture, told
        size = (picture.shape[2], picture.shape[3])
        self.tiles = list(tiles(size, side=side, margin=margin, multiple=multiple))
        self._kept: Tensor | None = None

    def __len__(self) -> int:
        return len(self.tiles)

    def __iter__(self) -> Iterator[tuple[Tile, Tensor]]:
        """Every tile with its window's features (1, C, h, w)."""
        for tile in self.tiles:
            yield tile, self.features(tile)
            self.told()

    def features(self, tile: Tile) -> Tensor:
        """(1, C, h, w) of a tile's window."""
        if self._kept is not None:
            return self._kept
        rows, columns = tile.source()
        features = encode(self.encoder, self.picture[..., rows, columns])
        if len(self.tiles) == 1:
            self._kept = features
        return features

    def views(self, weights: Tensor | None = None) -> Iterator[View]:
        """The windows as statistics are taken of them; `weights` (h, w) of all features. Where no
        place of a window counts it is left out, and not encoded."""
        stride = self.encoder.config.stride
        for tile, own in self._counting(weights):
            yield View(self.features(tile), tile.inside(stride), own)
            self.told()

    def count(self, weights: Tensor | None = None) -> int:
        """How many views there are."""
        return sum(1 for _ in self._counting(weights))

    def _counting(self, weights: Tensor | None) -> Iterator[tuple[Tile, Tensor | None]]:
        """The tiles in which any place counts, and how much each does."""
        for tile in self.tiles:
            rows, columns = tile.place(self.encoder.config.stride)
            own = None if weights is None else weights[rows, columns]
            if own is None or own.any():
                yield tile, own


class Steps:
    """Counts what is done of a number of steps, one a call, and tells a `Progress` of it."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress, self.done, self.all = progress, 0, 1

    def __call__(self) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(min(1.0, self.done / self.all))


def encode(encoder: nn.Module, picture: Tensor) -> Tensor:
    """(1, 3, H, W), sides multiples of the stride → (1, C, h, w) in float32."""
    return encoder(picture.contiguous(memory_format=torch.channels_last)).float()
