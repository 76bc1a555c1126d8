"""Moods: named presets that give a photograph another hour or weather.

Each is an example picture, a street of the procedural town in that light, and the controls that go
with it. `write` draws the pictures into lab/assets/moods:

    python -c "from lab.moods import write; write()"
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from lab.data.streets import STREETS
from lab.pipelines.controls import Controls

FOLDER = Path(__file__).parent / "assets" / "moods"
SIZE = (512, 384)
GAMMA = 2.2
MOON, LAMP = np.array([0.34, 0.50, 1.0]), np.array([1.0, 0.72, 0.42])
WINDOW, HEAD, TAIL = np.array([1.0, 0.70, 0.32]), np.array([1.0, 0.95, 0.8]), np.array([1, 0.1, 0])

Array = np.ndarray


@dataclass(frozen=True)
class Mood:
    """A preset: what it is called, which street of the town's test split shows it, how it is used.

    `lit` draws the lamps of a night into the street.
    """

    title: str
    street: int
    controls: Controls
    lit: bool = False

    def style(self, name: str) -> Path:
        """The example picture of the mood called `name`."""
        return FOLDER / f"{name}.jpg"


_PHOTO = Controls(photorealistic=True)
MOODS: Mapping[str, Mood] = {
    "night": Mood("Day to night", 20, _PHOTO, lit=True),
    "sunset": Mood("To sunset", 20, _PHOTO),
    "overcast": Mood("To an overcast day", 7, _PHOTO),
    "clear": Mood("To a clear day", 10, _PHOTO),
}


def mood(name: str) -> Mood:
    """The mood called `name`.

    Raises:
        ValueError: there is none; the sentence lists those there are.
    """
    if name not in MOODS:
        raise ValueError(f"There is no mood {name!r}; choose one of: {', '.join(MOODS)}.")
    return MOODS[name]


def draw(name: str) -> Image.Image:
    """The example picture of a mood, drawn anew."""
    from lab.data import town  # only here: presets need the finished files alone

    wanted = mood(name)
    streets = town.Town(split="test", length=64)
    scene = town.scene(streets.scene_seed(wanted.street), SIZE)
    photo = scene.photo.permute(1, 2, 0).double().numpy()
    if wanted.lit:
        photo = night(photo, scene.labels.numpy(), scene.instances.numpy())
    return Image.fromarray((photo.clip(0, 1) * 255).round().astype(np.uint8))


def night(photo: Array, labels: Array, instances: Array, *, seed: int = 0) -> Array:
    """A street by moonlight and its own lamps: (H, W, 3) in [0, 1] → the same.

    By moonlight colours fade towards blue; poles carry lamps that light what is around them, cars
    have lights, and some of the darker panes of buildings are lit from inside.

    Args:
        labels, instances: (H, W), as of `town.scene`.
    """
    rng = np.random.default_rng(seed)
    day = photo.clip(0, 1) ** GAMMA
    grey = day.mean(-1, keepdims=True)
    surfaces = 0.6 * day + 0.4 * grey
    light = np.broadcast_to(0.14 * MOON, day.shape).copy()
    glare = np.zeros_like(day)
    for place, reach in _lamps(labels, instances):
        light += 0.3 * LAMP * _pool(day.shape, (place[0] + 2.2 * reach, place[1]), 1.8 * reach)
        glare += LAMP * (2 * _pool(day.shape, place, 0.12 * reach))
        glare += LAMP * (0.02 * _pool(day.shape, place, 0.9 * reach))
    for place, reach, color in _headlights(labels, instances, rng):
        glare += color * _pool(day.shape, place, reach)
    dark = surfaces * light
    sky = labels == STREETS.index("sky")
    height = np.linspace(0, 1, len(sky))[:, None, None] ** 0.8
    heaven = (1 - height) * np.array([0.01, 0.02, 0.08]) + height * np.array([0.05, 0.09, 0.24])
    dark = np.where(sky[..., None], heaven + 0.2 * grey * heaven, dark)
    panes = _panes(grey[..., 0], labels == STREETS.index("building"), rng)
    return (dark + glare + panes[..., None] * WINDOW).clip(0, 1) ** (1 / GAMMA)


def write(folder: Path = FOLDER) -> None:
    """Draws the example pictures of all moods as JPEG files into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in MOODS:
        draw(name).save(folder / f"{name}.jpg", quality=88, subsampling=0, optimize=True)


def _pool(shape: tuple[int, ...], place: tuple[float, float], reach: float) -> Array:
    """(H, W, 1): a Gaussian around (row, column)."""
    rows, columns = np.arange(shape[0])[:, None], np.arange(shape[1])[None]
    square = (rows - place[0]) ** 2 + (columns - place[1]) ** 2
    return np.exp(-0.5 * square / max(reach, 0.8) ** 2)[..., None]


def _boxes(labels: Array, instances: Array, name: str) -> list[tuple[Array, Array]]:
    """Rows and columns of every object of a class that is at least 6 pixels high."""
    found = []
    for number in np.unique(instances[labels == STREETS.index(name)]):
        rows, columns = np.nonzero(instances == number)
        if np.ptp(rows) >= 6:
            found.append((rows, columns))
    return found


def _lamps(labels: Array, instances: Array) -> list[tuple[tuple[float, float], float]]:
    """For every pole the place of its lamp, and a quarter of its height."""
    lamps = []
    for rows, columns in _boxes(labels, instances, "pole"):
        top = rows.min()
        lamps.append(((float(top), float(columns[rows == top].mean())), np.ptp(rows) / 4))
    return lamps


def _headlights(
    labels: Array, instances: Array, rng: np.random.Generator
) -> list[tuple[tuple[float, float], float, Array]]:
    """Two lights for every car: place, reach, colour."""
    lights = []
    for rows, columns in _boxes(labels, instances, "car"):
        wide, low = np.ptp(columns), rows.min() + 0.6 * np.ptp(rows)
        color = (HEAD, TAIL)[int(rng.random() < 0.5)]
        for share in (0.15, 0.85):
            lights.append(((low, columns.min() + share * wide), 0.03 * wide, color))
    return lights


def _panes(grey: Array, building: Array, rng: np.random.Generator) -> Array:
    """(H, W): how brightly the panes of buildings shine; panes are darker than their wall."""
    height, width = grey.shape
    small = Image.fromarray((grey * building).astype(np.float32))
    walls = np.asarray(small.resize((width // 16, height // 16), Image.Resampling.BOX))
    around = Image.fromarray(walls).resize((width, height), Image.Resampling.BILINEAR)
    dark = building & (grey < 0.55 * np.asarray(around))
    cells = rng.random((-(-height // 20), -(-width // 14)))
    shine = np.clip((cells - 0.6) / 0.4, 0, 1).repeat(20, 0).repeat(14, 1)[:height, :width]
    return np.where(dark, 0.9 * shine, 0.0)
