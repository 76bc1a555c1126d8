"""Contents with styles: which pairs of two folders are scored, and the digests of their files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from torch import Tensor

from lab.data.photos import PICTURES, Photos, files_in
from lab.images import fit, open_picture, to_tensor
from lab.scoring.features import file_digest

VIDEOS = (".mp4", ".mov", ".webm", ".mkv", ".avi")  # what counts as a video in a folder
SMALLEST = 32  # pixels of a side: less, and a quarter of the picture has no relu3_1


@dataclass(frozen=True, eq=False)
class Pair:
    """A content and a style, (1, 3, H, W) in [0, 1] each.

    names: of the two. sources: their files and digests.
    """

    content: Tensor
    style: Tensor
    names: tuple[str, str]
    sources: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the pair is called."""
        return f"{self.names[0]} in the style of {self.names[1]}"


class Pairs(Sequence[Pair]):
    """Pictures of two folders; read when asked for, and not kept.

    Args:
        contents, styles: folders of pictures; contents that are all videos make no pairs.
        size: the longest side at most, in pixels.
        limit: how many at most, see `take_turns`; None takes all.
        last: only so many pictures of either folder, the last by name.

    Raises:
        FileNotFoundError: no such folder. ValueError: it holds neither picture nor video.
    """

    def __init__(
        self,
        contents: Path,
        styles: Path,
        *,
        size: int,
        limit: int | None = None,
        last: int = 0,
    ) -> None:
        self.folders, self.size, self.last = (contents, styles), size, last
        found = [] if _only_videos(contents) else Photos(contents).paths
        self.contents, self.styles = found[-last:], Photos(styles).paths[-last:]
        self.chosen = take_turns(len(self.contents), len(self.styles), limit)
        self._digest = cache(file_digest)

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, index: int) -> Pair:
        content, style = self.chosen[index]
        paths = self.contents[content], self.styles[style]
        sources = {
            kind: {"file": f"{path.parent.name}/{path.name}", "sha256": self._digest(path)}
            for kind, path in zip(("content", "style"), paths, strict=True)
        }
        return Pair(*map(self.open, paths), self.names(index), sources)

    def names(self, index: int) -> tuple[str, str]:
        """What the content and the style of a pair are called."""
        content, style = self.chosen[index]
        return (
            _name(self.contents[content], self.contents),
            _name(self.styles[style], self.styles),
        )

    def require_distinct(self, rows: Sequence[str]) -> None:
        """That drawings of the pairs can be kept under names of their own (`kept_as`).

        Raises:
            ValueError: two have one: a__b with c is called as a with b__c.
        """
        names = (kept_as(self.names(index), row) for index in range(len(self)) for row in rows)
        twice = next((name for name, count in Counter(names).items() if count > 1), None)
        if twice is not None:
            raise ValueError(f"Two pairs would both be kept as {twice}; rename one of their files.")

    def open(self, path: Path) -> Tensor:
        """A picture as it is scored: (1, 3, H, W) in [0, 1]. Raises like `open_listed`."""
        return open_listed(path, self.size)

    def protocol(self) -> dict[str, Any]:
        """Which pictures these are."""
        contents, styles = len(self.contents), len(self.styles)
        last = ", the last by name" if self.last else ""
        return {
            "data": f"{contents} contents of {self.folders[0].name}, {styles} styles of "
            f"{self.folders[1].name}{last}",
            "pictures": len(self),
            "chosen": f"{len(self)} of {contents * styles} pairs, the contents in turn",
            "order": f"number i is content c = i mod {contents} with style (c + ⌊i / {contents}⌋) "
            f"mod {styles}, both by file name; listed by content, then by style",
            "size": f"longest side {self.size} at most, smaller pictures as they are",
            "sources": "sha256 of every file's bytes",
        }


def kept_as(names: tuple[str, str], row: str) -> str:
    """The file that holds what a method draws of a pair."""
    return f"{'__'.join((*names, row))}.png"


def take_turns(contents: int, styles: int, limit: int | None = None) -> list[tuple[int, int]]:
    """Pairs (content, style) so that few of them show many contents and many styles.

    Number i is content c = i mod `contents` with style (c + ⌊i / contents⌋) mod `styles`: the
    contents take turns, and every round gives them other styles, so each pair comes once.

    Returns:
        The first `limit`, or all, sorted.
    """
    count = contents * styles if limit is None else min(limit, contents * styles)
    turns = (divmod(i, contents) for i in range(count))
    return sorted((content, (content + lap) % styles) for lap, content in turns)


def videos_in(folder: Path) -> list[Path]:
    """The video files directly in a folder, sorted by name; hidden ones left out."""
    return files_in(folder, VIDEOS) if folder.is_dir() else []


def open_fitted(path: Path, longest: int) -> Tensor:
    """A picture shrunk to a longest side: (1, 3, H, W) in [0, 1].

    Raises:
        ValueError: no picture, or one too small to be measured.
    """
    picture = fit(open_picture(path), longest)
    if min(picture.size) < SMALLEST:
        raise ValueError(
            f"{path.name} is {picture.width}x{picture.height} when its longest side is at most "
            f"{longest}; distances need sides of {SMALLEST} or more: give a larger --size, or "
            "leave it out."
        )
    return to_tensor(picture)


def open_listed(path: Path, longest: int) -> Tensor:
    """`open_fitted` of a file in a folder, which errors name: contents and styles may be called
    alike."""
    try:
        return open_fitted(path, longest)
    except ValueError as error:
        raise ValueError(f"{path.parent}: {error}") from error


def _only_videos(folder: Path) -> bool:
    return bool(videos_in(folder)) and not files_in(folder, PICTURES)


def _name(path: Path, among: Sequence[Path]) -> str:
    """The name without its ending, unless another has the same."""
    return path.stem if sum(other.stem == path.stem for other in among) == 1 else path.name
