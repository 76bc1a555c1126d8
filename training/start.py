"""Starting a run from a checkpoint's weights instead of random ones (pix2pixHD's load_pretrain)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import nn

from lab.card import Card, find, read_card
from lab.checkpoint import CHECKPOINTS, read_part
from lab.models.pix2pixhd import LocalEnhancer


def start_from(name: str, parts: Mapping[str, nn.Module], *, root: Path = CHECKPOINTS) -> Card:
    """Copies the weights of checkpoint `name` into the parts of the same name, strictly.

    A checkpoint of G1 alone fills the G1 inside a local enhancer; its enhancers stay as they are.
    Optimizers, averages and discriminators are no part of a checkpoint and start anew.

    Raises:
        FileNotFoundError: no such checkpoint. ValueError: its networks have other shapes.
    """
    folder = find(name, root)
    card = read_card(folder)
    for part, network in parts.items():
        if part not in card.parts:
            continue
        weights = read_part(folder, card, part)
        inside = isinstance(network, LocalEnhancer) and not card.config(part).get("enhancers")
        try:
            (network.coarse if inside else network).load_state_dict(weights)
        except RuntimeError as error:
            reason = " ".join(str(error).split())[:200]
            raise ValueError(
                f"The {part} of checkpoint {name!r} does not fit this config ({reason}); "
                "give both the same widths and depths."
            ) from error
    return card
