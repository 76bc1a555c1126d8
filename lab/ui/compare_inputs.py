"""Compare, other implementations: the inputs they are asked to draw, as a zip to take away."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from lab import images
from lab.files import write_bytes
from lab.lab import Lab
from lab.patterns import CONTENTS, STYLES, examples
from lab.ui import compare_scenes as scenes
from lab.ui import compare_transfer as pairs
from lab.ui.explain import explain
from lab.ui.store import keep_file, named_by

PAIRS = "style pairs"
SIDE = 384  # longest, of content and style


def tasks(lab: Lab) -> list[str]:
    """What can be scored: domains with layouts for everybody, and pairs of content and style."""
    return [*(domain for domain in scenes.domains(lab) if scenes.inputs(domain)), PAIRS]


def names_of(task: str) -> list[str]:
    """What the pictures of a task are to be called."""
    return list(pairs.inputs() if task == PAIRS else scenes.inputs(task))


def check_task(lab: Lab, task: str) -> None:
    """Refuses what cannot be scored.

    Raises:
        ValueError: with what can.
    """
    known = tasks(lab)
    if task not in known:
        raise ValueError(f"Nothing called {task!r} is scored; known: {', '.join(known)}.")


@explain
def inputs(lab: Lab, task: str) -> str:
    """The path of a zip with the inputs of a task, for other implementations to draw from."""
    check_task(lab, task)
    files = _pair_files() if task == PAIRS else _layout_files(lab, task)

    def write(path: Path) -> None:
        write_bytes(path, _zipped(files))

    width, height = (SIDE, SIDE) if task == PAIRS else scenes.size_of(lab, task)
    name = f"atelier-inputs-{task.replace(' ', '-')}"
    return keep_file(named_by(name, f"{task} {width}x{height} {names_of(task)}", ".zip"), write)


def _zipped(files: Iterator[tuple[str, Image.Image]]) -> bytes:
    """A zip of named pictures as PNG."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, picture in files:
            stored = io.BytesIO()
            picture.save(stored, "PNG")
            archive.writestr(name, stored.getvalue())
    return packed.getvalue()


def _layout_files(lab: Lab, domain: str) -> Iterator[tuple[str, Image.Image]]:
    """A validation split in pix2pixHD's layout: label and instance maps, photographs if true."""
    size = scenes.size_of(lab, domain)
    for name in names_of(domain):
        scene = scenes.input_scene(domain, name, size)
        layout = scene.layout
        labels, instances = (ids[0].numpy() for ids in (layout.labels, layout.instances))
        yield f"val_label/{name}.png", Image.fromarray(labels.astype(np.uint8))
        yield f"val_inst/{name}.png", Image.fromarray(instances.astype(np.uint16))
        if scene.photo is not None:
            yield f"val_img/{name}.png", images.to_pil(scene.photo)


def _pair_files() -> Iterator[tuple[str, Image.Image]]:
    """Contents and styles, each once."""
    for kind, folder in (("content", CONTENTS), ("style", STYLES)):
        for path in examples(folder):
            yield f"{kind}/{Path(path).stem}.png", images.fit(images.open_picture(path), SIDE)
