"""kill -9 at any moment, also in the middle of a save: the run goes on to the same last bit."""

import json
import multiprocessing
import time
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import pytest

from tests.training import victim
from tests.training.runs import differences, state_of
from training import saving
from training.saving import has_state, remove_parts, write_whole

STEPS = ["stages.0.steps=4", "stages.1.steps=3", "stages.2.steps=3"]
EVERY = ["schedule.save_minutes=0", "schedule.precision=float32"]  # saves after every step


class Runner:
    """Starts the same training in a process that has torch loaded already, again and again."""

    def __init__(self, config: Path) -> None:
        self.config = config
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload([victim.__name__])

    def start(self, folder: Path, *, pause: float = 0.0) -> BaseProcess:
        """The command a user gives: --resume if anything was left to go on from."""
        left = folder.is_dir() and any(
            (folder / name).exists() for name in ("state.pt", "state.pt.part", "history.jsonl")
        )
        arguments = [str(self.config), *STEPS, *EVERY, "--run", str(folder)]
        process = self.context.Process(
            target=victim.train, args=(arguments + ["--resume"] * left, pause), daemon=True
        )
        process.start()
        return process

    def finish(self, folder: Path) -> None:
        """Lets the training end by itself."""
        process = self.start(folder)
        process.join(600)
        assert process.exitcode == 0

    def kill(self, folder: Path, when: Callable[[], bool], *, pause: float) -> bool:
        """SIGKILL as soon as `when` holds; False if the training ended before."""
        process = self.start(folder, pause=pause)
        deadline = time.monotonic() + 600
        while process.is_alive() and not when():
            assert time.monotonic() < deadline
            time.sleep(0.001)
        process.kill()
        process.join()
        assert process.exitcode in (0, -9)
        return process.exitcode == -9


@pytest.fixture
def runner(synthesis) -> Iterator[Runner]:
    return Runner(synthesis)


def rows(folder: Path) -> list[dict]:
    """The history, without the times and without a line that is being written."""
    path = folder / "history.jsonl"
    lines = path.read_text().splitlines() if path.is_file() else []
    found = []
    for line in lines:
        try:
            found.append({**json.loads(line), "seconds": 0})
        except json.JSONDecodeError:
            assert line is lines[-1]
    return found


def in_a_save(folder: Path) -> bool:
    return (folder / "state.pt.part").is_file()


def require_same(folder: Path, whole: Path) -> None:
    assert not differences(state_of(folder), state_of(whole))
    assert rows(folder) == rows(whole) and len(rows(folder)) == 10
    assert not list(folder.glob("*.part"))


def test_killed_in_saves_and_in_steps_it_ends_the_same(runner, tmp_path) -> None:
    whole, folder = tmp_path / "whole", tmp_path / "killed"
    runner.finish(whole)
    # In the very first save, when there is no state yet; then in the third one of a later try.
    assert runner.kill(folder, lambda: in_a_save(folder), pause=5)
    assert in_a_save(folder) and not (folder / "state.pt").exists()
    assert runner.kill(folder, lambda: len(rows(folder)) >= 3 and in_a_save(folder), pause=0.2)
    reached = state_of(folder)["total"]
    assert reached >= 2
    # Between saves, with a row in the history that the state does not know of.
    assert runner.kill(folder, lambda: len(rows(folder)) > reached + 1, pause=0.2)
    # While it starts again: it has just put its config in place.
    (folder / "config.yaml.part").write_text("half")
    assert runner.kill(folder, lambda: not list(folder.glob("config.yaml.part")), pause=0)
    assert state_of(folder)["total"] >= reached
    runner.finish(folder)
    require_same(folder, whole)


@pytest.mark.slow
@pytest.mark.parametrize("pause", [0.0, 0.05])
def test_killed_at_random_moments_it_ends_the_same(runner, tmp_path, pause: float) -> None:
    whole, rng = tmp_path / "whole", np.random.default_rng(0)
    begun = time.monotonic()
    runner.finish(whole)
    longest = time.monotonic() - begun
    killed = 0
    for repetition in range(3):
        folder = tmp_path / f"killed-{repetition}"
        for _ in range(12):
            # Short against the whole, so that it is hit often before it has come to the end.
            moment = time.monotonic() + rng.uniform(0, longest / 3)
            killed += runner.kill(
                folder, lambda moment=moment: time.monotonic() > moment, pause=pause
            )
        runner.finish(folder)
        require_same(folder, whole)
    assert killed >= 3


# --- files ---------------------------------------------------------------------------------------


def test_a_file_is_on_the_disk_before_it_gets_its_name(tmp_path, monkeypatch) -> None:
    path, events = tmp_path / "state.pt", []
    flush, replace = saving._to_disk, saving.os.replace
    monkeypatch.setattr(saving, "_to_disk", lambda p: (events.append(p.name), flush(p)))
    monkeypatch.setattr(
        saving.os, "replace", lambda a, b: (events.append("replace"), replace(a, b))
    )
    write_whole(path, lambda part: part.write_text("new"))
    assert events == ["state.pt.part", "replace", tmp_path.name]
    assert path.read_text() == "new" and [p.name for p in tmp_path.iterdir()] == ["state.pt"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path) -> None:
    path = tmp_path / "state.pt"
    path.write_text("old")

    def fail(part: Path) -> None:
        part.write_text("ha")
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        write_whole(path, fail)
    assert path.read_text() == "old"
    remove_parts(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["state.pt"]


def test_what_is_left_decides_where_to_go_on(tmp_path) -> None:
    with pytest.raises(FileNotFoundError, match=r"No state to resume at .*state\.pt"):
        has_state(tmp_path)
    left = {"config.yaml": False, "state.pt.part": False, "history.jsonl": False, "state.pt": True}
    for name, expected in left.items():  # in the order in which a run writes them
        (tmp_path / name).touch()
        assert has_state(tmp_path) == expected
