"""Label map + instance map + photo, read, resized, cropped and mirrored together."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset

from lab.data.crops import Sample, Window, draw_window, shrink, worth_learning
from lab.data.folders import Files, paired_files
from lab.data.labels import IGNORE, LabelSpace
from lab.data.parts import told_through
from lab.data.photos import CACHE_BYTES, Cache, photo_tensor
from lab.images import open_ids, open_picture, resize_ids


class PairedDataset(Dataset[Sample]):
    """Layouts with their photos; the base of every dataset that lies in files.

    A dataset is a subclass with its class table `space`, the classes that trade places in a mirror
    (`mirror`), the endings that its stems lose before they are matched (`endings`) and, where its
    folders are of another kind, its own `files`.

    Args:
        root: the data folder.
        split: ``"train"``, ``"val"``, or whatever the folders are called.
        size: (width, height) to which all three are resized; photos antialiased, ids by nearest
            neighbour. None keeps the files' size.
        crop: (width, height) of a random window, the same in all three; it shows two classes
            wherever one of ten draws does. None keeps the whole sample.
        zoom: the window is up to so many times as large, and shrunk to `crop`: objects come in
            other sizes, and none is ever enlarged.
        balanced: the window is about a class of its picture, drawn from all of them alike.
        flip: mirror half of the samples, at random.
        places: samples also tell where pixels lie in their objects of the whole picture;
            `parts`: these, and where windows, wheels, drawers and the like would be.
        seed: fixes windows and mirrors, together with the epoch (`set_epoch`) and the index.
        cache: keep decoded and resized samples in memory.

    Raises:
        FileNotFoundError: a folder is missing.
        ValueError: no files, files without counterpart; when a sample is read: unreadable files,
            unknown ids, three different sizes, a window that does not fit.
    """

    space: ClassVar[LabelSpace]
    mirror: ClassVar[Mapping[int, int]] = {}
    endings: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        root: str | Path,
        split: str = "train",
        *,
        size: tuple[int, int] | None = None,
        crop: tuple[int, int] | None = None,
        zoom: float = 1.0,
        balanced: bool = False,
        flip: bool = False,
        places: bool = False,
        parts: bool = False,
        seed: int = 0,
        cache: bool = True,
    ) -> None:
        self.root, self.split = Path(root), split
        self.size = None if size is None else (int(size[0]), int(size[1]))
        self.crop = None if crop is None else (int(crop[0]), int(crop[1]))
        self.zoom, self.balanced, self.flip, self.places = zoom, balanced, flip, places
        self.parts = parts
        self.seed, self.epoch = seed, 0
        if self.size and self.crop:
            _check_window(self.crop, self.size, "the samples")
        self._cache = Cache(CACHE_BYTES if cache else 0)
        self._files = self.files()

    def files(self) -> list[Files]:
        """The files of this split, sorted by stem."""
        return paired_files(self.root, self.split, self.endings)

    def set_epoch(self, epoch: int) -> None:
        """Draw other windows and mirrors: each epoch has its own, the same in every run."""
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: int) -> Sample:
        index = range(len(self))[index]  # counts from the end, and raises IndexError, like a list
        files = self._files[index]
        labels, instances, photo = self._cache.get(index, lambda: self._decode(files))
        rng = np.random.default_rng((self.seed, self.epoch, index))
        whole, window = (labels, instances), (slice(None), slice(None))
        if self.crop is not None:
            window = self._window(labels, files.name, rng)
            labels, instances, photo = labels[window], instances[window], photo[window]
        if mirror := self.flip and rng.random() < 0.5:
            labels, instances = self._mirrored(labels), self._mirrored(instances)
            photo = photo[:, ::-1]
        sample = Sample(
            labels=torch.from_numpy(labels.astype(np.int64)),
            instances=torch.from_numpy(instances.astype(np.int64)),
            photo=photo_tensor(photo),
            name=files.name,
        )
        if self.places or self.parts:
            layout = (whole[0], self.space) if self.parts else None
            sample["places"] = told_through(whole[1], window, mirror=mirror, layout=layout)
        return sample if self.crop is None else shrink(sample, self.crop)

    def _decode(self, files: Files) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Labels (H, W) uint8, instances (H, W) and photo (H, W, 3) uint8, resized."""
        labels, picture = open_ids(files.label), open_picture(files.photo)
        instances = labels if files.instances is None else open_ids(files.instances)
        _check_sizes(files, labels, instances, picture.size)
        try:
            labels = self.space.read(torch.from_numpy(labels)).numpy()
        except ValueError as error:
            raise ValueError(f"{files.label.name}: {error}") from None
        instances = _apart(instances, labels == IGNORE)
        if self.size is not None:
            both = torch.from_numpy(np.stack((labels, instances)))
            labels, instances = resize_ids(both, self.size).numpy()
            picture = picture.resize(self.size, Image.Resampling.LANCZOS)
        compact = np.uint16 if instances.max() < 1 << 16 else np.int64
        return labels.astype(np.uint8), instances.astype(compact), np.asarray(picture)

    def _window(self, labels: np.ndarray, name: str, rng: np.random.Generator) -> Window:
        """Rows and columns of a random window, with two classes where ten draws find one."""
        assert self.crop is not None
        size = labels.shape[1], labels.shape[0]
        _check_window(self.crop, size, name)
        accept = worth_learning(labels, rng if self.balanced else None)
        return draw_window(self.crop, size, rng=rng, zoom=self.zoom, accept=accept)

    def _mirrored(self, ids: np.ndarray) -> np.ndarray:
        """(H, W) ids seen in a mirror: as stuff (class id) and as objects (class * 1000 + k)."""
        ids = ids[:, ::-1]
        swapped = ids.copy()
        for source, target in self.mirror.items():
            swapped[ids == source] = target
            if ids.dtype != np.uint8:  # label maps are uint8 and hold no objects
                objects = (ids >= 1000) & (ids // 1000 == source)
                swapped[objects] = target * 1000 + ids[objects] % 1000
        return swapped


def _apart(instances: np.ndarray, void: np.ndarray) -> np.ndarray:
    """The ids (H, W) with `IGNORE` where nothing is labelled, and nowhere else.

    An object that has this id gets one that no other has, or it would be one with all of that.
    """
    taken = (instances == IGNORE) & ~void
    if taken.any():
        instances = np.where(taken, instances.max() + 1, instances)
    return np.where(void, IGNORE, instances)


def _check_sizes(
    files: Files, labels: np.ndarray, instances: np.ndarray, photo: tuple[int, int]
) -> None:
    expected = labels.shape[::-1]
    for path, size in ((files.photo, photo), (files.instances, instances.shape[::-1])):
        if path is not None and tuple(size) != expected:
            raise ValueError(
                f"{files.label.name} in {files.label.parent.name} is {_times(expected)} but "
                f"{path.name} in {path.parent.name} is {_times(size)}; "
                "label map, instance map and photo must have the same size."
            )


def _check_window(crop: tuple[int, int], size: tuple[int, int], name: str) -> None:
    if min(crop) < 1 or crop[0] > size[0] or crop[1] > size[1]:
        raise ValueError(
            f"A window of {_times(crop)} does not fit {name} of {_times(size)}; "
            "make crop at least 1x1 and at most the size."
        )


def _times(size: Sequence[int]) -> str:
    """A (width, height) as people write it."""
    return f"{size[0]}x{size[1]}"
