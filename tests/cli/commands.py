"""The commands on the files of `place`."""

import json
from pathlib import Path

import numpy as np

from lab.__main__ import main
from lab.images import open_picture


def lab(*arguments: str) -> int:
    """The command line on the checkpoints of `place`; argparse's exits are return values too."""
    try:
        return main(["--checkpoints", "checkpoints", "--device", "cpu", *arguments])
    except SystemExit as stop:
        return stop.code


def synthesize(*more: str, out: str = "out.png") -> int:
    maps = ("--labels", "labels.png", "--instances", "instances.png")
    return lab("synthesize", "--checkpoint", "streets", *maps, "--out", out, *more)


def transfer(*more: str, out: str = "out.png") -> int:
    return lab("transfer", "--content", "c.png", "--style", "s.png", "--out", out, *more)


def pixels(path: str) -> np.ndarray:
    return np.asarray(open_picture(path))


def styles(content: object) -> str:
    text = content if isinstance(content, str) else json.dumps(content)
    Path("styles.json").write_text(text)
    return "styles.json"


def assert_one_sentence(capsys, sentence: str) -> None:
    printed = capsys.readouterr()
    assert sentence in printed.err
    assert printed.err.count("\n") == 1
    assert printed.err.endswith("\n")
    assert "Traceback" not in printed.err
