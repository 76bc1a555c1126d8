"""How well looks agree with the truth, which the procedural town knows of every object."""

from collections import OrderedDict
from collections.abc import Iterator

from lab.analysis.agreement import Agreement, agreement
from lab.analysis.clustering import nearest
from lab.analysis.true_looks import Known, contingency, read_known
from lab.data.town import Town
from lab.interfaces import Progress
from lab.lab import Lab
from lab.ui.domains import card_of, domain_of
from lab.ui.explain import explain
from lab.ui.styles_looks import Grouping
from lab.ui.work import Work

DOMAIN = "town"
SCENES = 24  # of the validation split, which no training has seen
KEPT = 4
NO_TRUTH = "The true looks are known of the procedural town alone; choose a checkpoint of it."
# What was read with a checkpoint belongs to nobody: (folder, digest) → class → objects.
_read: OrderedDict[tuple[str, str], dict[int, Known]] = OrderedDict()


def has_truth(lab: Lab, name: str) -> bool:
    """Whether the true looks of a checkpoint's domain are known."""
    return card_of(lab, name).domain == DOMAIN


@explain
def agree(lab: Lab, grouping: Grouping | None) -> Iterator[str]:
    """Lines on the way, then how well the looks agree with the true ones, as Markdown."""
    if grouping is None or not has_truth(lab, grouping.name):
        raise ValueError(NO_TRUTH)
    if (found := known(lab, grouping.name)) is None:
        work = Work(lambda progress: read(lab, grouping.name, progress))
        for share in work:
            yield f"Reading new scenes of the town: {share:.0%} …"
        found = work.result
    yield verdict(found, grouping, domain_of(lab, grouping.name)[0][grouping.label].name)


def known(lab: Lab, name: str) -> dict[int, Known] | None:
    """What was read already with a checkpoint, None before."""
    return _read.get((str(lab.checkpoints / name), card_of(lab, name).digest))


def read(lab: Lab, name: str, progress: Progress) -> dict[int, Known]:
    """Class → objects of new scenes as the checkpoint's encoder sees them; kept for the next."""
    card, pipeline = card_of(lab, name), lab.synthesizer(name)
    smallest = (card.training.get("styles") or {}).get("smallest", 0.0)
    scenes = Town(split="val", size=card.native_size, length=SCENES, memory_scenes=1)
    found = read_known(pipeline, scenes, range(SCENES), smallest=float(smallest), progress=progress)
    _read[str(lab.checkpoints / name), card.digest] = found
    while len(_read) > KEPT:
        _read.popitem(last=False)
    return found


def compared(
    found: dict[int, Known], grouping: Grouping
) -> tuple[Agreement | None, dict[str, list[int]]]:
    """The measures, None where nothing can be told apart, and true look → its objects by look."""
    objects = found.get(grouping.label)
    if objects is None:
        return None, {}
    members = nearest(objects.features, grouping.centers).tolist()
    columns = range(len(grouping.centers))
    table = {
        look: [counts.get(column, 0) for column in columns]
        for look, counts in contingency(members, objects.looks).items()
    }
    return agreement(members, objects.looks), table


def verdict(found: dict[int, Known], grouping: Grouping, kind: str) -> str:
    """The measures of agreement in words, and how many objects of a true look are in which."""
    result, counts = compared(found, grouping)
    if not counts:
        return f"No {kind} of {SCENES} new scenes is large enough to be compared."
    if result is None:
        return f"All {kind} objects of {SCENES} new scenes have one true look: nothing can agree."
    columns = range(len(grouping.centers))
    lines = [
        ["True look", *(f"look {column + 1}" for column in columns)],
        ["---"] * (1 + len(columns)),
    ]
    lines += [[look, *(str(count or "·") for count in row)] for look, row in counts.items()]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return (
        f"Over {result.objects} {kind} objects of {SCENES} new scenes, **normalised mutual "
        f"information {result.information:.2f}** (1: the look tells the truth, 0: nothing of it), "
        f"homogeneity {result.homogeneity:.2f} (1: every look holds one true look only).\n\n{table}"
    )
