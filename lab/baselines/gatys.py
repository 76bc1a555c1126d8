"""Gatys et al. 2016, Image Style Transfer Using Convolutional Neural Networks: by optimisation.

No network is trained to draw: the picture itself is changed, step by step, until its features are
the content's and its Gram matrices the style's.

Differs from the paper:

* The layers are those of the encoder the lab ships (up to relu3_1, content at relu3_1) unless the
  checkpoint holds a deeper one.
* Content is compared after every channel was given mean 0 and deviation 1.
* Gram distances are relative to the style's own energy, and half the distance of the channels'
  means and deviations is added to them.
* Neighbouring pixels that differ cost (total variation), and so do values outside [0, 1].
* It begins at the content, not at noise, and with small copies (Gatys et al. 2017, §5), since
  shallow features see little of a large picture.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from lab.card import Card
from lab.checkpoint import build_part
from lab.images import cell_for, pad_to_multiple
from lab.interfaces import Paper, part_of
from lab.losses.perceptual import (
    Features,
    content_loss,
    out_of_range,
    style_loss,
    total_variation,
)
from lab.models.vgg import TAPS, VGGConfig, VGGEncoder

CONTENT_WEIGHT, STYLE_WEIGHT = 1.0, 40.0
SMOOTHNESS, RANGE = 0.3, 10.0
SMALLEST = 128  # shorter side, in pixels, of the first and smallest copy
STEPS = 120
MOST_PIXELS = 2048 * 2048  # of content or style; a content of so many has about 20 GB at work


class Gatys:
    """Draws by L-BFGS on the pixels.

    Args:
        encoder: a VGG. steps: evaluations of the loss at full size, give or take one (see
            `minimise`); copies half as large take as many. native_size, digest: of the checkpoint.
    """

    paper: ClassVar[Paper] = Paper(
        "Image Style Transfer Using Convolutional Neural Networks",
        "L. A. Gatys, A. S. Ecker, M. Bethge",
        2016,
        "https://openaccess.thecvf.com/content_cvpr_2016/html/Gatys_Image_Style_Transfer_CVPR_2016_paper.html",
    )

    def __init__(
        self,
        encoder: VGGEncoder,
        *,
        steps: int = STEPS,
        native_size: tuple[int, int] = (512, 512),
        digest: str = "",
    ) -> None:
        self.encoder, self.steps = encoder, steps
        self.native_size, self.digest = native_size, digest
        self.taps = [tap for tap in TAPS if tap in encoder.config.layers]

    @classmethod
    def from_checkpoint(cls, folder: Path, card: Card, device: torch.device) -> Gatys:
        """Builds the encoder of a card; strict, every weight comes from the files."""
        encoder = build_part(
            folder, card, "encoder", network=VGGEncoder, config=VGGConfig, device=device
        )
        return cls(encoder, native_size=tuple(card.native_size), digest=card.digest)

    @property
    def device(self) -> torch.device:
        """Where the encoder is."""
        return next(self.encoder.parameters()).device

    def __call__(
        self,
        content: Tensor,
        style: Tensor,
        *,
        strength: float = 1.0,
        steps: int | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Tensor:
        """`content` (1, 3, H, W) in the style of `style` (1, 3, h, w), all in [0, 1].

        The optimisation starts at the content and draws nothing by lot.

        Args:
            strength: weighs the style against the content; 0 is the content itself.
            steps: in place of the ones of the constructor. progress: told the share done, from 0
                to 1; may raise to cancel.
        Returns:
            (1, 3, H, W) in [0, 1].
        Raises:
            ValueError: strength outside [0, 1], no step, more than one picture, or a content or
                style of more than `MOST_PIXELS`.
        """
        steps = self.steps if steps is None else steps
        _check(content, style, strength, steps)
        content, style = content.to(self.device), style.to(self.device)
        if strength == 0:
            return content.clone()
        _check_memory(content, "content", "it needs about 5 kB for each")
        _check_memory(style, "style", "it holds the features of all of it at every layer")
        padded, (height, width) = _padded(content, self.encoder)
        halvings = range(_halvings(padded), -1, -1)
        picture = padded
        for done, count in enumerate(halvings):
            wanted, look = (_halved(each, count) for each in (padded, style))
            start = F.interpolate(picture, wanted.shape[2:], mode="bilinear", antialias=True)
            told = part_of(progress, done / len(halvings), (done + 1) / len(halvings))
            objective = self._objective(wanted, look, strength)
            picture = minimise(objective, start, steps=steps, progress=told)
        return picture[..., :height, :width].clamp(0, 1)

    def _objective(
        self, content: Tensor, style: Tensor, strength: float
    ) -> Callable[[Tensor], Tensor]:
        """The loss at one size, after eq. 1, 5 and 7, as a function of the picture; what differs
        stands at the top of this file."""
        deepest = self.taps[-1]
        with torch.no_grad():
            kept = self.encoder(content, [deepest])[deepest]
            looks: Features = self.encoder(_padded(style, self.encoder)[0], self.taps)

        def objective(picture: Tensor) -> Tensor:
            features = self.encoder(picture, self.taps)
            return (
                CONTENT_WEIGHT * content_loss(features[deepest], kept)
                + strength * STYLE_WEIGHT * style_loss(features, looks)
                + SMOOTHNESS * total_variation(picture)
                + RANGE * out_of_range(picture)
            )

        return objective


def minimise(
    objective: Callable[[Tensor], Tensor],
    start: Tensor,
    *,
    steps: int,
    progress: Callable[[float], None] | None = None,
) -> Tensor:
    """L-BFGS from `start`, as Gatys et al. use it.

    It takes `steps` evaluations of the objective at most, but for one more, since PyTorch does not
    count the one with which a line search begins.

    `progress` is told the share done after each and may raise to cancel.
    """
    # Called under inference mode, gradients need a picture that was made outside of it.
    with torch.inference_mode(False), torch.enable_grad():
        picture = start.clone().requires_grad_()
        optimizer = torch.optim.LBFGS(
            [picture], max_iter=steps, max_eval=steps, history_size=20, tolerance_change=0.0,
            line_search_fn="strong_wolfe",
        )  # fmt: skip
        taken = 0

        def closure() -> Tensor:
            nonlocal taken
            optimizer.zero_grad()
            loss = objective(picture)
            loss.backward()
            taken += 1
            if progress is not None:
                progress(min(1.0, taken / steps))
            return loss

        optimizer.step(closure)
    if progress is not None:
        progress(1.0)
    return picture.detach()


def _halvings(picture: Tensor) -> int:
    """How often a picture can be halved before its shorter side falls below `SMALLEST`."""
    count, side = 0, min(picture.shape[2:])
    while side // 2 >= SMALLEST:
        count, side = count + 1, side // 2
    return count


def _halved(picture: Tensor, count: int) -> Tensor:
    size = [max(1, side >> count) for side in picture.shape[2:]]
    return F.interpolate(picture, size, mode="area") if count else picture


def _padded(picture: Tensor, encoder: VGGEncoder) -> tuple[Tensor, tuple[int, int]]:
    return pad_to_multiple(picture, cell_for(picture.shape[2:], encoder.config.stride))


def _check(content: Tensor, style: Tensor, strength: float, steps: int) -> None:
    if not 0 <= strength <= 1:
        raise ValueError(f"strength is {strength}; expected a number from 0 to 1.")
    if steps < 1:
        raise ValueError(f"steps is {steps}; expected at least 1.")
    if len(content) != 1 or len(style) != 1:
        raise ValueError(
            f"{len(content)} contents and {len(style)} styles were given; expected one of each."
        )


def _check_memory(picture: Tensor, name: str, reason: str) -> None:
    """Refuses what a machine would be killed for: gradients keep the features of every layer."""
    height, width = picture.shape[2:]
    if width * height > MOST_PIXELS:
        raise ValueError(
            f"The {name} is {width}x{height}; Gatys' optimisation takes pictures of up to "
            f"{MOST_PIXELS / 1e6:.1f} million pixels, since {reason}: shrink it (--size 2048)."
        )
