"""Draws a photograph of a label map.

Without an instance map the label map is the instance map: all of a class is one object.
"""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lab.catalog import SYNTHESIZERS
from lab.checkpoint import find, read_card
from lab.cli.arguments import SMALLEST_SIDE, require_writable, seed, size
from lab.data.labels import LabelSpace
from lab.images import digest, open_ids, resize_ids, save_picture
from lab.interfaces import Layout
from lab.lab import Lab
from lab.pipelines.synthesis import SynthesisPipeline, object_labels


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("--checkpoint", required=True, metavar="NAME", help="e.g. streets")
    parser.add_argument(
        "--labels", required=True, type=Path, metavar="PNG", help="class id of every pixel"
    )
    parser.add_argument(
        "--instances", type=Path, metavar="PNG", help="object id of every pixel, up to 16 bits"
    )
    parser.add_argument(
        "--styles", type=Path, metavar="JSON", help='cluster per object: {"8001": 3, …}'
    )
    parser.add_argument(
        "--seed", type=seed, default=0, help="draws the clusters of the other objects (default: 0)"
    )
    parser.add_argument("--size", type=size, metavar="WxH", help="default: that of the label map")
    parser.add_argument("--out", required=True, type=Path, metavar="PNG")


def run(lab: Lab, options: argparse.Namespace) -> None:
    """Reads the maps, draws, writes the picture with its recipe."""
    inputs = (options.labels, options.instances, options.styles)
    require_writable(options.out, "--out", [".png"], inputs=inputs)
    card = read_card(find(options.checkpoint, lab.checkpoints, among=SYNTHESIZERS))
    pipeline = lab.synthesizer(options.checkpoint)
    labels = open_ids(options.labels)
    instances = None if options.instances is None else open_ids(options.instances)
    whole = read_layout(labels, instances, pipeline.space).to(lab.device)
    layout = sized(whole, options.size, enlarge="give a larger map or --size")
    recipe = {
        "kind": "synthesis",
        "method": card.method,
        "checkpoint": {"name": options.checkpoint, "digest": card.digest},
        "labels": digest(labels),
        "instances": digest(labels if instances is None else instances),
        "seed": options.seed,
        "size": list(layout.size),
    }
    if isinstance(pipeline, SynthesisPipeline):
        asked = {} if options.styles is None else read_styles(options.styles, whole, pipeline)
        asked = kept_styles(asked, whole, layout)
        styles = pipeline.choose(layout, asked, options.seed)
        picture = pipeline(layout, styles=styles, seed=options.seed)
        recipe["styles"] = {str(instance): styles[instance] for instance in sorted(styles)}
    elif options.styles is not None:
        raise ValueError(f"--styles: the method {card.method!r} has no styles; leave it out.")
    else:
        picture = pipeline(layout, seed=options.seed)
    save_picture(options.out, picture.cpu(), recipe)


def read_layout(labels: np.ndarray, instances: np.ndarray | None, space: LabelSpace) -> Layout:
    """Two maps (H, W) of ids as a layout; without instances all of a class is one object.

    Raises:
        ValueError: The maps differ in size, or hold ids `space` lacks.
    """
    if instances is not None and labels.shape != instances.shape:
        raise ValueError(
            f"--labels is {_by(labels)} and --instances {_by(instances)} pixels; "
            "give maps of one size."
        )
    try:
        classes = space.read(torch.from_numpy(labels))[None]
    except ValueError as error:
        raise ValueError(f"--labels: {error}") from error
    objects = classes.clone() if instances is None else torch.from_numpy(instances)[None]
    return Layout(classes, objects, space)


def sized(layout: Layout, size: tuple[int, int] | None, *, enlarge: str) -> Layout:
    """The layout at `size` (width, height) by nearest neighbour; as it is if there is none.

    `enlarge` is what can be done about a map that is too small.

    Raises:
        ValueError: It is too small to be drawn as it is.
    """
    if size is not None:
        maps = (resize_ids(ids, size) for ids in (layout.labels, layout.instances))
        return Layout(*maps, layout.space)
    width, height = layout.size
    if min(layout.size) < SMALLEST_SIDE:
        raise ValueError(
            f"--labels is {width}x{height} pixels; both sides must be at least {SMALLEST_SIDE}: "
            f"{enlarge}."
        )
    return layout


def kept_styles(styles: Mapping[int, int], whole: Layout, layout: Layout) -> dict[int, int]:
    """Those of objects that a resized layout still shows as what they were in the whole one."""
    before, after = object_labels(whole), object_labels(layout)
    return {each: styles[each] for each in styles if after.get(each) == before[each]}


def read_styles(path: Path, layout: Layout, pipeline: SynthesisPipeline) -> dict[int, int]:
    """The JSON object {"instance id": cluster} of `path`, checked against layout and clusters.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: Not such an object, an unknown instance, or a cluster its class does not have.
    """
    raw = _read_object(path)
    if raw and pipeline.bank is None:
        raise ValueError(f"--styles {path}: this checkpoint has no clusters; leave it out.")
    classes, styles = object_labels(layout), {}
    for key, cluster in raw.items():
        digits = key.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()) or type(cluster) is not int:
            raise ValueError(
                f"--styles {path}: expected object id and cluster as whole numbers, "
                f"got {key!r}: {cluster!r}."
            )
        if int(key) not in classes:
            raise ValueError(
                f"--styles {path}: no object {int(key)} of a class in the maps; "
                f"there are {_some(sorted(classes))}."
            )
        label = classes[int(key)]
        count = int(pipeline.bank.counts[label])
        # A class without clusters has one look, 0: recipes name it, so it is taken back.
        if not 0 <= cluster < max(count, 1):
            there = f"clusters 0 to {count - 1}" if count else "no clusters"
            raise ValueError(
                f"--styles {path}: object {int(key)} is of class {layout.space.names[label]}, "
                f"which has {there}, not {cluster}."
            )
        if int(key) in styles:
            raise ValueError(f"--styles {path} names object {int(key)} twice; name it once.")
        styles[int(key)] = cluster
    return styles


def _read_object(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise FileNotFoundError(f"--styles {path}: there is no such file; expected JSON.")
    if path.is_dir():
        raise ValueError(f"--styles {path} is a folder; name a JSON file.")
    try:
        raw = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_distinct)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"--styles {path} is not JSON: {error}.") from error
    if not isinstance(raw, dict):
        raise ValueError(
            f'--styles {path} must be an object such as {{"8001": 3}}, not {type(raw).__name__}.'
        )
    return raw


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands in it twice")
    return found


def _some(ids: list[int]) -> str:
    shown = ", ".join(map(str, ids[:12]))
    return f"{shown} and {len(ids) - 12} more" if len(ids) > 12 else shown


def _by(ids: np.ndarray) -> str:
    return f"{ids.shape[1]}x{ids.shape[0]}"
