"""A camera and a canvas that knows, for each of 3x3 samples of a pixel, which surface is seen there.

Surfaces are drawn far to near. The centre sample of a pixel gives its exact instance id; the photo mixes the
surfaces seen by all nine samples, each shaded once per pixel: edges are smooth and textures are cheap.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

SAMPLES = 3
NEAR = 1.0

Array = np.ndarray
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
    """Collects surfaces. `photo=False` keeps ids only."""

    def __init__(self, camera: Camera, *, photo: bool):
        self.camera = camera
        self.size = (camera.width * SAMPLES, camera.height * SAMPLES)
        self.ids = Image.new("I", self.size)
        self.draw_ids = ImageDraw.Draw(self.ids)
        self.faces = Image.new("I", self.size) if photo else None
        self.draw_faces = ImageDraw.Draw(self.faces) if self.faces else None
        self.instance = 0
        self.flat: list[Array] = []
        self.shaded: list[tuple[int, Shader, tuple[int, int, int, int]]] = []
        self.count = 0

    def _register(self, tops: Array, bottoms: Array, rows: Array) -> int:
        """New plain surfaces whose light runs from `tops` to `bottoms` (K, 3) over pixel `rows` (K, 2)."""
        slope = (bottoms - tops) / np.maximum(rows[:, 1:] - rows[:, :1], 0.5)
        self.flat.append(np.stack([tops - slope * rows[:, :1], slope], 1).astype(np.float32))
        self.count += len(tops)
        return self.count - len(tops)

    def _shade(self, low: Array, high: Array, paint: Shader) -> int:
        """A new surface with a shader, seen between the corners `low` and `high` (pixels)."""
        low = np.maximum(np.floor(low) - 1, 0).astype(int)
        high = np.minimum(np.ceil(high) + 2, [self.camera.width, self.camera.height]).astype(int)
        self.shaded.append((self.count, paint, (low[0], low[1], high[0], high[1])))
        return self._register(np.zeros((1, 3)), np.zeros((1, 3)), np.zeros((1, 2)))

    def polygon(self, pixels: Array, paint: Shader, *, ids: bool = True, seen: bool = True) -> None:
        """Fills a textured polygon (N, 2) given in pixels. `ids`: counts as the object; `seen`: visible in the photo."""
        low, high = pixels.min(0), pixels.max(0)
        if high[0] < 0 or high[1] < 0 or low[0] > self.camera.width or low[1] > self.camera.height:
            return
        corners = np.clip(pixels * SAMPLES - 0.5, -60000, 60000).ravel().tolist()
        if ids:
            self.draw_ids.polygon(corners, fill=self.instance)
        if seen and self.draw_faces is not None:
            self.draw_faces.polygon(corners, fill=self._shade(low, high, paint))

    def polygons(self, pixels: Array, tops: Array, bottoms: Array, *, ids: bool = True) -> None:
        """Fills plain polygons (K, N, 2) in order; their light runs from `tops` to `bottoms` (K, 3)."""
        low, high = pixels.min(1), pixels.max(1)
        keep = (high > 0).all(1) & (low < [self.camera.width, self.camera.height]).all(1)
        if not keep.any():
            return
        flat = (
            np.clip(pixels[keep] * SAMPLES - 0.5, -60000, 60000)
            .reshape(int(keep.sum()), -1)
            .tolist()
        )
        if ids:
            for corners in flat:
                self.draw_ids.polygon(corners, fill=self.instance)
        if self.draw_faces is not None:
            rows = np.stack([low[keep, 1], high[keep, 1]], 1)
            first = self._register(tops[keep], bottoms[keep], rows)
            for index, corners in enumerate(flat, first):
                self.draw_faces.polygon(corners, fill=index)

    def capsules(self, ends: Array, radii: Array, tops: Array, bottoms: Array) -> None:
        """Limbs, posts and branches between world points (K, 2, 3) with radii (K, 2) in metres; equal ends: a ball."""
        camera = self.camera
        pixels = camera.project(ends)
        r = np.maximum(radii * camera.focal / np.maximum(ends[..., 2], NEAR), 0.17)[..., None, None]
        way = pixels[:, 1] - pixels[:, 0]
        fan = np.linspace(np.pi / 2, 3 * np.pi / 2, 7) + np.arctan2(way[:, 1], way[:, 0])[:, None]
        back = np.stack([np.cos(fan), np.sin(fan)], -1)
        hull = np.concatenate([pixels[:, :1] + r[:, 0] * back, pixels[:, 1:] - r[:, 1] * back], 1)
        self.polygons(hull, tops, bottoms)

    def stamp(self, box: tuple[float, float, float, float], mask: Image.Image, paint: Shader, *,
              ids: bool, seen: bool) -> None:  # fmt: skip
        """Pastes an 8-bit silhouette into `box` (left, top, right, bottom; pixels)."""
        left, top, right, bottom = (round(v * SAMPLES) for v in box)
        if right <= left or bottom <= top or right < 0 or left > self.size[0] or bottom < 0:
            return
        crop = (max(left, 0), max(top, 0), min(right, self.size[0]), min(bottom, self.size[1]))
        if crop[2] <= crop[0] or crop[3] <= crop[1]:
            return
        sx, sy = mask.width / (right - left), mask.height / (bottom - top)
        source = (
            (crop[0] - left) * sx,
            (crop[1] - top) * sy,
            (crop[2] - left) * sx,
            (crop[3] - top) * sy,
        )
        shape = (crop[2] - crop[0], crop[3] - crop[1])
        if sx > 1 and sy > 1:
            cut = mask.resize(shape, Image.Resampling.NEAREST, box=source)
        else:
            cut = mask.resize(shape, Image.Resampling.BILINEAR, box=source).point(
                lambda v: 255 * (v > 127)
            )
        if ids:
            self.ids.paste(self.instance, crop, cut)
        if seen and self.faces is not None:
            index = self._shade(np.array(box[:2]), np.array(box[2:]), paint)
            self.faces.paste(index, crop, cut)

    def instances(self) -> Array:
        """Instance ids (H, W) int64: what the centre sample of every pixel sees."""
        return np.asarray(self.ids)[1::SAMPLES, 1::SAMPLES].astype(np.int64)

    def resolve(
        self, last: set[int] = frozenset()
    ) -> tuple[Array, list[tuple[Shader, Array, Array, Array]]]:
        """Shades. Returns linear light (H, W, 3) and, unshaded, (shader, ys, xs, weight) of surfaces in `last`."""
        height, width = self.camera.height, self.camera.width
        faces = np.asarray(self.faces)
        picture = np.zeros((height, width, 3), np.float32)
        later = []
        smooth = np.ones(self.count, bool)
        for index, shader, (x0, y0, x1, y1) in self.shaded:
            smooth[index] = False
            if x1 <= x0 or y1 <= y0:
                continue
            seen = faces[y0 * SAMPLES : y1 * SAMPLES, x0 * SAMPLES : x1 * SAMPLES] == index
            weight = _box(seen)
            ys, xs = np.nonzero(weight)
            if not len(ys):
                continue
            share = weight[ys, xs].astype(np.float32) / SAMPLES**2
            ys, xs = ys + y0, xs + x0
            if index in last:
                later.append((shader, ys, xs, share))
            else:
                picture[ys, xs] += shader(ys, xs) * share[:, None]
        self._flat(picture, faces, smooth)
        return picture, later

    def _flat(self, picture: Array, faces: Array, smooth: Array) -> None:
        height, width = picture.shape[:2]
        where = np.flatnonzero(smooth[faces.ravel()])
        row, column = np.divmod(where, faces.shape[1])
        row //= SAMPLES
        pixel = row * width + column // SAMPLES
        kind = faces.ravel()[where]
        tones = np.concatenate(self.flat)
        middle = row.astype(np.float32) + np.float32(0.5)
        for channel in range(3):
            light = np.maximum(tones[kind, 0, channel] + tones[kind, 1, channel] * middle, 0)
            total = np.bincount(pixel, light, height * width).astype(np.float32)
            picture[..., channel] += total.reshape(height, width) / SAMPLES**2


def _box(seen: Array) -> Array:
    """Counts of true samples in each 3x3 block."""
    seen = seen.view(np.uint8)
    rows = seen[0::SAMPLES] + seen[1::SAMPLES] + seen[2::SAMPLES]
    return rows[:, 0::SAMPLES] + rows[:, 1::SAMPLES] + rows[:, 2::SAMPLES]
