"""Styles that are taken class by class: --content-labels and --style-labels."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lab import images
from lab.cutouts import Cutout
from lab.data.labels import IGNORE
from lab.limits import LARGE
from lab.pipelines.regions import class_masks, common_classes


@dataclass(frozen=True, eq=False)
class Classes:
    """One style, read once for every class that both pictures show and at last as a whole.

    Attributes:
        masks: (readings, H, W), where each reading goes. counting: one per reading, (h, w), how
            much each pixel of the style counts in it, or None where all do.
        recipe: digests of both label maps.
    """

    masks: Tensor
    counting: list[Tensor | None]
    recipe: dict[str, Any]


def arguments(add: Any) -> None:
    """Declares the options by `add`, argparse's."""
    add(
        "--content-labels",
        type=Path,
        metavar="PNG",
        help="class ids of the content; each class takes the look of its own in the style",
    )
    add("--style-labels", type=Path, metavar="PNG", help="class ids of the style")


def check(options: argparse.Namespace) -> None:
    """Refuses label maps beside what they exclude.

    Raises:
        ValueError: one map without the other, several styles or a mood, or regions, masks or
            weights.
    """
    given = [options.content_labels, options.style_labels]
    if given == [None, None]:
        return
    if None in given:
        raise ValueError("--content-labels and --style-labels need each other; give both.")
    if options.mood is not None or len(options.style) != 1:
        raise ValueError("--style-labels is of one style; give --style once, and no --mood.")
    for name in ("regions", "masks", "weights"):
        if getattr(options, name) is not None:
            raise ValueError(f"--{name} has no say beside --content-labels; leave it out.")


def read(
    options: argparse.Namespace, style: Cutout, *, size: tuple[int, int], softness: float
) -> Classes:
    """The label maps, brought to the pictures' sizes.

    Args:
        size: (H, W) of the content. softness: see `lab.pipelines.controls.Controls`.
    Raises:
        FileNotFoundError, ValueError: no maps of ids.
    """
    paths = (options.content_labels, options.style_labels)
    found = [images.open_ids(path, limits=LARGE) for path in paths]
    sizes = (size[::-1], (style.picture.shape[3], style.picture.shape[2]))
    pairs = zip(map(torch.from_numpy, found), sizes, strict=True)
    own, other = (images.resize_ids(ids[None], wanted)[0] for ids, wanted in pairs)
    if style.mask is not None:
        other = torch.where(style.mask > 0, other, IGNORE)
    both = sorted(set(own.unique().tolist()) & set(other.unique().tolist()) - {IGNORE})
    common = common_classes(own, other, [(each, each) for each in both])
    masks, counting = class_masks(own, other, common, soft=softness)
    if style.mask is not None:
        counting = [style.mask if each is None else each * style.mask for each in counting]
    digests = {"content": images.digest(found[0]), "style": images.digest(found[1])}
    return Classes(masks, counting, {"classes": digests})
