"""Compare, other implementations: their pictures of our inputs, scored in our table by our code."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from lab import images
from lab.lab import Lab
from lab.scoring.methods import Method, oracle
from lab.scoring.protocol import environment, protocol, transfer_protocol
from lab.scoring.report import Rows
from lab.scoring.submissions import read_submission
from lab.scoring.transfer import Tally as PairTally
from lab.ui import compare_scenes as scenes
from lab.ui import compare_synthesis as layouts
from lab.ui import compare_transfer as pairs
from lab.ui.compare_inputs import PAIRS, SIDE, check_task, names_of
from lab.ui.comparisons import Comparison, Shown, with_numbers
from lab.ui.explain import explain
from lab.ui.store import keep_image

MOST = 4  # zips at a time
UPLOADED = "drawn elsewhere, uploaded; resized where it had another size"


@dataclass(frozen=True)
class Scored:
    """Uploads with the methods beside them: the table over all inputs, and a page for each."""

    rows: Rows
    pages: tuple[Comparison, ...]


@explain
def score(
    lab: Lab, paths: Sequence[str] | None, task: str, methods: bool
) -> Iterator[tuple[Scored, str]]:
    """Scores zips of pictures, on the inputs that all of them have, beside the installed methods.

    Args:
        paths: of the zips. task: a domain or `PAIRS`. methods: whether the installed methods draw
            the same inputs, too.
    """
    check_task(lab, task)
    if not paths:
        raise ValueError("Upload a zip of pictures first, named like the inputs.")
    if len(paths) > MOST:
        raise ValueError(f"There are {len(paths)} zips; at most {MOST} are scored at a time.")
    uploads = {}
    for number, path in enumerate(paths, 1):
        row = row_of(path, number)
        uploads[row] = read_submission(Path(path), names_of(task))
    shared = [n for n in names_of(task) if all(n in pictures for pictures in uploads.values())]
    if not shared:
        raise ValueError("The zips have no input in common; every row needs the same inputs.")
    run = _score_pairs if task == PAIRS else _score_layouts
    yield from run(lab, task, uploads, names=shared, methods=methods)


def row_of(path: str, number: int) -> str:
    """What the row of an upload is called: after its file, harmless and unlike any method."""
    stem = "".join(c if c.isalnum() or c in "-_." else "-" for c in Path(path).stem)[:32]
    return f"upload {number} {stem.strip('-.') or 'zip'}"


Uploads = Mapping[str, Mapping[str, Image.Image]]


def _score_layouts(
    lab: Lab, domain: str, uploads: Uploads, *, names: Sequence[str], methods: bool
) -> Iterator[tuple[Scored, str]]:
    size = scenes.size_of(lab, domain)
    rows, _ = layouts.drawers(lab, domain) if methods else ([], [])
    tally, networks, judge = layouts.judged(lab, domain)
    described = [row.method for row in rows] + [_described(row) for row in uploads]
    facts = {
        **_facts(domain, names, "{}x{}".format(*size)),
        **protocol([oracle(), *described], judge, networks, count=1),
        **environment(lab.device),
    }
    facts["judge"] = layouts.judge_words(domain, judge)
    pages: list[Comparison] = []
    for number, name in enumerate(names, 1):
        said = f"{name}, {number} of {len(names)} …"
        yield Scored(tally.rows(sets=False), tuple(pages)), f"Scoring {said}"
        scene = scenes.input_scene(domain, name, size)
        shown, seconds = list(layouts.references(scene)), {}
        for row in layouts.fitting(rows, scene):
            yield Scored(tally.rows(sets=False), tuple(pages)), f"Drawing {row.method.row}: {said}"
            path, seconds[row.method.row] = layouts.drawn(row, scene, 0)
            shown.append(Shown(row.method.row, path, size))
        shown += [Shown(row, _kept(each[name], size), size) for row, each in uploads.items()]
        pages.append(Comparison(name, layouts.scored(scene, shown, tally, seconds), facts))
    yield Scored(tally.rows(sets=False), tuple(pages)), _done(uploads, names)


def _score_pairs(
    lab: Lab, task: str, uploads: Uploads, *, names: Sequence[str], methods: bool
) -> Iterator[tuple[Scored, str]]:
    chosen, network = pairs.usual(lab) if methods else [], pairs.style_network(lab)
    tally = PairTally(network, (), lab.device)
    rows = [pairs.stylizer_row(lab, name) for name in chosen]
    facts = {
        **_facts(task, names, f"longest side {SIDE}"),
        "network": pairs.no_network(),
        **transfer_protocol(rows, network, ()),
        **environment(lab.device),
    }
    pages: list[Comparison] = []
    for number, name in enumerate(names, 1):
        pair = pairs.pair_of(*pairs.inputs()[name], SIDE)
        tally.turn_to(pair)
        shown, size = list(pairs.references(pair)), pairs.size_of(pair.content)
        for method in chosen:
            said = f"Drawing {method}: {name}, {number} of {len(names)} …"
            yield Scored(tally.rows(), tuple(pages)), said
            path, seconds = pairs.drawn(lab, method, pair, None)
            tally.add(method, images.to_tensor(images.open_picture(path)), seconds=seconds)
            shown.append(Shown(method, path, size))
        for row, pictures in uploads.items():
            path = _kept(pictures[name], size)
            tally.add(row, images.to_tensor(images.open_picture(path)))
            shown.append(Shown(row, path, size))
        pages.append(Comparison(name, with_numbers(tuple(shown), tally.numbers), facts))
    yield Scored(tally.rows(), tuple(pages)), _done(uploads, names)


def _facts(task: str, names: Sequence[str], size: str) -> dict[str, str]:
    """Which pictures were scored."""
    every = names_of(task)
    return {
        "data": f"{len(names)} of {len(every)} inputs of {task}",
        "chosen": ", ".join(names),
        "size": size,
        "uploads": UPLOADED,
    }


def _described(row: str) -> Method:
    """An upload as a row of the protocol; nothing here draws it."""
    return Method(row, lambda scene, seed: scene.photo, UPLOADED)


def _done(uploads: Uploads, names: Sequence[str]) -> str:
    zips = "1 zip" if len(uploads) == 1 else f"{len(uploads)} zips"
    return f"{zips} scored on {len(names)} input{'s' if len(names) > 1 else ''}"


def _kept(picture: Image.Image, size: tuple[int, int]) -> str:
    """The path of an uploaded picture at the size of its input, named by what it shows alone."""
    fitted = images.resize(images.to_tensor(picture), size)
    key = images.digest(images.to_bytes(fitted[0]))
    return keep_image(f"upload-{key}", lambda: images.to_pil(fitted))
