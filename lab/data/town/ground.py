"""Road and pavement: paving in true perspective, markings, kerbs, shadows and puddles."""

from dataclasses import dataclass

import numpy as np

from lab.data.town.canvas import Array, Camera
from lab.data.town.layout import Plan
from lab.data.town.light import Light
from lab.data.town.planes import GROUND, Hits
from lab.data.town.textures import pulse, step, texture

# look: (texture, tile in metres, tint)
_ROADS = {
    "asphalt": ("asphalt", 3.0, (0.94, 0.94, 0.98)),
    "wet": ("asphalt", 3.0, (0.40, 0.41, 0.44)),
    "cobblestone": ("cobblestone", 2.6, (1.0, 1.0, 1.0)),
    "brick": ("paver", 3.2, (1.0, 1.0, 1.0)),
}
_WALKS = {
    "slabs": ("slabs", 4.0, (1.0, 1.0, 1.0)),
    "concrete": ("concrete", 5.0, (0.94, 0.90, 0.83)),
    "brick": ("clinker", 2.4, (0.98, 0.9, 0.86)),
}
_FAR = 60.0  # metres; shadows farther away are too small to see
_UP = np.array([0, 1, 0], np.float32)


@dataclass(frozen=True)
class Shadow:
    """A soft rectangle on the ground: centre, half sizes, turn, softness (metres), share of light taken."""

    x: float
    z: float
    half: tuple[float, float]
    yaw: float
    soft: float
    sun: float
    sky: float


def shadow_maps(shadows: list[Shadow], camera: Camera) -> tuple[Array, Array]:
    """Shares of sun and of sky (H, W) that things standing on the ground leave to it."""
    sun = np.ones((camera.height, camera.width), np.float32)
    sky = np.ones_like(sun)
    for s in shadows:
        reach = max(s.half) + s.soft
        z0, z1 = max(s.z - reach, 1.2), s.z + reach
        if z1 <= z0 or s.z > _FAR:
            continue
        corners = camera.project(
            np.array([[s.x + a * reach, 0, z] for a in (-1, 1) for z in (z0, z1)])
        )
        low = np.maximum(np.floor(corners.min(0)), 0).astype(int)
        high = np.minimum(np.ceil(corners.max(0)), [camera.width, camera.height]).astype(int)
        low[1] = max(low[1], int(camera.horizon) + 1)
        if s.z - reach < 1.2:
            high[1] = camera.height
        if (high <= low).any():
            continue
        ys, xs = (
            np.arange(low[1], high[1], dtype=np.float32),
            np.arange(low[0], high[0], dtype=np.float32),
        )
        z = camera.focal * camera.y / np.maximum(ys + 0.5 - camera.horizon, 0.05)
        x = (xs[None] + 0.5 - camera.vanish) * z[:, None] / camera.focal + camera.x - s.x
        c, w = np.cos(s.yaw), np.sin(s.yaw)
        along, across = x * w + (z[:, None] - s.z) * c, x * c - (z[:, None] - s.z) * w
        out = np.hypot(
            np.maximum(np.abs(across) - s.half[0] + s.soft, 0),
            np.maximum(np.abs(along) - s.half[1] + s.soft, 0),
        )
        inside = np.clip(1 - out / (2 * s.soft), 0, 1)
        inside = (inside * inside * (3 - 2 * inside)).astype(np.float32)
        place = (slice(low[1], high[1]), slice(low[0], high[0]))
        sun[place] *= 1 - s.sun * inside
        sky[place] *= 1 - s.sky * inside
    return sun, sky


@dataclass
class Ground:
    """Shades road and pavement pixels; `mirror` is the picture above the ground, for wet roads."""

    plan: Plan
    light: Light
    sun: Array
    sky: Array
    mirror: Array | None = None

    def _base(self, hits: Hits, paving: tuple[str, float, tuple[float, ...]]) -> Array:
        name, tile, tint = paving
        color = texture(name).sample(hits.u / tile, hits.v / tile, hits.du / tile, hits.dv / tile)
        blotch = texture("noise").sample(hits.u / 19, hits.v / 19, hits.du / 19, hits.dv / 19)[
            :, :1
        ]
        return color * np.square(np.asarray(tint, np.float32)) * (0.72 + 0.56 * blotch)

    def _finish(self, albedo: Array, hits: Hits, ys: Array, xs: Array) -> tuple[Array, Array]:
        sun = self.light.sunny(hits.x, 0.0, hits.z) * self.sun[ys, xs]
        return self.light.lit(albedo, _UP, sun=sun, open_sky=self.sky[ys, xs]), sun

    def road(self, ys: Array, xs: Array) -> Array:
        """Light (N, 3) of road pixels."""
        plan, look = self.plan, self.plan.looks["road"]
        hits = GROUND.hits(self.light.camera, ys, xs)
        albedo = self._base(hits, _ROADS[look])
        edge = np.abs(hits.x)
        if look in ("asphalt", "wet"):
            tracks = np.exp(-((edge - plan.road * 0.27) ** 2) * 4) + np.exp(
                -((edge - plan.road * 0.62) ** 2) * 4
            )
            albedo = albedo * (1 - 0.14 * tracks)[:, None]
        gutter = step(edge - (plan.road - 0.35), hits.du) * self._open(hits)
        albedo = albedo * (1 - 0.35 * gutter)[:, None]
        paint = self._marks(hits)[:, None] * np.float32(
            0.86 if look in ("asphalt", "wet") else 0.55
        )
        worn = texture("noise").sample(hits.u / 1.3, hits.v / 1.3, hits.du / 1.3, hits.dv / 1.3)[
            :, :1
        ]
        paint = paint * np.clip(1.5 - worn, 0.35, 1)
        albedo = albedo + (np.float32(0.74) * (0.5 if look == "wet" else 1) - albedo) * paint
        light, _ = self._finish(albedo, hits, ys, xs)
        if look == "wet" and self.mirror is not None:
            light = self._wet(light, hits, ys, xs)
        return self.light.hazy(light, hits.z)

    def _open(self, hits: Hits) -> Array:
        """1 along the kerbs, 0 where the side road joins."""
        if self.plan.junction is None:
            return np.ones_like(hits.u)
        low, high = self.plan.junction
        return 1 - step(hits.z - low, hits.dv) * step(high - hits.z, hits.dv)

    def _marks(self, hits: Hits) -> Array:
        plan, marks = self.plan, self.plan.marks
        u, z, du, dv = hits.u, hits.z, hits.du, hits.dv
        dash = (
            np.full_like(u, 1.0)
            if marks["lane"] == 2
            else pulse(z / (2 * marks["dash"]), (0.0, 0.5), dv / (2 * marks["dash"]))
        )
        middle = step(u + 0.07, du) * step(0.07 - u, du) * dash
        edge = np.abs(u)
        border = (
            step(edge - plan.road + 0.62, du)
            * step(plan.road - 0.5 - edge, du)
            * (marks["lane"] == 1)
        )
        paint = np.maximum(middle, border) * self._open(hits)
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
        camera = self.light.camera
        puddle = texture("noise").sample(hits.u / 9, hits.v / 9, hits.du / 9, hits.dv / 9)[:, 0]
        ripple = texture("noise").sample(hits.u / 1.1, hits.v / 1.1, hits.du / 1.1, hits.dv / 1.1)[
            :, 0
        ] - np.float32(0.25)
        pool = np.clip((puddle - 0.22) * 6, 0, 1)
        shake = ripple * (1 - 0.8 * pool) * camera.height * 0.10
        rows = np.clip(2 * camera.horizon - ys - np.abs(shake), 0, camera.height - 1).astype(
            np.int64
        )
        columns = np.clip(xs + shake * 0.25, 0, camera.width - 1).astype(np.int64)
        reach = np.float32(camera.height * 0.018)
        lower = np.clip(rows + reach, 0, camera.height - 1).astype(np.int64)
        upper = np.clip(rows - 2 * reach, 0, camera.height - 1).astype(np.int64)
        seen = (
            self.mirror[rows, columns] + self.mirror[lower, columns] + self.mirror[upper, columns]
        ) * np.float32(0.31)
        _, dy = camera.ray(ys, xs)
        fresnel = 0.10 + 0.62 * np.power(np.clip(1 - np.abs(dy) * 1.1, 0, 1), 2)
        share = (fresnel * (0.45 + 0.55 * pool))[:, None]
        return light * (1 - share) + seen * share

    def pavement(self, ys: Array, xs: Array) -> Array:
        """Light (N, 3) of pavement pixels, with kerb stones at the road's edge."""
        plan = self.plan
        hits = GROUND.hits(self.light.camera, ys, xs)
        albedo = self._base(hits, _WALKS[plan.looks["pavement"]])
        edge = np.abs(hits.x) - np.float32(plan.road)
        kerb = step(np.float32(0.24) - edge, hits.du)
        joints = pulse(hits.z, (0.0, 0.97), hits.dv)
        stone = np.float32(0.42) * (0.55 + 0.45 * joints)
        albedo = albedo * (1 - kerb)[:, None] + (stone * kerb)[:, None]
        face = step(np.float32(0.06) - edge, hits.du)
        albedo = albedo * (1 - 0.5 * face)[:, None]
        wall = np.clip((np.float32(plan.walk) - edge) / 0.9, 0, 1)
        light, _ = self._finish(albedo * (0.62 + 0.38 * wall)[:, None], hits, ys, xs)
        return self.light.hazy(light, hits.z)
