"""How every command of training ends."""

from __future__ import annotations

import sys
from collections.abc import Callable

from lab.errors import sentence


def finish(program: str, work: Callable[[], int | None]) -> int:
    """Does the work of a command: its exit code, or 2 after the sentence of what was wrong."""
    try:
        return work() or 0
    except (ValueError, KeyError, OSError) as error:
        print(f"{program}: {sentence(error)}", file=sys.stderr)
        return 2
