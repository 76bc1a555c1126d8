"""Pedestrians and cyclists: bodies of tapered limbs, posed by the phase of a step or of a pedal."""

import numpy as np

from lab.data.town.canvas import Array, Canvas
from lab.data.town.layout import Thing
from lab.data.town.light import Light

CLOTH = {
    "red": (0.72, 0.12, 0.12), "blue": (0.14, 0.28, 0.66), "green": (0.16, 0.44, 0.22),
    "yellow": (0.90, 0.74, 0.16), "black": (0.11, 0.11, 0.13), "white": (0.90, 0.89, 0.86),
}  # fmt: skip
_SKIN = ((0.90, 0.72, 0.60), (0.78, 0.56, 0.42), (0.50, 0.34, 0.25), (0.95, 0.80, 0.70))
_HAIR = ((0.10, 0.08, 0.07), (0.30, 0.19, 0.11), (0.55, 0.42, 0.22), (0.45, 0.45, 0.45))
_LEGS = ((0.18, 0.22, 0.34), (0.16, 0.16, 0.17), (0.42, 0.36, 0.28), (0.30, 0.32, 0.35))


class _Body:
    """Draws limbs in a person's own axes: (side, up, ahead) in metres."""

    def __init__(self, canvas: Canvas, light: Light, thing: Thing):
        self.canvas, self.light, self.thing = canvas, light, thing
        yaw = thing.params["yaw"]
        c, s = np.cos(yaw), np.sin(yaw)
        self.turn = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
        number = int(thing.params["seed"])
        self.skin, self.hair = _SKIN[number % 4], _HAIR[(number >> 2) % 4]
        self.legs, self.cloth = _LEGS[(number >> 4) % 4], CLOTH[thing.look]
        self.number = number
        self.sun = float(light.sunny(thing.x, 1.0, np.array([thing.z]))[0])
        self.side = np.array([np.sign(light.sun[0]) * 0.7, 0.15, -0.7])

        self.ends: list[tuple[tuple[float, ...], tuple[float, ...]]] = []
        self.radii: list[tuple[float, float]] = []
        self.tones: list[tuple[tuple[float, ...], float, float]] = []

    def limb(self, points: list[tuple[float, ...]], radii: tuple[float, ...], color: tuple[float, ...], *,
             shade: float = 1.0) -> None:  # fmt: skip
        """A chain of tapered capsules."""
        for k in range(len(points) - 1):
            self.ends.append((points[k], points[k + 1]))
            self.radii.append((radii[k], radii[k + 1]))
            self.tones.append((color, shade, 1.0))

    def ball(
        self, at: tuple[float, ...], radius: float, color: tuple[float, ...], shade: float = 1.0
    ) -> None:
        """A ball."""
        self.ends.append((at, at))
        self.radii.append((radius, radius))
        self.tones.append((color, shade, 0.0))

    def head(self, at: tuple[float, float, float], size: float, *, helmet: bool = False) -> None:
        """Hair and, seen from the front, a face."""
        x, y, ahead = at
        self.ball((x, y + 0.25 * size, ahead), size * 1.02, self.hair, 0.9)
        if self.turn[2, 2] < 0.4:
            self.ball((x, y - 0.12 * size, ahead + 0.3 * size), size * 0.86, self.skin)
        else:
            self.ball((x, y, ahead), size * 0.98, self.hair, 0.85)
        if helmet:
            self.ball(
                (x, y + 0.42 * size, ahead),
                size * 1.05,
                CLOTH[("red", "blue", "white", "black")[self.number % 4]],
            )

    def draw(self) -> None:
        """Draws all limbs in order: each darker below, with a lighter core on the sunny side."""
        z, light = self.thing.z, self.light
        ends = np.array(self.ends) @ self.turn + [self.thing.x, 0, z]
        radii = np.array(self.radii)
        base = np.square(np.array([t[0] for t in self.tones])) * np.array(
            [[t[1]] for t in self.tones]
        )
        lit = light.hazy(light.lit(base, self.side, sun=self.sun), z)
        core = np.array([t[2] for t in self.tones])
        shift = np.zeros_like(ends)
        shift[..., 0] = np.sign(light.sun[0]) * (radii.min(1) * 0.28 * core)[:, None]
        inner = 0.62 * core[:, None] + 0.6 * (1 - core[:, None])
        order = (
            np.arange(2 * len(ends)).reshape(2, -1).T.ravel()
        )  # every limb's core right after it
        both = [np.concatenate(pair)[order] for pair in (
            (ends, ends + shift), (radii, radii * inner), (lit * 0.8, lit * 1.12), (lit * 0.55, lit * 0.82))]  # fmt: skip
        self.canvas.capsules(*both)


def draw_pedestrian(canvas: Canvas, light: Light, thing: Thing) -> None:
    """Draws somebody walking or standing."""
    if thing.z < 2.5:
        return
    body = _Body(canvas, light, thing)
    h, phase = thing.params["height"] / 1.75, thing.params["phase"]
    stride = 0.34 * np.sin(phase) if body.number % 5 else 0.05
    hip, knee, chest, neck = 0.90 * h, 0.47 * h, 1.30 * h, 1.45 * h
    for sign in (-1, 1):
        foot = sign * stride
        lift = 0.09 * max(-foot, 0)
        knee_at = (sign * 0.10, knee + lift, foot * 0.45 + 0.05)
        body.limb([(sign * 0.09, hip, 0), knee_at, (sign * 0.10, 0.10 + lift, foot)], (0.095, 0.075, 0.055), body.legs,
                  shade=0.9 if sign > 0 else 0.72)  # fmt: skip
        body.limb(
            [
                (sign * 0.10, 0.055 + lift, foot - 0.06),
                (sign * 0.11, 0.045 + lift * 0.5, foot + 0.16),
            ],
            (0.055, 0.045),
            (0.1, 0.09, 0.08),
        )
    skirt = body.number % 7 == 0
    if skirt:
        body.limb([(0, hip + 0.05, 0), (0, knee, 0)], (0.15, 0.24), body.cloth, shade=0.85)
    swing = -stride * 0.8
    far, near = (-1, 1) if body.turn[0, 2] <= 0 else (1, -1)
    for sign in (far, near):
        if sign == near:
            body.limb(
                [(0, hip, 0), (0, 1.05 * h, 0), (0, chest + 0.05, 0)],
                (0.155, 0.15, 0.185),
                body.cloth,
            )
            body.limb([(-0.12, neck - 0.08, 0), (0.12, neck - 0.08, 0)], (0.085, 0.085), body.cloth)
        reach = sign * swing
        body.limb([(sign * 0.21, neck - 0.07, 0), (sign * 0.25, 1.10 * h, reach * 0.3), (sign * 0.23, 0.86 * h, reach + 0.06)],
                  (0.068, 0.055, 0.045), body.cloth, shade=0.9)  # fmt: skip
        body.limb(
            [(sign * 0.23, 0.86 * h, reach + 0.06), (sign * 0.23, 0.79 * h, reach + 0.08)],
            (0.045, 0.04),
            body.skin,
        )
    if body.number % 3 == 0:
        body.limb(
            [(0, 1.36 * h, -0.17), (0, 1.02 * h, -0.17)],
            (0.13, 0.15),
            _LEGS[(body.number >> 6) % 4],
        )
    body.limb([(0, neck - 0.04, 0), (0, neck + 0.06, 0)], (0.055, 0.055), body.skin)
    body.head((0, 1.60 * h, 0.02), 0.112 * h)
    body.draw()


def draw_bicyclist(canvas: Canvas, light: Light, thing: Thing) -> None:
    """Draws a rider on a bicycle."""
    if thing.z < 3.2:
        return
    body, phase = _Body(canvas, light, thing), thing.params["phase"]
    steel = CLOTH[("red", "blue", "black", "green")[(body.number >> 3) % 4]]
    ring = np.linspace(0, 2 * np.pi, 21)
    for f in (-0.52, 0.52):
        points = [(0.0, 0.34 + 0.33 * np.sin(t), f + 0.33 * np.cos(t)) for t in ring]
        body.limb(points, (0.022,) * 21, (0.06, 0.06, 0.06))
        for t in ring[:20:4]:
            body.limb(
                [(0, 0.34, f), (0, 0.34 + 0.31 * np.sin(t), f + 0.31 * np.cos(t))],
                (0.004, 0.004),
                (0.6, 0.6, 0.6),
            )
    crank, seat, bar = (0, 0.30, -0.05), (0, 0.88, -0.22), (0, 0.95, 0.38)
    for a, b in (
        (crank, seat),
        (crank, bar),
        (seat, (0, 0.80, 0.36)),
        ((0, 0.34, -0.52), crank),
        ((0, 0.34, -0.52), seat),
        (bar, (0, 0.34, 0.52)),
    ):
        body.limb([a, b], (0.022, 0.022), steel)
    body.limb([(-0.26, 1.0, 0.36), (0.26, 1.0, 0.36)], (0.018, 0.018), (0.15, 0.15, 0.15))
    far, near = (-1, 1) if body.turn[0, 2] <= 0 else (1, -1)
    for sign in (far, near):
        turn = phase + (np.pi if sign > 0 else 0)
        pedal = (sign * 0.11, 0.30 + 0.17 * np.sin(turn), -0.05 + 0.17 * np.cos(turn))
        knee = (sign * 0.12, 0.66 + 0.09 * np.sin(turn), 0.20 + 0.06 * np.cos(turn))
        if sign == near:
            body.limb(
                [(0, 0.98, -0.20), (0, 1.2, -0.08), (0, 1.42, 0.05)],
                (0.16, 0.155, 0.175),
                body.cloth,
            )
            body.limb([(-0.13, 1.43, 0.05), (0.13, 1.43, 0.05)], (0.08, 0.08), body.cloth)
        body.limb(
            [(sign * 0.10, 0.92, -0.18), knee, pedal],
            (0.10, 0.07, 0.05),
            body.legs,
            shade=0.9 if sign == near else 0.7,
        )
        body.limb(
            [pedal, (pedal[0], pedal[1] - 0.03, pedal[2] + 0.14)], (0.05, 0.04), (0.1, 0.1, 0.1)
        )
        body.limb(
            [(sign * 0.20, 1.42, 0.06), (sign * 0.26, 1.20, 0.20), (sign * 0.24, 1.02, 0.36)],
            (0.065, 0.05, 0.04),
            body.cloth,
            shade=0.9,
        )
    body.head((0, 1.66, 0.12), 0.115, helmet=body.number % 2 == 0)
    body.draw()
