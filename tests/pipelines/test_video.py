"""Maps held over time, shots found, and whole files drawn or not at all."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor

from lab.metrics.temporal import TemporalMeter
from lab.models.feature_maps import AffineMap
from lab.pipelines import video as videos
from lab.pipelines.video import (
    CUT,
    MEMORY,
    CutDetector,
    HeldMaps,
    color_distance,
    color_histogram,
    draw_frames,
    draw_video,
)
from lab.videos.reading import Frame, open_video, read_frames, read_video_recipe
from tests.pipelines.test_transfer import adain, fast, vgg, wct
from tests.videos.clips import make, pictures
from tests.videos.motion import pan

KEY = (0, 0)


def constant(value: float) -> AffineMap:
    return AffineMap(torch.full((2, 2), value), torch.full((2,), -value))


def held(maps: HeldMaps, values: list[float], *, cuts: tuple[int, ...] = (0,), rate: int = 25):
    """What becomes of maps of one number each, frame by frame."""
    shown = []
    for number, value in enumerate(values):
        maps.next_frame(Fraction(number, rate), cut=number in cuts)
        shown.append(maps(KEY, lambda value=value: constant(value)))
    assert all(torch.equal(each.bias, -each.weight[0]) for each in shown)
    return [float(each.weight[0, 0]) for each in shown]


def shot(count: int = 4, *, tint: float = 1.0) -> list[Tensor]:
    """Frames of noise, alike in colour and not in detail."""
    return [torch.rand(1, 3, 24, 32) * tint for _ in range(count)]


def timed(pictures: list[Tensor], rate: int = 25) -> list[Frame]:
    return [Frame(picture, Fraction(n, rate)) for n, picture in enumerate(pictures)]


# --- maps over time ------------------------------------------------------------------------------


def test_free_maps_are_each_frames_own() -> None:
    assert held(HeldMaps("free"), [1, 5, 2]) == [1, 5, 2]


def test_frozen_maps_are_the_first_of_their_shot() -> None:
    assert held(HeldMaps("frozen"), [1, 5, 2, 7, 3], cuts=(0, 3)) == [1, 1, 1, 7, 7]


def test_frozen_maps_are_not_computed_again() -> None:
    maps, computed = HeldMaps("frozen"), []
    for number in range(3):
        maps.next_frame(Fraction(number, 25), cut=number == 0)
        maps(KEY, lambda: computed.append(1) or constant(1))
    assert len(computed) == 1


def test_smooth_maps_are_an_exponential_average() -> None:
    values, share = [1.0, 5.0, 2.0, 4.0], 1 - math.exp(-1 / 25 / MEMORY)
    expected = [values[0]]
    for value in values[1:]:
        expected.append(expected[-1] + share * (value - expected[-1]))
    assert held(HeldMaps(), values) == pytest.approx(expected, rel=1e-5)


def test_smooth_maps_converge_whatever_the_rate() -> None:
    for rate in (10, 24, 60):
        course = held(HeldMaps("smooth"), [0.0] + [1.0] * 4 * rate, rate=rate)
        assert course[round(MEMORY * rate)] == pytest.approx(1 - 1 / math.e, abs=1e-4)
        assert all(earlier < later for earlier, later in pairwise(course))
        assert course[-1] > 0.999


def test_smooth_maps_begin_anew_with_a_shot() -> None:
    course = held(HeldMaps("smooth"), [1.0, 1.0, 9.0, 9.0], cuts=(0, 2))
    assert course == pytest.approx([1, 1, 9, 9])


def test_every_level_and_region_has_its_own() -> None:
    maps = HeldMaps("frozen")
    maps.next_frame(Fraction(0), cut=True)
    for key, value in (((0, 0), 1.0), ((0, 1), 2.0), ((1, 0), 3.0)):
        maps(key, lambda value=value: constant(value))
    maps.next_frame(Fraction(1), cut=False)
    again = [maps(key, lambda: constant(9.0)).bias[0] for key in ((0, 0), (0, 1), (1, 0))]
    assert again == [-1, -2, -3]


def test_an_unknown_word_is_refused() -> None:
    with pytest.raises(
        ValueError, match="held 'still'; expected one of: carried, smooth, frozen, free"
    ):
        HeldMaps("still")


# --- shots ---------------------------------------------------------------------------------------


def test_a_histogram_counts_every_colour_once() -> None:
    histogram = color_histogram(torch.rand(1, 3, 33, 57))
    assert histogram.shape == (512,) and histogram.min() >= 0
    assert histogram.sum() == pytest.approx(1, abs=1e-5)
    white, black = (color_histogram(torch.full((1, 3, 24, 32), x)) for x in (1.0, 0.0))
    assert white[-1] == 1 == black[0]
    assert color_distance(white, white) == 0 and color_distance(white, black) == 1


def test_a_slow_change_of_light_is_a_slow_change_of_colours() -> None:
    """Without bins that share their neighbours' values a flat picture would jump."""
    greys = [color_histogram(torch.full((1, 3, 24, 32), 0.01 * k)) for k in range(101)]
    steps = [color_distance(x, y) for x, y in pairwise(greys)]
    assert max(steps) < CUT


def test_a_cut_is_where_the_colours_change() -> None:
    cuts = CutDetector()
    frames = [*shot(3), *shot(3, tint=0.3), *shot(2)]
    assert [cuts(frame) for frame in frames] == [n in (0, 3, 6) for n in range(8)]


# --- frames --------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [fast, vgg, adain, wct], ids=lambda made: made.__name__)
def test_every_method_holds_its_maps(made) -> None:
    pipeline = made()
    style = pipeline.encode_style(torch.rand(1, 3, 24, 24) ** 2)
    frames = timed([*shot(3), *shot(3, tint=0.3)])
    used: list[list[Tensor]] = []

    def draw(picture: Tensor, settle) -> Tensor:
        used.append([])

        def noted(key, compute):
            used[-1].append(settle(key, compute).weight)
            return settle(key, compute)

        return pipeline.stylize(picture, [style], [1.0], settle=noted)

    drawn = list(draw_frames(frames, draw, steady="frozen"))
    assert [each.cut for each in drawn] == [True, False, False, True, False, False]
    assert all(len(maps) == len(pipeline.levels) for maps in used)
    for level in range(len(pipeline.levels)):
        first, second = used[0][level], used[3][level]
        assert all(torch.equal(used[n][level], first) for n in (1, 2))
        assert all(torch.equal(used[n][level], second) for n in (4, 5))
        assert not torch.allclose(first, second)


def test_free_frames_are_pictures_by_themselves() -> None:
    pipeline, frames = fast(), timed(shot(3))
    style = pipeline.encode_style(torch.rand(1, 3, 24, 24))

    def draw(picture: Tensor, settle) -> Tensor:
        return pipeline.stylize(picture, [style], [1.0], settle=settle)

    for drawn in draw_frames(frames, draw, steady="free"):
        alone = pipeline.stylize(drawn.frame.picture, [style], [1.0])
        assert torch.equal(drawn.picture, alone)


def test_carried_frames_shimmer_less_than_drawn_ones() -> None:
    frames = timed(pan((1, 0), 8))

    def shimmering(picture: Tensor, settle) -> Tensor:
        return (picture + 0.1 * torch.randn_like(picture)).clamp(0, 1)

    errors = {}
    for steady in ("carried", "smooth"):
        meter = TemporalMeter()
        for drawn in draw_frames(frames, shimmering, steady=steady):
            meter.add(drawn.frame.picture, drawn.picture, cut=drawn.cut)
        errors[steady] = meter.errors()[0]
    assert errors["carried"].floor == errors["smooth"].floor
    assert errors["carried"].result < 0.2 * errors["smooth"].result


# --- files ---------------------------------------------------------------------------------------


@pytest.fixture
def clip(tmp_path):
    """Twelve frames in two shots, and a tone."""
    frames = pictures(6) + [255 - pixels for pixels in pictures(6)]
    return open_video(make(tmp_path / "a.mp4", frames))


def negative(picture: Tensor, settle) -> Tensor:
    return 1 - picture


def test_a_file_is_drawn_with_its_rate_and_sound(clip, tmp_path) -> None:
    told, watched = [], []
    summary = draw_video(
        clip,
        tmp_path / "b.mp4",
        negative,
        steady="smooth",
        progress=told.append,
        watch=watched.append,
        recipe={"a": 1},
    )
    back = open_video(tmp_path / "b.mp4")
    assert (back.size, back.rate, back.frames, back.sound) == ((64, 48), 25, 12, True)
    assert read_video_recipe(tmp_path / "b.mp4") == {"a": 1}
    for x, y in zip(read_frames(clip), read_frames(back), strict=True):
        assert x.time == y.time
        assert (1 - x.picture - y.picture).abs().mean() < 0.01
    assert (summary.frames, summary.rate, summary.size) == (12, 25.0, (64, 48))
    assert summary.sound and summary.shots == (0.0, 6 / 25) and summary.seconds > 0
    assert told == [(n + 1) / 12 for n in range(12)]
    assert [drawn.cut for drawn in watched] == [n in (0, 6) for n in range(12)]


@pytest.mark.parametrize("sound", [None, "aac"])
@pytest.mark.parametrize("seconds", [3000, 30_000])
def test_a_frame_may_last_for_hours(tmp_path, seconds, sound) -> None:
    rate = Fraction(1, seconds)
    source = make(tmp_path / "a.mp4", pictures(1), rate=rate, sound=sound, tone=Fraction(1, 2))
    summary = draw_video(open_video(source), tmp_path / "b.mp4", negative)
    back = open_video(tmp_path / "b.mp4")
    assert summary.frames == 1 and summary.rate == float(rate) > 0
    assert (back.rate, back.frames, back.sound) == (rate, 1, sound is not None)
    assert [frame.time for frame in read_frames(back)] == [0]


def test_a_file_is_drawn_smaller(clip, tmp_path) -> None:
    summary = draw_video(clip, tmp_path / "b.mp4", negative, longest=33)
    assert summary.size == open_video(tmp_path / "b.mp4").size == (32, 24)


def test_a_cancelled_video_leaves_no_file(clip, tmp_path) -> None:
    class Cancelled(Exception):
        pass

    def stop(done: float) -> None:
        if done > 0.4:
            raise Cancelled

    with pytest.raises(Cancelled):
        draw_video(clip, tmp_path / "b.mp4", negative, progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_a_video_that_ends_in_an_error_leaves_no_file(clip, tmp_path) -> None:
    def fail(picture: Tensor, settle) -> Tensor:
        return torch.full_like(picture, math.nan) if picture[0, 0, 4, 4] > 0.2 else picture

    with pytest.raises(ValueError, match="not finite"):
        draw_video(clip, tmp_path / "b.mp4", fail)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_frames_are_drawn_one_by_one(clip, tmp_path, monkeypatch) -> None:
    """At no time is more than one frame read ahead of what is written."""
    course = []

    def read(*arguments, **more):
        for frame in read_frames(*arguments, **more):
            course.append("read")
            yield frame

    monkeypatch.setattr(videos, "read_frames", read)
    draw_video(clip, tmp_path / "b.mp4", negative, watch=lambda _: course.append("drawn"))
    assert course == ["read", "drawn"] * 12


def test_the_same_video_gives_the_same_bytes(clip, tmp_path) -> None:
    pipeline = fast()
    style = pipeline.encode_style(torch.rand(1, 3, 24, 24))

    def draw(picture: Tensor, settle) -> Tensor:
        return pipeline.stylize(picture, [style], [1.0], settle=settle)

    written = []
    for name in ("b.mp4", "c.mp4"):
        draw_video(clip, tmp_path / name, draw)
        written.append(np.frombuffer((tmp_path / name).read_bytes(), np.uint8))
    assert np.array_equal(*written)
