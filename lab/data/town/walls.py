"""Walls of brick, plaster, glass or stone with their windows, ledges, doors and shop fronts."""

import math
from typing import NamedTuple

import numpy as np

from lab.data.town.canvas import Array
from lab.data.town.layout import Thing
from lab.data.town.light import Light
from lab.data.town.planes import Hits, Plane
from lab.data.town.textures import pulse, step, texture
from lab.data.town.windows import Panes, chance

Color = tuple[float, float, float]


class _Wall(NamedTuple):
    """A material: its texture, the texture's size in metres, tints to choose from, the trim."""

    texture: str
    tile: tuple[float, float]
    tints: tuple[Color, ...]
    trim: Color


_PLASTERS = (
    (0.98, 0.88, 0.66),
    (0.96, 0.78, 0.68),
    (0.92, 0.9, 0.84),
    (0.72, 0.84, 0.78),
    (0.78, 0.84, 0.92),
)
_BRICKS = ((1.0, 1.0, 1.0), (0.86, 0.8, 0.82), (1.08, 0.95, 0.85))
_STONES = ((1.0, 1.0, 1.0), (0.9, 0.9, 0.92), (1.05, 1.0, 0.92))
_STEELS = ((0.40, 0.43, 0.47), (0.30, 0.32, 0.35))
_WALLS = {
    "brick": _Wall("wallbrick", (3.0, 3.2), _BRICKS, (0.80, 0.75, 0.68)),
    "plaster": _Wall("plaster", (6.0, 6.0), _PLASTERS, (0.93, 0.91, 0.87)),
    "stone": _Wall("ashlar", (4.8, 4.8), _STONES, (0.82, 0.77, 0.68)),
    "glass": _Wall("plaster", (6.0, 6.0), _STEELS, (0.35, 0.37, 0.40)),
}
_FRONTS = (
    (0.16, 0.30, 0.24),
    (0.42, 0.12, 0.12),
    (0.14, 0.19, 0.33),
    (0.22, 0.2, 0.19),
    (0.62, 0.46, 0.16),
)


class _Skin(NamedTuple):
    """A wall's pixels: albedo (N, 3), share of glass (N,), share of the sky's light (N,)."""

    albedo: Array
    glass: Array
    shade: Array


def _linear(color: Color) -> Array:
    return np.square(np.asarray(color, np.float32))


def _over(albedo: Array, color: Array | float, share: Array) -> Array:
    return albedo + (color - albedo) * share[:, None]


class Facade:
    """Shades one wall of a building; `blank` walls (gable ends) have few windows."""

    def __init__(self, thing: Thing, light: Light, plane: Plane, *, length: float, blank: bool):
        self.thing, self.light, self.plane = thing, light, plane
        self.p, self.length = thing.params, length
        self.normal = plane.facing(light.camera)
        self.number = int(thing.params["seed"])
        self.bays = max(round(length / self.p["bay"]), 1)
        self.shared = "start" in self.p  # the whole street's bays, on gable ends too: `regular`
        self.blank = blank and not self.shared
        self.bay, self.start = length / self.bays, 0.0
        if self.shared:
            way = "_across" if blank or "across" in self.p else ""
            self.bay, self.start = self.p["bay" + way], self.p["start" + way]
        self.left = -length if blank and thing.x < 0 else 0.0  # where u begins
        self.top = self.p["ground"] + self.p["floors"] * self.p["floor"]
        self.curtain = thing.look == "glass"
        self.shop = bool(self.p["shop"]) or self.curtain
        pane = self.bay
        if self.curtain:
            pane = self.bay / 2 if self.shared else length / max(round(length / 1.5), 1)
        self.panes = Panes(
            light,
            self.number,
            ground=self.p["ground"],
            floor=self.p["floor"],
            bay=pane,
            curtain=self.curtain,
            shop=self.shop,
        )

    def __call__(self, ys: Array, xs: Array) -> Array:
        """Light (N, 3) of the wall's pixels."""
        hits = self.plane.hits(self.light.camera, ys, xs)
        skin = self._skin(hits)
        sun = self.light.sunny(hits.x, hits.y, hits.z) if self.normal @ self.light.sun > 0 else 0.0
        open_sky = skin.shade * (0.66 + 0.34 * np.clip(hits.v / 9, 0, 1))
        out = self.light.lit(skin.albedo, self.normal, sun=sun, open_sky=open_sky)
        seen = np.flatnonzero(skin.glass > 0.01)
        if len(seen):
            panes = self.panes(hits.at(seen))
            out[seen] += (panes - out[seen]) * skin.glass[seen, None]
        return self.light.hazy(out, hits.z)

    def _skin(self, h: Hits) -> _Skin:
        wall = _WALLS[self.thing.look]
        (tu, tv), tint = wall.tile, _linear(wall.tints[self.number % len(wall.tints)])
        albedo = texture(wall.texture).sample(h.u / tu, h.v / tv, h.du / tu, h.dv / tv) * tint
        grime = texture("noise").sample(h.u / 11, h.v / 23, h.du / 11, h.dv / 23)[:, :1]
        albedo = albedo * (0.74 + 0.5 * grime) * (0.72 + 0.28 * np.clip(h.v / 1.2, 0, 1))[:, None]
        trim = _linear(wall.trim)
        skin = self._curtain(h, albedo) if self.curtain else self._windows(h, albedo, trim)
        if self.blank:
            return skin
        base = step(self.p["ground"] - np.float32(0.16) - h.v, h.dv)
        low = self._shop(h, skin, base) if self.shop else self._house(h, skin, trim)
        glass = skin.glass * (1 - base) + low.glass * base
        return _Skin(low.albedo, glass, low.shade)

    def _curtain(self, h: Hits, albedo: Array) -> _Skin:
        """A grid of steel that holds glass."""
        s = (h.u + np.float32(self.start)) / self.panes.bay
        t = (h.v - self.p["ground"]) / self.p["floor"]
        ds, dt = h.du / self.panes.bay, h.dv / self.p["floor"]
        rows = np.maximum(pulse(t, (0.02, 0.24), dt), pulse(t, (0.27, 0.98), dt))
        panes = pulse(s, (0.03, 0.97), ds) * rows * step(self.top - h.v, h.dv)
        return _Skin(albedo, panes, np.ones_like(h.u))

    def _windows(self, h: Hits, albedo: Array, trim: Array) -> _Skin:
        """Windows in frames with sills, and the ledges above the ground floor and at the eaves."""
        p, number, bay = self.p, self.number, self.bay
        s = (h.u + np.float32(self.start)) / np.float32(bay)
        t = (h.v - np.float32(p["ground"])) / np.float32(p["floor"])
        ds, dt = h.du / bay, h.dv / p["floor"]
        upper = step(t, dt) * step(math.floor(p["floors"]) - t, dt)
        if self.shared:  # no window across the end of a house
            first = (self.start + self.left) / bay
            last = first + self.length / bay
            upper = upper * ((np.floor(s) >= first) & (np.floor(s) + 1 <= last))
        if self.blank:
            upper = upper * (chance(np.floor(s), np.floor(t), number + 5) > 0.72)
        wide = 0.24 + 0.1 * ((number >> 3) % 3) / 2
        low, high = 0.5 - wide, 0.5 + wide
        rise = 0.22 + 0.06 * ((number >> 5) % 2)

        def part(more: float, rows: tuple[float, float]) -> Array:
            return pulse(s, (low - more, high + more), ds) * pulse(t, rows, dt) * upper

        window, frame = part(0, (rise, 0.84)), part(0.05, (rise - 0.04, 0.89))
        sill, under = (
            part(0.08, (rise - 0.075, rise - 0.02)),
            part(0.08, (rise - 0.14, rise - 0.075)),
        )
        bars = np.maximum(pulse(s, (0.49, 0.51), ds), pulse(t, (0.62, 0.645), dt))
        edge = 1 - pulse(s, (low + 0.025, high - 0.025), ds) * pulse(t, (rise + 0.025, 0.815), dt)
        wood = np.clip(bars + edge, 0, 1) * window
        reveal = part(0, (0.77, 0.84))
        albedo = _over(albedo, trim, np.maximum(frame, sill))
        albedo = _over(albedo, np.float32((0.75, 0.05, 0.16)[(number >> 7) % 3]), wood)
        ledge = step(0.16 - np.abs(h.v - p["ground"]), h.dv)
        ledge = ledge + step(0.28 - np.abs(h.v - self.top - 0.2), h.dv)
        albedo = _over(albedo, trim, np.clip(ledge, 0, 1))
        below = np.clip(1 - np.abs(h.v - self.top + 0.45) / 0.4, 0, 1)
        below = below + np.clip(1 - np.abs(h.v - p["ground"] + 0.3) / 0.2, 0, 1)
        shade = (1 - 0.45 * under) * (1 - 0.5 * reveal) * (1 - 0.35 * np.clip(below, 0, 1))
        return _Skin(albedo, window * (1 - wood) * (1 - 0.35 * reveal), shade)

    def _street(self, h: Hits) -> tuple[Array, Array, Array]:
        """Bays of the ground floor: place in the bay, its footprint, whether it has the door."""
        bays, bay = self.bays, self.bay
        if self.p["shop"] and not self.shared:
            bays = max(round(self.length / 3.6), 1)
            bay = self.length / bays
        s = (h.u + np.float32(self.start)) / np.float32(bay)
        return s, h.du / bay, np.floor(s) == self.number % bays

    def _shop(self, h: Hits, skin: _Skin, base: Array) -> _Skin:
        """Painted fronts with a name board above wide panes."""
        s, ds, door = self._street(h)
        below = h.v - np.float32(self.p["ground"])  # metres below the ceiling, negative
        color = _linear(_FRONTS[self.number % len(_FRONTS)])
        albedo = _over(skin.albedo, color, base * pulse(s, (0.03, 0.97), ds))
        board = step(below + 0.95, h.dv) * step(-0.35 - below, h.dv) * pulse(s, (0.08, 0.92), ds)
        letters = board * pulse(h.u / 0.42, (0.15, 0.7), h.du / 0.42)
        letters = letters * step(below + 0.8, h.dv) * step(-0.5 - below, h.dv)
        albedo = _over(albedo, np.float32(0.7), letters * 0.8 * pulse(s, (0.2, 0.8), ds))
        pane = pulse(s, (0.09, 0.91), ds) * step(h.v - np.where(door, 0.1, 0.55), h.dv)
        pane = pane * step(-1.1 - below, h.dv)
        bars = np.maximum(pulse(s, (0.49, 0.51), ds), step(0.03 - np.abs(below + 1.6), h.dv))
        return _Skin(albedo, pane * (1 - bars), skin.shade)

    def _house(self, h: Hits, skin: _Skin, trim: Array) -> _Skin:
        """A plinth, windows and a front door."""
        s, ds, door = self._street(h)
        ground = np.float32(self.p["ground"])
        albedo = _over(skin.albedo, trim * 0.55, step(0.6 - h.v, h.dv))
        sides = pulse(s, (0.28, 0.72), ds)
        pane = sides * step(h.v - 1.1, h.dv) * step(ground - 0.9 - h.v, h.dv) * ~door
        frame = pulse(s, (0.23, 0.77), ds) * step(h.v - 1.0, h.dv)
        albedo = _over(albedo, trim, frame * step(ground - 0.78 - h.v, h.dv) * ~door)
        bars = np.maximum(pulse(s, (0.49, 0.51), ds), step(0.03 - np.abs(h.v - 2.0), h.dv))
        leaf = sides * door * step(2.5 - h.v, h.dv)
        albedo = _over(albedo, trim, pulse(s, (0.22, 0.78), ds) * door * step(2.75 - h.v, h.dv))
        albedo = _over(albedo, _linear(_FRONTS[(self.number >> 4) % len(_FRONTS)]), leaf)
        groove = 1 - pulse(s, (0.33, 0.48), ds) - pulse(s, (0.52, 0.67), ds)
        shade = skin.shade * (1 - 0.4 * leaf * np.clip(groove, 0, 1))
        return _Skin(albedo, pane * (1 - bars), shade)
