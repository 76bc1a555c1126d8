"""Cityscapes (Cordts et al. 2016): the official ids, in the official or the pix2pixHD folders."""

from typing import ClassVar

from lab.data.folders import Files, by_stem, match
from lab.data.labels import Label, LabelSpace
from lab.data.pairs import PairedDataset

# Five classes share a colour with another one in the official table; the blue of those is raised by
# up to four levels, so that a painted picture can be read back. The official colours decode to the
# first class that has them.
# The 19 that the official evaluation counts.
SCORED = (7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33)
# fmt: off
CITYSCAPES = LabelSpace("cityscapes", (
    Label("unlabeled",            (  0,   0,   0)),
    Label("ego vehicle",          (  0,   0,   1)),
    Label("rectification border", (  0,   0,   2)),
    Label("out of roi",           (  0,   0,   3)),
    Label("static",               (  0,   0,   4)),
    Label("dynamic",              (111,  74,   0)),
    Label("ground",               ( 81,   0,  81)),
    Label("road",                 (128,  64, 128)),
    Label("sidewalk",             (244,  35, 232)),
    Label("parking",              (250, 170, 160)),
    Label("rail track",           (230, 150, 140)),
    Label("building",             ( 70,  70,  70)),
    Label("wall",                 (102, 102, 156)),
    Label("fence",                (190, 153, 153)),
    Label("guard rail",           (180, 165, 180)),
    Label("bridge",               (150, 100, 100)),
    Label("tunnel",               (150, 120,  90)),
    Label("pole",                 (153, 153, 153)),
    Label("polegroup",            (153, 153, 154)),
    Label("traffic light",        (250, 170,  30)),
    Label("traffic sign",         (220, 220,   0)),
    Label("vegetation",           (107, 142,  35)),
    Label("terrain",              (152, 251, 152)),
    Label("sky",                  ( 70, 130, 180)),
    Label("person",               (220,  20,  60), countable=True),
    Label("rider",                (255,   0,   0), countable=True),
    Label("car",                  (  0,   0, 142), countable=True),
    Label("truck",                (  0,   0,  70), countable=True),
    Label("bus",                  (  0,  60, 100), countable=True),
    Label("caravan",              (  0,   0,  90), countable=True),
    Label("trailer",              (  0,   0, 110), countable=True),
    Label("train",                (  0,  80, 100), countable=True),
    Label("motorcycle",           (  0,   0, 230), countable=True),
    Label("bicycle",              (119,  11,  32), countable=True),
), void=frozenset({-1, 34}), unscored=frozenset(range(34)) - frozenset(SCORED))
# fmt: on


class Cityscapes(PairedDataset):
    """Cityscapes with 2048x1024 frames; all official ids stay classes, as in pix2pixHD.

    Only the licence plate (official id -1; 34 where 35 classes are counted from 0) has no class.
    The root holds ``leftImg8bit/<split>/<city>/`` and ``gtFine/<split>/<city>/``, or the folders of
    the pix2pixHD layout.
    """

    space: ClassVar[LabelSpace] = CITYSCAPES
    endings: ClassVar[tuple[str, ...]] = (
        "_leftImg8bit",
        "_gtFine_labelIds",
        "_gtFine_instanceIds",
    )

    def files(self) -> list[Files]:
        """The files of this split, sorted by stem."""
        annotations = self.root / "gtFine" / self.split
        if not (self.root / "gtFine").is_dir():
            return super().files()
        if not annotations.is_dir():
            raise FileNotFoundError(f"There is no folder {annotations}; expected one per split.")
        photos = self.root / "leftImg8bit" / self.split
        found = (
            annotations.glob("*/*_gtFine_labelIds.png"),
            photos.glob("*/*_leftImg8bit.png"),
            annotations.glob("*/*_gtFine_instanceIds.png"),
        )
        labels, pictures, objects = (by_stem(paths, self.endings) for paths in found)
        if not labels or not pictures:
            raise ValueError(
                f"{annotations} or {photos} holds no frames; expected "
                "<city>/*_gtFine_labelIds.png and <city>/*_leftImg8bit.png."
            )
        return match(labels, pictures, objects)
