"""The palette of a domain as a checkpoint."""

from pathlib import Path

import pytest
import torch

from lab import checkpoint
from lab.baselines.palette import Palette
from lab.data.streets import Streets
from training import palette
from training.palette import main

CONFIG = """
task: synthesis
name: streets
data: {flip: true, zoom: 1.5, jitter: 0.5}
stages:
  - {size: [24, 16], crop: [8, 8]}
  - {size: [60, 40], crop: [16, 16], view: [48, 32]}
about: {title: Streets, data: four pictures, data_licence: ours}
"""


@pytest.fixture
def configs(tmp_path: Path, monkeypatch) -> Path:
    """A folder of one config, `streets`, that does not say where its data lie."""
    (tmp_path / "streets.yaml").write_text(CONFIG)
    monkeypatch.setattr(palette, "CONFIGS", tmp_path)
    return tmp_path


def test_the_colours_are_the_means_of_whole_untouched_pictures(configs, tiny_dataset) -> None:
    root, out = tiny_dataset(4), configs / "checkpoints"
    tiny_dataset(2, split="val")
    assert main(["streets", "--data", str(root), "--out", str(out)]) == 0
    loaded = checkpoint.load("streets-palette", device="cpu", root=out)
    samples = Streets(root, "train", size=(48, 32))
    own = Palette.from_samples((samples[i] for i in range(4)), samples.space)
    assert torch.equal(loaded.colors, own.colors.half().float())
    assert loaded.colors[3, 0].item() == pytest.approx(60 / 255, abs=1e-3)  # red: label times 20


def test_its_card_says_where_it_comes_from(configs, tiny_dataset) -> None:
    root, out = tiny_dataset(4), configs / "checkpoints"
    tiny_dataset(2, split="val")
    main(["streets", "--data", str(root), "--out", str(out)])
    (card,) = checkpoint.list_cards(out)
    assert (card.name, card.method, card.domain) == ("streets-palette", "palette", "streets")
    assert card.native_size == (48, 32) and card.space == "streets"
    assert card.training["pictures"] == 4 and card.training["data"] == "four pictures"
    assert card.training["command"] == f"python -m training.palette streets --data {root}"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["moon"], "No config at"),
        (["streets"], "data.root is missing"),
        (["streets", "--data", "nowhere"], "nowhere"),
    ],
)
def test_bad_input_is_one_sentence(configs, capsys, arguments, sentence: str) -> None:
    assert main([*arguments, "--out", str(configs / "checkpoints")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and said.startswith("training.palette: ") and sentence in said
    assert not (configs / "checkpoints").exists()
