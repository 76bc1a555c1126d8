"""Draws a picture in the style of another, or of several mixed."""

import argparse
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lab import images
from lab.checkpoint import find, read_card
from lab.cli.arguments import require_writable, side, strength
from lab.files import write_json
from lab.interfaces import Stylizer
from lab.lab import Lab
from lab.pipelines.transfer import TransferPipeline


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("--content", required=True, type=Path, metavar="PICTURE")
    parser.add_argument(
        "--style",
        required=True,
        type=Path,
        action="append",
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
    parser.add_argument("--out", required=True, type=Path, metavar="PNG")
    parser.add_argument(
        "--report", type=Path, metavar="JSON", help="also write the matrix, sizes and times"
    )


def run(lab: Lab, options: argparse.Namespace) -> None:
    """Reads the pictures, transfers, writes the picture with its recipe and the report."""
    require_writable(options.out, "--out", [".png"])
    if options.report is not None:
        require_writable(options.report, "--report", [".json"])
    weights = check_weights(options.weights, len(options.style))
    card = read_card(find(options.method, lab.checkpoints))
    stylizer = lab.stylizer(options.method)
    content, *styles = (_open(path, options.size) for path in (options.content, *options.style))
    recipe = {
        "kind": "transfer",
        "method": card.method,
        "checkpoint": {"name": options.method, "digest": card.digest},
        "content": digest(content),
        "styles": [digest(style) for style in styles],
        "weights": weights,
        "strength": options.strength,
        "size": [content.shape[3], content.shape[2]],
    }
    content, *styles = (picture.to(lab.device) for picture in (content, *styles))
    picture, details = transfer(
        stylizer, content, styles, weights=weights, strength=options.strength
    )
    images.save_picture(options.out, picture.cpu(), recipe)
    if options.report is not None:
        sizes = {
            "content": _size(content),
            "styles": [_size(style) for style in styles],
            "picture": _size(picture),
        }
        write_json(options.report, {"recipe": recipe, "sizes": sizes, **details})


def transfer(
    stylizer: Stylizer,
    content: Tensor,
    styles: Sequence[Tensor],
    *,
    weights: Sequence[float],
    strength: float,
) -> tuple[Tensor, dict[str, Any]]:
    """One transfer and what there is to say about it: "seconds", "device" and, of a linear
    transfer, its "matrix" (k rows of k).

    Raises:
        ValueError: Several styles for a method that takes one.
    """
    if not isinstance(stylizer, TransferPipeline):
        if len(styles) > 1:
            raise ValueError("This method takes one --style; only linear transfer mixes several.")
        seconds, picture = _timed(content, lambda: stylizer(content, styles[0], strength=strength))
        return picture, {"device": str(content.device), "seconds": {"transfer": seconds}}
    encoding, encoded = _timed(content, lambda: [stylizer.encode_style(style) for style in styles])
    applying, picture = _timed(
        content, lambda: stylizer.stylize(content, encoded, weights, strength=strength)
    )
    matrix = stylizer.matrix(content, encoded, weights)[0].float().cpu()
    return picture, {
        "device": str(content.device),
        "seconds": {"encode_styles": encoding, "transfer": applying},
        "matrix": matrix.tolist(),
    }


def check_weights(weights: Sequence[float] | None, count: int) -> list[float]:
    """One weight per style, scaled to sum to 1; equal ones where none are given.

    Raises:
        ValueError: Another number of weights than styles, a negative or no positive one.
    """
    if weights is None:
        return [1 / count] * count
    if len(weights) != count:
        raise ValueError(f"--weights: {len(weights)} given for {count} styles; give one per style.")
    total = math.fsum(weights)
    if not all(math.isfinite(w) and w >= 0 for w in weights) or total <= 0:
        given = " ".join(f"{w:g}" for w in weights)
        raise ValueError(f"--weights must be 0 or more and not all 0, got {given}.")
    return [w / total for w in weights]


def digest(picture: Tensor) -> str:
    """Of the 8-bit pixels a method is given: (1, 3, H, W) in [0, 1] -> 16 hexadecimal digits."""
    return images.digest((picture[0] * 255).round().to(torch.uint8))


def _open(path: Path, longest: int | None) -> Tensor:
    picture = images.open_picture(path)
    return images.to_tensor(picture if longest is None else images.fit(picture, longest))


def _timed(content: Tensor, call: Callable[[], Any]) -> tuple[float, Any]:
    # the content stands for the device
    start = time.perf_counter()
    result = call()
    if content.is_cuda:
        torch.cuda.synchronize(content.device)
    return round(time.perf_counter() - start, 6), result


def _size(picture: Tensor) -> list[int]:
    return [picture.shape[3], picture.shape[2]]
