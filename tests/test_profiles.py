"""Pictures with a colour profile arrive in sRGB."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from lab.cutouts import open_cutout
from lab.images import open_alpha, open_ids, open_picture

# To XYZ under D50, as profiles store it (Bradford-adapted); columns are red, green, blue.
SRGB = np.array(
    [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]]
)
DISPLAY_P3 = np.array(
    [[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]]
)
D50 = (0.9642, 1.0, 0.8249)
GAMMA = 2.0


def profile(matrix: np.ndarray | None, gamma: float = GAMMA) -> bytes:
    """An ICC profile of version 2: three primaries and one gamma, or of greys where None."""
    curve = struct.pack(">4s4xIHxx", b"curv", 1, round(gamma * 256))
    tags = {b"wtpt": _xyz(D50)}
    if matrix is None:
        tags[b"kTRC"] = curve
    else:
        for name, column in zip((b"r", b"g", b"b"), matrix.T, strict=True):
            tags[name + b"XYZ"], tags[name + b"TRC"] = _xyz(column), curve
    text = b"Toy"
    description = struct.pack(">4s4xI", b"desc", len(text) + 1) + text + bytes(1 + 4 + 4 + 70)
    tags[b"desc"] = description + bytes(-len(description) % 4)
    tags[b"cprt"] = struct.pack(">4s4x4s", b"text", b"mine")
    offset, table, data = 128 + 4 + 12 * len(tags), b"", b""
    for name, value in tags.items():
        table += struct.pack(">4sII", name, offset + len(data), len(value))
        data += value
    space = b"GRAY" if matrix is None else b"RGB "
    head = struct.pack(">I4xI4s4s4s", offset + len(data), 0x02400000, b"mntr", space, b"XYZ ")
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp").ljust(44, b"\0")
    head += b"".join(struct.pack(">i", round(each * 65536)) for each in D50)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + data


def _xyz(values: tuple[float, ...] | np.ndarray) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(v * 65536)) for v in values)


def encoded(linear: np.ndarray) -> np.ndarray:
    """Linear light as sRGB, 0 to 255 (IEC 61966-2-1)."""
    linear = linear.clip(0, 1)
    curve = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return 255 * curve


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def test_the_conversion_has_a_closed_form(tmp_path: Path) -> None:
    pixels = random(20, 30, 3)
    Image.fromarray(pixels).save(tmp_path / "a.png", icc_profile=profile(DISPLAY_P3))
    linear = (pixels / 255) ** GAMMA @ (np.linalg.inv(SRGB) @ DISPLAY_P3).T
    found = np.asarray(open_picture(tmp_path / "a.png"), float)
    # Levels of one number each; near black a step of light is many levels of sRGB.
    assert abs(found - encoded(linear)).max() <= 2
    assert abs(found - pixels).mean() > 5


def test_what_is_half_transparent_is_converted_and_stays_so(tmp_path: Path) -> None:
    pixels, path = random(20, 30, 4), tmp_path / "a.png"
    pixels[..., 3] |= 1
    Image.fromarray(pixels).save(path, icc_profile=profile(DISPLAY_P3))
    Image.fromarray(pixels[..., :3]).save(tmp_path / "b.png", icc_profile=profile(DISPLAY_P3))
    cutout, plain = open_cutout(path), open_cutout(tmp_path / "b.png")
    assert np.array_equal(np.asarray(cutout.alpha), pixels[..., 3])
    assert np.array_equal(np.asarray(open_alpha(path)), pixels[..., 3])
    assert np.array_equal(cutout.picture, plain.picture)


@pytest.mark.parametrize("mode", ["L", "LA", "16-bit"])
def test_greys_follow_their_curve(tmp_path: Path, mode: str) -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    picture = Image.fromarray(levels)
    if mode == "LA":
        picture.putalpha(255)
    if mode == "16-bit":
        picture = Image.fromarray(levels.astype(np.uint16) * 257)
    picture.save(tmp_path / "a.png", icc_profile=profile(None))
    found = np.asarray(open_picture(tmp_path / "a.png"), float)
    assert abs(found - encoded((levels / 255) ** GAMMA)[..., None]).max() <= 2


@pytest.mark.parametrize("kind", ["sRGB", "broken", "empty", "of greys"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_other_profiles_change_nothing(tmp_path: Path, mode: str, kind: str) -> None:
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profiles = {"sRGB": own, "broken": own[:200], "empty": b"no profile", "of greys": profile(None)}
    picture = Image.fromarray(random(20, 30, 3)).convert(mode)
    picture.save(tmp_path / "a.png", icc_profile=profiles[kind])
    picture.save(tmp_path / "b.png")
    found, expected = (np.asarray(open_picture(tmp_path / f"{name}.png")) for name in "ab")
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("mode", ["P", "RGB"])
def test_pictures_that_are_handed_over_stay_as_they_were(mode: str) -> None:
    buffer = io.BytesIO()
    Image.fromarray(random(20, 30, 3)).convert(mode).save(
        buffer, "PNG", icc_profile=profile(DISPLAY_P3)
    )
    picture = Image.open(buffer)
    before = np.array(picture)
    changed = np.asarray(open_picture(picture))
    assert np.array_equal(np.asarray(picture), before)
    assert abs(changed.astype(int) - np.asarray(picture.convert("RGB"))).mean() > 5


def test_ids_are_no_colours(tmp_path: Path) -> None:
    ids = random(20, 30)
    Image.fromarray(ids).save(tmp_path / "a.png", icc_profile=profile(None))
    assert np.array_equal(open_ids(tmp_path / "a.png"), ids)
