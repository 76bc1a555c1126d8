"""Frames out of video files, one by one: a video of any length takes the memory of a few frames."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from lab import images
from lab.limits import MIN_SIDE, check_size

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

# Playlists and the like are left out: they make the decoder open other files than the one named.
CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,gif,ogg,asf,"
    "h264,hevc,m4v,ivf,mxf,nut,yuv4mpegpipe,dv"
)
HD = 720  # lines from which a video that does not say so is taken for BT.709, else for BT.601
UNSPECIFIED = 2  # of a frame's colour space (ITU-T H.273)
# swscale's bilinear chroma at full resolution with exact rounding (0x2, 0x2000, 0x40000): what it
# does by default loses more than one level of 255 at every conversion.
EXACT = 0x42002
USUAL_RATE = Fraction(25)
LONGEST = 1001  # largest denominator of a rate, that of 30000/1001


@dataclass(frozen=True)
class Video:
    """What a file says of its video; the frames are read with `read_frames`.

    Attributes:
        size: (width, height) as shown, turned upright.
        rate: frames per second, on average where they come unevenly.
        frames: about how many there are, by the header, or counted where it does not tell; None
            where the file breaks off while they are.
        sound: is there any.
        pixel_aspect: width over height of a pixel.
    """

    path: Path
    size: tuple[int, int]
    rate: Fraction
    frames: int | None
    sound: bool
    pixel_aspect: Fraction

    def fitted(self, longest: int | None) -> tuple[int, int]:
        """(width, height) with a longer side of at most `longest`, both even where it shrinks."""
        if longest is None or max(self.size) <= longest:
            return self.size
        scale = longest / max(self.size)
        width, height = (max(MIN_SIDE, int(side * scale / 2) * 2) for side in self.size)
        return width, height


@dataclass(frozen=True, eq=False)
class Frame:
    """A picture (1, 3, H, W) in [0, 1] and when it is shown, in seconds from the start."""

    picture: Tensor
    time: Fraction


def open_video(path: str | Path) -> Video:
    """Reads the header and the first frame, and where no header counts the frames, the file.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: no video, a damaged or too large one; or PyAV is not installed.
    """
    path = Path(path)
    with opened(path) as container:
        stream = _moving(container)
        frame = next(_decoded(container, path.name), None)
        if stream is None or frame is None:
            raise ValueError(f"{path.name} holds no pictures; expected a video.")
        turned = _quarter_turns(frame) % 2 == 1
        aspect = stream.sample_aspect_ratio or Fraction(1)
        return Video(
            path=path,
            size=(frame.height, frame.width) if turned else (frame.width, frame.height),
            rate=_rate(stream.average_rate or USUAL_RATE),
            frames=_count(container, stream) or _packets(path),
            sound=heard(container) is not None,
            pixel_aspect=1 / aspect if turned else aspect,
        )


def is_video(path: str | Path) -> bool:
    """Is it a readable video? Pictures and sounds are not; a GIF is if it moves."""
    try:
        with opened(Path(path)) as container:
            wanted = 2 if container.format.name == "gif" else 1
            frames = _decoded(container, str(path))
            return all(next(frames, None) is not None for _ in range(wanted))
    except (OSError, ValueError):
        return False


def read_frames(video: Video, *, longest: int | None = None) -> Iterator[Frame]:
    """The frames in the order they are shown in, upright, each decoded when it is asked for.

    Args:
        longest: shrink them to this longest side.

    Raises:
        ValueError: the file is damaged.
    """
    size, time = video.fitted(longest), None
    with opened(video.path) as container:
        start = origin(container)
        for frame in _decoded(container, video.path.name):
            if frame.pts is not None:
                shown = frame.pts * frame.time_base - start
                time = _snapped(shown, video.rate, tick=frame.time_base)
            else:
                time = Fraction(0) if time is None else time + 1 / video.rate
            yield Frame(images.resize(_picture(frame, video.size), size), time)


def read_video_recipe(path: str | Path) -> dict[str, Any] | None:
    """The recipe in a video's comment; None for videos without one."""
    with opened(Path(path)) as container:
        comment = container.metadata.get("comment", "null")
    try:
        known = json.loads(comment)
    except (ValueError, RecursionError):
        return None
    recipe = known.get(images.RECIPE) if isinstance(known, dict) else None
    return recipe if isinstance(recipe, dict) else None


def file_digest(path: str | Path) -> str:
    """Of a file's bytes: 16 hexadecimal digits (the start of a SHA-256)."""
    summed = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            summed.update(block)
    return summed.hexdigest()[:16]


def pyav() -> ModuleType:
    """PyAV, which a host that only draws pictures may lack.

    Raises:
        ValueError: it is not installed.
    """
    try:
        import av
    except ImportError:
        raise ValueError("Videos need PyAV; install it: pip install av") from None
    return av


@contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """The container, its header read; FileNotFoundError and ValueError as `open_video`."""
    av = pyav()
    if not path.is_file():
        raise FileNotFoundError(f"There is no video at {path}; expected a file.")
    limits = {"protocol_whitelist": "file", "format_whitelist": CONTAINERS}
    try:
        container = av.open(f"file:{path.absolute()}", options=limits, metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        raise ValueError(
            f"{path.name} is no readable video ({type(error).__name__}); expected MP4, MOV, "
            "WebM, MKV, AVI or the like."
        ) from None
    with container:
        yield container


def origin(container: InputContainer) -> Fraction:
    """When a file starts, in seconds: some count from an arbitrary moment."""
    return max(Fraction(0), Fraction(container.start_time or 0, 1_000_000))


def heard(container: InputContainer) -> AudioStream | None:
    """The first sound that can be decoded."""
    return next((s for s in container.streams.audio if s.codec_context is not None), None)


def _moving(container: InputContainer) -> VideoStream | None:
    """The first stream of pictures that is not the cover of a piece of music."""
    cover = pyav().stream.Disposition.attached_pic
    streams = container.streams.video
    return next((s for s in streams if s.codec_context and not s.disposition & cover), None)


def _decoded(container: InputContainer, name: str) -> Iterator[VideoFrame]:
    """The frames as they are stored; nothing is decoded of a stream that is too large."""
    stream = _moving(container)
    if stream is None:
        return
    check_size((stream.codec_context.width, stream.codec_context.height), name)
    stream.thread_type = "AUTO"
    try:
        for frame in container.decode(stream):
            check_size((frame.width, frame.height), name)
            yield frame
    except pyav().FFmpegError as error:
        raise ValueError(f"{name} is damaged or cut short ({error.strerror}).") from None


def _picture(frame: VideoFrame, size: tuple[int, int]) -> Tensor:
    """(1, 3, H, W) in [0, 1], upright and of the size (width, height); over white where it is
    transparent, as pictures are."""
    turns = _quarter_turns(frame)
    width, height = size if turns % 2 == 0 else size[::-1]
    colours = None
    if frame.colorspace == UNSPECIFIED:
        colours = "itu709" if min(width, height) >= HD else "itu601"
    clear = any(part.is_alpha for part in frame.format.components)
    how = {"format": "rgba" if clear else "rgb24", "src_colorspace": colours}
    pixels = frame.reformat(width, height, interpolation=EXACT, **how).to_ndarray()
    upright = np.rot90(pixels, turns).transpose(2, 0, 1)
    upright = np.ascontiguousarray(upright, dtype=np.float32)
    if clear:
        upright = (255 - (255 - upright[:3]) * (upright[3:] / 255)).round()
    return torch.from_numpy(upright).div_(255).unsqueeze(0)


def _rate(average: Fraction) -> Fraction:
    """A rate as cameras have them, near one that was measured; whole seconds a frame below."""
    if average * LONGEST >= 1:
        return average.limit_denominator(LONGEST)
    return Fraction(1, round(1 / average))


def _quarter_turns(frame: VideoFrame) -> int:
    """How many times the frame must be turned left by 90° to be upright."""
    return round(frame.rotation / 90) % 4


def _snapped(time: Fraction, rate: Fraction, *, tick: Fraction) -> Fraction:
    """The n/rate within a tick of the file's clock: where even times were only rounded to it."""
    even = round(time * rate) / rate
    return even if abs(time - even) <= tick else time


def _count(container: InputContainer, stream: VideoStream) -> int | None:
    if stream.frames:
        return stream.frames
    if container.duration and stream.average_rate:
        return max(1, round(Fraction(container.duration, 1_000_000) * stream.average_rate))
    return None


def _packets(path: Path) -> int | None:
    """How many pictures a file holds, none of them decoded: for streams without a header."""
    try:
        with opened(path) as container:
            stream = _moving(container)
            return sum(packet.size > 0 for packet in container.demux(stream)) or None
    except pyav().FFmpegError:
        return None  # `read_frames` says what is wrong where it comes to it
