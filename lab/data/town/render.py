"""From a plan to a picture: `layout` gives exact ids, `scene` also the photo and all true looks."""

from dataclasses import dataclass

import numpy as np
import torch

from lab.data.drawn import OBJECTS, Ids, check_size, class_ids
from lab.data.parts.perspective import Street
from lab.data.parts.roads import PAINT
from lab.data.parts.roads import read as read_road
from lab.data.streets import STREETS
from lab.data.town.buildings import draw_building
from lab.data.town.canvas import Array, Camera, Canvas, Shader
from lab.data.town.cars import draw_car
from lab.data.town.furniture import draw_fence, draw_pole, draw_sign
from lab.data.town.ground import Ground
from lab.data.town.layout import Plan, Thing
from lab.data.town.light import Light
from lab.data.town.people import draw_bicyclist, draw_pedestrian
from lab.data.town.planner import plan
from lab.data.town.regular import regular
from lab.data.town.trees import draw_tree

_DRAW = {
    "building": draw_building,
    "tree": draw_tree,
    "pole": draw_pole,
    "sign": draw_sign,
    "fence": draw_fence,
    "car": draw_car,
    "pedestrian": draw_pedestrian,
    "bicyclist": draw_bicyclist,
}
_NEAR, _FAR, _ASIDE = 0.55, 900.0, 200.0  # metres, how far roads are drawn


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


def layout(seed: int, size: tuple[int, int] = (512, 256)) -> Ids:
    """The ids of street `seed` at `size` (width, height); those of `scene`, without shading.

    Raises:
        ValueError: a side outside 16..4096 or a negative seed.
    """
    check_size(size)
    street = plan(seed)
    camera = Camera.of(street.view, size)
    canvas, light = Canvas(camera, photo=False), Light.of(street, camera)
    _paint(canvas, street, light, Ground(street, light))
    return _ids(canvas)


def scene(seed: int, size: tuple[int, int] = (512, 256), *, even: bool = False) -> Scene:
    """Street number `seed` at `size` (width, height); the same arguments give the same bytes.

    The composition depends on the seed alone: other sizes show the same street. `even`: its houses
    have storeys and bays that follow from the layout, see `regular`, and so do the marks on its
    road, see `lab.data.parts.roads`; its leaves follow a noise, see `lab.data.parts.foliage`.

    Raises:
        ValueError: a side outside 16..4096 or a negative seed.
    """
    check_size(size)
    street = regular(plan(seed)) if even else plan(seed)
    camera = Camera.of(street.view, size)
    canvas, light = Canvas(camera, photo=True), Light.of(street, camera)
    ground = Ground(street, light)
    last = _paint(canvas, street, light, ground)
    ids, planned = _ids(canvas), _looks(street)
    if even:
        ground.mark(read_road(Street(ids.labels.numpy(), ids.instances.numpy(), STREETS))[PAINT])
    photo = _developed(canvas.resolve(last, ground.reflect))
    shown = {int(i): planned[int(i)] for i in np.unique(ids.instances.numpy())}
    return Scene(ids.labels, ids.instances, photo, shown)


def looks(seed: int) -> dict[int, str]:
    """The true look (see `LOOKS`) of every instance id that street `seed` may show at some size.

    Nothing is drawn. All looks are picks from lists, so there is none to round or to group.

    Raises:
        ValueError: a negative seed.
    """
    return _looks(plan(seed))


def _looks(street: Plan) -> dict[int, str]:
    things = {_identity(thing): thing.look for thing in (*street.behind, *street.front)}
    return {STREETS.index(kind): look for kind, look in street.looks.items()} | things


def _identity(thing: Thing) -> int:
    return STREETS.index(thing.kind) * OBJECTS + thing.number


def _ids(canvas: Canvas) -> Ids:
    instances = canvas.instances()
    return Ids(torch.from_numpy(class_ids(instances)), torch.from_numpy(instances))


def _paint(canvas: Canvas, street: Plan, light: Light, ground: Ground) -> set[int]:
    """Draws everything, far to near; returns which surfaces are ground."""
    camera = canvas.camera
    right, low = camera.width + 9.0, camera.height + 9.0
    canvas.instance = STREETS.index("sky")
    canvas.polygon(np.array([[-9, -9], [right, -9], [right, low], [-9, low]]), _sky(light))
    first = canvas.count
    _paint_ground(canvas, street, ground)
    last = set(range(first, canvas.count))
    for thing in (*street.behind, *street.front):
        canvas.instance = _identity(thing)
        _DRAW[thing.kind](canvas, light, thing)
    return last


def _paint_ground(canvas: Canvas, street: Plan, ground: Ground) -> None:
    """Draws the pavement from the horizon down and the roads upon it."""
    camera, r = canvas.camera, street.road
    right, low = camera.width + 9.0, camera.height + 9.0
    horizon = min(max(camera.horizon, 1.0), camera.height)
    canvas.instance = STREETS.index("pavement")
    below = np.array([[-9, horizon], [right, horizon], [right, low], [-9, low]])
    canvas.polygon(below, ground.pavement)
    canvas.instance = STREETS.index("road")
    roads = [[(-r, _NEAR), (-r, _FAR), (r, _FAR), (r, _NEAR)]]
    if street.junction is not None:
        z0, z1 = street.junction
        roads.append([(-_ASIDE, z0), (-_ASIDE, z1), (_ASIDE, z1), (_ASIDE, z0)])
    for corners in roads:
        world = np.array([[x, 0.0, z] for x, z in corners])
        canvas.polygon(camera.project(world), ground.road)


def _sky(light: Light) -> Shader:
    def shade(ys: Array, xs: Array) -> Array:
        dx, dy = light.camera.ray(ys, xs)
        return light.sky(dx, np.maximum(dy, 0.0))

    return shade


def _developed(light: Array) -> torch.Tensor:
    """Linear light (H, W, 3) to a picture (3, H, W): soft highlights, gamma 2, some contrast."""
    bright = light * np.float32(1.25)
    toned = bright * (1 + bright * np.float32(0.12)) / (1 + bright * np.float32(0.42))
    curve = np.sqrt(np.clip(toned, 0, 1))
    more = np.float32(0.55) * curve * (1 - curve) * (curve - np.float32(0.42))
    picture = np.clip(curve + more, 0, 1).transpose(2, 0, 1)
    return torch.from_numpy(np.ascontiguousarray(picture, dtype=np.float32))
