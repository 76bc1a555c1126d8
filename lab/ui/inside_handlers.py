"""What the Inside tab shows of a picture: its inputs, looks, layers and discriminators."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import torch
from PIL import Image
from torch import Tensor

from lab import images
from lab.analysis import activations
from lab.data.parts import kinds_of, parts
from lab.data.parts.perspective import LOUD
from lab.data.places import places
from lab.interfaces import Layout
from lab.lab import Lab
from lab.models.pix2pixhd import pool_by_instance
from lab.pipelines.synthesis import SynthesisPipeline
from lab.plots import color_table
from lab.ui.domains import domain_of
from lab.ui.drawing import decode
from lab.ui.explain import explain
from lab.ui.layouts import PRESETS, preset
from lab.ui.pictures import START, Desk, Looks, synthesize
from lab.ui.store import keep_sheet, keep_view

MOST_CHANNELS = 48
SHEET = 1200  # pixels across all tiles together, about
EMPTY = 0.5
PLACES = (
    "across its object",
    "down its object",
    "the object's width in this row",
    "the object's height in this column",
)
COLORS = torch.from_numpy(color_table("Viridis")).float()
Choice = tuple[str, str]  # (title, value)


@dataclass(frozen=True)
class Subject:
    """The picture that is looked into: who drew what, in which looks, and its file."""

    name: str
    layout: Layout
    looks: Looks
    path: str

    def keep(self, view: str, make: Callable[[], Tensor]) -> str:
        """The path of a picture (3, h, w) about this one, `view` being its name; `make` is called
        where it is not there yet."""
        return keep_view(self.path, view, lambda _: images.to_pil(make()[None]))


@explain
def subject(lab: Lab, fallback: str, desk: Desk | None) -> Subject:
    """The visitor's last picture; before the first one, a preset drawn by `fallback`."""
    if desk is None:
        space, size = domain_of(lab, fallback)
        name, looks, layout = fallback, START, preset(PRESETS[0], size, space)
    else:
        name, looks = desk.checkpoint, desk.looks
        layout = decode(desk.drawing, domain_of(lab, name)[0])
    return Subject(name, layout, looks, synthesize(lab, name, layout, looks).path)


@explain
def planes(lab: Lab, shown: Subject) -> list[tuple[str, str]]:
    """(path of the plane, class and share of the picture) of every class that is there."""
    masks, _ = activations.inputs(lab.synthesizer(shown.name), shown.layout)
    found = []
    for label in masks.flatten(1).mean(1).argsort(descending=True, stable=True).tolist():
        share = float(masks[label].mean())
        if share:
            plane = masks[label].expand(3, -1, -1)
            path = shown.keep(f"plane-{label}", lambda plane=plane: plane)
            found.append((path, f"{shown.layout.space[label].name} · {100 * share:.2g} %"))
    return found


@explain
def outlines(lab: Lab, shown: Subject) -> str:
    """Path of the boundary map."""
    _, edges = activations.inputs(lab.synthesizer(shown.name), shown.layout)
    return shown.keep("boundaries", lambda: edges.expand(3, -1, -1))


@explain
def place_maps(lab: Lab, shown: Subject) -> list[tuple[str, str]]:
    """(path, what it is) of where pixels lie in their objects, none for a generator that does not
    see it: from black, the first or none of the picture, to white, the last or all of it. Storeys
    and bays of walls, or cells of fronts, for one that sees parts, are as waves."""
    pipeline, found = lab.synthesizer(shown.name), []
    if isinstance(pipeline, SynthesisPipeline) and pipeline.generator.config.places:
        across, down, wide, high = places(shown.layout.instances)[0]
        grey = (across * 0.5 + 0.5, down * 0.5 + 0.5, wide, high)  # the first two from -1 to 1
        for number, (plane, said) in enumerate(zip(grey, PLACES, strict=True)):
            path = shown.keep(f"place-{number}", lambda plane=plane: plane.expand(3, -1, -1))
            found.append((path, said))
        if pipeline.generator.config.parts:
            found += _part_maps(shown)
    return found


def _part_maps(shown: Subject) -> list[tuple[str, str]]:
    """(path, what it is) of the waves over storeys and bays or over cells, grey where there are
    none, and of where parts would be, grey, and inside of them, white, panes and rims."""
    layout, found = shown.layout, []
    kinds = kinds_of(layout.space)
    seen = kinds.waves(parts(layout.labels, layout.instances, layout.space))[0]
    first, hints = seen[kinds.first_waves], seen[kinds.hints]
    greys = (*(first * 0.5 + 0.5), hints.abs().sum(0) / (2 * LOUD))
    for number, (grey, said) in enumerate(zip(greys, kinds.told, strict=True)):
        path = shown.keep(f"part-{number}", lambda grey=grey: grey.expand(3, -1, -1))
        found.append((path, said))
    return found


@explain
def looks_maps(lab: Lab, shown: Subject) -> list[tuple[str, str]]:
    """(path, caption) of the looks the generator was given and of what E reads in the picture.

    Features of three channels are shown as red, green and blue, from -1 to 1.
    """
    given, read = given_map(lab, shown), encoder_maps(shown, cache(lambda: encoded(lab, shown)))
    return [
        (given, "given to the generator: cluster centres"),
        (read[0], "read by E in the picture, pixel by pixel"),
        (read[1], "the same, averaged over every object"),
    ]


@explain
def given_map(lab: Lab, shown: Subject) -> str:
    """Path of the looks the generator was given, every object in the centre of its cluster."""
    pipeline, layout = lab.synthesizer(shown.name), shown.layout
    if pipeline.bank is None:
        raise ValueError(f"{shown.name} has no looks; choose a checkpoint of pix2pixHD.")
    chosen = pipeline.choose(layout, shown.looks.choice, shown.looks.seed)
    where = [ids.to(pipeline.device) for ids in (layout.labels, layout.instances)]
    return shown.keep("looks", lambda: _as_colors(pipeline.bank.paint(*where, chosen)[0]))


@explain
def encoded(lab: Lab, shown: Subject) -> tuple[Tensor, Tensor]:
    """What E reads in the picture (F, H, W): of every pixel, and averaged over every object."""
    pipeline, photo = lab.synthesizer(shown.name), images.to_tensor(images.open_picture(shown.path))
    every = pipeline.encode(photo, shown.layout, pooled=False)
    return every[0], pool_by_instance(every, shown.layout.instances.to(every.device))[0]


def encoder_maps(shown: Subject, read: Callable[[], tuple[Tensor, Tensor]]) -> list[str]:
    """Paths of what `encoded` returns, in the same order; `read` calls it where it is needed."""
    views = enumerate(("encoder", "pooled"))
    return [
        shown.keep(view, lambda which=which: _as_colors(read()[which])) for which, view in views
    ]


def _as_colors(features: Tensor) -> Tensor:
    """(F, H, W) in [-1, 1] → (3, H, W) in [0, 1]: the first three, absent ones zero."""
    three = features[:3].cpu() / 2 + 0.5
    return torch.cat([three, three.new_full((3 - len(three), *three.shape[1:]), 0.5)])


def layer_names(lab: Lab, name: str) -> list[str]:
    """The layers of a checkpoint's generator, in the order in which they work."""
    return list(activations.layers(lab.synthesizer(name).generator))


@explain
def layer_sheet(lab: Lab, shown: Subject, layer: str) -> tuple[str, str]:
    """Path of the channels of one layer side by side, and a line about them."""
    looks, pipeline = shown.looks, lab.synthesizer(shown.name)
    if layer not in (known := layer_names(lab, shown.name)):  # it becomes part of a file's name
        raise KeyError(f"No layer is called {layer!r}; choose one of: {', '.join(known)}.")

    def made() -> tuple[Tensor, str]:
        seen = activations.activation(
            pipeline, shown.layout, layer, styles=looks.choice, seed=looks.seed
        )
        return _sheet(shown, seen)

    return keep_sheet(shown.path, f"layer-{layer.replace(',', '').replace(' ', '-')}", made)


def score_names(lab: Lab, name: str) -> list[Choice]:
    """(title, "scale.layer") of what the discriminators can show; empty where none is shipped."""
    discriminator = lab.synthesizer(name).discriminator
    if discriminator is None:
        return []
    config, found = discriminator.config, []
    for scale in range(config.scales):
        sees = "the full picture" if scale == 0 else f"1/{2**scale} of the size"
        for layer in range(config.layers + 2):
            last = layer == config.layers + 1
            what = "verdict" if last else f"layer {layer + 1}"
            found.append((f"D{scale + 1} ({sees}), {what}", f"{scale}.{layer}"))
    return found


@explain
def score_sheet(lab: Lab, shown: Subject, choice: str) -> tuple[str, str]:
    """Path of the channels of one layer of a discriminator, or of its verdict, and a line."""
    pipeline = lab.synthesizer(shown.name)
    if pipeline.discriminator is None:
        raise ValueError(f"{shown.name} was shipped without its discriminators.")
    scale, layer = (int(number) for number in choice.split("."))
    made = partial(_asked, pipeline, shown, scale=scale, layer=layer)
    return keep_sheet(shown.path, f"discriminator-{scale}-{layer}", made)


def _asked(
    pipeline: SynthesisPipeline, shown: Subject, *, scale: int, layer: int
) -> tuple[Tensor, str]:
    """The channels of a layer of a discriminator, or its verdict, and a line."""
    photo = images.to_tensor(images.open_picture(shown.path))
    scales = activations.discriminator_features(
        pipeline.discriminator,
        shown.layout,
        photo,
        with_boundaries=pipeline.generator.config.boundaries,
    )
    features = scales[scale][layer]
    if layer < len(scales[scale]) - 1:
        return _sheet(shown, features)
    verdict = features[0].cpu()
    picture = activations.colored(verdict.clamp(0, 1), COLORS, empty=EMPTY)
    enlarged = images.to_pil(picture[None]).resize(shown.layout.size, Image.Resampling.NEAREST)
    said = (
        f"{verdict.shape[1]} × {verdict.shape[0]} verdicts, from {float(verdict.min()):.2f} to "
        f"{float(verdict.max()):.2f}, {float(verdict.mean()):.2f} on average: dark is 0, drawn; "
        "bright is 1, a photograph."
    )
    return images.to_tensor(enlarged)[0], said


def _sheet(shown: Subject, features: Tensor) -> tuple[Tensor, str]:
    """The channels (C, h, w) side by side, and a line about them."""
    count, height, width = features.shape
    columns = 8 if shown.layout.size[0] < 1.6 * shown.layout.size[1] else 6
    tile = SHEET // columns
    size = (tile, max(1, round(tile * height / width)))
    values = activations.tiles(features[:MOST_CHANNELS].cpu(), columns=columns, tile=size)
    some = f"The first {MOST_CHANNELS} of {count}" if count > MOST_CHANNELS else f"All {count}"
    said = f"{some} channels of {width} × {height}, each from its darkest to its brightest."
    return activations.colored(values, COLORS, empty=EMPTY), said
