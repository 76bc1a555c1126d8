"""Where a pixel lies in its object: brute force, mirrors, windows, perspective."""

import math

import numpy as np
import torch

from lab.data.places import DEPTHS, PERIODS, PLANES, places, places_through, waves
from lab.data.town import Town

EVERYWHERE = (slice(None), slice(None))


def by_hand(instances: torch.Tensor) -> torch.Tensor:
    """The definition, pixel by pixel: (H, W) → (4, H, W)."""
    height, width = instances.shape
    found = torch.zeros(4, height, width)
    for y in range(height):
        for x in range(width):
            own = instances == instances[y, x]
            columns, rows = own[y].nonzero()[:, 0], own[:, x].nonzero()[:, 0]
            for plane, at, line, whole in ((0, x, columns, width), (1, y, rows, height)):
                first, last = int(line.min()), int(line.max())
                if last > first:
                    found[plane, y, x] = 2 * (at - first) / (last - first) - 1
                found[plane + 2, y, x] = (last - first + 1) / whole
    return found


def scattered(*shape: int, seed: int = 0) -> torch.Tensor:
    """Objects in pieces, with ids that are not dense."""
    torch.manual_seed(seed)
    return torch.tensor([7, 255, 8001, -3])[torch.randint(4, shape)]


def test_places_are_their_definition() -> None:
    instances = scattered(2, 9, 13)
    expected = torch.stack([by_hand(picture) for picture in instances])
    torch.testing.assert_close(places(instances), expected)
    whole = places_through(instances[0].numpy(), EVERYWHERE)
    assert torch.equal(whole, places(instances)[0])


def test_what_stands_before_an_object_does_not_cut_it() -> None:
    wall = torch.zeros(1, 8, 8, dtype=torch.int64)
    pole = wall.clone()
    pole[:, 2:6, 3] = 1
    free = pole[0] == 0
    assert torch.equal(places(pole)[0][:, free], places(wall)[0][:, free])


def test_the_mirror_of_places_is_the_places_of_the_mirror() -> None:
    instances = scattered(1, 12, 17)
    mirrored = places_through(instances[0].numpy(), EVERYWHERE, mirror=True)
    torch.testing.assert_close(mirrored, places(instances.flip(-1))[0])


def test_waves_begin_with_the_places_and_stay_within_one() -> None:
    place = places(scattered(1, 16, 24))
    seen = waves(place)
    assert seen.shape == (1, PLANES, 16, 24)
    assert torch.equal(seen[:, :4], place)
    assert seen.abs().max() <= 1 + 1e-6
    for number, period in enumerate(PERIODS):
        sine, cosine = seen[:, 4 + 4 * number :][:, :2], seen[:, 6 + 4 * number :][:, :2]
        torch.testing.assert_close(sine, (math.pi * period * place[:, :2]).sin())
        torch.testing.assert_close(sine.square() + cosine.square(), torch.ones_like(sine))


def test_waves_of_depth_are_even_along_a_receding_wall() -> None:
    """A wall is f · h / z high in a picture, so 1 / height is even in z, whatever f and h are."""
    depth = torch.linspace(2, 6, 401)
    place = torch.zeros(1, 4, 1, 401)
    place[:, 2], place[:, 3] = 1, 1 / depth
    faint = (4 * place[:, 3]).clamp_max(1)
    wave = (waves(place)[:, -4] / faint)[0, 0]
    period = round(100 / DEPTHS[0])  # in samples, 100 a unit
    torch.testing.assert_close(wave[period:], wave[:-period], atol=1e-3, rtol=0)
    assert wave[:period].max() > 0.99 and wave[:period].min() < -0.99


def test_a_window_knows_the_places_of_its_whole_picture() -> None:
    whole = Town(split="val", size=(64, 32), length=1, places=True)[0]
    data = Town(split="val", size=(64, 32), crop=(32, 32), length=1, places=True, seed=0)
    for epoch in range(3):
        data.set_epoch(epoch)
        window = data[0]
        lefts = [
            left
            for left in range(33)
            if torch.equal(whole["instances"][:, left : left + 32], window["instances"])
        ]
        assert len(lefts) == 1
        assert torch.equal(whole["places"][:, :, lefts[0] :][:, :, :32], window["places"])


def test_samples_without_them_are_the_same_otherwise() -> None:
    settings = {"size": (64, 32), "crop": (32, 32), "length": 2, "flip": True, "zoom": 1.5}
    plain, told = Town(**settings), Town(**settings, places=True)
    for index in range(2):
        a, b = plain[index], told[index]
        assert "places" not in a
        assert b["places"].shape == (4, 32, 32)
        assert torch.equal(a["photo"], b["photo"]) and torch.equal(a["instances"], b["instances"])


def test_large_maps_take_no_loop_over_objects() -> None:
    ids = np.arange(64 * 96).reshape(64, 96)
    place = places_through(ids, EVERYWHERE)
    assert not place[:2].any()
    assert torch.equal(place[2], torch.full((64, 96), 1 / 96))
