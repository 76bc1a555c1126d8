"""Two processes train like one with the batches of both; accumulated batches like a large one,
unless a loss weighs the classes of a batch (`reading`, the segmenter's)."""

import json
import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn

from tests.training.runs import Interrupted, run_of, state_of
from training import processes
from training.__main__ import main
from training.config import read
from training.processes import left_alone, processes_of, start_processes
from training.tasks import build_task

REPOSITORY = Path(__file__).resolve().parents[2]
# Without what is drawn in a step, for each process draws its own: noise, light, dropout.
PLAIN = ["generator.noise=0", "data.jitter=0", "schedule.precision=float32"]
STAGES = [f"stages.{stage}.lr=2e-4" for stage in range(3)]
PAIRS = [f"stages.{stage}.batch=2" for stage in range(3)]


def launch(config: Path, *arguments: str) -> None:
    """accelerate launch --cpu --num_processes 2 -m training."""
    command = ["-m", "accelerate.commands.launch", "--cpu", "--num_processes", "2", "-m"]
    told = {"LOCAL_RANK", "WORLD_SIZE", "RANK", "MASTER_ADDR", "MASTER_PORT"}
    environment = {name: value for name, value in os.environ.items() if name not in told}
    done = subprocess.run(
        [sys.executable, *command, "training", str(config), *arguments],
        cwd=REPOSITORY,
        env=environment | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def rows(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]


def without_effect(network: nn.Module) -> set[str]:
    """Biases that a norm takes out again: their gradient is rounding, which Adam makes a step."""
    return {
        f"{name}.{place}.bias"
        for name, module in network.named_modules()
        if isinstance(module, nn.Sequential)
        for (place, layer), (_, after) in pairwise(module.named_children())
        if hasattr(layer, "bias") and isinstance(after, nn.InstanceNorm2d)
    }


def apart(one: dict[str, Tensor], other: dict[str, Tensor], network: nn.Module) -> Tensor:
    """|one - other| of all weights that matter, in a row."""
    assert one.keys() == other.keys()
    kept = sorted(one.keys() - without_effect(network))
    assert len(kept) > len(one) / 2
    return torch.cat([(one[name] - other[name]).abs().flatten() for name in kept])


def require_alike(config: Path, folders: tuple[Path, Path], overrides: list[str]) -> None:
    """The same losses, and the same weights to 1e-5: a twentieth of one step of Adam here.

    What differs is the order in which gradients are summed up. Without effect on any picture, and
    left out, are the biases in front of a norm.
    """
    states = [state_of(folder) for folder in folders]
    assert states[0]["total"] == states[1]["total"]
    for name, network in build_task(read(config, overrides)).networks.items():
        distance = apart(*(state["networks"][name] for state in states), network)
        assert distance.max() < 1e-5, (name, distance.max().item())
    for row, twin in zip(*(rows(folder) for folder in folders), strict=True):
        for key in row.keys() - {"seconds"}:
            assert row[key] == pytest.approx(twin[key], rel=1e-5, abs=2e-5), (row["step"], key)


@pytest.mark.parametrize("coarse", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_two_processes_train_like_one_with_the_batches_of_both(
    synthesis, tmp_path, coarse: int
) -> None:
    """All three stages, from the state that one process left in the middle of the first."""
    overrides = [*PLAIN, *STAGES, f"losses.coarse={coarse}"]
    one, two, parts = (tmp_path / name for name in ("one", "two", "parts"))
    settings = read(synthesis, overrides + PAIRS)
    run = run_of(build_task(settings), one, settings, kind=Interrupted, after=1)
    run.train(resume=False)
    assert (run.stage, run.step) == (0, 1)
    for other in (two, parts):
        shutil.copytree(one, other)
    launch(synthesis, *overrides, "--run", str(two), "--resume")
    for folder, more in ((one, PAIRS), (parts, ["schedule.accumulate=2"])):
        assert main([str(synthesis), *overrides, *more, "--run", str(folder), "--resume"]) == 0
    assert state_of(one)["total"] == 6
    assert (state_of(one)["processes"], state_of(two)["processes"]) == (1, 2)
    require_alike(synthesis, (one, parts), overrides)
    require_alike(synthesis, (one, two), overrides)


def test_classes_weigh_by_what_all_processes_see(synthesis, tmp_path) -> None:
    """Each of two pictures has classes and unlabelled pixels of its own."""
    overrides = [*PLAIN, *STAGES, "losses.reading=1"]
    one, two = tmp_path / "one", tmp_path / "two"
    launch(synthesis, *overrides, "--run", str(two))
    assert main([str(synthesis), *overrides, *PAIRS, "--run", str(one)]) == 0
    require_alike(synthesis, (one, two), overrides)


@pytest.mark.slow
def test_two_processes_train_a_transfer_like_one(transfer, tmp_path) -> None:
    overrides = ["schedule.precision=float32", "stages.0.lr=2e-4", "stages.1.lr=2e-4"]
    one, two = tmp_path / "one", tmp_path / "two"
    single = ["stages.0.batch=1", "stages.1.batch=1"]
    launch(transfer, *overrides, *single, "--run", str(two))
    assert main([str(transfer), *overrides, "--run", str(one)]) == 0
    require_alike(transfer, (one, two), overrides)


def test_processes_draw_different_noise_and_a_step_the_same_again(synthesis, tmp_path) -> None:
    settings = read(synthesis, ["schedule.precision=float32"])
    run = run_of(build_task(settings), tmp_path / "run", settings)

    def drawn(step: int, process: int) -> float:
        run.total, run.accelerator = step, SimpleNamespace(process_index=process)
        run._seed_step()
        return torch.rand(()).item()

    places = [(step, process) for step in range(3) for process in range(3)]
    assert len({drawn(*place) for place in places}) == len(places)
    assert drawn(1, 2) == drawn(1, 2)


# --- what was asked for, and what accelerate starts ----------------------------------------------

ALONE = {
    "ACCELERATE_USE_CPU": "True",
    "ACCELERATE_MIXED_PRECISION": "no",
    "MASTER_ADDR": "127.0.0.1",
    "MASTER_PORT": "29500",
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"ACCELERATE_USE_CPU": "False"}, False),  # on a GPU all are started
        ({"MASTER_PORT": None}, False),  # one process was asked for
        ({"ACCELERATE_MIXED_PRECISION": None}, False),  # accelerate had no part in it
        ({"LOCAL_RANK": "1", "WORLD_SIZE": "2"}, False),  # torchrun
        ({"OMPI_COMM_WORLD_SIZE": "2"}, False),  # MPI
    ],
)
def test_a_process_knows_when_it_was_left_alone(change: dict, expected: bool) -> None:
    environment = {k: v for k, v in {**ALONE, **change}.items() if v is not None}
    assert left_alone(environment) == expected


@pytest.mark.parametrize(
    ("command", "count"),
    [
        ("python accelerate launch --cpu --num_processes 2 -m training c.yaml --run here", 2),
        ("accelerate-launch --num-processes=3 --cpu -m training c.yaml a=b --resume", 3),
        ("accelerate launch --cpu -m training c.yaml", None),
        ("accelerate launch --cpu --num_processes many -m training c.yaml", None),
        ("accelerate launch --num_processes 4 --num_machines 2 -m training c.yaml", None),
    ],
)
def test_the_number_is_read_from_the_launchers_command(command: str, count: int | None) -> None:
    assert processes_of(command.split()) == count


def test_the_others_are_started_by_torchrun(monkeypatch) -> None:
    started = []
    monkeypatch.setattr(processes.os, "environ", ALONE)
    monkeypatch.setattr(processes.os, "execv", lambda path, words: started.append(words))
    line = ["accelerate", "launch", "--cpu", "--num_processes", "2", "-m", "training"]
    monkeypatch.setattr(
        processes.psutil, "Process", lambda number: SimpleNamespace(cmdline=lambda: line)
    )
    start_processes(["c.yaml", "--run", "here"])
    assert started[0][1:] == [
        *("-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"),
        *("-m", "--", "training", "c.yaml", "--run", "here"),
    ]
    del line[3:5]
    with pytest.raises(ValueError, match="--num_processes N"):
        start_processes([])
    monkeypatch.setattr(processes.os, "environ", {})
    start_processes([])
    assert len(started) == 1
