"""python -m lab encode: files in, files out, one sentence where it cannot be."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lab import checkpoint
from lab.data.streets import STREETS
from lab.images import open_picture, read_recipe, to_tensor
from lab.interfaces import Layout
from lab.lab import Lab
from lab.models.pix2pixhd import (
    EncoderConfig,
    FeatureEncoder,
    GeneratorConfig,
    build_generator,
)
from lab.models.styles import StyleBank, StyleBankConfig
from tests.cli.commands import assert_one_sentence, lab, synthesize
from tests.tiny import card


def encode(*more: str, photo: str = "c.png") -> int:
    maps = ("--labels", "labels.png", "--instances", "instances.png")
    arguments = ("encode", "--checkpoint", "streets", "--photo", photo, *maps)
    return lab(*arguments, "--out", "looks.json", *more)


def test_the_looks_of_a_photo_are_the_clusters_nearest_to_its_codes(place) -> None:
    # Of the label map's size, so that nothing is scaled in between.
    rng = np.random.default_rng(1)
    Image.fromarray(rng.integers(0, 256, (40, 70, 3), dtype=np.uint8)).save("photo.png")
    assert encode(photo="photo.png") == 0
    looks = json.loads(Path("looks.json").read_text())
    assert set(looks) == {"3", "8000", "8001"}  # class 0, the sky, has no clusters
    pipeline = Lab(device="cpu", checkpoints=Path("checkpoints")).synthesizer("streets")
    labels, ids = (
        torch.from_numpy(np.asarray(Image.open(f"{name}.png")).astype(np.int64))[None]
        for name in ("labels", "instances")
    )
    codes = pipeline.encode(to_tensor(open_picture("photo.png")), Layout(labels, ids, STREETS))
    for instance, cluster in looks.items():
        code = codes[0][:, ids[0] == int(instance)].mean(1)
        centers = pipeline.bank.centers[labels[ids == int(instance)][0]]
        assert cluster == int((centers - code).square().sum(1).argmin())


def test_encoded_looks_can_be_drawn_from_a_photo_of_any_size(place) -> None:
    assert encode() == 0
    looks = json.loads(Path("looks.json").read_text())
    assert synthesize("--styles", "looks.json") == 0
    drawn = read_recipe("out.png")["styles"]
    assert {key: drawn[key] for key in looks} == looks


def save_colour_reader(root: Path) -> StyleBank:
    """A "streets" whose E reads the mean colour of an object, tanh(2 x - 1), and nothing else."""
    generator = GeneratorConfig(11 + 1 + 3, width=4, downsamplings=2, blocks=1)
    encoder = EncoderConfig(width=4, downsamplings=2, shortcut=True)
    bank = StyleBank(StyleBankConfig(11, 4))
    bank.centers.uniform_(-0.7, 0.7)  # tanh of what 8-bit colours can show
    bank.counts.fill_(4)
    bank.load_state_dict({k: v.half().to(v.dtype) for k, v in bank.state_dict().items()})
    reader = FeatureEncoder(encoder)
    for parameter in reader.parameters():
        parameter.data.zero_()
    parts = {"generator": build_generator(generator), "encoder": reader, "styles": bank}
    configs = {"generator": generator, "encoder": encoder, "styles": bank.config}
    fields = {name: asdict(config) for name, config in configs.items()}
    checkpoint.save(root / "streets", card("streets", "pix2pixhd"), parts, fields)
    return bank


def test_objects_in_the_colour_of_a_centre_are_read_as_it_edited_and_drawn(place) -> None:
    bank = save_colour_reader(place / "checkpoints")
    labels, ids = (np.asarray(Image.open(f"{name}.png")) for name in ("labels", "instances"))
    shown = {0: 3, 3: 1, 8000: 2, 8001: 0}
    photo = np.zeros((*labels.shape, 3))
    for instance, cluster in shown.items():
        center = bank.centers[int(labels[ids == instance][0]), cluster]
        photo[ids == instance] = ((center.atanh() + 1) / 2).numpy()
    Image.fromarray((photo * 255).round().astype(np.uint8)).save("photo.png")
    assert encode(photo="photo.png") == 0
    looks = json.loads(Path("looks.json").read_text())
    assert looks == {str(instance): cluster for instance, cluster in shown.items()}
    assert synthesize("--styles", "looks.json") == 0
    first = to_tensor(open_picture("out.png"))
    Path("looks.json").write_text(json.dumps({**looks, "8001": 3}))
    assert synthesize("--styles", "looks.json") == 0
    assert read_recipe("out.png")["styles"] == {**looks, "8001": 3}
    assert not torch.equal(to_tensor(open_picture("out.png")), first)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--checkpoint", "linear-fast"], "no synthesizer; synthesizers here: streets."),
        (["--photo", "none.png"], "none.png"),
        (["--out", "looks.png"], "--out must end in .json"),
        (["--labels", "c.png"], "c.png"),
        (["--checkpoint", "tawn"], "there: streets)."),
        (["--labels", "8x8.png", "--instances", "8x8.png"], "at least 16: give a larger map."),
    ],
)
def test_what_cannot_be_encoded_is_one_sentence(place, capsys, more, sentence) -> None:
    Image.fromarray(np.zeros((8, 8), np.uint8)).save("8x8.png")
    assert encode(*more) == 2
    error = capsys.readouterr().err
    assert sentence in error and error.count("\n") == 1
    assert not Path("looks.json").exists()


@pytest.mark.parametrize("option", ["--photo", "--labels", "--instances"])
def test_what_is_read_is_not_written_over(place, capsys, option) -> None:
    Path("c.png").rename("looks.json")
    before = Path("looks.json").read_bytes()
    assert encode(option, "looks.json") == 2
    assert_one_sentence(capsys, "--out looks.json is one of the inputs; choose another name.")
    assert Path("looks.json").read_bytes() == before
