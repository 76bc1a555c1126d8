"""One way to do a whole transfer: what every control does, and what is refused."""

import pytest
import torch
from torch import Tensor

from lab.images import luma
from lab.pipelines.colour import keep_luminance, match_colours
from lab.pipelines.controls import (
    TILE,
    TILES_FROM,
    Controls,
    OutOfRange,
    draw,
    encode_styles,
    masks_of,
    prepare_style,
    reading_share,
)
from lab.pipelines.photoreal import photorealistic
from tests.pipelines.test_transfer import adain, fast


class Stripes:
    """A method without features: the style's mean colour, by strength."""

    def __call__(self, content, style, *, strength=1.0, progress=None) -> Tensor:
        if progress is not None:
            progress(1.0)
        return content.lerp(style.mean((2, 3), keepdim=True).expand_as(content), strength)


@pytest.fixture
def content() -> Tensor:
    return torch.rand(1, 3, 24, 36)


@pytest.fixture
def pictures() -> list[Tensor]:
    return [torch.rand(1, 3, 20, 28) ** power for power in (1, 3)]


def whole(method, content, pictures, controls, **more) -> Tensor:
    styles = encode_styles(method, pictures, controls, content=content)
    return draw(method, content, styles, controls, **more)


def test_without_wishes_it_is_the_method(content, pictures) -> None:
    method = fast()
    drawn = whole(method, content, pictures[:1], Controls())
    assert torch.equal(drawn, method(content, pictures[0]))
    styles = [method.encode_style(each) for each in pictures]
    mixed = whole(method, content, pictures, Controls(weights=(1, 3), strength=0.7))
    assert torch.equal(mixed, method.stylize(content, styles, [1, 3], strength=0.7))


def test_at_strength_zero_what_does_not_fit_is_refused_all_the_same(content, pictures) -> None:
    still = Controls(strength=0)
    with pytest.raises(ValueError, match=r"The masks are \(1, 3, 3\); expected"):
        whole(fast(), content, pictures[:1], still, masks=torch.ones(1, 3, 3))
    with pytest.raises(ValueError, match="weights"):
        whole(fast(), content, pictures[:1], Controls(strength=0, weights=(1, 2)))
    with pytest.raises(ValueError, match="Stripes has no matrix of which form or rank"):
        whole(Stripes(), content, pictures[:1], Controls(strength=0, rank=4))


def test_strength_zero_is_the_content_whatever_else_is_asked(content, pictures) -> None:
    everything = {"colour": "luminance", "photorealistic": True, "detail": 1.0}
    for method in (fast(), adain(), Stripes()):
        drawn = whole(method, content, pictures[:1], Controls(strength=0, **everything))
        assert torch.equal(drawn, content) and drawn is not content
        near = whole(method, content, pictures[:1], Controls(strength=1e-4, **everything))
        assert torch.allclose(near, content, atol=0.02)


def test_luminance_keeps_the_chroma_of_the_content(content, pictures) -> None:
    method = adain()
    plain = whole(method, content, pictures[:1], Controls())
    kept = whole(method, content, pictures[:1], Controls(colour="luminance"))
    assert torch.equal(kept, keep_luminance(plain, content))
    assert torch.allclose(luma(kept), luma(plain), atol=1e-5)


def test_matched_styles_are_read_in_the_contents_colours(content, pictures) -> None:
    method, controls = fast(), Controls(colour="matched")
    matched = [match_colours(each, content) for each in pictures]
    expected = whole(method, content, matched, Controls())
    assert torch.equal(whole(method, content, pictures, controls), expected)


def test_photorealism_comes_after_everything_but_luminance(content, pictures) -> None:
    method = fast()
    asked = {"photorealistic": True, "radius": 3, "eps": 1e-2, "detail": 0.5}
    plain = whole(method, content, pictures[:1], Controls())
    expected = photorealistic(plain, content, radius=3, eps=1e-2, detail=0.5)
    assert torch.equal(whole(method, content, pictures[:1], Controls(**asked)), expected)
    both = whole(method, content, pictures[:1], Controls(**asked, colour="luminance"))
    assert torch.equal(both, keep_luminance(expected, content))


def test_the_style_picture_is_resized(pictures) -> None:
    sizes = {
        scale: prepare_style(pictures[0], Controls(style_scale=scale), content=pictures[0]).shape
        for scale in (0.25, 1.0, 2.5)
    }
    assert sizes == {0.25: (1, 3, 5, 7), 1.0: (1, 3, 20, 28), 2.5: (1, 3, 50, 70)}
    assert prepare_style(pictures[0], Controls(), content=pictures[0]) is pictures[0]
    dot = torch.rand(1, 3, 3, 3)
    assert prepare_style(dot, Controls(style_scale=0.25), content=dot).shape == (1, 3, 2, 2)


def test_an_enlarged_style_is_no_larger_than_pictures_may_be() -> None:
    large = torch.empty(1, 3, 2000, 4000, device="meta")
    with pytest.raises(ValueError, match=r"at style_scale 1.5 is 6000x3000; at most 4096 pixels"):
        prepare_style(large, Controls(style_scale=1.5), content=large)
    huge = torch.empty(1, 3, 40, 8200)  # read within larger limits, and only made smaller
    assert prepare_style(huge, Controls(style_scale=0.5), content=huge).shape == (1, 3, 20, 4100)


def test_the_matrix_is_the_one_asked_for(content, pictures) -> None:
    method = fast()
    for asked in ({"form": "wct"}, {"form": "adain"}, {"rank": 2}, {"form": "wct", "rank": 1}):
        drawn = whole(method, content, pictures, Controls(**asked))
        assert torch.equal(drawn, whole(method.with_matrix(**asked), content, pictures, Controls()))
    with pytest.raises(ValueError, match="AdaIN has no matrix"):
        whole(adain(), content, pictures, Controls(rank=2))
    with pytest.raises(ValueError, match="rank is 99; expected 1 to 4"):
        whole(method, content, pictures, Controls(rank=99))


def test_a_method_without_features_has_what_needs_none(content, pictures) -> None:
    told: list[float] = []
    drawn = whole(Stripes(), content, pictures[:1], Controls(strength=0.5), progress=told.append)
    assert torch.equal(drawn, Stripes()(content, pictures[0], strength=0.5)) and told == [1.0]
    for count, more in ((2, {}), (1, {"masks": torch.ones(1, 24, 36)})):
        with pytest.raises(ValueError, match="takes one style for the whole picture"):
            whole(Stripes(), content, pictures[:count], Controls(), **more)


def test_large_pictures_are_drawn_in_tiles_unless_told_otherwise() -> None:
    small, large = torch.empty(1, 3, 2000, 2000), torch.empty(1, 3, 1, TILES_FROM + 1)
    asked = [Controls(tile=tile) for tile in (None, 0, 64)]
    sides = [(each.tile_for(small), each.tile_for(large)) for each in asked]
    assert sides == [(None, TILE), (None, None), (64, 64)]


def test_tiles_change_nothing(pictures) -> None:
    method, content, masks = fast(), torch.rand(1, 3, 150, 110), torch.rand(2, 150, 110)
    asked = {"photorealistic": True, "radius": 5, "colour": "luminance"}
    one, many = (
        whole(method, content, pictures, Controls(tile=tile, **asked), masks=masks)
        for tile in (0, 40)
    )
    assert torch.allclose(one, many, atol=1e-4)


def test_regions_come_from_maps_of_any_size_with_soft_edges() -> None:
    regions = torch.tensor([[0, 1], [0, 2]])
    masks = masks_of(regions, 3, size=(6, 8))
    assert masks.shape == (3, 6, 8) and torch.equal(masks.sum(0), torch.ones(6, 8))
    assert masks[0, :, :4].min() == masks[1, :3, 4:].min() == masks[2, 3:, 4:].min() == 1
    soft = masks_of(regions, 3, size=(6, 8), softness=1.0)
    assert 0 < soft[0, 0, 5] < soft[0, 0, 3] < 1


def test_regions_come_from_grey_pictures() -> None:
    grey = [torch.full((1, 3, 4, 4), value) for value in (0.25, 0.75)]
    masks = masks_of(grey, 2, size=(6, 8))
    assert torch.allclose(masks.mean((1, 2)), torch.tensor([0.25, 0.75]), atol=1e-5)
    with pytest.raises(ValueError, match="2 masks were given for 3 styles"):
        masks_of(grey, 3, size=(6, 8))
    with pytest.raises(ValueError, match="Region 2 has no style"):
        masks_of(torch.tensor([[0, 2]]), 2, size=(4, 4))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"strength": 1.5}, "strength is 1.5; expected a number from 0 to 1"),
        ({"strength": float("nan")}, "strength is nan"),
        ({"colour": "blue"}, "colour is 'blue'; expected one of: style, luminance, matched"),
        ({"form": "svd"}, "form is 'svd'; expected one of: learned, wct, adain"),
        ({"style_scale": 0.1}, "style_scale is 0.1; expected a number from 0.25 to 4"),
        ({"softness": -1}, "softness is -1; expected a number from 0"),
        ({"rank": 0}, "rank is 0; expected a whole number from 1"),
        ({"radius": 1.5}, "radius is 1.5; expected a whole number from 1"),
        ({"eps": 0}, "eps is 0; expected"),
        ({"detail": 2}, "detail is 2; expected"),
        ({"tile": -1}, "tile is -1; expected a whole number from 0"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(asked, sentence) -> None:
    with pytest.raises(OutOfRange, match=sentence) as caught:
        Controls(**asked)
    error = caught.value
    assert error.name in asked and str(error) == f"{error.name} {error.said}"


def test_a_recipe_says_what_was_asked_and_no_more() -> None:
    assert Controls().recipe() == {}
    asked = {"colour": "matched", "style_scale": 2.0, "rank": 8, "strength": 0.5}
    assert Controls(**asked, weights=[1, 2]).recipe() == asked
    assert Controls(**asked, tile=256).recipe() == {**asked, "tile": 256}
    assert Controls(**Controls(**asked).recipe()) == Controls(**asked)


@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_progress_rises_to_one_with_the_step_that_follows_the_drawing(
    content, pictures, strength
) -> None:
    told: list[float] = []
    controls = Controls(strength=strength, photorealistic=True, tile=8)
    whole(fast(), content, pictures, controls, progress=told.append)
    assert told == sorted(told) and told[-1] == 1 and len(told) > 15 * 3
    assert sum(share > 0.9 for share in told) >= 1


def test_the_photorealistic_step_may_be_cancelled_between_its_strips() -> None:
    picture, told = torch.rand(1, 3, 200, 40), []

    def cancel(share: float) -> None:
        told.append(share)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        photorealistic(picture, picture, progress=cancel)
    assert told == [64 / 200]


def test_every_style_takes_its_part_of_the_progress_of_reading(content, pictures) -> None:
    told: list[float] = []
    how = {"content": content, "progress": told.append}
    encode_styles(fast(), pictures, Controls(tile=8), **how)
    assert told == sorted(told) and told[-1] == 1 and 0.5 in told and len(set(told)) == len(told)
    shares = [reading_share(each, Controls(), content=content) for each in (pictures[:1], pictures)]
    assert 0 < shares[0] < shares[1] < 1
