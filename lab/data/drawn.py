"""Scenes that are drawn on demand, as a dataset: crops, flips and splits; no files are read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from lab.data.crops import Sample, Window, draw_window, shrink, worth_learning
from lab.data.labels import LabelSpace
from lab.data.parts import told_through

MIN_SIDE, MAX_SIDE = 16, 4096
OBJECTS = 1000  # the k-th object of a class has the id class * OBJECTS + k
SPLITS = {"train": 0, "val": 1, "test": 2}
_SPAN = 1 << 24  # seeds of one split


@dataclass(frozen=True)
class Ids:
    """The ids of a scene without its photo: labels and instances, int64 (H, W)."""

    labels: Tensor
    instances: Tensor


def check_size(size: tuple[int, int]) -> None:
    """Refuses sizes (width, height) outside 16..4096.

    Raises:
        ValueError: a side is too small or too large.
    """
    width, height = size
    if not all(MIN_SIDE <= side <= MAX_SIDE for side in (width, height)):
        raise ValueError(
            f"A drawn scene is {MIN_SIDE} to {MAX_SIDE} pixels wide and high, got "
            f"{width}x{height}; choose both sides in that range."
        )


def class_ids(instances: np.ndarray) -> np.ndarray:
    """The classes of instance ids: k-th objects are class * 1000 + k, stuff is its class, and what
    has none stays `IGNORE`."""
    return np.where(instances >= OBJECTS, instances // OBJECTS, instances)


class Drawn(Dataset[Sample], ABC):
    """A dataset of `length` scenes; a subclass draws them.

    The splits use disjoint seeds. A sample is a function of (seed, epoch, index): another epoch
    shows the same scenes through other windows and mirrors.

    Args:
        root: unused; datasets that lie in files have it in this place.
        split: ``"train"``, ``"val"`` or ``"test"``.
        size: (width, height) of the scenes.
        crop: (width, height) of a random window; it shows two classes wherever one of ten draws
            does. None keeps the whole scene.
        zoom: the window is up to so many times as large, and shrunk to `crop`.
        balanced: the window is about a class of its scene, drawn from all of them alike.
        flip: mirror half of the samples, at random.
        places: samples also tell where pixels lie in their objects of the whole scene; `parts`:
            these, and where windows, wheels, drawers and the like would be.
        seed: fixes scenes, windows and mirrors.
        length: number of scenes.
        memory_scenes: how many drawn scenes are kept, as bytes (5 per pixel), for later epochs.

    Raises:
        ValueError: an unknown split, a size outside 16..4096, a crop larger than the size, an
            impossible length or seed.
    """

    space: ClassVar[LabelSpace]
    called: ClassVar[str]  # in the names of samples and in sentences

    def __init__(
        self,
        root: str | Path | None = None,
        split: str = "train",
        *,
        size: tuple[int, int] = (512, 256),
        crop: tuple[int, int] | None = None,
        zoom: float = 1.0,
        balanced: bool = False,
        flip: bool = False,
        places: bool = False,
        parts: bool = False,
        seed: int = 0,
        length: int = 2000,
        memory_scenes: int = 512,
    ) -> None:
        if split not in SPLITS:
            raise ValueError(
                f"Unknown split {split!r} of the {self.called}; choose one of {', '.join(SPLITS)}."
            )
        check_size(size)
        if crop is not None and not (0 < crop[0] <= size[0] and 0 < crop[1] <= size[1]):
            raise ValueError(
                f"A window must fit into its scene of {size[0]}x{size[1]}, got "
                f"{crop[0]}x{crop[1]}; choose a smaller crop or a larger size."
            )
        if not 1 <= length <= _SPAN:
            raise ValueError(
                f"The {self.called} has 1 to {_SPAN} scenes, got length {length}; change it."
            )
        if seed < 0:
            raise ValueError(
                f"The seed of the {self.called} is 0 or more, got {seed}; pick a natural number."
            )
        self.root, self.split, self.size, self.crop = root, split, size, crop
        self.zoom, self.balanced, self.flip = zoom, balanced, flip
        self.places, self.parts = places, parts
        self.seed, self.length, self.memory_scenes, self.epoch = seed, length, memory_scenes, 0
        self._memory: OrderedDict[int, tuple[np.ndarray, np.ndarray]] = OrderedDict()

    @abstractmethod
    def draw(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Instances (H, W) int64 and photo (3, H, W) float32 in [0, 1] of scene `number`."""

    def __len__(self) -> int:
        return self.length

    def set_epoch(self, epoch: int) -> None:
        """Chooses the windows and mirrors of this epoch."""
        self.epoch = epoch

    def scene_seed(self, index: int) -> int:
        """The number of the scene shown by sample `index`.

        Raises:
            IndexError: there is no such sample.
        """
        if not 0 <= index < self.length:
            raise IndexError(f"The {self.called} has samples 0 to {self.length - 1}, got {index}.")
        return (self.seed * len(SPLITS) + SPLITS[self.split]) * _SPAN + index

    def __getitem__(self, index: int) -> Sample:
        """Sample `index`, seen through its window of this epoch."""
        number = self.scene_seed(index)
        whole, pixels = self._drawn(number)
        rng = np.random.default_rng([self.seed, self.epoch, index])
        window = self._window(rng, whole)
        instances = torch.from_numpy(whole[window].astype(np.int64))
        photo = torch.from_numpy(pixels[(slice(None), *window)].astype(np.float32) / 255)
        if mirror := self.flip and rng.random() < 0.5:
            instances, photo = instances.flip(-1), photo.flip(-1)
        labels = torch.from_numpy(class_ids(instances.numpy()))
        name = f"{self.called}-{number}"
        sample = Sample(labels=labels, instances=instances, photo=photo, name=name)
        if self.places or self.parts:
            layout = (class_ids(whole), self.space) if self.parts else None
            sample["places"] = told_through(whole, window, mirror=mirror, layout=layout)
        return sample if self.crop is None else shrink(sample, self.crop)

    def _drawn(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Instances (H, W) uint16 and photo (3, H, W) uint8 of a scene, from memory if kept."""
        if number not in self._memory:
            instances, photo = self.draw(number)
            self._memory[number] = (
                instances.astype(np.uint16),
                (photo * 255).round().astype(np.uint8),
            )
        self._memory.move_to_end(number)
        kept = self._memory[number]
        while len(self._memory) > self.memory_scenes:
            self._memory.popitem(last=False)
        return kept

    def _window(self, rng: np.random.Generator, whole: np.ndarray) -> Window:
        """Rows and columns of a random window that shows two classes if one is found."""
        if self.crop is None:
            return slice(None), slice(None)
        accept = worth_learning(class_ids(whole), rng if self.balanced else None)
        return draw_window(self.crop, self.size, rng=rng, zoom=self.zoom, accept=accept)
