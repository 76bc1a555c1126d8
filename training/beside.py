"""Scenes that are drawn, shown beside the photographs of the same classes."""

from __future__ import annotations

from torch.utils.data import ConcatDataset

from lab.data.crops import Sample
from lab.data.drawn import Drawn
from lab.data.pairs import PairedDataset


class Beside(ConcatDataset[Sample]):
    """Photographs and, after them, drawn scenes, as one dataset with epochs.

    Raises:
        ValueError: their classes are not the same.
    """

    def __init__(self, photographs: PairedDataset, scenes: Drawn) -> None:
        if photographs.space.name != scenes.space.name:
            raise ValueError(
                f"data.beside draws scenes of {scenes.space.name}, but the photographs are of "
                f"{photographs.space.name}; name scenes of their classes or leave it out."
            )
        super().__init__([photographs, scenes])

    def set_epoch(self, epoch: int) -> None:
        """Chooses the windows and mirrors of this epoch, of both."""
        for dataset in self.datasets:
            dataset.set_epoch(epoch)
