"""What can be asked of a transfer on the command line, beside its pictures and its method."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import get_args

import torch
from torch import Tensor

from lab import images
from lab.cli import classes
from lab.limits import LARGE
from lab.moods import MOODS, mood
from lab.pipelines.controls import Colour, Controls, OutOfRange, masks_of
from lab.pipelines.linear import Form


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    add = parser.add_argument_group("controls").add_argument
    add("--mood", choices=list(MOODS), help="in place of --style: an hour or weather")
    add(
        "--colour",
        choices=get_args(Colour),
        help="the style's; its brightness alone; or the style in the content's colours",
    )
    add("--style-scale", type=float, metavar="F", help="resize the style: 0.25 to 4 (default: 1)")
    add("--regions", type=Path, metavar="PNG", help="where each style goes: ids from 0, in order")
    add(
        "--masks",
        type=Path,
        nargs="+",
        metavar="PNG",
        help="or one grey picture per style, transparent as black",
    )
    classes.arguments(add)
    add("--softness", type=float, metavar="PX", help="blur the edges of regions by so much")
    add("--form", choices=get_args(Form), help="the matrix, or a closed form in its place")
    add("--rank", type=int, metavar="N", help="keep the N largest singular values of the matrix")
    add(
        "--photorealistic",
        action="store_true",
        default=None,
        help="keep the content's edges and surfaces; transfer only colours",
    )
    add("--radius", type=int, metavar="PX", help="of its windows (default: shorter side / 16)")
    add("--detail", type=float, metavar="F", help="0 to 1: of the content's own fine brightness")
    add("--tile", type=int, metavar="PX", help="draw in tiles (0: never; default: large pictures)")


def controls_of(options: argparse.Namespace, weights: list[float] | None) -> Controls:
    """What was asked for, over what the mood asks for.

    Raises:
        ValueError: a value outside its range, or options that exclude each other.
    """
    names = ("colour", "style_scale", "softness", "form", "rank", "photorealistic", "radius")
    asked = {name: getattr(options, name) for name in (*names, "detail", "tile")}
    asked = {name: value for name, value in asked.items() if value is not None}
    if options.mood is not None:
        asked = {**mood(options.mood).controls.recipe(), **asked}
    if options.regions is not None and options.masks is not None:
        raise ValueError("--regions and --masks were both given; choose one of them.")
    classes.check(options)
    if "softness" in asked and options.regions is None and options.content_labels is None:
        raise ValueError("--softness is for --regions or --content-labels; give them as well.")
    if options.weights is not None and options.regions is not None:
        raise ValueError("--weights has no say beside --regions; leave one of them out.")
    for name in ("radius", "detail"):
        if name in asked and not asked.get("photorealistic"):
            raise ValueError(f"--{name} is for --photorealistic; give it as well.")
    try:
        return Controls(strength=options.strength, weights=weights, **asked)
    except OutOfRange as error:
        raise ValueError(f"--{error.name.replace('_', '-')} {error.said}") from error


def styles_of(options: argparse.Namespace) -> list[Path]:
    """The files of the styles.

    Raises:
        ValueError: neither --style nor --mood, or both.
    """
    if (options.mood is None) == (not options.style):
        raise ValueError("Give --style PICTURE, once or several times, or --mood NAME.")
    return [mood(options.mood).style(options.mood)] if options.mood else list(options.style)


def read_masks(
    options: argparse.Namespace, controls: Controls, *, count: int, size: tuple[int, int]
) -> Tensor | None:
    """The masks of --regions or --masks for `count` styles and a content of (H, W); None for none.

    Raises:
        FileNotFoundError, ValueError: files that are not there or do not fit.
    """
    if options.regions is not None:
        regions = torch.from_numpy(images.open_ids(options.regions, limits=LARGE))
        try:
            return masks_of(regions, count, size=size, softness=controls.softness)
        except ValueError as error:
            raise ValueError(f"--regions {options.regions}: {error}") from error
    if options.masks is None:
        return None
    files = [images.open_mask(each, limits=LARGE) for each in options.masks]
    return masks_of(files, count, size=size)
