"""The doors for pictures: what comes in, what goes out, and what is refused in which words."""

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from lab import images
from lab.files import write_bytes
from lab.images import (
    digest,
    fit,
    open_alpha,
    open_ids,
    open_mask,
    open_picture,
    pad_ids,
    pad_to_multiple,
    read_recipe,
    resize,
    resize_ids,
    save_picture,
    to_pil,
    to_tensor,
)
from tests.pngs import palette, png, png_header


def colour(picture: Image.Image) -> tuple[int, ...]:
    assert picture.mode == "RGB"
    return picture.getpixel((1, 1))


# What comes in


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_in_a_mask_is_outside(tmp_path: Path, mode: str) -> None:
    grey = np.array([[0, 255, 255, 128]] * 2, np.uint8)
    alpha = np.array([[255, 255, 0, 128]] * 2, np.uint8)
    layers = [grey, alpha] if mode == "LA" else [grey, grey, grey, alpha]
    Image.merge(mode, [Image.fromarray(layer) for layer in layers]).save(tmp_path / "mask.png")
    mask = open_mask(tmp_path / "mask.png")
    assert mask.shape == (1, 3, 2, 4)
    expected = torch.tensor([0, 1, 0, (128 / 255) ** 2]).expand(1, 3, 2, 4)
    torch.testing.assert_close(mask, expected, atol=2 / 255, rtol=0)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    opaque = open_mask(tmp_path / "grey.png")
    torch.testing.assert_close(opaque[0, 0], torch.from_numpy(grey) / 255)


def test_open_picture_takes_paths_files_and_pil_pictures(tmp_path: Path) -> None:
    original = Image.fromarray(np.random.randint(0, 256, (6, 9, 3), dtype=np.uint8))
    path = tmp_path / "a.png"
    original.save(path)
    for source in (path, str(path), io.BytesIO(path.read_bytes()), original):
        picture = open_picture(source)
        assert picture.mode == "RGB"
        assert np.array_equal(np.asarray(picture), np.asarray(original))


@pytest.mark.parametrize(
    ("make", "extension", "expected"),
    [
        (lambda: Image.new("L", (4, 4), 90), "png", (90, 90, 90)),
        (lambda: Image.new("1", (4, 4), 1), "png", (255, 255, 255)),
        (lambda: Image.new("LA", (4, 4), (0, 0)), "png", (255, 255, 255)),
        (lambda: Image.new("LA", (4, 4), (40, 255)), "png", (40, 40, 40)),
        (lambda: Image.new("RGBA", (4, 4), (255, 0, 0, 0)), "png", (255, 255, 255)),
        (lambda: Image.new("RGBA", (4, 4), (255, 0, 51, 51)), "png", (255, 204, 214)),
        (lambda: palette(False), "png", (10, 200, 30)),
        (lambda: palette(True), "png", (255, 255, 255)),
        (lambda: Image.new("CMYK", (4, 4), (255, 0, 0, 0)), "tif", (0, 255, 255)),
        (lambda: Image.fromarray(np.full((4, 4), 257 * 90, dtype=np.uint16)), "png", (90,) * 3),
        (lambda: Image.fromarray(np.full((4, 4), 65535, dtype=np.int32)), "tif", (255,) * 3),
    ],
)
def test_every_mode_becomes_rgb(
    tmp_path: Path, make: Callable[[], Image.Image], extension: str, expected: tuple[int, ...]
) -> None:
    path = tmp_path / f"a.{extension}"
    make().save(path)
    assert colour(open_picture(path)) == pytest.approx(expected, abs=1)


@pytest.mark.parametrize("turn", [1, 6])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_the_transparent_value_of_a_grey_picture_is_laid_over_white(
    tmp_path: Path, depth: type, turn: int
) -> None:
    path, scale = tmp_path / "a.png", 257 if depth is np.uint16 else 1
    levels = np.arange(12).reshape(3, 4) * 20
    exif = Image.Exif()
    exif[0x0112] = turn
    picture = Image.fromarray((levels * scale).astype(depth))
    picture.save(path, transparency=40 * scale, exif=exif)
    upright = levels if turn == 1 else np.rot90(levels, -1)
    clear = upright == 40
    assert np.array_equal(np.asarray(open_picture(path))[..., 0], np.where(clear, 255, upright))
    assert np.array_equal(np.asarray(open_alpha(path)), np.where(clear, 0, 255))
    picture.save(path, transparency=41 * scale)  # which no pixel has
    assert open_alpha(path) is None


@pytest.mark.parametrize(
    ("depth", "mode", "clear", "rows"),
    [
        (2, 0, 1, bytes([0, 0b01110000])),
        (4, 0, 1, bytes([0, 0x1F])),
        (16, 2, 0x1234, b"\0" + struct.pack(">6H", *[0x1234] * 3, *[0x8034] * 3)),
    ],
)
def test_a_transparent_colour_of_other_bits_than_8_is_found(
    tmp_path: Path, depth: int, mode: int, clear: int, rows: bytes
) -> None:
    """The first of two pixels is of the colour that the file calls transparent."""
    path = tmp_path / "p.png"
    path.write_bytes(png(2, 2, 2 * rows, depth=depth, mode=mode, clear=clear))
    assert [open_alpha(path).getpixel((x, 0)) for x in (0, 1)] == [0, 255]
    assert open_picture(path).getpixel((0, 0)) == (255, 255, 255)


def test_pictures_are_turned_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side
    Image.new("RGB", (8, 4)).save(tmp_path / "a.jpg", exif=exif)
    assert open_picture(tmp_path / "a.jpg").size == (4, 8)


@pytest.mark.parametrize("door", [open_picture, open_ids])
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (png_header(1, 1), r"a.png is 1x1; expected 2x2 or more"),
        (png_header(300, 1), r"a.png is 300x1; expected 2x2 or more"),
        (png_header(20_000, 10), r"a.png is 20000x10; at most 4096 pixels a side"),
        (png_header(4096, 4000), r"a.png is 4096x4000; .*16,000,000 in all"),
        (png_header(10_000, 10_000), r"a.png is 10000x10000; at most"),
        (png_header(20_000, 20_000), r"a.png is too large; at most"),
        (b"GIF89a but not really", r"a.png is no readable picture"),
        (b"", r"a.png is no readable picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", r"a.png is no readable picture"),
        (png_header(64, 64, mode=0), r"a.png is damaged or cut short"),
    ],
    ids=range(10),
)
def test_what_is_no_sound_picture_is_refused_in_one_sentence(
    tmp_path: Path, door: Callable[[Path], object], content: bytes, sentence: str
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=sentence) as caught:
        door(path)
    assert "\n" not in str(caught.value)


def test_every_cut_of_a_file_is_a_picture_or_a_sentence(tmp_path: Path) -> None:
    pixels = Image.fromarray(np.random.randint(0, 256, (16, 16, 3), dtype=np.uint8))
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"):
        buffer = io.BytesIO()
        pixels.save(buffer, format=kind)
        whole = buffer.getvalue()
        for length in range(0, len(whole), max(1, len(whole) // 40)):
            try:
                assert open_picture(io.BytesIO(whole[:length])).size == (16, 16)
            except ValueError as error:
                assert str(error).startswith("The picture is")


def test_a_text_bomb_is_refused(tmp_path: Path) -> None:
    chunks = PngInfo()
    chunks.add_text("note", "a" * 2_000_000, zip=True)
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png", pnginfo=chunks)
    with pytest.raises(ValueError, match=r"a.png is no readable picture"):
        open_picture(tmp_path / "a.png")


def test_pil_pictures_have_the_same_limits() -> None:
    with pytest.raises(ValueError, match="The picture is 5000x2;"):
        open_picture(Image.new("L", (5000, 2)))
    with pytest.raises(ValueError, match="floating-point"):
        open_picture(Image.new("F", (4, 4)))


def test_a_missing_file_is_called_missing(tmp_path: Path) -> None:
    for door in (open_picture, open_ids, read_recipe):
        with pytest.raises(FileNotFoundError, match=r"no picture at .*gone.png"):
            door(tmp_path / "gone.png")


def test_too_little_memory_is_no_damage(tmp_path: Path, monkeypatch) -> None:
    def convert(_: Image.Image) -> Image.Image:
        raise MemoryError

    Image.new("RGB", (4, 4)).save(tmp_path / "whole.png")
    monkeypatch.setattr(images, "to_rgb", convert)
    with pytest.raises(MemoryError):
        open_picture(tmp_path / "whole.png")


def test_names_may_be_as_long_as_names_can_be(tmp_path: Path) -> None:
    path = tmp_path / f"{'n' * 251}.png"
    images.save_picture(path, torch.rand(3, 4, 4))
    write_bytes(path.with_suffix(".txt"), b"whole")
    assert sorted(each.name for each in tmp_path.iterdir()) == [path.name, f"{'n' * 251}.txt"]


# Between PIL and tensors


def test_every_level_survives_the_way_to_a_tensor_and_back() -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    picture = Image.fromarray(np.stack((levels, levels[::-1], levels.T), axis=-1))
    tensor = to_tensor(picture)
    assert tensor.shape == (1, 3, 16, 16)
    assert (tensor.min(), tensor.max()) == (0, 1)
    for there in (tensor, tensor[0]):
        assert np.array_equal(np.asarray(to_pil(there)), np.asarray(picture))


def test_to_pil_clamps_and_rounds() -> None:
    column = torch.tensor([-3.0, 0.4 / 255, 0.6 / 255, 1.7]).view(1, 4, 1).expand(3, 4, 2)
    assert np.asarray(to_pil(column))[:, 0, 0].tolist() == [0, 0, 1, 255]


def test_to_pil_refuses_other_shapes_and_what_is_not_finite() -> None:
    for shape in ((2, 3, 4, 4), (1, 4, 4), (4, 4), (4, 4, 3)):
        with pytest.raises(ValueError, match=r"must be \(3, H, W\)"):
            to_pil(torch.zeros(shape))
    for bad in (float("nan"), float("inf")):
        picture = torch.zeros(3, 4, 4)
        picture[1, 2, 3] = bad
        with pytest.raises(ValueError, match="has 1 values that are not finite"):
            to_pil(picture)


@pytest.mark.parametrize("size", [(5, 3), (40, 31), (16, 12)])
def test_resize_keeps_constants_and_the_range(size: tuple[int, int]) -> None:
    constant = torch.full((2, 3, 12, 16), 0.3)
    assert torch.allclose(resize(constant, size), torch.tensor(0.3), atol=1e-6)
    edges = resize((torch.rand(2, 3, 12, 16) > 0.5).float(), size)
    assert edges.shape == (2, 3, size[1], size[0])
    assert 0 <= edges.min() <= edges.max() <= 1


def test_resize_averages_what_it_shrinks() -> None:
    stripes = torch.arange(64).remainder(2).float().expand(1, 3, 64, 64)
    assert (resize(stripes, (8, 8)) - 0.5).abs().max() < 0.02  # without antialiasing: 0 or 1


def test_resize_ids_of_whole_factors_repeats_and_undoes() -> None:
    ids = torch.randint(0, 2**40, (2, 5, 7))
    large = resize_ids(ids, (21, 15))
    assert torch.equal(large, ids.repeat_interleave(3, 1).repeat_interleave(3, 2))
    assert torch.equal(resize_ids(large, (7, 5)), ids)


def test_resize_ids_takes_the_pixel_under_each_centre() -> None:
    ids = torch.arange(7 * 5).view(1, 7, 5)
    height, width = 11, 3
    small = resize_ids(ids, (width, height))
    for y in range(height):
        for x in range(width):
            at = int((y + 0.5) * 7 / height), int((x + 0.5) * 5 / width)
            assert small[0, y, x] == ids[0, at[0], at[1]]


def test_sizes_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match=r"must be \(width, height\)"):
        resize(torch.zeros(1, 3, 4, 4), (0, 4))
    with pytest.raises(ValueError, match=r"got \(4, -1\)"):
        resize_ids(torch.zeros(1, 4, 4).long(), (4, -1))


def test_fit_shrinks_to_the_longest_side_and_never_enlarges() -> None:
    assert fit(Image.new("RGB", (300, 200)), 150).size == (150, 100)
    assert fit(Image.new("RGB", (200, 300)), 150).size == (100, 150)
    assert fit(Image.new("RGB", (30, 20)), 150).size == (30, 20)
    assert fit(Image.new("RGB", (4000, 2)), 100).size == (100, 2)
    with pytest.raises(ValueError, match="longest side is 1"):
        fit(Image.new("RGB", (4, 4)), 1)


@pytest.mark.parametrize("size", [(1, 1), (3, 70), (31, 33), (32, 64), (17, 100)])
@pytest.mark.parametrize("multiple", [1, 8, 32])
def test_padding_makes_multiples_and_is_cut_away_again(
    size: tuple[int, int], multiple: int
) -> None:
    x = torch.rand(2, 3, *size)
    padded, (height, width) = pad_to_multiple(x, multiple)
    assert (height, width) == size
    assert all(0 <= new - old < multiple for new, old in zip(padded.shape[2:], size, strict=True))
    assert all(side % multiple == 0 for side in padded.shape[2:])
    assert torch.equal(padded[..., :height, :width], x)
    ids = torch.randint(0, 9, (2, *size))
    padded_ids = pad_ids(ids, multiple)
    assert padded_ids.shape[1:] == padded.shape[2:]
    assert torch.equal(padded_ids[..., :height, :width], ids)
    assert (padded_ids[:, height:, :width] == ids[:, -1:]).all()
    assert (padded_ids[:, :height, width:] == ids[:, :, -1:]).all()


def test_padding_reflects_where_it_can_and_repeats_where_it_cannot() -> None:
    x = torch.rand(1, 3, 6, 3)
    padded, _ = pad_to_multiple(x, 8)  # two rows to reflect; five columns, but only three there
    rows = torch.nn.functional.pad(x, (0, 0, 0, 2), mode="reflect")
    both = torch.nn.functional.pad(rows, (0, 5, 0, 0), mode="replicate")
    assert torch.equal(padded, both)


def test_padding_needs_a_positive_multiple() -> None:
    with pytest.raises(ValueError, match="multiple is 0"):
        pad_to_multiple(torch.zeros(1, 3, 4, 4), 0)


# What goes out


def test_picture_and_recipe_come_back(tmp_path: Path) -> None:
    picture = torch.rand(1, 3, 5, 7)
    recipe = {"method": "linear", "styles": {"8001": 2}, "size": [7, 5], "seed": None, "é": "✓"}
    save_picture(tmp_path / "a.png", picture, recipe)
    assert read_recipe(tmp_path / "a.png") == recipe
    again = to_tensor(open_picture(tmp_path / "a.png"))
    assert (again - picture).abs().max() <= 0.5 / 255 + 1e-6
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_equal_pictures_and_recipes_are_equal_bytes(tmp_path: Path) -> None:
    picture = torch.rand(3, 5, 7)
    save_picture(tmp_path / "a.png", picture, {"a": 1, "b": 2})
    save_picture(str(tmp_path / "b.PNG"), picture.clone(), {"b": 2, "a": 1})
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.PNG").read_bytes()


def test_a_picture_without_recipe_has_none(tmp_path: Path) -> None:
    save_picture(tmp_path / "a.png", torch.zeros(3, 4, 4), None)
    assert read_recipe(tmp_path / "a.png") is None
    Image.new("RGB", (4, 4)).save(tmp_path / "a.jpg")
    assert read_recipe(tmp_path / "a.jpg") is None


@pytest.mark.parametrize("text", ["{", "[1]", "3", "[" * 100_000])
def test_a_damaged_recipe_is_called_damaged(tmp_path: Path, text: str) -> None:
    chunks = PngInfo()
    chunks.add_text("atelier", text)
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png", pnginfo=chunks)
    with pytest.raises(ValueError, match=r"recipe in a.png is damaged"):
        read_recipe(tmp_path / "a.png")


def test_what_cannot_be_written_leaves_the_folder_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, picture = tmp_path / "a.png", torch.zeros(3, 4, 4)
    save_picture(path, picture, {"first": True})
    before = path.read_bytes()
    with pytest.raises(ValueError, match="not finite"):
        save_picture(path, picture + float("nan"), None)
    with pytest.raises(ValueError, match=r"recipe of a.png does not fit in JSON"):
        save_picture(path, picture, {"tensor": picture})
    with pytest.raises(ValueError, match=r"recipe of a.png does not fit in JSON"):
        save_picture(path, picture, {"loss": float("nan")})
    with pytest.raises(ValueError, match=r"alpha of a.png is 4x3; expected 4x4, the picture"):
        save_picture(path, picture, alpha=Image.new("L", (4, 3)))
    for name in ("a.jpg", "a", "a.png.exe"):
        with pytest.raises(ValueError, match=rf"as PNG; got '{name}'"):
            save_picture(tmp_path / name, picture, None)
    with pytest.raises(FileNotFoundError, match=r"no folder .*gone to write a.png"):
        save_picture(tmp_path / "gone" / "a.png", picture, None)

    def full_disk(source: Path, target: Path) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(images.os, "replace", full_disk)
    with pytest.raises(OSError, match="No space left"):
        save_picture(path, picture + 1, None)
    assert path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_digest_depends_on_ids_and_shape_alone() -> None:
    ids = np.random.randint(0, 200, (4, 6))
    same = [digest(ids.astype(kind)) for kind in ("uint8", "uint16", "int64", ">i4")]
    same += [digest(torch.from_numpy(ids)), digest(torch.from_numpy(ids)[None])]
    same += [digest(np.asfortranarray(ids))]
    assert len(set(same)) == 1
    assert len(same[0]) == 16
    changed = ids.copy()
    changed[3, 5] += 1
    assert digest(changed) != same[0]
    assert digest(ids.reshape(6, 4)) != same[0]
