"""Pictures for style transfer: some of every folder held out, alone or in pairs, mirrored by lot.

Items are asked for by (epoch, index), so that what is drawn depends on nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from torch import Tensor
from torch.utils.data import ConcatDataset, Dataset, Subset

from lab import patterns
from lab.data.photos import Photos
from training.stylizers import AdaINConfig, PairStage, TransferConfig


def stream(*place: int) -> np.random.Generator:
    """What is drawn at a place, apart from what `Photos` draws there: else a style, or a mirror,
    would tell which part of its picture is seen."""
    return np.random.default_rng(np.random.SeedSequence(place, spawn_key=(1,)))


class Singles(Dataset):
    """Item (epoch, index): picture `index` of a dataset, (3, H, W)."""

    def __init__(self, pictures: Dataset, *, seed: int) -> None:
        self.pictures, self.seed = pictures, seed

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, place: tuple[int, int]) -> Tensor:
        epoch, index = place
        set_epoch(self.pictures, epoch)
        return mirrored(self.pictures[index], stream(self.seed, epoch, index))


class Pairs(Dataset):
    """Item (epoch, index): content `index` with a style drawn by (seed, epoch, index)."""

    def __init__(self, content: Dataset, styles: Dataset, *, seed: int) -> None:
        self.content, self.styles, self.seed = content, styles, seed

    def __len__(self) -> int:
        return len(self.content)

    def __getitem__(self, place: tuple[int, int]) -> dict[str, Tensor]:
        epoch, index = place
        for pictures in (self.content, self.styles):
            set_epoch(pictures, epoch)
        rng = stream(self.seed, epoch, index)
        style = int(rng.integers(len(self.styles)))
        return {
            "content": mirrored(self.content[index], rng),
            "style": mirrored(self.styles[style], rng),
        }


class Patterns(Photos):
    """The lab's own style patterns as a folder of pictures that nobody has to draw first.

    Every pattern with `SEEDS` seeds. The page offers those of seed 0, which is not among them.
    """

    NAME, SEEDS = "lab.patterns", 20

    def files(self) -> list[Path]:
        """Names like 07-glass: seed and pattern."""
        seeds = range(1, self.SEEDS + 1)
        return [Path(f"{seed:02d}-{name}") for seed in seeds for name in patterns.PATTERNS]

    def open(self, path: Path) -> Image.Image:
        """Draws it."""
        seed, name = path.name.split("-")
        return patterns.draw(name, seed=int(seed))


def mirrored(picture: Tensor, rng: np.random.Generator) -> Tensor:
    """The picture (…, W), or, as often, its mirror image."""
    return picture.flip(-1) if rng.random() < 0.5 else picture


def open_pictures(
    roots: Sequence[str],
    *,
    sizes: Sequence[int],
    crop: int,
    hold_out: int,
    seed: int,
    held_out: bool = False,
) -> ConcatDataset:
    """The pictures of all folders at all sizes, or those that every folder keeps apart.

    Args:
        roots: the folders; "lab.patterns" is `Patterns`, whatever folders there are.
        sizes: shorter sides in pixels. crop: side of the windows. hold_out: how many pictures at
            the end of every folder, by name, are never trained on.
        held_out: those, and not the others.
    Raises:
        FileNotFoundError: no such folder. ValueError: nothing would be held out, or nothing left.
    """

    def open_folder(root: str, size: int) -> Subset:
        opened = Patterns if root == Patterns.NAME else Photos
        photos = opened(Path(root), size=size, crop=crop, seed=seed)
        split = len(photos) - hold_out
        if not 0 < split < len(photos):
            raise ValueError(
                f"{root} has {len(photos)} pictures and hold_out is {hold_out}; "
                f"expected 1 to {len(photos) - 1} of them to be held out."
            )
        return Subset(photos, range(split, len(photos)) if held_out else range(split))

    return ConcatDataset([open_folder(root, size) for size in sizes for root in roots])


def set_epoch(dataset: Dataset, epoch: int) -> None:
    """Tells the `Photos` inside subsets and concatenations."""
    if isinstance(dataset, Subset):
        set_epoch(dataset.dataset, epoch)
    elif isinstance(dataset, ConcatDataset):
        for part in dataset.datasets:
            set_epoch(part, epoch)
    else:
        dataset.set_epoch(epoch)


def open_pairs(
    config: AdaINConfig | TransferConfig, stage: PairStage, *, held_out: bool = False
) -> tuple[Dataset, Dataset]:
    """Contents and styles of a run at a stage's size.

    Raises:
        FileNotFoundError, ValueError: as `open_pictures`; no folders named.
    """
    if not config.content or not config.styles:
        raise ValueError("content and styles must name folders of pictures.")
    contents, styles = (
        open_pictures(
            roots,
            sizes=[stage.size],
            crop=stage.crop,
            hold_out=config.hold_out,
            seed=config.seed,
            held_out=held_out,
        )
        for roots in ([config.content], config.styles)
    )
    return contents, styles
