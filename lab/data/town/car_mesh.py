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
    """A kind of car, in metres.

    half: half its length and width; belt, nose, roof: heights of the body at the windows, of the
    bonnet's front, of the roof; cabin, top: where the cabin begins and ends (rear, front) at the
    belt and at the roof.
    """

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


class _Face(NamedTuple):
    points: Array
    normal: Array
    tilt: tuple[float, float]
    material: str


class Mesh:
    """The faces of a model, in drawing order.

    Attributes:
        points: corners, (F, CORNERS, 3).
        centres: (F, 3).
        normals: the plane's, (F, 3); a face is seen from its normal's side.
        high, low: normals (F, 3) for the light at its upper and lower edge, as if it were round.
        material: F names.
    """

    def __init__(self, model: Model):
        self.model = model
        self._faces: list[_Face] = []
        self._mirrors()
        self._body()
        self._cabin()
        for side in (-1, 1):
            self._doors(side)
            self._wheels(side)
        for end in (-1, 1):
            self._end(end)
        faces = self._faces
        self.points = np.stack(
            [
                np.concatenate([f.points, f.points[-1:].repeat(CORNERS - len(f.points), 0)])
                for f in faces
            ]
        )
        self.centres = np.stack([f.points.mean(0) for f in faces])
        self.normals = np.stack([f.normal for f in faces])
        self.high, self.low = (
            unit(self.normals + np.array([[f.tilt[k]] for f in faces]) * _UP) for k in (0, 1)
        )
        self.material = [f.material for f in faces]

    def add(
        self,
        points: Array | list[list[float]],
        normal: Array | list[float],
        material: str,
        tilt: tuple[float, float] = (0.15, -0.1),
    ) -> None:
        """A face; its upper and lower edge lean up by `tilt`."""
        face = _Face(np.asarray(points, float), np.asarray(normal, float), tilt, material)
        self._faces.append(face)

    def ring(
        self, half: float, ends: tuple[float, float], heights: tuple[float, float], corner: float
    ) -> Array:
        """A rounded outline (12, 3); `ends` and `heights` at the rear and the front."""
        (rear, front), (y0, y1) = ends, heights
        c = min(corner, half * 0.9)
        turn = np.array([0.0, np.pi / 4, np.pi / 2])
        outline = []
        for quarter, (right, ahead) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
            x, z = right * (half - c), (front - c) if ahead > 0 else (rear + c)
            angles = turn + quarter * np.pi / 2
            outline += [(x + c * np.cos(t), z + c * np.sin(t)) for t in angles]
        share = [np.clip((z - rear) / (front - rear), 0, 1) for _, z in outline]
        return np.array(
            [[x, y0 + (y1 - y0) * t, z] for (x, z), t in zip(outline, share, strict=True)]
        )

    def band(self, low: Array, high: Array, material: str, tilt: tuple[float, float]) -> None:
        """The faces between two outlines; `tilt` of the lower and the upper one."""
        for i in range(len(low)):
            j = (i + 1) % len(low)
            along = (low[j] + high[j] - low[i] - high[i])[[0, 2]]
            normal = np.array([along[1], 0, -along[0]]) / max(float(np.hypot(*along)), 1e-9)
            self.add(np.stack([low[i], low[j], high[j], high[i]]), normal, material, tilt[::-1])

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

        def window(i: int, across: tuple[float, float], up: tuple[float, float]) -> None:
            j = (i + 1) % len(base)
            self._pane(np.stack([base[i], base[j], top[j], top[i]]), across, up)

        for i in (2, 8):  # windscreen, rear window
            window(i, (-0.06, 1.06), (0.08, 0.93))
        for i in (5, 11):  # the sides, two each
            window(i, (0.01, 0.50), (0.14, 0.90))
            window(i, (0.54, 0.99), (0.14, 0.90))
        self.band(top, roof, "paint", (0.5, 2.0))
        self.add(roof, _UP, "paint", (0, 0))

    def _pane(self, quad: Array, across: tuple[float, float], up: tuple[float, float]) -> None:
        """Glass in a part of a quad, given as shares of its width and height."""
        s = np.array([[across[0]], [across[1]], [across[1]], [across[0]]])
        t = np.array([[up[0]], [up[0]], [up[1]], [up[1]]])
        points = (quad[0] * (1 - s) + quad[1] * s) * (1 - t) + (quad[3] * (1 - s) + quad[2] * s) * t
        normal = np.cross(quad[1] - quad[0], quad[3] - quad[0])
        normal = normal / np.linalg.norm(normal)
        centre = quad.mean(0) - [0, 0.6, 0]
        self.add(points, normal if normal @ centre > 0 else -normal, "glass", (0.42, -0.35))

    def _doors(self, side: int) -> None:
        """Seams and handles of one side."""
        m, x = self.model, side * (self.model.half[1] + 0.004)
        normal = [side, 0.0, 0.0]

        def box(y: tuple[float, float], z: tuple[float, float], material: str) -> None:
            corners = [[x, y[0], z[0]], [x, y[0], z[1]], [x, y[1], z[1]], [x, y[1], z[0]]]
            self.add(corners, normal, material)

        for z in (m.cabin[1] - 0.12, (m.cabin[1] + m.cabin[0]) / 2 - 0.1):
            box((0.30, m.belt * 0.9), (z, z + 0.02), "seam")
            box((m.belt * 0.78, m.belt * 0.78 + 0.035), (z - 0.85, z - 0.68), "trim")

    def _wheels(self, side: int) -> None:
        """Arches, tyres, rims and spokes of one side."""
        m, (length, width) = self.model, self.model.half
        radius, normal = 0.33 if m.belt < 1 else 0.37, [side, 0.0, 0.0]
        around = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
        discs = ((1.2, "well"), (1.0, "tyre"), (0.68, "rim"), (0.58, "hub"), (0.22, "rim"))
        for z in (-length + 0.76, length - 0.80):
            x = np.full(CORNERS, side * (width + 0.006))
            for size, name in discs:
                y = np.maximum(radius + radius * size * np.sin(around), 0.0)
                disc = np.stack([x, y, z + radius * size * np.cos(around)], -1)
                self.add(disc, normal, name, (0.3, -0.5))
            for t in np.arange(5) * 2 * np.pi / 5 + 0.3:
                out, aside = np.array([np.sin(t), np.cos(t)]), np.array([np.cos(t), -np.sin(t)])
                inner, outer, half = out * 0.06, out * radius * 0.64, aside * 0.035
                ends = [inner + half, inner - half, outer - half, outer + half]
                spoke = [[side * (width + 0.007), radius + a, z + b] for a, b in ends]
                self.add(spoke, normal, "rim", (0.2, -0.2))

    def _mirrors(self) -> None:
        """Wing mirrors; drawn first, so that the body hides what is behind it."""
        m, width = self.model, self.model.half[1]
        y, z = m.belt + 0.02, m.cabin[1] - 0.28
        for side in (-1, 1):
            x0, x1 = side * (width - 0.08), side * (width + 0.14)
            for way, material in ((-1.0, "glass"), (1.0, "paint")):
                corners = [[x0, y, z], [x1, y, z], [x1, y + 0.15, z], [x0, y + 0.13, z]]
                self.add(corners, [0, 0, way], material)

    def _end(self, end: int) -> None:
        """Bumper, grille or boot, plate and lamps of the front (1) or the rear (-1)."""
        m, (length, width) = self.model, self.model.half
        high = (m.belt if end < 0 else m.nose) * 0.80
        lamp, bulb = ("lamp", "bulb") if end > 0 else ("tail", "tail light")

        def box(
            x: tuple[float, float], y: tuple[float, float], material: str, *, wrap: float = 0.0
        ) -> None:
            """A rectangle; its corners near the sides lie `wrap` metres back."""
            z = [end * (length + 0.005 - wrap * (abs(v) > width - 0.45)) for v in x]
            corners = [[x[k], y[n], z[k]] for k, n in ((0, 0), (1, 0), (1, 1), (0, 1))]
            self.add(corners, [0, 0, end], material)

        box((-width + 0.40, width - 0.40), (0.27, 0.345), "trim")
        if end > 0:
            box((-0.48, 0.48), (high - 0.18, high - 0.02), "grille")
            box((-0.10, 0.10), (high - 0.13, high - 0.07), "rim")
        else:
            box((-width + 0.3, width - 0.3), (high - 0.245, high - 0.23), "seam")
        box((-0.27, 0.27), (0.42, 0.54), "plate")
        box((-0.21, 0.21), (0.455, 0.505), "text")
        for side in (-1, 1):
            x0, x1 = sorted((side * (width - 0.44), side * (width - 0.10)))
            box((x0, x1), (high - 0.20, high - 0.01), lamp, wrap=0.09)
            box((x0 + 0.07, x1 - 0.07), (high - 0.15, high - 0.06), bulb, wrap=0.07)
