"""The one training loop. It knows nothing of pictures: a task yields losses, the loop steps."""

from __future__ import annotations

import json
import math
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.data_loader import prepare_data_loader
from accelerate.utils import DistributedDataParallelKwargs
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from lab.images import save_picture
from training.ema import EMA
from training.optimizers import build_optimizer, load_optimizer
from training.precision import precision
from training.saving import (
    CONFIG,
    HISTORY,
    STATE,
    cut_history,
    filling_from,
    has_state,
    read_state,
    remove_parts,
    write_whole,
)
from training.settings import Optim, Schedule
from training.waking import Waking

Losses = dict[str, Tensor]
EPOCHS = 1_000_000  # numbers that a stage has for its own, more than any takes


class Stage(Protocol):
    """What the loop needs of an entry of `stages:`."""

    steps: int
    batch: int
    lr: float | None


class Task(Protocol):
    """A training objective.

    `networks` are what the optimizers of the same name step (wrapped for several processes);
    `averaged` are the modules that are averaged and exported.
    """

    stages: Sequence[Stage]
    networks: dict[str, nn.Module]
    averaged: Mapping[str, nn.Module]

    def enter(self, stage: int) -> Dataset:
        """Freezes and thaws for a stage and returns its dataset, item = dataset[epoch, index]."""

    def phases(self, batch: Any) -> Iterator[tuple[str, Losses]]:
        """(network to step, weighted losses), in order; lazily, so later phases see the steps."""

    def preview(self, averaged: Mapping[str, nn.Module]) -> dict[str, Tensor]:
        """name → picture (3, H, W) in [0, 1], drawn with the pipeline users get."""


class Order:
    """Batches of (epoch, index) from a step onwards; a pure function of seed and step.

    Resuming therefore needs no sampler state beyond the number of the step. Epochs are counted from
    `first`, another one for every stage, so that windows and whatever else hangs on them are new.
    """

    def __init__(self, length: int, batch: int, *, seed: int, steps: range, first: int = 0) -> None:
        self.length, self.batch, self.seed, self.steps = length, batch, seed, steps
        self.first = first

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        known, order = -1, torch.empty(0)
        for step in self.steps:
            picks = []
            for position in range(step * self.batch, (step + 1) * self.batch):
                epoch, place = divmod(position, self.length)
                if epoch != known:
                    generator = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
                    known, order = epoch, torch.randperm(self.length, generator=generator)
                picks.append((self.first + epoch, int(order[place])))
            yield picks


def learning_rate(optim: Optim, stage: Stage, step: int) -> float:
    """Constant, then linear to `floor`: the rate of step 0 … steps - 1 of a stage."""
    base = stage.lr if stage.lr is not None else optim.lr
    start = optim.decay_from * stage.steps
    if step < start:
        return base
    share = (step - start) / max(stage.steps - start, 1)
    return base * (1 - share) + base * optim.floor * share


class Run:
    """One run: its networks, optimizers, averages, and the folder that survives it."""

    def __init__(
        self, task: Task, folder: Path, *, optim: Optim, schedule: Schedule, seed: int
    ) -> None:
        self.task, self.folder, self.optim, self.schedule = task, folder, optim, schedule
        self.seed, self.stage, self.step, self.total = seed, 0, 0, 0
        # What a stage freezes has no gradients for the other processes to wait for.
        several = DistributedDataParallelKwargs(find_unused_parameters=True)
        chosen = {"auto": precision(), "float32": "no"}.get(schedule.precision, schedule.precision)
        self.accelerator = Accelerator(mixed_precision=chosen, kwargs_handlers=[several])
        if (divisor := self.accelerator.gradient_accumulation_steps) != 1:
            # The launcher's: it would divide every loss, and only a Run knows when to step.
            raise ValueError(
                f"accelerate was told gradient_accumulation_steps {divisor}; expected 1, "
                f"say schedule.accumulate={divisor} instead."
            )
        self.ema = EMA(task.averaged, schedule.ema)
        for average in self.ema.modules.values():
            average.to(self.accelerator.device, memory_format=torch.channels_last)
        self.optimizers: dict[str, Optimizer] = {}
        for name, network in task.networks.items():
            network.to(self.accelerator.device, memory_format=torch.channels_last)
            optimizer = build_optimizer(network.parameters(), optim)
            prepared = self.accelerator.prepare(network, optimizer)
            task.networks[name], self.optimizers[name] = prepared
        unknown = set(optim.rates) - set(task.networks)
        if unknown:
            raise ValueError(
                f"optim.rates names {', '.join(sorted(unknown))}; "
                f"the networks are: {', '.join(task.networks)}."
            )
        self.waking = Waking(schedule.wake, seed=seed)
        self.stopping = False

    def train(self, *, resume: bool, settings: str | None = None) -> None:
        """Runs all stages, or the rest of them; returns early, saved, on SIGTERM or Ctrl-C.

        `settings` are what the run's config is to say. It is written once they are known to fit
        the state that is gone on from, and only where a stage is left to be trained by them.

        Raises:
            FileNotFoundError, ValueError: no state, a damaged one, or one of other networks.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        left = resume and has_state(self.folder)
        self.accelerator.wait_for_everyone()  # all have looked before the first one cleans up
        if self.accelerator.is_main_process:
            remove_parts(self.folder)
            if not left:
                (self.folder / HISTORY).unlink(missing_ok=True)
        if left:
            self.restore()
        if self.stage >= len(self.task.stages):
            self._say(f"{self.folder} is finished after {self.total} steps; add stages to go on.")
            return
        if settings is not None and self.accelerator.is_main_process:
            write_whole(self.folder / CONFIG, lambda part: part.write_text(settings, "utf-8"))
        handlers = {s: signal.signal(s, self._stop) for s in (signal.SIGTERM, signal.SIGINT)}
        try:
            while self.stage < len(self.task.stages) and not self.stopping:
                self._train_stage()
                # Agreed on anew: told between two stages, one process alone would go on.
                if not self._agree_to_stop():
                    self.stage, self.step = self.stage + 1, 0
                self.save()
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def _say(self, sentence: str) -> None:
        if self.accelerator.is_main_process:
            print(sentence)

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _agree_to_stop(self) -> bool:
        """Whether any process was told to stop: all leave at the same step."""
        if self.accelerator.num_processes > 1:
            flag = torch.tensor(float(self.stopping), device=self.accelerator.device)
            self.stopping = bool(self.accelerator.reduce(flag, "sum"))
        return self.stopping

    def _loader(self, dataset: Dataset, stage: Stage) -> DataLoader:
        # Of n processes each takes every n-th batch: n times as many pictures a step.
        rank, count = self.accelerator.process_index, self.accelerator.num_processes
        share = self.schedule.accumulate * count
        steps = range(self.step * share + rank, stage.steps * share, count)
        seed, first = self.seed + self.stage, self.stage * EPOCHS
        order = Order(len(dataset), stage.batch, seed=seed, steps=steps, first=first)
        loader = DataLoader(
            dataset,
            batch_sampler=order,
            num_workers=self.schedule.workers,
            pin_memory=self.accelerator.device.type == "cuda",
            # Its own: else opening it draws from torch's, and a resumed run opens once more.
            generator=torch.Generator().manual_seed(self.seed),
        )
        # The order is already each process's own, so it is not to be divided again.
        device = self.accelerator.device
        return prepare_data_loader(
            loader, device, num_processes=1, process_index=0, put_on_device=True
        )

    def _train_stage(self) -> None:
        stage = self.task.stages[self.stage]
        batches = iter(self._loader(self.task.enter(self.stage), stage))
        sums: dict[str, float] = {}
        counted, started, saved = 0, time.perf_counter(), time.perf_counter()
        with self._bar(stage) as bar:  # closed, so that the sentence of an error has its own line
            while self.step < stage.steps and not self._agree_to_stop():
                values = self._one_step(batches, stage)
                losses = {f"loss {name}": value for name, value in values.items()}
                self._require_finite(losses, self.total + 1)
                for name, value in values.items():
                    sums[name] = sums.get(name, 0.0) + value
                self.step, self.total, counted = self.step + 1, self.total + 1, counted + 1
                bar.update()
                last = self.step == stage.steps
                if self.step % self.schedule.log_every == 0 or last:
                    seconds = (time.perf_counter() - started) / counted
                    means = {name: value / counted for name, value in sums.items()}
                    self._log(means, stage, seconds)
                    bar.set_postfix({name: f"{value:.3f}" for name, value in means.items()})
                    sums, counted, started = {}, 0, time.perf_counter()
                if self.step % self.schedule.preview_every == 0 or last:
                    self._preview()
                if time.perf_counter() - saved > 60 * self.schedule.save_minutes:
                    self.save()
                    saved = time.perf_counter()

    def _bar(self, stage: Stage) -> tqdm:
        return tqdm(
            total=stage.steps,
            initial=self.step,
            desc=f"stage {self.stage + 1}/{len(self.task.stages)}",
            disable=not self.accelerator.is_main_process,
            mininterval=5,
        )

    def _one_step(self, batches: Iterator[Any], stage: Stage) -> dict[str, float]:
        """One optimizer step of every network, over `accumulate` batches; returns mean losses.

        The means are over the batches of all processes.
        """
        self._seed_step()
        rate = learning_rate(self.optim, stage, self.step)
        accumulate, values = self.schedule.accumulate, {}
        for name, optimizer in self.optimizers.items():
            optimizer.zero_grad(set_to_none=True)
            for group in optimizer.param_groups:
                group["lr"] = rate * self.optim.rates.get(name, 1.0)
        for micro in range(accumulate):
            batch = next(batches)
            phases = self.task.phases(batch)
            while True:
                with self.accelerator.autocast():
                    try:
                        name, losses = next(phases)
                    except StopIteration:
                        break
                    loss = torch.stack(list(losses.values())).sum() / accumulate
                self.accelerator.backward(loss)
                for key, value in losses.items():
                    label = f"{name}/{key}"
                    values[label] = values.get(label, 0.0) + value.detach() / accumulate
                if micro == accumulate - 1:
                    if self.optim.clip is not None:
                        parameters = self.task.networks[name].parameters()
                        self.accelerator.clip_grad_norm_(parameters, self.optim.clip)
                    self.optimizers[name].step()
        self.waking.step(self._unwrapped(), self.total + 1)
        self.ema.update(self.task.averaged)
        # One reduction of all: a loss that is not finite anywhere stops every process at once.
        means = self.accelerator.reduce(torch.stack([v.float() for v in values.values()]), "mean")
        return dict(zip(values, means.tolist(), strict=True))

    def _unwrapped(self) -> dict[str, nn.Module]:
        unwrap = self.accelerator.unwrap_model
        return {name: unwrap(network) for name, network in self.task.networks.items()}

    def _seed_step(self) -> None:
        """What a step draws (noise, light, dropout) depends on seed, step and process alone.

        Several processes draw different noise, and a resumed run needs no generator's state.
        """
        place = (self.seed % 2**63, self.total, self.accelerator.process_index)
        torch.manual_seed(int(np.random.SeedSequence(place).generate_state(1, np.uint64)[0]))

    def _norms(self) -> dict[str, float]:
        """The norm of every network's weights, which bad gradients of a finite loss make NaN."""
        return {
            f"norm of {name}": torch.nn.utils.get_total_norm(network.parameters()).item()
            for name, network in self.task.networks.items()
        }

    def _require_finite(self, values: Mapping[str, float], step: int) -> None:
        """Stops at the first bad step, before it can be saved over a good state."""
        bad = [name for name, value in values.items() if not math.isfinite(value)]
        if not bad:
            return
        advice = "start again with a lower optim.lr"
        if (self.folder / STATE).is_file():
            advice = f"lower optim.lr and go on from the last good state in {self.folder}: --resume"
        raise ValueError(f"The {bad[0]} is not finite at step {step}; {advice}.")

    def _log(self, means: Mapping[str, float], stage: Stage, seconds: float) -> None:
        if not self.accelerator.is_main_process:
            return
        rate = learning_rate(self.optim, stage, self.step - 1)
        row = {"step": self.total, "stage": self.stage, "lr": rate, "seconds": round(seconds, 4)}
        row |= {name: round(value, 5) for name, value in means.items()}
        with (self.folder / HISTORY).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")

    def _preview(self) -> None:
        if not self.accelerator.is_main_process:
            return
        folder = self.folder / "previews"
        folder.mkdir(exist_ok=True)
        for name, picture in self.task.preview(self.ema.modules).items():
            save_picture(folder / f"{name}-{self.total:06d}.png", picture, None)

    def save(self) -> None:
        """Writes `state.pt` whole or not at all: weights, optimizers, averages, step.

        Raises:
            ValueError: weights that are not finite, in every process alike; nothing is written.
        """
        self._require_finite(self._norms(), self.total)
        if not self.accelerator.is_main_process:
            return
        state = {
            "stage": self.stage,
            "step": self.step,
            "total": self.total,
            "processes": self.accelerator.num_processes,  # each has batches of its own
            "networks": {k: v.state_dict() for k, v in self._unwrapped().items()},
            "optimizers": {k: v.state_dict() for k, v in self.optimizers.items()},
            "ema": self.ema.state_dict(),
            "waking": self.waking.state_dict(),
        }
        write_whole(self.folder / STATE, partial(torch.save, state))

    def restore(self) -> None:
        """Reads `state.pt` and cuts the history back to its step.

        Raises:
            ValueError: a damaged state, or one of other networks or optimizers.
        """
        state = read_state(self.folder / STATE)
        with filling_from(self.folder / STATE):
            for name, network in self._unwrapped().items():
                network.load_state_dict(state["networks"][name])
                load_optimizer(self.optimizers[name], state["optimizers"][name])
            self.ema.load_state_dict(state["ema"])
        self.waking.load_state_dict(state.get("waking", {}))  # states of before have none
        self.stage, self.step, self.total = state["stage"], state["step"], state["total"]
        if self.accelerator.is_main_process:
            cut_history(self.folder, self.total)
