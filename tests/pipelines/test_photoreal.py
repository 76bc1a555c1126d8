"""The guided filter against its definition, and what photo-realism must keep."""

import pytest
import torch
from torch import Tensor

from lab.pipelines import photoreal
from lab.pipelines.photoreal import (
    affine_fit,
    box_mean,
    local_affine,
    photorealistic,
    radius_for,
)


def smooth(*size: int) -> Tensor:
    """Noise with structure, (1, 3, H, W) in [0, 1]."""
    coarse = torch.rand(1, 3, 5, 6)
    return torch.nn.functional.interpolate(coarse, size, mode="bicubic").clamp(0, 1)


def guided_filter(picture: Tensor, guide: Tensor, *, radius: int, eps: float) -> Tensor:
    """The functions of `local_affine` applied to the guide itself, as He et al. 2013 do."""
    slopes, offsets = local_affine(picture, guide, radius=radius, eps=eps)
    return ((slopes * guide).sum(1) + offsets)[None]


def windows(row: int, column: int, size: tuple[int, int], radius: int) -> tuple[slice, slice]:
    return tuple(
        slice(max(0, at - radius), min(end, at + radius + 1))
        for at, end in zip((row, column), size, strict=True)
    )


def by_definition(picture: Tensor, guide: Tensor, radius: int, eps: float) -> Tensor:
    """He et al. 2013, eq. 19 to 21, pixel by pixel."""
    p, i = picture[0].double(), guide[0].double()
    channels, height, width = p.shape
    a = torch.zeros(height, width, channels, 3, dtype=torch.float64)
    b = torch.zeros(height, width, channels, dtype=torch.float64)
    for y in range(height):
        for x in range(width):
            rows, columns = windows(y, x, (height, width), radius)
            own, wanted = (each[:, rows, columns].flatten(1) for each in (i, p))
            covariance = torch.cov(own, correction=0) + eps * torch.eye(3)
            centred = own - own.mean(1, keepdim=True)
            shared = centred @ (wanted - wanted.mean(1, keepdim=True)).T / own.shape[1]
            a[y, x] = torch.linalg.solve(covariance, shared).T
            b[y, x] = wanted.mean(1) - a[y, x] @ own.mean(1)
    drawn = torch.zeros_like(p)
    for y in range(height):
        for x in range(width):
            rows, columns = windows(y, x, (height, width), radius)
            slopes, offset = a[rows, columns].mean((0, 1)), b[rows, columns].mean((0, 1))
            drawn[:, y, x] = slopes @ i[:, y, x] + offset
    return drawn[None]


@pytest.mark.parametrize(("radius", "eps"), [(1, 1e-4), (2, 1e-2), (30, 1e-3)])
def test_the_filter_is_its_definition(radius, eps) -> None:
    picture, guide = torch.rand(1, 2, 9, 12), torch.rand(1, 3, 9, 12)
    expected = by_definition(picture, guide, radius, eps)
    found = guided_filter(picture, guide, radius=radius, eps=eps)
    assert torch.allclose(found, expected, atol=1e-10)


def test_box_means_end_where_the_picture_ends() -> None:
    x = torch.rand(2, 7, 9).double()
    found = box_mean(x, 2)
    assert torch.allclose(found[:, 0, 8], x[:, :3, 6:].mean((1, 2)))
    assert torch.allclose(found[:, 3, 4], x[:, 1:6, 2:7].mean((1, 2)))
    assert torch.allclose(box_mean(x, 50), x.mean((1, 2), keepdim=True).expand_as(x))


def test_a_constant_stays_and_a_guide_comes_back_within_the_ridge() -> None:
    guide = smooth(40, 30)
    flat = torch.full((1, 3, 40, 30), 0.37)
    assert torch.allclose(guided_filter(flat, guide, radius=4, eps=1e-3), flat.double(), atol=1e-9)
    for eps in (1e-3, 1e-5, 1e-8):
        found = guided_filter(guide, guide, radius=4, eps=eps)
        assert (found - guide).abs().max() < 4 * eps**0.5
    assert torch.allclose(found, guide.double(), atol=1e-3)


def test_an_affine_change_of_colours_comes_back_exactly() -> None:
    content = torch.rand(1, 3, 50, 60)
    weight = torch.tensor([[0.3, 0.2, 0.1], [-0.2, 0.4, 0.1], [0.1, 0.1, 0.5]])
    changed = torch.einsum("dc,bchw->bdhw", weight, content) + 0.2
    found, bias = affine_fit(changed, content)
    assert torch.allclose(found.float(), weight, atol=1e-5)
    assert torch.allclose(bias.float(), torch.full((3,), 0.2), atol=1e-5)
    assert torch.allclose(photorealistic(changed, content), changed, atol=1e-5)
    assert torch.allclose(photorealistic(content, content), content, atol=1e-5)


def test_strokes_go_and_the_contents_edges_stay() -> None:
    """A recoloured picture with noise on top: the noise goes, an edge stays as sharp as it was."""
    content = torch.full((1, 3, 96, 96), 0.2)
    content[..., 48:] = 0.8
    recoloured = 0.8 - content * torch.tensor([0.6, 0.5, 0.4]).view(1, 3, 1, 1)
    noise = 0.1 * torch.randn(1, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    drawn = photorealistic((recoloured + noise).clamp(0, 1), content, radius=8)
    assert (drawn - recoloured).abs().mean() < 0.15 * noise.abs().mean()
    across = (drawn[..., 48] - drawn[..., 47]) / (recoloured[..., 48] - recoloured[..., 47])
    assert across.min() > 0.85 and across.max() < 1.15  # sharp, and without an overshoot


def test_texture_fainter_than_the_ridge_is_kept() -> None:
    content = (0.5 + 0.01 * torch.randn(1, 3, 64, 64)).clamp(0, 1)
    content[..., 32:] *= 0.5
    drawn = photorealistic(0.8 * content + 0.1, content, eps=1e-1)
    assert torch.allclose(drawn, 0.8 * content + 0.1, atol=1e-5)


def test_detail_brings_brightness_back() -> None:
    content, result = torch.rand(1, 3, 48, 48), torch.full((1, 3, 48, 48), 0.5)
    plain, sharp = (photorealistic(result, content, eps=0.1, detail=d) for d in (0.0, 1.0))
    assert torch.allclose(plain, result, atol=1e-6)
    assert (sharp - plain).abs().mean() > 0.02
    chroma = sharp - sharp.mean(1, keepdim=True)
    assert chroma.abs().max() < 1e-5  # brightness alone


@pytest.mark.parametrize("radius", [6, 19, 35])
def test_tiles_leave_no_seam(monkeypatch, radius) -> None:
    result, content = torch.rand(1, 3, 150, 190), smooth(150, 190)
    asked = {"radius": radius, "detail": 0.5}
    whole = photorealistic(result, content, **asked)
    monkeypatch.setattr(photoreal, "SIDE", 10)
    monkeypatch.setattr(photoreal, "_ROWS", 7)
    assert torch.allclose(photorealistic(result, content, **asked), whole, atol=1e-5)


def test_functions_of_small_copies_are_those_of_the_whole(monkeypatch) -> None:
    content = smooth(130, 170)
    result = (1 - content**2 + 0.05 * torch.randn(1, 3, 130, 170)).clamp(0, 1)
    quick = photorealistic(result, content, radius=24)
    monkeypatch.setattr(photoreal, "FINE", 1000)
    exact = photorealistic(result, content, radius=24)
    assert (quick - exact).abs().mean() < 0.004 < (result - exact).abs().mean()


def test_what_the_whole_does_not_explain_is_filtered() -> None:
    content = smooth(60, 50)
    result = 0.2 + 0.6 * torch.rand(1, 3, 60, 50)
    weight, bias = affine_fit(result, content)
    fitted = torch.einsum("dc,bchw->bdhw", weight, content.double()) + bias[:, None, None]
    left = result.double() - fitted
    expected = fitted + guided_filter(left, content, radius=5, eps=1e-2)
    found = photorealistic(result, content, radius=5, eps=1e-2)
    assert torch.allclose(found.double(), expected.clamp(0, 1), atol=1e-5)


@pytest.mark.parametrize("content", [torch.zeros(1, 3, 9, 11), torch.rand(1, 1, 9, 11)])
def test_grey_and_plain_contents_stay_finite(content) -> None:
    drawn = photorealistic(torch.rand(1, 3, 9, 11), content.expand(1, 3, 9, 11))
    assert drawn.isfinite().all() and drawn.min() >= 0 and drawn.max() <= 1


def test_windows_are_as_large_in_every_copy() -> None:
    assert radius_for(torch.zeros(1, 3, 512, 900)) == 32
    assert radius_for(torch.zeros(1, 3, 1800, 1024)) == 64
    assert radius_for(torch.zeros(1, 3, 2, 2)) == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"radius": 0}, "The radius is 0 .* at least 1 pixel"),
        ({"eps": 0.0}, "eps 0.0; expected"),
        ({"detail": 2.0}, "detail is 2.0; expected a number from 0 to 1"),
        ({"content": torch.rand(1, 3, 8, 9)}, r"\(1, 3, 8, 9\).* of the same size"),
    ],
)
def test_what_cannot_be_is_refused(changes, sentence) -> None:
    how = {"result": torch.rand(1, 3, 8, 8), "content": torch.rand(1, 3, 8, 8), **changes}
    with pytest.raises(ValueError, match=sentence):
        photorealistic(how.pop("result"), how.pop("content"), **how)
