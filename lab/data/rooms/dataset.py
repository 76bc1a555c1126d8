"""`Rooms`: rooms drawn on demand, with crops and flips for training."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.ndimage import binary_dilation

from lab.data.drawn import Drawn
from lab.data.indoor import INDOOR
from lab.data.labels import IGNORE, LabelSpace
from lab.data.rooms.render import scene

_GAPPED = 0.6  # of the rooms have gaps between their objects, as those that people label
_WIDEST = 3  # rows of pixels on either side that a gap takes, of 448
_PATCHES, _OPEN = 8, 0.8  # a gap is cut into so many patches each way, and so many are left


class Rooms(Drawn):
    """Rooms as a dataset, see `lab.data.drawn.Drawn` for its settings."""

    space: ClassVar[LabelSpace] = INDOOR
    called: ClassVar[str] = "rooms"

    def draw(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Instances (H, W) and photo (3, H, W) of room `number`."""
        drawn = scene(number, self.size)
        return gapped(drawn.instances.numpy(), number), drawn.photo.numpy()


def gapped(instances: np.ndarray, number: int) -> np.ndarray:
    """The ids (H, W) of room `number` with `IGNORE` along some outlines of objects.

    People leave such gaps when they label photographs, and a generator must know what is there.
    """
    rng = np.random.default_rng((37, number))
    if rng.random() >= _GAPPED:
        return instances
    edge = np.zeros(instances.shape, bool)
    edge[:, 1:] |= instances[:, 1:] != instances[:, :-1]
    edge[1:] |= instances[1:] != instances[:-1]
    thick = max(1, round(rng.integers(1, _WIDEST + 1) * instances.shape[0] / 448))
    patches = rng.random((_PATCHES, _PATCHES)) < _OPEN
    rows, columns = (np.arange(side) * _PATCHES // side for side in instances.shape)
    left = patches[rows[:, None], columns]
    return np.where(binary_dilation(edge, iterations=thick) & left, IGNORE, instances)
