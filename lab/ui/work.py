"""Work that takes minutes: told step by step, and ended when its visitor cancels or leaves."""

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from lab.interfaces import Progress

Result = TypeVar("Result")
PATIENCE = 60  # seconds until work that was given up is left to itself


class Cancelled(Exception):
    """Raised inside the work when nobody waits for it any more."""


class Work(Generic[Result]):
    """A function that reports its progress, as shares from 0 to 1 that can be iterated over.

    Gradio ends a generator whose event was cancelled between two of its values only, and a plain
    function never. So the work runs in a thread of its own; when the iteration is given up, the
    next thing it reports raises in it, and who gave it up waits until it is at rest: its lane is
    free only then.

    Args:
        function: called with the `Progress` it must report to.

    Example:
        >>> work = Work(lambda progress: stylizer(content, style, progress=progress))
        >>> for share in work: print(f"{share:.0%}")
        >>> work.result
    """

    result: Result

    def __init__(self, function: Callable[[Progress], Result]) -> None:
        self._function = function
        self._told: queue.SimpleQueue[float | None] = queue.SimpleQueue()
        self._given_up = threading.Event()
        self._error: BaseException | None = None

    def __iter__(self) -> Iterator[float]:
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        try:
            while (share := self._told.get()) is not None:
                yield share
        finally:
            self._given_up.set()
            thread.join(PATIENCE)
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self.result = self._function(self._progress)
        except Cancelled:
            pass
        except BaseException as error:  # raised again where the visitor waits
            self._error = error
        finally:
            self._told.put(None)

    def _progress(self, share: float) -> None:
        if self._given_up.is_set():
            raise Cancelled
        self._told.put(share)
