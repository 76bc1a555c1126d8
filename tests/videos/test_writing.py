"""What is written has the rate, the times, the size and the sound of what was read."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch

from lab.videos.reading import Frame, open_video, read_frames, read_video_recipe
from lab.videos.writing import write_video
from tests.videos.clips import TONE, heard, make, pictures, pitch


def copy(source: Path, target: Path, **more) -> Path:
    video = open_video(source)
    with write_video(target, like=video, **more) as writer:
        for frame in read_frames(video):
            writer.write(frame)
    return target


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30000, 1001), Fraction(12)])
def test_frames_and_rate_go_round(tmp_path, rate) -> None:
    source = open_video(make(tmp_path / "a.mkv", rate=rate))
    back = open_video(copy(source.path, tmp_path / "b.mp4"))
    assert (back.size, back.rate, back.frames) == (source.size, source.rate, 12)
    before, after = list(read_frames(source)), list(read_frames(back))
    assert [frame.time for frame in before] == [frame.time for frame in after]
    for x, y in zip(before, after, strict=True):
        assert (x.picture - y.picture).abs().mean() < 2 / 255


def test_uneven_times_go_round(tmp_path) -> None:
    times = [Fraction(n, 1000) for n in (0, 40, 110, 115, 300)]
    source = make(tmp_path / "a.mkv", pictures(5), times=times)
    back = read_frames(open_video(copy(source, tmp_path / "b.mp4")))
    assert max(abs(x.time - y) for x, y in zip(back, times, strict=True)) < 1e-4


def test_two_frames_at_one_time_are_kept_apart(tmp_path) -> None:
    video = open_video(make(tmp_path / "a.mp4"))
    with write_video(tmp_path / "b.mp4", like=video) as writer:
        for frame in read_frames(video):
            writer.write(Frame(frame.picture, Fraction(1)))
    assert len(list(read_frames(open_video(tmp_path / "b.mp4")))) == 12


@pytest.mark.parametrize(("size", "held"), [((250, 330), (250, 330)), ((61, 43), (62, 44))])
def test_odd_sides_grow_by_one(tmp_path, size, held) -> None:
    video, picture = open_video(make(tmp_path / "a.mp4")), torch.rand(1, 3, *size[::-1])
    with write_video(tmp_path / "b.mp4", like=video) as writer:
        writer.write(Frame(picture, Fraction(0)))
    assert open_video(tmp_path / "b.mp4").size == held
    with av.open(str(tmp_path / "b.mp4")) as written:
        context = written.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")


def test_a_rotation_is_not_applied_twice(tmp_path) -> None:
    source = open_video(make(tmp_path / "a.mp4", turned=90))
    back = open_video(copy(source.path, tmp_path / "b.mp4"))
    assert back.size == source.size == (48, 64)
    x, y = next(read_frames(source)).picture, next(read_frames(back)).picture
    assert (x - y).abs().mean() < 2 / 255


@pytest.mark.parametrize(
    ("name", "sound", "kept"),
    [
        ("a.mp4", "aac", "aac"),
        ("a.mp4", "libmp3lame", "mp3"),
        ("a.mkv", "libopus", "opus"),
        ("a.ts", "aac", "aac"),  # which starts at no zero, its sound framed otherwise
        ("a.avi", "pcm_s16le", "aac"),
        ("a.mkv", "flac", "aac"),
    ],
)
def test_the_sound_is_kept(tmp_path, name, sound, kept) -> None:
    video = "mpeg4" if name.endswith("avi") else "libx264"
    source = make(tmp_path / name, pictures(20), sound=sound, video=video)
    codec, samples = heard(copy(source, tmp_path / "b.mp4"))
    assert codec == kept
    assert len(samples) / 48_000 == pytest.approx(20 / 25, abs=0.06)
    assert pitch(samples) == pytest.approx(TONE, abs=3)
    with av.open(str(tmp_path / "b.mp4")) as written:
        starts = [stream.start_time * stream.time_base for stream in written.streams]
        assert max(starts) < 0.05


def test_sound_that_goes_over_unchanged_is_the_same_to_the_last_bit(tmp_path) -> None:
    source = make(tmp_path / "a.mp4")
    assert np.array_equal(heard(source)[1], heard(copy(source, tmp_path / "b.mp4"))[1])


def test_a_silent_video_stays_silent(tmp_path) -> None:
    source = make(tmp_path / "a.mp4", sound=None)
    assert not open_video(copy(source, tmp_path / "b.mp4")).sound


def test_sound_and_pictures_lie_side_by_side(tmp_path) -> None:
    source = make(tmp_path / "a.mp4", pictures(100, (32, 32)), rate=10)
    with av.open(str(copy(source, tmp_path / "b.mp4"))) as written:
        kinds = [packet.stream.type for packet in written.demux() if packet.dts is not None]
    assert "video" in kinds[-len(kinds) // 4 :] and "audio" in kinds[: len(kinds) // 4]


def test_the_recipe_and_the_bytes_repeat(tmp_path) -> None:
    source, recipe = make(tmp_path / "a.mp4"), {"method": "wct", "weights": [0.25, 0.75]}
    first = copy(source, tmp_path / "b.mp4", recipe=recipe)
    assert read_video_recipe(first) == recipe
    for _ in range(10):  # the encoder's fault that `QUALITY` avoids shows every third time or so
        again = copy(source, tmp_path / "c.mp4", recipe=recipe)
        assert first.read_bytes() == again.read_bytes()
    assert read_video_recipe(copy(source, tmp_path / "d.mp4")) is None


def test_an_interrupted_video_leaves_what_was_there(tmp_path) -> None:
    video = open_video(make(tmp_path / "a.mp4"))
    (tmp_path / "b.mp4").write_text("before")
    with (
        pytest.raises(KeyboardInterrupt),
        write_video(tmp_path / "b.mp4", like=video) as writer,
    ):
        writer.write(next(read_frames(video)))
        raise KeyboardInterrupt
    assert (tmp_path / "b.mp4").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "b.mp4"]


def test_a_video_in_its_own_place(tmp_path) -> None:
    source = make(tmp_path / "a.mp4")
    copy(source, source, recipe={"a": 1})
    assert read_video_recipe(source) == {"a": 1}
    assert len(list(read_frames(open_video(source)))) == 12


def test_damaged_sound_is_one_sentence_and_no_file(tmp_path, monkeypatch) -> None:
    def damaged(sound):
        yield from ()
        raise av.InvalidDataError(1094995529, "Invalid data found")

    source = make(tmp_path / "a.mp4")
    monkeypatch.setattr("lab.videos.writing._Sound._copies", damaged)
    with pytest.raises(ValueError, match=r"The sound of a\.mp4 is damaged \(Invalid data found\)"):
        copy(source, tmp_path / "b.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_what_cannot_be_written_is_one_sentence(tmp_path) -> None:
    video = open_video(make(tmp_path / "a.mp4"))
    with (
        pytest.raises(ValueError, match=r"written as MP4; got 'b\.avi'"),
        write_video(tmp_path / "b.avi", like=video),
    ):
        pass
    with (
        pytest.raises(FileNotFoundError, match="There is no folder"),
        write_video(tmp_path / "no" / "b.mp4", like=video),
    ):
        pass
    with (
        pytest.raises(ValueError, match="at least one frame"),
        write_video(tmp_path / "b.mp4", like=video),
    ):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
