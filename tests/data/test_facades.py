"""Storeys and bays of walls: against the street they were drawn from, mirrors, windows, errors."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from lab.data.parts import parts
from lab.data.parts.facades import BAY, GROUND_FLOOR, PLANES, READ, STOREY, waves
from lab.data.streets import STREETS
from lab.data.town.canvas import Camera
from lab.data.town.planner import plan
from lab.data.town.regular import regular
from lab.data.town.render import layout, scene

SIZE = (512, 256)
WALL = STREETS.index("building")


def facades(labels: torch.Tensor, instances: torch.Tensor) -> torch.Tensor:
    """Heights, distances and places along walls, (B, 3, H, W)."""
    return parts(labels, instances, STREETS)[:, :READ]


def read(seed: int) -> torch.Tensor:
    """Heights and distances (2, H, W) of the layout of street `seed`."""
    ids = layout(seed, SIZE)
    return facades(ids.labels[None], ids.instances[None])[0, :2]


def true_facades(seed: int) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Height and distance (H, W) of every wall along street `seed`, from its plan: by id."""
    street = plan(seed)
    camera = Camera.of(street.view, SIZE)
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    found = {}
    for thing in street.behind:
        if thing.kind == "building" and "across" not in thing.params:
            side = columns - camera.vanish
            z = camera.focal * (thing.x - camera.x) / np.where(np.abs(side) < 1, np.nan, side)
            height = camera.y - z * (rows - camera.horizon) / camera.focal
            unit = camera.focal / street.view["focal"]
            beside = (z > thing.z) & (z < thing.z + thing.params["length"])
            far = np.where(beside, z / (camera.focal / unit * camera.y), np.nan)
            found[WALL * 1000 + thing.number] = (height / camera.y, far)
    return found


def test_walls_are_as_high_and_far_as_the_street_was_planned() -> None:
    """Of the nearer walls, whose feet the horizon's row does not blur, most pixels are right to a
    tenth of a storey and of a bay: of the lattice that windows stand in."""
    rises, depths = [], []
    for seed in range(12):
        instances, (rise, far) = layout(seed, SIZE).instances.numpy(), read(seed).numpy()
        for instance, (height, distance) in true_facades(seed).items():
            seen = (instances == instance) & (distance < 12) & (far > 0)
            rises.append(np.abs(rise - height)[seen] / STOREY)
            depths.append(np.abs(far - distance)[seen] / BAY)
    for errors in (np.concatenate(rises), np.concatenate(depths)):
        assert len(errors) > 50_000
        assert np.median(errors) < 0.05
        assert (errors < 0.1).mean() > 0.6


def test_a_house_across_the_street_has_even_bays() -> None:
    """Its foot is level, so the place along it grows with the column."""
    labels = torch.full((1, 64, 128), STREETS.index("sky"))
    labels[:, 32:] = STREETS.index("road")
    labels[:, 10:48, 70:110] = WALL
    rise, far, along = facades(labels, labels)[0][:, 10:48, 70:110]
    eye = 48 - 32 - 0.5  # pixels from the foot to the highest ground, about
    assert far.std() < 1e-5 and far.mean() == pytest.approx(64 / eye, rel=0.1)
    steps = along.diff(dim=1)[:, 1:-1]  # the ends of its foot go on to the vanishing point
    torch.testing.assert_close(steps, torch.full_like(steps, 1 / eye), rtol=0.1, atol=0)
    torch.testing.assert_close(
        rise.diff(dim=0), torch.full_like(rise[1:], -1 / eye), rtol=0.1, atol=0
    )


def test_what_stands_before_a_wall_leaves_its_lattice() -> None:
    ids = layout(3, SIZE)
    before = read(3)
    instances = ids.instances.clone()
    wall = instances == instances[ids.labels == WALL].mode().values
    columns = wall.any(0).nonzero()[:, 0]
    pole = columns[len(columns) // 2]
    labels = ids.labels.clone()
    labels[:, pole : pole + 3] = STREETS.index("pole")
    instances[:, pole : pole + 3] = STREETS.index("pole") * 1000 + 99
    after = facades(labels[None], instances[None])[0, :2]
    left = wall & (instances == ids.instances)
    assert left.any() and wall.sum() > left.sum()
    assert (after - before)[:, left].abs().mean() < 0.02


def test_nothing_is_said_where_no_wall_is() -> None:
    ids = layout(1, SIZE)
    found = facades(ids.labels[None], ids.instances[None])[0]
    assert found[:, ids.labels == WALL].any()
    assert not found[:, ids.labels != WALL].any()
    assert found.isfinite().all() and found.min() >= 0
    for label in (WALL, STREETS.index("sky"), 255):  # without ground there is no horizon
        alone = torch.full((1, 32, 48), label)
        assert not facades(alone, alone).any()


@pytest.mark.parametrize("seed", range(20))
def test_any_painting_is_read(seed: int) -> None:
    torch.manual_seed(seed)
    labels = torch.randint(len(STREETS), (1, 7, 9)).repeat_interleave(5, 1).repeat_interleave(4, 2)
    found = facades(labels, labels + 1000 * torch.randint(3, labels.shape))
    assert found.shape == (1, 3, 35, 36) and found.isfinite().all()


def test_waves_begin_with_the_planes_and_come_again_with_every_storey_and_bay() -> None:
    near = torch.rand(1, 3, 4, 5) + torch.tensor([GROUND_FLOOR, 1, 0])[:, None, None]
    seen = waves(near)
    assert seen.shape == (1, PLANES, 4, 5)
    assert seen[:, :-2].abs().max() <= 1 + 1e-6
    higher = near + torch.tensor([STOREY, 0, BAY])[:, None, None]
    torch.testing.assert_close(waves(higher)[:, 2:], seen[:, 2:], atol=1e-4, rtol=0)
    assert not waves(torch.zeros_like(near)).any()


def test_windows_stand_inside_their_frames_once_in_every_bay_of_every_storey() -> None:
    rise = torch.linspace(0, GROUND_FLOOR + 3 * STOREY, 600)[:, None].expand(600, 500) + 1e-4
    far = torch.linspace(2 * BAY, 6 * BAY, 500).expand(600, 500) + 1e-4
    panes, frames = waves(torch.stack([rise, far, far])[None])[0, -2:]
    assert set(panes.unique().tolist()) == set(frames.unique().tolist()) == {0.0, 4.0}
    assert (panes <= frames).all() and panes.sum() < frames.sum()
    nothing = torch.zeros(1)
    for found in (panes, frames):
        up, across = found[:, 62], found[250]  # the middle of a bay, and of an upper storey
        assert up.diff(prepend=nothing).clamp_min(0).sum() == 4 * (1 + 3)  # the ground floor's too
        assert across.diff(prepend=nothing).clamp_min(0).sum() == 4 * 4


def test_even_streets_have_the_same_layouts_and_looks() -> None:
    usual, even = scene(5, SIZE), scene(5, SIZE, even=True)
    assert torch.equal(usual.instances, even.instances)
    assert usual.looks == even.looks
    changed = (usual.photo - even.photo).abs().amax(0) > 0.02
    wall = usual.labels == WALL
    assert changed[wall].float().mean() > 0.2  # windows moved; all else but mirrors of them did not
    road = usual.labels == STREETS.index("road")
    assert 0 < changed[road].float().mean() < 0.2  # so did the paint
    assert changed[usual.labels == STREETS.index("sky")].float().mean() == 0


def test_windows_of_even_streets_stand_on_the_lattice() -> None:
    """On near walls light changes at the sides of panes, and less an eighth of a bay aside, on
    glass and bare wall; in usual streets it hardly matters. Of walls as they were planned: how well
    they are read is tested above."""

    def fit(*, even: bool) -> torch.Tensor:
        changes: dict[float, list[torch.Tensor]] = {0.0: [], 0.125: []}
        for seed in range(8):
            drawn = scene(seed, SIZE, even=even)
            change = drawn.photo.mean(0).diff(dim=1).abs()
            for instance, (height, far) in true_facades(seed).items():
                at = (drawn.instances.numpy() == instance) & (far < 8)
                planned = np.where(at, np.stack([height, far, far]), 0).astype(np.float32)
                told = torch.from_numpy(planned)[None]
                inside = torch.from_numpy(at & (height > GROUND_FLOOR))
                inside = inside[:, 1:] & inside[:, :-1]
                for aside, found in changes.items():
                    panes = waves(told + torch.tensor([0, 0, aside * BAY])[:, None, None])[0, -2]
                    found.append(change[(panes[:, 1:] != panes[:, :-1]) & inside])
        at_sides, beside = (torch.cat(found).mean() for found in changes.values())
        return at_sides / beside

    even = fit(even=True)
    assert even > 2
    assert even > 1.5 * fit(even=False)


@pytest.mark.parametrize("seed", range(4))
def test_houses_of_even_streets_share_one_lattice(seed: int) -> None:
    street = plan(seed)
    eye, bay = street.view["height"], BAY * street.view["focal"] * street.view["height"]
    for usual, even in zip(street.behind, regular(street).behind, strict=True):
        if usual.kind != "building":
            assert usual == replace(even, params=usual.params)
            continue
        a, b = usual.params, even.params
        tops = [p["ground"] + p["floors"] * p["floor"] for p in (a, b)]
        assert tops[0] == pytest.approx(tops[1])
        assert b["ground"] == GROUND_FLOOR * eye and b["floor"] == STOREY * eye
        aside, across = usual.x - street.view["x"] - b["start_across"], BAY * eye
        assert aside / across == pytest.approx(round(aside / across))
        assert (usual.z - b["start"]) / bay == pytest.approx(round((usual.z - b["start"]) / bay))
        assert replace(even, params=a) == usual
