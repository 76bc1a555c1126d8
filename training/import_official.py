"""Weights of the official pix2pixHD code → checkpoint folder.

python -m training.import_official --generator latest_net_G.pth --domain cityscapes \\
    --out checkpoints/cityscapes-official

The enhancers of a 2048x1024 generator come with `--first`, the 512p generator they were trained
around, if G1's own picture is to be seen; a generator with features comes with `--encoder`. With
`--discriminator` the lab shows what that says, and a training goes on with it. Networks that were
trained with the official `--no_instance`, without boundaries, are imported with it, too.

Weights are kept as exact as they came, in single precision: 730 MB for a generator of the
published size. With `--half` it is half of that, and pictures differ in the third decimal.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from lab.card import Card
from lab.catalog import DATASETS
from lab.checkpoint import save
from lab.cli.arguments import Parser
from lab.data.labels import LabelSpace
from lab.models.discriminators import MultiscaleDiscriminator
from lab.models.official import (
    discriminator_from_official,
    encoder_from_official,
    generator_from_official,
)
from lab.models.styles import StyleBank, StyleBankConfig
from training.command import finish
from training.saving import read_tensors

COARSE = (1024, 512)  # what the published G1 draws
LICENCE_PLATE = 34  # of the official 35 channels of Cityscapes


def import_official(
    generator: Path,
    folder: Path,
    *,
    space: LabelSpace,
    encoder: Path | None = None,
    first: Path | None = None,
    discriminator: Path | None = None,
    boundaries: bool = True,
    half: bool = False,
) -> Card:
    """Writes the checkpoint `folder` from the files of the official code.

    Cityscapes has 35 channels there and 34 classes here: the last, the licence plate, is in no
    official label map (what has a negative id is not drawn into them), so its channel was never
    lit and is left out. Pictures are equal wherever no pixel has that class.

    `boundaries`: whether the networks see them. The files do not tell: 35 channels are the official
    labels alone, or 34 and the boundaries. `half`: store float16, not float32.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: a file holds something else, or its networks do not fit the label space.
    """
    state = read_weights(generator)
    parts: dict[str, nn.Module] = {}
    if encoder is not None:
        parts["encoder"] = encoder_from_official(read_weights(encoder))
    features = parts["encoder"].config.outputs if parts else 0
    inputs = generator_from_official(state).config.inputs
    parts["generator"] = generator_from_official(
        state,
        drop=spare_channels(inputs - boundaries - features, space),
        first=None if first is None else read_weights(first),
        boundaries=boundaries,
    )
    if features:
        # Their clusters are a pickle; until they are fitted anew, unknown looks are E's middle.
        parts["styles"] = StyleBank(StyleBankConfig(len(space), 1, features))
    if discriminator is not None:
        parts["discriminator"] = read_discriminator(discriminator, space, boundaries=boundaries)
    configs = {name: asdict(part.config) for name, part in parts.items()}
    card = describe(folder.name, space, parts["generator"].config.enhancers)
    files = {"generator": generator, "encoder": encoder, "first": first}
    files["discriminator"] = discriminator
    flags = {"--no-instance": not boundaries, "--half": half}
    card["training"]["command"] = command(folder, space, files, flags=flags)
    card["limits"] += limits(parts, grey=first is None, half=half)
    return save(folder, card, parts, configs, half=half)


def limits(parts: Mapping[str, nn.Module], *, grey: bool, half: bool) -> list[str]:
    """What the parts leave to be wished for; `grey`: G1's last layer, if enhanced, is not there;
    `half`: they are stored in half precision."""
    found = ["Imported, not trained here."]
    if half:
        found.append("Stored in half precision: pictures differ from the official code's by it.")
    if "styles" in parts:
        found.append(
            "No style clusters: every object has the middle of the encoder's range, unless its "
            "look is read from a photo."
        )
    if grey and parts["generator"].config.enhancers:
        found.append("The picture of G1 alone is grey: the file holds no last layer of it.")
    return found


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a .pth file; nothing in it is run.

    Raises:
        FileNotFoundError: no such file. ValueError: it holds anything but named tensors.
    """
    if not path.is_file():
        raise FileNotFoundError(f"No weights at {path}; give a file such as latest_net_G.pth.")
    state = read_tensors(path)
    if not isinstance(state, dict) or not all(isinstance(v, Tensor) for v in state.values()):
        raise ValueError(f"{path} holds no table of named weights; expected latest_net_*.pth.")
    return {name: value.float() for name, value in state.items()}


def read_discriminator(
    path: Path, space: LabelSpace, *, boundaries: bool = True
) -> MultiscaleDiscriminator:
    """The discriminators of a latest_net_D.pth, which see labels, boundaries and a picture.

    Raises:
        FileNotFoundError, ValueError: as `import_official`.
    """
    state = read_weights(path)
    labels = discriminator_from_official(state).config.inputs - boundaries - 3
    drop = spare_channels(labels, space, network="discriminator")
    return discriminator_from_official(state, drop=drop)


def spare_channels(
    labels: int, space: LabelSpace, *, network: str = "generator"
) -> tuple[int, ...]:
    """The one-hot channels of the official network that the label space does not have.

    Raises:
        ValueError: the network was made for other labels.
    """
    if labels == len(space):
        return ()
    if space.name == "cityscapes" and labels == LICENCE_PLATE + 1:
        return (LICENCE_PLATE,)
    looks = network == "generator" and 0 < labels - len(space) <= 4
    hint = "give its --encoder" if looks else "choose the --domain it was made for"
    if labels == len(space) - 1:
        hint = "give --no-instance if it was trained so, without boundaries"
    raise ValueError(
        f"The {network} has {labels} label channels beside its others, but {space.name} has "
        f"{len(space)} classes; {hint}."
    )


def describe(name: str, space: LabelSpace, enhancers: int) -> dict[str, Any]:
    """The card without its parts."""
    return {
        "name": name,
        "method": "pix2pixhd",
        "title": f"{space.name}, weights of the official code",
        "licence": "that of the imported weights",
        "domain": space.name,
        "space": space.name,
        "native_size": [side * 2**enhancers for side in COARSE],
        "training": {"data": "as the owners of the weights say", "data_licence": ""},
        "metrics": {},
        "limits": [],
    }


def command(
    folder: Path, space: LabelSpace, files: dict[str, Path | None], *, flags: dict[str, bool]
) -> str:
    """What makes this checkpoint again."""
    given = [(f"--{name}", str(path)) for name, path in files.items() if path is not None]
    words = [word for pair in given for word in pair]
    target = ["--domain", space.name, "--out", str(folder)]
    words += [flag for flag, on in flags.items() if on]
    return shlex.join(["python", "-m", "training.import_official", *words, *target])


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; exit code 2 with one sentence on bad input."""
    summary, _, usage = (__doc__ or "").partition("\n\n")
    parser = Parser(
        prog="training.import_official",
        description=summary,
        epilog=usage,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--generator", type=Path, required=True, help="latest_net_G.pth")
    parser.add_argument("--encoder", type=Path, help="latest_net_E.pth, of --instance_feat")
    parser.add_argument("--first", type=Path, help="latest_net_G.pth of the 512p run")
    parser.add_argument("--discriminator", type=Path, help="latest_net_D.pth")
    said = "they see no boundaries, after the official --no_instance"
    parser.add_argument("--no-instance", "--no_instance", action="store_true", help=said)
    said = "store half precision: half the size, and pictures no longer equal to 1e-5"
    parser.add_argument("--half", action="store_true", help=said)
    parser.add_argument("--domain", required=True, choices=list(DATASETS), help="label space")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint")
    options = parser.parse_args(arguments)

    def work() -> None:
        card = import_official(
            options.generator,
            options.out,
            space=DATASETS[options.domain].space,
            encoder=options.encoder,
            first=options.first,
            discriminator=options.discriminator,
            boundaries=not options.no_instance,
            half=options.half,
        )
        print(f"{options.out}: {card.parameters} parameters, digest {card.digest}")

    return finish("training.import_official", work)


if __name__ == "__main__":
    sys.exit(main())
