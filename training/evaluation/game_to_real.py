"""From game to real: python -m training.evaluation.game_to_real --photos DIR …

Streets of the procedural town take the look of real street photographs, each class of objects that
of the same class, photo-realistically (Li et al. 2019, §4, carry GTA over to Cityscapes). A judge
that has only ever seen photographs reads them before and after: the nearer to real, the better it
reads.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.data import Dataset
from tqdm import tqdm

from lab import checkpoint
from lab.cli.arguments import Parser, at_least, require_writable
from lab.data.crops import Sample
from lab.data.labels import IGNORE, LabelSpace
from lab.data.streets import STREETS, Streets
from lab.data.town import Town
from lab.files import write_json
from lab.metrics.segmentation import confusion_matrix, mean_iou, pixel_accuracy
from lab.pipelines.controls import Controls, draw
from lab.pipelines.regions import FEWEST, class_masks, common_classes
from lab.pipelines.segmentation import SegmentationPipeline
from lab.pipelines.transfer import FeatureTransfer
from lab.scoring.page import check_place, open_sheet
from lab.scoring.report import Report
from lab.scoring.sheet import Line, Sheet
from training.command import add_device, finish

SIZE = (480, 360)
LIMIT = 24
SOFTNESS = 2.0
CONTROLS = Controls(photorealistic=True)
ROWS = ("before", "after", "photographs")  # the last are those that lent their look


def matched_classes(
    content: Tensor, style: Tensor, spaces: tuple[LabelSpace, LabelSpace]
) -> list[tuple[int, int]]:
    """The classes (content's id, style's id) of one name that both pictures show enough of.

    Args:
        content, style: (H, W) int64 label maps. spaces: of the two.
    """
    own, other = spaces
    named = [(own.index(name), other.index(name)) for name in own.names if name in other.names]
    return common_classes(content, style, named)


def nearest_photos(streets: Sequence[Tensor], photos: Sequence[Tensor], classes: int) -> list[int]:
    """For each street's label map the photo's whose class shares overlap most with its own.

    No photo lends its look twice before all have; of equals, the first does.
    """
    shares = [_shares(each, classes) for each in photos]
    chosen, left = [], set(range(len(photos)))
    for labels in streets:
        wanted = _shares(labels, classes)
        overlaps = {index: float(torch.minimum(wanted, shares[index]).sum()) for index in left}
        chosen.append(max(sorted(left), key=lambda index: overlaps[index]))
        left = left - {chosen[-1]} or set(range(len(photos)))
    return chosen


def restyle(
    stylizer: FeatureTransfer,
    game: Sample,
    real: Sample,
    *,
    spaces: tuple[LabelSpace, LabelSpace] = (STREETS, STREETS),
    controls: Controls = CONTROLS,
) -> Tensor:
    """A rendered street as photographed: (1, 3, H, W) in [0, 1].

    Every class takes the statistics of its own in the photograph, what has no partner there those
    of the whole photograph.
    """
    pairs = matched_classes(game["labels"], real["labels"], spaces)
    shares, counting = class_masks(game["labels"], real["labels"], pairs, soft=SOFTNESS)
    photo = real["photo"][None].to(stylizer.device)
    styles = [stylizer.encode_style(photo, mask) for mask in counting]
    content = game["photo"][None].to(stylizer.device)
    return draw(stylizer, content, styles, controls, masks=shares.to(content))


def evaluate_game_to_real(
    stylizer: FeatureTransfer,
    judge: SegmentationPipeline,
    photos: Dataset[Sample],
    *,
    limit: int = LIMIT,
    sheet: Sheet | None = None,
) -> Report:
    """What the judge reads before and after, over `limit` streets of the town's test split, and
    what it reads in the photographs that lent their look."""
    town = Town(split="test", size=SIZE, length=limit)
    layouts = [photos[index]["labels"] for index in range(len(photos))]
    classes = len(town.space)
    chosen = nearest_photos([town[i]["labels"] for i in range(limit)], layouts, classes)
    counts = {row: torch.zeros(classes, classes, dtype=torch.int64) for row in ROWS}
    for index in tqdm(range(limit), desc="streets", mininterval=5):
        game = town[index]
        real = photos[chosen[index]]
        pictures = (game["photo"][None], restyle(stylizer, game, real).cpu(), real["photo"][None])
        truths = (game["labels"], game["labels"], real["labels"])
        shown = dict(zip(ROWS, pictures, strict=True))
        for (row, picture), truth in zip(shown.items(), truths, strict=True):
            counts[row] += confusion_matrix(judge(picture).cpu(), truth[None], classes)
        if sheet is not None:
            sheet.add(Line(f"street {index}", shown, {}))
    rows = {
        row: {"mean_iou": mean_iou(count), "pixel_accuracy": pixel_accuracy(count)}
        for row, count in counts.items()
    }
    protocol = {
        "pictures": f"streets 0 to {limit - 1} of the town's test split, {SIZE[0]}x{SIZE[1]}",
        "photos": f"{len(layouts)}; each street takes the one whose class shares are nearest, "
        "each lends its look once before any does twice",
        "regions": f"classes of one name with {FEWEST:.1%} of either picture, the rest the whole's",
        "judge": judge.digest,
        "stylizer": stylizer.digest,
    }
    return Report("From game to real", protocol, rows)


def parser() -> Parser:
    """The options of the command."""
    own = Parser(prog="training.evaluation.game_to_real", description=__doc__)
    own.add_argument("--photos", type=Path, required=True, help="folder of the streets dataset")
    own.add_argument("--split", default="val", help="of the photographs (val)")
    own.add_argument("--method", default="linear-fast", help="checkpoint of a stylizer")
    own.add_argument("--judge", default="segmenter-streets", help="checkpoint of the judge")
    own.add_argument("--checkpoints", type=Path, default=checkpoint.CHECKPOINTS)
    streets = at_least(1, "streets")
    own.add_argument("--limit", type=streets, default=LIMIT, help=f"streets ({LIMIT})")
    own.add_argument("--sheet", type=Path, help="HTML or PNG: all pictures, in order")
    own.add_argument("--out", type=Path, help="JSON file for protocol and rows")
    add_device(own)
    return own


def run(options: argparse.Namespace) -> None:
    """Evaluates, writes and prints.

    Raises:
        FileNotFoundError, ValueError: checkpoints, photographs or places that do not fit.
    """
    if options.out is not None:
        require_writable(options.out, "--out", (".json",))
    if options.sheet is not None:
        require_writable(options.sheet, "--sheet", (".png", ".html"))
        check_place(options.sheet)
    how = {"device": options.device, "root": options.checkpoints}
    stylizer, judge = (checkpoint.load(name, **how) for name in (options.method, options.judge))
    if not isinstance(stylizer, FeatureTransfer):
        raise ValueError(f"{options.method} has no regions; choose linear, adain or wct.")
    if not isinstance(judge, SegmentationPipeline):
        raise ValueError(f"{options.judge} is no judge; choose a segmenter of streets.")
    photos = Streets(options.photos, options.split, size=SIZE)
    with open_sheet(options.sheet, options.limit) as sheet:
        report = evaluate_game_to_real(stylizer, judge, photos, limit=options.limit, sheet=sheet)
        if sheet is not None:
            sheet.finish(report)
    if options.out is not None:
        write_json(options.out, report.result())
    print("\n".join(report.lines()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; exit code 2 with one sentence on bad input."""
    options = parser().parse_args(arguments)
    return finish("training.evaluation.game_to_real", lambda: run(options))


def _shares(labels: Tensor, classes: int) -> Tensor:
    known = labels[labels != IGNORE]
    return torch.bincount(known.flatten(), minlength=classes)[:classes] / max(1, known.numel())


if __name__ == "__main__":
    sys.exit(main())
