"""Files that are written whole or not at all."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def destination(path: str | Path, things: str, suffix: str) -> Path:
    """Where things are to be written, such as pictures to a name that ends in ".png".

    Raises:
        ValueError: another extension. FileNotFoundError: the folder does not exist.
    """
    path = Path(path)
    if path.suffix.lower() != suffix:
        raise ValueError(
            f"{things} are written as {suffix[1:].upper()}; got '{path.name}': give a name that "
            f"ends in {suffix}."
        )
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"There is no folder {path.parent} to write {path.name} to; make it first."
        )
    return path


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Writes `value` so that `path` holds all of it or what it held before."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Writes `text` so that `path` holds all of it or what it held before."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Writes `content` so that `path` holds all of it or what it held before."""
    # Not of the file's own name, which may be as long as names can be.
    handle, scratch = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(scratch, 0o644)
        os.replace(scratch, path)
    except BaseException:
        os.unlink(scratch)
        raise
