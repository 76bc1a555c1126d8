"""`Town`: streets drawn on demand, with crops and flips for training."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from lab.data.drawn import Drawn
from lab.data.labels import LabelSpace
from lab.data.streets import STREETS
from lab.data.town.render import looks, scene


class Town(Drawn):
    """Streets as a dataset; see `lab.data.drawn.Drawn` for all settings but one.

    Args:
        even: houses have storeys and bays, roads a line and trees leaves that follow from what
            `parts` tell (`lab.data.town.regular`).
    """

    space: ClassVar[LabelSpace] = STREETS
    called: ClassVar[str] = "town"

    def __init__(
        self,
        root: str | Path | None = None,
        split: str = "train",
        *,
        even: bool = False,
        **settings: Any,
    ) -> None:
        super().__init__(root, split, **settings)
        self.even = even

    def looks(self, index: int) -> dict[int, str]:
        """The true looks of sample `index`: instance id → one of `LOOKS` of its class.

        Raises:
            IndexError: there is no such sample.
        """
        return looks(self.scene_seed(index))

    def draw(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Instances (H, W) and photo (3, H, W) of street `number`."""
        drawn = scene(number, self.size, even=self.even)
        return drawn.instances.numpy(), drawn.photo.numpy()
