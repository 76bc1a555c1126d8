"""Buildings: where their walls and roofs stand."""

import numpy as np

from lab.data.town.canvas import NEAR, Array, Canvas
from lab.data.town.layout import Thing
from lab.data.town.light import Light
from lab.data.town.planes import Plane, frontal, vertical
from lab.data.town.textures import texture
from lab.data.town.walls import Facade

_DEPTH = 14.0  # metres from the facade to the back
_ROOF_RUN, _ROOF_RISE = 2.2, {1: 3.4, 2: 2.6}


def draw_building(canvas: Canvas, light: Light, thing: Thing) -> None:
    """Draws a building, far parts first: roof, end wall, facade."""
    p, camera = thing.params, canvas.camera
    top = p["ground"] + p["floors"] * p["floor"] + 0.5
    x, z0, z1 = thing.x, max(thing.z, NEAR), thing.z + p["length"]
    if "across" in p:
        right = x + p["length"]
        wall = Facade(thing, light, frontal(x, thing.z), length=p["length"], blank=False)
        corners = [[x, 0, z0], [right, 0, z0], [right, top, z0], [x, top, z0]]
        canvas.polygon(camera.project(np.array(corners)), wall)
        return
    if z1 <= NEAR:
        return
    if p["roof"] and thing.look != "glass":
        _draw_roof(canvas, light, thing, top)
    if thing.z > NEAR:
        deep = x + np.sign(x) * _DEPTH
        wall = Facade(thing, light, frontal(x, thing.z), length=_DEPTH, blank=True)
        corners = [[x, 0, z0], [deep, 0, z0], [deep, top, z0], [x, top, z0]]
        canvas.polygon(camera.project(np.array(corners)), wall)
    facade = Facade(thing, light, vertical(x, thing.z), length=p["length"], blank=False)
    corners = [[x, 0, z0], [x, 0, z1], [x, top, z1], [x, top, z0]]
    canvas.polygon(camera.project(np.array(corners, float)), facade)


def _draw_roof(canvas: Canvas, light: Light, thing: Thing, top: float) -> None:
    """A steep roof towards the street, with the wall's end beside it."""
    p, camera, side = thing.params, canvas.camera, np.sign(thing.x)
    x, z0, z1 = thing.x, max(thing.z, NEAR), thing.z + p["length"]
    rise = _ROOF_RISE[int(p["roof"])]
    slope = np.array([side * _ROOF_RUN, rise, 0]) / np.hypot(_ROOF_RUN, rise)
    plane = Plane(np.array([x, top, thing.z], np.float32), np.array([0, 0, 1.0]), slope)
    normal, name = plane.facing(camera), ("tiles" if int(p["seed"]) % 2 else "slate")

    def shade(ys: Array, xs: Array) -> Array:
        h = plane.hits(camera, ys, xs)
        color = texture(name).sample(h.u / 4, h.v / 4, h.du / 4, h.dv / 4)
        return light.hazy(light.lit(color, normal, sun=light.sunny(h.x, h.y, h.z)), h.z)

    ridge, peak, back = x + side * _ROOF_RUN, top + rise, x + side * (_ROOF_RUN + 12)
    if thing.z > NEAR:
        wall = Facade(thing, light, frontal(x, thing.z), length=_DEPTH, blank=True)
        gable = [[x, top, z0], [ridge, peak, z0], [back, peak, z0], [back, top, z0]]
        canvas.polygon(camera.project(np.array(gable)), wall)
    corners = [[x, top, z0], [x, top, z1], [ridge, peak, z1], [ridge, peak, z0]]
    canvas.polygon(camera.project(np.array(corners)), shade)
