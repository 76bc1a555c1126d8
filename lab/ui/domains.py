"""What a checkpoint's card and style bank say, read without its networks and off the GPU."""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from lab.card import Card, find, read_card
from lab.catalog import DATASETS
from lab.checkpoint import build_part, read_part
from lab.data.labels import LabelSpace
from lab.lab import Lab
from lab.models.styles import StyleBank, StyleBankConfig


@dataclass(frozen=True)
class Bank:
    """A style bank as arrays: centers (K, S, F), counts (K,), sizes (K, S).

    Measured banks have spreads (K, S) and silhouettes (K,), banks with samples features (K, M, F)
    and kept (K,), banks of pictures together (P, K, n), see `lab.models.styles.StyleBank`.
    """

    centers: np.ndarray
    counts: np.ndarray
    sizes: np.ndarray
    spreads: np.ndarray | None = None
    silhouettes: np.ndarray | None = None
    features: np.ndarray | None = None
    kept: np.ndarray | None = None
    together: np.ndarray | None = None


def card_of(lab: Lab, name: str) -> Card:
    """The card of a checkpoint. Raises FileNotFoundError with the names there are."""
    return read_card(find(name, lab.checkpoints))


def domain_of(lab: Lab, name: str) -> tuple[LabelSpace, tuple[int, int]]:
    """Label space and native (width, height) of a checkpoint."""
    card = card_of(lab, name)
    return DATASETS[card.space].space, card.native_size


def bank_of(lab: Lab, name: str) -> Bank | None:
    """The style bank of a checkpoint, None where it has none."""
    card = card_of(lab, name)
    if "styles" not in card.parts:
        return None
    return _read_bank(lab.checkpoints / name, card.digest)


def style_bank(lab: Lab, name: str) -> StyleBank:
    """The style bank of a checkpoint that has one, as the network draws lots with it."""
    return _build_bank(lab.checkpoints / name, card_of(lab, name).digest)


def clusters(lab: Lab, name: str, label: int) -> int:
    """How many looks the class `label` has in a checkpoint; 0 without a style bank."""
    bank = bank_of(lab, name)
    return 0 if bank is None else int(bank.counts[label])


@functools.lru_cache(maxsize=16)
def _read_bank(folder: Path, digest: str) -> Bank:
    # `digest` is part of the key only: a checkpoint that is replaced is read again.
    tensors = read_part(folder, read_card(folder), "styles")
    return Bank(**{name: tensor.numpy() for name, tensor in tensors.items()})


@functools.lru_cache(maxsize=16)
def _build_bank(folder: Path, digest: str) -> StyleBank:  # `digest`: as above
    where = {"network": StyleBank, "config": StyleBankConfig, "device": torch.device("cpu")}
    return build_part(folder, read_card(folder), "styles", **where)
