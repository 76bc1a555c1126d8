"""The processes that `accelerate launch --cpu --num_processes n` was asked for.

On processors Accelerate leaves it to MPI to start several; without MPI it starts one, which would
train with an n-th of the batch and not say so. Here that one starts them, by torchrun.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence

import psutil

# What a process that is one of several is told, by torchrun or by the various MPIs.
_RANKED = ("LOCAL_RANK", "WORLD_SIZE", "PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE")


def start_processes(arguments: Sequence[str]) -> None:
    """Becomes torchrun of `python -m training <arguments>` if several processes were asked for.

    Returns where one was, or where this is one of several.

    Raises:
        ValueError: several were asked for, but how many cannot be found out.
    """
    if not left_alone(os.environ):
        return
    count = processes_of(psutil.Process(os.getppid()).cmdline())
    if count is None:
        raise ValueError(
            "accelerate launch starts several processes on processors only through MPI; without "
            "it, say on its command line how many this machine is to run: --num_processes N."
        )
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    # The dashes keep torchrun from taking --run for one of its own options.
    command += [f"--nproc_per_node={count}", "-m", "--", "training", *arguments]
    os.execv(sys.executable, command)


def left_alone(environment: Mapping[str, str]) -> bool:
    """Whether accelerate launch, asked for several processes on processors, started only this.

    It then gives an address to meet the others at, but no number among them.
    """
    by_accelerate = "ACCELERATE_MIXED_PRECISION" in environment and "MASTER_PORT" in environment
    on_processors = environment.get("ACCELERATE_USE_CPU", "").lower() in ("true", "1", "yes")
    return by_accelerate and on_processors and not any(name in environment for name in _RANKED)


def processes_of(command: Sequence[str]) -> int | None:
    """How many processes a command line of accelerate launch asks this machine for."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("--num_processes", "--num-processes", type=int)
    parser.add_argument("--num_machines", "--num-machines", type=int, default=1)
    try:
        found, _ = parser.parse_known_args(list(command))
    except argparse.ArgumentError:
        return None
    return found.num_processes if found.num_machines == 1 else None
