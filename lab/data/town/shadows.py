"""Soft shadows on the ground: under everything that stands, and away from the sun."""

from dataclasses import dataclass

import numpy as np

from lab.data.town.canvas import Array, Camera
from lab.data.town.layout import Plan, Thing
from lab.data.town.light import Light

_FAR = 60.0  # metres; shadows farther away are too small to see
_NEAR = 1.2
_HEIGHT = {"pedestrian": 1.6, "bicyclist": 1.5}  # metres, of what casts the shadow


@dataclass(frozen=True)
class Shadow:
    """A soft rectangle on the ground.

    Attributes:
        x, z: its centre in metres.
        half: half its width and length in metres.
        soft: half the width of its border in metres.
        yaw: its turn in radians.
        sun, sky: shares of the sun's and the sky's light that it takes.
    """

    x: float
    z: float
    half: tuple[float, float]
    soft: float
    yaw: float = 0.0
    sun: float = 0.0
    sky: float = 0.0

    def cover(self, x: Array, z: Array) -> Array:
        """How much of ground points is in it, in [0, 1]: x (h, w) and z (h, 1) from its centre."""
        c, s = np.cos(self.yaw), np.sin(self.yaw)
        along, across = x * s + z * c, x * c - z * s
        wide = np.maximum(np.abs(across) - self.half[0] + self.soft, 0)
        long = np.maximum(np.abs(along) - self.half[1] + self.soft, 0)
        inside = np.clip(1 - np.hypot(wide, long) / (2 * self.soft), 0, 1)
        return (inside * inside * (3 - 2 * inside)).astype(np.float32)


def cast_shadows(plan: Plan, light: Light) -> list[Shadow]:
    """The shadows of a plan's cars, trees, people and posts."""
    shadows: list[Shadow] = []
    drift = -light.sun[[0, 2]] / light.sun[1]  # of a shadow, per metre of height
    for thing in (*plan.behind, *plan.front):
        if thing.kind == "car":
            shadows += _under_car(thing, drift)
        elif thing.kind == "tree":
            shadows += _under_tree(thing, drift)
        elif thing.kind in ("pedestrian", "bicyclist", "pole"):
            shadows += _under_post(thing, drift)
    return shadows


def _under_car(thing: Thing, drift: Array) -> list[Shadow]:
    x, z, yaw = thing.x, thing.z, thing.params["yaw"]
    away = np.clip(drift * 0.7, -1.6, 1.6)
    return [
        Shadow(x, z, (0.92, 2.25), 0.28, yaw, sun=0.95, sky=0.9),
        Shadow(x, z, (1.15, 2.5), 0.7, yaw, sun=0.3, sky=0.42),
        Shadow(x + away[0], z + away[1], (0.9, 2.2), 0.35, yaw, sun=0.85),
    ]


def _under_tree(thing: Thing, drift: Array) -> list[Shadow]:
    x, z, r = thing.x, thing.z, thing.params["crown"]
    away = np.clip(drift * (thing.params["height"] - r), -9, 9)
    dense = 0.35 if thing.look == "winter" else 0.8
    return [
        Shadow(x + away[0], z + away[1], (r * 0.9, r * 0.9), r * 0.5, sun=dense),
        Shadow(x, z, (r, r), r * 0.7, sky=dense * 0.3),
        Shadow(x, z, (0.25, 0.25), 0.2, sun=0.5, sky=0.5),
    ]


def _under_post(thing: Thing, drift: Array) -> list[Shadow]:
    """The long shadow of somebody or of a post, and the dark at somebody's feet."""
    x, z, post = thing.x, thing.z, thing.kind == "pole"
    height = min(thing.params["height"], 4.0) if post else _HEIGHT[thing.kind]
    wide, away = 0.06 if post else 0.2, np.clip(drift * height, -5, 5) / 2
    yaw, half = float(np.arctan2(away[0], away[1])), (wide, float(np.hypot(*away)))
    shadows = [Shadow(x + away[0], z + away[1], half, wide * 0.7, yaw, sun=0.75)]
    if not post:
        half = (0.25, 0.7 if thing.kind == "bicyclist" else 0.25)
        shadows.append(Shadow(x, z, half, 0.2, thing.params["yaw"], sun=0.3, sky=0.5))
    return shadows


def shadow_maps(shadows: list[Shadow], camera: Camera) -> tuple[Array, Array]:
    """Shares (H, W) of sun and of sky that the shadows leave to the ground."""
    sun = np.ones((camera.height, camera.width), np.float32)
    sky = np.ones_like(sun)
    for shadow in shadows:
        place = _window(shadow, camera)
        if place is None:
            continue
        ys = np.arange(place[0].start, place[0].stop, dtype=np.float32)
        xs = np.arange(place[1].start, place[1].stop, dtype=np.float32)
        z = camera.focal * camera.y / np.maximum(ys + 0.5 - camera.horizon, 0.05)
        x = (xs[None] + 0.5 - camera.vanish) * z[:, None] / camera.focal + camera.x - shadow.x
        inside = shadow.cover(x, z[:, None] - shadow.z)
        sun[place] *= 1 - shadow.sun * inside
        sky[place] *= 1 - shadow.sky * inside
    return sun, sky


def _window(shadow: Shadow, camera: Camera) -> tuple[slice, slice] | None:
    """Rows and columns in which a shadow can be seen, or None."""
    reach = max(shadow.half) + shadow.soft
    z0, z1 = max(shadow.z - reach, _NEAR), shadow.z + reach
    if z1 <= z0 or shadow.z > _FAR:
        return None
    ground = [[shadow.x + a * reach, 0, z] for a in (-1, 1) for z in (z0, z1)]
    corners = camera.project(np.array(ground))
    low = np.maximum(np.floor(corners.min(0)), 0).astype(int)
    high = np.minimum(np.ceil(corners.max(0)), [camera.width, camera.height]).astype(int)
    low[1] = max(low[1], int(camera.horizon) + 1)
    if shadow.z - reach < _NEAR:
        high[1] = camera.height
    if (high <= low).any():
        return None
    return slice(low[1], high[1]), slice(low[0], high[0])
