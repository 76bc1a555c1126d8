"""Who is scored on pairs of pictures: the stylizers, and the checkpoints they come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lab import checkpoint
from lab.baselines.gatys import Gatys
from lab.baselines.wct import WCT
from lab.card import CARD, Card, find, read_card, remedy
from lab.catalog import STYLIZERS
from lab.interfaces import Stylizer
from lab.pipelines.transfer import FeatureTransfer, Settle


@dataclass(frozen=True)
class TransferMethod:
    """A row: `draw(content, read(style))` → (1, 3, H, W) in [0, 1], as large as the content.

    draw: those that keep a style also take a `strength`, 1 unless it is given.
    read: a style picture (1, 3, h, w) → what the method keeps of it; None where it keeps nothing,
    and `draw` is given the picture. digest: of its checkpoint. draw_frame: like `draw`, of a video
    whose maps are held by a `Settle`; None for what draws no videos.
    """

    row: str
    draw: Callable[..., Tensor]
    description: str
    read: Callable[[Tensor], Any] | None = None
    digest: str = ""
    draw_frame: Callable[[Tensor, Any, Settle], Tensor] | None = None

    def __call__(self, content: Tensor, style: Tensor) -> Tensor:
        """One drawing from nothing."""
        return self.draw(content, style if self.read is None else self.read(style))


def load_stylizers(
    names: Sequence[str] | None, root: Path, device: torch.device, *, steps: int | None = None
) -> tuple[list[TransferMethod], dict[str, str]]:
    """The methods to score: those named, else all that are installed.

    Args:
        names: of `STYLIZERS`. steps: of gatys, in place of its own.
    Returns:
        The rows in their usual order, and for each method that was not named and has no checkpoint
        a sentence.
    Raises:
        FileNotFoundError: no checkpoint of a named method, or none at all; with the command that
            makes it.
        ValueError: an unknown name, or a damaged checkpoint.
    """
    for name in names or ():
        if name not in STYLIZERS:
            known = ", ".join(STYLIZERS)
            raise ValueError(f"No stylizer is called {name!r}; known are: {known}.")
    found, left_out = [], {}
    for name in STYLIZERS:
        if names is not None and name not in names:
            continue
        if names is None and not (Path(root) / name / CARD).is_file():
            left_out[name] = f"no checkpoint {name}{remedy(name)}"
            continue
        card = read_card(find(name, root, among=STYLIZERS))
        if card.method != name:
            raise ValueError(f"The checkpoint {name!r} is of the method {card.method!r}.")
        found += rows_of(card, checkpoint.load(name, device=device, root=root), steps=steps)
    if not found:
        raise FileNotFoundError(f"No stylizer in {root}{remedy(next(iter(left_out)), 'make one')}")
    return found, left_out


def rows_of(card: Card, stylizer: Stylizer, *, steps: int | None = None) -> list[TransferMethod]:
    """The rows of one checkpoint: WCT has a second one, its deepest level alone."""
    if isinstance(stylizer, Gatys):
        steps = stylizer.steps if steps is None else steps
        words = f"L-BFGS on the pixels, {steps} evaluations at each size"
        draw = partial(stylizer, steps=steps)
        return [TransferMethod(card.method, draw, words, digest=card.digest)]
    if not isinstance(stylizer, FeatureTransfer):
        return [TransferMethod(card.method, stylizer, "", digest=card.digest)]
    words = {
        "linear": "the learned matrix between a VGG-shaped encoder and its decoder",
        "linear-fast": "the learned matrix between a small encoder and decoder",
        "adain": "mean and deviation of every channel",
        "wct": "mean and covariance in closed form, level by level",
    }
    rows = [feature_row(card.method, stylizer, words.get(card.method, ""), card.digest)]
    if isinstance(stylizer, WCT) and len(stylizer.levels) > 1:
        deepest = WCT(stylizer.levels[:1], native_size=stylizer.native_size)
        name = f"{card.method}-{deepest.levels[0].encoder.config.last}"
        words = "mean and covariance in closed form, the deepest level alone"
        rows.append(feature_row(name, deepest, words, card.digest))
    return rows


def feature_row(row: str, pipeline: FeatureTransfer, words: str, digest: str) -> TransferMethod:
    """A method that keeps statistics of a style."""
    return TransferMethod(
        row,
        lambda content, look, strength=1.0: pipeline.stylize(
            content, [look], [1.0], strength=strength
        ),
        words,
        pipeline.encode_style,
        digest,
        lambda frame, look, settle: pipeline.stylize(frame, [look], [1.0], settle=settle),
    )


def reconstruction(pipeline: FeatureTransfer) -> TransferMethod:
    """What encoder and decoder lose by themselves: no style at all."""
    words = "encoded and decoded, nothing in between"
    return TransferMethod("reconstruction", lambda content, _: pipeline.reconstruct(content), words)
