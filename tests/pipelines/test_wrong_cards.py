"""Cards that say what their methods cannot be: one sentence with the checkpoint's name."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from lab.card import CARD
from lab.checkpoint import load, save
from lab.models.pix2pixhd import EncoderConfig, FeatureEncoder, GeneratorConfig, build_generator
from lab.models.styles import StyleBank, StyleBankConfig
from tests.tiny import card, save_judge, save_linear_fast, save_streets


def edit(folder: Path, change) -> None:
    raw = json.loads((folder / CARD).read_text())
    change(raw)
    (folder / CARD).write_text(json.dumps(raw))


@pytest.mark.parametrize(
    ("part", "settings", "reason"),
    [
        ("generator", {"norm": "zzz"}, "norm is 'zzz'; expected one of: instance"),
        ("generator", {"inputs": "15"}, "str"),
        ("generator", {"inputs": 14}, "size mismatch"),
        ("encoder", {"width": None}, "NoneType"),
        ("styles", {"classes": [11]}, "tuple"),
    ],
)
def test_settings_that_do_not_fit_name_the_checkpoint(tmp_path, part, settings, reason) -> None:
    save_streets(tmp_path)
    edit(tmp_path / "streets", lambda raw: raw["parts"][part]["config"].update(settings))
    with pytest.raises(ValueError, match="does not fit the method 'pix2pixhd'") as caught:
        load("streets", device="cpu", root=tmp_path)
    sentence = str(caught.value)
    assert sentence.startswith(str(tmp_path / "streets")) and reason in sentence
    assert "make it again with: accelerate launch" in sentence and "\n" not in sentence


def test_numbers_that_do_not_unpack_name_the_checkpoint(tmp_path) -> None:
    save_linear_fast(tmp_path)
    edit(tmp_path / "linear-fast", lambda raw: raw["parts"]["encoder"]["config"].update(widths=[4]))
    with pytest.raises(ValueError, match=r"linear-fast does not fit the method 'linear-fast' \("):
        load("linear-fast", device="cpu", root=tmp_path)


@pytest.mark.parametrize(
    ("space", "reason"),
    [
        ("mars", r"\(No dataset is called 'mars'\. Known: streets"),
        (
            "indoor",
            r"sees 15 channels; the 39 classes of 'indoor', boundaries, looks and places make 43\)",
        ),
    ],
)
def test_another_label_space_is_noticed(tmp_path, space, reason) -> None:
    save_streets(tmp_path)
    edit(tmp_path / "streets", lambda raw: raw.update(space=space))
    with pytest.raises(ValueError, match=f"streets does not fit the method 'pix2pixhd' .*{reason}"):
        load("streets", device="cpu", root=tmp_path)


def test_a_checkpoint_without_its_network_is_one_sentence(tmp_path) -> None:
    save_streets(tmp_path)
    edit(tmp_path / "streets", lambda raw: raw["parts"].pop("generator"))
    with pytest.raises(ValueError, match=r"\(its card lists no part 'generator'\); make it again"):
        load("streets", device="cpu", root=tmp_path)


def test_looks_that_nothing_says_are_missed(tmp_path) -> None:
    save_streets(tmp_path)
    folder = tmp_path / "streets"
    edit(folder, lambda raw: raw["parts"].pop("encoder"))
    load("streets", device="cpu", root=tmp_path)  # the bank alone says what looks there are
    edit(folder, lambda raw: raw["parts"].pop("styles"))
    with pytest.raises(ValueError, match=r"sees 15 channels; .* make 12\); make it again"):
        load("streets", device="cpu", root=tmp_path)


@pytest.mark.parametrize(("classes", "channels"), [(19, 3), (11, 2)])
def test_a_bank_of_other_looks_than_the_generators_is_refused(tmp_path, classes, channels) -> None:
    configs = {
        "generator": GeneratorConfig(11 + 1 + 3, width=4, downsamplings=2, blocks=1),
        "encoder": EncoderConfig(width=4, downsamplings=2),
        "styles": StyleBankConfig(classes, 4, channels),
    }
    builders = {"generator": build_generator, "encoder": FeatureEncoder, "styles": StyleBank}
    parts = {name: builders[name](config) for name, config in configs.items()}
    fields = {name: asdict(config) for name, config in configs.items()}
    save(tmp_path / "streets", card("streets", "pix2pixhd"), parts, fields)
    said = rf"bank is for {classes} classes and {channels} channels of looks; expected 11 and 3\)"
    with pytest.raises(ValueError, match=said):
        load("streets", device="cpu", root=tmp_path)


def test_a_judge_of_other_classes_than_its_label_space_is_refused(tmp_path) -> None:
    save_judge(tmp_path)
    edit(tmp_path / "segmenter-streets", lambda raw: raw.update(space="faces"))
    with pytest.raises(ValueError, match=r"\(it reads 11 classes; 'faces' has 19\); make it again"):
        load("segmenter-streets", device="cpu", root=tmp_path)
