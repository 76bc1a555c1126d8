"""The floor of a domain: python -m training.palette <config> [--data DIR] [--out checkpoints].

Fits the mean colour of every class over the whole training split, at the size and on the data of a
config of pix2pixHD, which is named, and writes the checkpoint `<dataset>-palette`.
"""

from __future__ import annotations

import argparse
import dataclasses
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from lab.baselines.palette import Palette
from lab.card import Card
from lab.catalog import DATASETS
from lab.checkpoint import CHECKPOINTS, save
from lab.cli.arguments import Parser
from training.command import finish
from training.config import SynthesisConfig, read
from training.export import commit
from training.opening import open_dataset, require_root

CONFIGS = Path(__file__).resolve().parent / "configs" / "synthesis"


def fit_palette(config: SynthesisConfig, root: Path, *, command: str) -> Card:
    """Writes `root/<dataset>-palette` from the training split of a config's data.

    `command`: what the card is to say it was made by.

    Raises:
        ValueError, FileNotFoundError: data that are not there or not readable.
    """
    require_root(config.data)
    stage, space = config.stages[-1], DATASETS[config.data.name].space
    samples = open_dataset(config.data, "train", stage, seed=config.seed, whole=True)
    counted = tqdm((samples[i] for i in range(len(samples))), total=len(samples), mininterval=5)
    palette = Palette.from_samples(counted, space)
    name = config.data.name
    card = {
        "name": f"{name}-palette",
        "method": "palette",
        "title": f"{config.about.title or name} in mean colours",
        "domain": name,
        "space": space.name,
        "licence": config.about.licence,
        "native_size": list(stage.view or stage.size),
        "training": {
            "command": command,
            "data": config.about.data,
            "data_licence": config.about.data_licence,
            "pictures": len(samples),
            "commit": commit(),
        },
        "metrics": {},
        "limits": ["Every class in one colour: what a drawing must beat to have learned anything."],
    }
    return save(root / card["name"], card, {"colors": palette.part()}, {"colors": {}})


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; exit code 2 with one sentence on bad input."""
    parser = Parser(prog="training.palette", description=__doc__)
    known = sorted(path.stem for path in CONFIGS.glob("*.yaml"))
    parser.add_argument("config", help=f"a config of pix2pixHD, one of: {', '.join(known)}")
    parser.add_argument("--data", type=Path, help="its folder (default: as its config says)")
    parser.add_argument("--out", type=Path, default=CHECKPOINTS)
    options = parser.parse_args(arguments)
    return finish("training.palette", lambda: run(options))


def run(options: argparse.Namespace) -> None:
    """Counts, writes and prints."""
    config = read(CONFIGS / f"{options.config}.yaml")
    if options.data:
        data = dataclasses.replace(config.data, root=str(options.data))
        config = dataclasses.replace(config, data=data)
    command = f"python -m training.palette {options.config}"
    if options.data:
        command += f" --data {shlex.quote(str(options.data))}"
    card = fit_palette(config, options.out, command=command)
    print(f"{options.out / card.name}: {card.training['pictures']} pictures, digest {card.digest}")


if __name__ == "__main__":
    sys.exit(main())
