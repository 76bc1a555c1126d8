"""How a picture is cut into tiles."""

import pytest
import torch

from lab import checkpoint
from lab.images import open_picture, resize, to_tensor
from lab.patterns import CONTENTS, STYLES, examples
from lab.pipelines.tiles import tiles


@pytest.mark.parametrize("side", [None, 8, 13, 64, 1000])
@pytest.mark.parametrize("size", [(8, 8), (64, 40), (72, 136)])
def test_cores_cover_every_pixel_once(size, side) -> None:
    covered = torch.zeros(size)
    for tile in tiles(size, side=side, margin=20, multiple=8):
        rows, columns = tile.place()
        covered[rows, columns] += 1
    assert (covered == 1).all()


def test_windows_reach_the_margin_or_the_border_and_begin_on_the_grid() -> None:
    height, width, margin = 72, 136, 20
    for tile in tiles((height, width), side=24, margin=margin, multiple=8):
        for (start, stop), (first, last), end in zip(
            tile.core, tile.window, (height, width), strict=True
        ):
            assert first == 0 or start - first >= margin
            assert last == end or last - stop >= margin
            assert first % 8 == start % 8 == 0 and 0 <= first <= start < stop <= last <= end


@pytest.mark.parametrize("stride", [1, 2, 8])
def test_the_core_is_found_again_inside_the_window(stride) -> None:
    picture = torch.arange(72 * 136).view(72, 136)[::stride, ::stride]
    for tile in tiles((72, 136), side=32, margin=10, multiple=8):
        rows, columns = tile.source(stride)
        window = picture[rows, columns]
        rows, columns = tile.inside(stride)
        inner = window[rows, columns]
        rows, columns = tile.place(stride)
        assert torch.equal(inner, picture[rows, columns])


def test_a_tile_has_at_least_a_pixel() -> None:
    with pytest.raises(ValueError, match="side is 0; expected at least 1"):
        list(tiles((8, 8), side=0, margin=0, multiple=8))


def test_the_shipped_network_draws_a_large_picture_alike_in_tiles_of_any_size() -> None:
    content, style = (to_tensor(open_picture(examples(kind)[0])) for kind in (CONTENTS, STYLES))
    content = resize(content, (1500, 1100))
    pipeline = checkpoint.load("linear-fast", device="cpu")
    read = [pipeline.encode_style(style)]
    whole = pipeline.stylize(content, read, [1])
    for tile in (256, 512):
        parts = pipeline.stylize(content, read, [1], tile=tile)
        torch.testing.assert_close(parts, whole, rtol=0, atol=1e-5)
