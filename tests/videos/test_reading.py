"""Any video file comes in as upright frames with their times; what is none is one sentence."""

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from lab.limits import MAX_SIDE
from lab.videos import reading
from lab.videos.reading import (
    Video,
    file_digest,
    is_video,
    open_video,
    read_frames,
    read_video_recipe,
)
from tests.videos.clips import make, pictures


def corner(video: Video, number: int, *, at: tuple[int, int] = (4, 4)) -> list[int]:
    """The colour of a pixel (row, column) of a frame, 0 to 255."""
    picture = list(read_frames(video))[number].picture
    return (picture[0, :, at[0], at[1]] * 255).round().int().tolist()


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("h264.mp4", {}),
        ("film.mov", {"rate": Fraction(24000, 1001), "sound": "pcm_s16le"}),
        ("ntsc.mkv", {"rate": Fraction(30000, 1001), "sound": "flac"}),  # times in milliseconds
        ("vp9.webm", {"video": "libvpx-vp9", "sound": "libopus"}),
        ("old.mov", {"video": "mpeg4", "sound": "libmp3lame"}),
        ("silent.mp4", {"sound": None}),
    ],
)
def test_every_container_says_what_it_holds(tmp_path, name, more) -> None:
    video = open_video(make(tmp_path / name, **more))
    rate = Fraction(more.get("rate", 25))
    assert (video.size, video.rate) == ((64, 48), rate)
    assert abs(video.frames - 12) <= 1  # where the file has a duration alone, the sound counts
    assert video.sound == (more.get("sound", "aac") is not None)
    assert video.pixel_aspect == 1
    frames = list(read_frames(video))
    assert [frame.time for frame in frames] == [n / rate for n in range(12)]
    assert all(frame.picture.shape == (1, 3, 48, 64) for frame in frames)


def test_where_no_header_counts_the_frames_they_are_counted(tmp_path) -> None:
    whole = make(tmp_path / "whole.mp4", sound=None)
    bare = make(tmp_path / "bare.h264", sound=None)
    live = Pipe()
    with av.open(str(whole)) as source, av.open(live, "w", format="matroska") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    (tmp_path / "live.mkv").write_bytes(live.written)
    for path in (bare, tmp_path / "live.mkv"):
        with av.open(str(path)) as source:
            assert not source.duration and not source.streams.video[0].frames
        assert open_video(path).frames == 12


class Pipe(io.RawIOBase):
    """Somewhere that takes bytes and cannot be gone back to, as a broadcast."""

    def __init__(self) -> None:
        self.written = b""

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self.written += bytes(data)
        return len(data)


def test_colours_arrive_as_they_were(tmp_path) -> None:
    video = open_video(make(tmp_path / "a.mp4"))
    for number in (0, 5, 11):
        assert np.abs(np.subtract(corner(video, number), 20 + 10 * number)).max() <= 2
        blue = corner(video, number, at=(30, 50))
        assert np.abs(np.subtract(blue, (20, 40, 200))).max() <= 3


def test_what_is_transparent_lies_over_white(tmp_path) -> None:
    """As of pictures; what colour a file keeps there is nothing that anybody has seen."""
    path, pixels = tmp_path / "a.mov", np.zeros((32, 32, 4), np.uint8)
    for column, alpha in ((0, 255), (8, 102), (16, 0)):
        pixels[:, column:] = 200, 10, 10, alpha
    with av.open(str(path), "w") as target:
        stream = target.add_stream("png", rate=25)
        stream.height, stream.width, stream.pix_fmt = 32, 32, "rgba"
        target.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgba")))
        target.mux(stream.encode(None))
    seen = [corner(open_video(path), 0, at=(4, column)) for column in (4, 12, 20)]
    assert seen == [[200, 10, 10], [233, 157, 157], [255, 255, 255]]


def test_a_video_is_turned_upright(tmp_path) -> None:
    plain = open_video(make(tmp_path / "plain.mp4"))
    left = open_video(make(tmp_path / "left.mp4", turned=90))
    over = open_video(make(tmp_path / "over.mp4", turned=180))
    assert (plain.size, left.size, over.size) == ((64, 48), (48, 64), (64, 48))
    frame = next(read_frames(plain)).picture
    assert next(read_frames(left)).picture.equal(frame.rot90(1, (2, 3)))
    assert next(read_frames(over)).picture.equal(frame.rot90(2, (2, 3)))


def test_frames_that_come_unevenly_keep_their_times(tmp_path) -> None:
    times = [Fraction(n, 1000) for n in (0, 40, 110, 115, 300)]
    video = open_video(make(tmp_path / "phone.mkv", pictures(5), times=times))
    assert [frame.time for frame in read_frames(video)] == times


@pytest.mark.parametrize(
    ("average", "rate"),
    [
        (Fraction(30000, 1001), Fraction(30000, 1001)),
        (Fraction(2_997_003, 100_000), Fraction(30000, 1001)),  # by a clock of its own
        (Fraction(1000, 1001), Fraction(1000, 1001)),
        (Fraction(500, 1001), Fraction(500, 1001)),
        (Fraction(1, 1001), Fraction(1, 1001)),
        (Fraction(1, 1500), Fraction(1, 1500)),
        (Fraction(2, 6001), Fraction(1, 3000)),
        (Fraction(1, 100_000), Fraction(1, 100_000)),
    ],
)
def test_a_rate_is_the_usual_one_near_the_average_however_slow(average, rate) -> None:
    found = reading._rate(average)
    assert found == rate and abs(found / average - 1) <= Fraction(1, 2002)


def test_frames_come_one_by_one(tmp_path, monkeypatch) -> None:
    video, decoded = open_video(make(tmp_path / "a.mp4")), []
    picture = reading._picture
    monkeypatch.setattr(reading, "_picture", lambda *it: decoded.append(1) or picture(*it))
    frames = read_frames(video)
    next(frames), next(frames)
    assert len(decoded) == 2


def test_the_longest_side_shrinks_and_stays_even(tmp_path) -> None:
    video = open_video(make(tmp_path / "a.mp4", pictures(2, (90, 50))))
    assert next(read_frames(video, longest=33)).picture.shape == (1, 3, 18, 32)
    assert next(read_frames(video, longest=200)).picture.shape == (1, 3, 50, 90)


def test_what_is_a_video(tmp_path) -> None:
    frames = [Image.fromarray(pixels) for pixels in pictures(3)]
    for name in ("a.png", "a.jpg", "a.webp", "a.bmp", "still.gif"):
        frames[0].save(tmp_path / name)
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:], duration=40)
    (tmp_path / "a.txt").write_text("no video")
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXTINF:1,\na.ts\n")
    make(tmp_path / "a.mp4"), make(tmp_path / "a.ts")
    with av.open(str(tmp_path / "a.m4a"), "w") as target:
        target.mux(target.add_stream("aac", rate=48_000).encode(None))
    found = {path.name for path in tmp_path.iterdir() if is_video(path)}
    assert found == {"a.mp4", "a.ts", "moving.gif"}
    assert not is_video(tmp_path / "nothing.mp4")


def test_what_is_none_is_one_sentence(tmp_path, monkeypatch) -> None:
    with pytest.raises(FileNotFoundError, match=r"There is no video at .*nothing\.mp4"):
        open_video(tmp_path / "nothing.mp4")
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(ValueError, match=r"text\.mp4 is no readable video"):
        open_video(tmp_path / "text.mp4")
    video = make(tmp_path / "a.mp4")
    (tmp_path / "cut.mp4").write_bytes(video.read_bytes()[:900])
    with pytest.raises(ValueError, match=r"cut\.mp4 "):
        list(read_frames(open_video(tmp_path / "cut.mp4")))
    large = np.zeros((16, MAX_SIDE + 2, 3), np.uint8)
    with pytest.raises(ValueError, match=rf"large\.mp4 is {MAX_SIDE + 2}x16; at most {MAX_SIDE}"):
        open_video(make(tmp_path / "large.mp4", [large]))
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    with pytest.raises(ValueError, match="Videos need PyAV; install it: pip install av"):
        open_video(video)


def test_a_video_of_others_has_no_recipe(tmp_path) -> None:
    video = make(tmp_path / "a.mp4")
    assert read_video_recipe(video) is None
    assert file_digest(video) == file_digest(Path(video)) != file_digest(__file__)
    assert len(file_digest(video)) == 16
