"""Style pictures made by rules: patterns to try a style transfer with, in nobody's copyright.

`write` draws them, and three streets of the procedural town as contents, into lab/assets:

    python -c "from lab.patterns import write; write()"
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

ASSETS = Path(__file__).parent / "assets"
STYLES, CONTENTS = ASSETS / "styles", ASSETS / "contents"
SIDE = 384
PALETTE_COLOURS = 96  # PNGs of few colours stay small

Array = np.ndarray
Colour = tuple[int, int, int]


def noise(rng: np.random.Generator, cells: int, *, octaves: int = 4, side: int = SIDE) -> Array:
    """Smooth random values in [0, 1], (side, side): lattices ever finer, weights ever smaller."""
    total = np.zeros((side, side))
    for octave in range(octaves):
        count = min(side, cells * 2**octave)
        lattice = Image.fromarray(rng.random((count, count)).astype(np.float32))
        total += np.asarray(lattice.resize((side, side), Image.Resampling.BICUBIC)) / 2**octave
    return (total - total.min()) / (total.max() - total.min())


def hexes(colours: str) -> list[Colour]:
    """Colours written as "rrggbb rrggbb …"."""
    return [tuple(bytes.fromhex(colour)) for colour in colours.split()]


def ramp(values: Array, colours: Sequence[Colour]) -> Array:
    """Colours along a line of stops: values in [0, 1] (H, W) → (H, W, 3) in [0, 1]."""
    stops = np.linspace(0, 1, len(colours))
    channels = np.array(colours).T / 255
    return np.stack([np.interp(values, stops, channel) for channel in channels], -1)


def _grid() -> tuple[Array, Array]:
    axis = (np.arange(SIDE) + 0.5) / SIDE
    return tuple(np.meshgrid(axis, axis, indexing="ij"))


def _cells(rng: np.random.Generator, count: int, *, jitter: float) -> tuple[Array, Array, Array]:
    """Voronoi cells of a jittered grid: owner, distance to the border, and the seeds (N, 2)."""
    rows, columns = _grid()
    axis = (np.arange(-1, count + 1) + 0.5) / count
    seeds = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    seeds = seeds + rng.uniform(-jitter, jitter, seeds.shape) / count
    owner = np.zeros((SIDE, SIDE), np.int64)
    nearest, second = (np.full((SIDE, SIDE), np.inf) for _ in range(2))
    for i, (row, column) in enumerate(seeds):
        distance = np.hypot(rows - row, columns - column)
        closer = distance < nearest
        second = np.where(closer, nearest, np.minimum(second, distance))
        owner[closer], nearest = i, np.minimum(nearest, distance)
    return owner, second - nearest, seeds


def waves(rng: np.random.Generator) -> Array:
    """Overlapping scales of rings, indigo on cream."""
    rows, columns = _grid()
    sway = 0.02 * (noise(rng, 3) - 0.5)
    rows, columns = rows + sway, columns - sway
    radius, picture = 1 / 9, np.zeros((SIDE, SIDE, 3))
    inks = hexes("122654 f0e8d4 245c8c f0e8d4 62a0bc e8e0cc")
    for line in range(-2, 22):
        centre = line * radius / 2
        shifted = columns + (line % 2) * radius
        offset = (shifted + radius) % (2 * radius) - radius
        ring = np.hypot(offset, rows - centre - radius) / radius
        band = np.clip((1 - ring) * 7.2, 0, 5.99).astype(int)
        inside = ring < 1
        picture[inside] = (np.array(inks) / 255)[band][inside]
    return picture * (0.86 + 0.2 * noise(rng, 24, octaves=3)[..., None])


def mosaic(rng: np.random.Generator) -> Array:
    """Small stones in sweeping bands of warm and sea colours, dark grout."""
    owner, border, seeds = _cells(rng, 30, jitter=0.34)
    field = noise(rng, 3, octaves=2)
    at = np.clip((seeds * SIDE).astype(int), 0, SIDE - 1)
    tone = np.clip(field[at[:, 0], at[:, 1]] + rng.normal(0, 0.05, len(seeds)), 0, 1)
    colours = hexes("183a5c 2a808a e8d6aa e2963e b23e2a 5c1e2c")
    stones = ramp((tone * 2.2) % 1, colours) * rng.uniform(0.85, 1.12, (len(seeds), 1))
    grout = np.clip(border / 0.009, 0, 1)[..., None]
    return stones[owner] * grout + np.array([0.16, 0.14, 0.13]) * (1 - grout)


def glass(rng: np.random.Generator) -> Array:
    """Panes of jewel colours held by lead, lit from behind."""
    owner, border, seeds = _cells(rng, 8, jitter=0.48)
    jewels = np.array(hexes("b0182a 124a98 ecb028 18784e 702882 e26024 40a8c4"))
    panes = jewels[rng.integers(len(jewels), size=len(seeds))] / 255
    glow = np.clip(border / 0.06, 0.4, 1)
    light = 0.65 + 0.5 * (noise(rng, 8, octaves=5) * glow)[..., None]
    lead = np.clip((border - 0.008) / 0.006, 0, 1)[..., None]
    return panes[owner] * light * lead + 0.06 * (1 - lead)


def hatching(rng: np.random.Generator) -> Array:
    """Ink lines in four directions, the denser the darker."""
    rows, columns = _grid()
    tone, wobble = noise(rng, 4, octaves=3), noise(rng, 10, octaves=3)
    ink = np.zeros((SIDE, SIDE))
    for angle, start in ((0.7, 0.2), (-0.6, 0.46), (1.5, 0.6), (0.05, 0.74)):
        along = np.cos(angle) * columns + np.sin(angle) * rows + 0.012 * wobble
        line = np.abs((along * 62) % 1 - 0.5) * 2
        width = np.clip((tone - start) * 1.1, 0, 0.5) * (0.7 + 0.5 * wobble)
        ink = np.maximum(ink, np.clip((width - line) * 6 + 0.5, 0, 1) * (tone > start))
    paper = np.array([0.957, 0.929, 0.867]) * (0.97 + 0.05 * noise(rng, 90, octaves=2)[..., None])
    return paper * (1 - ink[..., None]) + np.array([0.10, 0.11, 0.17]) * ink[..., None]


def watercolour(rng: np.random.Generator) -> Array:
    """Washes that run into each other, darker at their rims, on grained paper."""
    paper = np.ones((SIDE, SIDE, 3)) * np.array([0.98, 0.965, 0.93])
    pigments = hexes("2870a8 e25e62 f4ba42 4a9878 745298 20487a")
    grain = noise(rng, 96, octaves=2)
    for pigment in pigments:
        field = noise(rng, 3, octaves=5)
        height = field - rng.uniform(0.53, 0.63)
        wash = np.clip(height / 0.03, 0, 1) * (0.3 + 0.5 * noise(rng, 5, octaves=3))
        rim = np.exp(-((height - 0.015) ** 2) / 0.00012) * 0.4
        strength = np.clip(wash + rim, 0, 1)[..., None] * (0.75 + 0.5 * grain[..., None])
        paper = paper * (1 - np.clip(strength, 0, 1) * (1 - np.array(pigment) / 255))
    return paper


def halftone(rng: np.random.Generator) -> Array:
    """Three turned screens of dots, as in a printed comic."""
    rows, columns = _grid()
    page = np.ones((SIDE, SIDE, 3)) * np.array([0.985, 0.965, 0.91])
    inks = ((0, 158, 204, 0.26), (226, 28, 112, 1.31), (252, 208, 20, 0.02), (30, 26, 38, 0.79))
    for *ink, angle in inks:
        across = (np.cos(angle) * columns + np.sin(angle) * rows) * 44
        down = (np.cos(angle) * rows - np.sin(angle) * columns) * 44
        distance = np.hypot(across % 1 - 0.5, down % 1 - 0.5)
        lift = 0.95 if max(ink) < 40 else 0.42  # black only in the deepest places
        tone = np.clip(noise(rng, 3, octaves=2) * 1.25 - lift, 0, 1)
        dots = np.clip((0.68 * np.sqrt(tone) - distance) * 9, 0, 1)[..., None]
        page = page * (1 - dots * (1 - np.array(ink) / 255))
    return page


def marble(rng: np.random.Generator) -> Array:
    """Floating inks combed into veins, with threads of gold."""
    rows, columns = _grid()
    bend = noise(rng, 3, octaves=4)
    veins = np.sin(9 * (rows + 1.6 * bend) + 5 * noise(rng, 4, octaves=3) + 2 * columns)
    colours = hexes("0e2a42 165c6a 68a8a4 eee8dc c45c4a 48182a")
    picture = ramp((veins * 0.5 + 0.5 + 0.25 * noise(rng, 8)) % 1, colours)
    gold = np.exp(-(((veins * 4 + bend * 3) % 1 - 0.5) ** 2) / 0.0022)[..., None] * 0.8
    return picture * (1 - gold) + np.array([0.84, 0.66, 0.30]) * gold


def strokes(rng: np.random.Generator) -> Array:
    """Thick strokes that follow a swirling flow: noise smeared along its lines."""
    flow = noise(rng, 3, octaves=2) * 4 * np.pi
    spots, tone = rng.random((SIDE, SIDE)), noise(rng, 4, octaves=2)
    smeared, colour = np.zeros((2, SIDE, SIDE))
    for direction in (-1, 1):
        row, column = (axis * SIDE for axis in _grid())
        for _ in range(14):
            i, j = (np.clip(at, 0, SIDE - 1).astype(int) for at in (row, column))
            smeared, colour = smeared + spots[i, j], colour + tone[i, j]
            row = row + direction * np.sin(flow[i, j])
            column = column + direction * np.cos(flow[i, j])
    smeared = np.clip((smeared / 28 - 0.5) * 4 + 0.5, 0, 1)
    colours = hexes("101c4a 1e4e96 589ebe ecda8c f2a62c 964a22")
    along = np.clip(colour / 28 * 0.75 + 0.35 * (smeared - 0.5) + 0.12, 0, 1)
    return ramp(along, colours) * (0.72 + 0.42 * smeared[..., None])


PATTERNS: dict[str, Callable[[np.random.Generator], Array]] = {
    "waves": waves,
    "strokes": strokes,
    "mosaic": mosaic,
    "watercolour": watercolour,
    "glass": glass,
    "hatching": hatching,
    "marble": marble,
    "halftone": halftone,
}


def draw(name: str, *, seed: int = 0) -> Image.Image:
    """A pattern as an RGB picture of `SIDE` pixels a side. Raises KeyError with the known names."""
    if name not in PATTERNS:
        raise KeyError(f"No pattern is called {name!r}; known: {', '.join(PATTERNS)}.")
    picture = PATTERNS[name](np.random.default_rng(seed))
    return Image.fromarray((picture.clip(0, 1) * 255).round().astype(np.uint8))


def examples(folder: Path) -> list[str]:
    """The paths of the example pictures in `folder`, by name."""
    return [str(path) for path in sorted(folder.glob("*.png"))]


def write(folder: Path = ASSETS) -> None:
    """Draws all style patterns and three streets as PNG files under `folder`."""
    from lab.data import town  # only here: the page itself needs the finished files alone

    pictures = {f"styles/{name}": draw(name) for name in PATTERNS}
    streets = town.Town(split="test", length=64)
    for i, number in enumerate((2, 14, 10)):
        photo = town.scene(streets.scene_seed(number), (512, 384)).photo
        pixels = (photo.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
        pictures[f"contents/street-{i + 1}"] = Image.fromarray(pixels)
    for name, picture in pictures.items():
        path = folder / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.startswith("styles"):
            picture = picture.quantize(PALETTE_COLOURS, dither=Image.Dither.NONE)
        picture.save(path, optimize=True)
