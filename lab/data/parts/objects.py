"""The pixels of every object of a layout."""

from __future__ import annotations

import numpy as np

Pixels = tuple[np.ndarray, np.ndarray]  # rows (n,) and columns (n,)


def objects_in(here: np.ndarray, instances: np.ndarray) -> dict[int, Pixels]:
    """Every object where `here` (H, W) bool is true: id → its pixels, row by row and each row from
    left to right."""
    ys, xs = here.nonzero()
    ids = instances[ys, xs]
    order = ids.argsort(kind="stable")
    found, starts = np.unique(ids[order], return_index=True)
    parted = (np.split(at[order], starts[1:]) for at in (ys, xs))
    # Split in none gives one, of nothing.
    return dict(zip(found.tolist(), zip(*parted, strict=True), strict=False))
