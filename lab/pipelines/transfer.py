"""Linear style transfer as it is used: encode styles once, then mix, weaken and place them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from lab.card import Card
from lab.checkpoint import build_part
from lab.images import pad_ids, pad_to_multiple, resize_ids
from lab.interfaces import Paper
from lab.models.fast import FastConfig, FastDecoder, FastEncoder
from lab.models.linear_transfer import (
    Fold,
    LinearTransform,
    LinearTransformConfig,
    channel_mean,
)
from lab.models.vgg import VGGConfig, VGGDecoder, VGGEncoder


@dataclass(frozen=True, eq=False)
class Style:
    """What the method keeps of a style picture: S (1, k, k) and the features' mean (1, C, 1, 1)."""

    matrix: Tensor
    mean: Tensor


class VGGFeatures(nn.Module):
    """A VGG encoder that returns its deepest layer, so that it fits where FastEncoder does."""

    def __init__(self, config: VGGConfig) -> None:
        super().__init__()
        self.config = config
        self.vgg = VGGEncoder(config)

    def forward(self, picture: Tensor) -> Tensor:
        """(B, 3, H, W) in [0, 1] → (B, C, H/stride, W/stride)."""
        return self.vgg(picture, (self.config.last,))[self.config.last]


# method → encoder, decoder, their config
NETWORKS: dict[str, tuple[Any, Any, Any]] = {
    "linear": (VGGFeatures, VGGDecoder, VGGConfig),
    "linear-fast": (FastEncoder, FastDecoder, FastConfig),
}


class TransferPipeline:
    """Encoder, learned matrix, decoder."""

    paper: ClassVar[Paper] = Paper(
        "Learning Linear Transformations for Fast Image and Video Style Transfer",
        "X. Li, S. Liu, J. Kautz, M.-H. Yang",
        2019,
        "https://arxiv.org/abs/1808.04537",
    )

    def __init__(
        self,
        encoder: nn.Module,
        transform: LinearTransform,
        decoder: nn.Module,
        *,
        native_size: tuple[int, int] = (512, 512),
        digest: str = "",
    ) -> None:
        self.encoder, self.transform, self.decoder = encoder, transform, decoder
        self.native_size, self.digest = native_size, digest
        self.multiple = encoder.config.stride

    @classmethod
    def from_checkpoint(cls, folder: Path, card: Card, device: torch.device) -> TransferPipeline:
        """Builds the networks of a card; strict, every weight comes from the files."""
        encoder, decoder, config = NETWORKS[card.method]
        modules = {"encoder": encoder, "transform": LinearTransform, "decoder": decoder}
        configs = {name: config for name in modules} | {"transform": LinearTransformConfig}
        networks = [
            build_part(folder, card, name, network=kind, config=configs[name], device=device)
            for name, kind in modules.items()
        ]
        return cls(*networks, native_size=tuple(card.native_size), digest=card.digest)

    @property
    def device(self) -> torch.device:
        """Where the networks are."""
        return next(self.transform.parameters()).device

    def __call__(self, content: Tensor, style: Tensor, *, strength: float = 1.0) -> Tensor:
        """`content` (B, 3, H, W) in the style of `style` (1 or B, 3, h, w), all in [0, 1].

        strength: 0 is the auto-encoder's own picture of the content, 1 the method as published.
        Returns (B, 3, H, W) in [0, 1].
        """
        return self.stylize(content, [self.encode_style(style)], [1.0], strength=strength)

    @torch.inference_mode()
    def encode_style(self, style: Tensor) -> Style:
        """(B, 3, h, w) in [0, 1] → what the method keeps of it; compute once, reuse."""
        features, _ = self._features(style)
        return Style(self.transform.style_matrix(features), channel_mean(features))

    @torch.inference_mode()
    def matrix(self, content: Tensor, styles: Sequence[Style], weights: Sequence[float]) -> Tensor:
        """The learned T = Σ w S · C that `stylize` uses: (B, k, k)."""
        features, _ = self._features(content)
        return self._mix(styles, weights).matrix @ self.transform.content_matrix(features)

    @torch.inference_mode()
    def stylize(
        self,
        content: Tensor,
        styles: Sequence[Style],
        weights: Sequence[float],
        *,
        strength: float = 1.0,
        regions: Tensor | None = None,
    ) -> Tensor:
        """Draws `content` in a mix of styles, or each region in its own.

        Args:
            content: (B, 3, H, W) in [0, 1], any size. styles: at least one. weights: one per
                style, not negative; scaled to sum to one.
            strength: in [0, 1], mixes the decoder's input; Li et al. publish 1.
            regions: (B, H, W) int64 index into `styles`, read at the features' resolution;
                `weights` then count for nothing. None mixes by `weights` everywhere.
        Returns:
            (B, 3, H, W) in [0, 1].
        Raises:
            ValueError: weights that do not fit, strength outside [0, 1], regions that do not fit.
        """
        if not 0 <= strength <= 1:
            raise ValueError(f"strength is {strength}; expected a number from 0 to 1.")
        if regions is not None:
            _check_regions(regions, content.shape, len(styles))
        parts = list(styles) if regions is not None else [self._mix(styles, weights)]
        features, (height, width) = self._features(content)
        drawn = [self._apply(features, style, strength) for style in parts]
        if regions is not None:
            drawn = [_place(drawn, pad_ids(regions, self.multiple))]
        picture = self.decoder(drawn[0]).float()
        return picture[..., :height, :width].clamp(0, 1)

    def _apply(self, features: Tensor, style: Style, strength: float) -> Tensor:
        content_matrix = self.transform.content_matrix(features)
        matrix = style.matrix @ content_matrix
        if len(features) == 1 and len(style.mean) == 1:
            fold = self.transform.fold(channel_mean(features), style.mean, matrix)
            # α(Wx + b) + (1 - α)x is again one 1x1 convolution.
            identity = torch.eye(fold.weight.shape[0], device=fold.weight.device)[..., None, None]
            weight = strength * fold.weight + (1 - strength) * identity
            return Fold(weight, strength * fold.bias)(features)
        transformed = self.transform.transform(features, style.mean, matrix)
        return strength * transformed + (1 - strength) * features

    def _features(self, picture: Tensor) -> tuple[Tensor, tuple[int, int]]:
        padded, size = pad_to_multiple(picture.to(self.device), self.multiple)
        return self.encoder(padded.contiguous(memory_format=torch.channels_last)).float(), size

    def _mix(self, styles: Sequence[Style], weights: Sequence[float]) -> Style:
        """One style whose matrix and mean are the weighted means of the given ones."""
        if not styles or len(styles) != len(weights):
            raise ValueError(
                f"{len(styles)} styles were given with {len(weights)} weights; "
                "expected as many weights as styles, at least one."
            )
        total = float(sum(weights))
        if min(weights) < 0 or not 0 < total < float("inf"):
            raise ValueError(
                f"The style weights are {list(weights)}; expected numbers not below 0 "
                "with a sum above 0."
            )
        shares = [weight / total for weight in weights]
        matrix = sum(share * style.matrix for share, style in zip(shares, styles, strict=True))
        mean = sum(share * style.mean for share, style in zip(shares, styles, strict=True))
        return Style(matrix, mean)


def _check_regions(regions: Tensor, shape: torch.Size, styles: int) -> None:
    if regions.shape != (shape[0], *shape[2:]):
        raise ValueError(
            f"The regions are {tuple(regions.shape)}; expected (B, H, W) = "
            f"{(shape[0], *shape[2:])}, the content's."
        )
    low, high = int(regions.min()), int(regions.max())
    if low < 0 or high >= styles:
        raise ValueError(
            f"Region {low if low < 0 else high} has no style; expected 0 to {styles - 1}."
        )


def _place(drawn: Sequence[Tensor], regions: Tensor) -> Tensor:
    """Each position from the drawing that its region names: n x (B, C, h, w) → (B, C, h, w)."""
    stack = torch.stack(list(drawn))
    height, width = stack.shape[-2:]
    index = resize_ids(regions.to(stack.device), (width, height))
    return stack.gather(0, index[None, :, None].expand(1, -1, *stack.shape[2:]))[0]
