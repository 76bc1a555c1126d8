"""Small videos, made by PyAV alone: a sine tone under pictures that say which frame they are."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

TONE = 440  # Hz


def pictures(count: int, size: tuple[int, int] = (64, 48)) -> list[np.ndarray]:
    """(H, W, 3) uint8: grey left, brighter with every frame; blue right."""
    width, height = size
    made = np.zeros((count, height, width, 3), np.uint8)
    for number, picture in enumerate(made):
        picture[:, : width // 2] = (20 + 10 * number) % 256
        picture[:, width // 2 :] = (20, 40, 200)
    return list(made)


def make(
    path: str | Path,
    frames: Sequence[np.ndarray] | None = None,
    *,
    rate: Fraction | int = 25,
    video: str = "libx264",
    sound: str | None = "aac",
    turned: int = 0,
    times: Sequence[Fraction] | None = None,
    tone: Fraction | None = None,
) -> Path:
    """A video of the frames; `turned` degrees to the left to be upright, `times` in seconds, and
    `tone` the seconds of sound (by default as long as the frames)."""
    frames = pictures(12) if frames is None else frames
    with av.open(str(path), "w") as target:
        stream = target.add_stream(video, rate=rate)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        if turned:
            stream.set_display_rotation(turned)
        heard = target.add_stream(sound, rate=48_000) if sound else None
        if heard:
            heard.layout = "mono"
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = number, 1 / Fraction(rate)
            if times is not None:
                frame.pts, frame.time_base = int(times[number] * 1000), Fraction(1, 1000)
            target.mux(stream.encode(frame))
        if heard:
            target.mux(heard.encode(_tone(tone or len(frames) / rate)))
            target.mux(heard.encode(None))
        target.mux(stream.encode(None))
    return Path(path)


def heard(path: str | Path) -> tuple[str, np.ndarray]:
    """The codec of a video's sound, and its samples at 48 kHz."""
    with av.open(str(path)) as source:
        stream = source.streams.audio[0]
        resampler = av.AudioResampler(format="flt", layout="mono", rate=48_000)
        frames = [out for frame in source.decode(stream) for out in resampler.resample(frame)]
        return stream.codec_context.codec.canonical_name, np.hstack(
            [frame.to_ndarray()[0] for frame in frames]
        )


def pitch(samples: np.ndarray) -> float:
    """The strongest frequency of samples at 48 kHz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * 48_000 / len(samples))


def _tone(seconds: Fraction) -> av.AudioFrame:
    samples = np.arange(int(48_000 * seconds))
    wave = 0.3 * np.sin(2 * np.pi * TONE * samples / 48_000)
    frame = av.AudioFrame.from_ndarray(wave[None].astype(np.float32), format="flt", layout="mono")
    frame.sample_rate, frame.pts = 48_000, 0
    return frame
