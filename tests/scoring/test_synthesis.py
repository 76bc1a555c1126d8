"""What a score says: bounded by the oracle, the same whoever stands beside, true to the files."""

import hashlib
import json
import sys
import types
import urllib.error
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lab import card
from lab.catalog import METRICS
from lab.data.streets import STREETS
from lab.interfaces import Layout
from lab.metrics.segmentation import confusion_matrix, mean_iou, pixel_accuracy
from lab.scoring.features import open_networks
from lab.scoring.methods import (
    Method,
    checkpoint_name,
    load_judge,
    load_methods,
    oracle,
)
from lab.scoring.report import Report
from lab.scoring.scenes import Scenes
from lab.scoring.synthesis import Tally, score_synthesis
from tests.judges import save_mobilenet
from tests.tiny import save_judge

CPU = torch.device("cpu")
SIZE = (48, 32)


@pytest.fixture
def judge(checkpoints: Path):
    return load_judge("streets", checkpoints, CPU)


@pytest.fixture
def scenes(data: Path) -> Scenes:
    return Scenes("streets", data, size=SIZE)


def score(scenes, methods, judge, **more) -> Report:
    networks = open_networks(["judge"], judge, CPU)
    return score_synthesis(scenes, methods, judge=judge, networks=networks, **more)


def untimed(report: Report) -> dict:
    rows = {row: {k: v for k, v in x.items() if k != "seconds"} for row, x in report.rows.items()}
    return json.loads(json.dumps(replace(report, rows=rows).result()))


def test_the_oracle_row_is_what_the_judge_says_of_the_photographs(scenes, judge) -> None:
    report = score(scenes, [oracle()], judge)
    matrix = 0
    for scene in scenes:
        said = judge(scene.photo)
        assert (scene.layout.labels == 255).any()
        matrix = matrix + confusion_matrix(said, scene.layout.labels, len(STREETS))
    row = report.rows["oracle"]
    assert row["mean_iou"] == mean_iou(matrix) and row["pixel_accuracy"] == pixel_accuracy(matrix)
    assert row["of_oracle"] == 1 and row["distance_judge"] == 0
    assert row["frechet_judge"] == pytest.approx(0, abs=1e-9)
    assert set(report.classes["oracle"]) == set(STREETS.names)


def test_who_draws_the_photograph_equals_the_oracle(scenes, judge) -> None:
    perfect = Method("perfect", lambda scene, seed: scene.photo, "knows the photograph")
    noise = Method("noise", lambda scene, seed: torch.rand_like(scene.photo), "knows nothing")
    report = score(scenes, [oracle(), perfect, noise], judge)
    for column, value in report.rows["oracle"].items():
        assert report.rows["perfect"][column] == value
    assert report.rows["perfect"]["ssim"] == pytest.approx(1, abs=1e-5)
    assert report.rows["perfect"]["diversity_judge"] == 0
    assert report.rows["perfect"]["kid_judge"] == pytest.approx(0, abs=1e-9)
    for column in ("frechet_judge", "distance_judge"):  # a KID of so few is any number
        assert report.rows["noise"][column] > report.rows["perfect"][column]
    entry = report.pictures[0]["rows"]
    assert entry["perfect"]["sha256"] == entry["oracle"]["sha256"] != entry["noise"]["sha256"]


def test_pictures_are_scored_as_eight_bits_hold_them(scenes, judge) -> None:
    """What rounding takes away cannot be scored: a 300th of the range is less than half a step."""
    near = Method("near", lambda scene, seed: scene.photo + 0.4 / 255, "between two values")
    report = score(scenes, [oracle(), near], judge)
    assert report.rows["near"]["distance_judge"] == 0
    rows = [entry["rows"] for entry in report.pictures]
    assert all(row["near"]["sha256"] == row["oracle"]["sha256"] for row in rows)


def test_order_and_company_change_nothing(scenes, judge, checkpoints) -> None:
    methods, left_out = load_methods(None, "streets", checkpoints, CPU)
    names = [method.row for method in methods]
    assert names == ["oracle", "pix2pixhd", "pix2pixhd-encoded", "crn", "palette"]
    assert list(left_out) == ["pix2pix"] and "streets-pix2pix" in left_out["pix2pix"]
    first = untimed(score(scenes, methods, judge))
    other = untimed(score(scenes, methods[::-1], judge))
    few = untimed(score(scenes, [methods[0], methods[3]], judge))
    assert other["rows"] == first["rows"] and other["classes"] == first["classes"]
    assert few["rows"] == {row: first["rows"][row] for row in ("oracle", "crn")}
    for one, two in zip(first["pictures"], few["pictures"], strict=True):
        assert two["rows"]["crn"] == one["rows"]["crn"]


def test_a_seed_is_of_a_layout_and_not_of_how_many_are_scored(data, judge, checkpoints) -> None:
    methods, _ = load_methods(["pix2pixhd"], "streets", checkpoints, CPU)
    whole, part = (
        score(Scenes("streets", data, size=SIZE, limit=limit), methods, judge)
        for limit in (None, 3)
    )
    drawn = {entry["name"]: entry["rows"] for entry in whole.pictures}
    assert [entry["position"] for entry in part.pictures] == [0, 2, 4]
    assert all(entry["rows"] == drawn[entry["name"]] for entry in part.pictures)
    other = score(Scenes("streets", data, size=SIZE), methods, judge, seed=5)
    assert (
        other.rows["pix2pixhd-encoded"]["mean_iou"] == whole.rows["pix2pixhd-encoded"]["mean_iou"]
    )
    digests = [[e["rows"]["pix2pixhd"]["sha256"] for e in r.pictures] for r in (whole, other)]
    assert digests[0] != digests[1]
    assert whole.rows["pix2pixhd"]["diversity_judge"] > 0
    assert whole.rows["pix2pixhd-encoded"]["diversity_judge"] == 0
    assert whole.rows["palette"]["diversity_judge"] == 0


def test_digests_are_those_of_the_files(scenes, judge, data, checkpoints) -> None:
    methods, _ = load_methods(["palette"], "streets", checkpoints, CPU)
    report = score(scenes, methods, judge)
    for entry, scene in zip(report.pictures, scenes, strict=True):
        kinds = {"labels": "label", "instances": "inst", "photo": "img"}
        for kind, folder in kinds.items():
            path = data / f"val_{folder}" / f"{entry['name']}.png"
            source = entry["sources"][kind]
            assert source["file"] == f"val_{folder}/{entry['name']}.png"
            assert source["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        pixels = np.asarray(Image.open(data / "val_img" / f"{entry['name']}.png"))
        assert entry["rows"]["oracle"]["sha256"] == hashlib.sha256(pixels.tobytes()).hexdigest()
        flat = methods[-1].draw(scene, 0)[0].permute(1, 2, 0)
        flat = (flat * 255).round().to(torch.uint8).numpy().tobytes()
        assert entry["rows"]["palette"]["sha256"] == hashlib.sha256(flat).hexdigest()


def test_generated_scenes_are_named_by_number_and_arrays(checkpoints, judge) -> None:
    scenes = Scenes("town", None, size=(64, 32), limit=2)
    report = score(scenes, [oracle()], judge)
    assert [entry["position"] for entry in report.pictures] == [0, 1000]
    for entry, scene in zip(report.pictures, scenes, strict=True):
        assert entry["sources"]["scene"] == scenes.dataset.scene_seed(entry["position"])
        labels = scene.layout.labels[0].numpy().astype("<i8").tobytes()
        assert entry["sources"]["labels"]["sha256"] == hashlib.sha256(labels).hexdigest()
        pixels = entry["rows"]["oracle"]["sha256"]
        assert entry["sources"]["photo"]["sha256"] == pixels
    assert len(Scenes("town", None, size=(64, 32))) == 100


def test_a_picture_without_labels_counts_for_nothing(judge) -> None:
    labels = torch.full((1, 16, 16), 255)
    scene = type("S", (), {"layout": Layout(labels, labels, STREETS), "index": 0})
    tally = Tally(judge, [])
    seen = tally.look(torch.rand(1, 3, 16, 16))
    numbers = tally.add("oracle", seen, photo=seen, scene=scene)
    assert np.isnan(numbers["pixel_accuracy"]) and int(tally.matrices["oracle"].sum()) == 0


def test_names_of_checkpoints() -> None:
    assert checkpoint_name("town", "pix2pixhd") == "town"
    assert checkpoint_name("town", "crn") == "town-crn"


def test_what_was_named_must_be_there(checkpoints: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"'streets-pix2pix'.*pix2pix/streets-pix2pix"):
        load_methods(["pix2pix"], "streets", checkpoints, CPU)
    (checkpoints / "streets-palette" / "card.json").unlink()
    for names in (["crn"], ["oracle"], None):
        with pytest.raises(FileNotFoundError, match=r"make it with: python -m training\.palette s"):
            load_methods(names, "streets", checkpoints, CPU)


def test_without_a_config_there_is_no_command(checkpoints: Path, monkeypatch) -> None:
    monkeypatch.setattr(card, "REPOSITORY", checkpoints)
    _, left_out = load_methods(None, "streets", checkpoints, CPU)
    assert left_out == {"pix2pix": "no checkpoint streets-pix2pix."}
    with pytest.raises(FileNotFoundError, match=r"there: none\)\.$"):
        load_methods(["pix2pix"], "streets", checkpoints, CPU)


def test_a_checkpoint_under_another_methods_name_is_refused(checkpoints: Path) -> None:
    card = checkpoints / "streets-crn" / "card.json"
    card.write_text(card.read_text().replace('"method": "crn"', '"method": "pix2pix"'))
    with pytest.raises(ValueError, match="'streets-crn' is of the method 'pix2pix'"):
        load_methods(["crn"], "streets", checkpoints, CPU)


def test_other_classes_are_refused(checkpoints: Path) -> None:
    save_judge(checkpoints, "faces")
    with pytest.raises(ValueError, match="is for the classes of 'streets', the domain 'faces'"):
        load_judge("faces", checkpoints, CPU)


def darker(picture: torch.Tensor, photo: torch.Tensor) -> torch.Tensor:
    """How much light is lost."""
    return (photo - picture).mean()


def test_a_metric_of_the_catalog_is_a_column_with_its_meaning(scenes, judge, monkeypatch) -> None:
    monkeypatch.setitem(METRICS.entries, "darker", f"{__name__}:darker")
    dim = Method("dim", lambda scene, seed: scene.photo * 0, "draws black")
    report = score_synthesis(scenes, [oracle(), dim], judge=judge)
    photos = torch.stack([scene.photo.mean() for scene in scenes])
    assert report.rows["dim"]["darker"] == pytest.approx(float(photos.mean()), abs=1e-3)
    assert "darker" not in report.rows["oracle"]
    assert {"psnr", "ssim"} < set(report.rows["dim"])
    assert report.protocol["darker"] == "to the photo: How much light is lost."
    assert "darker" in next(report.lines())


def test_networks_name_their_columns(judge, tmp_path: Path, scenes) -> None:
    weights = save_mobilenet(tmp_path / "m.safetensors")
    networks = open_networks([f"mobilenet={weights}"], judge, CPU)
    report = score_synthesis(scenes, [oracle()], judge=judge, networks=networks)
    columns = report.rows["oracle"]
    assert {"kid_mobilenet", "frechet_mobilenet", "distance_mobilenet"} < set(columns)
    assert not {"fid", "kid", "kid_judge"} & set(columns)
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()[:16]
    assert digest in report.protocol["features"]["mobilenet"]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("resnet", "No feature network is called 'resnet'; known are: judge, mobilenet, inception"),
        ("mobilenet", "needs its weights; write mobilenet=FILE"),
        ("judge=a.pth", "takes no file"),
        ("mobilenet=none.safetensors", "No MobileNet weights at none.safetensors"),
    ],
)
def test_networks_that_cannot_be_had(judge, asked: str, sentence: str) -> None:
    with pytest.raises((ValueError, FileNotFoundError), match=sentence):
        open_networks([asked], judge, CPU)


def test_inception_without_its_package_is_one_sentence(judge, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    with pytest.raises(ValueError, match="needs the package torch-fidelity"):
        open_networks(["inception"], judge, CPU)


class Inception(torch.nn.Module):
    """In place of torch-fidelity's: the mean colour as features, weights of one number."""

    def __init__(self, name: str, features: list[str], feature_extractor_weights_path=None):
        super().__init__()
        assert features == ["2048"]
        if feature_extractor_weights_path is None:
            raise urllib.error.URLError("no network")
        self.load_state_dict(torch.load(feature_extractor_weights_path, weights_only=False))

    def forward(self, picture: torch.Tensor) -> tuple[torch.Tensor]:
        assert picture.dtype == torch.uint8
        return (picture.float().mean((2, 3)),)


@pytest.fixture
def fidelity(monkeypatch):
    module = types.ModuleType("torch_fidelity")
    module.__version__ = "1"
    module.feature_extractor_inceptionv3 = types.SimpleNamespace(
        FeatureExtractorInceptionV3=Inception, URL_INCEPTION_V3="https://example.org/inception.pth"
    )
    monkeypatch.setitem(sys.modules, "torch_fidelity", module)


def test_only_inception_makes_an_fid(judge, scenes, tmp_path: Path, fidelity) -> None:
    weights = tmp_path / "inception.pth"
    torch.save({}, weights)
    networks = open_networks([f"inception={weights}", "judge"], judge, CPU)
    columns = score_synthesis(scenes, [oracle()], judge=judge, networks=networks).rows["oracle"]
    assert {"kid", "fid", "kid_judge", "frechet_judge", "distance_judge"} < set(columns)
    assert not {"distance_inception", "frechet", "fid_judge"} & set(columns)
    assert columns["fid"] == pytest.approx(0, abs=1e-6)


def test_inception_that_cannot_be_had_is_one_sentence(judge, tmp_path: Path, fidelity) -> None:
    with pytest.raises(OSError, match=r"cannot be downloaded .*inception.pth elsewhere"):
        open_networks(["inception"], judge, CPU)
    with pytest.raises(FileNotFoundError, match="No Inception weights at"):
        open_networks([f"inception={tmp_path / 'none.pth'}"], judge, CPU)
    code = tmp_path / "code.pth"
    torch.save(Inception, code)  # a file that would run code
    with pytest.raises(ValueError, match="holds no plain weights"):
        open_networks([f"inception={code}"], judge, CPU)
    other = tmp_path / "other.pth"
    torch.save({"conv.weight": torch.rand(2)}, other)
    with pytest.raises(ValueError, match="holds no weights of FID's Inception"):
        open_networks([f"inception={other}"], judge, CPU)


def test_without_a_judge_nothing_is_read_and_the_rest_is_the_same(scenes, judge) -> None:
    scene, blind, seeing = scenes[0], Tally(None), Tally(judge)
    for tally in (blind, seeing):
        photo, dark = tally.look(scene.photo), tally.look(scene.photo * 0.5)
        tally.add("dark", dark, photo=photo, scene=scene)
    assert blind.classes() == {} and seeing.classes().keys() == {"dark"}
    read = {"pixel_accuracy", "mean_iou"}
    rest = {name: x for name, x in seeing.rows()["dark"].items() if name not in read}
    assert blind.rows()["dark"] == rest and read < seeing.rows()["dark"].keys()
