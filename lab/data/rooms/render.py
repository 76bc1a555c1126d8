"""From a furnished room to a picture: `room` gives exact ids, `scene` also the photo."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from lab.data.drawn import OBJECTS, Ids, check_size
from lab.data.indoor import INDOOR
from lab.data.labels import IGNORE
from lab.data.rooms.eye import CEILING, FLOOR, SIDES, Eye, first_met
from lab.data.rooms.finishes import plain
from lab.data.rooms.kinds import furnished
from lab.data.rooms.light import light_on, shared
from lab.data.rooms.plan import Room
from lab.data.rooms.solids import Array, Solid, Spots

_LOOKS = 14  # into a room, of which the best is taken
_ROUGH = (64, 48)  # pixels, to tell which that is
_CEILING = plain((0.8, 0.79, 0.77), 8, uneven=0.02)
_DARKER = 1.45  # reflectance is a colour to this power
_EXPOSURE = 0.27  # of what is as bright as the picture on average, in the logarithm
_OF_SIDES = ("wall", "wall", "wall", "wall", "floor", "ceiling")


@dataclass(frozen=True)
class RoomScene:
    """A room with its truth.

    Attributes:
        labels: class ids of the `indoor` label space, `IGNORE` where things have no class, int64
            (H, W).
        instances: class id for stuff, class * 1000 + k for the k-th object, `IGNORE` as above,
            int64 (H, W).
        photo: RGB in [0, 1], float32 (3, H, W).
    """

    labels: torch.Tensor
    instances: torch.Tensor
    photo: torch.Tensor


@dataclass(frozen=True)
class _Seen:
    """Surfaces, pixel by pixel: what (H, W), and places, normals, colours, own light (3, H, W)."""

    what: Array
    places: Array
    normals: Array
    colours: Array
    own: Array


@lru_cache(maxsize=32)
def room(number: int, size: tuple[int, int]) -> Ids:
    """The ids of room `number`, always the same, at `size` (width, height), without what has none.

    Raises:
        ValueError: a side outside 16..4096.
    """
    check_size(size)
    made, eye = _furnished(number)
    solids = [solid for solid in made.stock.solids if solid.label != IGNORE]
    return _ids(solids, first_met(made.size, solids, eye, size)[1])


def scene(number: int, size: tuple[int, int]) -> RoomScene:
    """Room `number`, always the same, at `size` (width, height), in its light.

    What things look like is worked out at twice the size, the light on them at the size itself.

    Raises:
        ValueError: a side outside 16..4096.
    """
    check_size(size)
    made, eye = _furnished(number)
    seen = _surfaces(made, eye, size)
    fine = _surfaces(made, eye, (2 * size[0], 2 * size[1]))
    light = _enlarged(_light(made, seen), seen.what, fine.what)
    bright = np.clip(fine.colours, 0.015, 0.95) ** np.float32(_DARKER) * light + fine.own
    photo = _developed(bright, np.random.default_rng((31, number)))
    ids = _ids(made.stock.solids, seen.what)
    return RoomScene(ids.labels, ids.instances, torch.from_numpy(photo))


@lru_cache(maxsize=8)
def _furnished(number: int) -> tuple[Room, Eye]:
    made = furnished(number)
    return made, _look(made, np.random.default_rng((30, number)))


def _look(made: Room, rng: np.random.Generator) -> Eye:
    """Of some looks into a room the one that shows most things and none of them too near."""
    wide, deep, _ = made.size
    numbers = np.array([solid.thing for solid in made.stock.solids] + [0])
    best, found = -np.inf, None
    for _ in range(_LOOKS):
        x, y = rng.uniform(0.2, wide - 0.2), rng.uniform(0.15, deep * 0.5)
        ahead = wide / 2 + rng.normal(0, wide * 0.22) - x, deep * rng.uniform(0.6, 1.0) - y
        ways = np.arctan2(*ahead), np.radians(rng.normal(-11, 7)), np.radians(rng.uniform(55, 66))
        eye = Eye((x, y, rng.uniform(1.15, 1.75)), *ways)
        distance, what = first_met(made.size, made.stock.solids, eye, _ROUGH)
        things, pixels = np.unique(numbers[np.where(what < 0, -1, what)], return_counts=True)
        shown = np.minimum(pixels / what.size, 0.06)[things > 0].sum()
        worth = 3 * shown - 4 * (distance < 0.75).mean() - 20 * (distance < 0.3).any()
        worth -= 0.6 * max(0.0, (what < 0).mean() - 0.5)
        if worth > best:
            best, found = worth, eye
    assert found is not None
    return found


def _ids(solids: Sequence[Solid], what: Array) -> Ids:
    """Of what every pixel (H, W) shows: a solid, or a side of the room."""
    labels = [INDOOR.index(name) for name in reversed(_OF_SIDES)]
    instances, objects = list(labels), defaultdict[int, dict[int, int]](dict)
    for solid in solids:
        labels.append(solid.label)
        if solid.label == IGNORE or not INDOOR[solid.label].countable:
            instances.append(solid.label)
            continue
        own = objects[solid.label]
        instances.append(solid.label * OBJECTS + own.setdefault(solid.thing, len(own)))
    return Ids(*(torch.tensor(table)[what + len(_OF_SIDES)] for table in (labels, instances)))


def _surfaces(made: Room, eye: Eye, size: tuple[int, int]) -> _Seen:
    distance, what = first_met(made.size, made.stock.solids, eye, size)
    rays = eye.rays(size)
    places = (eye.start[..., None] + rays * distance).astype(np.float32)
    seen = _Seen(what, places, *(np.zeros_like(places) for _ in range(3)))
    flat = [planes.reshape(3, -1) for planes in (places, seen.normals, seen.colours, seen.own)]
    order = np.argsort(what, axis=None, kind="stable")
    cuts = np.nonzero(np.diff(what.reshape(-1)[order]))[0] + 1
    for pixels in np.split(order, cuts):
        painted = _painted(made, int(what.reshape(-1)[pixels[0]]), flat[0][:, pixels])
        for planes, values in zip(flat[1:], painted, strict=True):
            planes[:, pixels] = values
    turned = (seen.normals * rays).sum(0) > 0  # seen from within
    seen.normals[:, turned] *= -1
    return seen


def _painted(made: Room, what: int, points: Array) -> tuple[Array, Array, Array | float]:
    """Normals, colours and own light of points (3, N) of one solid or side."""
    if what >= 0:
        solid = made.stock.solids[what]
        spots = solid.spots(points)
        return solid.normals(spots), *solid.finish(spots)
    side = -1 - what
    finish = made.floor if side == FLOOR else _CEILING if side == CEILING else made.walls
    spots = Spots(points, points, np.full(points.shape[1], 2))
    return np.broadcast_to(SIDES[side][:, None], points.shape), *finish(spots)


def _light(made: Room, seen: _Seen) -> Array:
    """The light on what is seen, (3, H, W), shared within surfaces."""
    solids, lights = made.stock.solids, made.lights
    light = light_on(seen.places, seen.normals, solids, lights=lights, room=made.glow)
    return shared(light, surfaces_of(seen.what, seen.normals))


def surfaces_of(what: Array, normals: Array) -> Array:
    """Numbers (H, W) of surfaces: every face of a solid has its own, round ones have several."""
    surface = what.astype(np.int64)
    for way in (normals * 1.5).round().astype(np.int64):  # -2 to 2
        surface = 5 * surface + way + 2
    return surface


def _enlarged(light: Array, what: Array, fine: Array) -> Array:
    """Light (3, H, W) at twice the size, of the nearest pixel that shows the same."""
    known = _doubled(what) == fine
    out = _doubled(light)
    for down in (0, -1, 1, -2, 2):
        for right in (0, -1, 1, -2, 2):
            if known.all():
                return out
            moved = [np.roll(planes, (down, right), (-2, -1)) for planes in (what, light)]
            same = ~known & (_doubled(moved[0]) == fine)
            out = np.where(same, _doubled(moved[1]), out)
            known |= same
    return out


def _doubled(planes: Array) -> Array:
    return planes.repeat(2, -2).repeat(2, -1)


def _developed(bright: Array, rng: np.random.Generator) -> Array:
    """Light at twice the size → a photo (3, H, W) float32 in [0, 1], darker in its corners."""
    average = np.exp(np.log(np.maximum(bright.mean(0), 1e-3)).mean())
    exposed = bright * (_EXPOSURE * np.exp(rng.normal(0, 0.3)) / average)
    photo = np.clip(1 - np.exp(-1.55 * exposed), 0, 1) ** (1 / 2.2)
    height, width = photo.shape[1] // 2, photo.shape[2] // 2
    photo = photo.reshape(3, height, 2, width, 2).mean((2, 4))
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    return (photo * (1 - 0.12 * (x * x + y * y))).astype(np.float32)
