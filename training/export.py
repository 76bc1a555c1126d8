"""Run folder → checkpoint folder: python -m training.export runs/<name> [--out checkpoints]."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from lab.card import Card
from lab.checkpoint import CHECKPOINTS, save
from lab.cli.arguments import Parser
from lab.files import write_text
from lab.models.pix2pixhd import LocalEnhancer
from training.command import finish
from training.config import Config, read
from training.decoder import DecoderTask
from training.distill import DistillTask
from training.ema import EMA
from training.paired import PairedTask
from training.previews import FILM, film
from training.saving import CONFIG, HISTORY, STATE, filling_from, history_until, read_state
from training.styles import fit_bank
from training.synthesis import SynthesisTask
from training.tasks import build_task

HERE = Path(__file__).resolve().parent
METHODS = {  # task → method; a stylizer's config says it itself
    "synthesis": "pix2pixhd",
    "segmenter": "segmenter",
    "pix2pix": "pix2pix",
    "crn": "crn",
}


def export(run: Path, root: Path, *, discriminator: bool = False) -> Card:
    """Writes `root/<name>` from the averaged weights of a run's last state.

    `discriminator`: whether the discriminators go with it, half as large as the generator, so that
    the lab can show what they say. They are never averaged.

    Raises:
        FileNotFoundError: the run has no config or state.
        ValueError: a damaged state, or one that the config does not fit.
    """
    config = read(run / CONFIG)
    if not (run / STATE).is_file():
        raise FileNotFoundError(f"{run} has no {STATE}; train it first.")
    state = read_state(run / STATE)
    task = build_task(config, begun=True)
    ema = EMA(task.averaged, 0.0)
    with filling_from(run / STATE):
        ema.load_state_dict(state["ema"])
    task.enter(last_stage(config, state))
    parts, configs = dict(ema.modules), task.parts()
    if isinstance(task, SynthesisTask):
        if "encoder" in parts:
            parts["styles"] = fit_bank(task, ema.modules)
            configs["styles"] = asdict(parts["styles"].config)
        generator = parts["generator"]
        if task.stage.learns == "global" and isinstance(generator, LocalEnhancer):
            # Only G1 has been trained so far: the checkpoint is G1.
            parts["generator"] = generator.coarse
            configs["generator"] = asdict(generator.coarse.config)
    if discriminator and "discriminator" in task.networks:
        parts["discriminator"] = task.networks["discriminator"]
        with filling_from(run / STATE):
            parts["discriminator"].load_state_dict(state["networks"]["discriminator"])
        configs["discriminator"] = asdict(task.config.discriminator)
    folder = root / config.name
    raw = describe(config, task, run, state)
    if isinstance(task, DistillTask | DecoderTask):
        raw["metrics"] = task.measure(ema.modules)
    card = save(folder, raw, parts, configs)
    write_text(folder / HISTORY, history_until(run, state["total"]))
    if isinstance(task, PairedTask):
        width, height = task.native_size
        if shown := film(run / "previews", aspect=width / height):
            shown.save(folder / FILM, quality=85)
    return card


def last_stage(config: Config, state: dict[str, Any]) -> int:
    """The latest stage that has taken steps."""
    return max(len(taken(config, state)) - 1, 0)


def taken(config: Config, state: dict[str, Any]) -> list[Any]:
    """The stages of a run as far as it has come: what it was to do after that is left out."""
    done, step = list(config.stages[: state["stage"]]), state["step"]
    if step and state["stage"] < len(config.stages):
        done.append(replace(config.stages[state["stage"]], steps=step))
    return done


def describe(config: Config, task: Any, run: Path, state: dict[str, Any]) -> dict[str, Any]:
    """The card without its parts."""
    card: dict[str, Any] = {
        "name": config.name,
        "method": METHODS.get(config.task) or config.method,
        "title": config.about.title or config.name,
        "licence": config.about.licence,
        "native_size": list(task.native_size),
        "training": {
            "command": f"accelerate launch -m training {config_path(config, run)}",
            "data": config.about.data,
            "data_licence": config.about.data_licence,
            "steps": state["total"],
            "seed": config.seed,
            **measured(history_until(run, state["total"])),
            "commit": commit(),
        },
        "metrics": {},
        "limits": list(config.about.limits),
    }
    if config.task == "synthesis" and config.encoder is not None:
        card["training"]["styles"] = asdict(config.styles)
    if config.task in METHODS:
        card |= {"domain": config.data.name, "space": task.space.name}
        batches = config.schedule.accumulate * state.get("processes", 1)  # a step takes so many
        card["training"]["stages"] = [
            asdict(stage) | {"batch": stage.batch * batches} for stage in taken(config, state)
        ]
    return card


def config_path(config: Config, run: Path) -> str:
    """Where the shipped config of this name is; the run's own, where none is shipped."""
    shipped = sorted(HERE.joinpath("configs").rglob(f"{config.name}.yaml"))
    return f"training/{shipped[0].relative_to(HERE).as_posix()}" if shipped else str(run / CONFIG)


def measured(history: str) -> dict[str, Any]:
    """Hours of training by the history, and the machine that exports."""
    rows = [json.loads(line) for line in history.splitlines()]
    steps = [row["step"] for row in rows]
    spans = [b - a for a, b in zip([0, *steps], steps, strict=False)]
    seconds = sum(span * row["seconds"] for span, row in zip(spans, rows, strict=True))
    return {"hours": round(seconds / 3600, 2), "device": device_name()}


def device_name() -> str:
    """The accelerator, or the processor and its cores."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    return f"CPU, {os.cpu_count()} cores, {platform.machine()}"


def commit() -> str:
    """The commit of the code, or an empty string outside a repository."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; exit code 2 with one sentence on bad input."""
    parser = Parser(prog="training.export", description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--out", type=Path, default=CHECKPOINTS)
    parser.add_argument("--discriminator", action="store_true", help="ship the discriminators, too")
    options = parser.parse_args(arguments)

    def work() -> None:
        card = export(options.run, options.out, discriminator=options.discriminator)
        print(f"{options.out / card.name}: {card.parameters} parameters, digest {card.digest}")

    return finish("training.export", work)


if __name__ == "__main__":
    sys.exit(main())
