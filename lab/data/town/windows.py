"""What the panes of a facade show: rooms, curtains, lamps, goods, and the sky they mirror."""

from dataclasses import dataclass

import numpy as np

from lab.data.town.canvas import Array
from lab.data.town.light import Light
from lab.data.town.planes import Hits
from lab.data.town.textures import pulse, step

_ROOM = 0.02  # albedo of a room seen from outside
_GOODS = (0.36, 0.55)  # metres, width and height of a box on a shop's shelf


def chance(a: Array, b: Array, seed: float) -> Array:
    """A fixed random number in [0, 1) for each cell (a, b) of a grid; `seed` chooses the grid."""
    h = np.sin(
        a * np.float32(12.9898) + b * np.float32(78.233) + np.float32(seed % 97)
    ) * np.float32(437.585)
    return h - np.floor(h)


@dataclass(frozen=True)
class Panes:
    """The panes of one facade.

    Attributes:
        light: the scene's light.
        number: the building's random number.
        ground: height of the ground floor in metres.
        floor: height of the other floors in metres.
        bay: width of a window's bay in metres.
        curtain: a curtain wall, which mirrors more and shows no rooms of its own.
        shop: the ground floor is a shop.
    """

    light: Light
    number: int
    ground: float
    floor: float
    bay: float
    curtain: bool
    shop: bool

    def __call__(self, h: Hits) -> Array:
        """Light (N, 3) that comes from the panes."""
        a, b = np.floor(h.u / self.bay), np.floor((h.v - self.ground) / self.floor)
        first, second = chance(a, b, self.number), chance(b, a, self.number + 3)
        inside = self._rooms(first, second)
        low = (h.v < self.ground - 0.2)[:, None] & self.shop
        if low.any():
            inside = np.where(low, self._goods(h), inside)
        high = np.float32(0.72 if self.curtain else 0.42)
        share = np.where(low, np.float32(0.30), high)
        tint = np.array([0.8, 0.95, 1.0], np.float32) if self.curtain else np.float32(1.0)
        return inside * (1 - share) + self._mirror(h, second) * share * tint

    def _mirror(self, h: Hits, lean: Array) -> Array:
        """The sky and the dark houses across the street, a little different in every pane."""
        light = self.light
        aside = np.hypot(h.x - light.camera.x, h.z * 0.35)
        rise = np.maximum(h.y - light.camera.y, 0.05) / np.maximum(aside, 1.0)
        tilt = (lean - 0.5) * (0.10 if self.curtain else 0.3)
        across, up = np.sign(h.x) * -0.8 + tilt, np.clip(rise + tilt, 0.02, 3)
        sky = light.sky(across, up, clouds=self.curtain)
        city = light.haze * 0.22
        return city + (sky - city) * np.clip((rise + tilt - 0.22) * 4, 0, 1)[:, None]

    def _rooms(self, first: Array, second: Array) -> Array:
        """Dark rooms, some behind curtains and, in poor light, some with a lamp."""
        light = self.light
        inside = np.full((len(first), 3), _ROOM, np.float32) * light.ambient
        drawn = (first > 0.6)[:, None] * np.float32(0.30) * light.ambient
        inside = inside + drawn * (1 - 0.3 * (second > 0.5))[:, None]
        if light.look in ("sunset", "overcast"):
            lit = (first < (0.22 if light.look == "sunset" else 0.1))[:, None]
            lamp = np.array([0.85, 0.52, 0.2], np.float32)
            inside = inside + lit * lamp * (0.6 + 0.4 * second)[:, None]
        return inside

    def _goods(self, h: Hits) -> Array:
        """Shelves of boxes under a lamp."""
        width, height = _GOODS
        s, t = h.u / width, h.v / height
        cell = (np.floor(s), np.floor(t))
        color = np.stack([chance(*cell, self.number + k) for k in (1, 2, 4)], 1)
        color = color.mean(1, keepdims=True) * np.float32(0.65) + color * np.float32(0.35)
        crisp = np.clip(1.6 - h.du / width * 2, 0, 1)[:, None]
        color = np.float32(0.34) + (color * color - np.float32(0.34)) * crisp
        box = pulse(s, (0.1, 0.9), h.du / width) * pulse(t, (0.1, 0.78), h.dv / height)
        box = box * step(2.2 - h.v, h.dv)
        power = np.float32(0.20 if self.light.look == "clear" else 0.34)
        lamp = np.array([0.95, 0.76, 0.50], np.float32) * power
        near = np.clip(1 - np.abs(h.v - 0.6 * self.ground) / 2.2, 0.15, 1)[:, None]
        return lamp * near * (np.float32(0.16) + color * box[:, None] * np.float32(0.8))
