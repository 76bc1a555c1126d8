"""Sun, sky and haze: what the look of the sky does to everything below it."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lab.data.town.canvas import Array, Camera
from lab.data.town.layout import Plan
from lab.data.town.textures import texture

Color = tuple[float, float, float]


class _Sky(NamedTuple):
    """One look. Colours are linear RGB.

    haze_reach is the distance in metres over which haze takes 63 % of the light; slope the lowest
    and highest height of the sun over its distance along the street; clouds the noise at which
    they begin and are closed.
    """

    sunlight: Color
    ambient: Color
    haze: Color
    zenith: Color
    horizon: Color
    haze_reach: float
    slope: tuple[float, float]
    clouds: tuple[float, float]


_SKIES = {
    "clear": _Sky(
        sunlight=(1.95, 1.74, 1.38),
        ambient=(0.42, 0.49, 0.60),
        haze=(0.62, 0.74, 0.88),
        zenith=(0.10, 0.27, 0.62),
        horizon=(0.60, 0.76, 0.92),
        haze_reach=420,
        slope=(0.8, 1.6),
        clouds=(0.66, 0.95),
    ),
    "cloudy": _Sky(
        sunlight=(1.20, 1.12, 0.98),
        ambient=(0.47, 0.51, 0.58),
        haze=(0.66, 0.72, 0.80),
        zenith=(0.16, 0.32, 0.60),
        horizon=(0.66, 0.75, 0.85),
        haze_reach=340,
        slope=(0.8, 1.5),
        clouds=(0.42, 0.66),
    ),
    "sunset": _Sky(
        sunlight=(2.1, 1.02, 0.42),
        ambient=(0.47, 0.41, 0.49),
        haze=(0.95, 0.56, 0.32),
        zenith=(0.16, 0.17, 0.40),
        horizon=(1.0, 0.55, 0.24),
        haze_reach=230,
        slope=(0.28, 0.5),
        clouds=(0.45, 0.75),
    ),
    "overcast": _Sky(
        sunlight=(0.10, 0.10, 0.10),
        ambient=(0.64, 0.67, 0.71),
        haze=(0.62, 0.65, 0.68),
        zenith=(0.42, 0.46, 0.51),
        horizon=(0.70, 0.73, 0.76),
        haze_reach=200,
        slope=(1.2, 1.6),
        clouds=(0.2, 0.9),
    ),
}
_GRID, _START, _CELLS = 0.5, -20.0, 400  # of the row of buildings in metres


def _f32(color: Color) -> Array:
    return np.asarray(color, np.float32)


def _column(values: Array | float) -> Array:
    """Numbers (N,) as (N, 1), to weigh colours; a single number stays one."""
    values = np.asarray(values, np.float32)
    return values[:, None] if values.ndim else values


@dataclass(frozen=True)
class Light:
    """The light of one scene; all light is linear RGB.

    Attributes:
        look: of the sky.
        sun: unit vector to the sun.
        sunlight, ambient, haze, zenith, horizon: colours of the look.
        camera: who looks.
        wall: x of the row of buildings on the sun's side.
        heights: their heights along the street.
    """

    look: str
    sun: Array
    sunlight: Array
    ambient: Array
    haze: Array
    zenith: Array
    horizon: Array
    camera: Camera
    wall: float
    heights: Array

    @classmethod
    def of(cls, plan: Plan, camera: Camera) -> "Light":
        """The light of a plan: its sky, its sun, and the buildings that keep the sun away."""
        sky, view = _SKIES[plan.looks["sky"]], plan.view
        low, high = sky.slope
        slope = low + (high - low) * view["sun_height"]
        sun = np.array([view["sun"], slope, view["sun_depth"]], np.float32)
        side = 1 if view["sun"] > 0 else -1
        heights = np.zeros(_CELLS, np.float32)
        for thing in plan.behind:
            if thing.kind == "building" and thing.x * side > 0 and "across" not in thing.params:
                p = thing.params
                first = int((thing.z - _START) / _GRID)
                last = int((thing.z + p["length"] - _START) / _GRID)
                heights[max(first, 0) : last] = p["ground"] + p["floors"] * p["floor"] + 0.6
        return cls(
            look=plan.looks["sky"],
            sun=sun / np.linalg.norm(sun),
            sunlight=_f32(sky.sunlight),
            ambient=_f32(sky.ambient),
            haze=_f32(sky.haze),
            zenith=_f32(sky.zenith),
            horizon=_f32(sky.horizon),
            camera=camera,
            wall=side * plan.facade,
            heights=heights,
        )

    def sunny(self, x: Array | float, y: Array | float, z: Array) -> Array:
        """How much sun passes the buildings on its side and reaches world points, in [0, 1]."""
        way = np.maximum((self.wall - x) / self.sun[0], 0)
        height = y + way * self.sun[1]
        at = np.clip((z + way * self.sun[2] - _START) / _GRID, 0, _CELLS - 1.001)
        low = at.astype(np.int64)
        part = (at - low).astype(np.float32)
        roof = self.heights[low] * (1 - part) + self.heights[low + 1] * part
        passes = (height - roof) / (0.35 + 0.03 * way) + np.float32(0.5)
        return np.clip(passes, 0, 1).astype(np.float32)

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
        sky = self.ambient * around * _column(open_sky)
        return albedo * (sky + self.sunlight * toward * _column(sun))

    def hazy(self, light: Array, z: Array | float) -> Array:
        """Blends light at depth z into the haze."""
        reach = _SKIES[self.look].haze_reach
        share = 1 - np.exp(-np.maximum(np.asarray(z, np.float32) - 4, 0) / reach)
        return light + (self.haze - light) * _column(share)

    def flat(
        self, color: Color, normal: Array, z: float, *, sun: float = 1.0, open_sky: float = 1.0
    ) -> Array:
        """Light (3,) from a small matt surface at depth z; `color` as shown, in [0, 1]."""
        albedo = np.square(np.asarray(color, np.float32))
        return self.hazy(self.lit(albedo, normal, sun=sun, open_sky=open_sky), z)

    def gloss(
        self, albedo: Array, normals: Array, *, eye: Array, mirror: Array, sun: float
    ) -> Array:
        """Light (K, 3) of lacquer and glass: matt light, and what they mirror at a slant.

        Args:
            albedo: (K, 3) linear.
            normals: (K, 3) of length 1.
            eye: unit vector to the camera.
            mirror: (K,) share mirrored head on; 0 for matt things.
            sun: share of the sun that reaches the place.
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
        shiny = (mirror > 0)[:, None]
        share = (mirror + (1 - mirror) * 0.7 * (1 - facing) ** 4)[:, None] * shiny
        spark = np.clip(bounce @ self.sun, 0, 1)[:, None] ** 24 * self.sunlight * sun * 1.2 * shiny
        return matt * (1 - share * 0.6) + seen * share + spark

    def sky(self, dx: Array, dy: Array, *, clouds: bool = True) -> Array:
        """Light (N, 3) of the sky in directions (dx, dy) per unit depth; dy < 0 is folded up."""
        dy = np.abs(dy)
        up = dy / np.sqrt(1 + dx * dx + dy * dy)
        t = np.power(np.clip(up * 1.25, 0, 1), 0.55)[:, None]
        base = self.horizon * (1 - t) + self.zenith * t
        if self.look == "sunset":
            glow = np.exp(-((dx - np.sign(self.sun[0]) * 0.3) ** 2) * 1.2 - dy * 3.2)
            base = base + glow[:, None] * np.array([0.55, 0.22, 0.02], np.float32)
        elif self.look == "clear":
            sun = self.sun / np.float32(max(abs(self.sun[2]), 0.3))
            glow = np.exp(-((dx - sun[0]) ** 2 * 0.5 + (dy - sun[1]) ** 2) * 1.2)
            base = base + glow[:, None] * np.array([0.18, 0.16, 0.12], np.float32)
        return self._clouded(base, dx, dy) if clouds else base

    def _clouded(self, base: Array, dx: Array, dy: Array) -> Array:
        """Clouds on a plane above: smaller, flatter and fainter towards the horizon."""
        far = 1 / (dy + np.float32(0.16))
        shift, focal = np.float32(self.camera.x * 3.1), self.camera.focal
        place = (dx * far * 0.22 + shift, far * 0.30 + shift)
        density = texture("cloud").sample(*place, far * 0.22 / focal, far * far * 0.3 / focal)[:, 0]
        low, high = _SKIES[self.look].clouds
        cover = np.clip((density - low) / (high - low), 0, 1)
        cover = cover * cover * (3 - 2 * cover)
        if self.look == "overcast":
            return base * (0.74 + 0.42 * cover)[:, None]
        bright = self.ambient + self.sunlight * 0.42
        dark = self.ambient * 0.95 + self.sunlight * 0.1
        if self.look == "sunset":
            bright, dark = _f32((1.0, 0.50, 0.30)), _f32((0.34, 0.22, 0.30))
        cloud = bright + (dark - bright) * np.clip((density - low) * 1.6, 0, 1)[:, None]
        cover = cover * np.clip(dy * 9, 0, 1) * (0.7 if self.look == "clear" else 0.95)
        return base + (cloud - base) * cover[:, None]
