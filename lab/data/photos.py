"""A folder of pictures: content photographs and style images."""

from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from lab.images import open_picture

PICTURES = (".jpg", ".jpeg", ".png", ".webp")  # what counts as a picture in a folder
CACHE_BYTES = 1 << 30


def files_in(folder: Path, kinds: Sequence[str]) -> list[Path]:
    """The files of such suffixes directly in a folder, sorted by name; hidden ones left out."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in kinds and not path.name.startswith(".")
    )


class Cache:
    """Decoded pictures kept in memory until `limit` bytes are used; later ones are made anew.

    Args:
        limit: bytes; 0 keeps nothing.
    """

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self.limit = limit
        self.used = 0
        self._kept: dict[Hashable, tuple[np.ndarray, ...]] = {}

    def get(
        self, key: Hashable, make: Callable[[], tuple[np.ndarray, ...]]
    ) -> tuple[np.ndarray, ...]:
        """The arrays kept under `key`, else those `make` returns. Treat them as read-only."""
        if key in self._kept:
            return self._kept[key]
        arrays = make()
        size = sum(array.nbytes for array in arrays)
        if self.used + size <= self.limit:
            self._kept[key] = arrays
            self.used += size
        return arrays


def photo_tensor(pixels: np.ndarray) -> Tensor:
    """(H, W, 3) uint8 to (3, H, W) float32 in [0, 1]."""
    planes = np.ascontiguousarray(pixels.transpose(2, 0, 1), dtype=np.float32)  # always a copy
    return torch.from_numpy(planes).div_(255)


class Photos(Dataset[Tensor]):
    """The pictures of a folder in the order of their names, each (3, H, W) float32 in [0, 1].

    Args:
        root: the folder; JPEG, PNG and WebP files directly in it, hidden ones left out.
        size: the shortest side after resizing, in pixels (smaller pictures are enlarged); None
            keeps the file's size.
        crop: the side of a square window; None keeps the whole picture.
        centre: take the window from the middle instead of a random place.
        seed: fixes the windows, together with the epoch (`set_epoch`) and the index.
        cache: keep decoded and resized pictures in memory.

    Raises:
        FileNotFoundError: the folder does not exist.
        ValueError: it holds no picture, or `size` and `crop` do not fit each other.
    """

    def __init__(
        self,
        root: str | Path,
        *,
        size: int | None = None,
        crop: int | None = None,
        centre: bool = False,
        seed: int = 0,
        cache: bool = True,
    ) -> None:
        self.root, self.size, self.crop = Path(root), size, crop
        self.centre, self.seed, self.epoch = centre, seed, 0
        self._cache = Cache(CACHE_BYTES if cache else 0)
        if size is not None and size < 2:
            raise ValueError(f"The shortest side of photos is {size}; expected 2 or more.")
        if crop is not None and crop < 1:
            raise ValueError(f"The window of photos is {crop}; expected 1 or more.")
        if size is not None and crop is not None and crop > size:
            raise ValueError(
                f"A window of {crop} does not fit photos of {size}; make crop <= size."
            )
        self.paths = self.files()

    def files(self) -> list[Path]:
        """The picture files of the folder, sorted by name."""
        if not self.root.is_dir():
            raise FileNotFoundError(
                f"There is no folder {self.root}; expected a folder of pictures."
            )
        paths = files_in(self.root, PICTURES)
        if not paths:
            raise ValueError(
                f"The folder {self.root} holds no pictures; expected {', '.join(PICTURES)} files."
            )
        return paths

    def open(self, path: Path) -> Image.Image:
        """The RGB picture of one of the `files`."""
        return open_picture(path)

    def set_epoch(self, epoch: int) -> None:
        """Draw other windows: each epoch has its own, the same in every run."""
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Tensor:
        index = range(len(self))[
            index
        ]  # negative indices count from the end, too large ones end an iteration
        (pixels,) = self._cache.get(index, lambda: (self._decode(self.paths[index]),))
        if self.crop is not None:
            pixels = self._window(pixels, index)
        return photo_tensor(pixels)

    def _decode(self, path: Path) -> np.ndarray:
        """(H, W, 3) uint8, resized."""
        picture = self.open(path)
        if self.size is not None:
            width, height = picture.size
            scale = self.size / min(width, height)
            wanted = (max(self.size, round(width * scale)), max(self.size, round(height * scale)))
            picture = picture.resize(wanted, Image.Resampling.LANCZOS)
        return np.asarray(picture)

    def _window(self, pixels: np.ndarray, index: int) -> np.ndarray:
        """A square of side `crop`: (crop, crop, 3)."""
        height, width = pixels.shape[:2]
        if min(height, width) < self.crop:
            raise ValueError(
                f"{self.paths[index].name} is {width}x{height}; a window of {self.crop} "
                "does not fit: give a size of at least the window's."
            )
        rng = np.random.default_rng((self.seed, self.epoch, index))
        rows, columns = height - self.crop, width - self.crop
        top = rows // 2 if self.centre else int(rng.integers(rows + 1))
        left = columns // 2 if self.centre else int(rng.integers(columns + 1))
        return pixels[top : top + self.crop, left : left + self.crop]
