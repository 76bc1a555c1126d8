"""What the Styles tab does: a class regrouped and drawn look by look, compared, taken to Draw."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from lab import plots_styles
from lab.lab import Lab
from lab.ui.domains import bank_of, card_of, clusters, domain_of
from lab.ui.explain import explain
from lab.ui.store import keep_cut
from lab.ui.styles_looks import Grouping, grouped, painted, stand_of, stored

Swatches = list[tuple[str, str]]  # (path, caption)


@dataclass(frozen=True)
class Wanted:
    """What a visitor asked to see: a class of a checkpoint, in its own or `count` looks.

    `turn` differs each time, so that it is drawn each time.
    """

    name: str
    label: int | None
    count: int | None = None
    turn: int = 0


@dataclass(frozen=True)
class Step:
    """How far the tab has come.

    Attributes:
        swatches: those drawn so far. colors: what each paints on average, "#rrggbb".
        pair: paths of the scene under the first two looks, None before both are drawn.
        said: the line under the swatches. grouping: the looks. done: whether all are drawn.
    """

    swatches: Swatches
    colors: tuple[str, ...]
    pair: tuple[str, str] | None
    said: str
    grouping: Grouping | None
    done: bool = False

    def figure(self, selected: int | None = None) -> go.Figure | None:
        """The objects by cluster, and what every look paints once all are drawn."""
        return None if self.grouping is None else scatter(self.grouping, self.colors, selected)


def scatter(
    grouping: Grouping, colors: tuple[str, ...] = (), selected: int | None = None
) -> go.Figure:
    """The stored objects of a class and their centres by look; `colors` are known once all looks
    are drawn."""
    return plots_styles.object_scatter(
        grouping.features,
        grouping.members,
        grouping.centers,
        painted=colors if len(colors) == len(grouping.centers) else (),
        selected=selected,
    )


@explain
def asked_for(lab: Lab, wanted: Wanted) -> Grouping | None:
    """The looks a visitor asked for; None where the checkpoint has no class with several."""
    if wanted.label is None:
        return None
    if wanted.count is None:
        return stored(lab, wanted.name, wanted.label)
    return grouped(lab, wanted.name, wanted.label, wanted.count)


@explain
def class_menu(lab: Lab, name: str) -> list[tuple[str, int]]:
    """(class and number of looks, label) of the classes with more than one look."""
    space, _ = domain_of(lab, name)
    counts = {label: clusters(lab, name, label) for label in range(len(space))}
    return [(f"{space[k].name} ({n})", k) for k, n in counts.items() if n > 1]


def first_class(choices: list[tuple[str, int]]) -> int | None:
    """The class that is shown first: roads, else hair, else the first there is."""
    for kind in ("road", "hair"):
        for words, label in choices:
            if words.startswith(f"{kind} "):
                return label
    return next((label for _, label in choices), None)


@explain
def show(lab: Lab, wanted: Wanted) -> Iterator[Step]:
    """The looks of a class, drawn one after the other; the first step comes at once."""
    grouping = asked_for(lab, wanted)
    if grouping is None or wanted.label is None:
        yield Step([], (), None, area_rule(lab, wanted.name), None, done=True)
        return
    count, where = len(grouping.centers), stand_of(lab, wanted.name, wanted.label)
    mask = where.layout.labels[0].numpy() == wanted.label
    step = Step([], (), None, f"Drawing look 1 of {count} …", grouping)
    yield step
    scenes: list[str] = []
    for look in range(count):
        scenes.append(painted(lab, grouping, look))
        with Image.open(scenes[-1]) as picture:
            color = mean_color(np.asarray(picture), mask)
        done = look + 1 == count
        step = Step(
            [*step.swatches, (keep_cut(scenes[-1], where.box), caption(grouping, look))],
            (*step.colors, color),
            (scenes[0], scenes[min(1, look)]) if look or done else None,
            described(lab, grouping) if done else f"Drawing look {look + 2} of {count} …",
            grouping,
            done,
        )
        yield step


def caption(grouping: Grouping, look: int) -> str:
    """What stands under a swatch: its number, its objects, how wide it is where that is known."""
    words = f"look {look + 1} · {_counted(grouping.sizes[look], 'object')}"
    return words if grouping.spreads is None else f"{words} · ±{grouping.spreads[look]:.2f}"


def described(lab: Lab, grouping: Grouping) -> str:
    """What stands under the swatches: the measures, and the rule of the clustering."""
    return f"{measures(grouping)} {area_rule(lab, grouping.name)}"


def measures(grouping: Grouping) -> str:
    """How many looks a class has, of how many objects, and how well they lie apart."""
    count, every = len(grouping.centers), int(np.sum(grouping.sizes))
    words = f"{_counted(count, 'look')} of {_counted(every, 'object')}"
    if grouping.own:
        words = f"{_counted(count, 'look')} of the {every} stored objects, grouped for you alone"
    elif 0 < len(grouping.features) < every:
        words += f", {len(grouping.features)} of which are stored and shown"
    if grouping.spreads is None or grouping.silhouette is None:
        return f"{words}; how wide they are was not measured for this checkpoint."
    if count < 2:
        return f"{words}."
    return (
        f"{words}. Silhouette {grouping.silhouette:.2f}: 1 is groups far apart, 0 is groups "
        "that run into one another. ± is a look's spread, the root mean square distance of its "
        "objects to its centre; features lie between -1 and 1."
    )


def _counted(count: int, what: str) -> str:
    return f"{int(count)} {what}{'' if count == 1 else 's'}"


def area_rule(lab: Lab, name: str) -> str:
    """What the card says of the clustering, as a sentence."""
    said = card_of(lab, name).training.get("styles")
    if not isinstance(said, Mapping) or "smallest" not in said:
        return "The card of this checkpoint does not say how its looks were clustered."
    most = f"at most {said.get('clusters', '?')} looks per class"
    chosen = ", their number chosen by silhouette" if said.get("choose") == "silhouette" else ""
    return (
        f"The checkpoint's own looks were clustered by K-means, {most}{chosen}, over the objects "
        f"that cover at least {100 * said['smallest']:.2g} % of their picture."
    )


def no_objects(lab: Lab, name: str) -> str:
    """Why the looks of a checkpoint cannot be grouped anew; nothing where they can."""
    bank = bank_of(lab, name)
    if bank is None or bank.features is not None:
        return ""
    return (
        "This checkpoint stores no objects of its training pictures, so only the centres of its "
        "looks are shown and their number is fixed; `python -m training.styles --checkpoint "
        f"{name}` adds them."
    )


def mean_color(picture: np.ndarray, mask: np.ndarray) -> str:
    """The mean colour of the pixels in `mask` as "#rrggbb"; grey where there are none.

    Args:
        picture: (H, W, 3) uint8. mask: (H, W) bool.
    """
    if not mask.any():
        return "#808080"
    red, green, blue = picture[mask].mean(0).round().astype(int)
    return f"#{red:02x}{green:02x}{blue:02x}"


@explain
def compare(lab: Lab, grouping: Grouping | None, pair: tuple[int, int]) -> tuple[str, str]:
    """Paths of the same scene with the class under two looks, numbered from 1."""
    if grouping is None:
        raise ValueError("This checkpoint has no class with several looks to compare.")
    last = len(grouping.centers)
    first, second = (painted(lab, grouping, min(int(look), last) - 1) for look in pair)
    return first, second
