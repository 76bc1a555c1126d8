"""Road and pavement: paving in true perspective, markings, kerbs and puddles."""

from typing import NamedTuple

import numpy as np

from lab.data.town.canvas import Array
from lab.data.town.layout import Plan
from lab.data.town.light import Light
from lab.data.town.planes import GROUND, Hits
from lab.data.town.shadows import cast_shadows, shadow_maps
from lab.data.town.textures import pulse, step, texture


class _Paving(NamedTuple):
    """A texture, its size in metres, a tint."""

    texture: str
    tile: float
    tint: tuple[float, float, float]


_ROADS = {
    "asphalt": _Paving("asphalt", 3.0, (0.94, 0.94, 0.98)),
    "wet": _Paving("asphalt", 3.0, (0.40, 0.41, 0.44)),
    "cobblestone": _Paving("cobblestone", 2.6, (1.0, 1.0, 1.0)),
    "brick": _Paving("paver", 3.2, (1.0, 1.0, 1.0)),
}
_WALKS = {
    "slabs": _Paving("slabs", 4.0, (1.0, 1.0, 1.0)),
    "concrete": _Paving("concrete", 5.0, (0.94, 0.90, 0.83)),
    "brick": _Paving("clinker", 2.4, (0.98, 0.9, 0.86)),
}
_SMOOTH = ("asphalt", "wet")  # roads with wheel tracks and full markings
_UP = np.array([0, 1, 0], np.float32)


def _noise(hits: Hits, tile: float) -> Array:
    """Noise (N, 1) with cells of a quarter of `tile` metres."""
    return texture("noise").sample(hits.u / tile, hits.v / tile, hits.du / tile, hits.dv / tile)


class Ground:
    """Shades the ground's pixels. A wet road needs `reflect` before."""

    def __init__(self, plan: Plan, light: Light):
        self.plan, self.light = plan, light
        self._left: tuple[Array, Array] | None = None
        self._mirror: Array | None = None
        self._told: Array | None = None

    def reflect(self, picture: Array) -> None:
        """Takes the light (H, W, 3) of all that stands on the ground."""
        self._mirror = picture

    def mark(self, paint: Array) -> None:
        """Takes the share of paint (H, W) that the road has in place of its own marks."""
        self._told = paint

    def _lit(self, albedo: Array, hits: Hits, ys: Array, xs: Array) -> Array:
        if self._left is None:
            self._left = shadow_maps(cast_shadows(self.plan, self.light), self.light.camera)
        sun, sky = (left[ys, xs] for left in self._left)
        sun = self.light.sunny(hits.x, 0.0, hits.z) * sun
        return self.light.lit(albedo, _UP, sun=sun, open_sky=sky)

    def _paved(self, hits: Hits, paving: _Paving) -> Array:
        tile = paving.tile
        place = (hits.u / tile, hits.v / tile, hits.du / tile, hits.dv / tile)
        color = texture(paving.texture).sample(*place)
        tint = np.square(np.asarray(paving.tint, np.float32))
        return color * tint * (0.72 + 0.56 * _noise(hits, 19))

    def road(self, ys: Array, xs: Array) -> Array:
        """Light (N, 3) of road pixels."""
        plan, look = self.plan, self.plan.looks["road"]
        hits = GROUND.hits(self.light.camera, ys, xs)
        albedo, edge = self._paved(hits, _ROADS[look]), np.abs(hits.x)
        if look in _SMOOTH:
            tracks = np.exp(-((edge - plan.road * 0.27) ** 2) * 4)
            tracks = tracks + np.exp(-((edge - plan.road * 0.62) ** 2) * 4)
            albedo = albedo * (1 - 0.14 * tracks)[:, None]
        gutter = step(edge - (plan.road - 0.35), hits.du) * self._along(hits)
        albedo = albedo * (1 - 0.35 * gutter)[:, None]
        paint = self._marks(hits) if self._told is None else self._told[ys, xs]
        paint = paint[:, None] * np.float32(0.86 if look in _SMOOTH else 0.55)
        paint = paint * np.clip(1.5 - _noise(hits, 1.3), 0.35, 1)  # worn
        albedo = albedo + (np.float32(0.74) * (0.5 if look == "wet" else 1) - albedo) * paint
        light = self._lit(albedo, hits, ys, xs)
        if look == "wet" and self._mirror is not None:
            light = self._wet(light, hits, ys, xs)
        return self.light.hazy(light, hits.z)

    def _along(self, hits: Hits) -> Array:
        """1 along the kerbs, 0 where the side road joins."""
        if self.plan.junction is None:
            return np.ones_like(hits.u)
        low, high = self.plan.junction
        return 1 - step(hits.z - low, hits.dv) * step(high - hits.z, hits.dv)

    def _marks(self, hits: Hits) -> Array:
        """Share of paint: middle line, border lines and crosswalks."""
        plan, marks = self.plan, self.plan.marks
        u, z, du, dv = hits.u, hits.z, hits.du, hits.dv
        edge, middle = np.abs(u), step(u + 0.07, du) * step(0.07 - u, du)
        if marks["lane"] != 2:
            middle = middle * pulse(z / (2 * marks["dash"]), (0.0, 0.5), dv / (2 * marks["dash"]))
        border = step(edge - plan.road + 0.62, du) * step(plan.road - 0.5 - edge, du)
        border = border * (marks["lane"] == 1)
        paint = np.maximum(middle, border) * self._along(hits)
        stops = [marks["crosswalk"]] if marks["crosswalk"] > 0 else []
        if plan.junction is not None:
            stops += [plan.junction[0] - 3.6, plan.junction[1] + 0.8]
        for start in stops:
            inside = step(z - start, dv) * step(start + 2.8 - z, dv)
            free = step(z - start + 1.2, dv) * step(start + 4 - z, dv)
            stripes = pulse(u / 1.1, (0.0, 0.5), du / 1.1) * step(plan.road - 0.4 - edge, du)
            paint = paint * (1 - free) + inside * stripes
        return np.clip(paint, 0, 1)

    def _wet(self, light: Array, hits: Hits, ys: Array, xs: Array) -> Array:
        """Mirrors what stands above the horizon: sharp in puddles, shaken elsewhere.

        Rays are mirrored at the horizon's row, which is exact for distant things only.
        """
        camera, mirror = self.light.camera, self._mirror
        pool = np.clip((_noise(hits, 9)[:, 0] - 0.22) * 6, 0, 1)
        ripple = _noise(hits, 1.1)[:, 0] - np.float32(0.25)
        shake = ripple * (1 - 0.8 * pool) * camera.height * 0.10
        last = camera.height - 1
        rows = np.clip(2 * camera.horizon - ys - np.abs(shake), 0, last).astype(np.int64)
        columns = np.clip(xs + shake * 0.25, 0, camera.width - 1).astype(np.int64)
        reach = np.float32(camera.height * 0.018)
        lower = np.clip(rows + reach, 0, last).astype(np.int64)
        upper = np.clip(rows - 2 * reach, 0, last).astype(np.int64)
        seen = mirror[rows, columns] + mirror[lower, columns] + mirror[upper, columns]
        _, dy = camera.ray(ys, xs)
        fresnel = 0.10 + 0.62 * np.power(np.clip(1 - np.abs(dy) * 1.1, 0, 1), 2)
        share = (fresnel * (0.45 + 0.55 * pool))[:, None]
        return light * (1 - share) + seen * np.float32(0.31) * share

    def pavement(self, ys: Array, xs: Array) -> Array:
        """Light (N, 3) of pavement pixels, with kerb stones at the road's edge."""
        plan = self.plan
        hits = GROUND.hits(self.light.camera, ys, xs)
        albedo = self._paved(hits, _WALKS[plan.looks["pavement"]])
        edge = np.abs(hits.x) - np.float32(plan.road)
        kerb = step(np.float32(0.24) - edge, hits.du)
        stone = np.float32(0.42) * (0.55 + 0.45 * pulse(hits.z, (0.0, 0.97), hits.dv))
        albedo = albedo * (1 - kerb)[:, None] + (stone * kerb)[:, None]
        face = step(np.float32(0.06) - edge, hits.du)
        albedo = albedo * (1 - 0.5 * face)[:, None]
        wall = np.clip((np.float32(plan.walk) - edge) / 0.9, 0, 1)
        light = self._lit(albedo * (0.62 + 0.38 * wall)[:, None], hits, ys, xs)
        return self.light.hazy(light, hits.z)
