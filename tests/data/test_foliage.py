"""The noise that leaves follow: its closed forms, and the trees that were drawn from it."""

import numpy as np
import pytest
import torch

from lab.data.cityscapes import CITYSCAPES
from lab.data.parts import foliage
from lab.data.parts.perspective import LOUD, Street
from lab.data.streets import STREETS
from lab.data.town.render import scene

SIZE = (512, 256)
TREE, SKY, ROAD = (STREETS.index(name) for name in ("tree", "sky", "road"))


def everywhere(side: int, *, finer: int = 1) -> np.ndarray:
    """The noises (4, side, side) of a square picture, at every so manieth part of a pixel."""
    at = (np.arange(side * finer) + 0.5) / finer
    ys, xs = np.meshgrid(at, at, indexing="ij")
    return foliage.noise(ys.ravel(), xs.ravel(), side).reshape(-1, side * finer, side * finer)


def test_each_noise_has_its_wavelength_in_all_directions_alike() -> None:
    side = 768
    for noise, wave in zip(everywhere(side), foliage.WAVES, strict=True):
        power = np.abs(np.fft.fft2(noise)) ** 2
        turns = np.fft.fftfreq(side) * side
        rows, columns = np.meshgrid(turns, turns, indexing="ij")
        length = np.hypot(rows, columns) * wave  # 1: the wavelength
        near = (length > 0.5) & (length < 2)
        assert power[near].sum() > 0.8 * power.sum()
        angle = np.arctan2(rows, columns)[near] % np.pi
        sectors = np.bincount((angle / np.pi * 8).astype(int) % 8, power[near], 8)
        assert sectors.max() < 2 * sectors.min()


def test_no_noise_repeats_nor_says_what_another_says() -> None:
    noises = everywhere(384)
    assert np.abs(noises.mean((1, 2))).max() < 0.1
    np.testing.assert_allclose(noises.std((1, 2)), 1, atol=0.15)
    together = np.corrcoef(noises.reshape(4, -1))
    assert np.abs(together - np.eye(4)).max() < 0.25  # neighbours overlap a little
    for noise, wave in zip(noises, foliage.WAVES, strict=True):
        power = np.abs(np.fft.fft2(noise, (768, 768))) ** 2  # enough zeros that nothing wraps
        alike = np.fft.ifft2(power).real / (noise**2).sum()
        rows, columns = np.mgrid[:384, :384]
        assert np.abs(alike[:384, :384][np.hypot(rows, columns) > 3 * wave * 384]).max() < 0.35


def test_a_picture_twice_as_large_shows_the_same_noise() -> None:
    small, large = everywhere(384, finer=2), everywhere(768)
    np.testing.assert_allclose(small, large, atol=1e-3)


def test_what_a_pixel_does_not_hold_fades() -> None:
    told = [everywhere(side).std((1, 2)) for side in (64, 128, 192, 384)]
    finest = [deviations[0] for deviations in told]
    assert finest[0] == finest[1] == 0 < finest[2] < 0.6 < 0.85 < finest[3]
    assert told[0][3] > 0.8  # 5 pixels


def test_only_trees_are_told_and_each_by_itself() -> None:
    labels = np.full((64, 96), SKY)
    labels[40:] = ROAD
    alone, both = labels.copy(), labels.copy()
    alone[10:30, 10:30] = both[10:30, 10:30] = both[5:35, 40:80] = TREE
    first, second = (foliage.read(Street(maps, maps, STREETS)) for maps in (alone, both))
    assert first[3, 10:30, 10:30].all() and not first[:, alone != TREE].any()
    np.testing.assert_array_equal(first[:, 10:30, 10:30], second[:, 10:30, 10:30])
    green = np.where(alone == TREE, CITYSCAPES.index("vegetation"), CITYSCAPES.index("road"))
    np.testing.assert_array_equal(foliage.read(Street(green, green, CITYSCAPES)), first)


def test_trunks_are_told_nothing_but_what_narrows_otherwise_is() -> None:
    rows, columns = np.mgrid[:128, :192]
    crown = (np.hypot(rows - 40, columns - 60) < 30) & (rows < 65)
    trunk = (rows >= 65) & (rows < 100) & (abs(columns - 60) < 6)
    hedge = (abs(rows - 90) < 20) & (columns > 120)  # as wide below as above
    palm = (rows < 40) & (abs(columns - 150) < 3)  # narrow, but with leaves under it
    fan = (rows >= 40) & (rows < 60) & (abs(columns - 150) < 20)
    labels = np.where(crown | trunk | hedge | palm | fan, TREE, ROAD)
    instances = labels + 100 * (crown | trunk) + 200 * hedge + 300 * (palm | fan)
    told = foliage.read(Street(labels, instances, STREETS))
    np.testing.assert_array_equal(told[3] != 0, crown | hedge | palm | fan)


def test_hints_say_where_leaves_are_bright_and_twigs_thin() -> None:
    told = torch.from_numpy(everywhere(256)[None])
    told[..., :40] = 0  # no tree
    seen = foliage.waves(told)[0]
    assert torch.equal(seen[:4], told[0]) and seen.shape[0] == foliage.PLANES
    bright, twigs = seen[4:] / LOUD
    assert set(bright.unique().tolist()) == set(twigs.unique().tolist()) == {0, 1}
    assert not seen[:, :, :40].any()
    assert bright[:, 40:].mean() == pytest.approx(0.5, abs=0.05)
    assert 0.1 < twigs[:, 40:].mean() < 0.25


def cells(values: np.ndarray) -> np.ndarray:
    """Cells of 12x12 pixels, (n, 144), of a picture (256, 504)."""
    return values[:252, :504].reshape(21, 12, 42, 12).swapaxes(1, 2).reshape(-1, 144)


def test_leaves_of_even_streets_are_bright_where_the_noise_tells() -> None:
    """In cells that trees in leaf fill light and told noise go together, of usual ones they do not;
    trunks and gaps before a bright sky are there, too."""
    found: dict[bool, list[float]] = {True: [], False: []}
    for seed in range(10):
        for even, alike in found.items():
            drawn = scene(seed, SIZE, even=even)
            seen = Street(drawn.labels.numpy(), drawn.instances.numpy(), STREETS)
            bare = [number for number, look in drawn.looks.items() if look == "winter"]
            leafy = (seen.labels == TREE) & ~np.isin(seen.instances, bare)
            told, light = foliage.leaves(foliage.read(seen)), drawn.photo.mean(0).numpy()
            full = (cells(picture)[cells(leafy).all(1)] for picture in (told, light))
            alike += [np.corrcoef(*both)[0, 1] for both in zip(*full, strict=True)]
    assert len(found[True]) == len(found[False]) > 50
    assert np.mean(found[True]) > 0.25 > 5 * abs(np.mean(found[False])), found
