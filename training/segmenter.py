"""Task: the judge that reads photographs back into label maps, trained on photographs alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lab.data.crops import Sample
from lab.data.labels import IGNORE
from lab.models.segmenter import Segmenter
from lab.pipelines.segmentation import SegmentationPipeline
from training.config import SegmenterTaskConfig
from training.light import jitter
from training.loop import Losses
from training.paired import PairedTask


class SegmenterTask(PairedTask):
    """Losses and data of a judge; see `training.loop.Task`."""

    def __init__(self, config: SegmenterTaskConfig) -> None:
        super().__init__(config.data, config.stages, seed=config.seed)
        self.config = replace(config, network=replace(config.network, classes=len(self.space)))
        torch.manual_seed(config.seed)
        self.network = Segmenter(self.config.network)
        self.networks = {"segmenter": self.network}
        self.averaged = {"segmenter": self.network}

    def phases(self, batch: Sample) -> Iterator[tuple[str, Losses]]:
        """Cross-entropy of the labelled pixels, on photos in another light each time."""
        photo = jitter(batch["photo"], self.data.jitter)
        photo = photo.contiguous(memory_format=torch.channels_last)
        logits = self.networks["segmenter"](photo).float()
        loss = F.cross_entropy(logits, batch["labels"], ignore_index=IGNORE)
        yield "segmenter", {"cross_entropy": loss}

    def pipeline(self, averaged: Mapping[str, nn.Module]) -> SegmentationPipeline:
        """The pipeline that scores, around averaged networks."""
        return SegmentationPipeline(
            averaged["segmenter"], space=self.space, native_size=self.native_size
        )

    def row(self, pipeline: SegmentationPipeline, sample: Sample) -> list[Tensor]:
        """Photo, what the judge reads, the truth."""
        photo, labels = sample["photo"][None], sample["labels"][None]
        return [photo, self.space.colorize(pipeline(photo).cpu()), self.space.colorize(labels)]

    def parts(self) -> dict[str, dict]:
        """Configs of the exported parts."""
        return {"segmenter": asdict(self.config.network)}
