"""Linear style transfer as it is used: the learned matrix as an affine map of the features.

    y = unzip(T · compress(x - μ(c))) + μ(s),   T = S(s) · C(c)

T lives between the same two convolutions as WCT's and AdaIN's closed forms would, so either may
take its place (`form`), and any of its singular values may be left out (`rank`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args

import torch
from torch import Tensor

from lab.card import Card
from lab.checkpoint import build_part
from lab.interfaces import Paper
from lab.models.closed_forms import adain_map, wct_map
from lab.models.fast import FastConfig, FastDecoder, FastEncoder
from lab.models.feature_maps import AffineMap, Moments, Views, moments, second_moment
from lab.models.linear_transfer import LinearTransform, LinearTransformConfig, MatrixNet
from lab.models.vgg import VGGConfig, VGGDecoder, VGGFeatures
from lab.pipelines.transfer import FeatureTransfer, Level, Style, shares_of

Form = Literal["learned", "wct", "adain"]
Scaled = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class LinearStatistics:
    """What the method keeps of a picture: moments of its features, and its factor S or C (k, k)."""

    moments: Moments
    factor: Tensor

    def to(self, device: torch.device | str) -> LinearStatistics:
        """The same on another device."""
        return LinearStatistics(self.moments.to(device), self.factor.to(device))


@dataclass(frozen=True, eq=False)
class LinearMapper:
    """Between encoder and decoder of `linear` and `linear-fast`.

    Attributes:
        transform: the trained networks.
        form: what T is: learned, or the closed form of WCT or AdaIN for the compressed features.
        rank: how many of T's singular values are kept, the largest; None keeps all.

    Raises:
        ValueError: an unknown form, a rank below 1 or above the matrix's.
    """

    transform: LinearTransform
    form: Form = "learned"
    rank: int | None = None
    passes: ClassVar[int] = 2  # moments, and what the matrix network answers

    def __post_init__(self) -> None:
        if self.form not in get_args(Form):
            raise ValueError(
                f"The matrix's form is {self.form!r}; expected one of: {', '.join(get_args(Form))}."
            )
        width = self.transform.config.width
        if self.rank is not None and not 1 <= self.rank <= width:
            raise ValueError(f"The matrix's rank is {self.rank}; expected 1 to {width}.")

    @property
    def margin(self) -> int:
        """Each 3x3 convolution of the matrix networks looks one feature further."""
        return len(self.transform.config.hidden) + 1

    def describe_content(self, views: Views) -> LinearStatistics:
        """Moments and the factor C."""
        # The network answers smoothly to what it sees; a closed form divides by it.
        dtype = torch.float32 if self.form == "learned" else torch.float64
        scaled = self.transform.scaled_content
        return self._describe(views, self.transform.content, scaled, dtype=dtype)

    def describe_style(self, views: Views) -> LinearStatistics:
        """Moments and the factor S; compute once per style and keep."""
        return self._describe(views, self.transform.style, self.transform.scaled_style)

    def matrix(
        self,
        content: LinearStatistics,
        styles: Sequence[LinearStatistics],
        shares: Sequence[float],
    ) -> Tensor:
        """T for a mix of styles, of the chosen form and rank: (k, k)."""
        pairs = zip(styles, shares, strict=True)
        matrix = sum(share * self._single(content, style) for style, share in pairs)
        return matrix if self.rank is None else truncate(matrix, self.rank)

    def map(
        self,
        content: LinearStatistics,
        styles: Sequence[LinearStatistics],
        shares: Sequence[float],
    ) -> AffineMap:
        """unzip(T · compress(x - μ(c))) + μ(s) as one map, μ(s) the mix of the styles' means."""
        matrix = self.matrix(content, styles, shares)
        pairs = zip(styles, shares, strict=True)
        mean = sum(share * style.moments.mean for style, share in pairs)
        compress, unzip = self.transform.compress, self.transform.unzip
        out = unzip.weight.flatten(1).to(matrix) @ matrix
        weight = out @ compress.weight.flatten(1).to(matrix)
        bias = out @ compress.bias.to(matrix) + unzip.bias.to(matrix)
        return AffineMap(weight, bias + mean - weight @ content.moments.mean)

    def _describe(
        self,
        views: Views,
        branch: MatrixNet,
        scaled: Scaled,
        *,
        dtype: torch.dtype = torch.float64,
    ) -> LinearStatistics:
        known = moments(views, dtype=dtype)
        mean = known.mean[:, None, None].float()
        variance = known.covariance.diagonal()[None]

        def answer(features: Tensor) -> Tensor:
            return branch.body(self.transform.seen(features - mean, variance))

        factor = branch.factor(second_moment(views, answer, dtype=dtype)[None].float()).double()
        own = compressed(self.transform, known).covariance.diagonal()[None]
        return LinearStatistics(known, scaled(factor, own)[0])

    def _single(self, content: LinearStatistics, style: LinearStatistics) -> Tensor:
        if self.form == "learned":
            return style.factor @ content.factor
        own, wanted = (compressed(self.transform, each.moments) for each in (content, style))
        return (wct_map if self.form == "wct" else adain_map)(own, wanted).weight


def compressed(transform: LinearTransform, moments: Moments) -> Moments:
    """The moments of compress(features - mean), from those of the features."""
    weight = transform.compress.weight.flatten(1).to(moments.mean)
    bias = transform.compress.bias.to(moments.mean)
    return Moments(moments.count, bias, weight @ moments.covariance @ weight.T)


def truncate(matrix: Tensor, rank: int) -> Tensor:
    """The nearest matrix of this rank: its largest singular values, the others zero."""
    left, values, right = torch.linalg.svd(matrix)
    return (left[:, :rank] * values[:rank]) @ right[:rank]


# method → encoder, decoder, their config
NETWORKS: dict[str, tuple[Any, Any, Any]] = {
    "linear": (VGGFeatures, VGGDecoder, VGGConfig),
    "linear-fast": (FastEncoder, FastDecoder, FastConfig),
}


class LinearTransfer(FeatureTransfer):
    """Encoder, learned matrix, decoder."""

    paper: ClassVar[Paper] = Paper(
        "Learning Linear Transformations for Fast Image and Video Style Transfer",
        "X. Li, S. Liu, J. Kautz, M.-H. Yang",
        2019,
        "https://arxiv.org/abs/1808.04537",
    )

    @classmethod
    def from_checkpoint(cls, folder: Path, card: Card, device: torch.device) -> LinearTransfer:
        """Builds the networks of a card; strict, every weight comes from the files."""
        encoder, decoder, config = NETWORKS[card.method]
        modules = {"encoder": encoder, "transform": LinearTransform, "decoder": decoder}
        configs = {name: config for name in modules} | {"transform": LinearTransformConfig}
        parts = {
            name: build_part(folder, card, name, network=kind, config=configs[name], device=device)
            for name, kind in modules.items()
        }
        level = Level(parts["encoder"], parts["decoder"], LinearMapper(parts["transform"]))
        return cls([level], native_size=tuple(card.native_size), digest=card.digest)

    def with_matrix(self, form: Form = "learned", rank: int | None = None) -> LinearTransfer:
        """The same networks with another matrix in T's place (`LinearMapper`)."""
        (level,) = self.levels
        mapper = LinearMapper(level.mapper.transform, form, rank)
        levels = [replace(level, mapper=mapper)]
        return LinearTransfer(levels, native_size=self.native_size, digest=self.digest)

    @torch.inference_mode()
    def matrix(
        self,
        content: Tensor,
        styles: Sequence[Style],
        weights: Sequence[float],
        *,
        tile: int | None = None,
    ) -> Tensor:
        """The T that `stylize` uses for a content (1, 3, H, W): (k, k)."""
        (level,) = self.levels
        looks = [style.levels[0] for style in styles]
        described = self.describe(content, tile=tile)
        return level.mapper.matrix(described, looks, shares_of(styles, weights))
