"""What a style transfer does to features, in matrices: the factors, the product, the folded map,
covariances before and after, and how near the style they come; beside the closed forms.

A map y = W x + b takes features of covariance Σ to W Σ Wᵀ: that is what it asks of the decoder,
and follows from the moments of the two pictures. What the drawn picture has is another matter: a
decoder gives what it can, and what comes after it changes the picture further. So the drawn picture
is read again by the same encoder, and both are told.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lab.models.closed_forms import adain_map, wct_map
from lab.models.feature_maps import AffineMap, Mapper, Moments, mix

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Anatomy:
    """A transfer taken apart; all arrays float64. C channels, k the width of the learned matrix.

    Attributes:
        folded: (C, C), the W of y = W x + b, with everything between encoder and decoder in it,
            the strength too.
        bias: (C,), its b.
        content, style: (C, C) covariances of features. Of several styles: the weighted mean of
            theirs.
        asked: (C, C), W Σ(content) Wᵀ, the covariance that the map asks of the decoder.
        result: (C, C), the covariance of the drawn picture, read again by the same encoder.
        errors: name → ‖Σ - Σ(style)‖ / ‖Σ(style)‖ (Frobenius). "content", "result", "asked": of
            the covariances above. The others are asked of the decoder as well, at the same
            strength: "T by WCT", "T by AdaIN" with closed forms in place of the method's matrix T,
            "wct", "adain" by the closed forms between the features themselves.
        matrix, style_factor, content_factor: (k, k), T = S · C of linear transfer; None where the
            method has none.
    """

    folded: Array
    bias: Array
    content: Array
    style: Array
    asked: Array
    result: Array
    errors: Mapping[str, float]
    matrix: Array | None = None
    style_factor: Array | None = None
    content_factor: Array | None = None
    singular_values: Array = field(init=False)

    def __post_init__(self) -> None:
        shown = self.folded if self.matrix is None else self.matrix
        object.__setattr__(self, "singular_values", np.linalg.svd(shown, compute_uv=False))

    def arrays(self) -> dict[str, Array]:
        """All matrices there are, by name."""
        names = ("matrix", "style_factor", "content_factor", "singular_values", "folded", "bias")
        covariances = ("content", "style", "asked", "result")
        named = {name: getattr(self, name) for name in (*names, *covariances)}
        for name in covariances:
            named[f"{name}_covariance"] = named.pop(name)
        return {name: array for name, array in named.items() if array is not None}


def dissect(
    mapper: Mapper,
    content: Any,
    styles: Sequence[Any],
    shares: Sequence[float],
    *,
    drawn: Any,
    strength: float = 1.0,
) -> Anatomy:
    """Takes the transfer of one level apart.

    Args:
        mapper: the method. content, styles: what it describes of a content and of each style.
        shares: of the styles, summing to one.
        drawn: what it describes of the picture that was drawn, as if that were a content.
        strength: in [0, 1], at which it was drawn.
    """
    full = mapper.map(content, styles, shares)
    own, wanted = moments_of(content), [moments_of(style) for style in styles]
    target = sum(share * each.covariance for share, each in zip(shares, wanted, strict=True))
    maps = {"asked": full} | _swapped(mapper, content, styles, shares)
    for closed, formula in (("wct", wct_map), ("adain", adain_map)):
        maps[closed] = mix([formula(own, each) for each in wanted], shares)
    maps = {name: made.weakened(strength) for name, made in maps.items()}
    found = {"content": own.covariance, "result": moments_of(drawn).covariance}
    found |= {name: transported(own.covariance, made) for name, made in maps.items()}
    folded = maps["asked"]
    return Anatomy(
        folded=_array(folded.weight),
        bias=_array(folded.bias),
        style=_array(target),
        **{name: _array(found[name]) for name in ("content", "asked", "result")},
        errors={name: relative_error(each, target) for name, each in found.items()},
        **_factors(mapper, content, styles, shares),
    )


def transported(covariance: Tensor, made: AffineMap) -> Tensor:
    """The covariance of y = W x + b where x has this one: W Σ Wᵀ, (C, C)."""
    return made.weight.to(covariance) @ covariance @ made.weight.to(covariance).T


def relative_error(found: Tensor, wanted: Tensor) -> float:
    """‖found - wanted‖ / ‖wanted‖ (Frobenius)."""
    return float((found - wanted).norm() / wanted.norm().clamp_min(1e-12))


def moments_of(described: Any) -> Moments:
    """The moments in what a method keeps of a picture."""
    return described if isinstance(described, Moments) else described.moments


def to_npz(anatomy: Anatomy) -> bytes:
    """All arrays as a NumPy archive, and `errors` beside `error_names`; same input, same bytes."""
    file = io.BytesIO()
    names, values = list(anatomy.errors), list(anatomy.errors.values())
    errors = {"error_names": np.array(names), "errors": np.array(values)}
    np.savez(file, **anatomy.arrays(), **errors)
    return file.getvalue()


def to_csv(matrix: Array, *, row: str = "row", column: str = "column") -> bytes:
    """A matrix (n, m) or its single row (m,) as a table with a heading: "row\\column",1,2,…"""
    table = np.atleast_2d(matrix)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([f"{row}\\{column}", *range(1, table.shape[1] + 1)])
    for number, values in enumerate(table, 1):
        writer.writerow([number, *(f"{value:.9g}" for value in values)])
    return file.getvalue().encode()


def _factors(
    mapper: Mapper, content: Any, styles: Sequence[Any], shares: Sequence[float]
) -> dict[str, Array]:
    """T and, where it was learned, S and C: the mix of styles mixes their S."""
    if not hasattr(mapper, "matrix"):
        return {}
    found = {"matrix": _array(mapper.matrix(content, styles, shares))}
    if getattr(mapper, "form", "learned") == "learned":
        pairs = zip(shares, styles, strict=True)
        found["style_factor"] = _array(sum(share * style.factor for share, style in pairs))
        found["content_factor"] = _array(content.factor)
    return found


def _swapped(
    mapper: Mapper, content: Any, styles: Sequence[Any], shares: Sequence[float]
) -> dict[str, AffineMap]:
    """The closed forms in T's place: method → map."""
    if not (is_dataclass(mapper) and hasattr(mapper, "form")):
        return {}
    forms = {"T by WCT": "wct", "T by AdaIN": "adain"}
    return {
        name: replace(mapper, form=form, rank=None).map(content, styles, shares)
        for name, form in forms.items()
    }


def _array(x: Tensor) -> Array:
    return x.detach().to("cpu", torch.float64).numpy()
