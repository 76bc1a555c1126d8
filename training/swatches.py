"""All looks of a checkpoint on one sheet: python -m training.swatches <checkpoint> --out FILE.png

A row per category, a column per cluster from the largest on; every swatch is drawn by the
generator (`lab.analysis.swatches`).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from tqdm import tqdm

from lab.analysis.swatches import swatch
from lab.card import locate, read_card
from lab.cli.arguments import Parser, require_writable
from lab.images import save_picture, to_pil, to_tensor
from lab.pipelines.synthesis import SynthesisPipeline
from training.command import add_device, finish
from training.opening import open_looks

SWATCH = (160, 120)  # width and height in pixels
MARGIN, HEAD, CAPTION, FONT = 8, 110, 20, 14
PAPER, INK = (250, 248, 244), (60, 56, 50)


def contact_sheet(pipeline: SynthesisPipeline, *, swatch_size: tuple[int, int] = SWATCH) -> Image:
    """Every cluster of every category, with the number of its training objects.

    Raises:
        ValueError: the checkpoint has no style bank, or one without clusters.
    """
    if pipeline.bank is None or not int(pipeline.bank.counts.sum()):
        raise ValueError("This checkpoint has no clusters, so there is nothing to show.")
    counts = pipeline.bank.counts.tolist()
    rows = [label for label, count in enumerate(counts) if count]
    width, height = swatch_size
    across, down = width + MARGIN, height + CAPTION + MARGIN
    size = (HEAD + max(counts) * across + MARGIN, len(rows) * down + MARGIN)
    sheet, font = Image.new("RGB", size, PAPER), ImageFont.load_default(FONT)
    pen = ImageDraw.Draw(sheet)
    for row, label in enumerate(tqdm(rows, desc="swatches", mininterval=5)):
        top = MARGIN + row * down
        pen.text((MARGIN, top), pipeline.space.names[label], INK, font)
        for cluster in range(counts[label]):
            left = HEAD + cluster * across
            sheet.paste(
                to_pil(swatch(pipeline, label, cluster, size=swatch_size).cpu()), (left, top)
            )
            said = f"look {cluster + 1} · {int(pipeline.bank.sizes[label, cluster])}"
            pen.text((left, top + height + 2), said, INK, font)
    return sheet


def draw(name: str, out: Path, device: str | None) -> None:
    """Writes the sheet of the checkpoint `name` (or its folder) to `out`.

    Raises:
        FileNotFoundError, ValueError: no such checkpoint or folder, no looks, not a PNG.
    """
    require_writable(out, "--out", (".png",))
    folder = locate(name)
    card = read_card(folder)
    pipeline = open_looks(folder, device)
    made = {"name": card.name, "digest": card.digest}
    recipe = {"kind": "swatches", "checkpoint": made}
    save_picture(out, to_tensor(contact_sheet(pipeline)), recipe)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; exit code 2 with one sentence on bad input."""
    parser = Parser(prog="training.swatches", description=__doc__)
    parser.add_argument("checkpoint", help="name of a checkpoint, or a folder with a card.json")
    parser.add_argument("--out", type=Path, required=True, metavar="PNG")
    add_device(parser)
    options = parser.parse_args(arguments)
    return finish(
        "training.swatches", lambda: draw(options.checkpoint, options.out, options.device)
    )


if __name__ == "__main__":
    sys.exit(main())
