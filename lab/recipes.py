"""What a transferred picture or video says it was made of: one form for page and command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from lab import images
from lab.card import Card
from lab.pipelines.controls import Controls
from lab.pipelines.regions import NOBODY
from lab.pipelines.transfer import shares_of


def transfer_recipe(
    card: Card, styles: Sequence[str], controls: Controls, *, masks: Tensor | None = None
) -> dict[str, Any]:
    """Method, styles and all that was asked, as JSON can hold it; the content comes on top.

    Args:
        card: of the checkpoint. styles: their digests, in order.
        masks: (styles, H, W) where each region takes its own style; weights are left out where
            the masks leave no place to them.
    Raises:
        ValueError: weights that do not fit.
    """
    regions = {} if masks is None else {"regions": images.digest(images.to_bytes(masks))}
    weights = {"weights": shares_of(styles, controls.shares(len(styles)))}
    if masks is not None and float(masks.sum(0).min()) >= NOBODY:
        weights = {}
    return {
        "kind": "transfer",
        "method": card.method,
        "checkpoint": {"name": card.name, "digest": card.digest},
        "styles": list(styles),
        **weights,
        **controls.recipe(),
        **regions,
        "strength": controls.strength,
    }


def digest(picture: Tensor) -> str:
    """Of the 8-bit pixels a method is given: (1, 3, H, W) in [0, 1] -> 16 hexadecimal digits."""
    return images.digest(images.to_bytes(picture[0]))
