"""Frames into an MP4 that plays everywhere, with the sound of the file they came from."""

from __future__ import annotations

import json
import math
import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lab import images
from lab.files import destination
from lab.videos.reading import EXACT, Frame, Video, heard, opened, origin, pyav

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet

COPIED = ("aac", "mp3", "ac3", "eac3", "alac", "opus")  # sound that players accept in an MP4
# Of x264: 18 is hard to tell from the frames. Macroblock trees make files 2 % smaller, but in its
# assembler they depend on what happens to lie in memory: the same frames gave other bytes.
QUALITY = {"crf": "18", "preset": "fast", "x264-params": "mbtree=0"}
CLOCK = 90_000  # ticks a second at least, in which times are written,
TICKS = 2**30  # unless a frame lasted longer than this: MP4 counts them in 31 bits
BT709, LIMITED = 1, 1  # colour space, primaries, transfer and range as ITU-T H.273 numbers them


@contextmanager
def write_video(
    path: str | Path, *, like: Video, recipe: Mapping[str, Any] | None = None
) -> Iterator[VideoWriter]:
    """An MP4 (H.264, yuv420p) with the rate and the sound of `like`; whole or not at all.

    Sound in one of `COPIED` goes over unchanged, any other becomes AAC, mono or stereo.

    Args:
        path: where; ends in ``.mp4``, in a folder that exists.
        recipe: what JSON can say; stored in the file's comment (`read_video_recipe`).

    Raises:
        ValueError: another extension, or no frame was written.
        FileNotFoundError: the folder does not exist.
    """
    path = destination(path, "Videos", ".mp4")
    partial = path.with_name(f".{uuid.uuid4().hex}.part")  # of a name as long as any may be
    try:
        with ExitStack() as stack:
            source = stack.enter_context(opened(like.path)) if like.sound else None
            target = stack.enter_context(_created(partial))
            if recipe is not None:
                known = {images.RECIPE: dict(recipe)}
                target.metadata["comment"] = json.dumps(known, sort_keys=True, allow_nan=False)
            writer = VideoWriter(target, like, source)
            yield writer
            writer.finish()
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


class VideoWriter:
    """Puts frames into a file; `write_video` makes it."""

    def __init__(self, target: OutputContainer, like: Video, source: InputContainer | None) -> None:
        rate = like.rate
        self._target, self._like = target, like
        self._stream = target.add_stream("libx264", rate=rate, options=QUALITY)
        self._sound = None if source is None else _Sound(source, target)
        # A multiple of the rate, so that frames which come evenly do so to the tick.
        ticks = math.ceil(min(CLOCK, TICKS * rate) / rate.numerator)
        self._clock = Fraction(1, rate.numerator * ticks)
        self._last: int | None = None

    def write(self, frame: Frame) -> None:
        """Appends a frame; all are as large as the first.

        H.264 in yuv420p has even sides only: an odd one grows by one, its last row or column
        repeated.
        """
        pixels = np.asarray(images.to_pil(frame.picture))
        height, width = pixels.shape[:2]
        pixels = np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        coded = pyav().VideoFrame.from_ndarray(pixels, format="rgb24")
        coded = coded.reformat(
            format="yuv420p",
            dst_colorspace="itu709",
            dst_color_range=LIMITED,
            interpolation=EXACT,
        )
        ticks = round(frame.time / self._clock)
        if self._last is None:
            self._start(coded.width, coded.height)
        else:  # encoder and players want each later than the one before
            ticks = max(ticks, self._last + 1)
        self._last = ticks
        coded.pts, coded.time_base = ticks, self._clock
        coded.duration = round(1 / (self._like.rate * self._clock))
        if self._sound is not None:
            self._sound.write_until(frame.time)
        self._target.mux(self._stream.encode(coded))

    def finish(self) -> None:
        """Writes what is still on its way, and the rest of the sound."""
        if self._last is None:
            raise ValueError("A video needs at least one frame; none was written.")
        self._target.mux(self._stream.encode(None))
        if self._sound is not None:
            self._sound.write_until(None)

    def _start(self, width: int, height: int) -> None:
        context = self._stream.codec_context
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.time_base = self._clock
        context.sample_aspect_ratio = self._like.pixel_aspect
        context.colorspace = context.color_primaries = context.color_trc = BT709
        context.color_range = LIMITED


class _Sound:
    """The sound of one file on its way into another, as far as the pictures have come."""

    def __init__(self, source: InputContainer, target: OutputContainer) -> None:
        self._source, self._target = source, target
        self._heard, self._origin = heard(source), origin(source)
        known = self._heard.codec_context
        if known.codec.canonical_name in COPIED:
            self._stream = target.add_stream_from_template(self._heard)
            self._packets = self._copies()
        else:
            rates = pyav().codec.Codec("aac", "w").audio_rates
            rate = known.sample_rate if known.sample_rate in rates else 48_000
            self._stream = target.add_stream("aac", rate=rate)
            self._stream.layout = "mono" if known.layout.nb_channels == 1 else "stereo"
            self._packets = self._encoded()
        self._next = None

    def write_until(self, time: Fraction | None) -> None:
        """Writes what is heard up to `time`; None: all there is."""
        while True:
            self._next = self._next or self._read()
            if self._next is None:
                return
            if time is not None and self._next.dts * self._next.time_base > time:
                return
            self._target.mux(self._next)
            self._next = None

    def _read(self) -> Packet | None:
        try:
            return next(self._packets, None)
        except pyav().FFmpegError as error:
            name = Path(self._source.name).name
            raise ValueError(f"The sound of {name} is damaged ({error.strerror}).") from None

    def _copies(self) -> Iterator[Packet]:
        for packet in self._source.demux(self._heard):
            if packet.dts is None:  # the empty one at the end
                continue
            shift = round(self._origin / packet.time_base)
            packet.pts = (packet.dts if packet.pts is None else packet.pts) - shift
            packet.dts -= shift
            packet.stream = self._stream
            yield packet

    def _encoded(self) -> Iterator[Packet]:
        for frame in self._source.decode(self._heard):
            if frame.pts is not None:
                frame.pts -= round(self._origin / frame.time_base)
            yield from self._stream.encode(frame)
        yield from self._stream.encode(None)


@contextmanager
def _created(path: Path) -> Iterator[OutputContainer]:
    """A new MP4 that starts to play before it is loaded."""
    options = {"movflags": "+faststart"}
    with pyav().open(f"file:{path.absolute()}", "w", format="mp4", options=options) as container:
        yield container
