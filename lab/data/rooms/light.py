"""How much light falls on what is seen: from the room itself, its lamps and its windows.

Every pixel asks along a few rays of its own; a square of 4x4 pixels asks along all of them and
shares what it learns (interleaved sampling, Keller and Heidrich 2001).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lab.data.rooms.solids import Array, Point, Solid

_SQUARE = 4
_TILE = 16
_RAYS = 2  # of a pixel, to each light
_NEARBY = 1.0  # metres within which things shut out the light of the room itself
_SMALL = 0.03  # metres; what is smaller throws no shadow
_SLIGHT = 2e-3  # light that is not asked for
_SOFT = 0.12  # square metres, so that lamps do not burn what is beside them


@dataclass(frozen=True)
class Light:
    """A lamp, or a window.

    Attributes:
        at: its middle.
        colour: how strong it is, red, green and blue.
        half: a lamp's radius, or a window's half width and height, in metres.
        turn: of a window, radians, as the wall it is in; None of a lamp.
    """

    at: Point
    colour: Array
    half: tuple[float, float]
    turn: float | None = None

    def points(self, chance: Array) -> Array:
        """Numbers in [0, 1), (2, N), → points on it, (3, N)."""
        across, up = (2 * chance - 1) * np.float32(self.half)[:, None]
        middle = np.float32(self.at)[:, None]
        if self.turn is None:
            return middle + np.stack([across, up, 0 * up])
        c, s = np.cos(self.turn), np.sin(self.turn)
        return middle + np.stack([c * across, s * across, up])

    def reaches(self, rays: Array, distance: Array) -> Array:
        """What comes along rays (3, N) towards it from so far, less the angle it falls at: (N,)."""
        fallen = 1 / (distance * distance + np.float32(_SOFT))
        if self.turn is None:
            return fallen
        # A window shines into the room and, since the sky is above, downwards.
        facing = np.float32([np.sin(self.turn), -np.cos(self.turn), -0.25])
        facing /= np.linalg.norm(facing)
        area = 4 * self.half[0] * self.half[1]
        return np.maximum(-(facing @ rays), 0) * np.float32(area) * fallen


class Shadows:
    """Which rays from points (3, N), 256 neighbours at a time, are shut out by solids."""

    def __init__(self, solids: Sequence[Solid], points: Array) -> None:
        self.solids, self.points = solids, points
        tiles = points.reshape(3, -1, _TILE**2)
        low, high = tiles.min(-1), tiles.max(-1)
        self.middle, self.radius = (low + high) / 2, np.linalg.norm(high - low, axis=0) / 2

    def shut(self, rays: Array, reach: Array, *, light: Light | None, wanted: Array) -> Array:
        """Whether something stands within `reach` (N,) along rays (3, N): (N,) bool.

        `light` is what they lead to, None for all ways around; only those `wanted` are asked."""
        shut = np.zeros((len(self.radius), _TILE**2), bool)
        tiled = [a.reshape(*a.shape[:-1], -1, _TILE**2) for a in (self.points, rays, reach)]
        asked = wanted.reshape(-1, _TILE**2).any(1)
        for solid in self.solids:
            near = np.nonzero(asked & self._near(solid, light))[0]
            if len(near):
                start, way, far = (a[..., near, :].reshape(*a.shape[:-2], -1) for a in tiled)
                shut[near] |= (solid.met(start, way) < far).reshape(len(near), -1)
        return shut.reshape(-1)

    def _near(self, solid: Solid, light: Light | None) -> Array:
        """The tiles whose rays may meet a solid that is nearby, or before their light."""
        away = solid.middle - self.middle
        size = np.linalg.norm(solid.half)
        if light is None:
            return np.linalg.norm(away, axis=0) < size + self.radius + _NEARBY
        axis = np.float32(light.at)[:, None] - self.middle
        along = np.clip((away * axis).sum(0) / (axis * axis).sum(0), 0, 1)
        beside = np.linalg.norm(away - along * axis, axis=0)
        wide = self.radius * (1 - along) + 1.5 * np.hypot(*light.half) * along
        return beside < size + wide + 0.01


def light_on(
    places: Array, normals: Array, solids: Sequence[Solid], *, lights: Sequence[Light], room: Array
) -> Array:
    """The light on surfaces at places (3, H, W) with normals (3, H, W), (3, H, W).

    `room` is the light that comes from everywhere, red, green and blue.
    """
    height, width = places.shape[1:]
    more = ((0, 0), (0, -height % _TILE), (0, -width % _TILE))
    places, normals = (np.pad(planes, more, "edge") for planes in (places, normals))
    shape = places.shape[1:]
    order = _tiles(*shape)
    normal = normals.reshape(3, -1)[:, order]
    point = places.reshape(3, -1)[:, order] + normal * np.float32(0.004)
    solids = [solid for solid in solids if not solid.shines and max(solid.half) > _SMALL]
    shadows, rays = Shadows(solids, point), _chances(shape)[..., order]
    around = sum(_around(shadows, normal, chance) for chance in rays) / _RAYS
    total = around * np.float32(room)[:, None] * (0.75 + 0.25 * normal[2])
    for light in lights:
        got = sum(_from(light, shadows, normal, chance) for chance in rays) / _RAYS
        total += got * np.float32(light.colour)[:, None]
    flat = np.empty((3, shape[0] * shape[1]), np.float32)
    flat[:, order] = total
    return flat.reshape(3, *shape)[:, :height, :width]


def _around(shadows: Shadows, normal: Array, chance: Array) -> Array:
    """1 where the way to the room is free, along rays by the cosine."""
    side = np.where(
        np.abs(normal[0]) > 0.9, np.float32([[0], [1], [0]]), np.float32([[1], [0], [0]])
    )
    u = np.cross(normal, side, axis=0)
    u /= np.linalg.norm(u, axis=0)
    v = np.cross(normal, u, axis=0)
    radius, angle = np.sqrt(chance[0]), 2 * np.pi * chance[1]
    rays = u * (radius * np.cos(angle)) + v * (radius * np.sin(angle))
    rays = (rays + normal * np.sqrt(1 - chance[0])).astype(np.float32)
    far = np.full(rays.shape[1], np.float32(_NEARBY))
    return ~shadows.shut(rays, far, light=None, wanted=np.ones(rays.shape[1], bool))


def _from(light: Light, shadows: Shadows, normal: Array, chance: Array) -> Array:
    """What comes from one point of a light to every pixel."""
    way = (light.points(chance) - shadows.points).astype(np.float32)
    distance = np.sqrt((way * way).sum(0)) + np.float32(1e-6)
    rays = way / distance
    got = np.maximum((rays * normal).sum(0), 0) * light.reaches(rays, distance)
    wanted = got > _SLIGHT
    shut = shadows.shut(rays, distance - np.float32(0.02), light=light, wanted=wanted)
    return np.where(shut, 0, got)


def _tiles(height: int, width: int) -> Array:
    """All pixels' places, square after square of 16x16; both sides are multiples of that."""
    place = np.arange(height * width).reshape(height // _TILE, _TILE, width // _TILE, _TILE)
    return place.transpose(0, 2, 1, 3).reshape(-1)


def _chances(shape: tuple[int, int]) -> Array:
    """Numbers that a square of 4x4 pixels spreads evenly over [0, 1)²: (_RAYS, 2, H * W).

    They are Hammersley's points, dealt out by chance.
    """
    count = _SQUARE**2 * _RAYS
    number = np.arange(count)
    bits = np.log2(count).astype(int)
    turned = sum(((number >> k) & 1) << (bits - 1 - k) for k in range(bits)) / count
    points = np.stack([(number + 0.5) / count, turned], 1)
    dealt = np.random.default_rng(1).permutation(points).reshape(_RAYS, _SQUARE, _SQUARE, 2)
    repeats = (1, shape[0] // _SQUARE, shape[1] // _SQUARE, 1)
    return np.tile(dealt, repeats).reshape(_RAYS, -1, 2).transpose(0, 2, 1).astype(np.float32)


def shared(light: Array, surface: Array) -> Array:
    """Means over 4x4 pixels of the same surface: (3, H, W), ids (H, W) → (3, H, W)."""
    height, width = surface.shape
    ends = ((2, _SQUARE - 3), (2, _SQUARE - 3))
    around, whose = np.pad(light, ((0, 0), *ends), "edge"), np.pad(surface, ends, "edge")
    total, count = np.zeros_like(light), np.zeros_like(surface, np.float32)
    for down in range(_SQUARE):
        for right in range(_SQUARE):
            window = slice(down, down + height), slice(right, right + width)
            same = whose[window] == surface
            total += np.where(same, around[(slice(None), *window)], 0)
            count += same
    return total / count
