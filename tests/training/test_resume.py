"""--resume: what it may change, what it refuses, and that a refusal leaves the run as it was."""

from functools import partial
from pathlib import Path

import pytest
import torch
import yaml

from tests.training.runs import differences, state_of
from training.__main__ import main
from training.export import main as export

QUICK = ["stages=[{steps: 2, size: [24, 16]}]"]
LONGER = "stages=[{steps: 2, size: [24, 16]}, {steps: 1, size: [24, 16]}]"


@pytest.fixture
def finished(synthesis, tmp_path: Path, tiny_dataset) -> Path:
    """The folder of a run that has taken all its steps."""
    tiny_dataset(2, split="val")
    assert main([str(synthesis), *QUICK, "--run", str(tmp_path / "run")]) == 0
    return tmp_path / "run"


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def resume(config: Path, folder: Path, *overrides: str) -> int:
    return main([str(config), *QUICK, *overrides, "--run", str(folder), "--resume"])


def test_a_longer_run_is_gone_on_with_and_its_config_says_so(synthesis, finished) -> None:
    new = [LONGER, "losses.gan=2", "optim.rates={generator: 0.5}"]
    assert resume(synthesis, finished, *new, "optim.betas=[0.0, 0.9]") == 0
    state = state_of(finished)
    assert (state["stage"], state["total"]) == (2, 3)
    written = yaml.safe_load((finished / "config.yaml").read_text())
    assert len(written["stages"]) == 2 and written["losses"]["gan"] == 2
    # What the config says is what was done.
    group = state["optimizers"]["generator"]["param_groups"][0]
    assert written["optim"]["betas"] == list(group["betas"]) == [0.0, 0.9]
    rate = {name: o["param_groups"][0]["lr"] for name, o in state["optimizers"].items()}
    assert rate["generator"] == rate["discriminator"] / 2


def test_a_finished_run_stays_as_it_was(synthesis, finished, capsys) -> None:
    before = files(finished)
    assert resume(synthesis, finished, "seed=99") == 0
    assert files(finished) == before
    assert "run is finished after 2 steps; add stages to go on." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        (["generator.width=8"], "size mismatch"),
        (["generator.blocks=2"], "Missing key"),
        (["encoder=null"], "Unexpected key"),
        (["losses.reading=1"], "nothing for 'reader'"),
        (["optim.method=muon"], "optim.method was adam"),
    ],
)
def test_other_networks_are_one_line_and_change_nothing(
    synthesis, finished, tmp_path, capsys, overrides: list[str], reason: str
) -> None:
    before = files(finished)
    capsys.readouterr()
    assert resume(synthesis, finished, LONGER, *overrides) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "Traceback" not in error
    assert f"{finished / 'state.pt'} is of a run with other networks" in error
    assert reason in error and f"for --resume those in {finished / 'config.yaml'}" in error
    assert files(finished) == before
    assert export([str(finished), "--out", str(tmp_path / "checkpoints")]) == 0


def test_what_muon_learned_of_the_gradients_is_gone_on_with(synthesis, tmp_path) -> None:
    muon = ["optim.method=muon", "optim.decay_from=1"]
    assert main([str(synthesis), *QUICK, *muon, "--run", str(tmp_path / "parts")]) == 0
    assert resume(synthesis, tmp_path / "parts", *muon, LONGER) == 0
    assert main([str(synthesis), *QUICK, *muon, LONGER, "--run", str(tmp_path / "whole")]) == 0
    assert not differences(state_of(tmp_path / "parts"), state_of(tmp_path / "whole"))


def test_a_config_of_other_networks_is_not_exported(finished, tmp_path, capsys) -> None:
    path = finished / "config.yaml"
    text = path.read_text()
    path.write_text(text.replace("width: 2", "width: 8", 1))
    capsys.readouterr()
    assert export([str(finished), "--out", str(tmp_path / "checkpoints")]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "is of a run with other networks" in error


DAMAGE = {
    "empty": lambda blob: b"",
    "cut": lambda blob: blob[: len(blob) // 2],
    "junk": lambda blob: b"\x80\x02J\x01",
    "text": lambda blob: b"no state",
}


@pytest.mark.parametrize("damage", [*DAMAGE, "weights", "list"])
def test_a_damaged_state_is_one_line_and_changes_nothing(
    synthesis, finished, tmp_path, capsys, damage: str
) -> None:
    state = finished / "state.pt"
    if damage in DAMAGE:
        state.write_bytes(DAMAGE[damage](state.read_bytes()))
    else:
        torch.save({"weight": torch.zeros(2)} if damage == "weights" else [1, 2], state)
    sentence = "is damaged or no file of torch" if damage in DAMAGE else "is no state of a run"
    before = files(finished)
    capsys.readouterr()
    for work in (
        partial(resume, synthesis, finished, LONGER),
        partial(export, [str(finished), "--out", str(tmp_path / "checkpoints")]),
    ):
        assert work() == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and f"{state} {sentence}" in error
    assert files(finished) == before and not (tmp_path / "checkpoints").exists()
