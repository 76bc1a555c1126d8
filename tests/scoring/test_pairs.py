"""Which pairs are scored: each once, many contents and many styles among the first."""

import hashlib
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lab.images import to_tensor
from lab.scoring.pairs import Pairs, take_turns, videos_in


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Three contents of 90x60 and two styles of 40x50; two contents differ in their ending only."""
    rng = np.random.default_rng(0)
    for folder, names, size in (
        ("c", ["a.png", "a.webp", "b.png"], (60, 90)),
        ("s", "xy", (50, 40)),
    ):
        (tmp_path / folder).mkdir()
        for name in names:
            path = tmp_path / folder / (name if "." in name else f"{name}.png")
            pixels = rng.integers(0, 256, (*size, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(path, lossless=True)
    (tmp_path / "c" / "index.csv").write_text("no picture")
    return tmp_path / "c", tmp_path / "s"


@pytest.mark.parametrize(("contents", "styles"), [(3, 5), (5, 3), (4, 4), (1, 6), (6, 1)])
def test_every_pair_comes_once_and_more_pairs_only_add(contents: int, styles: int) -> None:
    every = take_turns(contents, styles)
    assert every == sorted(product(range(contents), range(styles)))
    for limit in range(1, contents * styles):
        few, more = take_turns(contents, styles, limit), take_turns(contents, styles, limit + 1)
        assert len(few) == limit and set(few) < set(more)
    first = take_turns(contents, styles, min(contents, styles))
    for side in zip(*first, strict=True):
        assert len(set(side)) == min(contents, styles)
    assert take_turns(contents, styles, 1000) == every


def test_number_i_is_the_pair_that_the_protocol_says() -> None:
    for i in range(30):
        (new,) = set(take_turns(5, 7, i + 1)) - (set(take_turns(5, 7, i)) if i else set())
        assert new == (i % 5, (i % 5 + i // 5) % 7)


def test_pictures_are_shrunk_to_the_longest_side_and_never_enlarged(folders) -> None:
    pairs = Pairs(*folders, size=60)
    assert len(pairs) == 6
    for pair in pairs:
        assert pair.content.shape == (1, 3, 40, 60) and pair.style.shape == (1, 3, 50, 40)
    with Image.open(folders[1] / "x.png") as picture:
        torch.testing.assert_close(pairs[0].style, to_tensor(picture))


def test_names_and_digests_are_those_of_the_files(folders) -> None:
    pairs = Pairs(*folders, size=90, limit=3)
    assert [pair.names for pair in pairs] == [("a.png", "x"), ("a.webp", "y"), ("b", "x")]
    assert pairs[2].name == "b in the style of x"
    for pair, content in zip(pairs, ("a.png", "a.webp", "b.png"), strict=True):
        source = pair.sources["content"]
        assert source["file"] == f"c/{content}"
        own = hashlib.sha256((folders[0] / content).read_bytes()).hexdigest()
        assert source["sha256"] == own
    assert pairs.protocol()["pictures"] == 3 and "3 of 6 pairs" in pairs.protocol()["chosen"]


def test_only_the_last_of_a_folder(folders) -> None:
    pairs = Pairs(*folders, size=90, last=1)
    assert [pair.names for pair in pairs] == [("b", "y")]
    assert "the last by name" in pairs.protocol()["data"]


def test_a_picture_too_small_to_be_measured_is_named(folders) -> None:
    with pytest.raises(ValueError, match=r"a.png is 40x27 when .* sides of 32 or more"):
        Pairs(*folders, size=40)[0]


def test_hidden_files_are_neither_pictures_nor_videos(folders) -> None:
    contents, styles = folders
    names = [pair.names for pair in Pairs(*folders, size=60)]
    for folder, hidden in ((contents, "._a.png"), (contents, "._v.mp4"), (styles, "._x.png")):
        (folder / hidden).write_bytes(b"neither")
    assert [pair.names for pair in Pairs(*folders, size=60)] == names
    assert videos_in(contents) == []
    for path in contents.glob("[!.]*"):
        path.unlink()
    (contents / "v.mp4").touch()
    assert videos_in(contents) == [contents / "v.mp4"]
    assert len(Pairs(*folders, size=60)) == 0  # the hidden picture makes them no mixture
