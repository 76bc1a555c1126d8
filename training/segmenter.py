"""Task: the judge that reads photographs back into label maps, trained on photographs alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import Dataset

from lab.catalog import DATASETS
from lab.data.crops import Sample
from lab.data.labels import IGNORE, LabelSpace
from lab.models.segmenter import Segmenter
from lab.pipelines.segmentation import SegmentationPipeline
from training.config import SegmenterTaskConfig, SynthesisStage
from training.epochs import Epochs
from training.evaluation.report import spread
from training.light import jitter
from training.loop import Losses
from training.opening import open_dataset, require_root
from training.previews import sheet

SHOWN = 4


class SegmenterTask:
    """Losses and data of a judge; see `training.loop.Task`."""

    def __init__(self, config: SegmenterTaskConfig) -> None:
        require_root(config.data)
        self.space: LabelSpace = DATASETS[config.data.name].space
        self.config = replace(config, network=replace(config.network, classes=len(self.space)))
        self.stages = config.stages
        torch.manual_seed(config.seed)
        self.network = Segmenter(self.config.network)
        self.networks: dict[str, nn.Module] = {"segmenter": self.network}
        self.averaged = {"segmenter": self.network}

    def enter(self, stage: int) -> Dataset:
        """Opens the data at the stage's size."""
        self.stage = self.stages[stage]
        return Epochs(self.dataset("train", self.stage))

    def dataset(self, split: str, stage: SynthesisStage) -> Dataset[Sample]:
        """A split as a stage sees it; only training pictures are cropped."""
        return open_dataset(self.config.data, split, stage, seed=self.config.seed)

    def phases(self, batch: Sample) -> Iterator[tuple[str, Losses]]:
        """Cross-entropy of the labelled pixels, on photos in another light each time."""
        photo = jitter(batch["photo"], self.config.data.jitter)
        photo = photo.contiguous(memory_format=torch.channels_last)
        logits = self.networks["segmenter"](photo).float()
        loss = F.cross_entropy(logits, batch["labels"], ignore_index=IGNORE)
        yield "segmenter", {"cross_entropy": loss}

    def pipeline(self, averaged: Mapping[str, nn.Module]) -> SegmentationPipeline:
        """The pipeline that scores, around averaged networks."""
        return SegmentationPipeline(
            averaged["segmenter"], space=self.space, native_size=self.native_size
        )

    @property
    def native_size(self) -> tuple[int, int]:
        """Size of whole pictures in the stage that was entered."""
        return self.stage.view or self.stage.size

    def preview(self, averaged: Mapping[str, nn.Module]) -> dict[str, Tensor]:
        """A sheet of validation pictures: photo, what the judge reads, the truth."""
        dataset, pipeline, rows = self.dataset("val", self.stage), self.pipeline(averaged), []
        for index in spread(len(dataset), SHOWN):
            sample = dataset[index]
            photo, labels = sample["photo"][None], sample["labels"][None]
            said = self.space.colorize(pipeline(photo).cpu())
            rows.append([photo, said, self.space.colorize(labels)])
        return {"validation": sheet(rows)}

    def parts(self) -> dict[str, dict]:
        """Configs of the exported parts."""
        return {"segmenter": asdict(self.config.network)}
