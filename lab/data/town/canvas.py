"""A camera, and a canvas that knows which surface each of 3x3 samples of a pixel sees.

Surfaces are drawn far to near. The centre sample of a pixel gives its exact instance id. The photo
mixes the surfaces that all nine samples see, each shaded once per pixel: edges are smooth, and
textures, which are filtered by themselves, cost one evaluation.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

SAMPLES = 3
NEAR = 1.0

_ROWS = 256  # rows of plain pixels added at a time, to bound memory
_BLOCK = 1 << 15  # pixels shaded at a time: intermediate results stay in the processor's cache

Array = np.ndarray
Box = tuple[float, float, float, float]
Shader = Callable[[Array, Array], Array]


@dataclass(frozen=True)
class Camera:
    """A pinhole with a shifted lens, so that verticals stay vertical. Pixels, x right, y down."""

    width: int
    height: int
    vanish: float
    horizon: float
    focal: float
    x: float
    y: float

    @classmethod
    def of(cls, view: dict[str, float], size: tuple[int, int]) -> "Camera":
        """The camera of a plan's `view` for a picture of `size` (width, height)."""
        width, height = size
        unit = float(
            np.sqrt(width * height / 2)
        )  # a 2:1 picture's height; keeps the scale at other shapes
        return cls(
            width, height, view["vanish"] * width, view["horizon"] * height,
            view["focal"] * unit, view["x"], view["height"],
        )  # fmt: skip

    def project(self, points: Array) -> Array:
        """World points (..., 3) to pixels (..., 2); depths below `NEAR` are moved to it."""
        z = np.maximum(points[..., 2], NEAR * 0.5)
        u = self.vanish + self.focal * (points[..., 0] - self.x) / z
        v = self.horizon - self.focal * (points[..., 1] - self.y) / z
        return np.stack([u, v], -1)

    def ray(self, ys: Array, xs: Array) -> tuple[Array, Array]:
        """Direction (dx, dy) per unit depth through the centres of pixels (ys, xs)."""
        dx = (np.asarray(xs, np.float32) + np.float32(0.5 - self.vanish)) / np.float32(self.focal)
        dy = (np.float32(self.horizon - 0.5) - np.asarray(ys, np.float32)) / np.float32(self.focal)
        return dx, dy


class Canvas:
    """Collects surfaces. What is drawn counts as `instance`; `photo=False` keeps ids only."""

    def __init__(self, camera: Camera, *, photo: bool):
        self.camera, self.photo, self.instance = camera, photo, 0
        self.size = (camera.width * SAMPLES, camera.height * SAMPLES)
        self.ids, self.faces = Image.new("I", self.size), Image.new("I", self.size)
        self.draw_ids, self.draw_faces = ImageDraw.Draw(self.ids), ImageDraw.Draw(self.faces)
        self.tones: list[Array] = []  # (K, 2, 3): light at row 0 of the picture, slope per row
        self.shaded: list[tuple[int, Shader, tuple[int, int, int, int]]] = []
        self.count = 0

    def _plain(self, tops: Array, bottoms: Array, rows: Array) -> int:
        """New surfaces whose light runs from `tops` to `bottoms` (K, 3) over rows (K, 2)."""
        slope = (bottoms - tops) / np.maximum(rows[:, 1:] - rows[:, :1], 0.5)
        self.tones.append(np.stack([tops - slope * rows[:, :1], slope], 1).astype(np.float32))
        self.count += len(tops)
        return self.count - len(tops)

    def _shade(self, low: Array, high: Array, paint: Shader) -> int:
        """A new surface with a shader, seen between the corners `low` and `high` (pixels)."""
        low = np.maximum(np.floor(low) - 1, 0).astype(int)
        high = np.minimum(np.ceil(high) + 2, [self.camera.width, self.camera.height]).astype(int)
        self.shaded.append((self.count, paint, (low[0], low[1], high[0], high[1])))
        return self._plain(np.zeros((1, 3)), np.zeros((1, 3)), np.zeros((1, 2)))

    def polygon(self, pixels: Array, paint: Shader, *, ids: bool = True, seen: bool = True) -> None:
        """Fills a textured polygon (N, 2), in pixels.

        Args:
            ids: it counts as the object.
            seen: the photo shows it.
        """
        low, high = pixels.min(0), pixels.max(0)
        if (high < 0).any() or (low > [self.camera.width, self.camera.height]).any():
            return
        corners = _samples(pixels).ravel().tolist()
        if ids:
            self.draw_ids.polygon(corners, fill=self.instance)
        if seen and self.photo:
            self.draw_faces.polygon(corners, fill=self._shade(low, high, paint))

    def polygons(self, pixels: Array, tops: Array, bottoms: Array, *, ids: bool = True) -> None:
        """Fills plain polygons (K, N, 2) in order; light runs from `tops` to `bottoms` (K, 3)."""
        low, high = pixels.min(1), pixels.max(1)
        keep = (high > 0).all(1) & (low < [self.camera.width, self.camera.height]).all(1)
        if not keep.any():
            return
        flat = _samples(pixels[keep]).reshape(int(keep.sum()), -1).tolist()
        if ids:
            for corners in flat:
                self.draw_ids.polygon(corners, fill=self.instance)
        if self.photo:
            rows = np.stack([low[keep, 1], high[keep, 1]], 1)
            for index, corners in enumerate(flat, self._plain(tops[keep], bottoms[keep], rows)):
                self.draw_faces.polygon(corners, fill=index)

    def capsules(self, ends: Array, radii: Array, tops: Array, bottoms: Array) -> None:
        """Limbs, posts, branches between world points (K, 2, 3), radii (K, 2) in metres.

        Two equal ends make a ball. Light as in `polygons`.
        """
        camera = self.camera
        pixels = camera.project(ends)
        r = np.maximum(radii * camera.focal / np.maximum(ends[..., 2], NEAR), 0.17)[..., None, None]
        way = pixels[:, 1] - pixels[:, 0]
        fan = np.linspace(np.pi / 2, 3 * np.pi / 2, 7) + np.arctan2(way[:, 1], way[:, 0])[:, None]
        back = np.stack([np.cos(fan), np.sin(fan)], -1)
        hull = np.concatenate([pixels[:, :1] + r[:, 0] * back, pixels[:, 1:] - r[:, 1] * back], 1)
        self.polygons(hull, tops, bottoms)

    def stamp(self, box: Box, mask: Image.Image, paint: Shader, *, ids: bool, seen: bool) -> None:
        """Pastes an 8-bit silhouette into `box` (left, top, right, bottom; pixels)."""
        left, top, right, bottom = (round(v * SAMPLES) for v in box)
        crop = (max(left, 0), max(top, 0), min(right, self.size[0]), min(bottom, self.size[1]))
        shape = (crop[2] - crop[0], crop[3] - crop[1])
        if min(shape) <= 0:
            return
        sx, sy = mask.width / (right - left), mask.height / (bottom - top)
        scale, offset = (sx, sy, sx, sy), (left, top, left, top)
        source = tuple((c - o) * s for c, o, s in zip(crop, offset, scale, strict=True))
        if sx > 1 and sy > 1:
            cut = mask.resize(shape, Image.Resampling.NEAREST, box=source)
        else:
            smooth = mask.resize(shape, Image.Resampling.BILINEAR, box=source)
            cut = smooth.point(lambda v: 255 * (v > 127))
        if ids:
            self.ids.paste(self.instance, crop, cut)
        if seen and self.photo:
            index = self._shade(np.array(box[:2]), np.array(box[2:]), paint)
            self.faces.paste(index, crop, cut)

    def instances(self) -> Array:
        """Instance ids (H, W) int64: what the centre sample of every pixel sees."""
        return np.asarray(self.ids)[1::SAMPLES, 1::SAMPLES].astype(np.int64)

    def resolve(self, last: set[int], ready: Callable[[Array], None]) -> Array:
        """Shades all surfaces: linear light (H, W, 3).

        Surfaces in `last` wait until `ready` was given the picture of all others.
        """
        faces = np.asarray(self.faces)
        picture = np.zeros((self.camera.height, self.camera.width, 3), np.float32)
        for waits in (False, True):
            for index, shader, box in self.shaded:
                if (index in last) == waits:
                    _add(picture, faces, (index, shader, box))
            if not waits:
                self._add_plain(picture, faces)
                ready(picture.copy())
        return picture

    def _add_plain(self, picture: Array, faces: Array) -> None:
        """Adds all surfaces without a shader, some rows at a time."""
        plain = np.ones(self.count, bool)
        plain[[index for index, *_ in self.shaded]] = False
        tones, width = np.concatenate(self.tones), picture.shape[1]
        for first in range(0, len(picture), _ROWS):
            part = faces[first * SAMPLES : (first + _ROWS) * SAMPLES].ravel()
            where = np.flatnonzero(plain[part])
            row, column = np.divmod(where, width * SAMPLES)
            row //= SAMPLES
            pixel, kind = row * width + column // SAMPLES, part[where]
            middle = (row + first).astype(np.float32) + np.float32(0.5)
            out = picture[first : first + _ROWS]
            for channel in range(3):
                light = tones[kind, 0, channel] + tones[kind, 1, channel] * middle
                total = np.bincount(pixel, np.maximum(light, 0), out.shape[0] * width)
                total = total.astype(np.float32).reshape(out.shape[:2])
                out[..., channel] += total / SAMPLES**2


def _samples(pixels: Array) -> Array:
    """Pixel coordinates in units of samples, within what the drawing library can take."""
    return np.clip(pixels * SAMPLES - 0.5, -60000, 60000)


def _add(picture: Array, faces: Array, surface: tuple[int, Shader, tuple[int, ...]]) -> None:
    """Adds one surface with a shader, as far as each pixel's samples see it."""
    index, shader, (x0, y0, x1, y1) = surface
    if x1 <= x0 or y1 <= y0:
        return
    seen = faces[y0 * SAMPLES : y1 * SAMPLES, x0 * SAMPLES : x1 * SAMPLES] == index
    seen = seen.view(np.uint8)
    rows = seen[0::SAMPLES] + seen[1::SAMPLES] + seen[2::SAMPLES]
    weight = rows[:, 0::SAMPLES] + rows[:, 1::SAMPLES] + rows[:, 2::SAMPLES]
    ys, xs = np.nonzero(weight)
    share = weight[ys, xs].astype(np.float32) / SAMPLES**2
    for first in range(0, len(ys), _BLOCK):
        part = slice(first, first + _BLOCK)
        y, x = ys[part] + y0, xs[part] + x0
        picture[y, x] += shader(y, x) * share[part, None]
