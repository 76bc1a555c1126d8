"""The adversarial losses of pix2pixHD (Wang et al. 2018, §3.2 and eq. 2-4; LSGAN: Mao et al. 2017)
and of pix2pix (Isola et al. 2017).

Everything here is averaged over the scales of the discriminator. Differs from the official code,
which sums the GAN terms but averages feature matching, so that their balance moved with the number
of discriminators; the number of scales as the weight of the generator's GAN term is the official
objective to the last digit. The generator steps before the discriminator.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

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


def bce_generator_loss(fake: Scales) -> Tensor:
    """-E[log σ(D(x̂))], mean over patches and scales: a scalar (Isola et al. 2017, §3.3)."""
    return torch.stack([F.softplus(-layers[-1].float()).mean() for layers in fake]).mean()


def bce_discriminator_loss(real: Scales, fake: Scales) -> Tensor:
    """-½ E[log σ(D(x))] - ½ E[log(1 - σ(D(x̂)))], mean over patches and scales: a scalar.

    Eq. 1 of Isola et al. 2017, halved as in their §3.3.
    """
    terms = [
        F.softplus(-true[-1].float()).mean() + F.softplus(false[-1].float()).mean()
        for true, false in zip(real, fake, strict=True)
    ]
    return 0.5 * torch.stack(terms).mean()


def score_both(discriminator: nn.Module, real: Tensor, fake: Tensor) -> tuple[Scales, Scales]:
    """A discriminator's features of real and generated pictures (B, C, H, W), in one pass.

    Instance norm sees each picture alone, so that is the same as two passes.
    """
    both = discriminator(torch.cat([real, fake]))
    halves = [[layer.chunk(2) for layer in scale] for scale in both]
    true, false = ([[pair[k] for pair in scale] for scale in halves] for k in (0, 1))
    return true, false


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
