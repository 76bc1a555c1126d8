"""What a run takes from checkpoints: weights to begin with, or networks to build on as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lab.card import Card, find, read_card
from lab.checkpoint import CHECKPOINTS, build_part, read_part
from lab.models.linear_transfer import LinearTransform, LinearTransformConfig
from lab.models.pix2pixhd import GlobalGenerator, LocalEnhancer, first_layers
from lab.models.vgg import VGGConfig, VGGDecoder, VGGFeatures
from lab.pipelines.linear import NETWORKS

FAINT = 0.01  # deviation of weights for planes that a checkpoint's generator did not see


def start_from(
    name: str,
    parts: Mapping[str, nn.Module],
    *,
    optional: Mapping[str, nn.Module] | None = None,
    root: Path = CHECKPOINTS,
) -> Card:
    """Copies the weights of checkpoint `name` into the parts of the same name, strictly.

    As pix2pixHD's load_pretrain. A checkpoint of G1 alone fills the G1 inside a local enhancer; its
    enhancers stay as they are. Discriminators begin anew unless the checkpoint ships its own, and
    optimizers always do. Planes that its generator did not see (`places`) are read faintly.

    Args:
        parts: what users get of the run; the checkpoint must have all of it.
        optional: what begins anew where the checkpoint does not have it.
    Raises:
        FileNotFoundError: no such checkpoint. ValueError: it lacks a part, or its networks have
            other shapes.
    """
    folder = find(name, root)
    card = read_card(folder)
    if not set(parts) <= set(card.parts):
        raise ValueError(
            f"The checkpoint {name!r} holds {', '.join(card.parts)}, but this run begins with "
            f"{', '.join(parts)}; name a checkpoint that has them all, or leave start out."
        )
    for part, network in {**(optional or {}), **parts}.items():
        if part not in card.parts:
            continue
        weights = read_part(folder, card, part)
        inside = isinstance(network, LocalEnhancer) and not card.config(part).get("enhancers")
        target = network.coarse if inside else network
        if isinstance(target, GlobalGenerator | LocalEnhancer):
            weights = _with_new_planes(weights, target, seen=card.config(part)["inputs"])
        try:
            target.load_state_dict(weights)
        except RuntimeError as error:
            reason = " ".join(str(error).split())[:200]
            raise ValueError(
                f"The {part} of checkpoint {name!r} does not fit this config ({reason}); "
                "give both the same widths and depths."
            ) from error
    return card


def _with_new_planes(
    weights: Mapping[str, Tensor], network: GlobalGenerator | LocalEnhancer, *, seen: int
) -> dict[str, Tensor]:
    """First convolutions of `seen` planes, then noise, as the network has them: with more planes.

    What they read of these is small and alike all over a kernel: from zero, Adam would take
    hundreds of steps to hear them, and from more they would drown what was learned.
    """
    more = network.config.inputs - seen
    if more <= 0:
        return dict(weights)
    widened = dict(weights)
    for key in (f"{name}.weight" for name in first_layers(network)):
        if (old := weights.get(key)) is None:
            continue  # an enhancer that the checkpoint has not
        new = FAINT * torch.randn(len(old), more, 1, 1).expand(-1, -1, *old.shape[2:])
        widened[key] = torch.cat([old[:, :seen], new.to(old), old[:, seen:]], 1)
    return widened


def borrow(
    name: str,
    part: str,
    *,
    network: Callable[[Any], nn.Module],
    config: Callable[..., Any],
) -> Any:
    """A part of checkpoint `name`, frozen: the very numbers that its users have.

    Args:
        network, config: as in `lab.checkpoint.build_part`.
    Raises:
        FileNotFoundError: no such checkpoint. KeyError: it has no such part. ValueError: the part
            does not fit.
    """
    folder = find(name, CHECKPOINTS)
    card = read_card(folder)
    try:
        device = torch.device("cpu")
        return build_part(folder, card, part, network=network, config=config, device=device)
    except (RuntimeError, TypeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(
            f"The {part} of checkpoint {name!r} is another network than is needed here ({reason}); "
            "name a checkpoint made for it."
        ) from error


def borrow_autoencoder(name: str) -> tuple[VGGFeatures, VGGDecoder]:
    """A VGG encoder and the decoder that undoes its last layer, from a checkpoint such as wct."""
    encoder = borrow(name, "encoder", network=VGGFeatures, config=VGGConfig)
    last = f"decoder-{encoder.config.last}"
    return encoder, borrow(name, last, network=VGGDecoder, config=VGGConfig)


def borrow_linear(name: str) -> tuple[nn.Module, LinearTransform, nn.Module]:
    """Encoder, transform and decoder of a checkpoint of linear transfer."""
    encoder, decoder, config = NETWORKS[read_card(find(name, CHECKPOINTS)).method]
    return (
        borrow(name, "encoder", network=encoder, config=config),
        borrow(name, "transform", network=LinearTransform, config=LinearTransformConfig),
        borrow(name, "decoder", network=decoder, config=config),
    )
