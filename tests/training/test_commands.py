"""What all commands of training have in common: a wrong option is one line and exit code 2."""

import importlib
from pathlib import Path

import pytest
import torch
from torch.utils.data import DataLoader, Dataset

from lab.card import REPOSITORY
from tests.training.runs import exit_code
from training.command import finish

COMMANDS = sorted(
    ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
    for folder in ("training", "training/evaluation")
    for path in (REPOSITORY / folder).glob("*.py")
    if "\ndef main(" in path.read_text(encoding="utf-8")
)
NEEDED = {  # what a command cannot do without
    "training.__main__": ["none.yaml"],
    "training.ablations": ["--runs", "runs"],
    "training.evaluation.game_to_real": ["--photos", "photos"],
    "training.evaluation.sizes": ["linear-fast", "--styles", "styles"],
    "training.evaluation.strengths": ["linear-fast", "--data", "data"],
    "training.grain": ["town", "1"],
    "training.import_official": ["--generator", "g", "--domain", "town", "--out", "out"],
    "training.styles": ["--checkpoint", "town"],
    "training.summary": [],
    "training.swatches": ["town", "--out", "out.png"],
}


def call(command: str, *more: str) -> int:
    main = importlib.import_module(command).main
    return exit_code(main, [*NEEDED.get(command, ["town"]), *more])


def takes(command: str, option: str) -> bool:
    source = Path(*command.split(".")).with_suffix(".py")
    text = (REPOSITORY / source).read_text(encoding="utf-8")
    return any(word in text for word in (f'"{option}"', f"add_{option[2:]}(", "add_options("))


def require_one_line(capsys, command: str, sentence: str) -> None:
    error = capsys.readouterr().err
    program = command.removesuffix(".__main__")
    assert error.count("\n") == 1 and error.startswith(f"{program}: ") and sentence in error


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_option_is_one_line(capsys, command: str) -> None:
    assert call(command, "--colour=red") == 2
    require_one_line(capsys, command, "unrecognized arguments: --colour=red (see training")


@pytest.mark.parametrize(
    ("command", "missing"),
    [("training.__main__", "config"), ("training.ablations", "--runs")],
)
def test_only_what_is_required_is_asked_for(capsys, command: str, missing: str) -> None:
    assert exit_code(importlib.import_module(command).main, []) == 2
    require_one_line(capsys, command, f"the following arguments are required: {missing} (see")


class Damaged(Dataset):
    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> None:
        raise KeyError("a.png: ids that 'town' does not have; expected 0 to 10.")


@pytest.mark.parametrize("workers", [0, 1])
def test_what_is_wrong_with_data_is_the_same_sentence_in_a_process_of_its_own(
    capsys, workers: int
) -> None:
    def read() -> None:
        next(iter(DataLoader(Damaged(), num_workers=workers)))

    assert finish("training", read) == 2
    said = capsys.readouterr().err
    assert said == "training: a.png: ids that 'town' does not have; expected 0 to 10.\n"


LIMITED = [c for c in COMMANDS if takes(c, "--limit")]
PLACED = [c for c in COMMANDS if takes(c, "--device")]


def test_the_commands_with_these_options_are_known() -> None:
    assert {"training.evaluate", "training.samples", "training.evaluation.styles"} <= {*LIMITED}
    assert {"training.swatches", "training.styles", "training.ablations", *LIMITED} <= {*PLACED}


@pytest.mark.parametrize("limit", ["0", "-3", "all", "1.5"])
@pytest.mark.parametrize("command", LIMITED)
def test_a_limit_is_a_number_of_things(capsys, command: str, limit: str) -> None:
    assert call(command, f"--limit={limit}") == 2
    require_one_line(capsys, command, "argument --limit: expected")


@pytest.mark.parametrize("device", ["cuda", "cuda:7", "abacus"])
@pytest.mark.parametrize("command", PLACED)
def test_a_device_that_is_not_there_is_said(capsys, monkeypatch, command, device: str) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert call(command, "--device", device) == 2
    sentence = f"argument --device: No device '{device}' here; choose one of: cpu (see "
    require_one_line(capsys, command, sentence)
