"""The command line, as its own process and in this one."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from tests.training.runs import differences, state_of
from training.__main__ import main

REPOSITORY = Path(__file__).resolve().parents[2]
QUICK = ["stages=[{learns: global, steps: 2, size: [24, 16]}]"]


def environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "1"}


def rows(folder: Path) -> list[str]:
    path = folder / "history.jsonl"
    return path.read_text().splitlines() if path.is_file() else []


def test_a_run_leaves_its_config_state_history_and_previews(synthesis, tmp_path, capsys) -> None:
    folder = tmp_path / "run"
    assert main([str(synthesis), *QUICK, "seed=5", "--run", str(folder)]) == 0
    written = yaml.safe_load((folder / "config.yaml").read_text())
    assert written["seed"] == 5 and written["stages"][0]["steps"] == 2
    assert written["optim"]["betas"] == [0.5, 0.999]  # the defaults too
    assert state_of(folder)["total"] == 2 and len(rows(folder)) == 2
    assert (folder / "previews" / "validation-000002.png").is_file()
    # The written config is the run: the same again, to the last bit.
    assert main([str(folder / "config.yaml"), "--run", str(tmp_path / "again")]) == 0
    assert not differences(state_of(folder), state_of(tmp_path / "again"))
    capsys.readouterr()


def test_the_folder_bears_the_runs_name(transfer, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([str(transfer), "name=quick", "stages.0.steps=1", "stages.1.steps=1"]) == 0
    assert state_of(tmp_path / "runs" / "quick")["total"] == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--resume"], "No state to resume at"),
        (["optim.rate=1"], "config.optim has no key 'rate'; known: lr"),
        (["perceptual.weights=/nowhere/vgg.safetensors"], "No VGG weights at /nowhere/vgg"),
        (["data.root=/nowhere"], "/nowhere"),
        (["data.name=beach"], "beach"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_two(
    synthesis, tmp_path, capsys, arguments: list[str], sentence: str
) -> None:
    assert main([str(synthesis), *QUICK, "--run", str(tmp_path / "run"), *arguments]) == 2
    message = [line for line in capsys.readouterr().err.splitlines() if line.strip()]
    assert len(message) == 1 and message[0].startswith("training: ") and sentence in message[0]
    assert not message[0].startswith("training: '")  # a KeyError's sentence without its quotes


def test_missing_pictures_for_the_previews_are_found_before_the_first_step(
    synthesis, tmp_path, tiny_dataset, capsys
) -> None:
    """The first preview found them out, after hundreds of steps that nothing had saved."""
    root = tiny_dataset(2, split="val")
    next((root / "val_img").iterdir()).unlink()
    assert main([str(synthesis), *QUICK, "--run", str(tmp_path / "run")]) == 2
    assert "val_img has no file for frame_00" in capsys.readouterr().err
    assert not (tmp_path / "run" / "history.jsonl").exists()


def test_a_run_is_never_overwritten(synthesis, tmp_path, capsys) -> None:
    folder = tmp_path / "run"
    assert main([str(synthesis), *QUICK, "--run", str(folder)]) == 0
    kept = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    assert main([str(synthesis), *QUICK, "seed=9", "--run", str(folder)]) == 2
    assert "holds a run already; go on with it by --resume" in capsys.readouterr().err
    assert kept == {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


def test_a_config_that_is_not_there_is_named(tmp_path, capsys) -> None:
    assert main([str(tmp_path / "none.yaml")]) == 2
    assert "No config at" in capsys.readouterr().err


def test_a_terminated_run_saves_itself_and_can_be_resumed(synthesis, tmp_path) -> None:
    folder = tmp_path / "run"
    long = "stages=[{learns: global, steps: 1000000, size: [24, 16]}]"
    command = [sys.executable, "-m", "training", str(synthesis), long, "--run", str(folder)]
    with subprocess.Popen(
        command, cwd=REPOSITORY, env=environment(), stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            while process.poll() is None and len(rows(folder)) < 3:
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    state = state_of(folder)
    assert state["total"] >= 3 and json.loads(rows(folder)[-1])["step"] == state["total"]
    assert not list(folder.glob("*.part"))
    more = f"stages.0.steps={state['total'] + 2}"
    assert main([str(synthesis), long, more, "--run", str(folder), "--resume"]) == 0
    assert state_of(folder)["total"] == state["total"] + 2
    assert [json.loads(row)["step"] for row in rows(folder)] == list(range(1, state["total"] + 3))


def test_the_sentence_of_an_error_amid_a_stage_has_its_own_line(
    synthesis, tmp_path, capsys
) -> None:
    """Left open, the progress bar stood before it in the same line, and once more after it."""
    broken = next(
        (Path(yaml.safe_load(synthesis.read_text())["data"]["root"]) / "train_img").iterdir()
    )
    broken.write_bytes(b"no picture")
    many = "stages=[{learns: global, steps: 9, size: [24, 16]}]"  # all four pictures are asked for
    assert main([str(synthesis), many, "--run", str(tmp_path / "run")]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("training: ") and broken.name in last
