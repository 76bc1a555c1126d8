"""The style bank of a finished checkpoint, fitted again from its own encoder."""

import json
from pathlib import Path

import pytest
import torch

from lab.card import read_card
from lab.checkpoint import load, save
from lab.models.styles import StyleBank, StyleBankConfig
from tests.tiny import save_streets
from training import styles
from training.styles import PARTS, SAMPLES, largest_move, main

RULE = {"clusters": 3, "choose": "given", "smallest": 0.001, "pictures": 2}
CONFIG = """
task: synthesis
name: streets
data: {{name: streets, root: {root}}}
perceptual: {{weights: none.safetensors, layers: {{relu1_1: 1}}}}
stages: [{{learns: global, steps: 1, size: [24, 16]}}]
"""


@pytest.fixture
def folder(tmp_path: Path, tiny_dataset, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkpoint whose card says how its looks were clustered, and a config of its name."""
    (tmp_path / "streets.yaml").write_text(CONFIG.format(root=tiny_dataset(3)))
    monkeypatch.setattr(styles, "CONFIGS", tmp_path)
    save_streets(tmp_path / "checkpoints", "streets")
    path = tmp_path / "checkpoints" / "streets" / "card.json"
    raw = json.loads(path.read_text())
    raw["training"] |= {"styles": RULE, "seed": 0}
    path.write_text(json.dumps(raw))
    return path.parent


def refitted(folder: Path) -> StyleBank:
    assert main(["--checkpoint", "streets", "--root", str(folder.parent), "--device", "cpu"]) == 0
    return load("streets", device="cpu", root=folder.parent).bank


def test_the_bank_is_of_the_cards_rule_and_the_other_parts_keep_their_bytes(folder: Path) -> None:
    before = read_card(folder)
    bank = refitted(folder)
    after = read_card(folder)
    assert bank.config == StyleBankConfig(11, 3, 3, measured=True, samples=SAMPLES, pictures=2)
    assert bank.kept[[0, 3, 8]].tolist() == [2, 2, 4]  # of two pictures with two cars each
    for part in ("generator", "encoder"):
        assert after.parts[part] == before.parts[part]
    assert after.training["refitted"] == {
        "measured_on": before.digest,
        "largest_move": None,
        "stayed": False,
    }
    assert after.metrics == before.metrics and after.limits == before.limits


def test_fitting_twice_moves_nothing_and_remembers_the_first_weights(folder: Path) -> None:
    first_digest = read_card(folder).digest
    first = refitted(folder)
    second = refitted(folder)
    assert torch.equal(first.centers, second.centers)
    assert read_card(folder).training["refitted"] == {
        "measured_on": first_digest,
        "largest_move": 0.0,
        "stayed": True,
    }


def test_clusters_found_again_keep_their_bits_and_others_do_not(folder: Path) -> None:
    refitted(folder)
    for offset, stays in ((2.0**-11, True), (0.25, False)):
        card, pipeline = read_card(folder), load("streets", device="cpu", root=folder.parent)
        pipeline.bank.centers[0, 0, 0] += offset
        shifted = pipeline.bank.centers.half().float()
        pipeline.bank.features.zero_()
        parts = {name: getattr(pipeline, PARTS[name]) for name in card.parts}
        save(folder, card.raw, parts, {name: card.config(name) for name in parts})
        bank = refitted(folder)
        assert torch.equal(bank.centers, shifted) is stays
        assert bank.features.any()
        assert read_card(folder).training["refitted"]["stayed"] is stays


def test_a_card_without_a_rule_is_one_sentence(folder: Path, capsys) -> None:
    card = read_card(folder)
    pipeline = load("streets", device="cpu", root=folder.parent)
    parts = {"generator": pipeline.generator}
    save(folder, {**card.raw, "training": {}}, parts, {"generator": card.config("generator")})
    assert main(["--checkpoint", "streets", "--root", str(folder.parent)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_how_far_centres_moved_is_seen_in_half_precision() -> None:
    before, after = (StyleBank(StyleBankConfig(2, 2)) for _ in range(2))
    after.centers[1, 0, 2] = 0.25
    after.centers[0, 0, 0] = 1e-9  # nothing that half precision could hold
    assert largest_move(before, after) == 0.25
    after.counts[0] = 1
    assert largest_move(before, after) is None
    assert largest_move(before, StyleBank(StyleBankConfig(2, 3))) is None
