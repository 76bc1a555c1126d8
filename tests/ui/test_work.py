"""Work of minutes: its progress, its result, its errors, and how it ends early."""

import threading
import time

import pytest

from lab.ui.work import Work


def test_it_is_told_step_by_step_and_ends_with_its_result() -> None:
    def function(progress) -> str:
        for share in (0.0, 0.5, 1.0):
            progress(share)
        return "done"

    work = Work(function)
    assert list(work) == [0.0, 0.5, 1.0]
    assert work.result == "done"


def test_an_error_reaches_whoever_waits() -> None:
    def function(progress) -> None:
        progress(0.5)
        raise ValueError("No.")

    with pytest.raises(ValueError, match=r"^No\.$"):
        list(Work(function))


@pytest.mark.parametrize("how", ["close", "forget"])
def test_work_given_up_stops_at_its_next_step(how: str) -> None:
    taken, ended = [], threading.Event()

    def function(progress) -> None:
        try:
            while True:
                progress(0.0)
                taken.append(1)
                time.sleep(0.01)
        finally:
            ended.set()

    steps = iter(Work(function))
    next(steps)
    if how == "close":
        steps.close()
    del steps
    assert ended.wait(10)
    after = len(taken)
    time.sleep(0.05)
    assert len(taken) == after
