"""Two pictures of one drawing under a divider: the one before, the label map, a photograph."""

from functools import partial

from lab import images
from lab.lab import Lab
from lab.ui.domains import domain_of
from lab.ui.drawing import decode
from lab.ui.explain import explain
from lab.ui.layouts import thumbnail
from lab.ui.pictures import Desk
from lab.ui.store import keep_image

BEFORE, LABELS, PHOTO = "The picture before", "The label map", "Your photograph"
CHOICES = (BEFORE, LABELS, PHOTO)


@explain
def beside(
    lab: Lab, history: list[Desk], kind: str, photo: str | None
) -> tuple[tuple[str, str] | None, str]:
    """What the divider shows beside the newest picture, and a line about it.

    `photo`: path of the photograph whose looks were read, None where there is none.
    """
    if not history:
        return None, "There is no picture yet."
    newest = history[0]
    if kind == LABELS:
        return (_label_map(lab, newest), newest.picture), "Left the label map, right the picture."
    if kind == PHOTO and photo is None:
        return None, "Put a label map with its photograph on the canvas first, further down."
    if kind == PHOTO:
        return (photo, newest.picture), "Left your photograph, right the picture."
    earlier = next((old for old in history[1:] if old.checkpoint == newest.checkpoint), None)
    if earlier is None:
        return None, "There is only one picture so far; paint, and the earlier one appears here."
    return (earlier.picture, newest.picture), "Left the picture before, right the newest."


def _label_map(lab: Lab, desk: Desk) -> str:
    layout = decode(desk.drawing, domain_of(lab, desk.checkpoint)[0])
    name = f"labels-{layout.space.name}-{images.digest(layout.labels)}"
    return keep_image(name, partial(thumbnail, layout, width=layout.size[0]))
