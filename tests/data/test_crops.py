"""Crops: windows lie inside, have the asked range of sizes, and shrink in step."""

import numpy as np
import torch

from lab.data.crops import Sample, draw_window, shrink
from lab.data.streets import Streets
from lab.data.town import Town


def sides(window) -> tuple[int, int]:
    rows, columns = window
    return columns.stop - columns.start, rows.stop - rows.start


def test_zoom_draws_windows_between_the_crop_and_its_multiple_inside_the_picture() -> None:
    rng, found = np.random.default_rng(0), []
    for _ in range(300):
        window = draw_window((40, 20), (200, 70), rng=rng, zoom=3.0, shows_two=lambda _: True)
        assert 0 <= window[0].start <= window[0].stop <= 70
        assert 0 <= window[1].start <= window[1].stop <= 200
        found.append(sides(window))
    widths, heights = np.array(found).T
    assert 40 <= widths.min() < 50 and 110 < widths.max() <= 120
    assert np.abs(widths / heights - 2).max() < 0.1  # nothing is squeezed
    # Uniform in the scale: mean 2, deviation 1/sqrt(3) / 2 of the crop's width.
    assert abs(widths.mean() - 80) < 4 * 40 / 3**0.5 / 300**0.5


def test_zoom_ends_where_the_picture_ends() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        window = draw_window((40, 20), (60, 25), rng=rng, zoom=9.0, shows_two=lambda _: True)
        assert sides(window)[1] <= 25


def test_windows_are_drawn_again_until_one_shows_two_classes() -> None:
    asked = []

    def third_time(window) -> bool:
        asked.append(window)
        return len(asked) == 3

    window = draw_window((8, 8), (64, 64), rng=np.random.default_rng(0), shows_two=third_time)
    assert len(asked) == 3 and window == asked[-1]


def test_shrinking_halves_all_three_in_step() -> None:
    ids = torch.arange(8).repeat_interleave(4).expand(16, 32)
    photo = (ids / 8.0).expand(3, 16, 32)
    small = shrink(Sample(labels=ids, instances=ids, photo=photo, name="a"), (16, 8))
    assert small["name"] == "a" and small["photo"].shape == (3, 8, 16)
    assert torch.equal(small["labels"], ids[::2, ::2])
    assert torch.equal(small["instances"], ids[::2, ::2])
    # Away from the steps a smooth filter leaves constants alone.
    assert (small["photo"] - small["labels"] / 8).abs().median() < 0.02


def test_datasets_with_zoom_keep_the_crop_and_show_objects_smaller(tiny_dataset) -> None:
    for data, crop in (
        (Streets(tiny_dataset(), crop=(12, 8), zoom=3.0), (12, 8)),
        (Town(size=(64, 32), length=2, crop=(16, 16), zoom=2.0), (16, 16)),
    ):
        for epoch in range(5):
            data.set_epoch(epoch)
            sample = data[0]
            assert sample["photo"].shape[:0:-1] == crop
            assert sample["labels"].shape == sample["instances"].shape == crop[::-1]
            data.space.check(sample["labels"])
