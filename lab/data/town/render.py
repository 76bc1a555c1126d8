"""From a plan to a picture: `layout` gives exact ids, `scene` also the photo and every object's true look."""

from dataclasses import dataclass

import numpy as np
import torch

from lab.data.streets import STREETS
from lab.data.town.buildings import draw_building
from lab.data.town.canvas import NEAR, Array, Camera, Canvas
from lab.data.town.cars import draw_car
from lab.data.town.furniture import draw_fence, draw_pole, draw_sign
from lab.data.town.ground import Ground, Shadow, shadow_maps
from lab.data.town.layout import Plan, Thing, plan
from lab.data.town.light import Light
from lab.data.town.people import draw_bicyclist, draw_pedestrian
from lab.data.town.trees import draw_tree

MIN_SIDE, MAX_SIDE = 16, 4096
_DRAW = {
    "building": draw_building, "tree": draw_tree, "pole": draw_pole, "sign": draw_sign, "fence": draw_fence,
    "car": draw_car, "pedestrian": draw_pedestrian, "bicyclist": draw_bicyclist,
}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """A street with its truth.

    Attributes:
        labels: class ids of the `streets` label space, int64 (H, W).
        instances: class id for stuff, class * 1000 + k for the k-th object, int64 (H, W).
        photo: RGB in [0, 1], float32 (3, H, W).
        looks: for every instance id in the picture the name of its look (see `LOOKS`).
    """

    labels: torch.Tensor
    instances: torch.Tensor
    photo: torch.Tensor
    looks: dict[int, str]


@dataclass(frozen=True)
class Ids:
    """The ids of a street without its photo: labels and instances, int64 (H, W)."""

    labels: torch.Tensor
    instances: torch.Tensor


def check_size(size: tuple[int, int]) -> None:
    """Refuses sizes (width, height) outside 16..4096 with a ValueError."""
    width, height = size
    if not all(MIN_SIDE <= side <= MAX_SIDE for side in (width, height)):
        raise ValueError(
            f"A town picture is {MIN_SIDE} to {MAX_SIDE} pixels wide and high, got {width}x{height}; "
            "choose both sides in that range."
        )


def _identity(thing: Thing) -> int:
    return STREETS.index(thing.kind) * 1000 + thing.number


def _paint(street: Plan, size: tuple[int, int], *, photo: bool) -> tuple[Canvas, Light, set[int]]:
    """Draws everything far to near. Also tells which surfaces are ground (shaded last)."""
    camera = Camera.of(street.view, size)
    canvas, light = Canvas(camera, photo=photo), Light.of(street, camera)
    width, height = size
    horizon = min(max(camera.horizon, 1.0), height)
    canvas.instance = STREETS.index("sky")
    canvas.polygon(
        np.array([[-9, -9], [width + 9, -9], [width + 9, height + 9], [-9, height + 9.0]]),
        _sky(light),
    )
    ground = Ground(street, light, *shadow_maps(_shadows(street, light), camera)) if photo else None
    canvas.instance = STREETS.index("pavement")
    first = canvas.count
    canvas.polygon(np.array([[-9, horizon], [width + 9, horizon], [width + 9, height + 9], [-9, height + 9.0]]),
                   ground.pavement if ground else _nothing)  # fmt: skip
    canvas.instance = STREETS.index("road")
    near, r = NEAR * 0.55, street.road
    quads = [[(-r, near), (-r, 900.0), (r, 900.0), (r, near)]]
    if street.junction is not None:
        low, high = street.junction
        quads.append([(-200, low), (-200, high), (200, high), (200, low)])
    for quad in quads:
        corners = np.array([[x, 0.0, z] for x, z in quad])
        canvas.polygon(camera.project(corners), ground.road if ground else _nothing)
    last = set(range(first, canvas.count))
    for thing in (*street.behind, *street.front):
        canvas.instance = _identity(thing)
        _DRAW[thing.kind](canvas, light, thing)
    return canvas, light, last


def _nothing(ys: Array, xs: Array) -> Array:
    return np.zeros((len(ys), 3), np.float32)


def _sky(light: Light):
    def shade(ys: Array, xs: Array) -> Array:
        dx, dy = light.camera.ray(ys, xs)
        return light.sky(dx, np.maximum(dy, 0.0))

    return shade


def _shadows(street: Plan, light: Light) -> list[Shadow]:
    """Contact shadows (from the sky's light) and cast shadows (from the sun's) of everything that stands."""
    shadows = []
    drift = -light.sun[[0, 2]] / light.sun[1]
    for thing in (*street.behind, *street.front):
        x, z, p = thing.x, thing.z, thing.params
        if thing.kind == "car":
            yaw = p["yaw"]
            shadows.append(Shadow(x, z, (0.92, 2.25), yaw, 0.28, 0.95, 0.9))
            shadows.append(Shadow(x, z, (1.15, 2.5), yaw, 0.7, 0.3, 0.42))
            off = np.clip(drift * 0.7, -1.6, 1.6)
            shadows.append(Shadow(x + off[0], z + off[1], (0.9, 2.2), yaw, 0.35, 0.85, 0.0))
        elif thing.kind == "tree":
            r, off = p["crown"], np.clip(drift * (p["height"] - p["crown"]), -9, 9)
            thin = 0.35 if thing.look == "winter" else 0.8
            shadows.append(
                Shadow(x + off[0], z + off[1], (r * 0.9, r * 0.9), 0.0, r * 0.5, thin, 0.0)
            )
            shadows.append(Shadow(x, z, (r, r), 0.0, r * 0.7, 0.0, thin * 0.3))
            shadows.append(Shadow(x, z, (0.25, 0.25), 0.0, 0.2, 0.5, 0.5))
        elif thing.kind in ("pedestrian", "bicyclist", "pole"):
            reach = {"pedestrian": 1.6, "bicyclist": 1.5, "pole": min(p.get("height", 2), 4.0)}[
                thing.kind
            ]
            wide = 0.06 if thing.kind == "pole" else 0.2
            off = np.clip(drift * reach, -5, 5) / 2
            length = float(np.hypot(*off))
            yaw = float(np.arctan2(off[0], off[1]))
            shadows.append(
                Shadow(x + off[0], z + off[1], (wide, length), yaw, wide * 0.7, 0.75, 0.0)
            )
            size = 0.7 if thing.kind == "bicyclist" else 0.25
            if thing.kind != "pole":
                shadows.append(Shadow(x, z, (0.25, size), p["yaw"], 0.2, 0.3, 0.5))
    return shadows


def _split(instances: Array) -> tuple[torch.Tensor, torch.Tensor]:
    labels = np.where(instances >= 1000, instances // 1000, instances)
    return torch.from_numpy(labels), torch.from_numpy(instances)


def layout(seed: int, size: tuple[int, int] = (512, 256)) -> Ids:
    """The ids of street `seed` at `size` (width, height): the same as `scene` gives, without shading.

    Raises:
        ValueError: a side outside 16..4096 or a negative seed.
    """
    check_size(size)
    return Ids(*_split(_paint(plan(seed), size, photo=False)[0].instances()))


def scene(seed: int, size: tuple[int, int] = (512, 256)) -> Scene:
    """Street number `seed` at `size` (width, height); the same arguments give the same bytes.

    The composition depends on the seed alone; other sizes show the same street.

    Raises:
        ValueError: a side outside 16..4096 or a negative seed.
    """
    check_size(size)
    street = plan(seed)
    canvas, light, ground = _paint(street, size, photo=True)
    picture, later = canvas.resolve(ground)
    mirror = picture.copy()
    for shader, ys, xs, share in later:
        owner = getattr(shader, "__self__", None)
        if isinstance(owner, Ground):
            owner.mirror = mirror
        picture[ys, xs] += shader(ys, xs) * share[:, None]
    labels, instances = _split(canvas.instances())
    names = {_identity(t): t.look for t in (*street.behind, *street.front)}
    names.update({STREETS.index(kind): look for kind, look in street.looks.items()})
    looks = {int(i): names[int(i)] for i in np.unique(instances.numpy())}
    return Scene(labels, instances, _develop(picture), looks)


def _develop(light: Array) -> torch.Tensor:
    """Linear light to a picture: a soft shoulder for highlights, gamma 2."""
    bright = light * np.float32(1.25)
    toned = bright * (1 + bright * np.float32(0.12)) / (1 + bright * np.float32(0.42))
    curve = np.sqrt(np.clip(toned, 0, 1))
    picture = np.clip(
        curve + np.float32(0.55) * curve * (1 - curve) * (curve - np.float32(0.42)), 0, 1
    )
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1), dtype=np.float32))
