"""What each part of pix2pixHD adds: python -m training.ablations --runs DIR [key=value …]

Trains the recipes of configs/ablations with every seed, one after the other, as far as that is not
done yet; scores every finished run on the same scenes; writes mean and spread over the seeds.
Stopped and called again, it goes on. `key=value` changes all recipes alike.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab import checkpoint
from lab.card import CHECKPOINTS, locate, read_card
from lab.catalog import JUDGES
from lab.cli.arguments import Parser
from lab.files import write_json
from lab.pipelines.segmentation import SegmentationPipeline
from lab.scoring.features import FeatureNetwork, open_networks
from lab.scoring.methods import ORACLE, oracle, rows_of
from lab.scoring.report import short
from lab.scoring.scenes import Scenes
from lab.scoring.synthesis import score_synthesis
from training.__main__ import main as train
from training.command import add_device, finish
from training.config import SynthesisConfig, read
from training.evaluate import MOBILENET
from training.export import export
from training.saving import CONFIG, STATE, read_state

CONFIGS = Path(__file__).resolve().parent / "configs" / "ablations"
WHOLE = "full"  # the recipe that the others leave something out of
SCENES = 60
SCORE = "score.json"
COLUMNS = ("mean_iou", "kid_mobilenet")


@dataclass(frozen=True)
class Trial:
    """A recipe with a seed, and the folder of its run."""

    recipe: Path
    seed: int
    folder: Path
    overrides: tuple[str, ...] = ()

    @property
    def settings(self) -> list[str]:
        """What is changed of the recipe."""
        return [*self.overrides, f"seed={self.seed}"]

    @property
    def config(self) -> SynthesisConfig:
        """The whole config of the run."""
        return read(self.recipe, self.settings)

    def steps_done(self) -> int:
        """Steps in the run's state; 0 without one.

        Raises:
            ValueError: the folder holds a run of another config, or a damaged state.
        """
        if not (self.folder / STATE).is_file():
            return 0
        if read(self.folder / CONFIG) != self.config:
            raise ValueError(
                f"{self.folder} was trained by another config than {self.recipe.name} is now; name "
                "another folder with --runs, or the same key=value as then."
            )
        return int(read_state(self.folder / STATE)["total"])

    def finished(self) -> bool:
        """Whether all steps are done."""
        return self.steps_done() == sum(stage.steps for stage in self.config.stages)

    def train(self) -> int:
        """Trains what is left; the exit code of the training."""
        resume = ["--resume"] if (self.folder / STATE).is_file() else []
        return train([str(self.recipe), *self.settings, "--run", str(self.folder), *resume])


@dataclass(frozen=True)
class Examiner:
    """What runs are scored with: everybody the same scenes, judge and network."""

    judge: SegmentationPipeline
    network: FeatureNetwork

    def score(self, trial: Trial) -> dict[str, Any]:
        """The numbers of a finished run; measured once, then read from its folder."""
        path, config = trial.folder / SCORE, trial.config
        steps = sum(stage.steps for stage in config.stages)
        marks = {"judge": self.judge.digest, "network": self.network.digest, "steps": steps}
        if path.is_file():
            known = json.loads(path.read_text(encoding="utf-8"))
            if known["marks"] == marks:
                return known
        root = trial.folder / "checkpoint"
        card = export(trial.folder, root)
        pipeline = checkpoint.load(card.name, device=self.judge.device, root=root)
        folder = None if config.data.root is None else Path(config.data.root)
        scenes = Scenes(config.data.name, folder, size=card.native_size, limit=SCENES)
        first, *_ = rows_of(card, pipeline)  # looks by lot: what a user gets of a layout alone
        report = score_synthesis(
            scenes, [oracle(), first], judge=self.judge, networks=[self.network]
        )
        protocol = {k: v for k, v in report.protocol.items() if k not in ("rows", "checkpoints")}
        score = {
            "marks": marks,
            "title": config.about.title,
            **{column: short(report.rows[first.row][column]) for column in COLUMNS},
            "oracle": short(report.rows[ORACLE]["mean_iou"]),
            "protocol": protocol,
        }
        write_json(path, score)
        return score


def trials(options: argparse.Namespace) -> list[Trial]:
    """Recipes times seeds, the whole first; a seed of all recipes before the next seed.

    Raises:
        ValueError: a recipe that is not there.
    """
    others = sorted(path for path in CONFIGS.glob("*.yaml") if path.stem != WHOLE)
    recipes = {path.stem: path for path in (CONFIGS / f"{WHOLE}.yaml", *others)}
    unknown = set(options.only or ()) - set(recipes)
    if unknown:
        raise ValueError(f"No ablation is called {min(unknown)!r}; known: {', '.join(recipes)}.")
    return [
        Trial(path, seed, options.runs / f"{name}-{seed}", tuple(options.overrides))
        for seed in options.seeds
        for name, path in recipes.items()
        if not options.only or name in options.only
    ]


def tabulate(scores: Mapping[Trial, Mapping[str, Any]], reading: str) -> dict[str, Any]:
    """The table of all scores; `reading` is what somebody has said of it.

    Raises:
        ValueError: no score, or scores of runs of different length.
    """
    if not scores:
        raise ValueError("No run is finished, so there is nothing to compare; train first.")
    steps = {score["marks"]["steps"] for score in scores.values()}
    if len(steps) > 1:
        raise ValueError(
            f"The runs are of {' and '.join(map(str, sorted(steps)))} steps; only runs of equal "
            "length compare."
        )
    rows: dict[str, dict[str, Any]] = {}
    for trial, score in scores.items():
        row = rows.setdefault(trial.recipe.stem, {"title": score["title"]})
        for column in COLUMNS:
            row.setdefault(column, {})[str(trial.seed)] = score[column]
    for row in rows.values():
        row |= {column: _over_seeds(row[column]) for column in COLUMNS}
    any_score = next(iter(scores.values()))
    protocol = {
        "steps": steps.pop(),
        "seed_of_a_run": "its scenes, windows, first weights and noise; recipes share them",
        "spread": "sample standard deviation over the seeds",
        "oracle_mean_iou": any_score["oracle"],
        **any_score["protocol"],
    }
    return {"title": "Ablations", "protocol": protocol, "rows": rows, "reading": reading}


def _over_seeds(values: Mapping[str, float]) -> dict[str, Any]:
    numbers = list(values.values())
    spread = short(statistics.stdev(numbers)) if len(numbers) > 1 else None
    mean = short(statistics.fmean(numbers))
    return {"mean": mean, "spread": spread, "n": len(numbers), "values": dict(values)}


def open_judge(text: str, device: str | None) -> SegmentationPipeline:
    """A judge by name or folder.

    Raises:
        FileNotFoundError, ValueError: there is none, or it is no judge.
    """
    folder = locate(text)
    card = read_card(folder)
    if card.method not in JUDGES:
        raise ValueError(
            f"The checkpoint {card.name!r} is of the method {card.method!r}, no judge."
        )
    return checkpoint.load(folder.name, device=device, root=folder.parent)


def run(options: argparse.Namespace) -> int:
    """Trains, scores and writes what the options ask for; an exit code."""
    asked = trials(options)
    if not options.only and not options.out.parent.is_dir():
        raise FileNotFoundError(f"There is no folder {options.out.parent}; make it first.")
    judge = open_judge(options.judge, options.device)
    (network,) = open_networks([f"mobilenet={options.mobilenet}"], judge, judge.device)
    examiner, scores = Examiner(judge, network), {}
    for trial in asked:
        if not trial.finished() and not options.score:
            failed = trial.train()
            if failed or not trial.finished():
                return failed or 1  # it was told to stop, and is saved
        if trial.finished():
            scores[trial] = examiner.score(trial)
            said = "  ".join(f"{column} {scores[trial][column]}" for column in COLUMNS)
            print(f"{trial.folder.name:24}{said}", flush=True)
    if not options.only:
        old = json.loads(options.out.read_text("utf-8")) if options.out.is_file() else {}
        write_json(options.out, tabulate(scores, old.get("reading", "")))
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; exit code 2 with one sentence on bad input, 1 where a run was stopped."""
    parser = Parser(prog="training.ablations", description=__doc__)
    parser.add_argument("overrides", nargs="*", default=[], metavar="key=value")
    parser.add_argument("--runs", required=True, type=Path, help="folder of the runs' folders")
    parser.add_argument("--judge", default="segmenter-town", help="checkpoint, or its folder")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these alone; writes no table")
    parser.add_argument("--score", action="store_true", help="trains nothing: scores what is done")
    parser.add_argument("--out", type=Path, default=CHECKPOINTS / "ablations.json")
    parser.add_argument("--mobilenet", type=Path, default=MOBILENET, help="weights for the KID")
    add_device(parser)
    options = parser.parse_intermixed_args(arguments)
    return finish("training.ablations", lambda: run(options))


if __name__ == "__main__":
    sys.exit(main())
