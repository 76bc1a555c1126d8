"""The commands that README and page tell a stranger to type need no file that only we have."""

import re
import shlex
from pathlib import Path

import pytest

from lab.card import REPOSITORY
from lab.ui.about import TRAINING
from training.config import dump, read

README = (REPOSITORY / "README.md").read_text("utf-8")
COMMAND = re.compile(r"^accelerate launch .*?-m training (training/configs/.*)$", re.MULTILINE)
TOLD = [line for text in (README, TRAINING) for line in COMMAND.findall(text.replace("\\\n", " "))]


@pytest.mark.parametrize("told", TOLD)
def test_a_told_training_names_no_file_of_ours(told: str) -> None:
    path, *overrides = shlex.split(told, comments=True)
    config = read(REPOSITORY / path, overrides)
    assert "../shared" not in dump(config)


def test_every_kind_of_training_is_told() -> None:
    kinds = {Path(shlex.split(line)[0]).stem for line in TOLD}
    assert {"town", "streets", "linear-fast"} <= kinds
