"""How loud a checkpoint's noise is: python -m training.grain NAME 0.4

A generator with `noise` reads it as one more plane beside the layout. In a short training it learns
that surfaces have grain before it learns which, and draws too much of it: walls of stone. What its
first layers read of the noise can be scaled afterwards; everything else stays as it was learned.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from lab import checkpoint
from lab.card import Card, locate, read_card
from lab.cli.arguments import Parser
from lab.models.pix2pixhd import GlobalGenerator, LocalEnhancer, first_layers
from lab.pipelines.synthesis import SynthesisPipeline
from training.command import finish
from training.styles import PARTS


@torch.no_grad()
def scale_noise(generator: GlobalGenerator | LocalEnhancer, grain: float) -> None:
    """Multiplies by `grain` what is read of the noise, which are the last planes of the input."""
    noise = generator.config.noise
    for layer in first_layers(generator).values():
        layer.weight[:, layer.in_channels - noise :] *= grain


def quieten(folder: Path, grain: float) -> Card:
    """Scales the noise of a finished checkpoint. Its metrics are dropped: they were another's.

    The card says under `training.grain` how much of what was learned is left, all calls together.

    Raises:
        ValueError: no generator with noise, or a grain outside 0 to 1.
    """
    if not 0 <= grain <= 1:
        raise ValueError(f"The grain is {grain:g}; expected 0 (none) to 1 (all that was learned).")
    card = read_card(folder)
    pipeline = checkpoint.load(folder.name, device="cpu", root=folder.parent)
    if not isinstance(pipeline, SynthesisPipeline) or not pipeline.generator.config.noise:
        raise ValueError(f"{card.name} has no noise to scale; name a pix2pixHD trained with noise.")
    scale_noise(pipeline.generator, grain)
    left = round(card.training.get("grain", 1.0) * grain, 6)
    raw = {**card.raw, "training": {**card.training, "grain": left}, "metrics": {}}
    parts = {name: getattr(pipeline, PARTS[name]) for name in card.parts}
    return checkpoint.save(folder, raw, parts, {name: card.config(name) for name in card.parts})


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; exit code 2 with one sentence on bad input."""
    own = Parser(prog="training.grain", description=__doc__)
    own.add_argument("checkpoint", help="name of a checkpoint, or a folder with a card.json")
    own.add_argument("grain", type=float, help="0 none, 1 as it is")
    options = own.parse_args(arguments)

    def work() -> None:
        card = quieten(locate(options.checkpoint), options.grain)
        print(f"{card.name}: grain {card.training['grain']}, digest {card.digest}")

    return finish("training.grain", work)


if __name__ == "__main__":
    sys.exit(main())
