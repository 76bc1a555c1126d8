"""What commands share: how they read options; sizes, seeds, places that can be written."""

import argparse
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from lab.limits import MAX_PIXELS, MAX_SIDE

SMALLEST_SIDE = 16


class Parser(argparse.ArgumentParser):
    """argparse, but an error is one line: what is wrong and where the help is.

    Options are written out: `--checkpoint NAME`, an option of some commands, would else be taken
    for `--checkpoints DIR` by the others.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        said = " ".join(message.split())
        self.exit(2, f"{self.prog}: {said} (see {self.prog} --help)\n")


def shared(
    parser: argparse.ArgumentParser,
    *,
    checkpoints: object = argparse.SUPPRESS,
    device: object = argparse.SUPPRESS,
) -> None:
    """Declares what all commands take.

    SUPPRESS: an option given before the command is not overwritten by a default after it.
    """
    parser.add_argument(
        "--checkpoints",
        type=Path,
        default=checkpoints,
        metavar="DIR",
        help="folder with the checkpoints (default: the lab's own)",
    )
    parser.add_argument(
        "--device", default=device, help="cpu, cuda, cuda:1 … (default: cuda where there is one)"
    )


def at_least(least: int, things: str) -> Callable[[str], int]:
    """A type of argument: a whole number of things, `least` or more."""

    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit()) or int(text) < least:
            raise argparse.ArgumentTypeError(f"expected {least} or more {things}, got {text!r}")
        return int(text)

    return number


def size(text: str) -> tuple[int, int]:
    """ "1024x512" as (width, height), within the limits of the lab."""
    width, _, height = text.lower().partition("x")
    if not (_is_number(width) and _is_number(height)):
        raise argparse.ArgumentTypeError(f"expected WIDTHxHEIGHT such as 1024x512, got {text!r}")
    sides = int(width), int(height)
    if not all(SMALLEST_SIDE <= s <= MAX_SIDE for s in sides) or sides[0] * sides[1] > MAX_PIXELS:
        raise argparse.ArgumentTypeError(
            f"sides must be {SMALLEST_SIDE} to {MAX_SIDE} pixels and {MAX_PIXELS:,} pixels "
            f"together at most, got {text}"
        )
    return sides


def side(text: str) -> int:
    """The longest side of a picture in pixels."""
    if not _is_number(text) or not SMALLEST_SIDE <= int(text) <= MAX_SIDE:
        raise argparse.ArgumentTypeError(
            f"expected {SMALLEST_SIDE} to {MAX_SIDE} pixels, got {text!r}"
        )
    return int(text)


def port(text: str) -> int:
    """A port to listen at."""
    if not _is_number(text) or not 0 < int(text) < 2**16:
        raise argparse.ArgumentTypeError(f"expected a port from 1 to 65535, got {text!r}")
    return int(text)


def seed(text: str) -> int:
    """A whole number from 0 to 2^63 - 1."""
    if not _is_number(text) or int(text) >= 2**63:
        raise argparse.ArgumentTypeError(
            f"expected a whole number from 0 to 2^63 - 1, got {text!r}"
        )
    return int(text)


def strength(text: str) -> float:
    """A number from 0 (the content itself, to the last bit) to 1 (the method)."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, got {text!r}")
    return value


def require_writable(
    path: Path, option: str, suffixes: Sequence[str], *, inputs: Iterable[Path | None] = ()
) -> None:
    """Checks before the work that `path` can be written after it.

    Args:
        inputs: The files that are read; None stands for an option that was left out.
    Raises:
        ValueError: The suffix is none of `suffixes`, or `path` is a folder or one of `inputs`.
        FileNotFoundError: Its folder does not exist.
        PermissionError: Its folder or the file itself cannot be written.
    """
    if path.suffix.lower() not in suffixes:
        raise ValueError(f"{option} must end in {' or '.join(suffixes)}, got {path}.")
    if path.is_dir():
        raise ValueError(f"{option} {path} is a folder; name a file.")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{option} {path}: the folder {path.parent} does not exist.")
    if not os.access(path.parent, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise PermissionError(f"{option} {path} cannot be written; choose another place.")
    if path.exists() and any(each and each.exists() and path.samefile(each) for each in inputs):
        raise ValueError(f"{option} {path} is one of the inputs; choose another name.")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20
