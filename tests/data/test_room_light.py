"""Rays through rooms and the light they find, against closed forms and asking every solid."""

import numpy as np
import pytest

from lab.data.rooms.eye import SIDES, Eye, first_met
from lab.data.rooms.finishes import even
from lab.data.rooms.kinds import furnished
from lab.data.rooms.light import Light, Shadows, light_on, shared
from lab.data.rooms.noise import grain, noise
from lab.data.rooms.render import surfaces_of
from lab.data.rooms.solids import FAR, ROUND, Array, Solid

GREY = even((0.5, 0.5, 0.5))
SHAPES = ("box", "cylinder", "ball")
EYE = Eye((2.0, 0.4, 1.5), 0.1, -0.2, 1.1)


def solid(shape: str, **more: float) -> Solid:
    return Solid(shape, (0.3, -0.2, 0.5), (0.7, 0.4, 0.9), 0, 1, GREY, **more)


def rays(count: int, seed: int = 0) -> Array:
    way = np.random.default_rng(seed).normal(size=(3, count))
    return (way / np.linalg.norm(way, axis=0)).astype(np.float32)


@pytest.mark.parametrize("shape", SHAPES)
def test_rays_end_on_the_surface_of_what_they_meet(shape: str) -> None:
    thing, way = solid(shape, turn=0.7, lean=0.3), rays(4000)
    start = np.float32([[0.3], [-3.0], [0.6]])
    met = thing.met(start, way)
    hit = met < FAR
    assert 0.01 < hit.mean() < 0.5
    share = thing.inward() @ (start + way[:, hit] * met[hit] - thing.middle)
    round_, flat = np.linalg.norm(share[:2], axis=0), np.abs(share)
    ends = {"box": flat.max(0), "ball": np.linalg.norm(share, axis=0)}
    surface = ends.get(shape, np.maximum(round_, flat[2]))
    assert np.abs(surface - 1).max() < 1e-3


@pytest.mark.parametrize("shape", SHAPES)
def test_rays_from_within_meet_it_from_within_and_those_away_from_it_never(shape: str) -> None:
    thing, way = solid(shape, turn=0.7), rays(500)
    assert (thing.met(thing.middle, way) < FAR).all()
    far = thing.middle + np.float32([[5.0], [0], [0]])
    away = way.copy()
    away[0] = np.abs(away[0])
    assert (thing.met(far, away) == FAR).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_normals_have_length_one_and_point_outwards(shape: str) -> None:
    thing, way = solid(shape, turn=0.4, lean=-0.5), rays(2000)
    points = thing.middle + way * thing.met(thing.middle, way)
    normal = thing.normals(thing.spots(points))
    assert np.abs(np.linalg.norm(normal, axis=0) - 1).max() < 1e-5
    outside = points + normal * np.float32(1e-2)
    inside = thing.inward() @ (outside - thing.middle)
    within = {"box": np.abs(inside).max(0), "ball": np.linalg.norm(inside, axis=0)}
    cylinder = np.maximum(np.linalg.norm(inside[:2], axis=0), np.abs(inside[2]))
    assert (within.get(shape, cylinder) > 1).all()


def test_faces_of_a_box_are_flat_and_those_of_a_ball_round() -> None:
    way = rays(500)
    for shape, faces in (("box", {0, 1, 2}), ("cylinder", {2, ROUND}), ("ball", {ROUND})):
        thing = solid(shape)
        spots = thing.spots(thing.middle + way * thing.met(thing.middle, way))
        assert set(spots.face.tolist()) == faces


@pytest.mark.parametrize("number", range(3))
def test_what_is_met_first_is_the_nearest_of_all(number: int) -> None:
    made, size = furnished(number), (48, 32)
    distance, what = first_met(made.size, made.stock.solids, EYE, size)
    way = EYE.rays(size).reshape(3, -1)
    every = np.stack([thing.met(EYE.start, way) for thing in made.stock.solids])
    nearest = np.minimum(every.min(0).reshape(distance.shape), distance)
    assert np.allclose(nearest, distance, rtol=1e-4)
    shown = what >= 0
    own = every[what[shown], np.nonzero(shown.reshape(-1))[0]]
    assert np.allclose(own, distance[shown], rtol=1e-4)


def test_an_empty_room_shows_its_sides_where_they_are() -> None:
    room, size = (4.0, 5.0, 2.6), (64, 48)
    distance, what = first_met(room, [], EYE, size)
    points = EYE.start[..., None] + EYE.rays(size) * distance
    for side, inward in enumerate(SIDES):
        seen = points[:, what == -1 - side]
        axis = int(np.abs(inward).argmax())
        expected = 0.0 if inward[axis] > 0 else room[axis]
        assert np.allclose(seen[axis], expected, atol=1e-4)


def test_shadows_are_those_of_asking_every_solid() -> None:
    made, size = furnished(1), (64, 48)
    distance, _ = first_met(made.size, made.stock.solids, EYE, size)
    points = (EYE.start[..., None] + EYE.rays(size) * (distance - 0.01)).reshape(3, -1)
    points = points.reshape(3, 3, 16, 4, 16).transpose(0, 1, 3, 2, 4).reshape(3, -1)
    points = points.astype(np.float32)
    shadows = Shadows(made.stock.solids, points)
    wanted = np.ones(points.shape[1], bool)
    for light in (Light((2.0, 2.5, 2.4), np.ones(3), (0.1, 0.1)), None):
        if light is None:
            way, reach = rays(points.shape[1]), np.full(points.shape[1], np.float32(1))
        else:
            way = np.float32(light.at)[:, None] - points
            reach = np.linalg.norm(way, axis=0)
            way = way / reach
        every = np.stack([thing.met(points, way) for thing in made.stock.solids])
        shut = shadows.shut(way, reach, light=light, wanted=wanted)
        assert np.array_equal(shut, (every < reach).any(0))
        assert 0.02 < shut.mean() < 0.98


def floor(side: float) -> tuple[Array, Array]:
    """Places and upward normals of a floor of 32x32 pixels."""
    x, y = np.meshgrid(*[(np.arange(32) + 0.5) / 32 * side] * 2)
    normal = np.zeros((3, 32, 32), np.float32)
    normal[2] = 1
    return np.stack([x, y, 0 * x]).astype(np.float32), normal


def test_a_lamp_falls_off_with_the_square_of_its_distance_and_the_angle() -> None:
    places, normals = floor(4.0)
    lamp = Light((2.0, 2.0, 2.0), np.array((1.0, 0.5, 0.25)), (0.0, 0.0))
    got = light_on(places, normals, [], lights=[lamp], room=np.zeros(3))
    way = np.array((2.0, 2.0, 2.0))[:, None, None] - places - normals * 0.004
    square = (way**2).sum(0)
    expected = way[2] / np.sqrt(square) / (square + 0.12)
    for channel, strength in enumerate((1.0, 0.5, 0.25)):
        assert np.allclose(got[channel], strength * expected, rtol=2e-3)


def test_a_floor_gets_of_the_room_what_no_lid_shuts_out() -> None:
    """Rays by the cosine pass a lid at height h within reach r in (h / r)² of all cases."""
    places, normals = floor(4.0)
    glow = np.array((0.2, 0.3, 0.4))
    free = light_on(places, normals, [], lights=[], room=glow)
    assert np.allclose(free, glow[:, None, None], rtol=1e-5)
    for height in (0.3, 0.5, 0.8):
        lid = Solid("box", (2.0, 2.0, height + 0.01), (30.0, 30.0, 0.01), 0, 1, GREY)
        under = light_on(places, normals, [lid], lights=[], room=glow)
        share = (height - 0.004) ** 2
        assert np.allclose((under / free).mean((1, 2)), share, atol=0.05)


def test_what_is_shared_stays_within_its_surface() -> None:
    surface = np.zeros((24, 24), np.int64)
    surface[:, 11:] = 1
    light = np.where(surface == 1, 3.0, 1.0)[None].repeat(3, 0)
    assert np.allclose(shared(light, surface), light)
    chance = np.random.default_rng(0).random((3, 24, 24))
    whole = shared(chance, np.zeros((24, 24), np.int64))
    expected = chance[:, 8:12, 8:12].mean((1, 2))  # a pixel's square begins two before it
    assert np.allclose(whole[:, 10, 10], expected)


def test_every_face_of_every_solid_is_a_surface_of_its_own() -> None:
    what = np.repeat(np.arange(-6, 9), 6)[None]
    numbers = surfaces_of(what, np.tile(SIDES.T, 15)[:, None])
    assert len(np.unique(numbers)) == what.size


def test_light_does_not_depend_on_how_pictures_are_cut_into_squares() -> None:
    places, normals = floor(4.0)
    lamp = Light((2.0, 2.0, 2.0), np.ones(3), (0.0, 0.0))
    given = {"lights": [lamp], "room": np.zeros(3)}
    whole = light_on(places, normals, [], **given)
    part = light_on(places[:, :21, :19], normals[:, :21, :19], [], **given)
    assert np.allclose(part, whole[:, :21, :19])


def test_noise_is_smooth_and_within_its_bounds() -> None:
    points = np.random.default_rng(0).uniform(-9, 9, (3, 4000))
    values = noise(points, 5)
    assert values.min() >= 0 and values.max() < 1 and 0.4 < values.mean() < 0.6
    assert np.abs(noise(points + 1e-3, 5) - values).max() < 0.01
    assert np.abs(noise(points, 6) - values).max() > 0.3
    assert np.array_equal(grain(points, 5, octaves=1), values)
