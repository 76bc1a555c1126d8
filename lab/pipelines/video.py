"""Videos in another style, held steady over time.

Every method here is one affine map for all places of a frame, so it keeps what is alike in a frame
alike, and can only flicker as its map does. The map moves because it follows the statistics of
each frame: averaged over time, or kept for a whole shot, it no longer jumps. What then is left, the
shimmer of the networks' stride, is carried away with the motion (`lab.pipelines.carrying`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor

from lab.interfaces import Progress
from lab.models.feature_maps import AffineMap, mix
from lab.pipelines.carrying import Carrier
from lab.pipelines.transfer import Settle
from lab.videos.reading import Frame, Video, read_frames
from lab.videos.writing import write_video

Steady = Literal["carried", "smooth", "frozen", "free"]
STEADY: Steady = "carried"  # where nothing else is asked for
MEMORY = 0.5  # seconds after which a frame's map counts e^-1 of what it did, when smooth
# Distance of two frames' colours, 0 to 1, from which they belong to different shots. Of pairs of
# unrelated photographs 99 in 100 are further apart; a pan by an eighth of the width, or light that
# changes by 0.02 from one frame to the next, stays below 0.2.
CUT = 0.35
SMALL = (48, 64)  # rows and columns at which colours are compared
BINS = 8  # of each colour channel

Draw = Callable[[Tensor, Settle], Tensor]
"""Draws a frame (1, 3, H, W), its maps held by the `Settle`: (1, 3, H, W) in [0, 1]."""


class HeldMaps:
    """A `Settle` that remembers the maps of the frames before.

    Args:
        steady: "smooth": the exponential moving average of the maps over time, begun anew with
            every shot, and so where frames are "carried", too; "frozen": the map of the first
            frame of its shot; "free": each frame's own, as published.
        memory: the average's time constant in seconds, whatever the frame rate.

    Raises:
        ValueError: another word.
    """

    def __init__(self, steady: Steady = STEADY, *, memory: float = MEMORY) -> None:
        if steady not in get_args(Steady):
            raise ValueError(
                f"The maps are held {steady!r}; expected one of: {', '.join(get_args(Steady))}."
            )
        self.steady, self.memory = steady, memory
        self._held: dict[tuple[int, int], AffineMap] = {}
        self._shown: Fraction | None = None
        self._fresh = 1.0

    def next_frame(self, shown: Fraction, *, cut: bool) -> None:
        """To be told before every frame: when it is shown, and whether a shot begins with it."""
        if cut:
            self._held.clear()
        passed = 0.0 if self._shown is None else max(0.0, float(shown - self._shown))
        self._shown, self._fresh = shown, 1 - math.exp(-passed / self.memory)

    def __call__(self, key: tuple[int, int], compute: Callable[[], AffineMap]) -> AffineMap:
        """The map to use for a level and region."""
        if self.steady == "free":
            return compute()
        held = self._held.get(key)
        if held is None:
            held = compute()
        elif self.steady != "frozen":
            held = mix([held, compute()], [1 - self._fresh, self._fresh])
        self._held[key] = held
        return held


class CutDetector:
    """Tells where a shot begins: the first frame, and every one whose colours are not its
    predecessor's (`color_distance` of `CUT` or more)."""

    def __init__(self) -> None:
        self._before: Tensor | None = None

    def __call__(self, picture: Tensor) -> bool:
        """Does a shot begin with this picture, (1, 3, H, W) in [0, 1]?"""
        colors, before = color_histogram(picture), self._before
        self._before = colors
        return before is None or color_distance(before, colors) >= CUT


def color_histogram(picture: Tensor) -> Tensor:
    """How much of a small copy of a picture (1, 3, H, W) has each of BINS³ colours: (BINS³,).

    A value between the centres of two bins counts for both, in proportion, so that a slow change
    of light is a slow change of the histogram. Sums to one.
    """
    small = F.interpolate(picture.float().cpu(), SMALL, mode="area")[0].flatten(1)
    position = small.clamp(0, 1) * (BINS - 1)
    lower = position.floor().clamp(max=BINS - 2).long()
    upper_share = position - lower
    histogram = torch.zeros(BINS**3)
    for corner in range(8):
        above = torch.tensor([corner >> 2 & 1, corner >> 1 & 1, corner & 1])[:, None]
        red, green, blue = lower + above
        share = torch.where(above == 1, upper_share, 1 - upper_share).prod(0)
        histogram.index_add_(0, (red * BINS + green) * BINS + blue, share)
    return histogram / small.shape[1]


def color_distance(x: Tensor, y: Tensor) -> float:
    """The share of two histograms that does not overlap: 0 for equal ones, 1 for disjoint ones."""
    return float((x - y).abs().sum() / 2)


@dataclass(frozen=True, eq=False)
class Drawn:
    """A frame, what became of it, and whether a shot begins with it."""

    frame: Frame
    picture: Tensor
    cut: bool


def draw_frames(frames: Iterable[Frame], draw: Draw, *, steady: Steady = STEADY) -> Iterator[Drawn]:
    """Draws frame by frame, each when it is asked for; see `HeldMaps` and `Carrier`."""
    maps, cuts = HeldMaps(steady), CutDetector()
    carry = Carrier() if steady == "carried" else None
    for frame in frames:
        cut = cuts(frame.picture)
        maps.next_frame(frame.time, cut=cut)
        drawn = draw(frame.picture, maps)
        if carry is not None:
            drawn = carry(frame.picture, drawn, cut=cut)
        yield Drawn(frame, drawn, cut)


@dataclass(frozen=True)
class VideoSummary:
    """What there is to say of a drawn video: `size` (width, height) of its frames, the times at
    which its `shots` begin and the `seconds` that reading, drawing and writing took, those of
    `watch` left out."""

    frames: int
    rate: float
    size: tuple[int, int]
    sound: bool
    shots: tuple[float, ...]
    seconds: float


def draw_video(
    video: Video,
    path: str | Path,
    draw: Draw,
    *,
    steady: Steady = STEADY,
    longest: int | None = None,
    progress: Progress | None = None,
    watch: Callable[[Drawn], None] | None = None,
    recipe: Mapping[str, Any] | None = None,
) -> VideoSummary:
    """Draws a video file frame by frame into an MP4 with its rate and its sound.

    Args:
        path: where; written whole, or not at all if anything is raised.
        draw: such as ``lambda picture, settle: transfer.stylize(picture, styles, weights,
            settle=settle)``, the styles encoded before, once.
        steady: see `HeldMaps`; "carried" also carries what was drawn, see `Carrier`.
        longest: shrink the frames to this longest side.
        progress: see `Progress`; called after every frame.
        watch: is shown every frame with its result.
        recipe: see `write_video`.

    Raises:
        ValueError, FileNotFoundError: as `read_frames` and `write_video`.
    """
    start, count, shots = time.perf_counter(), 0, []
    # closing: an interrupted video lets go of its file at once
    with (
        write_video(path, like=video, recipe=recipe) as writer,
        closing(read_frames(video, longest=longest)) as frames,
    ):
        for count, drawn in enumerate(draw_frames(frames, draw, steady=steady), 1):
            writer.write(Frame(drawn.picture, drawn.frame.time))
            if drawn.cut:
                shots.append(float(drawn.frame.time))
            if watch is not None:
                watching = time.perf_counter()
                watch(drawn)
                start += time.perf_counter() - watching
            if progress is not None:
                progress(min(1.0, count / video.frames) if video.frames else 0.0)
    seconds = time.perf_counter() - start
    size = video.fitted(longest)
    return VideoSummary(count, float(video.rate), size, video.sound, tuple(shots), seconds)
