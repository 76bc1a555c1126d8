"""Scores methods on files: synthesizers against photographs, stylizers between content and style.

Every picture is scored and none is picked; a sheet shows all of them. See «Scoring» in the README.
"""

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

from lab.catalog import DATASETS, STYLIZERS, SYNTHESIZERS
from lab.cli.arguments import at_least, require_writable, seed, shared, side, size
from lab.data.photos import PICTURES
from lab.files import write_json
from lab.lab import Lab
from lab.pipelines.video import STEADY, Steady
from lab.scoring.clips import Clips, score_clips
from lab.scoring.features import NETWORKS, PAIRWISE, open_networks, open_pair_networks
from lab.scoring.methods import ORACLE, load_judge, load_methods, named, native_size
from lab.scoring.page import check_place, open_sheet
from lab.scoring.pairs import Pairs
from lab.scoring.report import Report
from lab.scoring.scenes import Scenes
from lab.scoring.style_network import open_style_network
from lab.scoring.stylizers import load_stylizers
from lab.scoring.synthesis import score_synthesis
from lab.scoring.transfer import score_transfer

SIDE = 512  # longest, of content and style


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the tasks, each with its options."""
    tasks = parser.add_subparsers(dest="task", metavar="task", required=True)
    words = {"synthesis": "methods of a domain by a judge, by features, by the clock"}
    words["transfer"] = "stylizers on every pair of two folders"
    for name, options in {"synthesis": _synthesis, "transfer": _transfer}.items():
        task = tasks.add_parser(name, help=words[name], description=words[name])
        shared(task)
        options(task)
        task.add_argument(
            "--sheet", type=Path, metavar="HTML|PNG", help="every scored picture, in file order"
        )
        task.add_argument("--out", required=True, type=Path, metavar="JSON")
    parser.epilog = "a task has options of its own, --out and --sheet among them: score TASK --help"


def run(lab: Lab, options: argparse.Namespace) -> None:
    """Scores, prints the table, writes the sheet and then the result."""
    require_writable(options.out, "--out", [".json"])
    if options.sheet is not None:
        require_writable(options.sheet, "--sheet", [".html", ".png"], inputs=_pictures(options))
        check_place(options.sheet)
    score = {"synthesis": synthesis, "transfer": transfer}[options.task]
    report = score(lab, options)
    write_json(options.out, report.result())
    print("\n".join(report.lines()))


def _pictures(options: argparse.Namespace) -> Iterator[Path]:
    """Those in the folders that are scored, which a sheet must not replace."""
    transfer = options.task == "transfer"
    for folder in (options.content, options.style) if transfer else (options.data,):
        if folder is not None:
            yield from (path for path in folder.rglob("*") if path.suffix.lower() in PICTURES)


def synthesis(lab: Lab, options: argparse.Namespace) -> Report:
    """The methods of a domain on layouts, the oracle and the palette among them."""
    place = {"root": lab.checkpoints, "device": lab.device}
    if options.data is not None and options.domain == "town":
        raise ValueError("The town draws its own scenes; leave out --data.")
    judge = load_judge(options.domain, **place)
    given = named(options.checkpoint, lab.checkpoints)
    methods, left_out = load_methods(options.methods, options.domain, given=given, **place)
    networks = open_networks(options.features, judge, lab.device)
    scenes = Scenes(
        options.domain,
        options.data,
        size=options.size or native_size(options.domain, lab.checkpoints, judge, given=given),
        split=options.split,
        limit=options.limit,
    )
    with open_sheet(options.sheet, len(scenes), scenes.space) as sheet:
        how = {"judge": judge, "networks": networks, "seed": options.seed, "sheet": sheet}
        return _finished(score_synthesis(scenes, methods, **how), left_out, sheet)


def transfer(lab: Lab, options: argparse.Namespace) -> Report:
    """Stylizers on pairs, between the untouched content and the style picture."""
    if options.gatys_steps is not None and "gatys" not in (options.methods or ["gatys"]):
        raise ValueError("--gatys-steps is for gatys; add it to --methods or leave it out.")
    folders, few = (options.content, options.style), {"size": options.size, "limit": options.limit}
    pairs, clips = Pairs(*folders, **few), Clips(*folders, **few)
    if options.steady is not None and not clips:
        raise ValueError(f"--steady is for videos; {options.content} holds none: leave it out.")
    if options.pictures is not None:
        require_folder(options.pictures, inputs=folders)
    place = {"root": lab.checkpoints, "device": lab.device}
    network = open_style_network(options.vgg, **place)
    networks = open_pair_networks(options.features, lab.device)
    methods, left_out = load_stylizers(options.methods, steps=options.gatys_steps, **place)
    if not pairs and all(method.draw_frame is None for method in methods):
        rows = ", ".join(method.row for method in methods)
        raise ValueError(
            f"{options.content} holds nothing but videos, which {rows} cannot draw; give pictures "
            "as well, or choose other --methods."
        )
    if options.pictures is not None:
        pairs.require_distinct([method.row for method in methods])
        options.pictures.mkdir(exist_ok=True)
    with open_sheet(options.sheet, len(pairs) + len(clips)) as sheet:
        report = score_transfer(
            pairs,
            methods,
            network=network,
            device=lab.device,
            networks=networks,
            sheet=sheet,
            pictures=options.pictures,
        )
        if clips:
            how = {"device": lab.device, "steady": options.steady or STEADY, "sheet": sheet}
            report = report.joined(score_clips(clips, methods, **how))
        return _finished(report, left_out, sheet)


def require_folder(path: Path, *, inputs: Iterable[Path]) -> None:
    """Checks before the work that pictures can be kept in `path` while it goes on.

    Raises:
        ValueError: it is a file, or one of the folders `inputs`, where drawings would replace
            pictures and be scored the next time. FileNotFoundError: the folder around it does not
            exist.
    """
    if path.exists() and not path.is_dir():
        raise ValueError(f"--pictures {path} is a file; name a folder.")
    if path.exists() and any(path.samefile(each) for each in inputs):
        raise ValueError(f"--pictures {path} is one of the inputs; name another folder.")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"--pictures {path}: the folder {path.parent} does not exist.")


def _finished(report: Report, left_out: dict[str, str], sheet: Any) -> Report:
    if left_out:
        report.protocol["left_out"] = left_out
    if sheet is not None:
        sheet.finish(report)
    return report


def _synthesis(task: argparse.ArgumentParser) -> None:
    task.add_argument("--domain", required=True, choices=tuple(DATASETS))
    task.add_argument(
        "--data", type=Path, metavar="DIR", help="its photographs; town needs none: it is drawn"
    )
    task.add_argument("--split", default="val", help="default: val")
    task.add_argument(
        "--methods", nargs="+", choices=(*SYNTHESIZERS, ORACLE), help="default: what is installed"
    )
    task.add_argument(
        "--checkpoint",
        action="append",
        default=[],
        metavar="NAME",
        help="score this one as its method, whatever it is called; once for every method",
    )
    task.add_argument(
        "--limit",
        type=at_least(2, "pictures"),
        metavar="N",
        help="pictures at most, evenly apart in file order",
    )
    task.add_argument(
        "--size",
        type=size,
        metavar="WxH",
        help="default: pix2pixhd's native size, or its judge's where it is not installed",
    )
    task.add_argument("--seed", type=seed, default=0, help="of what is drawn by lot (default: 0)")
    known = "|".join(NETWORKS)
    task.add_argument(
        "--features",
        nargs="+",
        default=["judge"],
        metavar="NAME[=FILE]",
        help=f"networks of the distances: {known}, with a file of weights (default: judge)",
    )


def _transfer(task: argparse.ArgumentParser) -> None:
    task.add_argument(
        "--content", required=True, type=Path, metavar="DIR", help="pictures, videos or both"
    )
    task.add_argument("--style", required=True, type=Path, metavar="DIR", help="pictures")
    task.add_argument(
        "--methods", nargs="+", choices=tuple(STYLIZERS), help="default: what is installed"
    )
    task.add_argument(
        "--size",
        type=side,
        default=SIDE,
        metavar="N",
        help=f"shrink pictures to this longest side (default: {SIDE})",
    )
    task.add_argument(
        "--limit", type=at_least(1, "pairs"), metavar="N", help="pairs at most; the contents turn"
    )
    task.add_argument(
        "--vgg",
        type=Path,
        metavar="FILE",
        help="VGG-19 of style and content distance (default: the encoder of gatys stands in)",
    )
    known = "|".join(PAIRWISE)
    task.add_argument(
        "--features",
        nargs="+",
        default=[],
        metavar="NAME=FILE",
        help=f"networks of further distances to the content: {known}, with a file of weights",
    )
    task.add_argument(
        "--gatys-steps", type=at_least(1, "steps"), metavar="N", help="in place of its own"
    )
    task.add_argument(
        "--steady",
        choices=get_args(Steady),
        help=f"how a video is held steady (default: {STEADY})",
    )
    task.add_argument(
        "--pictures", type=Path, metavar="DIR", help="keep every drawing as PNG in this folder"
    )
