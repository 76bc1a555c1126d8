"""`Town`: streets drawn on demand, with crops and flips for training."""

from collections import OrderedDict
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch.utils.data import Dataset

from lab.data.labels import LabelSpace
from lab.data.pairs import Sample
from lab.data.streets import STREETS
from lab.data.town.render import check_size, scene

SPLITS = {"train": 0, "val": 1, "test": 2}
_SPAN = 1 << 24
_TRIES = 8


class Town(Dataset[Sample]):
    """Endless streets as a dataset of `length` scenes; nothing is read from disk.

    The splits use disjoint seeds. An item is a function of (seed, epoch, index): a new epoch shows the same
    scenes with other crops and flips.

    Args:
        root: ignored; there for the same call as the datasets on disk.
        split: "train", "val" or "test".
        size: (width, height) of the scenes.
        crop: (width, height) of a random window, or None for the whole scene.
        flip: mirrors every other sample.
        seed: first seed; datasets with the same seed hold the same scenes.
        length: number of scenes.
        memory_scenes: how many drawn scenes are kept (as bytes) for later epochs.

    Raises:
        ValueError: an unknown split, a size outside 16..4096, or a crop larger than the size.
    """

    space: ClassVar[LabelSpace] = STREETS

    def __init__(self, root: str | Path | None = None, split: str = "train", *, size: tuple[int, int] = (512, 256),
                 crop: tuple[int, int] | None = None, flip: bool = False, seed: int = 0, length: int = 2000,
                 memory_scenes: int = 512):  # fmt: skip
        if split not in SPLITS:
            raise ValueError(
                f"Unknown split '{split}' of the town; choose one of {', '.join(SPLITS)}."
            )
        check_size(size)
        if crop is not None and not (0 < crop[0] <= size[0] and 0 < crop[1] <= size[1]):
            raise ValueError(
                f"A crop must fit into its scene of {size[0]}x{size[1]}, got {crop[0]}x{crop[1]}; "
                "choose a smaller crop or a larger size."
            )
        if length < 1 or length > _SPAN:
            raise ValueError(
                f"A town holds 1 to {_SPAN} scenes, got length {length}; choose a number in that range."
            )
        self.split, self.size, self.crop, self.flip = split, size, crop, flip
        self.seed, self.length, self.memory_scenes = seed, length, memory_scenes
        self.epoch = 0
        self._memory: OrderedDict[int, tuple[torch.Tensor, torch.Tensor]] = OrderedDict()

    def __len__(self) -> int:
        return self.length

    def set_epoch(self, epoch: int) -> None:
        """Chooses the crops and flips of this epoch."""
        self.epoch = epoch

    def scene_seed(self, index: int) -> int:
        """The seed of scene `index`, for `scene` and `layout`."""
        if not 0 <= index < self.length:
            raise IndexError(f"The town holds scenes 0 to {self.length - 1}, got {index}.")
        return (self.seed * len(SPLITS) + SPLITS[self.split]) * _SPAN + index

    def __getitem__(self, index: int) -> Sample:
        seed = self.scene_seed(index)
        instances, photo = self._scene(seed)
        rng = np.random.default_rng([self.seed, self.epoch, index])
        rows, columns = self._window(rng, instances)
        instances, photo = (
            instances[rows, columns].to(torch.int64),
            photo[:, rows, columns].float() / 255,
        )
        if self.flip and rng.random() < 0.5:
            instances, photo = instances.flip(-1), photo.flip(-1)
        labels = torch.where(instances >= 1000, instances // 1000, instances)
        return Sample(
            labels=labels,
            instances=instances.contiguous(),
            photo=photo.contiguous(),
            name=f"town-{seed}",
        )

    def _scene(self, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
        if seed in self._memory:
            self._memory.move_to_end(seed)
            return self._memory[seed]
        drawn = scene(seed, self.size)
        kept = (drawn.instances.to(torch.int32), (drawn.photo * 255).round().to(torch.uint8))
        if self.memory_scenes > 0:
            self._memory[seed] = kept
            if len(self._memory) > self.memory_scenes:
                self._memory.popitem(last=False)
        return kept

    def _window(self, rng: np.random.Generator, instances: torch.Tensor) -> tuple[slice, slice]:
        """A random window that shows at least two ids if one is found in a few tries."""
        if self.crop is None:
            return slice(None), slice(None)
        width, height = self.crop
        rows, columns = slice(0, height), slice(0, width)
        for _ in range(_TRIES):
            top = int(rng.integers(self.size[1] - height + 1))
            left = int(rng.integers(self.size[0] - width + 1))
            rows, columns = slice(top, top + height), slice(left, left + width)
            window = instances[rows, columns]
            labels = torch.where(window >= 1000, window // 1000, window)
            if bool((labels != labels[0, 0]).any()):
                break
        return rows, columns
