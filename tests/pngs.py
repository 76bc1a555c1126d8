"""PNG files and pictures of kinds that Pillow does not write by itself."""

import struct
import zlib

from PIL import Image


def png_header(width: int, height: int, *, mode: int = 2) -> bytes:
    """A PNG that claims a size and holds next to nothing."""
    return png(width, height, bytes(100), depth=8, mode=mode)


def png(
    width: int, height: int, rows: bytes, *, depth: int, mode: int = 0, clear: int | None = None
) -> bytes:
    """A PNG of rows as they are stored, a filter byte before each; `clear` is the grey, or each
    channel of the colour, that is transparent."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    header = struct.pack(">IIBBBBB", width, height, depth, mode, 0, 0, 0)
    body = chunk(b"IHDR", header)
    if clear is not None:
        body += chunk(b"tRNS", struct.pack(">H", clear) * (3 if mode == 2 else 1))
    body += chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def palette(transparent: bool) -> Image.Image:
    picture = Image.new("P", (4, 4), 1)
    picture.putpalette([0, 0, 0, 10, 200, 30])
    if transparent:
        picture.info["transparency"] = 1
    return picture
