"""What a checkpoint's discriminators say of the pictures of a layout, and of its photograph."""

from collections.abc import Iterator, Sequence

import torch
from PIL import Image

from lab import images
from lab.analysis import scores
from lab.data import town
from lab.interfaces import Layout
from lab.lab import Lab
from lab.plots import DIVERGING, color_table
from lab.ui.domains import card_of
from lab.ui.explain import explain
from lab.ui.layouts import LAYOUTS, is_preset
from lab.ui.store import keep_image, keep_view

COLORS = torch.from_numpy(color_table(list(DIVERGING))).float()  # rust 0, green 1
PHOTOGRAPH = "the town's own picture"
NO_DISCRIMINATOR = (
    "This checkpoint was shipped without its discriminators, so they cannot be asked; "
    "`python -m training.export RUN --discriminator` ships them."
)
NO_PHOTOGRAPH = (
    " Only what was drawn is shown to them: there is no photograph of a drawing, nor of a layout "
    "made by rules outside the procedural town."
)

Subject = tuple[str, str]  # (what it is, path of its picture)
Verdicts = tuple[tuple[str, str], ...]  # (path of the score map over the picture, caption)


@explain
def judged(
    lab: Lab, name: str, layout: Layout, *, subjects: Sequence[Subject], number: int | None
) -> Iterator[tuple[Verdicts, str]]:
    """The score maps by subject and scale and a line on them; the photograph's come last.

    Args:
        subjects: the drawn pictures of the layout. number: of the preset it is, None for a
            visitor's drawing.
    """
    discriminator = lab.synthesizer(name).discriminator
    if discriminator is None:
        yield (), NO_DISCRIMINATOR
        return
    found: list[tuple[str, str]] = []
    for subject in subjects:
        found += _maps(lab, name, layout, subject)
    config = discriminator.config
    line = legend([scores.geometry(config, scale)[2] for scale in range(config.scales)])
    if not has_photograph(lab, name, number):
        yield tuple(found), line + NO_PHOTOGRAPH
        return
    yield tuple(found), line
    path = photograph(int(number), layout.size)
    yield (*found, *_maps(lab, name, layout, (PHOTOGRAPH, path))), line


def legend(patches: Sequence[int]) -> str:
    """What the colours mean, and the sides of what every scale sees, the finest first."""
    sides = ", ".join(f"D{scale} {patch}" for scale, patch in enumerate(patches, 1))
    return (
        "Each looks at half the size of the one before. Rust: taken for drawn (0); green: taken "
        "for a photograph (1). Every verdict is on a patch of the picture, its sides in pixels: "
        f"{sides}."
    )


def has_photograph(lab: Lab, name: str, number: int | None) -> bool:
    """Whether the true picture of preset `number` is known: the town's are, drawn on the fly."""
    return card_of(lab, name).domain == "town" and is_preset(number)


def photograph(number: int, size: tuple[int, int]) -> str:
    """Path of the town's own picture of preset `number` at (width, height).

    It is of a street no training has seen.
    """

    def taken() -> Image.Image:
        streets = town.Town(split="test", size=size, length=LAYOUTS)
        return images.to_pil(town.scene(streets.scene_seed(number), size).photo[None])

    return keep_image(f"atelier-town-photograph-{number}-{size[0]}x{size[1]}", taken)


def seen(lab: Lab, name: str, layout: Layout, path: str) -> list[tuple[scores.ScoreMap, str]]:
    """The verdicts on a picture of a layout, and the path of each laid over it, the finest first.

    The checkpoint must have discriminators.
    """
    pipeline = lab.synthesizer(name)
    photo = images.to_tensor(images.open_picture(path))
    maps = scores.score_maps(
        pipeline.discriminator,
        layout,
        photo,
        with_boundaries=pipeline.generator.config.boundaries,
    )
    found = []
    for scale, each in enumerate(maps, 1):
        view = images.to_pil(scores.overlay(photo[0], each.over, COLORS)[None])
        # The digest: a replaced checkpoint says something else of the same photograph.
        key = f"score-{name}-{card_of(lab, name).digest}-{scale}"
        found.append((each, keep_view(path, key, lambda _, view=view: view)))
    return found


def _maps(lab: Lab, name: str, layout: Layout, subject: Subject) -> list[tuple[str, str]]:
    """The verdicts on one picture with their captions."""
    title, path = subject
    return [
        (kept, f"{title} · D{scale} · {float(each.scores.mean()):.2f} on average")
        for scale, (each, kept) in enumerate(seen(lab, name, layout, path), 1)
    ]
