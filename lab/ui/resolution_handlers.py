"""What the Resolution tab does: both stages of a layout, what they cost, what is said of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image

from lab import images
from lab.interfaces import Layout
from lab.lab import Lab
from lab.metrics.speed import peak_memory
from lab.metrics.stages import stage_costs
from lab.ui import pictures
from lab.ui.domains import domain_of
from lab.ui.explain import explain
from lab.ui.layouts import preset, resized, thumbnail
from lab.ui.pictures import Desk, Looks, drawing_of, is_of
from lab.ui.resolution_verdicts import Subject, judged
from lab.ui.store import Drawn, keep_view

DRAWING = "My drawing"
USUAL = Looks()  # frozen: safe as a default
CROP = 96  # pixels of the picture that the loupe shows
ZOOM = 4  # screen pixels per picture pixel in the loupe
COLUMNS = ("Stage", "Size", "Parameters", "GMAC", "Memory", "Time")


@dataclass(frozen=True)
class Wanted:
    """What a visitor asked to see; `turn` differs each time, so that it is drawn each time.

    `picture`: of the visitor's drawing, which tells it from the ones before and after it.
    """

    name: str
    source: str | int
    factor: int = 1
    turn: int = 0
    picture: str | None = None


@dataclass(frozen=True)
class Stages:
    """The pictures of one layout: paths, the size of both; equal while G2 has not drawn yet."""

    before: str
    after: str
    size: tuple[int, int]


@dataclass(frozen=True)
class Step:
    """How far the tab has come: the pictures, the table's rows, the line, the verdicts."""

    said: str
    stages: Stages | None = None
    rows: tuple[tuple[str, ...], ...] = ()
    verdicts: tuple[tuple[str, str], ...] = ()
    verdict: str = ""
    done: bool = False


@explain
def layout_for(lab: Lab, name: str, source: str | int, desk: Desk | None) -> Layout:
    """A preset by its number or the visitor's drawing, at the size of the checkpoint's training."""
    space, size = domain_of(lab, name)
    if source != DRAWING:
        return preset(int(source), size, space)
    return resized(drawing_of(lab, desk, space), size)


def is_outdated(lab: Lab, wanted: Wanted, desk: Desk | None) -> bool:
    """Whether the visitor drew anew since, with classes that this checkpoint draws."""
    if wanted.source != DRAWING or desk is None or desk.picture == wanted.picture:
        return False
    return is_of(lab, desk, domain_of(lab, wanted.name)[0])


def looks_for(wanted: Wanted, desk: Desk | None) -> Looks:
    """The looks the visitor's drawing has; the usual ones of a layout, and by another checkpoint,
    whose clusters are others."""
    if desk is None or wanted.source != DRAWING or desk.checkpoint != wanted.name:
        return USUAL
    return desk.looks


@explain
def show(lab: Lab, wanted: Wanted, desk: Desk | None) -> Iterator[Step]:
    """Both stages of a layout one after the other, then what the discriminators say of them."""
    step = Step("Loading the checkpoint …")
    yield step
    layout = layout_for(lab, wanted.name, wanted.source, desk)
    layout = resized(layout, tuple(side * int(wanted.factor) for side in layout.size))
    for step in stages(lab, wanted.name, layout, looks=looks_for(wanted, desk)):
        yield step
    said = f"{step.said} Drawn by {wanted.name} on {lab.device.type}."
    if lab.synthesizer(wanted.name).discriminator is not None:
        yield replace(step, said="The discriminators look at it …")
    verdicts = judged(
        lab,
        wanted.name,
        layout,
        subjects=subjects_of(lab, wanted.name, step.stages),
        number=None if wanted.source == DRAWING else int(wanted.source),
    )
    for found, line in verdicts:
        step = replace(step, verdicts=found, verdict=line)
        if found:
            yield replace(step, said="The discriminators look at it …")
    yield replace(step, said=said, done=True)


def subjects_of(lab: Lab, name: str, shown: Stages | None) -> list[Subject]:
    """The drawn pictures of a layout: G1's alone where there is an enhancer, and the whole's."""
    if shown is None:
        return []
    enhancers = lab.synthesizer(name).enhancers
    if not enhancers:
        return [("G1", shown.after)]
    return [("G1 alone", shown.before), (f"with {enhancer_names(enhancers)}", shown.after)]


def stages(lab: Lab, name: str, layout: Layout, *, looks: Looks = USUAL) -> Iterator[Step]:
    """A layout by G1 alone, then by G1 within its enhancers; the last step is complete.

    Pictures that are there already are shown at once; they are drawn again to be measured.
    """
    pipeline, size = lab.synthesizer(name), layout.size
    costs = stage_costs(pipeline.generator.config, padded_size(pipeline, layout))
    if pipeline.enhancers:
        ready = _ready(lab, name, layout, looks)
        yield Step("G1 draws …", ready)
        rough, memory = _measured(lab, pictures.coarse, name, layout, looks)
        seen, before = images.open_picture(rough.path).size, _enlarged(rough.path, size)
        rows = (_row(costs[0], seen, rough.seconds, memory),)
        names = enhancer_names(pipeline.enhancers)
        yield Step(f"{names} draws …", ready or Stages(before, before, size), rows)
    else:
        yield Step("G1 draws …")
    fine, memory = _measured(lab, pictures.synthesize, name, layout, looks)
    row = _row(costs[-1], size, fine.seconds, memory)
    if pipeline.enhancers:
        said = (
            f"Left: G1 alone, {seen[0]} × {seen[1]}, enlarged. "
            f"Right: with {names}, {size[0]} × {size[1]}."
        )
        yield Step(said, Stages(before, fine.path, size), (*rows, row))
        return
    before = keep_view(fine.path, "labels", lambda _: thumbnail(layout, width=size[0]))
    said = (
        "This checkpoint has one stage: G1 alone draws at full size, there is no enhancer. "
        "The slider compares its picture with the label map."
    )
    yield Step(said, Stages(before, fine.path, size), (row,))


def _ready(lab: Lab, name: str, layout: Layout, looks: Looks) -> Stages | None:
    """Both pictures where they were drawn before, by this visitor or another."""
    if not pictures.at_hand(lab, name, layout, looks):
        return None
    rough, fine = (
        draw(lab, name, layout, looks) for draw in (pictures.coarse, pictures.synthesize)
    )
    return Stages(_enlarged(rough.path, layout.size), fine.path, layout.size)


def _enlarged(path: str, size: tuple[int, int]) -> str:
    """The path of G1's picture, as large as the whole generator's."""
    name = f"{size[0]}x{size[1]}"
    return keep_view(path, name, lambda small: small.resize(size, Image.Resampling.BICUBIC))


def padded_size(pipeline: Any, layout: Layout) -> tuple[int, int]:
    """(width, height) of what the generator works on: the layout with its padding and frame."""
    height, width = pipeline.condition(layout).shape[-2:]
    return width, height


def enhancer_names(count: int) -> str:
    """G2, or G2 and G3, …"""
    return " and ".join(f"G{i + 2}" for i in range(count))


def _measured(
    lab: Lab, draw: Callable[..., Drawn], name: str, layout: Layout, looks: Looks
) -> tuple[Drawn, int | None]:
    """What was drawn, and the bytes that took beyond the weights."""
    made: list[Drawn] = []
    memory = peak_memory(
        lambda: made.append(draw(lab, name, layout, looks, measured=True)), lab.device
    )
    return made[0] if made else draw(lab, name, layout, looks, measured=True), memory


def _row(cost: Any, size: tuple[int, int], seconds: float, memory: int | None) -> tuple[str, ...]:
    stage = " + ".join(f"G{i + 1}" for i in range(cost.stages))
    return (
        stage,
        f"{size[0]} × {size[1]}",
        f"{cost.parameters / 1e6:.2f} M",
        f"{cost.macs / 1e9:.1f}",
        "–" if memory is None else f"{memory / 2**20:.0f} MiB",
        f"{seconds:.2f} s",
    )


def table_text(rows: tuple[tuple[str, ...], ...]) -> str:
    """The stages as a Markdown table; nothing without rows."""
    if not rows:
        return ""
    lines = [COLUMNS, ("---",) * len(COLUMNS), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


@explain
def loupe(shown: Stages | None, across: float, down: float) -> tuple[str, str]:
    """Paths of a small square of both pictures, every pixel enlarged to a block.

    Args:
        across, down: position of the square, 0..100 % of the way.
    """
    if shown is None:
        raise ValueError("Draw a layout first.")
    side = min(CROP, *shown.size)
    left, top = (
        round((size - side) * min(100.0, max(0.0, at)) / 100)
        for size, at in zip(shown.size, (across, down), strict=True)
    )

    def enlarged(picture: Image.Image) -> Image.Image:
        cut = picture.crop((left, top, left + side, top + side))
        return cut.resize((side * ZOOM, side * ZOOM), Image.Resampling.NEAREST)

    view = f"loupe-{left}-{top}"
    return keep_view(shown.before, view, enlarged), keep_view(shown.after, view, enlarged)
