"""Masks of regions."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from lab.pipelines.regions import (
    class_masks,
    common_classes,
    region_masks,
    region_shares,
    regions_of,
)


def halves() -> torch.Tensor:
    regions = torch.zeros(20, 30).long()
    regions[:, 15:] = 1
    return regions


def test_sharp_masks_say_whose_a_place_is() -> None:
    masks = region_masks(halves(), 3)
    assert torch.equal(masks.argmax(0), halves()) and torch.equal(masks.sum(0), torch.ones(20, 30))
    assert masks[2].sum() == 0


def test_soft_masks_sum_to_one_and_meet_in_the_middle() -> None:
    masks = region_masks(halves(), 2, soft=2.0)
    assert torch.allclose(masks.sum(0), torch.ones(20, 30), atol=1e-5)
    assert torch.allclose(masks[0], masks[1].flip(1), atol=1e-5)
    row = masks[0, 10]
    assert (row[1:] <= row[:-1] + 1e-6).all() and row[0] > 0.99 and row[-1] < 0.01
    # A step blurred by a Gaussian is its distribution function.
    expected = torch.distributions.Normal(14.5, 2.0).cdf(torch.arange(30.0))
    assert torch.allclose(row, 1 - expected, atol=0.01)


@pytest.mark.parametrize(
    ("size", "soft"), [((180, 250), 17), ((131, 257), 40), ((300, 200), 300), ((150, 140), 1000)]
)
def test_very_soft_masks_are_those_of_the_whole_gaussian(monkeypatch, size, soft) -> None:
    """Drawn small and enlarged: less than a percent off, at the border as well."""
    wide = torch.nn.functional.interpolate(torch.rand(1, 3, 6, 6), size, mode="bicubic")
    regions = wide[0].argmax(0)
    found = region_masks(regions, 3, soft=soft)
    monkeypatch.setattr("lab.pipelines.regions.EXACT", soft)
    exact = region_masks(regions, 3, soft=soft)
    assert not torch.equal(found, exact)  # or nothing was compared
    assert (found - exact).abs().max() < 0.01 < 0.1 < exact.amax() - exact.amin()
    assert torch.allclose(found.sum(0), torch.ones(size), atol=1e-5)


def at_once(regions: torch.Tensor, count: int, soft: float) -> torch.Tensor:
    """The masks under the whole Gaussian, all of the picture in one go."""
    reach = min(int(3 * soft + 0.5), min(regions.shape) - 1)
    kernel = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / soft) ** 2)[None, None, None]
    masks = torch.stack([(regions == region).float() for region in range(count)])[:, None]
    padded = F.pad(masks, (reach,) * 4, mode="replicate")
    blurred = F.conv2d(F.conv2d(padded, kernel / kernel.sum()), kernel.mT / kernel.sum())
    return blurred[:, 0] / blurred.sum((0, 1))


@pytest.mark.parametrize("strip", [1, 1000, 20_000])
@pytest.mark.parametrize(("size", "soft"), [((90, 130), 4), ((61, 40), 16), ((3, 200), 2)])
def test_masks_blurred_in_strips_are_those_blurred_at_once(monkeypatch, size, soft, strip) -> None:
    monkeypatch.setattr("lab.pipelines.regions.STRIP", strip)
    wide = F.interpolate(torch.rand(1, 3, 6, 6), size, mode="bicubic")
    regions = wide[0].argmax(0)
    found, exact = region_masks(regions, 3, soft=soft), at_once(regions, 3, soft)
    torch.testing.assert_close(found, exact, rtol=0, atol=1e-6)


HELD = """
import torch
from lab.pipelines.regions import region_masks
def status(name):
    return int(next(l for l in open("/proc/self/status") if l.startswith(name)).split()[1]) * 1024
regions = torch.zeros(2160, 4096, dtype=torch.long)
regions[:, 2048:] = 1
region_masks(regions[:64, :64], 2, soft=4.0)
before = status("VmRSS")
region_masks(regions, 2, soft=4.0)
print((status("VmHWM") - before) / regions.numel())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_blurring_holds_little_beyond_the_masks_themselves() -> None:
    settings = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1"}
    settings["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    run = [sys.executable, "-c", HELD]
    done = subprocess.run(run, env=settings, capture_output=True, text=True, check=True)
    own = 2 * 4  # bytes a pixel of two masks
    assert own <= float(done.stdout) < 5 * own


def test_a_region_without_a_style_is_refused() -> None:
    with pytest.raises(ValueError, match="Region 1 has no style; expected 0 alone, one region"):
        region_masks(halves(), 1)
    with pytest.raises(ValueError, match="Region -1 has no style; expected 0 to 1"):
        region_masks(halves() - 1, 2)


def test_shares_are_scaled_and_nobodys_places_take_the_mix() -> None:
    masks = torch.tensor([[[3.0, 0.0, 0.0]], [[1.0, 0.2, 0.0]]])
    shares = region_shares(masks, [0.9, 0.1], size=(1, 3))
    assert torch.allclose(shares[0], torch.tensor([[0.75, 0.0, 0.9]]))
    assert torch.allclose(shares.sum(0), torch.ones(1, 3))


@pytest.mark.parametrize(
    ("masks", "sentence"),
    [
        (torch.ones(2, 4, 5), r"\(2, 4, 5\); expected \(styles, H, W\) = \(2, 4, 6\)"),
        (torch.ones(3, 4, 6), "expected"),
        (-torch.ones(2, 4, 6), "negative or broken"),
        (torch.full((2, 4, 6), torch.nan), "negative or broken"),
    ],
)
def test_masks_that_do_not_fit_are_refused(masks, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        region_shares(masks, [0.5, 0.5], size=(4, 6))


def test_classes_are_common_where_both_show_enough() -> None:
    content, style = halves(), 7 + halves()[:, ::3]
    assert common_classes(content, style, [(0, 8), (1, 7), (2, 8), (0, 0)]) == [(0, 8), (1, 7)]
    content[0, 0] = 2  # one pixel of 600 is .17 %
    assert common_classes(content, style, [(2, 8)]) == []


def test_regions_are_the_matched_classes_and_the_rest() -> None:
    assert regions_of(torch.tensor([[4, 9], [2, 255]]), [9, 4]).tolist() == [[1, 0], [2, 2]]


def test_class_masks_say_what_counts_and_where_it_goes() -> None:
    style = torch.tensor([[5, 6], [6, 255]])
    where, counting = class_masks(halves(), style, [(1, 6)])
    assert torch.equal(where[0], halves().float()) and torch.equal(where.sum(0), torch.ones(20, 30))
    assert counting[0].tolist() == [[0, 1], [1, 0]] and counting[1] is None
