"""Lines, wheels, lamps and heads: against the street they were drawn from, and closed forms."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from lab.data.faces import FACES
from lab.data.indoor import INDOOR
from lab.data.labels import LabelSpace
from lab.data.parts import (
    OF_STREETS,
    cars,
    facades,
    figures,
    foliage,
    kinds_of,
    parts,
    parts_through,
    roads,
)
from lab.data.parts.perspective import LOUD, Street
from lab.data.places import places
from lab.data.streets import STREETS
from lab.data.town import Town
from lab.data.town.canvas import Camera
from lab.data.town.car_mesh import MODELS
from lab.data.town.layout import Plan, Thing
from lab.data.town.planner import plan
from lab.data.town.render import layout, scene
from lab.models.pix2pixhd import GeneratorConfig

SIZE = (512, 256)
SKY, ROAD, WALK, CAR = (STREETS.index(name) for name in ("sky", "road", "pavement", "car"))


def street(seed: int, size: tuple[int, int] = SIZE) -> tuple[Street, Plan, Camera]:
    """A street's layout and what it was drawn from."""
    ids, planned = layout(seed, size), plan(seed)
    seen = Street(ids.labels.numpy(), ids.instances.numpy(), STREETS)
    return seen, planned, Camera.of(planned.view, size)


def straight() -> Street:
    """An empty road between kerbs that meet at (64, 32), 2 heights of the eye to either side."""
    rows, columns = np.mgrid[:128, :128] + 0.5
    below = rows - 32
    labels = np.where(np.abs(columns - 64) < 2 * below, ROAD, WALK)
    labels = np.where(below < 0, SKY, labels)
    return Street(labels, labels, STREETS)


def test_the_horizon_and_the_vanishing_point_are_those_of_the_camera() -> None:
    missed = []
    for seed in range(30):
        seen, _, camera = street(seed)
        missed.append(np.abs(seen.point - (camera.vanish, camera.horizon)))
    aside, above = np.array(missed).T
    assert np.median(aside) < 1 and np.median(above) < 0.5
    assert np.quantile(above, 0.9) < 3


def test_roads_are_as_wide_and_far_as_the_street_was_planned() -> None:
    errors = []
    for seed in range(12):
        seen, planned, camera = street(seed)
        across, far, _ = roads.read(seen)
        ys, xs = ((seen.labels == ROAD) & (far > 0) & (far < 12)).nonzero()
        below = ys + 0.5 - camera.horizon
        x = camera.x + (xs + 0.5 - camera.vanish) * camera.y / below
        z = camera.focal / planned.view["focal"] / below
        beside = np.abs(x) < planned.road  # not on the side road
        error = np.stack([across[ys, xs] - x / planned.road, far[ys, xs] / z - 1])[:, beside]
        errors.append(np.abs(error))
    errors = np.concatenate(errors, 1)
    assert errors.shape[1] > 100_000
    assert (np.median(errors, 1) < 0.03).all()
    aside, along = np.quantile(errors, 0.8, axis=1)  # cars hide many a kerb
    assert aside < 0.25 and along < 0.05


def test_paint_is_a_line_of_one_width_in_dashes_of_one_length() -> None:
    seen = straight()
    across, far, paint = roads.read(seen)
    on = (seen.labels == ROAD) & (np.arange(128)[:, None] >= 36)
    below = (np.arange(128) + 0.5 - 32)[:, None]
    beside = np.arange(128) + 0.5 - 64
    np.testing.assert_allclose(across[on], (beside / below / 2)[on], atol=0.05)
    np.testing.assert_allclose(far[40:], np.where(on, seen.unit / below, 0)[40:], rtol=0.05)
    assert not paint[seen.labels != ROAD].any() and paint.min() >= 0 and paint.max() <= 1
    width, dashes = paint.sum(1)[40:], far[40:, 64] / (2 * roads.DASH) % 1
    inside, between = (dashes > 0.15) & (dashes < 0.35), (dashes > 0.65) & (dashes < 0.85)
    assert inside.any() and between.any()
    np.testing.assert_allclose(width[inside], 2 * roads.LINE * below[40:, 0][inside], rtol=0.1)
    assert not width[between].any()


def test_a_kerb_that_is_hidden_lies_opposite_the_other_between_the_walls() -> None:
    seen = straight()
    middle, half = seen.road
    assert middle == pytest.approx(0, abs=0.05) and half == pytest.approx(2, rel=0.05)
    rows, columns = np.mgrid[:128, :128] + 0.5
    right = columns > 64
    labels = np.where((seen.labels == WALK) & right, ROAD, seen.labels)  # no right kerb
    far_aside = np.abs(columns - 64) > 3 * (rows - 32)
    labels = np.where(far_aside & (rows > 20), STREETS.index("building"), labels)
    ids = labels + 1000 * right
    middle, half = Street(labels, ids, STREETS).road
    assert middle == pytest.approx(0, abs=0.1) and half == pytest.approx(2, rel=0.1)


def test_walls_that_are_one_object_are_read_side_by_side() -> None:
    seen, rows, columns = straight(), *(np.mgrid[:128, :128] + 0.5)
    beside = np.abs(columns - 64) > 3 * (rows - 32)
    stuff = np.where(beside & (rows > 20), STREETS.index("building"), seen.labels)
    objects = np.where(stuff == STREETS.index("building"), 1000 + (columns > 64), stuff)
    as_one, apart = (facades.read(Street(stuff, ids, STREETS)) for ids in (stuff, objects))
    here = (as_one[0] > 0) & (apart[0] > 0)
    assert here.sum() > 0.9 * (apart[0] > 0).sum() > 1000
    np.testing.assert_allclose(as_one[:, here], apart[:, here], rtol=0.05, atol=0.05)


def test_even_roads_are_painted_where_the_layout_tells() -> None:
    brighter = []
    for seed in range(6):
        drawn = scene(seed, SIZE, even=True)
        seen = Street(drawn.labels.numpy(), drawn.instances.numpy(), STREETS)
        _, far, paint = roads.read(seen)
        light, near = drawn.photo.mean(0).numpy(), (far > 0) & (far < 10)
        if (painted := near & (paint > 0.9)).any():
            beside = near & (paint == 0)
            brighter.append(light[painted].mean() - light[beside].mean())
    assert len(brighter) > 3 and min(brighter) > 0.1


def whole_cars(seed: int, seen: Street, planned: Plan) -> Iterator[tuple[Thing, int, np.ndarray]]:
    """Cars along the street, near and large: as planned, their id, where they are seen."""
    for thing in planned.front:
        at = seen.instances == CAR * 1000 + thing.number
        along = thing.kind == "car" and abs(np.sin(thing.params["yaw"])) < 0.1
        if along and thing.z < 14 and at.sum() > 400 and not at[:, [0, -1]].any():
            yield thing, CAR * 1000 + thing.number, at


def test_wheels_and_lamps_are_told_where_the_car_has_them() -> None:
    """Seven in ten of the far wheels of sides that are seen, and eight in ten of the lamps, have
    their middle in one that is told; of the places above the wheel and above the plate few are.
    Others hide the ends of the rest."""
    hits: dict[str, list[bool]] = {"wheel": [], "lamp": [], "above": [], "between": []}
    for seed in range(30):
        seen, planned, camera = street(seed, (1024, 512))
        tyres, _, lamps, _ = cars.waves(torch.from_numpy(cars.read(seen))[None])[0, 3:].numpy()
        for thing, _, at in whole_cars(seed, seen, planned):
            (length, width), scale = MODELS[int(thing.params["model"])].half, thing.params["scale"]
            away = 1 if np.cos(thing.params["yaw"]) > 0 else -1  # the end that is seen: the rear
            side = -1 if thing.x > camera.x else 1
            radius = 0.33 if MODELS[int(thing.params["model"])].belt < 1 else 0.37
            model = MODELS[int(thing.params["model"])]
            height = (model.belt if away > 0 else model.nose) * 0.8 - 0.1
            corner = camera.project(np.array([thing.x + side * width, 0, thing.z - length]))
            points = {
                "wheel": (side * width, radius, length - 0.78),
                "above": (side * width, radius + 0.6, length - 0.78),
                "lamp": (side * (width - 0.27), height, -length),
                "between": (0, height + 0.45, -length),
            }
            for name, (x, y, z) in points.items():
                point = np.array([thing.x + x * scale, y * scale, thing.z + z * scale])
                column, row = camera.project(point).astype(int)
                on_side = name in ("wheel", "above")
                hidden = on_side and side * (column - corner[0]) < 4  # behind the near end
                if 0 <= column < 1024 and 0 <= row < 512 and at[row, column] and not hidden:
                    told = tyres if on_side else lamps
                    hits[name].append(bool(told[row, column]))
    shares = {name: np.mean(found) for name, found in hits.items()}
    assert min(map(len, hits.values())) > 20
    assert shares["wheel"] > 0.7 and shares["lamp"] > 0.8, shares
    assert shares["above"] < 0.1 and shares["between"] < 0.1, shares


def test_lamps_tell_the_side_of_the_road() -> None:
    for seed in range(8):
        seen, planned, _ = street(seed)
        lamps = cars.waves(torch.from_numpy(cars.read(seen))[None])[0, 5].numpy()
        for thing, _, at in whole_cars(seed, seen, planned):
            if abs(thing.x) > planned.road / 3:
                assert set(np.unique(lamps[at])) <= {0.0, LOUD * np.sign(thing.x)}


def test_a_car_across_the_street_shows_its_wheels_at_both_ends() -> None:
    seen = straight()
    labels, ids = seen.labels.copy(), seen.labels.copy()
    labels[50:62, 30:66], ids[50:62, 30:66] = CAR, CAR * 1000
    along, across, up = cars.read(Street(labels, ids, STREETS))[:, 50:62, 30:66]
    steps = np.diff(along, axis=1)
    assert not across.any() and (steps <= 0).all() and (steps < 0).mean() > 0.9
    assert (np.diff(up, axis=0) <= 0).all()
    tyres = cars.waves(torch.from_numpy(np.stack([along, across, up]))[None])[0, 3] > 0
    runs = tyres[-3].float().diff(prepend=torch.zeros(1)).clamp_min(0).sum()
    assert runs == 2


def test_people_have_their_head_on_top_and_legs_below() -> None:
    labels = np.full((120, 60), WALK)
    labels[:10] = SKY
    labels[12:112, 20:40] = STREETS.index("pedestrian")
    told = torch.from_numpy(figures.read(Street(labels, labels, STREETS)))
    up, head, legs = figures.waves(told[None])[0]
    here = slice(12, 112), slice(20, 40)
    expected = (100 - torch.arange(100) - 0.5) / 100
    torch.testing.assert_close(up[here], expected[:, None].expand(100, 20))
    assert (head[here].sum(0) == LOUD * 13).all() and (legs[here].sum(0) == LOUD * 52).all()
    for plane in (up, head, legs):
        assert plane.count_nonzero() == plane[here].count_nonzero()


@pytest.mark.parametrize("seed", [3, 5, 11])
def test_the_mirror_of_parts_is_the_parts_of_the_mirror(seed: int) -> None:
    ids = layout(seed, SIZE)
    everywhere = (slice(None), slice(None))
    told = ids.labels.numpy(), ids.instances.numpy()
    mirrored = parts_through(*told, STREETS, everywhere, mirror=True)
    own = parts(*(x.flip(-1)[None] for x in (ids.labels, ids.instances)), STREETS)[0]
    usual = parts(ids.labels[None], ids.instances[None], STREETS)[0]
    # Noise is a place's, whatever stands there: a mirror shows it mirrored.
    assert torch.equal(mirrored[-foliage.READ :], usual[-foliage.READ :].flip(-1))
    mirrored, own = mirrored[: -foliage.READ], own[: -foliage.READ]
    assert (mirrored - own).abs().gt(0.02).float().mean() < 1e-3


def test_nothing_is_said_of_other_things_nor_without_ground() -> None:
    ids = layout(1, SIZE)
    told = parts(ids.labels[None], ids.instances[None], STREETS)[0]
    ends = np.cumsum([facades.READ, roads.READ, cars.READ, figures.READ, foliage.READ])
    kinds = ("building",), ("road",), ("car",), ("pedestrian", "bicyclist"), ("tree",)
    for own, names in zip(told.tensor_split(ends[:-1].tolist()), kinds, strict=True):
        here = torch.isin(ids.labels, torch.tensor([STREETS.index(name) for name in names]))
        assert own[:, here].any() and not own[:, ~here].any()
    assert told.isfinite().all()
    for label in (CAR, SKY, 255):
        alone = torch.full((1, 32, 48), label)
        assert not parts(alone, alone, STREETS).any()


def test_hints_are_loud_and_all_else_is_not() -> None:
    ids = layout(2, SIZE)
    seen = OF_STREETS.waves(parts(ids.labels[None], ids.instances[None], STREETS))
    planes, hints = OF_STREETS.planes, OF_STREETS.hints
    assert seen.shape == (1, planes, *SIZE[::-1])
    noises = range(planes - foliage.PLANES, planes - foliage.HINTS)
    others = [k for k in range(planes) if k not in hints and k not in noises]
    assert seen[:, others].abs().max() <= roads._WIDEST
    assert seen[:, noises].square().mean().sqrt() < 1
    for plane in seen[0, hints]:
        assert plane.abs().max() == LOUD


@pytest.mark.parametrize("space", [STREETS, INDOOR], ids=lambda space: space.name)
@pytest.mark.parametrize("seed", range(20))
def test_any_painting_is_read(seed: int, space: LabelSpace) -> None:
    torch.manual_seed(seed)
    labels = torch.randint(len(space), (1, 7, 9)).repeat_interleave(5, 1).repeat_interleave(4, 2)
    ids, kinds = labels + 1000 * torch.randint(3, labels.shape), kinds_of(space)
    told = parts(labels, ids, space)
    assert told.shape == (1, kinds.read_planes, 35, 36) and told.isfinite().all()
    assert kinds.waves(told).isfinite().all()


def test_faces_have_no_parts() -> None:
    ids = torch.zeros(1, 8, 8, dtype=torch.int64)
    with pytest.raises(ValueError, match="Parts are read off streets, with the class building"):
        parts(ids, ids, FACES)
    with pytest.raises(ValueError, match="parts is set without places"):
        GeneratorConfig(inputs=12, parts=True)


def test_a_sample_tells_the_parts_of_its_whole_street() -> None:
    settings = {"split": "val", "size": (128, 64), "length": 1, "places": True}
    whole, plain = Town(**settings, parts=True)[0], Town(**settings)[0]
    alone = Town(**{**settings, "places": False}, parts=True)[0]
    assert torch.equal(alone["places"], whole["places"])
    assert torch.equal(whole["places"][:4], plain["places"])
    assert torch.equal(whole["places"][:4], places(whole["instances"][None])[0])
    found = parts(whole["labels"][None], whole["instances"][None], STREETS)[0]
    assert torch.equal(whole["places"][4:], found)
