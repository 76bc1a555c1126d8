"""What the previews of a run have in common: rows of pictures on one sheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from lab.images import resize
from lab.pipelines.transfer import FeatureTransfer

WIDEST = 1536
FILM = "previews.jpg"
ROWS = 4  # validation pictures on a sheet of a paired task
FRAMES, FILM_COLUMNS, FRAME_WIDTH = 6, 3, 384


def sheet(rows: Sequence[Sequence[Tensor]]) -> Tensor:
    """Rows of (1, 3, H, W), all of one size → (3, h, w), at most `WIDEST` pixels wide."""
    whole = torch.cat([torch.cat(list(row), 3) for row in rows], 2)
    height, width = whole.shape[2:]
    if width > WIDEST:
        whole = resize(whole, (WIDEST, round(height * WIDEST / width)))
    return whole[0]


def film(previews: Path, *, aspect: float, columns: int = 3, drawn: int = 1) -> Image.Image | None:
    """How a network learned: the upper drawing of its previews in rows, oldest first.

    Only what the network drew is kept, since the photographs beside it are not ours to give away.

    Args:
        previews: the folder of a run's sheets. aspect: width / height of one picture, by which
            rows are found, since small data fill fewer than `ROWS`. columns, drawn: how many
            pictures a row has, and which of them is shown.
    """
    sheets = sorted(previews.glob("validation-*.png"))
    frames = []
    count = min(FRAMES, len(sheets))
    for place in range(count):  # the first and the last are always there
        with Image.open(sheets[place * (len(sheets) - 1) // max(1, count - 1)]) as shown:
            width = shown.size[0] // columns
            rows = max(1, round(shown.size[1] * aspect / width))
            height = shown.size[1] // rows
            cut = shown.convert("RGB").crop((drawn * width, 0, (drawn + 1) * width, height))
        frames.append(cut.resize((FRAME_WIDTH, round(height * FRAME_WIDTH / width))))
    if not frames:
        return None
    height = max(frame.height for frame in frames)
    rows, columns_shown = -(-len(frames) // FILM_COLUMNS), min(FILM_COLUMNS, len(frames))
    strip = Image.new("RGB", (columns_shown * FRAME_WIDTH, rows * height), "white")
    for place, frame in enumerate(frames):
        row, column = divmod(place, FILM_COLUMNS)
        strip.paste(frame, (column * FRAME_WIDTH, row * height))
    return strip


def pairs_sheet(pipeline: FeatureTransfer, contents: Dataset, styles: Dataset) -> Tensor:
    """Six pairs in two columns: content, style, result, plain reconstruction: (3, h, w)."""
    rows = []
    for index in range(6):
        content = contents[(3 * index) % len(contents)][None]
        style = styles[(5 * index) % len(styles)][None]
        results = [pipeline(content, style).cpu(), pipeline.reconstruct(content).cpu()]
        rows.append(torch.cat([content, style, *results], 3))
    columns = [torch.cat(rows[:3], 2), torch.cat(rows[3:], 2)]
    return torch.cat(columns, 3)[0]
