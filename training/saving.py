"""What a run leaves on the disk: files that are whole whenever the machine stops, and its history.

A run is killed in the middle of anything: out of memory, out of time, out of power.
"""

from __future__ import annotations

import json
import math
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

STATE, HISTORY, CONFIG, PART = "state.pt", "history.jsonl", "config.yaml", ".part"
ENTRIES = ("stage", "step", "total", "networks", "optimizers", "ema")  # of a state


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Calls `write` with a path beside `path` and moves what it wrote there.

    The file lies on the disk before it gets its name, and the name before this returns; so a kill
    or a power cut leaves all of the new file or all of the old one.
    """
    part = path.with_name(path.name + PART)
    write(part)
    _to_disk(part)
    os.replace(part, path)
    _to_disk(path.parent)


def _to_disk(path: Path) -> None:
    """Waits until a file's content, or a folder's names, are stored."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_parts(folder: Path) -> None:
    """Removes what a kill left half written; nothing ever reads it."""
    for part in folder.glob(f"*{PART}"):
        part.unlink(missing_ok=True)


def require_new(folder: Path) -> None:
    """A run that is not resumed never mixes with what an earlier one left.

    Raises:
        ValueError: the folder holds a state.
    """
    if (folder / STATE).is_file():
        raise ValueError(
            f"{folder} holds a run already; go on with it by --resume, or name another folder "
            "with --run."
        )


def has_state(folder: Path) -> bool:
    """Whether a run left a state to go on from; without one, killed early, it begins again.

    Raises:
        FileNotFoundError: no run has been here.
    """
    if (folder / STATE).is_file():
        return True
    if any((folder / name).is_file() for name in (STATE + PART, HISTORY, CONFIG)):
        return False
    raise FileNotFoundError(
        f"No state to resume at {folder / STATE}; start the run without --resume."
    )


def read_tensors(path: Path) -> Any:
    """What torch.save wrote into a file, on the processor; nothing in it is run.

    Raises:
        FileNotFoundError: no such file. ValueError: it is damaged, or of another kind.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the versions that damage looks like
            return torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:  # any: damage fails in whatever torch happens to trip over
        raise ValueError(
            f"{path} is damaged or no file of torch; give a copy that is whole."
        ) from error


def read_state(path: Path) -> dict[str, Any]:
    """The state of a run, on the processor.

    Raises:
        FileNotFoundError: there is none. ValueError: the file is damaged, or holds something else.
    """
    state = read_tensors(path)
    if not isinstance(state, dict) or any(entry not in state for entry in ENTRIES):
        raise ValueError(
            f"{path} is no state of a run, which holds {', '.join(ENTRIES)}; put the run's own "
            "back, or train anew in another folder."
        )
    return state


@contextmanager
def filling_from(path: Path) -> Iterator[None]:
    """Around filling networks from a state: one sentence where the settings made others.

    Raises:
        ValueError: the state in `path` is of other networks or optimizers.
    """
    try:
        yield
    except torch.OutOfMemoryError:
        raise
    except (AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path} is of a run with other networks or optimizers ({_reason(error)}); take the "
            f"settings it was trained with, for --resume those in {path.with_name(CONFIG)}."
        ) from error


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"nothing for {error}"
    return " ".join(str(error).split())[:160] or type(error).__name__


def cut_history(folder: Path, total: int) -> None:
    """Drops the rows after step `total`: those steps were lost, and will be taken again."""
    path = folder / HISTORY
    if path.is_file():
        kept = history_until(folder, total)
        write_whole(path, lambda part: part.write_text(kept, encoding="utf-8"))


def history_until(folder: Path, total: int) -> str:
    """The rows of a run's history up to step `total`, a line each; none before the first row."""
    path = folder / HISTORY
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return "".join(line + "\n" for line in lines if _step(line) <= total)


def _step(line: str) -> float:
    """The step of a line of the history; a line cut off by a kill lies after every step."""
    try:
        return json.loads(line)["step"]
    except json.JSONDecodeError:
        return math.inf
