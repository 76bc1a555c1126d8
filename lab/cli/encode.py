"""Reads the looks of a photograph's objects: each one's nearest cluster, for --styles.

The photograph is scaled to the label map. Without an instance map the label map is the instance
map: all of a class is one object.
"""

import argparse
from pathlib import Path

from lab.checkpoint import find
from lab.cli.arguments import require_writable
from lab.cli.synthesize import read_layout, sized
from lab.files import write_json
from lab.images import open_ids, open_picture, resize, to_tensor
from lab.lab import Lab
from lab.pipelines.synthesis import SynthesisPipeline

METHOD = "pix2pixhd"  # the one with looks


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("--checkpoint", required=True, metavar="NAME", help="e.g. streets")
    parser.add_argument("--photo", required=True, type=Path, metavar="PICTURE")
    parser.add_argument(
        "--labels", required=True, type=Path, metavar="PNG", help="class id of every pixel"
    )
    parser.add_argument(
        "--instances", type=Path, metavar="PNG", help="object id of every pixel, up to 16 bits"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="JSON")


def run(lab: Lab, options: argparse.Namespace) -> None:
    """Reads photo and maps, writes {"object id": cluster}; classes without clusters are absent."""
    inputs = (options.photo, options.labels, options.instances)
    require_writable(options.out, "--out", [".json"], inputs=inputs)
    find(options.checkpoint, lab.checkpoints, among=[METHOD])
    pipeline = lab.synthesizer(options.checkpoint)
    if not isinstance(pipeline, SynthesisPipeline):
        raise ValueError(f"The checkpoint {options.checkpoint!r} has no looks to read.")
    labels = open_ids(options.labels)
    instances = None if options.instances is None else open_ids(options.instances)
    whole = read_layout(labels, instances, pipeline.space).to(lab.device)
    layout = sized(whole, None, enlarge="give a larger map")
    photo = to_tensor(open_picture(options.photo))
    if photo.shape[-2:] != layout.labels.shape[-2:]:
        photo = resize(photo, layout.size)
    styles = pipeline.assign(photo, layout)
    write_json(options.out, {str(instance): styles[instance] for instance in sorted(styles)})
