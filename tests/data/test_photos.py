"""A folder of pictures."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lab.data.photos import Cache, Photos


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pictures whose red counts columns and green rows, one grey, and files that are none."""
    rows, columns = np.indices((40, 60))
    pixels = np.stack((columns, rows, np.zeros_like(rows)), axis=-1).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "b.png")
    Image.fromarray(pixels).rotate(90, expand=True).save(tmp_path / "a.webp", lossless=True)
    Image.new("L", (50, 30), 128).save(tmp_path / "c.JPG", format="JPEG")
    (tmp_path / "index.csv").write_text("name\n")
    return tmp_path


def test_pictures_come_sorted_as_rgb_in_the_unit_range(folder: Path) -> None:
    data = Photos(folder)
    assert [path.name for path in data.paths] == ["a.webp", "b.png", "c.JPG"]
    assert [tuple(data[i].shape) for i in range(3)] == [(3, 60, 40), (3, 40, 60), (3, 30, 50)]
    assert all(picture.dtype == torch.float32 for picture in data)
    assert torch.allclose(data[2], torch.tensor(128 / 255), atol=1 / 255)
    assert data[1][0, 0].mul(255).round().tolist() == list(range(60))


def test_hidden_files_are_no_pictures(folder: Path) -> None:
    names = [path.name for path in Photos(folder).paths]
    (folder / "._a.png").write_bytes(b"no picture")
    assert [path.name for path in Photos(folder).paths] == names
    for name in names:
        (folder / name).unlink()
    with pytest.raises(ValueError, match="holds no pictures"):
        Photos(folder)


@pytest.mark.parametrize("size", [20, 31, 80])
def test_size_is_the_shortest_side(folder: Path, size: int) -> None:
    for picture in Photos(folder, size=size):
        height, width = picture.shape[1:]
        assert min(height, width) == size
        assert 1.4 < max(height, width) / size < 1.75  # 3:2 and 5:3


def test_windows_are_parts_of_the_picture_and_move_with_the_epoch(folder: Path) -> None:
    data, whole = Photos(folder, crop=16), Photos(folder)[1]
    corners = set()
    for epoch in range(6):
        data.set_epoch(epoch)
        window = data[1]
        left, top = (int(window[c, 0, 0].mul(255).round()) for c in (0, 1))
        corners.add((left, top))
        assert torch.equal(window, whole[:, top : top + 16, left : left + 16])
    assert len(corners) > 1


def test_windows_repeat_with_seed_epoch_and_index(folder: Path) -> None:
    first, second = Photos(folder, crop=16, seed=5), Photos(folder, crop=16, seed=5, cache=False)
    for epoch in (1, 0):
        first.set_epoch(epoch)
        second.set_epoch(epoch)
        assert all(torch.equal(first[i], second[i]) for i in (2, 0, 1))
    other = Photos(folder, crop=16, seed=6)
    assert not all(torch.equal(first[i], other[i]) for i in range(3))


def test_the_centre_is_the_centre(folder: Path) -> None:
    whole = Photos(folder)[1]
    assert torch.equal(Photos(folder, crop=20, centre=True)[1], whole[:, 10:30, 20:40])


def test_folders_without_pictures_say_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no folder .*gone"):
        Photos(tmp_path / "gone")
    with pytest.raises(ValueError, match=r"holds no pictures; expected .jpg"):
        Photos(tmp_path)


def test_sizes_that_cannot_be_are_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="window of 64 does not fit photos of 32"):
        Photos(folder, size=32, crop=64)
    with pytest.raises(ValueError, match=r"b.png is 60x40; a window of 64"):
        Photos(folder, crop=64)[1]
    with pytest.raises(ValueError, match="shortest side of photos is 1"):
        Photos(folder, size=1)
    with pytest.raises(ValueError, match="window of photos is 0"):
        Photos(folder, crop=0)


def test_a_broken_picture_is_named(folder: Path) -> None:
    (folder / "b.png").write_bytes(b"not a picture")
    with pytest.raises(ValueError, match=r"b.png is no readable picture"):
        Photos(folder)[1]


def test_the_cache_keeps_what_fits_and_returns_what_was_made() -> None:
    cache, made = Cache(limit=10), []

    def make(key: str, size: int) -> tuple[np.ndarray, ...]:
        made.append(key)
        return (np.full(size, ord(key), dtype=np.uint8),)

    for _ in range(2):
        for key, size in (("a", 6), ("b", 6), ("c", 4)):
            (array,) = cache.get(key, lambda k=key, n=size: make(k, n))
            assert array.tolist() == [ord(key)] * size
    assert made == ["a", "b", "c", "b"]
    assert cache.used == 10


@pytest.mark.parametrize("folder_name", ["photos", "paintings", "paintings_small"])
def test_the_real_pictures_are_readable(shared: Path, folder_name: str) -> None:
    data = Photos(shared / "data" / folder_name, size=128, crop=96)
    assert len(data) >= 400
    assert data[-1].shape == (3, 96, 96)
