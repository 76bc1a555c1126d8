"""Compare, one content and one style: every chosen stylizer draws the pair."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from lab import images
from lab.card import how_to_make
from lab.catalog import STYLIZERS
from lab.interfaces import Progress
from lab.lab import Lab
from lab.metrics.speed import timed
from lab.patterns import CONTENTS, STYLES, examples
from lab.recipes import digest
from lab.scoring.pairs import Pair, open_fitted
from lab.scoring.protocol import environment, transfer_protocol
from lab.scoring.style_network import STAND_IN, StyleNetwork, open_style_network
from lab.scoring.stylizers import TransferMethod, rows_of
from lab.scoring.transfer import CONTENT, STYLE, Tally
from lab.ui.comparisons import Comparison, Shown, Step, absence, finished, with_numbers
from lab.ui.domains import card_of
from lab.ui.explain import explain
from lab.ui.store import keep, keep_image
from lab.ui.work import Work

SLOW = ("gatys",)  # minutes a picture: drawn where it is asked for
SIZES = (256, 384, 512)


def installed(lab: Lab) -> list[str]:
    """The stylizers that work, in the catalog's order."""
    return [name for name in STYLIZERS if not lab.missing(name)]


def usual(lab: Lab) -> list[str]:
    """Those that take seconds."""
    return [name for name in installed(lab) if name not in SLOW]


def absent_stylizers(lab: Lab) -> list[str]:
    """A sentence for every stylizer that is not here."""
    return [absence(lab, name, name) for name in STYLIZERS if lab.missing(name)]


def style_network(lab: Lab) -> StyleNetwork | None:
    """What style and content distance are measured with: the encoder of `gatys`, else nothing."""
    if lab.missing(STAND_IN):
        return None
    return _network(lab.checkpoints, card_of(lab, STAND_IN).digest, str(lab.device))


def pair_of(content: str | None, style: str | None, size: int) -> Pair:
    """Two pictures as a pair, their longer sides at most `size`.

    Raises:
        ValueError: one is missing, no picture, or too small.
    """
    if content is None or style is None:
        raise ValueError("Add a content and a style picture first.")
    pictures = [open_fitted(Path(path), int(size)) for path in (content, style)]
    return Pair(*pictures, (Path(content).stem, Path(style).stem))


def inputs() -> dict[str, tuple[str, str]]:
    """The pairs that anybody can draw: name → paths of content and style."""
    return {
        f"{Path(content).stem}__{Path(style).stem}": (content, style)
        for content in examples(CONTENTS)
        for style in examples(STYLES)
    }


def stylizer_row(lab: Lab, name: str) -> TransferMethod:
    """What a stylizer is, in words, with the digest of its checkpoint."""
    return rows_of(card_of(lab, name), lab.stylizer(name))[0]


@explain
def compare(
    lab: Lab, content: str | None, style: str | None, *, size: int, methods: Sequence[str]
) -> Iterator[Step]:
    """Draws a pair by the chosen stylizers and scores each picture as it comes."""
    pair = pair_of(content, style, size)
    chosen = choose(lab, methods)
    network = style_network(lab)
    tally = Tally(network, (), lab.device)
    tally.turn_to(pair)
    rows = {name: stylizer_row(lab, name) for name in chosen}
    facts = {
        "subject": pair.name,
        "size": "{}x{}".format(*size_of(pair.content)),
        "network": no_network(),
        **transfer_protocol(list(rows.values()), network, ()),
        **environment(lab.device),
    }
    comparison = Comparison(pair.name, references(pair), facts, tuple(absent_stylizers(lab)))
    comparison = replace(comparison, pictures=with_numbers(comparison.pictures, tally.numbers))
    for number, name in enumerate(chosen, 1):
        saying = f"Drawing {name}, {number} of {len(chosen)} …"
        yield comparison, saying
        work = Work(functools.partial(drawn, lab, name, pair))
        for share in work:
            yield comparison, f"{saying} {share:.0%}"
        path, seconds = work.result
        tally.add(name, images.to_tensor(images.open_picture(path)), seconds=seconds)
        pictures = (*comparison.pictures, Shown(name, path, size_of(pair.content)))
        comparison = replace(comparison, pictures=with_numbers(pictures, tally.numbers))
    yield comparison, finished(len(chosen), pair.name, lab)


def choose(lab: Lab, methods: Sequence[str]) -> list[str]:
    """The chosen stylizers in the catalog's order.

    Raises:
        ValueError: none is chosen, or one that is not known. FileNotFoundError: not installed.
    """
    if not methods:
        raise ValueError("Choose at least one method.")
    for name in methods:
        if name not in STYLIZERS:
            raise ValueError(f"No stylizer is called {name!r}; known are: {', '.join(STYLIZERS)}.")
        if lab.missing(name):
            raise FileNotFoundError(absence(lab, name, name))
    return [name for name in STYLIZERS if name in methods]


def drawn(lab: Lab, name: str, pair: Pair, progress: Progress | None = None) -> tuple[str, float]:
    """Path and seconds of a stylizer's drawing of a pair; `progress` is told the share done."""
    card, stylizer = card_of(lab, name), lab.stylizer(name)
    content, style = pair.content.to(lab.device), pair.style.to(lab.device)
    recipe = {
        "kind": "comparison",
        "method": card.method,
        "checkpoint": {"name": name, "digest": card.digest},
        CONTENT: digest(pair.content),
        "styles": [digest(pair.style)],
        "size": list(size_of(pair.content)),
    }
    made, seconds = timed(lambda: stylizer(content, style, progress=progress), lab.device)
    return keep(recipe, made.detach).path, seconds


def references(pair: Pair) -> tuple[Shown, ...]:
    """Content and style, which the drawings lie between."""
    found = []
    for name, picture in ((CONTENT, pair.content), (STYLE, pair.style)):
        path = keep_image(f"{name}-{digest(picture)}", functools.partial(images.to_pil, picture))
        found.append(Shown(name, path, size_of(picture), drawn=False))
    return tuple(found)


def no_network() -> str:
    """What stands in the style network's place."""
    return (
        f"no {STAND_IN}, whose encoder measures style and content distance, so there are none; "
        f"make it with: {how_to_make(STAND_IN)}"
    )


def size_of(picture: Tensor) -> tuple[int, int]:
    """(width, height) of (1, 3, H, W)."""
    return picture.shape[3], picture.shape[2]


@functools.lru_cache(maxsize=2)
def _network(root: Path, digest: str, device: str) -> StyleNetwork:
    # `digest` is part of the key only: a checkpoint that is replaced is read again.
    return open_style_network(None, root, torch.device(device))
