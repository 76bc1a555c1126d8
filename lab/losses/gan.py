"""The adversarial losses of pix2pixHD (Wang et al. 2018, §3.2 and eq. 2-4; LSGAN: Mao et al. 2017).

Everything here is averaged over the scales of the discriminator. Differs from the official code,
which sums the GAN terms but averages feature matching, so that their balance moved with the number
of discriminators. The generator steps before the discriminator.
"""

from __future__ import annotations

import torch
from torch import Tensor

Scales = list[list[Tensor]]
"""Per scale, per layer, features (B, C_l, h_l, w_l); the last layer is the score (B, 1, h, w)."""


def lsgan_generator_loss(fake: Scales) -> Tensor:
    """E[(D(x̂) - 1)²], mean over patches and scales: a scalar, 0 when every patch looks real."""
    terms = [(layers[-1].float() - 1).square().mean() for layers in fake]
    return torch.stack(terms).mean()


def lsgan_discriminator_loss(real: Scales, fake: Scales) -> Tensor:
    """½ E[(D(x) - 1)²] + ½ E[D(x̂)²], mean over patches and scales: a scalar."""
    terms = [
        (true[-1].float() - 1).square().mean() + false[-1].float().square().mean()
        for true, false in zip(real, fake, strict=True)
    ]
    return 0.5 * torch.stack(terms).mean()


def feature_matching_loss(fake: Scales, real: Scales) -> Tensor:
    """L1 between the discriminators' features of the generated and the real picture (eq. 4).

    Args:
        fake, real: as `Scales`; the score is left out.
    Returns:
        A scalar, averaged over scales and summed over layers with the official factor
        4 / (convolutions without the score). Gradients reach `fake` only.
    """
    terms = [
        torch.stack(
            [
                (false.float() - true.detach().float()).abs().mean()
                for false, true in zip(generated[:-1], truth[:-1], strict=True)
            ]
        ).mean()
        for generated, truth in zip(fake, real, strict=True)
    ]
    return 4 * torch.stack(terms).mean()
