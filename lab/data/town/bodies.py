"""Bodies built of tapered limbs and balls, in a person's own axes: (side, up, ahead) in metres."""

import numpy as np

from lab.data.town.canvas import Canvas
from lab.data.town.layout import Thing
from lab.data.town.light import Light

Point = tuple[float, float, float]
Color = tuple[float, float, float]

CLOTH = {
    "red": (0.72, 0.12, 0.12),
    "blue": (0.14, 0.28, 0.66),
    "green": (0.16, 0.44, 0.22),
    "yellow": (0.90, 0.74, 0.16),
    "black": (0.11, 0.11, 0.13),
    "white": (0.90, 0.89, 0.86),
}
LEGS = ((0.18, 0.22, 0.34), (0.16, 0.16, 0.17), (0.42, 0.36, 0.28), (0.30, 0.32, 0.35))
_SKIN = ((0.90, 0.72, 0.60), (0.78, 0.56, 0.42), (0.50, 0.34, 0.25), (0.95, 0.80, 0.70))
_HAIR = ((0.10, 0.08, 0.07), (0.30, 0.19, 0.11), (0.55, 0.42, 0.22), (0.45, 0.45, 0.45))
_HELMETS = ("red", "blue", "white", "black")


class Body:
    """Collects limbs and balls in drawing order; `draw` puts them on the canvas."""

    def __init__(self, canvas: Canvas, light: Light, thing: Thing):
        self.canvas, self.light, self.thing = canvas, light, thing
        c, s = np.cos(thing.params["yaw"]), np.sin(thing.params["yaw"])
        self.turn = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
        self.number = int(thing.params["seed"])
        self.skin, self.hair = _SKIN[self.number % 4], _HAIR[(self.number >> 2) % 4]
        self.legs, self.cloth = LEGS[(self.number >> 4) % 4], CLOTH[thing.look]
        self.ends: list[tuple[Point, Point]] = []
        self.radii: list[tuple[float, float]] = []
        self.tones: list[tuple[Color, float, float]] = []  # colour, shade, 1 = has a bright core

    @property
    def sides(self) -> tuple[int, int]:
        """The side of the body (-1 left, 1 right) away from the camera, then the nearer one."""
        return (-1, 1) if self.turn[0, 2] <= 0 else (1, -1)

    def limb(
        self,
        points: list[Point],
        radii: tuple[float, ...],
        color: Color,
        *,
        shade: float = 1.0,
    ) -> None:
        """A chain of tapered capsules."""
        for k in range(len(points) - 1):
            self.ends.append((points[k], points[k + 1]))
            self.radii.append((radii[k], radii[k + 1]))
            self.tones.append((color, shade, 1.0))

    def ball(self, at: Point, radius: float, color: Color, *, shade: float = 1.0) -> None:
        """A ball."""
        self.ends.append((at, at))
        self.radii.append((radius, radius))
        self.tones.append((color, shade, 0.0))

    def head(self, at: Point, size: float, *, helmet: bool = False) -> None:
        """Hair and, seen from the front, a face."""
        x, y, ahead = at
        self.ball((x, y + 0.25 * size, ahead), size * 1.02, self.hair, shade=0.9)
        if self.turn[2, 2] < 0.4:
            self.ball((x, y - 0.12 * size, ahead + 0.3 * size), size * 0.86, self.skin)
        else:
            self.ball((x, y, ahead), size * 0.98, self.hair, shade=0.85)
        if helmet:
            color = CLOTH[_HELMETS[self.number % 4]]
            self.ball((x, y + 0.42 * size, ahead), size * 1.05, color)

    def draw(self) -> None:
        """Draws in order; every part is darker below and has a lighter core on the sunny side."""
        thing, light = self.thing, self.light
        ends = np.array(self.ends) @ self.turn + [thing.x, 0, thing.z]
        radii, core = np.array(self.radii), np.array([[t[2]] for t in self.tones])
        normal = np.array([np.sign(light.sun[0]) * 0.7, 0.15, -0.7])
        sun = float(light.sunny(thing.x, 1.0, np.array([thing.z]))[0])
        color = np.square(np.array([t[0] for t in self.tones]))
        color = color * np.array([[t[1]] for t in self.tones])
        lit = light.hazy(light.lit(color, normal, sun=sun), thing.z)
        shift = np.zeros_like(ends)
        shift[..., 0] = np.sign(light.sun[0]) * (radii.min(1)[:, None] * 0.28 * core)
        inner = 0.62 * core + 0.6 * (1 - core)
        order = np.arange(2 * len(ends)).reshape(2, -1).T.ravel()  # each part, then its core
        pairs = ((ends, ends + shift), (radii, radii * inner))
        tones = ((lit * 0.8, lit * 1.12), (lit * 0.55, lit * 0.82))
        self.canvas.capsules(*(np.concatenate(pair)[order] for pair in (*pairs, *tones)))
