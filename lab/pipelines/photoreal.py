"""Photo-realistic transfer: the style's colours on the content's edges, surfaces and objects.

Li et al. 2019, §3.4, run a linear propagation network over the result; here the guided filter (He
et al. 2013, Guided Image Filtering) does it, in closed form, on any device, in time that does not
depend on the radius: around every place the result is an affine function of the content's colours.

`photorealistic` differs from He et al. in two ways. The ridge pulls the functions to the one that
fits the whole picture instead of to a constant, so the content's texture is not smoothed away where
it is fainter than the ridge, and a result that is an affine function of the content comes back as
it was. And the functions are fitted to copies so small that a radius has `FINE` pixels (He & Sun
2015, Fast Guided Filter); what they are applied to is the content at its full size.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from lab.images import LUMA, luma
from lab.interfaces import Progress
from lab.pipelines.tiles import Tile, tiles

EPS = 1e-3
SHARE = 16  # the shorter side is so many radii
FINE = 8
SIDE = 512  # of the copies in which functions are fitted in one go
_ROWS = 64  # of the picture to which they are applied in one go


def photorealistic(
    result: Tensor,
    content: Tensor,
    *,
    radius: int | None = None,
    eps: float = EPS,
    detail: float = 0.0,
    progress: Progress | None = None,
) -> Tensor:
    """What a style transfer has made of a photograph, as a photograph.

    Args:
        result, content: (1, 3, H, W) in [0, 1]; where each region took its own style, `result` is
            that picture.
        radius: of the windows, in pixels; by default a sixteenth of the shorter side.
        eps: deviation, squared, below which an edge of the content counts as texture.
        detail: in [0, 1], how much of the brightness that the filter takes from the content
            itself comes back.
        progress: see `Progress`; told every few rows.
    Returns:
        (1, 3, H, W) in [0, 1].
    Raises:
        ValueError: two different sizes; a radius, ridge or detail outside its range.
    """
    if not 0 <= detail <= 1:
        raise ValueError(f"detail is {detail}; expected a number from 0 to 1.")
    radius = radius_for(content) if radius is None else radius
    _check(result, content, radius, eps)
    step = max(1, radius // FINE)
    near = -(-radius // step)
    how = {"radius": near, "eps": eps, "detail": detail}
    weight, bias = affine_fit(result, content)
    drawn = torch.empty_like(result)
    done = 0
    margin = (2 * near + 2) * step  # windows of windows, and the next place to take a mean with
    size = (result.shape[2], result.shape[3])
    for tile in tiles(size, side=SIDE * step, margin=margin, multiple=step):
        rows, columns = tile.source()
        p, i = (_small(each[..., rows, columns], step) for each in (result, content))
        left = p - F.conv2d(i, weight[..., None, None], bias)
        slopes, offsets = _functions(left, i, **how)
        planes = [(slopes + weight[..., None, None]).flatten(0, 1), offsets + bias[:, None, None]]
        strips = _applied(torch.cat(planes).float(), content, drawn, tile=tile, step=step)
        for pixels in strips:
            done += pixels
            if progress is not None:
                progress(done / (size[0] * size[1]))
    return drawn


def radius_for(picture: Tensor) -> int:
    """The radius for a picture (1, 3, H, W): as large in every copy of it."""
    return max(1, round(min(picture.shape[2:]) / SHARE))


def local_affine(
    picture: Tensor, guide: Tensor, *, radius: int, eps: float
) -> tuple[Tensor, Tensor]:
    """The functions q = aᵀI + b that the guided filter applies.

    In every window of radius r: a = (Σ + εE)⁻¹ cov(I, p), b = p̄ - aᵀĪ; a pixel takes the mean of
    the functions of all windows around it. Windows end where the picture ends.

    Args:
        picture: (1, C, h, w), p. guide: (1, 3, h, w), I.
        radius: of the windows, which are 2r + 1 pixels wide. eps: ε, on the scale of the guide's
            variance; above 0.
    Returns:
        Slopes (C, 3, h, w) and offsets (C, h, w), float64.
    """
    p, i = picture[0].double(), guide[0].double()
    centre = i.mean((1, 2), keepdim=True)  # near zero, products lose the fewest digits
    i = i - centre
    mean_p, mean_i = box_mean(p, radius), box_mean(i, radius)
    ridge = eps * torch.eye(3).to(i)
    inverse = _inverse([
        [box_mean(i[a] * i[b], radius) - mean_i[a] * mean_i[b] + ridge[a, b] for b in range(a + 1)]
        for a in range(3)
    ])  # fmt: skip
    slopes = torch.empty(len(p), *i.shape).to(i)
    for own, mean, slope in zip(p, mean_p, slopes, strict=True):
        shared = [box_mean(i[a] * own, radius) - mean_i[a] * mean for a in range(3)]
        for a in range(3):
            slope[a] = sum(inverse[a][b] * shared[b] for b in range(3))
    offsets = mean_p - (slopes * mean_i).sum(1)
    slopes = box_mean(slopes, radius)
    return slopes, box_mean(offsets, radius) - (slopes * centre).sum(1)


def box_mean(x: Tensor, radius: int) -> Tensor:
    """Mean over windows 2r + 1 pixels wide, of the part inside the picture: (..., H, W), same.

    By running sums, so its time does not depend on the radius.
    """
    return _running_mean(_running_mean(x, radius, -1), radius, -2)


def affine_fit(result: Tensor, content: Tensor) -> tuple[Tensor, Tensor]:
    """The weight (3, 3) and bias (3,) that bring the content's colours nearest to the result's.

    Least squares over all pixels, in float64. Directions in which the content has no colour,
    such as those of a grey picture, get no weight.
    """
    count = content.shape[2] * content.shape[3]
    total = torch.zeros(4, 7, dtype=torch.float64, device=content.device)
    for x, y in zip(content.split(256, 2), result.split(256, 2), strict=True):
        x, y = (each[0].flatten(1).double() for each in (x, y))
        ones = torch.ones_like(x[:1])
        total += torch.cat([x, ones]) @ torch.cat([x, ones, y]).T / count
    mean_x, mean_y = total[3, :3], total[3, 4:]
    own = total[:3, :3] - torch.outer(mean_x, mean_x)
    shared = total[:3, 4:] - torch.outer(mean_x, mean_y)
    weight = (torch.linalg.pinv(own, rtol=1e-9, hermitian=True) @ shared).T
    return weight, mean_y - weight @ mean_x


def _running_mean(x: Tensor, radius: int, axis: int) -> Tensor:
    length = x.shape[axis]
    sums = F.pad(x.movedim(axis, -1).cumsum(-1), (1, 0))
    places = torch.arange(length, device=x.device)
    first, last = (places - radius).clamp_min(0), (places + radius + 1).clamp_max(length)
    windows = sums.index_select(-1, last) - sums.index_select(-1, first)
    return (windows / (last - first)).movedim(-1, axis)


def _inverse(lower: list[list[Tensor]]) -> list[list[Tensor]]:
    """The inverse of symmetric 3x3 matrices, given below the diagonal, by cofactors."""
    (a,), (b, d), (c, e, f) = lower
    aa, bb, cc = d * f - e * e, c * e - b * f, b * e - c * d
    dd, ee, ff = a * f - c * c, b * c - a * e, a * d - b * b
    scale = 1 / (a * aa + b * bb + c * cc)
    rows = [[aa, bb, cc], [bb, dd, ee], [cc, ee, ff]]
    return [[entry * scale for entry in row] for row in rows]


def _functions(
    left: Tensor, guide: Tensor, *, radius: int, eps: float, detail: float
) -> tuple[Tensor, Tensor]:
    """`local_affine` of the three channels of `left`, and the brightness that comes back."""
    if not detail:
        return local_affine(left, guide, radius=radius, eps=eps)
    both = torch.cat([left, luma(guide)], 1)
    slopes, offsets = local_affine(both, guide, radius=radius, eps=eps)
    lost = torch.tensor(LUMA).to(slopes)[:, None, None] - slopes[3]
    return slopes[:3] + detail * lost, offsets[:3] - detail * offsets[3]


def _applied(
    functions: Tensor, content: Tensor, drawn: Tensor, *, tile: Tile, step: int
) -> Iterator[int]:
    """Draws the core of a tile: functions (12, h, w), nine slopes and three offsets, over the
    tile's window in steps of `step`, linear between them; yields the pixels of every strip."""
    (top, bottom), (left, right) = tile.core
    origin = [start for start, _ in tile.window]
    for start in range(top, bottom, _ROWS):
        stop = min(start + _ROWS, bottom)
        between = _stretched(functions, start - origin[0], stop - origin[0], axis=1, step=step)
        between = _stretched(between, left - origin[1], right - origin[1], axis=2, step=step)
        slopes, offsets = between[:9].unflatten(0, (3, 3)), between[9:]
        own = content[0, :, start:stop, left:right]
        drawn[0, :, start:stop, left:right] = ((slopes * own).sum(1) + offsets).clamp_(0, 1)
        yield own[0].numel()


def _stretched(x: Tensor, start: int, stop: int, *, axis: int, step: int) -> Tensor:
    """Linear interpolation along an axis, at pixels start … stop - 1, `step` of them a place."""
    if step == 1:
        return x.narrow(axis, start, stop - start)
    places = (torch.arange(start, stop, device=x.device) + 0.5) / step - 0.5
    places = places.clamp(0, x.shape[axis] - 1)
    low = places.floor().long()
    high = (low + 1).clamp_max(x.shape[axis] - 1)
    share = (places - low).view([-1 if a == axis else 1 for a in range(x.ndim)])
    return x.index_select(axis, low).lerp(x.index_select(axis, high), share)


def _small(picture: Tensor, step: int) -> Tensor:
    """The copy `step` times as small, in float64: means; those at the end are of what is there."""
    if step == 1:
        return picture.double()
    how = {"ceil_mode": True, "count_include_pad": False}
    return F.avg_pool2d(picture, step, **how).double()


def _check(picture: Tensor, guide: Tensor, radius: int, eps: float) -> None:
    if picture.shape[2:] != guide.shape[2:] or len(picture) != 1 or guide.shape[:2] != (1, 3):
        raise ValueError(
            f"The picture is {tuple(picture.shape)} and its guide {tuple(guide.shape)}; expected "
            "one picture and its content (1, 3, H, W) of the same size."
        )
    if radius < 1 or not eps > 0:
        raise ValueError(
            f"The radius is {radius} and eps {eps}; expected at least 1 pixel and more than 0."
        )
