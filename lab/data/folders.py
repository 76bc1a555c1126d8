"""Which files make a sample: the pix2pixHD folder layout.

A data folder holds ``<split>_label/`` (8-bit PNG, class ids), ``<split>_img/`` (photos) and, where
objects are told apart, ``<split>_inst/`` (16-bit PNG). Files belong together by their stem. Without
``val_*`` folders the validation part comes out of ``train_*``: the stems that ``splits.json`` lists
under ``"train"`` and ``"val"``, else the last tenth of the sorted stems.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from lab.data.photos import PICTURES

MAPS = (".png",)  # ids are stored without loss


class Files(NamedTuple):
    """Where one sample lies; without an instance file the label map tells the objects apart."""

    name: str
    label: Path
    photo: Path
    instances: Path | None


def paired_files(root: Path, split: str, endings: Sequence[str] = ()) -> list[Files]:
    """The files of one split of a folder in the pix2pixHD layout.

    Args:
        root: the data folder.
        split: the name before the underscore; may also be a part of ``train_*`` (see the module).
        endings: what stems lose before they are compared, e.g. ``"_leftImg8bit"``.

    Returns:
        The samples, sorted by stem.

    Raises:
        FileNotFoundError: a folder is missing.
        ValueError: a folder is empty, a file has no counterpart, or ``splits.json`` is wrong.
    """
    own = (root / f"{split}_label").is_dir()
    part = not own and (root / "train_label").is_dir() and (split == "val" or split in _table(root))
    source = "train" if part else split
    labels = _by_stem(root / f"{source}_label", MAPS, endings)
    photos = _by_stem(root / f"{source}_img", PICTURES, endings)
    has_instances = (root / f"{source}_inst").is_dir()
    objects = _by_stem(root / f"{source}_inst", MAPS, endings) if has_instances else {}
    files = match(labels, photos, objects)
    if part or (split == "train" and not (root / "val_label").is_dir()):
        chosen = _chosen([file.name for file in files], root, split)
        files = [file for file in files if file.name in chosen]
    return files


def match(
    labels: Mapping[str, Path], photos: Mapping[str, Path], objects: Mapping[str, Path]
) -> list[Files]:
    """Put together what has the same stem; `objects` may be empty.

    Raises:
        ValueError: a label map without photo or the reverse, or a map of only one kind.
    """
    for others in (photos, objects) if objects else (photos,):
        for here, there in ((labels, others), (others, labels)):
            missing = sorted(here.keys() - there.keys())
            if missing:
                lacking = next(iter(there.values())).parent.name
                raise ValueError(
                    f"{lacking} has no file for {here[missing[0]].name} ({len(missing)} missing); "
                    "label maps, photos and instance maps must have the same stems."
                )
    return [Files(name, labels[name], photos[name], objects.get(name)) for name in sorted(labels)]


def by_stem(paths: Iterable[Path], endings: Sequence[str] = ()) -> dict[str, Path]:
    """Files by their stem, less the endings; hidden ones are left out.

    Raises:
        ValueError: two files have the same stem.
    """
    found: dict[str, Path] = {}
    for path in sorted(path for path in paths if not path.name.startswith(".")):
        stem = path.stem
        for ending in endings:
            stem = stem.removesuffix(ending)
        if stem in found:
            raise ValueError(
                f"{path.parent.name} holds both {found[stem].name} and {path.name}; "
                "keep one file for each stem."
            )
        found[stem] = path
    return found


def _by_stem(folder: Path, kinds: Sequence[str], endings: Sequence[str]) -> dict[str, Path]:
    """The files of a folder that must exist and hold some."""
    if not folder.is_dir():
        raise FileNotFoundError(
            f"There is no folder {folder.name} in {folder.parent}; "
            "expected <split>_label, <split>_img and, if there are instances, <split>_inst."
        )
    found = by_stem((path for path in folder.iterdir() if path.suffix.lower() in kinds), endings)
    if not found:
        raise ValueError(f"The folder {folder} holds no files; expected {', '.join(kinds)}.")
    return found


def _table(root: Path) -> dict[str, Any]:
    """What ``splits.json`` says; empty where there is none."""
    path = root / "splits.json"
    if not path.is_file():
        return {}
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not JSON ({error}); expected lists of stems.") from None
    if not isinstance(table, dict):
        raise ValueError(f"{path} is a {type(table).__name__}; expected lists of stems by split.")
    return table


def _chosen(stems: list[str], root: Path, split: str) -> set[str]:
    """Those stems of ``train_*`` that belong to `split`."""
    table = _table(root)
    if "train" in table or "val" in table:
        chosen = set(table.get(split, ()))
        unknown = sorted(chosen - set(stems))
        if unknown:
            raise ValueError(
                f"{root / 'splits.json'} lists {unknown[0]} under '{split}', "
                "which train_label lacks; correct the list."
            )
    else:
        cut = len(stems) - max(len(stems) // 10, min(1, len(stems) - 1))
        chosen = set(stems[:cut] if split == "train" else stems[cut:])
    if not chosen:
        raise ValueError(
            f"The split '{split}' of {root} is empty; "
            f"add a folder {split}_label or list its stems in splits.json."
        )
    return chosen
