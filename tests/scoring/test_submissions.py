"""Zips of strangers: read where they are what was asked for, else refused in one sentence."""

import io
import stat
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lab.scoring.submissions import ZipLimits, read_submission

WANTED = ("street-1", "street-2", "street-3")
SMALL = ZipLimits(count=3, each=20_000, total=40_000, pixels=3 * 64 * 32)


def png(size: tuple[int, int] = (64, 32), shade: int = 90) -> bytes:
    stored = io.BytesIO()
    Image.new("RGB", size, (shade, 20, 30)).save(stored, "PNG")
    return stored.getvalue()


def pack(path: Path, files: dict[str, bytes] | list[tuple[str | zipfile.ZipInfo, bytes]]) -> Path:
    entries = files.items() if isinstance(files, dict) else files
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def refused(path: Path, limits: ZipLimits = SMALL) -> str:
    """The sentence a zip is refused with."""
    with pytest.raises(ValueError) as caught:
        read_submission(path, WANTED, limits=limits)
    said = str(caught.value)
    assert said.endswith(".") and "\n" not in said and len(said) < 300
    return said


def test_pictures_come_by_name_in_the_order_of_the_inputs(tmp_path: Path) -> None:
    files = {"out/street-3.png": png(shade=3), "out/street-1.PNG": png(shade=1)}
    files |= {"__MACOSX/out/._street-1.PNG": b"shadow", "out/.DS_Store": b"x"}
    found = read_submission(pack(tmp_path / "z.zip", files), WANTED)
    assert list(found) == ["street-1", "street-3"]
    assert [picture.getpixel((0, 0))[0] for picture in found.values()] == [1, 3]


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("../street-1.png", "outside"),
        ("/etc/street-1.png", "outside"),
        ("a/../../street-1.png", "outside"),
        ("C:street-1.png", "outside"),
        ("street-9.png", "named like no input"),
        ("inner.zip", "archive"),
        ("street-1.tar.gz", "archive"),
        ("street-1.svg", "no picture"),
        ("street-1", "no picture"),
        ("street-1.gif", "no picture"),
    ],
)
def test_what_is_no_picture_of_an_input_is_refused(tmp_path: Path, name: str, word: str) -> None:
    assert word in refused(pack(tmp_path / "z.zip", {name: png()}))
    assert [each.name for each in tmp_path.iterdir()] == ["z.zip"]


def test_backslashes_are_paths_too(tmp_path: Path) -> None:
    path = pack(tmp_path / "z.zip", {"..X..Xstreet-1.png": png()})
    path.write_bytes(path.read_bytes().replace(b"..X..X", b"..\\..\\"))
    assert "outside" in refused(path)


def test_links_are_refused(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("street-1.png")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "link" in refused(pack(tmp_path / "z.zip", [(entry, b"/etc/passwd")]))


def test_bombs_are_refused_before_they_unpack(tmp_path: Path) -> None:
    assert "MiB" in refused(pack(tmp_path / "z.zip", {"street-1.png": bytes(30_000)}))
    many = {f"street-{k}.png": bytes(15_000) for k in (1, 2, 3)}
    assert "unpacks to" in refused(pack(tmp_path / "z.zip", many))
    assert "files" in refused(pack(tmp_path / "z.zip", {f"{k}.png": b"" for k in range(4)}))
    assert "entries" in refused(pack(tmp_path / "z.zip", {f"{k}/": b"" for k in range(13)}))


def test_a_bomb_that_lies_about_its_size_is_read_no_further(tmp_path: Path) -> None:
    path = pack(tmp_path / "z.zip", {"street-1.png": bytes(5_000_000)})
    raw = path.read_bytes()
    path.write_bytes(raw.replace(struct.pack("<I", 5_000_000), struct.pack("<I", 1000)))
    refused(path)


def test_pixels_are_counted_over_all_pictures_and_before_decoding(tmp_path: Path) -> None:
    pictures = {f"street-{k}.png": png((65, 32)) for k in (1, 2, 3)}
    assert "pixels in all" in refused(pack(tmp_path / "z.zip", pictures))
    huge = png((5000, 20))
    assert "5000x20" in refused(pack(tmp_path / "z.zip", {"street-1.png": huge}))


def test_two_pictures_of_one_input_are_refused(tmp_path: Path) -> None:
    files = {"a/street-1.png": png(), "b/street-1.jpg": png()}
    assert "Two pictures" in refused(pack(tmp_path / "z.zip", files))


def test_a_locked_zip_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "z.zip", {"street-1.png": png()})
    raw = bytearray(path.read_bytes())
    raw[6] |= 1
    raw[raw.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    assert "password" in refused(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_packing_is_refused(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "z.zip", "w", method) as archive:
        archive.writestr("street-1.png", png())
    assert "deflate" in refused(tmp_path / "z.zip")


def test_damage_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    path.write_bytes(b"PK no zip at all")
    assert "cannot be read" in refused(path)
    raw = pack(path, {"street-1.png": np.random.default_rng(0).bytes(9000)}).read_bytes()
    path.write_bytes(raw[:200] + b"\0" * 50 + raw[250:])
    refused(path)
    assert "no readable picture" in refused(pack(path, {"street-1.png": b"<svg/>"}))
    assert "no pictures" in refused(pack(path, {}))
    with pytest.raises(FileNotFoundError, match=r"nothing\.zip"):
        read_submission(tmp_path / "nothing.zip", WANTED)


def test_noise_never_ends_in_anything_but_a_sentence(tmp_path: Path) -> None:
    raw = pack(tmp_path / "z.zip", {"street-1.png": png(), "street-2.png": png()}).read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(300):
        damaged = bytearray(raw)
        for at in rng.integers(0, len(raw), 3):
            damaged[at] = rng.integers(256)
        (tmp_path / "z.zip").write_bytes(damaged)
        try:
            found = read_submission(tmp_path / "z.zip", WANTED, limits=SMALL)
        except ValueError as error:
            assert "\n" not in str(error)
        else:
            assert set(found) <= set(WANTED)
