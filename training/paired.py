"""What the trainings on label maps and their photographs have in common: data, sizes, previews."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn
from torch.utils.data import Dataset

from lab.catalog import DATASETS
from lab.data.crops import Sample
from lab.data.labels import LabelSpace
from lab.interfaces import Layout
from lab.scoring.report import spread
from training.epochs import Epochs
from training.opening import open_dataset, require_root
from training.previews import ROWS, sheet
from training.settings import PairedData, PictureStage


class PairedTask(ABC):
    """A `training.loop.Task` on pairs; a subclass adds its networks, losses and pipeline.

    Raises:
        ValueError: the dataset lies in files and the config does not say where.
    """

    networks: dict[str, nn.Module]
    averaged: Mapping[str, nn.Module]
    stage: PictureStage
    validation: Dataset[Sample]
    sees_places = False  # whether samples come with the places of their pixels
    sees_parts = False  # and with those of their parts

    def __init__(self, data: PairedData, stages: Sequence[PictureStage], *, seed: int) -> None:
        require_root(data)
        self.data, self.stages, self.seed = data, stages, seed
        self.space: LabelSpace = DATASETS[data.name].space

    def enter(self, stage: int) -> Dataset:
        """Opens the data at the stage's size, those of the previews too: the first of these would
        else find out, after hundreds of steps, that they are not there."""
        self.stage = self.stages[stage]
        learned = Epochs(self.dataset("train", self.stage))
        self.validation = self.dataset("val", self.stage)
        return learned

    def dataset(self, split: str, stage: PictureStage, *, whole: bool = False) -> Dataset[Sample]:
        """A split as a stage sees it; validation and `whole` pictures are not cropped."""
        told = {"places": self.sees_places, "parts": self.sees_parts}
        return open_dataset(self.data, split, stage, seed=self.seed, whole=whole, **told)

    @property
    def native_size(self) -> tuple[int, int]:
        """Size of whole pictures in the stage that was entered."""
        return self.stage.view or self.stage.size

    def preview(self, averaged: Mapping[str, nn.Module]) -> dict[str, Tensor]:
        """A sheet of validation pictures, a row each."""
        dataset, pipeline = self.validation, self.pipeline(averaged)
        samples = [dataset[index] for index in spread(len(dataset), ROWS)]
        return {"validation": sheet([self.row(pipeline, sample) for sample in samples])}

    def row(self, pipeline: Any, sample: Sample) -> list[Tensor]:
        """What the preview shows of one pair: layout, drawing, photo, each (1, 3, H, W)."""
        labels, instances = sample["labels"][None], sample["instances"][None]
        drawn = pipeline(Layout(labels, instances, self.space), seed=0).cpu()
        return [self.space.colorize(labels), drawn, sample["photo"][None]]

    @abstractmethod
    def pipeline(self, averaged: Mapping[str, nn.Module]) -> Any:
        """The pipeline users get, around averaged networks."""
