"""Streets: CamVid (Brostow et al. 2009) with the eleven classes of SegNet, 480x360."""

from typing import ClassVar

from lab.data.labels import Label, LabelSpace
from lab.data.pairs import PairedDataset

# fmt: off
STREETS = LabelSpace("streets", (
    Label("sky",        (128, 128, 128)),
    Label("building",   (128,   0,   0), countable=True),
    Label("pole",       (192, 192, 128), countable=True),
    Label("road",       (128,  64, 128)),
    Label("pavement",   ( 60,  40, 222)),
    Label("tree",       (128, 128,   0), countable=True),
    Label("sign",       (192, 128, 128), countable=True),
    Label("fence",      ( 64,  64, 128), countable=True),
    Label("car",        ( 64,   0, 128), countable=True),
    Label("pedestrian", ( 64,  64,   0), countable=True),
    Label("bicyclist",  (  0, 128, 192), countable=True),
), void=frozenset({11}))
# fmt: on


class Streets(PairedDataset):
    """CamVid in the pix2pixHD folder layout; id 11 is void. Only cars and people have instances."""

    space: ClassVar[LabelSpace] = STREETS
