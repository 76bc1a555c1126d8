"""What is decoded and means nothing here is refused, not drawn as something else."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lab.images import open_ids, open_picture


@pytest.mark.parametrize("level", [65536, 1_000_000, -1])
def test_greys_beyond_16_bits_are_refused_in_one_sentence(tmp_path: Path, level: int) -> None:
    """All of them would be white, or black."""
    path = tmp_path / "a.tif"
    Image.fromarray(np.array([[0, level]] * 2, np.int32)).save(path)
    low, high = min(0, level), max(0, level)
    with pytest.raises(ValueError, match=rf"^a\.tif holds grey values from {low} to {high};"):
        open_picture(path)
    assert open_ids(path)[0].tolist() == [0, level]


def test_greys_of_16_bits_stored_in_32_are_scaled(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    Image.fromarray(np.array([[0, 257 * 90], [0, 65535]], np.int32)).save(path)
    assert np.asarray(open_picture(path))[..., 0].tolist() == [[0, 90], [0, 255]]
