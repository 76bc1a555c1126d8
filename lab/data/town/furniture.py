"""What stands along the street: lamp posts, traffic signs, fences."""

import numpy as np

from lab.data.town.canvas import NEAR, Array, Canvas, Shader
from lab.data.town.layout import Thing
from lab.data.town.light import Light
from lab.data.town.planes import Plane, vertical
from lab.data.town.textures import pulse, texture

_NEAREST = 2.0  # metres; nearer posts would fill the picture
_POLE = {"steel": (0.52, 0.54, 0.56), "black": (0.10, 0.10, 0.11), "green": (0.13, 0.30, 0.22)}
_IRON, _HEDGE = (0.14, 0.15, 0.16), (0.27, 0.44, 0.17)
_FENCE = {"wood": 1.5, "metal": 1.35, "hedge": 1.7}  # heights in metres
_UP = np.array([0.0, 1.0, 0.0])
_DULL = ("sunset", "overcast")  # skies under which the lamps burn


def draw_pole(canvas: Canvas, light: Light, thing: Thing) -> None:
    """Draws a lamp post (`side` tells where its arm points) or the post of a sign (`side` 0)."""
    if thing.z < _NEAREST:
        return
    arm, height = thing.params["side"], thing.params["height"]
    normal = np.array([np.sign(light.sun[0]) * 0.7, 0.1, -0.7])
    color = light.flat(_POLE[thing.look], normal, thing.z, sun=0.8)
    thick = 0.075 if arm else 0.035
    base, top = np.array([thing.x, 0.0, thing.z]), np.array([thing.x, height, thing.z])
    tip = top + np.array([-arm * 1.5, 0.25, 0])
    bars = [(base, top, thick, thick * 0.7)]
    if arm:
        bars.append((base, base + 0.9 * _UP, thick * 1.6, thick * 1.4))
        bars.append((top - 0.05 * _UP, tip, thick * 0.6, thick * 0.5))
    ends, radii, tones = [], [], []
    for a, b, ra, rb in bars:  # each bar, then a lighter core on the sunny side
        shift = np.array([np.sign(light.sun[0]) * 0.4, 0, 0]) * min(ra, rb)
        ends += [np.stack([a, b]), np.stack([a, b]) + shift]
        radii += [(ra, rb), (ra * 0.45, rb * 0.45)]
        tones += [color * 0.72, color * 1.25]
    if arm:
        lamp = tip + np.array([[arm * 0.25, 0, 0], [-arm * 0.4, 0.02, 0]])
        glow = np.array([1.6, 1.2, 0.7]) if light.look in _DULL else light.ambient * 1.2
        ends += [lamp, lamp - 0.07 * _UP]
        radii += [(0.10, 0.08), (0.05, 0.04)]
        tones += [color * 0.9, glow]
    canvas.capsules(np.stack(ends), np.array(radii), np.stack(tones), np.stack(tones) * 0.85)


_SIGNS: dict[str, tuple[int, float, tuple[tuple[float, tuple[float, ...]], ...]]] = {
    # look: corners, first corner's angle, layers (size, colour)
    "stop": (8, np.pi / 8, ((1.0, (0.93, 0.93, 0.93)), (0.92, (0.76, 0.06, 0.08)))),
    "limit": (24, 0.0, ((1.0, (0.78, 0.06, 0.08)), (0.74, (0.95, 0.95, 0.95)))),
    "warning": (3, np.pi / 2, ((1.15, (0.80, 0.07, 0.08)), (0.80, (0.97, 0.86, 0.30)))),
    "parking": (4, np.pi / 4, ((1.1, (0.93, 0.93, 0.95)), (1.0, (0.08, 0.25, 0.65)))),
    "direction": (4, np.pi / 4, ((1.2, (0.95, 0.95, 0.95)), (1.1, (0.06, 0.42, 0.24)))),
}
_WHITE, _BLACK = (0.95, 0.95, 0.95), (0.1, 0.1, 0.1)
_GLYPHS = {  # look: colour, boxes (left, bottom, right, top) in units of the radius
    "stop": (_WHITE, ((-0.6, -0.14, 0.6, 0.14),)),
    "limit": (_BLACK, ((-0.36, -0.32, -0.06, 0.32), (0.08, -0.32, 0.38, 0.32))),
    "warning": (_BLACK, ((-0.08, -0.1, 0.08, 0.45), (-0.08, -0.32, 0.08, -0.18))),
    "parking": (
        _WHITE,
        (
            (-0.3, -0.5, -0.1, 0.5),
            (-0.1, 0.36, 0.3, 0.5),
            (0.16, 0.06, 0.3, 0.5),
            (-0.1, 0.0, 0.3, 0.14),
        ),
    ),
    "direction": (
        _WHITE,
        ((-0.62, -0.08, 0.35, 0.08), (0.25, -0.22, 0.42, 0.22), (0.42, -0.12, 0.55, 0.12)),
    ),
}


def draw_sign(canvas: Canvas, light: Light, thing: Thing) -> None:
    """Draws a traffic sign that faces the camera."""
    if thing.z < _NEAREST:
        return
    number = int(thing.params["seed"])
    radius, normal = 0.34 + 0.05 * (number % 3), np.array([0.0, 0.25, -0.97])
    middle = np.array([thing.x, thing.params["height"] - radius * 0.8, thing.z])
    corners, first, layers = _SIGNS[thing.look]
    stretch = np.array([1.5, 0.62]) if thing.look == "direction" else np.ones(2)
    sun = float(light.sunny(thing.x, middle[1], np.array([thing.z]))[0])
    project = canvas.camera.project

    def place(flat: Array) -> Array:
        return project(middle + np.concatenate([flat * radius, np.zeros((len(flat), 1))], 1))

    angles = first + np.arange(corners) * 2 * np.pi / corners
    for size, color in layers:
        tone = light.flat(color, normal, thing.z, sun=0.35 + 0.65 * sun, open_sky=1.05)
        outline = place(np.stack([np.cos(angles), np.sin(angles)], -1) * size * stretch)
        canvas.polygons(outline[None], tone[None] * 1.05, tone[None] * 0.9)
    color, boxes = _GLYPHS[thing.look]
    tone = light.flat(color, normal, thing.z, sun=0.35 + 0.65 * sun)
    for x0, y0, x1, y1 in boxes:
        quad = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]) * stretch * 0.95
        canvas.polygons(place(quad)[None], tone[None], tone[None])


def draw_fence(canvas: Canvas, light: Light, thing: Thing) -> None:
    """Draws a fence of planks, a metal railing or a hedge along the building line.

    All of a railing counts as fence, also where one sees through it.
    """
    z0, z1 = max(thing.z, NEAR), thing.z + thing.params["length"]
    height, plane, x = _FENCE[thing.look], vertical(thing.x, thing.z), thing.x
    shade = _boards(light, thing, plane)

    def quad(low: float, high: float, a: float, b: float) -> Array:
        corners = [[x, low, a], [x, low, b], [x, high, b], [x, high, a]]
        return canvas.camera.project(np.array(corners))

    railing = thing.look == "metal"
    canvas.polygon(quad(0.0, height, z0, z1), shade, seen=not railing)
    if not railing:
        return
    for low in (0.12, height - 0.12):
        canvas.polygon(quad(low, low + 0.06, z0, z1), shade, ids=False)
    posts = np.arange(z0, z1, 0.16)
    bars = np.stack([quad(0.0, height, z, z + 0.05) for z in posts])
    iron = light.flat(_IRON, plane.facing(canvas.camera), 0.0, open_sky=0.9)
    tones = light.hazy(np.tile(iron, (len(posts), 1)), posts)
    canvas.polygons(bars, tones * 1.3, tones * 0.8, ids=False)


def _boards(light: Light, thing: Thing, plane: Plane) -> Shader:
    """Shades planks, leaves or iron rails."""
    normal, height = plane.facing(light.camera), _FENCE[thing.look]

    def shade(ys: Array, xs: Array) -> Array:
        h = plane.hits(light.camera, ys, xs)
        if thing.look == "hedge":
            leaf = texture("leaves").sample(h.u / 1.7, h.v / 1.7, h.du / 1.7, h.dv / 1.7)
            albedo = leaf * 1.7 * np.square(np.array(_HEDGE, np.float32))
        elif thing.look == "wood":
            albedo = texture("planks").sample(h.u / 2.9, h.v / 2.9, h.du / 2.9, h.dv / 2.9)
        else:
            solid = pulse(h.u / 0.14, (0.36, 0.64), h.du / 0.14)[:, None]
            albedo = np.square(np.array(_IRON, np.float32)) * (0.7 + 0.5 * solid)
        open_sky = 0.5 + 0.5 * np.clip(h.v / height, 0, 1)
        sun = light.sunny(h.x, h.y, h.z)
        return light.hazy(light.lit(albedo, normal, sun=sun, open_sky=open_sky), h.z)

    return shade
