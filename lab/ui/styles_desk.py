"""From the Styles tab to the visitor's desk, where Draw and the other tabs find what was chosen."""

from dataclasses import replace

from lab.analysis.clustering import nearest
from lab.interfaces import Layout
from lab.lab import Lab
from lab.ui.domains import domain_of
from lab.ui.drawing import encode
from lab.ui.explain import explain
from lab.ui.layouts import things
from lab.ui.pictures import Desk, Looks, drawing_of, is_of, synthesize
from lab.ui.styles_looks import Grouping, stand_of, stored


@explain
def use(lab: Lab, grouping: Grouping | None, look: int, desk: Desk | None) -> tuple[Desk, str]:
    """The visitor's drawing with every object of the class in a look (numbered from 1).

    Without a drawing that shows the class in this domain: the scene of the swatches. Draw knows
    the checkpoint's own looks, so one of a visitor's takes the nearest of them.

    Returns:
        The desk, and a line about what lies there now.
    """
    if grouping is None:
        raise ValueError("There is no look to use yet; choose a class.")
    name, label = grouping.name, grouping.label
    index, said = own_look(lab, grouping, look)
    layout, looks = drawing_with(lab, name, label, desk)
    found = {thing.instance: index for thing in things(layout) if thing.label == label}
    looks = replace(looks, choice={**looks.choice, **found})
    picture = synthesize(lab, name, layout, looks).path
    kind = layout.space[label].name
    return Desk(encode(layout), name, looks, picture), f"In Draw, every {kind} has {said}."


def own_look(lab: Lab, grouping: Grouping, look: int) -> tuple[int, str]:
    """The checkpoint's own look (from 0) for one of a grouping (from 1), and its name in words."""
    own = stored(lab, grouping.name, grouping.label).centers
    last = len(grouping.centers)
    center = grouping.centers[min(max(1, int(look)), last) - 1]
    index = int(nearest(center[None], own)[0])
    if grouping.own:
        return index, f"the checkpoint's look {index + 1}, the nearest of its own to yours"
    return index, f"look {index + 1}"


def drawing_with(lab: Lab, name: str, label: int, desk: Desk | None) -> tuple[Layout, Looks]:
    """The visitor's drawing and looks where it shows the class; else the scene of the swatches."""
    space, _ = domain_of(lab, name)
    if desk is not None and is_of(lab, desk, space):
        layout = drawing_of(lab, desk, space)
        if any(thing.label == label for thing in things(layout)):
            same = desk.checkpoint == name
            return layout, desk.looks if same else Looks(seed=desk.looks.seed)
    return stand_of(lab, name, label).layout, Looks()
