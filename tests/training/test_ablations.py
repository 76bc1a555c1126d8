"""The table of ablations, from runs of two steps."""

import json
import statistics
from dataclasses import asdict
from pathlib import Path

import pytest

from lab import checkpoint
from lab.models.segmenter import Segmenter, SegmenterConfig
from tests.judges import save_mobilenet
from tests.tiny import CLASSES, card
from tests.training.runs import Interrupted, start, state_of
from training import ablations
from training.ablations import main, tabulate
from training.config import dump, read

WHOLE = """
task: synthesis
name: full
data: {{name: streets, root: {root}}}
generator: {{width: 2, downsamplings: 2, blocks: 1, kernel: 3, padding: zeros, upsampling: nearest}}
encoder: {{width: 2, downsamplings: 2, kernel: 3, padding: zeros, upsampling: nearest}}
discriminator: {{width: 2, scales: 1}}
perceptual: {{weights: {vgg}, layers: {{relu1_1: 1}}}}
styles: {{clusters: 2, smallest: 0.001}}
schedule: {{preview_every: 1000, log_every: 1}}
stages: [{{steps: 2, size: [24, 16]}}]
about: {{title: All parts}}
"""
WITHOUT = "base: full.yaml\nname: no-encoder\nencoder: null\nabout: {title: No encoder}\n"


@pytest.fixture
def lay(tmp_path: Path, tiny_dataset, perceptual: Path, monkeypatch) -> Path:
    """A folder with two recipes, a judge and a feature network."""
    root = tiny_dataset(4)
    tiny_dataset(4, split="val")
    (tmp_path / "full.yaml").write_text(WHOLE.format(root=root, vgg=perceptual))
    (tmp_path / "no-encoder.yaml").write_text(WITHOUT)
    monkeypatch.setattr(ablations, "CONFIGS", tmp_path)
    config = SegmenterConfig(CLASSES, width=0.1, neck=16)
    parts, configs = {"segmenter": Segmenter(config)}, {"segmenter": asdict(config)}
    checkpoint.save(tmp_path / "judge", card("judge", "segmenter"), parts, configs)
    save_mobilenet(tmp_path / "mobilenet.safetensors")
    return tmp_path


def call(lay: Path, *more: str) -> int:
    places = ["--runs", str(lay / "runs"), "--judge", str(lay / "judge"), "--device", "cpu"]
    places += ["--mobilenet", str(lay / "mobilenet.safetensors"), "--out", str(lay / "table.json")]
    return main([*places, *more])


def table(lay: Path) -> dict:
    return json.loads((lay / "table.json").read_text())


def test_every_recipe_is_trained_with_every_seed_and_tabulated(lay) -> None:
    assert call(lay, "--seeds", "0", "3") == 0
    names = {"full-0", "full-3", "no-encoder-0", "no-encoder-3"}
    assert {path.name for path in (lay / "runs").iterdir()} == names
    found = table(lay)
    assert list(found["rows"]) == ["full", "no-encoder"] and found["protocol"]["steps"] == 2
    assert found["rows"]["no-encoder"]["title"] == "No encoder"
    for name, row in found["rows"].items():
        for column in ("mean_iou", "kid_mobilenet"):
            entry = row[column]
            values = list(entry["values"].values())
            assert list(entry["values"]) == ["0", "3"] and entry["n"] == 2
            assert entry["mean"] == pytest.approx(statistics.fmean(values), rel=1e-4)
            assert entry["spread"] == pytest.approx(statistics.stdev(values), rel=1e-3, abs=1e-9)
            own = json.loads((lay / "runs" / f"{name}-3" / "score.json").read_text())
            assert entry["values"]["3"] == own[column]


def test_what_is_done_is_not_done_again_and_the_reading_stays(lay, monkeypatch) -> None:
    assert call(lay, "--seeds", "0") == 0
    first = table(lay)
    assert first["rows"]["full"]["mean_iou"]["spread"] is None  # of one seed
    (lay / "table.json").write_text(json.dumps({**first, "reading": "It says nothing."}))
    monkeypatch.setattr(ablations, "train", lambda _: pytest.fail("trained again"))
    monkeypatch.setattr(ablations, "export", lambda *_: pytest.fail("scored again"))
    assert call(lay, "--seeds", "0") == 0
    assert table(lay) == {**first, "reading": "It says nothing."}


def test_one_run_alone_writes_no_table(lay) -> None:
    assert call(lay, "--only", "no-encoder", "--seeds", "1") == 0
    assert [path.name for path in (lay / "runs").iterdir()] == ["no-encoder-1"]
    assert not (lay / "table.json").exists()
    assert call(lay, "--score", "--seeds", "0", "1") == 0  # of the one that is finished
    assert list(table(lay)["rows"]) == ["no-encoder"]


def test_a_run_of_another_config_is_refused(lay, capsys) -> None:
    assert call(lay, "--only", "full", "--seeds", "0") == 0
    capsys.readouterr()
    assert call(lay, "stages.0.steps=3", "--seeds", "0") == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "full-0 was trained by another config than full.yaml" in said


def test_a_damaged_run_is_refused(lay, capsys) -> None:
    assert call(lay, "--only", "full", "--seeds", "0") == 0
    state = lay / "runs" / "full-0" / "state.pt"
    state.write_bytes(state.read_bytes()[:1000])
    capsys.readouterr()
    assert call(lay, "--only", "full", "--seeds", "0") == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and f"{state} is damaged or no file of torch" in said


def test_runs_of_different_length_do_not_compare(lay) -> None:
    options = ablations.argparse.Namespace(runs=lay, seeds=[0, 1], only=None, overrides=[])
    both = ablations.trials(options)[:2]
    scores = {
        trial: {"title": "", "mean_iou": 0.5, "kid_mobilenet": 1.0, "oracle": 1, "protocol": {}}
        for trial in both
    }
    for steps, trial in zip((5, 6), both, strict=True):
        scores[trial]["marks"] = {"steps": steps}
    with pytest.raises(ValueError, match="of 5 and 6 steps; only runs of equal length compare"):
        tabulate(scores, "")


def test_a_stopped_run_goes_on(lay, monkeypatch) -> None:
    folder, recipe = lay / "runs" / "full-4", lay / "full.yaml"
    start(recipe, folder, "seed=4", kind=Interrupted, after=1).train(resume=False)
    (folder / "config.yaml").write_text(dump(read(recipe, ["seed=4"])))
    assert state_of(folder)["total"] == 1
    assert call(lay, "--score", "--seeds", "4") == 2  # it is not finished
    assert call(lay, "--only", "full", "--seeds", "4") == 0
    assert state_of(folder)["total"] == 2 and (folder / "score.json").is_file()


def test_told_to_stop_it_begins_no_other_run(lay, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(ablations, "train", lambda arguments: asked.append(arguments) or 0)
    assert call(lay, "--seeds", "0", "1") == 1
    assert len(asked) == 1 and not (lay / "table.json").exists()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--only", "no-head"], "No ablation is called 'no-head'; known: full, no-encoder"),
        (["--judge", "nobody"], "No checkpoint 'nobody'"),
        (["--score"], "No run is finished"),
        (["--mobilenet", "none.safetensors"], "none.safetensors"),
        (["colour=red", "--seeds", "0"], "no key 'colour'"),
    ],
)
def test_bad_input_is_one_sentence(lay, capsys, more: list[str], sentence: str) -> None:
    assert call(lay, *more) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and said.startswith("training.ablations: ") and sentence in said
