"""All a checkpoint draws of its validation split, on one sheet: python -m training.samples NAME …

In file order and nothing left out. Drawings alone: the photographs are not ours to give away, and
what a style makes of a photograph still shows it, so networks for transfer are shown on the lab's
own example pictures, every content in every style.
"""

from __future__ import annotations

import io
import itertools
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from PIL import Image
from torch import Tensor
from tqdm import tqdm

from lab import checkpoint
from lab.card import Card, locate, read_card
from lab.catalog import JUDGES, STYLIZERS
from lab.cli.arguments import Parser, at_least
from lab.files import write_bytes
from lab.images import fit, open_picture, to_pil, to_tensor
from lab.patterns import CONTENTS, STYLES, examples
from training.command import add_device, finish
from training.evaluation.synthesis import validation

NAME = "samples.jpg"
MOST_BYTES = 400_000
SHEET = 1600  # pixels across
LARGEST = 320  # pixels across one drawing
GAP = 4
SHARES = (1, 0.9, 0.8, 0.7, 0.6, 0.5)  # of a sheet's size, where it would be too large for a file


def drawings(
    card: Card, pipeline: Any, data: Path | None, limit: int | None
) -> Iterator[Image.Image]:
    """What a synthesizer draws of every validation layout, each with the seed of its place; what a
    stylizer makes of the example pictures.

    Raises:
        ValueError: a judge, which draws nothing, or no data where the domain lies in files.
    """
    if card.method in JUDGES:
        raise ValueError(f"{card.name} is a judge and draws nothing; name another checkpoint.")
    if card.method in STYLIZERS:
        pairs = list(itertools.product(examples(CONTENTS), examples(STYLES)))
        for content, style in pairs[:limit]:
            yield _small(pipeline(*(to_tensor(open_picture(path)) for path in (content, style))))
        return
    for scene in validation(card, data, limit):
        yield _small(pipeline(scene.layout, seed=scene.index))


def _small(drawn: Tensor) -> Image.Image:
    return fit(to_pil(drawn.cpu()), LARGEST)


def sheet(shown: Sequence[Image.Image]) -> Image.Image:
    """Pictures of one size in rows, in their order, on a sheet not much higher than wide."""
    width, height = shown[0].size
    columns = max(SHEET // LARGEST, math.ceil(math.sqrt(len(shown) * height / width)))
    tile = (SHEET - GAP * (columns - 1)) // columns
    size = (tile, round(tile * height / width))
    rows = math.ceil(len(shown) / columns)
    page = Image.new("RGB", (SHEET, rows * (size[1] + GAP) - GAP), "white")
    for place, picture in enumerate(shown):
        corner = (place % columns * (tile + GAP), place // columns * (size[1] + GAP))
        page.paste(picture.resize(size, Image.Resampling.LANCZOS), corner)
    return page


def packed(page: Image.Image, most: int = MOST_BYTES) -> bytes:
    """The page as the best JPEG of at most `most` bytes; shrunk rather than smeared.

    Raises:
        ValueError: even the smallest and worst is larger.
    """
    for share in SHARES:
        smaller = page.resize([round(side * share) for side in page.size], Image.Resampling.LANCZOS)
        for quality in range(92, 50, -6):
            stored = io.BytesIO()
            smaller.save(stored, "JPEG", quality=quality, optimize=True, progressive=True)
            if stored.tell() <= most:
                return stored.getvalue()
    raise ValueError(f"The sheet is larger than {most} bytes at any quality; give a --limit.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; exit code 2 with one sentence on bad input."""
    own = Parser(prog="training.samples", description=__doc__)
    own.add_argument("checkpoint", help="name of a checkpoint, or a folder with a card.json")
    own.add_argument("--data", type=Path, help="data folder of the domain, where it lies in files")
    pictures = at_least(1, "pictures")
    own.add_argument("--limit", type=pictures, help="pictures at most, evenly apart in file order")
    size = at_least(10_000, "bytes")
    own.add_argument("--bytes", type=size, default=MOST_BYTES, help="of the sheet at most (400000)")
    add_device(own)
    options = own.parse_args(arguments)

    def work() -> None:
        folder = locate(options.checkpoint)
        card = read_card(folder)
        pipeline = checkpoint.load(folder.name, device=options.device, root=folder.parent)
        made = drawings(card, pipeline, options.data, options.limit)
        page = sheet(list(tqdm(made, desc="drawings", mininterval=5, disable=None)))
        write_bytes(folder / NAME, packed(page, options.bytes))
        print(folder / NAME)

    return finish("training.samples", work)


if __name__ == "__main__":
    sys.exit(main())
