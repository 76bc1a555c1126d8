"""A stylizer on photographs and paintings that no training saw, and what its decoder loses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lab.card import Card
from lab.data.photos import Photos
from lab.interfaces import Stylizer
from lab.metrics.similarity import psnr
from lab.pipelines.transfer import FeatureTransfer
from lab.scoring.features import FeatureNetwork
from lab.scoring.pairs import Pairs
from lab.scoring.report import Report
from lab.scoring.sheet import Sheet
from lab.scoring.style_network import StyleNetwork
from lab.scoring.stylizers import reconstruction, rows_of
from lab.scoring.transfer import score_transfer
from training.config import TransferConfig

SIDE = 512


class HeldOutPairs(Pairs):
    """Centre squares of the last pictures of either folder, which training leaves out.

    Args:
        contents, styles: folders of pictures. pairs: how many at most.
    """

    def __init__(self, contents: Path, styles: Path, *, pairs: int) -> None:
        last = TransferConfig.hold_out
        super().__init__(contents, styles, size=SIDE, limit=pairs, last=last)
        self.squares = {
            folder: Photos(folder, size=SIDE, crop=SIDE, centre=True) for folder in self.folders
        }

    def open(self, path: Path) -> Tensor:
        """(1, 3, 512, 512) in [0, 1]."""
        squares = self.squares[path.parent]
        return squares[squares.paths.index(path)][None]

    def protocol(self) -> dict[str, Any]:
        """Which pictures these are."""
        return {**super().protocol(), "size": f"{SIDE}x{SIDE}, centre squares, scaled to fit"}


def evaluate_transfer(
    card: Card,
    stylizer: Stylizer,
    pairs: Pairs,
    *,
    network: StyleNetwork,
    networks: Sequence[FeatureNetwork] = (),
    sheet: Sheet | None = None,
) -> Report:
    """The rows of one checkpoint, and what its encoder and decoder make of the content alone.

    The rest is `score_transfer`'s.
    """
    methods = rows_of(card, stylizer)
    if isinstance(stylizer, FeatureTransfer):
        methods.append(reconstruction(stylizer))
    device = stylizer.device
    report = score_transfer(
        pairs, methods, network=network, device=device, networks=networks, sheet=sheet
    )
    report.title = f"Style transfer: {card.name}"
    if isinstance(stylizer, FeatureTransfer):
        report.rows["reconstruction"]["psnr"] = reconstruction_psnr(stylizer, pairs)
        report.protocol["psnr"] = "dB, all pixels, of the content encoded and decoded"
    return report


def reconstruction_psnr(stylizer: FeatureTransfer, pairs: Pairs) -> float:
    """What encoder and decoder keep of the contents, in dB, mean over the pairs."""
    values = []
    for index in range(len(pairs)):
        content = pairs[index].content.to(stylizer.device)
        values.append(psnr(stylizer.reconstruct(content).clamp(0, 1), content))
    return float(torch.cat(values).mean())
