"""Checks every pair of a source and writes it in the pix2pixHD layout, all of it or nothing."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from lab.catalog import DATASETS
from lab.images import open_picture, resize_ids
from training.prepare.objects import LARGEST, PER_CLASS, components
from training.prepare.report import Report, Tally, report
from training.prepare.source import Frame, Pair, Source

Size = tuple[int, int]
RECORD = "prepared.json"
JPEG = {"quality": 95, "subsampling": 0}  # of photos that were JPEG and had to be resized


def prepare(
    source: Source,
    out: Path | None,
    *,
    where: str = "",
    size: Size | None = None,
    workers: int = 1,
) -> Report:
    """Reads and checks every pair and, given `out`, writes the data set there.

    Files go into a hidden folder beside `out`, which takes its name at the very end: `out` is
    never half a data set. Photos are copied byte for byte unless they have to be resized.

    Args:
        out: a folder that does not exist yet, or is empty; None only checks.
        where: what the record says the data came from.
        size: (width, height) of all pairs; None keeps the label maps' own.
        workers: threads that convert.

    Raises:
        ValueError: `out` holds something, or a pair is not what its owner describes: unreadable,
            sizes that do not fit, ids that no class has.
    """
    if out is None:
        return report(source, where, _space(source), _converted(source, None, size, workers))
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ValueError(f"{out} exists already; name a new folder, or remove it first.")
    out.parent.mkdir(parents=True, exist_ok=True)
    scratch = out.parent / f".{out.name}.{uuid.uuid4().hex}.part"
    try:
        scratch.mkdir()
        tally = _converted(source, scratch, size, workers)
        _verify(source, scratch)
        result = report(source, where, _space(source), tally)
        text = json.dumps(result.json(), indent=1, ensure_ascii=False)
        (scratch / RECORD).write_text(text + "\n", encoding="utf-8")
        os.replace(scratch, out)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return result


def convert(frame: Frame, source: Source, folder: Path | None, size: Size | None) -> Tally:
    """One pair: read, checked, written into `folder` if there is one, and counted.

    Raises:
        ValueError: as `prepare`, with the stem of the pair.
    """
    pair = frame.read()
    try:
        labels, instances, photo = _checked(pair, source, size)
    except ValueError as error:
        raise ValueError(f"{frame.split}/{frame.name}: {error}") from None
    if folder is not None:
        name = f"{frame.name}.png"
        _save_ids(folder / f"{frame.split}_label" / name, labels.astype(np.uint8))
        if instances is not None:
            _save_ids(folder / f"{frame.split}_inst" / name, instances.astype(np.uint16))
        _save_photo(folder / f"{frame.split}_img" / frame.name, pair.photo, photo)
    tally = _counted(labels, instances, source)
    tally.problems += [f"{frame.split}/{frame.name}: {remark}" for remark in pair.remarks]
    return tally


def _converted(source: Source, folder: Path | None, size: Size | None, workers: int) -> Tally:
    """All pairs, in their order; the first that is not right ends it."""
    if not source.frames:
        raise ValueError(f"The {source.form} hold no pairs; check --source.")
    if folder is not None:
        kinds = ("label", "img") + (("inst",) if _has_instances(source) else ())
        for split in source.names():
            for kind in kinds:
                (folder / f"{split}_{kind}").mkdir()
    classes = len(_space(source))
    total = Tally(np.zeros(classes + 1, dtype=np.int64), np.zeros(classes, dtype=np.int64))
    for tally in _in_threads(source, folder, size, workers):
        total.add(tally)
    return total


def _in_threads(
    source: Source, folder: Path | None, size: Size | None, workers: int
) -> Iterator[Tally]:
    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(convert, frame, source, folder, size) for frame in source.frames]
        try:
            for future in tqdm(futures, desc=source.dataset, unit="pair", mininterval=2):
                yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _checked(
    pair: Pair, source: Source, size: Size | None
) -> tuple[np.ndarray, np.ndarray | None, Image.Image]:
    """Labels, instances and photo at their final size, known to fit the dataset."""
    photo = pair.photo if isinstance(pair.photo, Image.Image) else open_picture(pair.photo)
    height, width = pair.labels.shape
    wanted = width * source.photo_scale, height * source.photo_scale
    if photo.size != wanted:
        raise ValueError(
            f"The label map is {width}x{height} and the photo {photo.size[0]}x{photo.size[1]}; "
            f"expected a photo of {wanted[0]}x{wanted[1]}."
        )
    _space(source).read(torch.from_numpy(pair.labels))  # or it says which ids are none of it
    instances = pair.instances
    if instances is None and source.things:
        instances = components(pair.labels, source.things)
    if instances is not None and not 0 <= instances.min() <= instances.max() <= LARGEST:
        raise ValueError(
            f"Instance ids go from {instances.min()} to {instances.max()}; expected 0 to {LARGEST}."
        )
    labels, target = pair.labels, size or (width, height)
    if target != (width, height):
        labels = _resized(labels, target)
        instances = None if instances is None else _resized(instances, target)
    if photo.size != target:
        photo = photo.resize(target, Image.Resampling.LANCZOS)
    return labels, instances, photo


def _resized(ids: np.ndarray, size: Size) -> np.ndarray:
    return resize_ids(torch.from_numpy(ids.astype(np.int64))[None], size)[0].numpy()


def _save_ids(path: Path, ids: np.ndarray) -> None:
    Image.fromarray(ids).save(path)


def _save_photo(stem: Path, original: Path | Image.Image, photo: Image.Image) -> None:
    """The original file where it has the right size already, else its format anew."""
    suffix = original.suffix.lower() if isinstance(original, Path) else ".png"
    if isinstance(original, Path):
        with Image.open(original) as header:
            if header.size == photo.size:
                shutil.copyfile(original, stem.with_name(stem.name + suffix))
                return
    if suffix in (".jpg", ".jpeg"):
        photo.save(stem.with_name(f"{stem.name}.jpg"), **JPEG)
    else:
        photo.save(stem.with_name(f"{stem.name}.png"))


def _counted(labels: np.ndarray, instances: np.ndarray | None, source: Source) -> Tally:
    """Pixels of each class and of none, objects of each class."""
    classes = len(_space(source))
    place = np.where(labels < classes, labels, classes).astype(np.int64)
    pixels = np.bincount(place.reshape(-1), minlength=classes + 1)
    objects = np.zeros(classes + 1, dtype=np.int64)
    if instances is not None:
        ids, first = np.unique(instances, return_index=True)
        np.add.at(objects, place.reshape(-1)[first[ids >= PER_CLASS]], 1)
    return Tally(pixels, objects[:classes], {labels.shape[::-1]})


def _has_instances(source: Source) -> bool:
    return bool(source.things) or source.frames[0].read().instances is not None


def _verify(source: Source, folder: Path) -> None:
    """Reads what was written the way trainings will: every split complete, its ends readable."""
    for split, stems in source.names().items():
        for written in folder.glob(f"{split}_*"):
            count = len(list(written.iterdir()))
            if count != len(stems):
                raise ValueError(
                    f"{written.name} has {count} files for {len(stems)} pairs; two frames share "
                    "a name or the disk is full."
                )
        dataset = DATASETS[source.dataset](folder, split, cache=False)
        for index in {0, len(dataset) - 1}:
            dataset[index]


def _space(source: Source):
    return DATASETS[source.dataset].space
