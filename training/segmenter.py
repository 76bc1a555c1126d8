"""Task: the judge that reads photographs back into label maps, trained on photographs alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import Dataset

from lab.data.crops import Sample
from lab.data.labels import IGNORE
from lab.losses.processes import over_processes
from lab.metrics.mobilenet import MobileNetFeatures
from lab.models.segmenter import Segmenter
from lab.pipelines.segmentation import SegmentationPipeline
from lab.scoring.report import spread
from training.config import SegmenterTaskConfig
from training.light import jitter
from training.loop import Losses
from training.paired import PairedTask
from training.windows import check_pictures

LOGITS = 2  # pixels a side for one logit, which is enlarged as often
COUNTED = 100  # pictures whose pixels are counted
HEAVIEST = 10.0  # times the weight of a class that covers its even share


class SegmenterTask(PairedTask):
    """Losses and data of a judge; see `training.loop.Task`.

    Raises:
        ValueError: windows of odd sides, whose labels are not twice as many as the logits.
    """

    def __init__(self, config: SegmenterTaskConfig) -> None:
        super().__init__(config.data, config.stages, seed=config.seed)
        check_pictures(config.stages, LOGITS)
        self.config = replace(config, network=replace(config.network, classes=len(self.space)))
        torch.manual_seed(config.seed)
        self.network = Segmenter(self.config.network)
        if config.backbone:
            trained = MobileNetFeatures.from_file(Path(config.backbone))
            self.network.encoder.begin_with(list(trained.convolutions.values()))
        self.networks = {"segmenter": self.network}
        self.averaged = {"segmenter": self.network}

    def enter(self, stage: int) -> Dataset:
        """Opens the data at the stage's size and weighs the classes by what it shows."""
        opened = super().enter(stage)
        whole = self.dataset("train", self.stage, whole=True)
        picks = spread(len(whole), COUNTED) if self.config.balance else []
        shown = [whole[index]["labels"] for index in picks]
        self.weights = class_weights(shown, len(self.space), power=self.config.balance)
        return opened

    def phases(self, batch: Sample) -> Iterator[tuple[str, Losses]]:
        """Cross-entropy of the labelled pixels, on photos in another light each time."""
        photo = jitter(batch["photo"], self.data.jitter)
        photo = photo.contiguous(memory_format=torch.channels_last)
        logits = self.networks["segmenter"](photo).float()
        weights = self.weights.to(logits)
        yield "segmenter", {"cross_entropy": labelled_loss(logits, batch["labels"], weights)}

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


def labelled_loss(logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Cross-entropy as the weighted mean over the labelled pixels; 0 where there are none, as in a
    window that shows nothing but what has no label, where PyTorch's own mean is not a number. With
    several processes it is the mean of theirs that is one over all pixels, see `over_processes`.

    Args:
        logits: (B, K, H, W). labels: (B, H, W) int64, `IGNORE` unlabelled. weights: (K,).
    """
    total = F.cross_entropy(logits, labels, weights, ignore_index=IGNORE, reduction="sum")
    known = labels != IGNORE
    share = over_processes((weights[labels.where(known, 0)] * known).sum())
    return total / share.where(share > 0, 1)


def class_weights(pictures: Iterable[Tensor], classes: int, *, power: float) -> Tensor:
    """Weights of the classes in the cross-entropy: (classes,) float32.

    A class that covers the share p of the labelled pixels weighs (p * classes)^-power, at most
    `HEAVIEST`, as does one that never occurs; power 0 weighs all alike.

    Args:
        pictures: label maps, int64 of any shape.
    """
    counts = torch.zeros(classes, dtype=torch.float64)
    for labels in pictures:
        counts += torch.bincount(labels[labels < classes], minlength=classes)
    shares = counts / counts.sum().clamp(min=1)
    return (shares * classes).pow(-power).clamp(max=HEAVIEST).float()
