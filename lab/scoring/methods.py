"""Who is scored: the rows of a table, and the checkpoints they come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lab import checkpoint
from lab.card import CARD, Card, command_for, find, known_names, read_card, remedy
from lab.catalog import DATASETS, JUDGES, SYNTHESIZERS
from lab.pipelines.segmentation import SegmentationPipeline
from lab.pipelines.synthesis import SynthesisPipeline
from lab.scoring.scenes import Scene

ORACLE, FLOOR = "oracle", "palette"  # always there: the photographs, and each class's mean colour
ENCODED = "pix2pixhd-encoded"
ROWS = (ORACLE, "pix2pixhd", ENCODED, *(name for name in SYNTHESIZERS if name != "pix2pixhd"))


@dataclass(frozen=True)
class Method:
    """A row: `draw(scene, seed)` → (1, 3, H, W) in [0, 1].

    description: what it sees and what is drawn by lot. seeded: whether the seed changes anything.
    digest: of its checkpoint. native_size: (width, height) it was trained for.
    """

    row: str
    draw: Callable[[Scene, int], Tensor]
    description: str
    seeded: bool = False
    digest: str = ""
    native_size: tuple[int, int] | None = None


def checkpoint_name(domain: str, method: str) -> str:
    """What the checkpoint of a method is called: pix2pixhd by the domain alone, all others
    `<domain>-<method>`."""
    return domain if method == "pix2pixhd" else f"{domain}-{method}"


def judge_name(domain: str) -> str:
    """What the checkpoint of a domain's judge is called."""
    return f"segmenter-{domain}"


def named(checkpoints: Sequence[str], root: Path) -> dict[str, str]:
    """Method → the checkpoint that is to be scored as it, whatever it is called.

    Raises:
        FileNotFoundError, ValueError: there is no such checkpoint, it is damaged, it draws no
            layouts, or two are of one method.
    """
    found: dict[str, str] = {}
    for name in checkpoints:
        method = read_card(find(name, root, among=SYNTHESIZERS)).method
        if method not in SYNTHESIZERS:
            raise ValueError(f"The checkpoint {name!r} is of the method {method!r}, no synthesis.")
        if found.setdefault(method, name) != name:
            raise ValueError(
                f"{found[method]!r} and {name!r} are both of the method {method!r}, which has one "
                "row; score them one after the other."
            )
    return found


def native_size(
    domain: str, root: Path, judge: SegmentationPipeline, *, given: Mapping[str, str] | None = None
) -> tuple[int, int]:
    """(width, height) at which a domain is scored: that of its pix2pixhd, whichever methods are
    scored beside it, else that of the judge. `given`: as `named`.

    Raises:
        ValueError: the card of pix2pixhd is damaged.
    """
    name = (given or {}).get("pix2pixhd", checkpoint_name(domain, "pix2pixhd"))
    if not (Path(root) / name / CARD).is_file():
        return judge.native_size
    width, height = read_card(find(name, root, among=SYNTHESIZERS)).native_size
    return width, height


def load_judge(domain: str, root: Path, device: torch.device) -> SegmentationPipeline:
    """The judge of a domain.

    Raises:
        FileNotFoundError: there is none; with the command that makes it, or how its config would be
            called.
        ValueError: it is damaged, of another method, or of other classes than the domain's.
    """
    name = judge_name(domain)
    if not (Path(root) / name / CARD).is_file() and command_for(name) is None:
        config = f"training/configs/segmenter/{name}.yaml"
        raise FileNotFoundError(
            f"No judge of {domain!r} in {root}, and none is shipped (there: "
            f"{known_names(root, JUDGES)}); write {config} like the configs beside it, then make "
            f"it with: accelerate launch -m training {config}"
        )
    card = read_card(find(name, root, among=JUDGES))
    if card.method not in JUDGES:
        raise ValueError(f"The checkpoint {name!r} is of the method {card.method!r}, no judge.")
    return _fitting(name, domain, root, device)


def load_methods(
    names: Sequence[str] | None,
    domain: str,
    root: Path,
    device: torch.device,
    *,
    given: Mapping[str, str] | None = None,
) -> tuple[list[Method], dict[str, str]]:
    """The methods to score: those named, the oracle, and the palette.

    Args:
        names: of `SYNTHESIZERS` or the oracle; None takes what is installed.
        given: as `named`, in place of the checkpoints that are called by the domain.
    Returns:
        The rows in their usual order, and for each method that was not named and has no checkpoint
        a sentence.
    Raises:
        FileNotFoundError: no checkpoint of a named method or of the palette; with the command that
            makes it.
        ValueError: an unknown name, or a damaged checkpoint.
    """
    for name in names or ():
        if name != ORACLE and name not in SYNTHESIZERS:
            known = ", ".join((ORACLE, *SYNTHESIZERS))
            raise ValueError(f"No method is called {name!r}; known are: {known}.")
    found, left_out = [oracle()], {}
    for name in SYNTHESIZERS:
        wanted = names is None or name in names or name in (given or {})
        if not wanted and name != FLOOR:
            continue
        own = (given or {}).get(name, checkpoint_name(domain, name))
        if names is None and name != FLOOR and not (Path(root) / own / CARD).is_file():
            left_out[name] = f"no checkpoint {own}{remedy(own)}"
            continue
        card = read_card(find(own, root, among=[name]))
        if card.method != name:
            raise ValueError(f"The checkpoint {own!r} is of the method {card.method!r}.")
        found += rows_of(card, _fitting(own, domain, root, device))
    return found, left_out


def oracle() -> Method:
    """The photographs themselves: what the judge reads where nothing was drawn."""
    return Method(ORACLE, lambda scene, seed: scene.photo, "the photographs themselves")


def rows_of(card: Card, pipeline: Any) -> list[Method]:
    """The rows of one checkpoint: pix2pixHD has a second one, with looks read by its encoder."""
    own = {"digest": card.digest, "native_size": card.native_size}

    def draw(scene: Scene, seed: int) -> Tensor:
        return pipeline(scene.layout, seed=seed)

    if not isinstance(pipeline, SynthesisPipeline):
        floor = "each class in its mean colour over the training pictures"
        words = floor if card.method == FLOOR else "sees labels"
        words += f"; {pipeline.lot}" * bool(pipeline.lot)
        return [Method(card.method, draw, words, bool(pipeline.lot), **own)]
    looks = pipeline.bank is not None
    words = "sees labels and instances"
    if looks:
        words += "; the looks are drawn by lot, as training pictures show them together"
    found = [Method(card.method, draw, words, looks, **own)]
    if pipeline.encoder is not None:
        words = "sees labels, instances and each object's look, read from the photo by the encoder"
        redraw = Method(ENCODED, lambda s, seed: pipeline.redraw(s.photo, s.layout), words, **own)
        found.append(redraw)
    return found


def _fitting(name: str, domain: str, root: Path, device: torch.device) -> Any:
    """A loaded checkpoint that knows the domain's classes."""
    pipeline, space = checkpoint.load(name, device=device, root=root), DATASETS[domain].space
    if pipeline.space.names != space.names:
        raise ValueError(
            f"The checkpoint {name!r} is for the classes of {pipeline.space.name!r}, the domain "
            f"{domain!r} has those of {space.name!r}."
        )
    return pipeline
