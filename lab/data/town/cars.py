"""Cars in the street: paint, glass and lamps on the faces of a mesh that look at the camera."""

from functools import cache

import numpy as np

from lab.data.town.canvas import Array, Canvas
from lab.data.town.car_mesh import MODELS, Mesh, unit
from lab.data.town.layout import Thing
from lab.data.town.light import Light

PAINT = {
    "red": (0.76, 0.06, 0.05),
    "blue": (0.06, 0.22, 0.68),
    "white": (0.93, 0.93, 0.91),
    "black": (0.07, 0.07, 0.08),
    "silver": (0.62, 0.64, 0.66),
    "yellow": (0.96, 0.72, 0.04),
    "green": (0.08, 0.38, 0.19),
}
_MATERIALS = {  # colour, share mirrored head on
    "paint": ((0, 0, 0), 0.07),  # the colour is the car's look
    "trim": ((0.10, 0.10, 0.11), 0.0),
    "glass": ((0.10, 0.12, 0.13), 0.11),
    "well": ((0.03, 0.03, 0.03), 0.0),
    "tyre": ((0.13, 0.13, 0.14), 0.0),
    "rim": ((0.62, 0.63, 0.65), 0.05),
    "hub": ((0.22, 0.22, 0.23), 0.0),
    "grille": ((0.08, 0.08, 0.09), 0.06),
    "plate": ((0.95, 0.95, 0.90), 0.0),
    "text": ((0.20, 0.20, 0.22), 0.0),
    "lamp": ((0.80, 0.84, 0.88), 0.25),
    "bulb": ((1.15, 1.15, 1.08), 0.2),
    "tail": ((0.66, 0.03, 0.03), 0.08),
    "tail light": ((1.0, 0.28, 0.18), 0.0),
    "seam": ((0.05, 0.05, 0.05), 0.0),
}
_NAMES = tuple(_MATERIALS)
_FINE = ("seam", "text", "hub", "rim", "bulb", "tail light", "grille")
_FINE_SCALE = 11.0  # pixels per metre below which these materials are left out


@cache
def _mesh(model: int) -> tuple[Mesh, Array, Array]:
    """A mesh, the material of its faces, and which of them are fine details."""
    mesh = Mesh(MODELS[model])
    material = np.array([_NAMES.index(name) for name in mesh.material])
    return mesh, material, np.isin(material, [_NAMES.index(name) for name in _FINE])


def draw_car(canvas: Canvas, light: Light, thing: Thing) -> None:
    """Draws a car; one that reaches behind the camera is left out."""
    p, camera = thing.params, canvas.camera
    if thing.z - 2.6 < 1.0:
        return
    mesh, material, fine = _mesh(int(p["model"]))
    c, s = np.cos(p["yaw"]), np.sin(p["yaw"])
    turn = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])  # rows: right, up, ahead
    place = np.array([thing.x, 0.0, thing.z])
    eye = (np.array([camera.x, camera.y, 0.0]) - place) @ turn.T / p["scale"]
    seen = ((eye - mesh.centres) * mesh.normals).sum(1) > 0
    if camera.focal / thing.z < _FINE_SCALE:
        seen &= ~fine
    pixels = camera.project(mesh.points[seen] @ turn * p["scale"] + place)
    colors = np.array([PAINT[thing.look] if n == "paint" else _MATERIALS[n][0] for n in _NAMES])
    mirror = np.array([_MATERIALS[n][1] for n in _NAMES])[material[seen]]
    albedo, view = np.square(colors)[material[seen]], unit(eye - [0, 0.8, 0]) @ turn
    sun = float(light.sunny(thing.x, 0.8, np.array([thing.z]))[0])
    tones = []
    for normals, dim in ((mesh.high, 1.0), (mesh.low, 0.86)):
        tone = light.gloss(albedo, normals[seen] @ turn, eye=view, mirror=mirror, sun=sun) * dim
        tones.append(light.hazy(tone, thing.z))
    canvas.polygons(pixels, tones[0], tones[1])
