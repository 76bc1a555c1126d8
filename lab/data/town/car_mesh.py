"""The shape of a car: a rounded body, a glass cabin, wheels, lamps and plates, in drawing order.

Axes: x to the car's right, y up, z ahead; metres; the origin lies on the ground under the middle.
"""

from typing import NamedTuple

import numpy as np

from lab.data.town.canvas import Array

CORNERS = 16  # of every face; smaller faces repeat their last corner
_UP = np.array([0.0, 1.0, 0.0])


def unit(vectors: Array) -> Array:
    """Vectors (..., 3) scaled to length 1."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


class Model(NamedTuple):
    """Metres: half length and width, belt and nose and roof height, cabin (rear, front) at belt and at roof."""

    half: tuple[float, float]
    belt: float
    nose: float
    roof: float
    cabin: tuple[float, float]
    top: tuple[float, float]


MODELS = (
    Model((2.02, 0.88), 0.90, 0.84, 1.47, (-1.94, 1.02), (-1.45, 0.22)),  # hatchback
    Model((2.32, 0.90), 0.92, 0.82, 1.44, (-1.66, 0.98), (-0.80, 0.12)),  # saloon
    Model((2.25, 0.95), 1.04, 1.00, 1.70, (-2.16, 1.02), (-1.80, 0.40)),  # off-roader
    Model((2.40, 0.98), 1.10, 1.04, 1.98, (-2.34, 1.45), (-2.22, 0.85)),  # van
)


class Mesh:
    """Faces in drawing order: corners (F, 16, 3), normals, normals at upper and lower edge, materials."""

    def __init__(self, model: Model):
        self.model = model
        self.faces: list[tuple[Array, Array, float, float, int]] = []
        self._mirrors()
        self._body()
        self._cabin()
        for side in (-1, 1):
            self._flank(side)
        for end in (-1, 1):
            self._end(end)
        pad = [np.concatenate([p, np.repeat(p[-1:], CORNERS - len(p), 0)]) for p, *_ in self.faces]
        self.points = np.stack(pad)
        self.centres = np.stack([p.mean(0) for p, *_ in self.faces])
        self.normals = np.stack([f[1] for f in self.faces])
        self.high = unit(self.normals + np.array([f[2] for f in self.faces])[:, None] * _UP)
        self.low = unit(self.normals + np.array([f[3] for f in self.faces])[:, None] * _UP)
        self.material = [f[4] for f in self.faces]

    def add(
        self, points: Array, normal: Array, material: str, tilt: tuple[float, float] = (0.15, -0.1)
    ) -> None:
        self.faces.append(
            (np.asarray(points, float), np.asarray(normal, float), *tilt, material)
        )

    def ring(
        self, half: float, ends: tuple[float, float], heights: tuple[float, float], corner: float
    ) -> Array:
        """A rounded outline (12, 3); heights at the rear and the front end."""
        rear, front = ends
        c = min(corner, half * 0.9)
        turn = np.array([0.0, np.pi / 4, np.pi / 2])
        plan = []
        for quarter, (sx, sf) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
            centre = (sx * (half - c), (front - c) if sf > 0 else (rear + c))
            angle = turn + quarter * np.pi / 2
            plan += [(centre[0] + c * np.cos(t), centre[1] + c * np.sin(t)) for t in angle]
        y0, y1 = heights
        return np.array(
            [[x, y0 + (y1 - y0) * np.clip((f - rear) / (front - rear), 0, 1), f] for x, f in plan]
        )

    def band(self, low: Array, high: Array, material: str, tilt: tuple[float, float]) -> None:
        for i in range(12):
            j = (i + 1) % 12
            along = (low[j] + high[j] - low[i] - high[i])[[0, 2]]
            normal = np.array([along[1], 0, -along[0]]) / max(float(np.hypot(*along)), 1e-9)
            self.add(
                np.stack([low[i], low[j], high[j], high[i]]), normal, material, (tilt[1], tilt[0])
            )

    def _body(self) -> None:
        m, (length, width) = self.model, self.model.half
        floor = self.ring(width - 0.14, (-length + 0.22, length - 0.24), (0.10, 0.10), 0.3)
        sill = self.ring(width - 0.05, (-length + 0.10, length - 0.12), (0.22, 0.24), 0.38)
        waist = self.ring(width, (-length, length), (0.50, 0.48), 0.42)
        line = self.ring(
            width - 0.01, (-length + 0.03, length - 0.05), (m.belt * 0.76, m.nose * 0.74), 0.42
        )
        edge = self.ring(
            width - 0.05, (-length + 0.08, length - 0.16), (m.belt * 0.92, m.nose * 0.90), 0.42
        )
        deck = self.ring(width - 0.13, (-length + 0.18, length - 0.42), (m.belt, m.nose), 0.42)
        self.band(floor, sill, "trim", (-0.4, -0.2))
        self.band(sill, waist, "paint", (-0.32, 0.0))
        self.band(waist, line, "paint", (0.0, 0.14))
        self.band(line, edge, "paint", (0.14, 0.42))
        self.band(edge, deck, "paint", (0.42, 1.8))
        self.add(deck, _UP, "paint", (0, 0))

    def _cabin(self) -> None:
        m, width = self.model, self.model.half[1]
        base = self.ring(width - 0.11, m.cabin, (m.belt - 0.03, m.belt - 0.05), 0.20)
        top = self.ring(width - 0.27, m.top, (m.roof - 0.07, m.roof - 0.07), 0.16)
        roof = self.ring(width - 0.36, (m.top[0] + 0.1, m.top[1] - 0.1), (m.roof, m.roof), 0.16)
        self.band(base, top, "paint", (0.25, 0.35))
        for i in (2, 8):  # windscreen and rear window
            self._pane(
                np.stack([base[i], base[i + 1], top[i + 1], top[i]]), (-0.06, 1.06), (0.08, 0.93)
            )
        for i in (5, 11):
            quad = np.stack([base[i], base[(i + 1) % 12], top[(i + 1) % 12], top[i]])
            first, second = ((0.01, 0.50), (0.54, 0.99))
            self._pane(quad, first, (0.14, 0.90))
            self._pane(quad, second, (0.14, 0.90))
        self.band(top, roof, "paint", (0.5, 2.0))
        self.add(roof, _UP, "paint", (0, 0))

    def _pane(self, quad: Array, across: tuple[float, float], up: tuple[float, float]) -> None:
        s = np.array([[across[0]], [across[1]], [across[1]], [across[0]]])
        t = np.array([[up[0]], [up[0]], [up[1]], [up[1]]])
        points = (quad[0] * (1 - s) + quad[1] * s) * (1 - t) + (quad[3] * (1 - s) + quad[2] * s) * t
        normal = np.cross(quad[1] - quad[0], quad[3] - quad[0])
        normal = normal / np.linalg.norm(normal)
        centre = quad.mean(0) - [0, 0.6, 0]
        self.add(points, normal if normal @ centre > 0 else -normal, "glass", (0.42, -0.35))

    def _flank(self, side: int) -> None:
        """Wheels, seams and handles of one side."""
        m, (length, width) = self.model, self.model.half
        radius, normal = 0.33 if m.belt < 1 else 0.37, np.array([side, 0.0, 0.0])
        for f in (m.cabin[1] - 0.12, (m.cabin[1] + m.cabin[0]) / 2 - 0.1):
            x = side * (width + 0.004)
            self.add(
                [
                    [x, 0.30, f],
                    [x, 0.30, f + 0.02],
                    [x, m.belt * 0.9, f + 0.02],
                    [x, m.belt * 0.9, f],
                ],
                normal,
                "seam",
            )
            y = m.belt * 0.78
            self.add(
                [
                    [x, y, f - 0.85],
                    [x, y, f - 0.68],
                    [x, y + 0.035, f - 0.68],
                    [x, y + 0.035, f - 0.85],
                ],
                normal,
                "trim",
            )
        for f in (-length + 0.76, length - 0.80):
            t = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
            for size, name in (
                (1.2, "well"),
                (1.0, "tyre"),
                (0.68, "rim"),
                (0.58, "hub"),
                (0.22, "rim"),
            ):
                y = np.maximum(radius + radius * size * np.sin(t), 0.0)
                ring = np.stack(
                    [np.full(CORNERS, side * (width + 0.006)), y, f + radius * size * np.cos(t)],
                    -1,
                )
                self.add(ring, normal, name, (0.3, -0.5))
            for t in np.arange(5) * 2 * np.pi / 5 + 0.3:
                w, c = np.array([np.sin(t), np.cos(t)]), np.array([np.cos(t), -np.sin(t)]) * 0.035
                ends = [w * 0.06 + c, w * 0.06 - c, w * radius * 0.64 - c, w * radius * 0.64 + c]
                self.add(
                    [[side * (width + 0.007), radius + a, f + b] for a, b in ends],
                    normal,
                    "rim",
                    (0.2, -0.2),
                )

    def _mirrors(self) -> None:
        """Wing mirrors; drawn first, so that the body hides what is behind it."""
        m, width = self.model, self.model.half[1]
        for side in (-1, 1):
            x0, x1, f, y = (
                side * (width - 0.08),
                side * (width + 0.14),
                m.cabin[1] - 0.28,
                m.belt + 0.02,
            )
            for way in (-1.0, 1.0):
                self.add(
                    [[x0, y, f], [x1, y, f], [x1, y + 0.15, f], [x0, y + 0.13, f]],
                    [0, 0, way],
                    "paint" if way > 0 else "glass",
                )

    def _end(self, end: int) -> None:
        """Bumper, grille or boot, plate and lamps of the front (1) or rear (-1)."""
        m, (length, width) = self.model, self.model.half
        high = (m.belt if end < 0 else m.nose) * 0.80

        def box(
            x: tuple[float, float], y: tuple[float, float], name: str, wrap: float = 0.0
        ) -> None:
            f = np.array([end * (length + 0.005 - wrap * (abs(v) > width - 0.45)) for v in x])
            corners = [
                [x[0], y[0], f[0]],
                [x[1], y[0], f[1]],
                [x[1], y[1], f[1]],
                [x[0], y[1], f[0]],
            ]
            self.add(corners, [0, 0, end], name)

        box((-width + 0.40, width - 0.40), (0.27, 0.345), "trim")
        if end > 0:
            box((-0.48, 0.48), (high - 0.18, high - 0.02), "grille")
            box((-0.10, 0.10), (high - 0.13, high - 0.07), "rim")
        else:
            box((-width + 0.3, width - 0.3), (high - 0.245, high - 0.23), "seam")
        box((-0.27, 0.27), (0.42, 0.54), "plate")
        box((-0.21, 0.21), (0.455, 0.505), "text")
        for side in (-1, 1):
            inner, outer = side * (width - 0.44), side * (width - 0.10)
            x = (min(inner, outer), max(inner, outer))
            small = (x[0] + 0.07, x[1] - 0.07)
            box(x, (high - 0.20, high - 0.01), "lamp" if end > 0 else "tail", 0.09)
            box(small, (high - 0.15, high - 0.06), "bulb" if end > 0 else "tail light", 0.07)
