"""Compare: the layouts that can be drawn, with their true pictures where there are any."""

import functools
from dataclasses import dataclass

from torch import Tensor

from lab import images
from lab.card import how_to_make
from lab.catalog import DATASETS, SYNTHESIZERS
from lab.data import town
from lab.data.labels import LabelSpace
from lab.data.streets import STREETS
from lab.interfaces import Layout
from lab.lab import Lab
from lab.scoring.methods import checkpoint_name
from lab.scoring.scenes import Scene
from lab.ui.domains import card_of
from lab.ui.layouts import names, preset, read, resized
from lab.ui.pictures import Desk, drawing_of

DRAWING, UPLOAD = "My drawing", "My own files"
CALLED = {DRAWING: "drawing", UPLOAD: "upload"}  # scenes of them, in words and file names
FIRST = "town"  # its true pictures are at hand


@dataclass(frozen=True)
class Own:
    """A visitor's files: paths of label map, instance map and photograph."""

    labels: str | None = None
    instances: str | None = None
    photo: str | None = None


def domains(lab: Lab) -> list[str]:
    """The domains with a method that works, `FIRST` in front."""
    working = {
        card.domain
        for card in lab.cards()
        if card.method in SYNTHESIZERS and card.domain in DATASETS and not lab.missing(card.name)
    }
    return sorted(working, key=lambda name: (name != FIRST, list(DATASETS).index(name)))


def space_of(domain: str) -> LabelSpace:
    """The classes of a domain. Raises KeyError for an unknown one."""
    return DATASETS[domain].space


def inputs(domain: str) -> dict[str, int]:
    """The layouts of a domain that anybody can draw: name → number."""
    return names(space_of(domain))


def sources(domain: str) -> list[str]:
    """What layouts can be compared on in a domain."""
    return [*inputs(domain), DRAWING, UPLOAD]


def size_of(lab: Lab, domain: str) -> tuple[int, int]:
    """The (width, height) a domain is compared at: pix2pixHD's own where it is installed."""
    names = [checkpoint_name(domain, method) for method in SYNTHESIZERS]
    working = [name for name in names if not lab.missing(name)]
    if not working:
        raise FileNotFoundError(
            f"No method of {domain!r} is installed; make one with: {how_to_make(names[0])}"
        )
    return card_of(lab, working[0]).native_size


def scene_of(
    lab: Lab, domain: str, source: str, *, own: Own | None = None, desk: Desk | None = None
) -> Scene:
    """What is to be drawn, with its photograph where there is one.

    Raises:
        ValueError: nothing was drawn or uploaded, a drawing of another domain, files that do not
            fit, an unknown source.
    """
    size, space, own = size_of(lab, domain), space_of(domain), own or Own()
    if source in inputs(domain):
        return input_scene(domain, source, size)
    if source == DRAWING:
        layout = resized(drawing_of(lab, desk, space), size)
    elif source == UPLOAD:
        if own.labels is None:
            raise ValueError("Upload a label map first: a PNG of class ids, or of their colours.")
        layout = read(own.labels, own.instances, space, pixels=size[0] * size[1])
    else:
        known = ", ".join(sources(domain))
        raise ValueError(f"No layout of {domain} is called {source!r}; known: {known}.")
    photo = None if source == DRAWING or own.photo is None else _photo(own.photo, layout.size)
    return Scene(0, CALLED[source], layout, photo, {})


@functools.lru_cache(maxsize=16)
def input_scene(domain: str, name: str, size: tuple[int, int]) -> Scene:
    """A layout that anybody can draw; the town's comes with its true picture."""
    number = inputs(domain)[name]
    if domain != "town":
        return Scene(number, name, preset(number, size, space_of(domain)), None, {})
    seed = town.Town(split="test", length=number + 1).scene_seed(number)
    made = town.scene(seed, size)
    layout = Layout(made.labels[None], made.instances[None], STREETS)
    return Scene(number, name, layout, made.photo[None], {"scene": seed})


def _photo(path: str, size: tuple[int, int]) -> Tensor:
    return images.resize(images.to_tensor(images.open_picture(path)), size)
