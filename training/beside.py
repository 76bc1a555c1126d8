"""Scenes that are drawn, shown beside the photographs of the same classes."""

from __future__ import annotations

import torch.nn.functional as F
from torch.utils.data import ConcatDataset

from lab.data.crops import Sample
from lab.data.drawn import Drawn
from lab.data.pairs import PairedDataset
from lab.data.parts import kinds_of


class Beside(ConcatDataset[Sample]):
    """Photographs and, after them, drawn scenes, as one dataset with epochs.

    Photographs have places alone; where scenes tell parts, nothing is told of theirs: their doors
    have their panels elsewhere than a rule puts them, and a generator that sees both would learn to
    draw none. Drawn ones are where the rule says.

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

    def __getitem__(self, index: int) -> Sample:
        """A photograph, or a scene behind them."""
        sample = super().__getitem__(index)
        photographs, scenes = self.datasets
        if scenes.parts and index % len(self) < len(photographs):
            untold = kinds_of(scenes.space).read_planes
            sample["places"] = F.pad(sample["places"], (0, 0, 0, 0, 0, untold))
        return sample

    def set_epoch(self, epoch: int) -> None:
        """Chooses the windows and mirrors of this epoch, of both."""
        for dataset in self.datasets:
            dataset.set_epoch(epoch)
