"""Faces: CelebAMask-HQ (Lee et al. 2020), aligned portraits with nineteen parts, 512x512."""

from collections.abc import Mapping
from typing import ClassVar

from lab.data.labels import Label, LabelSpace
from lab.data.pairs import PairedDataset

# fmt: off
FACES = LabelSpace("faces", (
    Label("background",     (  0,   0,   0)),
    Label("skin",           (204,   0,   0)),
    Label("nose",           ( 76, 153,   0)),
    Label("eyeglasses",     (204, 204,   0)),
    Label("left eye",       ( 51,  51, 255)),
    Label("right eye",      (204,   0, 204)),
    Label("left brow",      (  0, 255, 255)),
    Label("right brow",     (255, 204, 204)),
    Label("left ear",       (102,  51,   0)),
    Label("right ear",      (255,   0,   0)),
    Label("mouth interior", (102, 204,   0)),
    Label("upper lip",      (255, 255,   0)),
    Label("lower lip",      (  0,   0, 153)),
    Label("hair",           (  0,   0, 204)),
    Label("hat",            (255,  51, 153)),
    Label("earring",        (  0, 204, 204)),
    Label("necklace",       (  0,  51,   0)),
    Label("neck",           (255, 153,  51)),
    Label("cloth",          (  0, 204,   0)),
))
# fmt: on


class Faces(PairedDataset):
    """CelebAMask-HQ in the pix2pixHD folder layout; the parts are the instances.

    Left and right are those of the person shown, so a mirrored face has them exchanged.
    """

    space: ClassVar[LabelSpace] = FACES
    mirror: ClassVar[Mapping[int, int]] = {4: 5, 5: 4, 6: 7, 7: 6, 8: 9, 9: 8}
