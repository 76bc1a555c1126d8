"""Indoor: NYU Depth V2 (Silberman et al. 2012) with its forty classes, 608x448."""

from typing import ClassVar

from lab.data.labels import Label, LabelSpace
from lab.data.pairs import PairedDataset

# fmt: off
INDOOR = LabelSpace("indoor", (
    Label("wall",            (242, 109, 109)),
    Label("floor",           ( 48, 105, 242)),
    Label("cabinet",         (146, 242,  12), countable=True),
    Label("bed",             (191,  86, 178), countable=True),
    Label("chair",           ( 38, 191, 166), countable=True),
    Label("sofa",            (191, 108,  10), countable=True),
    Label("table",           ( 90,  69, 153), countable=True),
    Label("door",            ( 36, 153,  31), countable=True),
    Label("window",          (153,   8,  56), countable=True),
    Label("bookshelf",       (109, 192, 242), countable=True),
    Label("picture",         (226, 242,  48), countable=True),
    Label("counter",         (194,  12, 242)),
    Label("blinds",          ( 86, 191, 138)),
    Label("desk",            (191,  70,  38), countable=True),
    Label("shelves",         ( 10,  25, 191)),
    Label("curtain",         (101, 153,  69)),
    Label("dresser",         (153,  31, 112), countable=True),
    Label("pillow",          (  8, 147, 153), countable=True),
    Label("mirror",          (242, 209, 109), countable=True),
    Label("floor mat",       (137,  48, 242)),
    Label("clothes",         ( 12, 242,  50)),
    Label("ceiling",         (191,  86,  99)),
    Label("books",           ( 38, 102, 191)),
    Label("refrigerator",    (139, 191,  10), countable=True),
    Label("television",      (153,  69, 153), countable=True),
    Label("paper",           ( 31, 153, 117)),
    Label("towel",           (153,  68,   8)),
    Label("shower curtain",  (125, 109, 242)),
    Label("box",             ( 81, 242,  48), countable=True),
    Label("whiteboard",      (242,  12, 118), countable=True),
    Label("person",          ( 86, 165, 191), countable=True),
    Label("night stand",     (191, 184,  38), countable=True),
    Label("toilet",          (130,  10, 191), countable=True),
    Label("sink",            ( 69, 153, 100), countable=True),
    Label("lamp",            (153,  40,  31), countable=True),
    Label("bathtub",         (  8,  39, 153), countable=True),
    Label("bag",             (176, 242, 109), countable=True),
    Label("other structure", (242,  48, 203)),
    Label("other furniture", ( 12, 242, 222)),
), void=frozenset({39}))
# fmt: on


class Indoor(PairedDataset):
    """NYU Depth V2 in the pix2pixHD folder layout.

    Id 39 is "other prop" and everything unlabelled in one, so it is void and has no class. The
    frames are numbered room by room: the last tenth, which validates, shows other rooms (but for
    the one where the cut falls).
    """

    space: ClassVar[LabelSpace] = INDOOR
