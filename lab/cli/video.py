"""Transfers to a video: what `transfer` does when its content is one."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

from tqdm import tqdm

from lab import images
from lab.metrics.temporal import TemporalMeter
from lab.pipelines.video import STEADY, Draw, Drawn, Steady, draw_video
from lab.videos.reading import Video, is_video, open_video

SUFFIX = ".mp4"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options that are for videos alone."""
    parser.add_argument(
        "--steady",
        choices=get_args(Steady),
        help="of a video: average the maps over time and carry what was drawn along the motion, "
        "average alone (smooth), keep them for a shot, or let every frame have its own (default: "
        f"{STEADY})",
    )
    parser.add_argument(
        "--temporal",
        action="store_true",
        help="of a video: also measure how much it flickers, for the report",
    )


def check(options: argparse.Namespace) -> bool:
    """Is a video to be drawn? Content and --out must be of one kind.

    Raises:
        ValueError: They are not, or an option is of the other kind.
        FileNotFoundError: There is no content.
    """
    content, out = options.content, options.out
    if not content.is_file():
        raise FileNotFoundError(f"There is no picture at {content}; expected a file.")
    if out.suffix.lower() == SUFFIX:
        if not is_video(content):
            if not _is_picture(content):
                open_video(content)  # says what is the matter with it
            raise ValueError(
                f"--content {content} is no readable video: --out of a picture must end in .png, "
                f"got {out}."
            )
        if options.temporal and options.report is None:
            raise ValueError("--temporal is written to the report; give --report as well.")
        return True
    if is_video(content) and not _is_picture(content):  # a moving GIF is both
        raise ValueError(f"--content {content} is a video: --out must end in {SUFFIX}, got {out}.")
    for option in ("steady", "temporal"):
        if getattr(options, option):
            raise ValueError(f"--{option} is for videos; {content} becomes a picture.")
    return False


def transfer(
    video: Video, draw: Draw, options: argparse.Namespace, *, recipe: Mapping[str, Any]
) -> dict[str, Any]:
    """Draws a video to --out with a bar on standard error.

    Returns:
        What there is to say about it: "video", "seconds" and, if asked for, "temporal".
    """
    meter = TemporalMeter() if options.temporal else None
    # disable=None: no bar where standard error is a file; leave=False: an error is one line
    with tqdm(total=video.frames, unit=" frames", leave=False, disable=None) as bar:

        def watch(drawn: Drawn) -> None:
            bar.update()
            if meter is not None:
                meter.add(drawn.frame.picture, drawn.picture, cut=drawn.cut)

        summary = draw_video(
            video,
            options.out,
            draw,
            steady=options.steady or STEADY,
            longest=options.size,
            watch=watch,
            recipe=recipe,
        )
    known = asdict(summary)
    seconds = known.pop("seconds")
    details = {
        "video": known,
        "seconds": {
            "transfer": round(seconds, 6),
            "per_frame": round(seconds / summary.frames, 6),
        },
    }
    if meter is not None:
        details["temporal"] = [asdict(error) for error in meter.errors()]
    return details


def _is_picture(path: Path) -> bool:
    try:
        images.open_picture(path)
    except ValueError:
        return False
    return True
