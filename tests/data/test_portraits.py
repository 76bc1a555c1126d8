"""Label maps of faces to begin with."""

import pytest
import torch

from lab.data.faces import FACES
from lab.data.portraits import portrait
from lab.images import resize_ids

ALWAYS = ("background", "skin", "nose", "left brow", "right brow", "upper lip", "lower lip", "hair")


@pytest.mark.parametrize("number", range(12))
def test_a_portrait_has_what_faces_have(number: int) -> None:
    made = portrait(number, (96, 128))
    assert made.labels.shape == (128, 96) and made.labels.dtype == torch.int64
    assert torch.equal(made.labels, made.instances)
    FACES.check(made.labels)
    shown = {FACES[int(label)].name for label in made.labels.unique()}
    assert set(ALWAYS) <= shown


@pytest.mark.parametrize("part", ["eye", "brow", "ear"])
def test_the_shown_persons_left_is_on_the_right(part: str) -> None:
    labels = portrait(5, (256, 256)).labels  # one without glasses
    left, right = (
        (labels == FACES.index(f"{side} {part}")).nonzero()[:, 1].float().mean()
        for side in ("left", "right")
    )
    assert right < 128 < left


def test_a_portrait_is_the_same_at_every_size_and_every_time() -> None:
    large, small = portrait(3, (256, 256)).labels, portrait(3, (128, 128)).labels
    same = resize_ids(small[None], (256, 256))[0] == large
    assert same.float().mean() > 0.98
    portrait.cache_clear()
    assert torch.equal(portrait(3, (256, 256)).labels, large)
    assert not torch.equal(portrait(5, (256, 256)).labels, large)
