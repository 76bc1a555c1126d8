"""Stylizers on videos: how much what they draw flickers, above the video's own floor."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from lab.data.photos import Photos
from lab.metrics.temporal import APART, TemporalError, TemporalMeter
from lab.pipelines.video import STEADY, Steady, draw_frames
from lab.scoring.features import file_digest
from lab.scoring.pairs import open_listed, take_turns, videos_in
from lab.scoring.report import BAR, Report, Scores, short
from lab.scoring.sheet import Line, Sheet
from lab.scoring.stylizers import TransferMethod
from lab.videos.reading import Video, open_video, read_frames

CONTENT, STYLE = "content", "style"


@dataclass(frozen=True, eq=False)
class Clip:
    """A video and a style (1, 3, h, w) in [0, 1]; its frames are read when they are drawn."""

    video: Video
    style: Tensor
    names: tuple[str, str]
    sources: dict[str, Any]


class Clips(Sequence[Clip]):
    """The videos of a folder with the pictures of another; there may be none.

    Args:
        contents, styles: folders. size: longest side of frames and styles at most, in pixels.
        limit: how many at most, as of pairs of pictures.
    """

    def __init__(
        self, contents: Path, styles: Path, *, size: int, limit: int | None = None
    ) -> None:
        self.size, self.videos = size, videos_in(contents)
        self.styles = Photos(styles).paths if self.videos else []
        self.chosen = take_turns(len(self.videos), len(self.styles), limit)

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, index: int) -> Clip:
        video, style = self.chosen[index]
        paths = {CONTENT: self.videos[video], STYLE: self.styles[style]}
        sources = {
            kind: {"file": f"{path.parent.name}/{path.name}", "sha256": file_digest(path)}
            for kind, path in paths.items()
        }
        names = paths[CONTENT].name, paths[STYLE].stem
        return Clip(
            open_video(paths[CONTENT]), open_listed(paths[STYLE], self.size), names, sources
        )


@dataclass(frozen=True, eq=False)
class Flicker:
    """What a method made of a video: its temporal errors and one frame from the middle, as it was
    and as it was drawn, (1, 3, H, W) each."""

    errors: list[TemporalError]
    frame: Tensor
    picture: Tensor
    shots: int
    frames: int


def score_clips(
    clips: Clips,
    methods: Sequence[TransferMethod],
    *,
    device: torch.device,
    steady: Steady = STEADY,
    sheet: Sheet | None = None,
) -> Report:
    """The temporal errors of methods on videos; those of the videos themselves are row `content`.

    Args:
        methods: those that draw no videos are left out, and the report says so.
        steady: how videos are held steady, see `lab.pipelines.video.HeldMaps`.
        sheet: where a frame of every video is shown; the caller finishes it.

    Raises:
        ValueError: a file that cannot be read, or a package for videos that is not installed.
    """
    moving = [method for method in methods if method.draw_frame is not None]
    scores, entries = Scores(), []
    with tqdm(total=len(clips) * len(moving), desc="videos", **BAR) as bar:
        for clip in clips:
            found = {}
            for method in moving:
                bar.set_postfix_str(method.row, refresh=False)
                found[method.row] = flicker(method, clip, clips.size, device, steady=steady)
                bar.update()
            numbers = _numbers(found)
            for row, columns in numbers.items():
                scores.add(row, **columns)
            entries.append(_entry(clip, found, numbers))
            if sheet is not None and found:
                sheet.add(_line(clip, found, numbers, columns=[method.row for method in methods]))
    facts = {
        "videos": f"{len(clips)} of {len(clips.videos) * len(clips.styles)} pairs of a video and a "
        f"style, chosen like those of pictures; longest side {clips.size} at most",
        "temporal_error": f"of frames {' and '.join(map(str, APART))} apart in one shot: mean "
        "squared difference of a drawing and the earlier one moved along the input's optical flow "
        "(DIS), where that can be trusted; content: the input's own, the floor. Held steady: "
        f"{steady}" + (", moved along that same flow" if steady == "carried" else ""),
    }
    still = [method.row for method in methods if method.draw_frame is None]
    if still:
        facts["draw_no_videos"] = ", ".join(still)
    means, spreads = scores.means(), scores.spreads()
    rows = {row: {**columns, **spreads[row]} for row, columns in means.items()}
    return Report("Style transfer", facts, rows, videos=entries)


def flicker(
    method: TransferMethod, clip: Clip, size: int, device: torch.device, *, steady: Steady
) -> Flicker:
    """Draws a video frame by frame, its style read once; keeps none but the middle frame."""
    look, meter = method.read(clip.style.to(device)), TemporalMeter()
    middle, shots, count = (clip.video.frames or 1) // 2, 0, 0

    def draw(frame: Tensor, settle: Any) -> Tensor:
        return method.draw_frame(frame.to(device), look, settle)

    with closing(read_frames(clip.video, longest=size)) as frames:
        for count, drawn in enumerate(draw_frames(frames, draw, steady=steady), 1):
            meter.add(drawn.frame.picture, drawn.picture, cut=drawn.cut)
            shots += drawn.cut
            if count <= middle + 1:
                shown = drawn
    return Flicker(meter.errors(), shown.frame.picture, shown.picture.cpu(), shots, count)


def _numbers(found: dict[str, Flicker]) -> dict[str, dict[str, float]]:
    """Row → column → value; the floor is the same whoever drew."""
    numbers = {CONTENT: {}, **{row: {} for row in found}}
    for row, own in found.items():
        for error in own.errors:
            column = f"temporal_error_{error.apart}"
            numbers[CONTENT][column] = error.floor
            numbers[row][column] = error.result
    return numbers


def _entry(
    clip: Clip, found: dict[str, Flicker], numbers: dict[str, dict[str, float]]
) -> dict[str, Any]:
    """A video, as the result lists it."""
    any_of = next(iter(found.values()), None)
    facts = {"name": _name(clip), "size": list(clip.video.size), "rate": float(clip.video.rate)}
    if any_of is not None:
        trusted = {error.apart: short(error.trusted) for error in any_of.errors}
        facts |= {"frames": any_of.frames, "shots": any_of.shots, "trusted": trusted}
    rows = {row: {key: short(v) for key, v in x.items()} for row, x in numbers.items()}
    return {**facts, "sources": clip.sources, "rows": rows}


def _line(
    clip: Clip,
    found: dict[str, Flicker],
    numbers: dict[str, dict[str, float]],
    *,
    columns: Sequence[str],
) -> Line:
    """A video's middle frame, as the sheet shows it; white where a method draws no videos."""
    frame = next(iter(found.values())).frame
    blank = torch.ones_like(frame)
    drawn = {row: found[row].picture if row in found else blank for row in columns}
    said = "temporal error of frames " + " and ".join(f"{apart} apart" for apart in APART)
    return Line(f"{_name(clip)}: {said}", {CONTENT: frame, STYLE: clip.style, **drawn}, numbers)


def _name(clip: Clip) -> str:
    return f"{clip.names[0]} in the style of {clip.names[1]}"
