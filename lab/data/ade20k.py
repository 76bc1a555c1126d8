"""ADE20K (Zhou et al. 2017): the 150 classes of the scene parsing benchmark, many sizes."""

import colorsys
from typing import ClassVar

from lab.data.labels import Label, LabelSpace
from lab.data.pairs import PairedDataset

# The first name of each class in the owners' objectInfo150.txt, in its order; where two classes
# would share one, what tells them apart is added ("crt screen"). Id = place - 1.
# fmt: off
NAMES = (
    "wall", "building", "sky", "floor", "tree", "ceiling", "road", "bed", "windowpane", "grass",
    "cabinet", "sidewalk", "person", "earth", "door", "table", "mountain", "plant", "curtain",
    "chair", "car", "water", "painting", "sofa", "shelf", "house", "sea", "mirror", "rug", "field",
    "armchair", "seat", "fence", "desk", "rock", "wardrobe", "lamp", "bathtub", "railing",
    "cushion", "base", "box", "column", "signboard", "chest of drawers", "counter", "sand", "sink",
    "skyscraper", "fireplace", "refrigerator", "grandstand", "path", "stairs", "runway", "case",
    "pool table", "pillow", "screen door", "stairway", "river", "bridge", "bookcase", "blind",
    "coffee table", "toilet", "flower", "book", "hill", "bench", "countertop", "stove", "palm",
    "kitchen island", "computer", "swivel chair", "boat", "bar", "arcade machine", "hovel", "bus",
    "towel", "light", "truck", "tower", "chandelier", "awning", "streetlight", "booth",
    "television", "airplane", "dirt track", "apparel", "pole", "land", "bannister", "escalator",
    "ottoman", "bottle", "buffet", "poster", "stage", "van", "ship", "fountain", "conveyer belt",
    "canopy", "washer", "plaything", "swimming pool", "stool", "barrel", "basket", "waterfall",
    "tent", "bag", "minibike", "cradle", "oven", "ball", "food", "step", "tank", "trade name",
    "microwave", "pot", "animal", "bicycle", "lake", "dishwasher", "screen", "blanket",
    "sculpture", "hood", "sconce", "vase", "traffic light", "tray", "ashcan", "fan", "pier",
    "crt screen", "plate", "monitor", "bulletin board", "shower", "radiator", "glass", "clock",
    "flag",
)
STUFF = frozenset((  # what the owners mark as such in the same file; all others are objects
    "wall", "building", "sky", "floor", "ceiling", "road", "grass", "sidewalk", "earth",
    "mountain", "water", "house", "sea", "rug", "field", "sand", "skyscraper", "grandstand",
    "path", "runway", "stairway", "river", "bridge", "hill", "hovel", "tower", "dirt track",
    "land", "escalator", "stage", "conveyer belt", "swimming pool", "waterfall", "lake", "pier",
))
# fmt: on

# Saturation and value of six tones; neighbours in the table differ in tone, then in hue.
TONES = ((0.85, 0.95), (0.45, 0.95), (0.9, 0.7), (0.4, 0.7), (0.9, 0.42), (0.45, 0.45))
HUES = 25


def _color(index: int) -> tuple[int, int, int]:
    """The owners' list has no colours: every tone gets 25 hues, each tone's between the others'."""
    turn, tone = divmod(index, len(TONES))
    hue = (turn * 7 % HUES + tone / len(TONES)) / HUES
    red, green, blue = colorsys.hsv_to_rgb(hue, *TONES[tone])
    return round(255 * red), round(255 * green), round(255 * blue)


ADE20K_SPACE = LabelSpace(
    "ade20k",
    tuple(Label(name, _color(i), countable=name not in STUFF) for i, name in enumerate(NAMES)),
)


class ADE20K(PairedDataset):
    """ADE20K in the pix2pixHD folder layout; 255 is everything outside of the 150 classes.

    Class * 1000 + k does not fit in the 16 bits of an instance map here, so the objects of a
    picture are numbered from 1000 on across classes.
    """

    space: ClassVar[LabelSpace] = ADE20K_SPACE
