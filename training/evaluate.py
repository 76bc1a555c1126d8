"""Numbers for a checkpoint: python -m training.evaluate <name or folder> [--data DIR] …

A pix2pixHD is held against the validation split of its dataset, a linear transfer against pairs of
held-out pictures. The report can be printed, written as JSON and put into the checkpoint's card.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from torch.utils.data import Dataset, Subset

from lab import checkpoint
from lab.card import CARD, CHECKPOINTS, REPOSITORY, Card, find, read_card
from lab.catalog import DATASETS, STYLIZERS
from lab.data.crops import Sample
from lab.data.pairs import PairedDataset
from lab.images import save_picture
from lab.metrics.mobilenet import MobileNetFeatures
from lab.models.vgg import VGGEncoder
from training.config import TransferConfig
from training.evaluation.report import Report, contact_sheet, spread, write_card, write_json
from training.evaluation.synthesis import evaluate_synthesis
from training.evaluation.transfer import HeldOutPairs, evaluate_transfer

WEIGHTS = REPOSITORY.parent / "shared" / "data" / "vgg"
PICTURES, PAIRS = 120, 24
TRAINING_PICTURES = 64


def evaluate(folder: Path, options: argparse.Namespace) -> Report:
    """The report of the checkpoint in `folder`; `parser` says what the options are.

    Raises:
        FileNotFoundError: weights or data that are not there.
        ValueError: a broken checkpoint, or options that do not fit it.
    """
    card = read_card(folder)
    if card.method not in ("pix2pixhd", *STYLIZERS):
        raise ValueError(
            f"The checkpoint {folder.name!r} is of the method {card.method!r}; evaluated here are "
            f"pix2pixhd and {', '.join(STYLIZERS)}."
        )
    pipeline = checkpoint.load(folder.name, device=options.device, root=folder.parent)
    place = {"device": pipeline.device, "memory_format": torch.channels_last}
    if card.method == "pix2pixhd":
        network = MobileNetFeatures.from_file(options.mobilenet).to(**place)
        pictures = open_split(card, options.data, "val", options.limit or PICTURES)
        training = open_split(card, options.data, "train", TRAINING_PICTURES)
        report = evaluate_synthesis(pipeline, pictures, training, network)
        report.protocol["data"] = f"{dataset_name(card)}, validation split"
    else:
        if options.data is None:
            raise ValueError("--data is missing; give the folder of photos/ and paintings/.")
        vgg = VGGEncoder.from_file(options.vgg, last="relu3_1").to(**place)
        photos, paintings = options.data / "photos", options.data / "paintings"
        pairs = HeldOutPairs(photos, paintings, pairs=options.limit or PAIRS)
        report = evaluate_transfer(pipeline, pairs, vgg)
        last = f"the last {TransferConfig.hold_out} of each by name"
        report.protocol["data"] = f"photos and paintings, {last}"
    report.protocol["checkpoint"] = card.digest
    return report


def dataset_name(card: Card) -> str:
    """The dataset a checkpoint was trained on: its domain's, else its label space's."""
    return card.domain if card.domain in DATASETS else card.space


def open_split(card: Card, root: Path | None, split: str, count: int) -> Dataset[Sample]:
    """At most `count` samples of a split, evenly apart, at the checkpoint's native size.

    Raises:
        ValueError: `root` is None for a dataset that lies in files.
    """
    name = dataset_name(card)
    if root is None and issubclass(DATASETS[name], PairedDataset):
        raise ValueError(f"--data is missing; give the folder of the dataset {name!r}.")
    dataset = DATASETS[name](root, split, size=card.native_size)
    return Subset(dataset, spread(len(dataset), count))


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    own = argparse.ArgumentParser(prog="training.evaluate", description=__doc__)
    own.add_argument("checkpoint", help="name of a checkpoint, or a folder with a card.json")
    own.add_argument("--data", type=Path, help="data folder; photos/ and paintings/ for transfer")
    own.add_argument("--limit", type=int, help=f"pictures at most ({PICTURES}; pairs: {PAIRS})")
    own.add_argument("--out", type=Path, help="JSON file for protocol and rows")
    own.add_argument("--write-card", action="store_true", help="put them into the card, too")
    own.add_argument("--sheet", type=Path, help="PNG file for all evaluated pictures, in order")
    own.add_argument("--device", choices=("cpu", "cuda"), help="default: cuda where there is one")
    for option, name in (("mobilenet", "mobilenet_v2_1.0_224"), ("vgg", "vgg19_normalised_r31")):
        weights = WEIGHTS / f"{name}.safetensors"
        own.add_argument(f"--{option}", type=Path, default=weights, help=f"weights ({name})")
    return own


def located(text: str) -> Path:
    """The folder of a checkpoint given by its name or as a path.

    Raises:
        FileNotFoundError, ValueError: there is none.
    """
    if (Path(text) / CARD).is_file():
        return Path(text).resolve()
    return find(text, CHECKPOINTS)


def check(options: argparse.Namespace) -> None:
    """Finds before the work what would fail after it.

    Raises:
        FileNotFoundError, ValueError: a place that cannot be written, a limit, a device.
    """
    if options.limit is not None and options.limit < 2:
        raise ValueError(f"--limit is {options.limit}; expected 2 or more.")
    if options.device == "cuda" and not torch.cuda.is_available():
        raise ValueError("--device is cuda, and there is no CUDA device here; use cpu.")
    for path, suffix in ((options.out, ".json"), (options.sheet, ".png")):
        if path is not None and (path.suffix.lower() != suffix or path.is_dir()):
            raise ValueError(f"{path} cannot be written; give the name of a {suffix} file.")
        if path is not None and not path.parent.is_dir():
            raise FileNotFoundError(f"There is no folder {path.parent}; make it first.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; exit code 2 with one sentence on bad input."""
    options = parser().parse_args(arguments)
    try:
        check(options)
        folder = located(options.checkpoint)
        report = evaluate(folder, options)
        table = report.table()
        if options.out:
            write_json(options.out, table)
        if options.sheet:
            recipe = {"evaluation": table["protocol"]}
            save_picture(options.sheet, contact_sheet(report.strips), recipe)
        if options.write_card:
            write_card(folder, table)
    except (ValueError, KeyError, OSError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
        print(f"training.evaluate: {message}", file=sys.stderr)
        return 2
    print("\n".join(report.lines()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
