"""What a pix2pixHD generator sees of a layout."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lab.data.labels import IGNORE, LabelSpace, boundaries, one_hot
from lab.data.parts import Kinds, kinds_of
from lab.data.places import PLACES, PLANES, waves
from lab.models.pix2pixhd import GeneratorConfig

UNLABELLED = "unlabelled"  # what has no class, among the plain ones


def build_condition(
    labels: Tensor,
    instances: Tensor,
    styles: Tensor | None,
    *,
    classes: int,
    with_boundaries: bool = True,
    place: Tensor | None = None,
    kinds: Kinds | None = None,
    plain: Sequence[int] = (),
) -> Tensor:
    """What the generator sees: one-hot labels, object boundaries, style features.

    The single place it is built, for training and use alike. Unlabelled pixels have no look, in
    training either: a style bank has none for them, and the generator would meet its first zero
    there in use.

    Args:
        labels, instances: (B, H, W) int64. styles: (B, F, H, W), or None for a generator without.
        with_boundaries: whether the generator sees them, as its config says.
        place: (B, 4, H, W) from `lab.data.places`, for a generator that sees them; more planes
            with those from `lab.data.parts` after them, of these `kinds`.
        plain: classes over whose objects there are no waves.
    Returns:
        (B, classes + 1 + F, H, W) float32, and `planes` more, channels last in memory.
    """
    maps = [one_hot(labels, classes)]
    if with_boundaries:
        maps.append(boundaries(instances))
    if styles is not None:
        maps.append(styles * (labels < classes)[:, None])
    if place is not None:
        maps.append(waves(place[:, :PLACES]))
        if plain:
            told = torch.isin(labels, torch.tensor(plain, device=labels.device), invert=True)
            maps[-1][:, PLACES:] *= told[:, None]
        if kinds is not None:
            maps.append(kinds.waves(place[:, PLACES:]))
    return torch.cat(maps, 1).contiguous(memory_format=torch.channels_last)


def planes(config: GeneratorConfig, space: LabelSpace) -> int:
    """How many channels of the condition tell a generator where pixels lie."""
    kinds = kinds_seen(config, space)
    return PLANES * config.places + (0 if kinds is None else kinds.planes)


def kinds_seen(config: GeneratorConfig, space: LabelSpace) -> Kinds | None:
    """The kinds of parts that a generator sees; None for one without.

    Raises:
        ValueError: layouts with these classes have none.
    """
    return kinds_of(space) if config.parts else None


def plain_classes(config: GeneratorConfig, space: LabelSpace) -> list[int]:
    """Ids of the classes over whose objects a generator sees no waves; `UNLABELLED` is `IGNORE`.

    Raises:
        ValueError: the space has no class of a name in `config.plain`.
    """
    ids = {UNLABELLED: IGNORE, **{name: space.index(name) for name in space.names}}
    if unknown := set(config.plain) - set(ids):
        raise ValueError(
            f"Its plain classes are {', '.join(config.plain)}, but {space.name!r} has no "
            f"{', '.join(sorted(unknown))}; set generator.plain to some of: {', '.join(ids)}."
        )
    return [ids[name] for name in config.plain]
