"""Sun, sky and haze: what the look of the sky does to everything below it."""

from dataclasses import dataclass

import numpy as np

from lab.data.town.canvas import Array, Camera
from lab.data.town.layout import Plan
from lab.data.town.textures import texture

# Per look: sunlight, light of the sky, haze, zenith, horizon (linear RGB), haze distance in metres, lowest and
# highest elevation of the sun as a slope.
_SKIES: dict[str, tuple[tuple[float, ...], ...]] = {
    "clear": ((1.95, 1.74, 1.38), (0.42, 0.49, 0.60), (0.62, 0.74, 0.88), (0.10, 0.27, 0.62), (0.60, 0.76, 0.92), (420, 0.8, 1.6)),
    "cloudy": ((1.20, 1.12, 0.98), (0.47, 0.51, 0.58), (0.66, 0.72, 0.80), (0.16, 0.32, 0.60), (0.66, 0.75, 0.85), (340, 0.8, 1.5)),
    "sunset": ((2.1, 1.02, 0.42), (0.47, 0.41, 0.49), (0.95, 0.56, 0.32), (0.16, 0.17, 0.40), (1.0, 0.55, 0.24), (230, 0.28, 0.5)),
    "overcast": ((0.10, 0.10, 0.10), (0.64, 0.67, 0.71), (0.62, 0.65, 0.68), (0.42, 0.46, 0.51), (0.70, 0.73, 0.76), (200, 1.2, 1.6)),
}  # fmt: skip
_GRID = 0.5


@dataclass(frozen=True)
class Light:
    """The light of one scene. Colours are linear RGB; `sun` points to the sun."""

    look: str
    sun: Array
    sunlight: Array
    ambient: Array
    haze: Array
    zenith: Array
    horizon: Array
    reach: float
    camera: Camera
    wall: float
    heights: Array

    @classmethod
    def of(cls, plan: Plan, camera: Camera) -> "Light":
        """The light of a plan: its sky's look, the sun's place and the buildings that keep the sun away."""
        sunlight, ambient, haze, zenith, horizon, (reach, low, high) = _SKIES[plan.looks["sky"]]
        view = plan.view
        slope = low + (high - low) * view["sun_height"]
        sun = np.array([view["sun"], slope, view["sun_depth"]], np.float32)
        side = 1 if view["sun"] > 0 else -1
        heights = np.zeros(400, np.float32)
        for thing in plan.behind:
            if thing.kind == "building" and thing.x * side > 0 and "across" not in thing.params:
                p = thing.params
                first = int((thing.z + 20) / _GRID)
                last = int((thing.z + p["length"] + 20) / _GRID)
                heights[max(first, 0) : last] = p["ground"] + p["floors"] * p["floor"] + 0.6
        f32 = (np.asarray(c, np.float32) for c in (sunlight, ambient, haze, zenith, horizon))
        return cls(
            plan.looks["sky"],
            sun / np.linalg.norm(sun),
            *f32,
            reach,
            camera,
            side * plan.facade,
            heights,
        )

    def sunny(self, x: Array | float, y: Array | float, z: Array) -> Array:
        """How much sun reaches world points past the row of buildings on the sun's side, in [0, 1]."""
        way = np.maximum((self.wall - x) / self.sun[0], 0)
        height = y + way * self.sun[1]
        at = np.clip((z + way * self.sun[2] + 20) / _GRID, 0, len(self.heights) - 1.001)
        low = at.astype(np.int64)
        part = (at - low).astype(np.float32)
        roof = self.heights[low] * (1 - part) + self.heights[low + 1] * part
        return np.clip((height - roof) / (0.35 + 0.03 * way) + np.float32(0.5), 0, 1).astype(
            np.float32
        )

    def fade(self, z: Array | float) -> Array:
        """Share of haze at depth z."""
        return (1 - np.exp(-np.maximum(np.asarray(z, np.float32) - 4, 0) / self.reach)).astype(
            np.float32
        )

    def lit(
        self,
        albedo: Array,
        normal: Array,
        *,
        sun: Array | float = 1.0,
        open_sky: Array | float = 1.0,
    ) -> Array:
        """Light from a matt surface: albedo (N, 3), unit normal, share of sun and of open sky."""
        toward = max(float(normal @ self.sun), 0.0)
        around = 0.72 + 0.28 * float(normal[1])
        sun, open_sky = np.asarray(sun, np.float32), np.asarray(open_sky, np.float32)
        if sun.ndim:
            sun = sun[:, None]
        if open_sky.ndim:
            open_sky = open_sky[:, None]
        return albedo * (self.ambient * around * open_sky + self.sunlight * toward * sun)

    def hazy(self, light: Array, z: Array | float) -> Array:
        """Blends light at depth z into the haze."""
        share = self.fade(z)
        if share.ndim:
            share = share[:, None]
        return light + (self.haze - light) * share

    def flat(self, color: tuple[float, ...], normal: Array, z: float, *, sun: float = 1.0, open_sky: float = 1.0) -> Array:  # fmt: skip
        """The light of a small matt surface: `color` is gamma-2 RGB in [0, 1]."""
        return self.hazy(
            self.lit(np.square(np.asarray(color, np.float32)), normal, sun=sun, open_sky=open_sky),
            z,
        )

    def gloss(
        self, albedo: Array, normals: Array, *, eye: Array, mirror: Array, sun: float
    ) -> Array:
        """Light (K, 3) of lacquer and glass: matt light and what it mirrors, stronger at grazing angles.

        albedo (K, 3) linear, unit normals (K, 3), unit vector to the eye, mirror (K,) share seen head on.
        """
        toward = np.maximum(normals @ self.sun, 0)[:, None] * sun
        around = (0.66 + 0.34 * normals[:, 1:2]) * 0.85
        matt = albedo * (self.ambient * around + self.sunlight * toward)
        facing = np.clip(normals @ eye, 0, 1)
        bounce = 2 * facing[:, None] * normals - eye
        up = bounce[:, 1:2]
        above = self.horizon * 0.75 * (1 - np.clip(up, 0, 1)) + self.zenith * np.clip(up, 0, 1)
        street = self.haze * np.where(up > 0, 0.20, 0.10)
        seen = street + (above - street) * np.clip((up - 0.18) * 4, 0, 1)
        share = (mirror + (1 - mirror) * 0.7 * (1 - facing) ** 4)[:, None] * (mirror > 0)[:, None]
        spark = (
            np.clip(bounce @ self.sun, 0, 1)[:, None] ** 24
            * self.sunlight
            * sun
            * 1.2
            * (mirror > 0)[:, None]
        )
        return matt * (1 - share * 0.6) + seen * share + spark

    def sky(self, dx: Array, dy: Array, *, clouds: bool = True) -> Array:
        """Light (N, 3) of the sky in directions (dx, dy) per unit depth; dy < 0 is folded up."""
        dy = np.abs(dy)
        up = dy / np.sqrt(1 + dx * dx + dy * dy)
        t = np.power(np.clip(up * 1.25, 0, 1), 0.55)[:, None]
        base = self.horizon * (1 - t) + self.zenith * t
        toward = self.sun / np.float32(max(abs(self.sun[2]), 0.3))
        near = np.exp(-((dx - toward[0]) ** 2 * 0.5 + (dy - toward[1]) ** 2) * 1.2)
        if self.look == "sunset":
            glow = np.exp(-((dx - np.sign(self.sun[0]) * 0.3) ** 2) * 1.2 - dy * 3.2)
            base = base + glow[:, None] * np.array([0.55, 0.22, 0.02], np.float32)
        elif self.look == "clear":
            base = base + near[:, None] * np.array([0.18, 0.16, 0.12], np.float32)
        return self._clouds(base, dx, dy) if clouds else base

    def _clouds(self, base: Array, dx: Array, dy: Array) -> Array:
        far = 1 / (dy + np.float32(0.16))
        shift = np.float32(self.camera.x * 3.1)
        u, v = dx * far * 0.22 + shift, far * 0.30 + shift
        blur = far * far * 0.3 / self.camera.focal
        density = texture("cloud").sample(u, v, far * 0.22 / self.camera.focal, blur)[:, 0]
        low, high = {"clear": (0.66, 0.95), "cloudy": (0.42, 0.66), "sunset": (0.45, 0.75), "overcast": (0.2, 0.9)}[self.look]  # fmt: skip
        cover = np.clip((density - low) / (high - low), 0, 1)
        cover = cover * cover * (3 - 2 * cover)
        thick = np.clip((density - low) * 1.6, 0, 1)
        if self.look == "overcast":
            return base * (0.74 + 0.42 * cover)[:, None]
        white = self.ambient * 1.0 + self.sunlight * 0.42
        shade = self.ambient * 0.95 + self.sunlight * 0.1
        if self.look == "sunset":
            white, shade = (
                np.array([1.0, 0.50, 0.30], np.float32),
                np.array([0.34, 0.22, 0.30], np.float32),
            )
        body = white + (shade - white) * thick[:, None]
        cover = (cover * np.clip(dy * 9, 0, 1) * (0.7 if self.look == "clear" else 0.95))[:, None]
        return base + (body - base) * cover
