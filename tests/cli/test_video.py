"""`transfer` on videos."""

import json
import os
import signal
from pathlib import Path

import pytest
from PIL import Image

from lab.images import open_picture, save_picture, to_tensor
from lab.lab import Lab
from lab.videos.reading import Frame, file_digest, open_video, read_frames, read_video_recipe
from lab.videos.writing import VideoWriter
from tests.cli.commands import assert_one_sentence, lab
from tests.videos.clips import make, pictures


@pytest.fixture
def clip(place) -> Path:
    """A video of two shots beside the pictures of `place`."""
    frames = pictures(6, (48, 32)) + [255 - pixels for pixels in pictures(8, (48, 32))]
    return make("clip.mp4", frames)


def transfer(*more: str, out: str = "out.mp4") -> int:
    return lab("transfer", "--content", "clip.mp4", "--style", "s.png", "--out", out, *more)


def test_a_video_keeps_its_size_rate_and_sound(clip) -> None:
    assert transfer(out="a.mp4") == transfer(out="b.mp4") == 0
    video = open_video("a.mp4")
    assert (video.size, video.rate, video.frames, video.sound) == ((48, 32), 25, 14, True)
    assert Path("a.mp4").read_bytes() == Path("b.mp4").read_bytes()
    assert not [name for name in os.listdir() if name.endswith(".part")]


def test_the_recipe_and_the_report_of_a_video(clip) -> None:
    more = ("--style", "s2.png", "--weights", "1", "3", "--size", "32", "--steady", "frozen")
    assert transfer(*more, "--temporal", "--report", "report.json") == 0
    report, recipe = json.loads(Path("report.json").read_text()), read_video_recipe("out.mp4")
    assert report["recipe"] == recipe
    assert recipe["content"] == file_digest("clip.mp4")
    assert (recipe["weights"], recipe["steady"], recipe["size"]) == (
        [0.25, 0.75],
        "frozen",
        [32, 20],
    )
    assert report["sizes"]["content"] == [48, 32] and report["sizes"]["picture"] == [32, 20]
    assert report["video"] == {
        "frames": 14,
        "rate": 25.0,
        "size": [32, 20],
        "sound": True,
        "shots": [0.0, 6 / 25],
    }
    assert report["seconds"].keys() == {"encode_styles", "transfer", "per_frame"}
    assert [(error["apart"], error["pairs"]) for error in report["temporal"]] == [(1, 12)]
    assert report["temporal"][0].keys() == {"apart", "pairs", "result", "floor", "trusted"}


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_video_leaves_nothing_and_no_traceback(
    clip, capsys, monkeypatch, how, code
) -> None:
    write, written = VideoWriter.write, []

    def interrupted(writer: VideoWriter, frame: Frame) -> None:
        written.append(frame)
        write(writer, frame)
        if len(written) == 3:
            signal.raise_signal(how)

    monkeypatch.setattr(VideoWriter, "write", interrupted)
    missed = []
    before = signal.signal(signal.SIGTERM, lambda *_: missed.append(how))
    # Tests that a shell started in the background would ignore what Ctrl-C sends.
    heard = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert transfer() == code
    finally:
        signal.signal(signal.SIGTERM, before)
        signal.signal(signal.SIGINT, heard)
    assert not missed and len(written) == 3
    assert not [name for name in os.listdir() if name.endswith((".part", "out.mp4"))]
    assert capsys.readouterr().err.strip() == (
        "python -m lab transfer: interrupted" if how == signal.SIGINT else ""
    )


def test_frames_are_what_pictures_would_be(clip) -> None:
    assert transfer("--steady", "free", "--strength", "0.5") == 0
    frame = next(read_frames(open_video("clip.mp4"))).picture
    pipeline = Lab(device="cpu", checkpoints=Path("checkpoints")).stylizer("linear-fast")
    style = pipeline.encode_style(to_tensor(open_picture("s.png")))
    alone = pipeline.stylize(frame, [style], [1.0], strength=0.5)
    shown = next(read_frames(open_video("out.mp4"))).picture
    assert (alone - shown).abs().mean() < 0.04  # what H.264 loses of noise


def test_every_control_holds_in_every_frame(clip) -> None:
    Image.new("L", (4, 4), 255).save("white.png")
    asked = ("--masks", "white.png", "--colour", "luminance", "--photorealistic", "--rank", "2")
    assert transfer("--steady", "free", *asked) == 0
    recipe = read_video_recipe("out.mp4")
    assert (recipe["colour"], recipe["photorealistic"], recipe["rank"]) == ("luminance", True, 2)
    save_picture("frame.png", next(read_frames(open_video("clip.mp4"))).picture)
    still = ("transfer", "--content", "frame.png", "--style", "s.png", "--out", "still.png")
    assert lab(*still, *asked) == 0
    shown = next(read_frames(open_video("out.mp4"))).picture
    assert (to_tensor(open_picture("still.png")) - shown).abs().mean() < 0.04


def test_styles_take_the_colours_of_the_first_frame(clip) -> None:
    Image.new("RGB", (20, 20), (200, 10, 10)).save("s.png")
    frame = next(read_frames(open_video("clip.mp4"))).picture
    mean = (frame.mean((2, 3)) * 255).round().int().flatten().tolist()
    assert transfer("--colour", "matched", out="a.mp4") == transfer(out="b.mp4") == 0
    Image.new("RGB", (20, 20), tuple(mean)).save("s.png")
    assert transfer(out="c.mp4") == 0
    a, b, c = (next(read_frames(open_video(f"{name}.mp4"))).picture for name in "abc")
    assert (a - c).abs().mean() < 0.1 * (a - b).abs().mean()  # the tiny network says little


def test_a_moving_gif_is_both(place) -> None:
    frames = [Image.fromarray(pixels) for pixels in pictures(4)]
    frames[0].save("clip.gif", save_all=True, append_images=frames[1:], duration=40)
    arguments = ("transfer", "--content", "clip.gif", "--style", "s.png")
    assert lab(*arguments, "--out", "a.png") == lab(*arguments, "--out", "a.mp4") == 0
    assert open_picture("a.png").size == open_video("a.mp4").size == (64, 48)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--content", "c.png"], "c.png is no readable video: --out of a picture must end in .png"),
        (["--out", "out.png"], "clip.mp4 is a video: --out must end in .mp4, got out.png."),
        (["--out", "out.avi"], "--out must end in .png or .mp4, got out.avi."),
        (["--content", "nothing.mp4"], "There is no picture at nothing.mp4"),
        (["--content", "broken.mp4"], "broken.mp4 is no readable video"),
        (["--content", "wide.mp4"], "wide.mp4 is 4112x32; at most 4096 pixels a side"),
        (["--out", "clip.mp4"], "--out clip.mp4 is one of the inputs; choose another name."),
        (["--temporal"], "--temporal is written to the report; give --report as well."),
        (["--steady", "still"], "invalid choice: 'still'"),
    ],
)
def test_a_video_that_cannot_be_is_one_sentence(clip, capsys, more, sentence) -> None:
    Path("broken.mp4").write_bytes(clip.read_bytes()[:600])
    make("wide.mp4", pictures(1, (4112, 32)))
    before = sorted(os.listdir())
    assert transfer(*more) == 2
    assert_one_sentence(capsys, sentence)
    assert sorted(os.listdir()) == before


@pytest.mark.parametrize("more", [["--steady", "free"], ["--temporal"]])
def test_what_is_for_videos_is_not_for_pictures(place, capsys, more) -> None:
    arguments = ("transfer", "--content", "c.png", "--style", "s.png", "--out", "a.png")
    assert lab(*arguments, *more) == 2
    assert_one_sentence(capsys, f"{more[0]} is for videos; c.png becomes a picture.")


def test_a_method_that_optimises_draws_no_videos(clip, capsys, monkeypatch) -> None:
    monkeypatch.setattr(Lab, "stylizer", lambda self, name: lambda content, style: content)
    assert transfer() == 2
    assert_one_sentence(capsys, "draws no videos; choose another --method.")
