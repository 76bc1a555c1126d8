"""Pictures of other implementations: a zip from anybody, read without believing any of it.

Nothing is unpacked to a disk: entries are read into memory one by one, each no further than the
limits allow, whatever the archive says of itself.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from PIL import Image

from lab.images import open_picture

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst")
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1  # bit of an entry's flags
DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, EOFError, OSError)
DAMAGE += (RuntimeError, OverflowError)  # what a broken zip makes zipfile raise


@dataclass(frozen=True)
class ZipLimits:
    """How much a zip may hold: pictures, bytes of each and of all when unpacked, pixels of all."""

    count: int = 200
    each: int = 16 << 20
    total: int = 128 << 20
    pixels: int = 48_000_000


USUAL = ZipLimits()


def read_submission(
    path: Path, wanted: Collection[str], *, limits: ZipLimits = USUAL
) -> dict[str, Image.Image]:
    """The pictures of a zip by the name of the input that each was drawn from.

    A folder around them is fine, and what macOS adds is passed over.

    Args:
        path: the zip. wanted: names of the inputs, without an ending.
    Returns:
        Name → RGB picture, in the order of `wanted`; at least one.
    Raises:
        FileNotFoundError: no such file.
        ValueError: no zip, or anything in it that is no picture named like an input, or too much.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"There is no zip at {Path(path).name}; upload it again.")
    found: dict[str, Image.Image] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            entries = _entries(archive, limits)
            pixels = 0
            for entry in entries:
                name = _input_of(entry, wanted)
                if name in found:
                    raise ValueError(f"Two pictures in the zip are called {name!r}; keep one.")
                found[name] = _picture(archive, entry, limits)
                pixels += found[name].width * found[name].height
                if pixels > limits.pixels:
                    raise ValueError(
                        f"The pictures of the zip have more than {limits.pixels:,} pixels in all; "
                        "send fewer, or smaller ones."
                    )
    except DAMAGE as error:
        raise ValueError(
            f"The zip cannot be read ({_brief(error)}); pack the pictures again as a plain zip."
        ) from None
    if not found:
        raise ValueError(f"The zip holds no pictures; expected names such as {_some(wanted)}.")
    return {name: found[name] for name in wanted if name in found}


def _entries(archive: zipfile.ZipFile, limits: ZipLimits) -> list[zipfile.ZipInfo]:
    """The files of an archive, all of them checked before the first is read."""
    listed = archive.infolist()
    if len(listed) > 4 * limits.count:  # folders and macOS's shadows are no pictures
        raise ValueError(f"The zip has {len(listed)} entries; at most {limits.count} pictures fit.")
    entries = [entry for entry in listed if not entry.is_dir() and not _is_shadow(entry)]
    if len(entries) > limits.count:
        raise ValueError(f"The zip has {len(entries)} files; at most {limits.count} are read.")
    total = sum(entry.file_size for entry in entries)
    if total > limits.total:
        raise ValueError(
            f"The zip unpacks to {total >> 20} MiB; at most {limits.total >> 20} MiB are read."
        )
    for entry in entries:
        _check(entry, limits)
    return entries


def _check(entry: zipfile.ZipInfo, limits: ZipLimits) -> None:
    """Refuses an entry for what its header says."""
    name, place = _said(entry), PurePosixPath(entry.filename)
    suffix = place.suffix.lower()
    outside = place.is_absolute() or ".." in place.parts
    if outside or "\\" in entry.filename or ":" in entry.filename:
        raise ValueError(f"{name} points outside of the zip; pack plain names without paths.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ValueError(f"{name} in the zip is a link; pack the picture itself.")
    if entry.flag_bits & ENCRYPTED:
        raise ValueError(f"{name} in the zip is locked with a password; pack it without one.")
    if suffix in ARCHIVES:
        raise ValueError(f"{name} in the zip is an archive itself; pack the pictures alone.")
    if suffix not in PICTURES:
        raise ValueError(f"{name} in the zip is no picture; expected {', '.join(PICTURES)}.")
    if entry.compress_type not in METHODS:
        raise ValueError(f"{name} is packed by an unusual method; use deflate, as zip does.")
    if entry.file_size > limits.each:
        raise ValueError(
            f"{name} unpacks to {entry.file_size >> 20} MiB; at most {limits.each >> 20} MiB fit."
        )


def _input_of(entry: zipfile.ZipInfo, wanted: Collection[str]) -> str:
    name = PurePosixPath(entry.filename).stem
    if name not in wanted:
        raise ValueError(
            f"{_said(entry)} in the zip is named like no input; expected {_some(wanted)}."
        )
    return name


def _picture(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: ZipLimits) -> Image.Image:
    """One entry, read no further than it may go."""
    with archive.open(entry) as packed:
        content = packed.read(min(entry.file_size, limits.each) + 1)
    if len(content) != entry.file_size:
        raise ValueError(f"{_said(entry)} in the zip is not as large as it says; pack it again.")
    source = io.BytesIO(content)
    source.name = _said(entry)  # what a sentence about it calls it
    return open_picture(source)


def _is_shadow(entry: zipfile.ZipInfo) -> bool:
    place = PurePosixPath(entry.filename)
    return "__MACOSX" in place.parts or place.name in (".DS_Store", "Thumbs.db")


def _said(entry: zipfile.ZipInfo) -> str:
    """A name as a sentence may hold it: printable, not endless, without its folders."""
    name = PurePosixPath(entry.filename.replace("\\", "/")).name or entry.filename
    return "".join(c if c.isprintable() else "?" for c in name)[:60]


def _some(wanted: Collection[str]) -> str:
    names: Iterator[str] = iter(wanted)
    shown = [f"{name}.png" for name, _ in zip(names, range(3), strict=False)]
    return ", ".join(shown) + (" …" if len(wanted) > len(shown) else "")


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:80] or type(error).__name__
