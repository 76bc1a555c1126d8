"""Compare, one layout: every installed method of a domain draws it, beside the true picture."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from lab import images
from lab.card import Card, how_to_make
from lab.catalog import SYNTHESIZERS
from lab.lab import Lab
from lab.scoring.features import FeatureNetwork, judge_network
from lab.scoring.methods import (
    ENCODED,
    ORACLE,
    Method,
    checkpoint_name,
    judge_name,
    oracle,
    rows_of,
)
from lab.scoring.protocol import environment, protocol
from lab.scoring.scenes import Scene
from lab.scoring.synthesis import Tally
from lab.ui.compare_scenes import CALLED, Own, scene_of
from lab.ui.comparisons import Comparison, Shown, Step, absence, finished, with_numbers
from lab.ui.domains import card_of
from lab.ui.explain import explain
from lab.ui.pictures import Desk
from lab.ui.store import keep, keep_image

LAYOUT = "layout"


@dataclass(frozen=True)
class Drawer:
    """A row that can be drawn, and the checkpoint it comes from."""

    method: Method
    card: Card


def drawers(lab: Lab, domain: str) -> tuple[list[Drawer], list[str]]:
    """The rows that can be drawn in a domain, and a sentence for every method that is not here."""
    found, left_out = [], []
    for method in SYNTHESIZERS:
        name = checkpoint_name(domain, method)
        if lab.missing(name):
            left_out.append(absence(lab, name, method))
            continue
        card = card_of(lab, name)
        found += [Drawer(row, card) for row in rows_of(card, lab.synthesizer(name))]
    return found, left_out


def fitting(rows: Sequence[Drawer], scene: Scene) -> list[Drawer]:
    """Those that can draw a scene: looks are read from a photograph, where there is one."""
    return [row for row in rows if row.method.row != ENCODED or scene.photo is not None]


def judged(lab: Lab, domain: str) -> tuple[Tally, list[FeatureNetwork], str]:
    """A fresh tally with the domain's judge where it has one, the judge's network, its digest."""
    name = judge_name(domain)
    if lab.missing(name):
        return Tally(None), [], ""
    judge = lab.judge(name)
    networks = [judge_network(None, judge, lab.device)]
    return Tally(judge, networks), networks, judge.digest


@explain
def compare(
    lab: Lab,
    domain: str,
    source: str,
    seed: int,
    *,
    own: Own | None = None,
    desk: Desk | None = None,
) -> Iterator[Step]:
    """Draws a layout by every installed method and scores each picture as it comes."""
    yield Comparison(source), f"Preparing {source} of {domain} …"
    scene = scene_of(lab, domain, source, own=own, desk=desk)
    rows, left_out = drawers(lab, domain)
    rows = fitting(rows, scene)
    tally, networks, judge = judged(lab, domain)
    photo = None if scene.photo is None else tally.look(scene.photo)
    methods = [*([] if photo is None else [oracle()]), *(row.method for row in rows)]
    words = subject(source, domain, seed)
    width, height = scene.layout.size
    facts = {
        "subject": words,
        "size": f"{width}x{height}",
        **protocol(methods, judge, networks, count=1),
        **environment(lab.device),
    }
    facts["judge"] = judge_words(domain, judge)
    comparison = Comparison(words, tuple(references(scene)), facts, tuple(left_out))
    if photo is not None:
        tally.add(ORACLE, photo, photo=photo, scene=scene)
    for number, row in enumerate(rows, 1):
        yield comparison, f"Drawing {row.method.row}, {number} of {len(rows)} …"
        path, seconds = drawn(row, scene, seed)
        tally.seconds[row.method.row] = [seconds]
        # Read back: what is scored is what is shown.
        tally.add(row.method.row, tally.look(_opened(path)), photo=photo, scene=scene)
        pictures = (*comparison.pictures, Shown(row.method.row, path, scene.layout.size))
        comparison = replace(comparison, pictures=with_numbers(pictures, tally.rows(sets=False)))
    yield comparison, finished(len(rows), words, lab)


def subject(source: str, domain: str, seed: int) -> str:
    """What a comparison shows, in words: a layout of a domain in the looks of a seed."""
    return f"{CALLED.get(source, source)} of {domain}, seed {seed}"


def scored(
    scene: Scene, pictures: Sequence[Shown], tally: Tally, seconds: Mapping[str, float]
) -> tuple[Shown, ...]:
    """Counts pictures of a scene into `tally`; the same pictures, each with numbers of its own.

    seconds: row → what its drawing took, of those that were drawn here.
    """
    own = Tally(tally.judge, tally.networks)
    photo = None if scene.photo is None else tally.look(scene.photo)
    for each in pictures:
        if each.name == LAYOUT:
            continue
        seen = photo if each.name == ORACLE else tally.look(_opened(each.path))
        for scores in (tally, own):
            if each.name in seconds:
                scores.seconds.setdefault(each.name, []).append(seconds[each.name])
            scores.add(each.name, seen, photo=photo, scene=scene)
    return with_numbers(tuple(pictures), own.rows(sets=False))


def references(scene: Scene) -> Iterator[Shown]:
    """The layout, and the photograph where there is one."""
    colors = scene.layout.space.colorize(scene.layout.labels)
    yield Shown(LAYOUT, _kept(LAYOUT, colors), scene.layout.size, drawn=False)
    if scene.photo is not None:
        yield Shown(ORACLE, _kept("photo", scene.photo), scene.layout.size, drawn=False)


def drawn(row: Drawer, scene: Scene, seed: int) -> tuple[str, float]:
    """Path and seconds of a method's drawing of a scene."""
    recipe = {
        "kind": "comparison",
        "row": row.method.row,
        "method": row.card.method,
        "checkpoint": {"name": row.card.name, "digest": row.card.digest},
        "labels": images.digest(scene.layout.labels),
        "instances": images.digest(scene.layout.instances),
        "seed": seed,
        "size": list(scene.layout.size),
    }
    if row.method.row == ENCODED:
        recipe["photo"] = images.digest(images.to_bytes(scene.photo[0]))
    made = keep(recipe, lambda: row.method.draw(scene, seed), measured=True)
    return made.path, made.seconds


def judge_words(domain: str, digest: str) -> str:
    """Who reads the pictures back, or that nobody does."""
    if digest:
        return f"judge {judge_name(domain)} ({digest})"
    made = how_to_make(judge_name(domain))
    return f"no judge {judge_name(domain)}, so nothing is read back; make it with: {made}"


def _kept(name: str, picture: Tensor) -> str:
    key = images.digest(images.to_bytes(picture[0]))
    return keep_image(f"{name}-{key}", lambda: images.to_pil(picture))


def _opened(path: str) -> Tensor:
    return images.to_tensor(images.open_picture(path))
