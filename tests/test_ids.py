"""Label and instance maps from files: the stored numbers, exactly, or one sentence."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lab.images import open_ids
from tests.pngs import palette, png


@pytest.mark.parametrize(
    ("kind", "largest"),
    [("uint8", 255), ("uint16", 65_535), (">u2", 65_535), ("int32", 2**31 - 1), ("bool", 1)],
)
def test_ids_arrive_exactly(tmp_path: Path, kind: str, largest: int) -> None:
    ids = np.random.randint(0, largest, (5, 7)).astype(kind)
    ids[0, 0] = largest
    Image.fromarray(ids).save(tmp_path / "a.tif")
    read = open_ids(tmp_path / "a.tif")
    assert read.dtype == np.int64
    assert np.array_equal(read, ids)


def test_ids_8001_survive_a_16_bit_png(tmp_path: Path) -> None:
    ids = np.array([[0, 8001], [26_003, 65_535]], dtype=np.uint16)
    Image.fromarray(ids).save(tmp_path / "a.png")
    assert open_ids(tmp_path / "a.png").tolist() == ids.tolist()


@pytest.mark.parametrize(
    ("depth", "mode"),
    [*((depth, 0) for depth in (1, 2, 4, 8, 16)), *((depth, 3) for depth in (1, 2, 4, 8))],
)
def test_png_ids_of_any_depth_are_those_that_are_stored(depth: int, mode: int) -> None:
    """Grey (0), or the indices of a palette (3)."""
    ids = np.arange(16).reshape(2, 8) * 7919 % 2**depth
    bits = (ids[..., None] >> np.arange(depth)[::-1] & 1).reshape(2, -1)
    rows = b"".join(b"\0" + np.packbits(row).tobytes() for row in bits.astype(np.uint8))
    stored = png(8, 2, rows, depth=depth, mode=mode)
    if mode == 3:
        palette = bytes(3 * 2**depth)
        chunk = b"PLTE" + palette
        head, rest = stored[:33], stored[33:]
        check = struct.pack(">I", zlib.crc32(chunk))
        stored = head + struct.pack(">I", len(palette)) + chunk + check + rest
    assert open_ids(io.BytesIO(stored)).tolist() == ids.tolist()


def test_palette_ids_are_the_indices(tmp_path: Path) -> None:
    palette(False).save(tmp_path / "a.png")
    assert (open_ids(tmp_path / "a.png") == 1).all()


def test_colours_and_lossy_files_are_no_ids(tmp_path: Path) -> None:
    for mode in ("RGB", "RGBA", "LA"):
        Image.new(mode, (4, 4)).save(tmp_path / "a.png")
        with pytest.raises(ValueError, match=rf"in colours \({mode}\); expected one id per pixel"):
            open_ids(tmp_path / "a.png")
    Image.new("L", (4, 4)).save(tmp_path / "a.jpg")
    with pytest.raises(ValueError, match=r"a.jpg is a JPEG file, which changes ids"):
        open_ids(tmp_path / "a.jpg")
