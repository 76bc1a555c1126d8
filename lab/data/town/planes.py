"""Flat things with texture: where a pixel's ray meets a plane, how much of it a pixel covers."""

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from lab.data.town.canvas import Array, Camera


@dataclass(frozen=True)
class Hits:
    """Where rays meet a plane; all (N,) float32, in metres.

    u, v along the plane's axes; du, dv the extent of a pixel there; x, y, z in the world.
    """

    u: Array
    v: Array
    du: Array
    dv: Array
    x: Array
    y: Array
    z: Array

    def at(self, chosen: Array) -> "Hits":
        """The hits with indices `chosen`."""
        return Hits(*(getattr(self, field.name)[chosen] for field in fields(self)))


@dataclass(frozen=True)
class Plane:
    """A plane through `origin` with unit axes `across` (u) and `up` (v)."""

    origin: Array
    across: Array
    up: Array

    @cached_property
    def normal(self) -> Array:
        """Unit normal, on either side."""
        return np.cross(self.across, self.up).astype(np.float32)

    def facing(self, camera: Camera) -> Array:
        """The unit normal that points to the camera's side."""
        eye = np.array([camera.x, camera.y, 0]) - self.origin
        return self.normal if self.normal @ eye > 0 else -self.normal

    def hits(self, camera: Camera, ys: Array, xs: Array) -> Hits:
        """Meets the rays through pixel centres (ys, xs)."""
        n, eye = self.normal, np.array([camera.x, camera.y, 0], np.float32)
        dx, dy = camera.ray(ys, xs)
        slope = n[0] * dx + n[1] * dy + n[2]
        slope = np.where(np.abs(slope) < 1e-5, np.float32(1e-5), slope)
        distance = np.float32(n @ (self.origin - eye))
        z = np.clip(distance / slope, 0.3, 900).astype(np.float32)
        x, y = eye[0] + z * dx, eye[1] + z * dy
        step_x, step_y = -z * n[0] / slope / camera.focal, z * n[1] / slope / camera.focal
        results = []
        for axis in (self.across, self.up):
            a = axis.astype(np.float32)
            along = a[0] * dx + a[1] * dy + a[2]
            place = a[0] * x + a[1] * y + a[2] * z - np.float32(a @ self.origin)
            foot = np.abs(along * step_x + a[0] * z / camera.focal) + np.abs(
                along * step_y - a[1] * z / camera.focal
            )
            results.append((place.astype(np.float32), foot.astype(np.float32)))
        (u, du), (v, dv) = results
        return Hits(u, v, du, dv, x.astype(np.float32), y.astype(np.float32), z)


def vertical(x: float, z: float) -> Plane:
    """A wall along the street: u grows with depth, v with height."""
    return Plane(np.array([x, 0, z], np.float32), np.array([0, 0, 1.0]), np.array([0, 1.0, 0]))


def frontal(x: float, z: float) -> Plane:
    """A wall across the street: u grows to the right, v with height."""
    return Plane(np.array([x, 0, z], np.float32), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))


GROUND = Plane(np.zeros(3, np.float32), np.array([1.0, 0, 0]), np.array([0, 0, 1.0]))
