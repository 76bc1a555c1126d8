"""python -m lab encode: files in, files out, one sentence where it cannot be."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lab.data.streets import STREETS
from lab.images import open_picture, read_recipe, to_tensor
from lab.interfaces import Layout
from lab.lab import Lab
from tests.cli.commands import lab, synthesize


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


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--checkpoint", "linear-fast"], "no synthesizer; synthesizers here: streets."),
        (["--photo", "none.png"], "none.png"),
        (["--out", "looks.png"], "--out must end in .json"),
        (["--labels", "c.png"], "c.png"),
    ],
)
def test_what_cannot_be_encoded_is_one_sentence(place, capsys, more, sentence) -> None:
    assert encode(*more) == 2
    error = capsys.readouterr().err
    assert sentence in error and error.count("\n") == 1
    assert not Path("looks.json").exists()
