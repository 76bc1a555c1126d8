"""Reads the weights of the official pix2pixHD code into our networks.

The published files (`latest_net_G.pth`, `latest_net_D.pth`, `latest_net_E.pth`) hold convolutions
only, named by their place in lists that count paddings, norms and activations too. The shapes and
depths of a network are found from the names and the weights; every weight is used exactly once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

from lab.models.discriminators import DiscriminatorConfig, MultiscaleDiscriminator
from lab.models.pix2pixhd import (
    EncoderConfig,
    FeatureEncoder,
    GeneratorConfig,
    GlobalGenerator,
    LocalEnhancer,
    build_generator,
)

State = Mapping[str, Tensor]
Names = dict[str, str]
Network = TypeVar("Network", bound=nn.Module)

_STATISTICS = ("running_mean", "running_var", "num_batches_tracked")
_FIRST = re.compile(r"(model(\d+_1)?\.1|scale\d+_layer0\.0|layer\d+\.0)\.weight")


def generator_from_official(
    state: State,
    *,
    drop: Sequence[int] = (),
    first: State | None = None,
    boundaries: bool = True,
) -> GlobalGenerator | LocalEnhancer:
    """The generator of `--netG global` or `--netG local`, with its weights.

    The local enhancers' file has no last layer of G1, which they do not use. Ours keeps one to
    show G1's own picture: it is taken from `first`, else it is zero and that picture grey.

    Args:
        state: the content of latest_net_G.pth.
        drop: input channels to leave out, as the one-hot channel of a class that never occurs.
        first: the content of latest_net_G.pth of the G1 that the enhancers were trained around.
        boundaries: whether the generator sees them, which no file tells: not after `--no_instance`.
    Raises:
        ValueError: these are not the weights of such a network.
    """
    state = _without_channels(_convolutions(state), drop)
    enhancers = _count(state, r"model(\d+)_1\.1\.weight")
    blocks, downsamplings = _depths(state)
    finest = _weight(state, f"model{enhancers}_1.1" if enhancers else "model.1")
    config = GeneratorConfig(
        inputs=finest.shape[1],
        width=finest.shape[0],
        max_width=max(4096, *(weight.shape[0] for weight in state.values())),
        downsamplings=downsamplings,
        blocks=blocks,
        enhancers=enhancers,
        enhancer_blocks=_count(state, r"model1_2\.(\d+)\.conv_block\.1\.weight"),
        kernel=finest.shape[-1],
        boundaries=boundaries,
    )
    trunk, picture = _trunk(blocks, downsamplings)
    if not enhancers:
        names = {**trunk, picture: "to_picture.0"}
        return _filled(build_generator(config), _renamed(state, names))
    names = {theirs: f"coarse.{ours}" for theirs, ours in trunk.items()}
    names |= _enhancer_names(enhancers, config.enhancer_blocks)
    weights = _renamed(state, names)
    outputs = config.width * 2**enhancers
    shapes = {"weight": (3, outputs, config.kernel, config.kernel), "bias": (3,)}
    for kind, shape in shapes.items():
        own = torch.zeros(shape) if first is None else _weight(first, picture, kind)
        weights[f"coarse.to_picture.0.{kind}"] = own
    return _filled(build_generator(config), weights)


def encoder_from_official(state: State) -> FeatureEncoder:
    """The feature encoder E of `--instance_feat`, with the weights of latest_net_E.pth.

    With `--label_feat` E is the same network, pooled over classes: give it labels as instances.

    Raises:
        ValueError: these are not the weights of such a network.
    """
    state = _convolutions(state)
    blocks, downsamplings = _depths(state)
    trunk, last = _trunk(blocks, downsamplings)
    entry, outputs = _weight(state, "model.1"), _weight(state, last).shape[0]
    config = EncoderConfig(
        outputs=outputs, width=entry.shape[0], downsamplings=downsamplings, kernel=entry.shape[-1]
    )
    names = {**trunk, last: f"body.{len(trunk)}"}
    return _filled(FeatureEncoder(config), _renamed(state, names))


def discriminator_from_official(
    state: State, *, drop: Sequence[int] = ()
) -> MultiscaleDiscriminator:
    """The multi-scale discriminator with the weights of latest_net_D.pth, with `drop` as above.

    The official scale 0 is the coarsest; ours are in the order they see the picture. Files of runs
    with feature matching (`scale0_layer0`) and without (`layer0`) name their layers differently.

    Raises:
        ValueError: these are not the weights of such a network.
    """
    state = _without_channels(_convolutions(state), drop)
    scales = _count(state, r"scale(\d+)_layer0\.0\.weight")
    if scales:
        convolutions = _count(state, r"scale0_layer(\d+)\.0\.weight")
        place = "scale{}_layer{}.0".format
    else:
        scales = _count(state, r"layer(\d+)\.0\.weight")
        convolutions = _count(state, r"layer0\.(\d+)\.weight")

        def place(scale: int, layer: int) -> str:  # 0, 2, 5, 8, …: no norm after the first
            return f"layer{scale}.{max(3 * layer - 1, 0)}"

    entry = _weight(state, place(0, 0))
    config = DiscriminatorConfig(
        entry.shape[1], width=entry.shape[0], layers=convolutions - 2, scales=scales
    )
    names = {
        place(scale, layer): f"scales.{scales - 1 - scale}.stages.{layer}.0"
        for scale in range(scales)
        for layer in range(convolutions)
    }
    return _filled(MultiscaleDiscriminator(config), _renamed(state, names))


def _trunk(blocks: int, downsamplings: int) -> tuple[Names, str]:
    """Names of a G1 or E but its last convolution, theirs → ours, and their name of that one."""
    middle, ups = 4 + 3 * downsamplings, 4 + 3 * downsamplings + blocks
    names = {"model.1": "body.0.0"}
    for level in range(downsamplings):
        names[f"model.{4 + 3 * level}"] = f"body.{1 + level}.0"
    for block in range(blocks):
        names |= _block_names(f"model.{middle + block}", f"body.{1 + downsamplings + block}")
    for level in range(downsamplings):
        names[f"model.{ups + 3 * level}"] = f"body.{1 + downsamplings + blocks + level}.0"
    return names, f"model.{ups + 3 * downsamplings + 1}"


def _enhancer_names(enhancers: int, blocks: int) -> Names:
    """Names of all local enhancers; theirs count from 1, the coarsest."""
    names: Names = {}
    for level in range(enhancers):
        theirs, ours = f"model{level + 1}", f"levels.{level}"
        names |= {f"{theirs}_1.1": f"{ours}.down.0.0", f"{theirs}_1.4": f"{ours}.down.1.0"}
        for block in range(blocks):
            names |= _block_names(f"{theirs}_2.{block}", f"{ours}.up.{block}")
        names[f"{theirs}_2.{blocks}"] = f"{ours}.up.{blocks}.0"
    # After the transposed convolution: norm, ReLU, padding, then the picture.
    return {**names, f"model{enhancers}_2.{blocks + 4}": "to_picture.0"}


def _block_names(theirs: str, ours: str) -> Names:
    return {
        f"{theirs}.conv_block.1": f"{ours}.body.0.0",
        f"{theirs}.conv_block.5": f"{ours}.body.1",
    }


def _depths(state: State) -> tuple[int, int]:
    """Residual blocks and halvings of a G1 or E."""
    blocks = _count(state, r"model\.(\d+)\.conv_block\.1\.weight")
    # One convolution at the entry, one per halving and doubling, and perhaps one at the end.
    return blocks, max(_count(state, r"model\.(\d+)\.weight") - 1, 0) // 2


def _count(state: State, pattern: str) -> int:
    return sum(re.fullmatch(pattern, name) is not None for name in state)


def _convolutions(state: State) -> dict[str, Tensor]:
    """The weights without the statistics that instance norm kept, unused, before PyTorch 0.4."""
    norms = [
        name for name, value in state.items() if re.search(r"weight$", name) and value.dim() < 2
    ]
    if norms:
        raise ValueError(
            f"{norms[0]} belongs to a batch norm; expected a network of the official default, "
            "--norm instance."
        )
    return {k: v for k, v in state.items() if k.rpartition(".")[2] not in _STATISTICS}


def _without_channels(state: dict[str, Tensor], drop: Sequence[int]) -> dict[str, Tensor]:
    """Leaves input channels out of every convolution that sees the condition."""

    def kept(weight: Tensor) -> Tensor:
        channels = weight.shape[1]
        if not all(0 <= channel < channels for channel in drop):
            raise ValueError(
                f"Cannot drop the channels {list(drop)} of {channels}; expected numbers from 0 to "
                f"{channels - 1}."
            )
        return weight[:, [channel for channel in range(channels) if channel not in set(drop)]]

    return {k: kept(v) if _FIRST.fullmatch(k) else v for k, v in state.items()}


def _weight(state: State, layer: str, kind: str = "weight") -> Tensor:
    name = f"{layer}.{kind}"
    if name not in state:
        raise ValueError(
            f"There is no {name} among these {len(state)} weights; expected the file of an "
            "official pix2pixHD network, such as latest_net_G.pth."
        )
    return state[name]


def _renamed(state: State, names: Names) -> dict[str, Tensor]:
    """The weights under our names, every one of them and no other."""
    wanted = {
        f"{theirs}.{kind}": f"{ours}.{kind}"
        for theirs, ours in names.items()
        for kind in ("weight", "bias")
    }
    missing, unknown = sorted(set(wanted) - set(state)), sorted(set(state) - set(wanted))
    if missing or unknown:
        raise ValueError(
            f"Not the weights of an official pix2pixHD network: {len(missing)} are missing "
            f"({', '.join(missing[:3])}) and {len(unknown)} have no place "
            f"({', '.join(unknown[:3])})."
        )
    return {wanted[name]: value for name, value in state.items()}


def _filled(network: Network, weights: State) -> Network:
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"The weights fit no pix2pixHD network: {reason}.") from error
    return network
