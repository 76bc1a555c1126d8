"""The command line as a stranger uses it, and `benchmark`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from lab.__main__ import COMMANDS, build_parser, main
from lab.card import REPOSITORY
from lab.cli import benchmark
from lab.errors import sentence
from lab.lab import Lab
from lab.metrics import speed
from tests.cli.commands import assert_one_sentence, lab


def test_benchmark_measures_every_checkpoint(place, capsys, monkeypatch) -> None:
    monkeypatch.setattr(speed, "CEILING_SHAPES", ((8, 32),))
    monkeypatch.setattr(benchmark, "TRANSFER_SIDES", (64, 128))
    assert lab("benchmark", "--quick", "--out", "bench.json") == 0
    bench = json.loads(Path("bench.json").read_text())
    rows = {(row["checkpoint"], row["case"], *row["size"]): row for row in bench["rows"]}
    assert rows.keys() == {
        ("streets", "synthesis", 64, 32),
        ("linear-fast", "transfer", 64, 64),
        ("linear-fast", "transfer, style kept", 64, 64),
    }
    anew, kept = (
        rows["linear-fast", case, 64, 64] for case in ("transfer", "transfer, style kept")
    )
    assert 0 < kept["gmac"] < anew["gmac"]
    for row in rows.values():
        assert 0 < row["median_ms"] <= row["p95_ms"]
        assert row["gmac_per_s"] * row["median_ms"] == pytest.approx(row["gmac"] * 1e3)
        assert row["speed_up"] * row["median_ms"] == pytest.approx(row["plain_ms"])
        for name, top in bench["ceilings"].items():
            share = row["gmac_per_s"] * 1e9 / top
            assert row["share_of_ceiling"][name] == pytest.approx(share)
    assert bench["machine"]["device"] == "cpu"
    table = capsys.readouterr().out.splitlines()[1:]
    assert len(table) == 1 + len(rows)
    assert len({len(line) for line in table}) == 1


def test_benchmark_compares_a_network_with_itself(place) -> None:
    """What a measured pipeline draws of a layout and what the plain network does are one picture,
    of small layouts too, which G1 draws alone."""
    pipeline = Lab(device="cpu", checkpoints=place / "checkpoints").synthesizer("streets")
    for width, height in (pipeline.native_size, [side // 2 for side in pipeline.native_size]):
        size = (width, height)
        case = benchmark.synthesis_case("streets", pipeline, size, torch.device("cpu"))
        start = pipeline.frame
        rows, columns = slice(start, start + height), slice(start, start + width)
        plain = (case.plain()[..., rows, columns] * 0.5 + 0.5).clamp(0, 1)
        torch.testing.assert_close(plain, case.run(), atol=1e-5, rtol=0)


def test_benchmark_without_checkpoints(place, capsys) -> None:
    assert main(["--checkpoints", "nowhere", "benchmark", "--out", "bench.json"]) == 2
    assert_one_sentence(capsys, "No checkpoint in nowhere; there is nothing to measure.")


def test_options_of_all_commands_may_stand_before_or_after_the_command() -> None:
    words = ["benchmark", "--out", "b.json"]
    shared = ["--checkpoints", "x", "--device", "cuda:1"]
    for arguments in ([*shared, *words], [*words, *shared]):
        options = build_parser().parse_args(arguments)
        assert (str(options.checkpoints), options.device) == ("x", "cuda:1")


@pytest.mark.parametrize("arguments", [[], ["paint"], ["synthesize"], ["--colour", "red"]])
def test_wrong_usage_is_one_line(capsys, arguments) -> None:
    assert lab(*arguments) == 2
    assert_one_sentence(capsys, "python -m lab")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_every_option(capsys, command) -> None:
    assert lab(command, "--help") == 0
    text = capsys.readouterr().out
    assert all(option in text for option in ("--out", "--device", "--checkpoints"))


def test_as_a_process_there_is_no_traceback_and_nothing_on_stdout(place) -> None:
    arguments = "synthesize --checkpoint atlantis --labels labels.png --out out.png"
    done = subprocess.run(
        [sys.executable, "-m", "lab", *arguments.split()],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "No checkpoint 'atlantis'" in done.stderr


def test_too_little_memory_is_one_line_and_other_faults_are_not_hidden(capsys, monkeypatch) -> None:
    """The processor's allocator raises a plain RuntimeError, as faults of our own would."""

    def fails(said: str, kind: type[Exception] = RuntimeError) -> int:
        def run(*_) -> None:
            raise kind(said)

        monkeypatch.setattr(benchmark, "run", run)
        return lab("benchmark", "--out", "b.json")

    assert fails("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes") == 2
    assert_one_sentence(capsys, "the processor has too little memory")
    assert fails("", MemoryError) == 2
    assert_one_sentence(capsys, "the processor has too little memory")
    with pytest.raises(RuntimeError, match="a fault"):
        fails("a fault")


def test_what_the_system_says_names_the_file_and_no_number() -> None:
    with pytest.raises(NotADirectoryError) as caught:
        Path(__file__, "x").read_text()
    assert sentence(caught.value) == f"{Path(__file__, 'x')}: Not a directory."
    assert sentence(OSError("No picture at x.")) == "No picture at x."


def test_an_option_of_another_command_is_not_taken_for_a_longer_one(place, capsys) -> None:
    """`--checkpoint linear-fast` is none of transfer's, and no folder of checkpoints either."""
    options = ["--content", "c.png", "--style", "s.png", "--out", "o.png"]
    assert lab("transfer", *options, "--checkpoint", "linear-fast") == 2
    assert_one_sentence(capsys, "unrecognized arguments: --checkpoint linear-fast")
