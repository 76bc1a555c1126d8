"""Trees: a trunk and a crown in leaf, in blossom, in autumn colours or bare."""

from functools import cache
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from lab.data.parts import foliage
from lab.data.town.canvas import SAMPLES, Array, Canvas, Shader
from lab.data.town.layout import Thing
from lab.data.town.light import Light
from lab.data.town.textures import fbm, texture

_MASK = 512
_NEAREST = 2.2  # metres; nearer trees would fill the picture
_LEAF = {  # season: two colours that a crown mixes
    "spring": ((1.0, 0.77, 0.80), (1.0, 0.88, 0.86)),
    "summer": ((0.30, 0.47, 0.16), (0.42, 0.58, 0.20)),
    "autumn": ((0.88, 0.45, 0.10), (0.82, 0.62, 0.14)),
}
_BARK, _TWIG = (0.33, 0.26, 0.20), (0.40, 0.33, 0.28)


def _branch(
    draw: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    at: tuple[float, float],
    way: tuple[float, float, float],
) -> None:
    """A branch from `at` along `way` (angle, length, thickness; pixels), and its twigs."""
    angle, length, thick = way
    end = (at[0] + np.cos(angle) * length, at[1] - np.sin(angle) * length)
    draw.line([at, end], fill=255, width=max(round(thick), 1))
    if length < 12:
        return
    for turn in rng.uniform(0.15, 0.75, 2) * np.array([1, -1]):
        _branch(draw, rng, end, (angle + turn, length * rng.uniform(0.68, 0.86), thick * 0.66))


def _outline(rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """How far places of a crown lie within its rim, float32, its filled outline and its leaves
    with gaps, bool; all (_MASK, _MASK)."""
    y, x = np.mgrid[0:_MASK, 0:_MASK].astype(np.float32) / _MASK * 2 - 1
    shape = 0.52 - np.hypot(x, y * 1.1)
    for _ in range(12):
        angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.58)
        cx, cy, r = far * np.cos(angle), far * np.sin(angle) * 0.9, rng.uniform(0.24, 0.38)
        shape = np.maximum(shape, r - np.hypot(x - cx, y - cy))
    noise = fbm(rng, _MASK, first=10, decay=0.65) - 0.5
    fringe = rng.random((_MASK // 4, _MASK // 4)).repeat(4, 0).repeat(4, 1) - 0.5
    outline = shape + 0.22 * noise > 0
    return shape, outline, (shape + 0.5 * noise + 0.25 * fringe > 0.02) & outline


class _Masks(NamedTuple):
    """Silhouettes of a crown: filled outline, leaves with gaps, bare branches; its shape, which is
    how far a place lies within the rim."""

    outline: Image.Image
    leaves: Image.Image
    bare: Image.Image
    shape: Image.Image


@cache
def _masks(number: int) -> _Masks:
    rng = np.random.default_rng([11, number])
    shape, outline, leaves = _outline(rng)
    bare = Image.new("L", (_MASK, _MASK))
    draw = ImageDraw.Draw(bare)
    for angle in np.pi / 2 + rng.uniform(-0.1, 0.1, 5) + np.linspace(-0.6, 0.6, 5):
        way = (float(angle), _MASK * rng.uniform(0.18, 0.24), 11.0)
        _branch(draw, rng, (_MASK / 2, _MASK * 0.97), way)
    twigs = np.where(outline, np.asarray(bare), 0)
    whole, gaps, branches = (
        Image.fromarray(mask.astype(np.uint8)) for mask in (outline * 255, leaves * 255, twigs)
    )
    return _Masks(whole, gaps, branches, Image.fromarray(shape.astype(np.float32)))


def draw_tree(canvas: Canvas, light: Light, thing: Thing) -> None:
    """Draws a trunk and a crown; the crown's outline counts as tree, with its gaps."""
    if thing.z < _NEAREST:
        return
    p, camera = thing.params, canvas.camera
    middle = np.array([thing.x, p["height"] - p["crown"] * 0.95, thing.z])
    sun = float(light.sunny(thing.x, p["height"] - p["crown"], np.array([thing.z]))[0])
    _draw_trunk(canvas, light, thing, sun=sun)
    (u, v), r = camera.project(middle), p["crown"] * 1.12 * camera.focal / thing.z
    box = (u - r, v - r, u + r, v + r)
    masks, bare = _masks(int(p["mask"])), thing.look == "winter"
    seen = masks.bare if bare else masks.leaves
    shorter = min(camera.width, camera.height) if "told" in p else None
    if shorter is not None:
        seen = _following(masks, box, shorter, bare=bare)
    shade = _crown(light, thing, box, sun=sun, shorter=shorter)
    canvas.stamp(box, masks.outline, shade, ids=True, seen=False)
    canvas.stamp(box, seen, shade, ids=False, seen=True)


def _following(masks: _Masks, box: tuple[float, ...], shorter: int, *, bare: bool) -> Image.Image:
    """What is seen of a crown in `box` (pixels): leaves and gaps or, of a bare one, its limbs and
    twigs, as the noise says that is told of a picture with this shorter side."""
    size = box[2] - box[0]
    side = int(np.clip(size * SAMPLES, 8, _MASK))
    outline, _, limbs, shape = (np.asarray(mask.resize((side, side))) for mask in masks)
    at = (np.arange(side) + 0.5) / side * size
    ys, xs = np.meshgrid(box[1] + at, box[0] + at, indexing="ij")
    told = foliage.noise(ys.ravel(), xs.ravel(), shorter).reshape(-1, side, side)
    if bare:
        seen = foliage.twigs(told) | (limbs > 127)
    else:
        seen = shape + 0.06 * told[:2].sum(0) + 0.08 * told[2:].sum(0) > 0.02
    return Image.fromarray((seen & (outline > 127)).astype(np.uint8) * 255)


def _draw_trunk(canvas: Canvas, light: Light, thing: Thing, *, sun: float) -> None:
    radius, height = thing.params["crown"], thing.params["height"]
    middle = np.array([thing.x, height - radius * 0.95, thing.z])
    bark = light.flat(_BARK, np.array([0.0, 0.2, -1.0]), thing.z, sun=0.4, open_sky=0.8)
    wide = 0.035 * height * 0.55
    trunk = np.array([[thing.x, 0.0, thing.z], [thing.x, middle[1] - radius * 0.25, thing.z]])
    bright = trunk + np.array([np.sign(light.sun[0]) * wide * 0.4, 0, 0])
    fork = trunk[1] - [0, radius * 0.3, 0]
    tips = [middle + np.array([w * radius, radius * 0.1, 0]) for w in (-0.55, 0.6)]
    boughs = [np.stack([fork, tip]) for tip in tips]
    limbs = np.stack([*boughs, trunk, bright])
    thick = wide * np.array([[0.55, 0.3], [0.55, 0.3], [1.2, 0.75], [0.5, 0.3]])
    tones = bark * np.array([[0.6], [0.6], [0.8], [1 + 0.9 * sun]])
    if thing.look == "winter":
        limbs, thick, tones = limbs[2:], thick[2:], tones[2:]
    canvas.capsules(limbs, thick, tones, tones * 0.75)


def _crown(
    light: Light, thing: Thing, box: tuple[float, ...], *, sun: float, shorter: int | None
) -> Shader:
    """Shades the crown in `box` (pixels) like a rough ball; `sun` is the share of sun there.

    `shorter`: leaves follow the noise that is told of a picture with this shorter side.
    """
    seed, size = int(thing.params["seed"]), box[2] - box[0]
    shift = (seed % 89) / 89

    def bare(side: Array) -> Array:
        tone = (0.55 + 0.3 * side * sun)[:, None] * np.square(np.array(_TWIG, np.float32))
        return tone * (light.ambient + light.sunlight * 0.35 * sun)

    def grown(s: Array, t: Array) -> tuple[Array, Array]:
        """The brightness of leaves, and of what hangs together of them."""
        if shorter is not None:
            told = foliage.noise(box[1] + t * size, box[0] + s * size, shorter)
            return np.clip(0.3 + 0.19 * foliage.leaves(told), 0, 1), 0.3 + 0.15 * told[3]
        wide = np.full_like(s, 1.6 / size)
        leaf = texture("leaves").sample(s * 1.6 + shift, t * 1.6 + shift, wide, wide)[:, 0]
        clump = texture("noise").sample(s * 0.9 + shift, t * 0.9, wide * 0.6, wide * 0.6)[:, 0]
        return leaf, clump

    def leafy(s: Array, t: Array, side: Array) -> Array:
        leaf, clump = grown(s, t)
        facing = np.clip(0.55 + 0.45 * side - 0.75 * (t - 0.45) + 1.3 * (clump - 0.3), 0, 1.4)
        mix = np.clip((seed % 7) / 10 + 0.5 * (clump - 0.2), 0, 1)[:, None]
        first, second = (np.square(np.asarray(c, np.float32)) for c in _LEAF[thing.look])
        albedo = (first * (1 - mix) + second * mix) * (0.35 + 1.5 * leaf)[:, None]
        open_sky = np.clip(1.1 - 0.65 * t + 0.5 * (clump - 0.3), 0.25, 1.2)[:, None]
        return albedo * (light.ambient * open_sky + light.sunlight * (0.75 * sun * facing)[:, None])

    def shade(ys: Array, xs: Array) -> Array:
        s = ((xs + 0.5 - box[0]) / size).astype(np.float32)
        t = ((ys + 0.5 - box[1]) / size).astype(np.float32)
        side = (s - 0.5) * 2 * np.sign(light.sun[0])
        return light.hazy(bare(side) if thing.look == "winter" else leafy(s, t, side), thing.z)

    return shade
