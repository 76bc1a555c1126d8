"""A training that is killed: run in a process of its own, and with saves that take their time."""

import io
import os
import sys
import time
from pathlib import Path
from typing import Any

import torch

from training.__main__ import main


def train(arguments: list[str], pause: float) -> None:
    """Trains and exits with the command's code; every save rests for `pause` seconds half-way."""
    os.environ["ACCELERATE_USE_CPU"] = "1"
    torch.set_num_threads(1)
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - for as long as the process lives
    save = torch.save

    def halting(state: Any, path: Path) -> None:
        memory = io.BytesIO()
        save(state, memory)
        content = memory.getvalue()
        with Path(path).open("wb") as file:
            file.write(content[: len(content) // 2])
            file.flush()
            time.sleep(pause)
            file.write(content[len(content) // 2 :])

    if pause:
        torch.save = halting
    sys.exit(main(arguments))
