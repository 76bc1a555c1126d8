"""The layouts that are scored, each with its photograph and the digests of its files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lab.catalog import DATASETS
from lab.data.crops import Sample
from lab.data.folders import Files
from lab.data.pairs import PairedDataset
from lab.images import open_ids, open_picture
from lab.interfaces import Layout
from lab.scoring.features import file_digest
from lab.scoring.report import spread

GENERATED = 100  # scenes by default, of a dataset that could draw any number


@dataclass(frozen=True, eq=False)
class Scene:
    """One layout (1, H, W) with its photograph (1, 3, H, W); None where there is none.

    index: its place in the split, whatever part of it is scored. sources: the digests of its files,
    or for a generated scene its number and the digests of its arrays.
    """

    index: int
    name: str
    layout: Layout
    photo: Tensor | None
    sources: dict[str, Any]


class Scenes(Sequence[Scene]):
    """Part of a split of a domain, at one size; read when asked for, and not kept.

    Args:
        domain: a name of `DATASETS`.
        root: its folder in the pix2pixHD layout; not needed for a generated domain.
        split: `val`, or what else there is.
        size: (width, height) everything is resized to.
        limit: how many at most, evenly apart in file order; None takes all (generated: 100).

    Raises:
        KeyError: an unknown domain. ValueError: no root, or files that do not fit together.
        FileNotFoundError: no such folder.
    """

    def __init__(
        self,
        domain: str,
        root: Path | None,
        *,
        size: tuple[int, int],
        split: str = "val",
        limit: int | None = None,
    ) -> None:
        kind = DATASETS[domain]
        self.in_files = issubclass(kind, PairedDataset)
        if self.in_files and root is None:
            raise ValueError(
                f"--data is missing; give the folder of the dataset {domain!r} "
                f"({split}_label, {split}_img and, if there are instances, {split}_inst)."
            )
        keep = {"cache": False} if self.in_files else {"memory_scenes": 0}
        self.dataset = kind(root, split, size=size, **keep)
        self.domain, self.split, self.size, self.space = domain, split, size, kind.space
        default = len(self.dataset) if self.in_files else GENERATED
        self.positions = spread(len(self.dataset), default if limit is None else limit)
        self._files = self.dataset.files() if self.in_files else ()

    def __len__(self) -> int:
        return len(self.positions)

    def __getitem__(self, index: int) -> Scene:
        position = self.positions[index]
        sample = self._sample(position)
        layout = Layout(sample["labels"][None], sample["instances"][None], self.space)
        sources = self._from_files(position) if self.in_files else self._drawn(position, sample)
        return Scene(position, sample["name"], layout, sample["photo"][None], sources)

    def protocol(self) -> dict[str, Any]:
        """Which pictures these are."""
        if self.in_files:
            sources = "sha256 of every file's bytes"
        else:
            sources = (
                "the scene's number and the sha256 of its labels and instances (H, W) as little-"
                "endian int64 and of its picture (H, W, 3) as 8-bit RGB"
            )
        return {
            "data": f"{self.domain}, split {self.split}",
            "pictures": len(self),
            "chosen": f"{len(self)} of {len(self.dataset)}, in file order: number i is at "
            f"position ⌊i · {len(self.dataset)} / {len(self)}⌋",
            "size": f"{self.size[0]}x{self.size[1]}",
            "sources": sources,
        }

    def _sample(self, position: int) -> Sample:
        """Of a pair that cannot be read, the folder is named too: its files are called alike."""
        try:
            return self.dataset[position]
        except ValueError as error:
            if not self.in_files:
                raise
            raise ValueError(f"{self._folder_of(self._files[position])}: {error}") from error

    def _folder_of(self, files: Files) -> Path:
        """Where the file lies that cannot be read; if each can, the folder of the dataset."""
        maps = [(files.label, open_ids), (files.instances, open_ids)]
        for path, read in [*maps, (files.photo, open_picture)]:
            try:
                if path is not None:
                    read(path)
            except ValueError:
                return path.parent
        return self.dataset.root

    def _from_files(self, position: int) -> dict[str, Any]:
        files = self._files[position]
        paths = {"labels": files.label, "instances": files.instances, "photo": files.photo}
        return {
            kind: {"file": f"{path.parent.name}/{path.name}", "sha256": file_digest(path)}
            for kind, path in paths.items()
            if path is not None
        }

    def _drawn(self, position: int, sample: Sample) -> dict[str, Any]:
        arrays = {key: sample[key].numpy().astype("<i8") for key in ("labels", "instances")}
        pixels = (sample["photo"] * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
        arrays["photo"] = np.ascontiguousarray(pixels)
        digests = {key: hashlib.sha256(x.tobytes()).hexdigest() for key, x in arrays.items()}
        return {
            "scene": self.dataset.scene_seed(position),
            **{key: {"sha256": digest} for key, digest in digests.items()},
        }
