"""Opening what the catalog names: a dataset as a stage sees it, a checkpoint that has looks."""

from __future__ import annotations

from pathlib import Path

from torch.utils.data import Dataset

from lab import checkpoint
from lab.catalog import DATASETS
from lab.data.crops import Sample
from lab.data.drawn import Drawn
from lab.data.pairs import PairedDataset
from lab.data.town import Town
from lab.pipelines.synthesis import SynthesisPipeline
from training.beside import Beside
from training.settings import PairedData, PictureStage


def require_root(data: PairedData) -> None:
    """Raises ValueError where a dataset that lies in files is not told where."""
    if data.root is None and issubclass(DATASETS[data.name], PairedDataset):
        raise ValueError(f"data.root is missing; give the folder of the dataset {data.name!r}.")


def open_dataset(
    data: PairedData,
    split: str,
    stage: PictureStage,
    *,
    seed: int = 0,
    whole: bool = False,
    places: bool = False,
    parts: bool = False,
) -> Dataset[Sample]:
    """A split at the stage's size; validation and `whole` pictures are as they are.

    Training pictures are cropped, scaled and mirrored as `data` says; `places` and
    `parts` ask for those.

    Raises:
        FileNotFoundError, ValueError: data that are not there or do not fit their settings.
    """
    drawn = issubclass(DATASETS[data.name], Drawn)
    _check(data, drawn=drawn)
    whole = whole or split != "train"
    shown = {
        "size": (stage.view or stage.size) if whole else stage.size,
        "crop": None if whole else stage.crop,
        "zoom": 1.0 if whole else data.zoom,
        "balanced": data.balanced and not whole,
        "flip": data.flip and not whole,
        "seed": seed,
        "places": places,
        "parts": parts,
    }
    many = {"length": data.length} if data.length else {}
    even = {"even": True} if data.even and split == "train" else {}
    beside = data.beside is not None and not whole
    own = {**shown, "places": places or parts, "parts": False} if beside else shown
    opened = DATASETS[data.name](data.root, split, **own, **(many if drawn else {}), **even)
    if not beside:
        return opened
    return Beside(opened, DATASETS[data.beside](None, split, **shown, **many))


def _check(data: PairedData, *, drawn: bool) -> None:
    """Refuses settings that mean nothing for this dataset; `drawn`: it draws its scenes."""
    if data.beside is not None and (drawn or not issubclass(DATASETS[data.beside], Drawn)):
        raise ValueError(
            f"data.beside is {data.beside!r} beside {data.name!r}; expected a dataset that draws "
            "its scenes beside one of photographs: correct it or leave it out."
        )
    if data.length is not None and not drawn and data.beside is None:
        raise ValueError(
            f"data.length is {data.length}, but {data.name!r} has as many pictures as its folder "
            "holds; leave it out."
        )
    if data.even and not issubclass(DATASETS[data.name], Town):
        raise ValueError(f"data.even is for the town's streets, not {data.name!r}; leave it out.")


def open_looks(folder: Path, device: str | None) -> SynthesisPipeline:
    """The checkpoint in `folder`, which must be one with looks to choose from.

    Raises:
        FileNotFoundError, ValueError: a broken checkpoint, or one of a method without looks.
    """
    pipeline = checkpoint.load(folder.name, device=device, root=folder.parent)
    if not isinstance(pipeline, SynthesisPipeline):
        raise ValueError(f"The checkpoint {folder.name!r} is of a method that has no looks.")
    return pipeline
