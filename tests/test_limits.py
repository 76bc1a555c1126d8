"""Large pictures: what is let in, and that they are converted in strips as they would be whole."""

import hashlib

import numpy as np
import pytest
import torch
from PIL import Image

from lab.images import digest, open_ids, open_picture, to_bytes, to_pil
from lab.limits import LARGE


def test_what_works_in_tiles_takes_larger_pictures() -> None:
    wide = Image.new("L", (5000, 3), 7)
    with pytest.raises(ValueError, match="The picture is 5000x3; at most 4096 pixels a side"):
        open_picture(wide)
    assert open_picture(wide, limits=LARGE).size == (5000, 3)
    assert open_ids(wide, limits=LARGE).shape == (3, 5000)
    with pytest.raises(ValueError, match="at most 16384 pixels a side and 134,217,728 in all"):
        open_picture(Image.new("1", (16385, 2)), limits=LARGE)


def test_pictures_of_many_rows_are_converted_in_strips_and_whole() -> None:
    picture = torch.rand(3, 1100, 5) * 1.2 - 0.1
    pixels = to_bytes(picture)
    assert torch.equal(pixels, picture.clamp(0, 1).mul(255).round().byte())
    assert torch.equal(to_bytes(picture[None]), pixels[None])
    assert np.array_equal(np.asarray(to_pil(picture)), pixels.permute(1, 2, 0).numpy())
    broken = picture.clone()
    broken[1, 1000, 2] = torch.nan
    with pytest.raises(ValueError, match="1 values that are not finite"):
        to_pil(broken)


def test_a_digest_is_the_hash_of_shape_and_ids_however_large() -> None:
    for shape in ((700, 3), (3, 600, 2)):
        ids = np.random.randint(0, 255, shape)
        whole = hashlib.sha256(repr(shape).encode() + ids.astype("<i8").tobytes())
        assert digest(ids.astype("uint8")) == whole.hexdigest()[:16]
