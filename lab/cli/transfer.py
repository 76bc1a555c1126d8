"""Draws a picture or a video in the style of another picture, or of several mixed."""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from lab import images
from lab.analysis.transfer import dissect, to_npz
from lab.card import Card
from lab.catalog import STYLIZERS
from lab.checkpoint import find, read_card
from lab.cli import classes, controls, video
from lab.cli.arguments import require_writable, side, strength
from lab.cli.controls import controls_of, read_masks, styles_of
from lab.cutouts import Cutout, open_cutout, open_style
from lab.files import write_bytes, write_json
from lab.interfaces import Stylizer, part_of
from lab.lab import Lab
from lab.limits import LARGE, check_size
from lab.pipelines.controls import Controls, draw, encode_styles, reading_share, with_form
from lab.pipelines.linear import LinearTransfer
from lab.pipelines.transfer import FeatureTransfer, shares_of
from lab.pipelines.video import STEADY
from lab.recipes import transfer_recipe
from lab.videos.reading import file_digest, open_video, read_frames


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("--content", required=True, type=Path, metavar="PICTURE", help="or a video")
    parser.add_argument(
        "--style",
        type=Path,
        action="append",
        default=[],
        metavar="PICTURE",
        help="give it again for each further style",
    )
    parser.add_argument(
        "--weights", type=float, nargs="+", metavar="W", help="one per style (default: equal)"
    )
    parser.add_argument("--method", default="linear-fast", metavar="NAME", help="a checkpoint")
    parser.add_argument(
        "--strength", type=strength, default=1.0, help="0 (content) to 1 (default: 1)"
    )
    parser.add_argument(
        "--size",
        type=side,
        metavar="N",
        help="shrink pictures to this longest side (default: as they are)",
    )
    parser.add_argument(
        "--out", required=True, type=Path, metavar="PNG", help="or .mp4 where content is a video"
    )
    parser.add_argument(
        "--report", type=Path, metavar="JSON", help="also write the matrix, sizes and times"
    )
    parser.add_argument(
        "--matrices", type=Path, metavar="NPZ", help="also write all matrices and covariances"
    )
    controls.arguments(parser)
    video.arguments(parser)


def run(lab: Lab, options: argparse.Namespace) -> None:
    """Reads, transfers, writes the picture or video with its recipe, and the report."""
    inputs = [options.content, *options.style, options.regions, *(options.masks or ())]
    inputs += [options.content_labels, options.style_labels]
    places = {"out": [".png", video.SUFFIX], "report": [".json"], "matrices": [".npz"]}
    for option, suffixes in places.items():
        if getattr(options, option) is not None:
            require_writable(getattr(options, option), f"--{option}", suffixes, inputs=inputs)
    paths = styles_of(options)
    weights = check_weights(options.weights, len(paths))
    wanted = controls_of(options, weights)
    card = read_card(find(options.method, lab.checkpoints, among=STYLIZERS))
    moving = video.check(options)
    stylizer = with_form(lab.stylizer(options.method), wanted)
    cutouts = [open_style(path, longest=options.size) for path in paths]
    asked = Asked(wanted, card, cutouts, options)
    styles = [style.picture.to(lab.device) for style in cutouts]
    report = (_draw_video if moving else _draw_picture)(stylizer, styles, asked)
    if options.report is not None:
        write_json(options.report, report)


@dataclass(frozen=True)
class Asked:
    """What the command line asks of a transfer."""

    controls: Controls
    card: Card
    styles: Sequence[Cutout]
    options: argparse.Namespace

    @property
    def counting(self) -> list[Tensor | None]:
        """How much each pixel of each style counts: as much as it shows."""
        return [style.mask for style in self.styles]

    def plan(self, size: tuple[int, int]) -> Plan:
        """What is drawn where in a content of (H, W).

        Raises:
            FileNotFoundError, ValueError: regions, masks or label maps that do not fit.
        """
        controls, digests = self.controls, [style.digest for style in self.styles]
        if self.options.content_labels is None:
            masks = read_masks(self.options, controls, count=len(digests), size=size)
            recipe = transfer_recipe(self.card, digests, controls, masks=masks)
            return Plan(controls, masks, self.counting, recipe)
        found = classes.read(self.options, self.styles[0], size=size, softness=controls.softness)
        recipe = transfer_recipe(self.card, digests, controls, masks=found.masks)
        # What is told of the mix is of the whole style, which is read last.
        whole = [0.0] * (len(found.counting) - 1) + [1.0]
        weighed = replace(controls, weights=whole)
        return Plan(weighed, found.masks, found.counting, {**recipe, **found.recipe})


@dataclass(frozen=True, eq=False)
class Plan:
    """What is drawn where: one mask for each reading of a style, and what counts in it.

    Attributes:
        masks: (readings, H, W); None mixes them everywhere. counting: see `encode_styles`.
        recipe: but for the content.
    """

    controls: Controls
    masks: Tensor | None
    counting: list[Tensor | None]
    recipe: dict[str, Any]

    def readings(self, styles: Sequence[Tensor]) -> list[Tensor]:
        """The picture of each reading: the one style of them all, or each its own."""
        return list(styles) * len(self.counting) if len(styles) == 1 else list(styles)


def _draw_picture(stylizer: Stylizer, styles: Sequence[Tensor], asked: Asked) -> dict[str, Any]:
    """Writes --out; returns the report."""
    options, device = asked.options, styles[0].device
    if options.tile and not isinstance(stylizer, FeatureTransfer):
        raise ValueError(
            f"--tile: {options.method} draws a picture as a whole; leave it out, or choose another "
            "--method."
        )
    cutout = open_cutout(options.content, longest=options.size, limits=LARGE)
    content = cutout.picture
    if not isinstance(stylizer, FeatureTransfer):  # which looks at all of it at once
        check_size((content.shape[3], content.shape[2]), options.content.name)
    plan = asked.plan((content.shape[2], content.shape[3]))
    recipe = {**plan.recipe, "content": cutout.digest, "size": _size(content)}
    sizes = {"content": _size(content), "styles": [_size(style) for style in styles]}
    how = {"told": options.report is not None, "matrices": options.matrices}
    how |= {"masks": plan.masks, "counting": plan.counting}
    readings = plan.readings(styles)
    picture, details = transfer(stylizer, content.to(device), readings, plan.controls, **how)
    images.save_picture(options.out, picture, recipe, alpha=cutout.alpha)
    return {"recipe": recipe, "sizes": {**sizes, "picture": _size(picture)}, **details}


def _draw_video(stylizer: Stylizer, styles: Sequence[Tensor], asked: Asked) -> dict[str, Any]:
    """Writes --out; returns the report."""
    options = asked.options
    if not isinstance(stylizer, FeatureTransfer):
        raise ValueError(
            f"{options.method} is optimised for every picture anew and draws no videos; choose "
            "another --method."
        )
    for name in ("matrices", "content_labels"):
        if getattr(options, name) is not None:
            option = f"--{name.replace('_', '-')}"
            raise ValueError(f"{option} is for pictures; {options.content} is a video.")
    content = open_video(options.content)
    width, height = content.fitted(options.size)
    plan = asked.plan((height, width))
    recipe = {
        **plan.recipe,
        "content": file_digest(options.content),
        "size": [width, height],
        "steady": options.steady or STEADY,
    }
    # Of a video, styles take the colours of its first frame where they take any.
    with closing(read_frames(content, longest=options.size)) as frames:
        first = next(frames).picture.to(stylizer.device)
    how = {"content": first, "masks": asked.counting}
    reading = partial(encode_styles, stylizer, styles, asked.controls, **how)
    encoding, encoded = _timed(first, reading)
    details = video.transfer(
        content,
        lambda frame, settle: draw(
            stylizer,
            frame.to(stylizer.device),
            encoded,
            asked.controls,
            masks=plan.masks,
            settle=settle,
        ),
        options,
        recipe=recipe,
    )
    details["seconds"]["encode_styles"] = encoding
    sizes = {
        "content": list(content.size),
        "styles": [_size(style) for style in styles],
        "picture": recipe["size"],
    }
    return {"recipe": recipe, "sizes": sizes, "device": str(stylizer.device), **details}


def transfer(
    stylizer: Stylizer,
    content: Tensor,
    styles: Sequence[Tensor],
    controls: Controls,
    *,
    masks: Tensor | None = None,
    counting: Sequence[Tensor | None] | None = None,
    told: bool = True,
    matrices: Path | None = None,
) -> tuple[Tensor, dict[str, Any]]:
    """One transfer, with a bar on standard error, and what there is to say about it: "seconds",
    "device" and, of a linear transfer, its "matrix" (k rows of k).

    Args:
        stylizer: with the matrix that the controls ask for. told: whether the matrix is wanted.
        masks: where each style goes. counting: how much each pixel of each style counts.
        matrices: where to write what `lab.analysis.transfer` finds, as NPZ.
    Raises:
        ValueError: controls, masks or matrices that the method does not have.
    """
    if matrices is not None and not isinstance(stylizer, FeatureTransfer):
        raise ValueError("--matrices is for methods that map features; choose another --method.")
    split = reading_share(styles, controls, content=content)
    with tqdm(total=100, unit=" %", leave=False, disable=None, delay=2) as bar:
        read, drawn = (
            part_of(lambda share: bar.update(int(100 * share) - bar.n), *span)
            for span in ((0.0, split), (split, 1.0))
        )
        how = {"content": content, "masks": counting, "progress": read}
        reading = partial(encode_styles, stylizer, styles, controls, **how)
        encoding, encoded = _timed(content, reading)
        how = {"masks": masks, "progress": drawn}
        drawing = partial(draw, stylizer, content, encoded, controls, **how)
        applying, picture = _timed(content, drawing)
    details: dict[str, Any] = {"device": str(content.device), "seconds": {"transfer": applying}}
    if not isinstance(stylizer, FeatureTransfer):
        return picture, details
    details["seconds"]["encode_styles"] = encoding
    weights, tile = controls.shares(len(styles)), controls.tile_for(content)
    if told and isinstance(stylizer, LinearTransfer):
        matrix = stylizer.matrix(content, encoded, weights, tile=tile)
        details["matrix"] = matrix.float().tolist()
    if matrices is not None:
        described, result = (stylizer.describe(each, tile=tile) for each in (content, picture))
        looks, shares = [style.levels[0] for style in encoded], shares_of(encoded, weights)
        how = {"drawn": result, "strength": controls.strength}
        found = dissect(stylizer.levels[0].mapper, described, looks, shares, **how)
        write_bytes(matrices, to_npz(found))
        details["covariance_errors"] = found.errors
    return picture, details


def check_weights(weights: Sequence[float] | None, count: int) -> list[float]:
    """One weight per style, scaled to sum to 1; equal ones where none are given.

    Raises:
        ValueError: Another number of weights than styles, a negative or no positive one, or a sum
            that no float holds.
    """
    if weights is None:
        return [1 / count] * count
    if len(weights) != count:
        raise ValueError(f"--weights: {len(weights)} given for {count} styles; give one per style.")
    given = " ".join(f"{w:g}" for w in weights)
    if not all(math.isfinite(w) and w >= 0 for w in weights) or not any(weights):
        raise ValueError(f"--weights must be 0 or more and not all 0, got {given}.")
    try:
        total = math.fsum(weights)
    except OverflowError:
        raise ValueError(f"--weights are too large to be added up; divide {given} alike.") from None
    return [w / total for w in weights]


def _timed(content: Tensor, call: Callable[[], Any]) -> tuple[float, Any]:
    # the content stands for the device
    start = time.perf_counter()
    result = call()
    if content.is_cuda:
        torch.cuda.synchronize(content.device)
    return round(time.perf_counter() - start, 6), result


def _size(picture: Tensor) -> list[int]:
    return [picture.shape[3], picture.shape[2]]
