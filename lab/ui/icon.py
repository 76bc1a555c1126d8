"""The page's icon: a street, half label map, half photograph, drawn by the town generator."""

from __future__ import annotations

from pathlib import Path

import torch
from PIL import Image, ImageDraw

from lab.data.streets import STREETS

ICON = Path(__file__).parent.parent / "assets" / "icon.png"
STREET, SIDE, DRAWN = 3, 128, 512  # the street's number; pixels a side, shown and drawn
LEAN, MIDDLE, LINE = 0.35, 335, 7  # the cut: x + LEAN · y = MIDDLE, LINE pixels to both sides
CORNER = 110


def draw() -> Image.Image:
    """The icon as an RGBA picture of 128x128."""
    from lab.data import town  # only here: the page itself needs the finished file alone

    street = town.scene(STREET, (DRAWN, DRAWN))
    rows, columns = torch.meshgrid(torch.arange(DRAWN), torch.arange(DRAWN), indexing="ij")
    place = columns + LEAN * rows - MIDDLE
    picture = torch.where(place < 0, STREETS.colorize(street.labels[None])[0], street.photo)
    picture = torch.where(place.abs() < LINE, torch.ones(()), picture)
    pixels = (picture.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
    icon, mask = Image.fromarray(pixels), Image.new("L", (DRAWN, DRAWN), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, DRAWN - 1, DRAWN - 1), CORNER, fill=255)
    icon.putalpha(mask)
    return icon.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def write(path: Path = ICON) -> None:
    """Draws the icon again."""
    draw().save(path, optimize=True)
