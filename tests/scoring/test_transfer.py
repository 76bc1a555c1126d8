"""What a score of stylizers says: bounded by content and style, the same whoever stands beside."""

import json
from dataclasses import replace
from pathlib import Path
from statistics import mean, median, stdev

import numpy as np
import pytest
import torch
from PIL import Image

from lab import checkpoint
from lab.images import open_picture, read_recipe, to_tensor
from lab.metrics.style import content_distance, style_distance
from lab.scoring.features import as_stored, open_pair_networks
from lab.scoring.pairs import Pairs
from lab.scoring.report import Report
from lab.scoring.style_network import StyleNetwork, open_style_network
from lab.scoring.stylizers import TransferMethod, load_stylizers, reconstruction
from lab.scoring.transfer import score_transfer
from tests.judges import save_mobilenet, save_vgg
from tests.tiny import save_linear_fast, save_vgg_stylizer

CPU = torch.device("cpu")
TIMES = ("seconds", "seconds_style_kept", "peak_mib")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkpoint of every stylizer."""
    save_linear_fast(tmp_path)
    for method in ("linear", "adain", "wct", "gatys"):
        save_vgg_stylizer(tmp_path, method)
    return tmp_path


@pytest.fixture
def pairs(tmp_path: Path) -> Pairs:
    """Four: two contents of 48x36, two styles of 40x40."""
    rng = np.random.default_rng(0)
    for kind, shape in (("contents", (36, 48, 3)), ("styles", (40, 40, 3))):
        (tmp_path / kind).mkdir()
        for name in "ab":
            pixels = rng.integers(0, 256, shape) * np.array([1, rng.random(), rng.random()])
            Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / kind / f"{name}.png")
    return Pairs(tmp_path / "contents", tmp_path / "styles", size=64)


@pytest.fixture
def network(tmp_path: Path) -> StyleNetwork:
    return open_style_network(save_vgg(tmp_path / "vgg.safetensors"), tmp_path, CPU)


def untimed(report: Report) -> dict:
    """The result without what the clock says."""
    result = json.loads(json.dumps(report.result()))
    for row in (result["rows"], *(entry["rows"] for entry in result["pictures"])):
        for columns in row.values():
            for name in TIMES:
                columns.pop(name, None)
    return result


class Fixed(list):
    """Pairs of one's own."""

    def protocol(self) -> dict:
        return {"data": "one's own"}


def test_who_changes_nothing_scores_as_the_content_and_who_copies_as_the_style(
    pairs, network
) -> None:
    same = [replace(p, content=p.content[..., :36, :40], style=p.style[..., :36, :]) for p in pairs]
    still = TransferMethod("still", lambda content, style: content, "does nothing")
    copy = TransferMethod("copy", lambda content, style: style, "copies")
    report = score_transfer(Fixed(same), [still, copy], network=network, device=CPU)
    content, style, *others = (
        {name: value for name, value in row.items() if name not in TIMES}
        for row in report.rows.values()
    )
    assert list(report.rows) == ["content", "style", "still", "copy"]
    assert others == [content, style]
    assert content["content_distance"] == style["style_distance"] == 0
    assert content["ssim"] == pytest.approx(1) and style["ssim"] < 0.2
    assert min(content["style_distance"], style["content_distance"]) > 0.01
    for entry in (each["rows"] for each in report.pictures):
        assert entry["still"]["sha256"] == entry["content"]["sha256"] != entry["copy"]["sha256"]


def test_numbers_are_those_of_the_metrics_and_rows_their_means_and_spreads(pairs, network) -> None:
    darker = TransferMethod("darker", lambda content, style: content * 0.6, "darkens")
    report = score_transfer(pairs, [darker], network=network, device=CPU)
    found: dict[str, list[float]] = {"style_distance": [], "content_distance": []}
    for pair, entry in zip(pairs, report.pictures, strict=True):
        picture, sha256 = as_stored(pair.content * 0.6)
        row = entry["rows"]["darker"]
        assert row["sha256"] == sha256 and entry["name"] == pair.name
        assert entry["sources"] == pair.sources and entry["size"] == [48, 36]
        found["style_distance"].append(style_distance(network.encoder, picture, pair.style))
        found["content_distance"].append(content_distance(network.encoder, picture, pair.content))
        for name, values in found.items():
            assert row[name] == pytest.approx(values[-1], rel=1e-4)
    for name, values in found.items():
        assert report.rows["darker"][name] == pytest.approx(mean(values), rel=1e-6)
        assert report.rows["darker"][f"{name}_deviation"] == pytest.approx(stdev(values), rel=1e-6)
    seconds = [entry["rows"]["darker"]["seconds"] for entry in report.pictures]
    assert report.rows["darker"]["seconds"] == pytest.approx(median(seconds), rel=1e-3)


def test_pictures_are_scored_as_eight_bits_hold_them(pairs, network) -> None:
    """What rounding takes away cannot be scored: a 300th of the range is less than half a step."""
    near = TransferMethod("near", lambda content, style: content + 0.4 / 255, "between two values")
    report = score_transfer(pairs, [near], network=network, device=CPU)
    rows = [entry["rows"] for entry in report.pictures]
    assert all(row["near"]["sha256"] == row["content"]["sha256"] for row in rows)


def test_order_and_company_change_nothing(pairs, network, root) -> None:
    methods, left_out = load_stylizers(None, root, CPU, steps=2)
    names = [method.row for method in methods]
    assert names == ["linear", "linear-fast", "adain", "wct", "wct-relu3_1", "gatys"]
    assert left_out == {}
    how = {"network": network, "device": CPU}
    first = untimed(score_transfer(pairs, methods, **how))
    other = untimed(score_transfer(pairs, methods[::-1], **how))
    few = untimed(score_transfer(pairs, [methods[1]], **how))
    assert other["rows"] == first["rows"]
    kept = ("content", "style", "linear-fast")
    assert few["rows"] == {row: first["rows"][row] for row in kept}
    for one, two in zip(first["pictures"], few["pictures"], strict=True):
        assert two["rows"]["linear-fast"] == one["rows"]["linear-fast"]


def test_the_rows_are_what_the_methods_draw(pairs, network, root) -> None:
    methods, _ = load_stylizers(["wct", "gatys"], root, CPU, steps=3)
    whole, deepest, gatys = methods
    pair = pairs[0]
    assert not torch.equal(whole(pair.content, pair.style), deepest(pair.content, pair.style))
    assert "3 evaluations" in gatys.description and gatys.read is None
    report = score_transfer(pairs, methods, network=network, device=CPU)
    for method in methods:
        drawn = as_stored(method(pair.content, pair.style))[1]
        assert report.pictures[0]["rows"][method.row]["sha256"] == drawn
        assert report.protocol["checkpoints"][method.row] == method.digest


def test_times_with_the_style_read_and_kept(pairs, network, root) -> None:
    methods, _ = load_stylizers(["linear-fast", "gatys"], root, CPU, steps=1)
    calls = []

    def draw(content, look):
        calls.append(content.shape)
        return content

    slow = TransferMethod("slow", draw, "kept nowhere")
    report = score_transfer(pairs, [*methods, slow], network=network, device=CPU)
    assert len(calls) == len(pairs)  # what may take minutes is called once for every pair
    fast = report.rows["linear-fast"]
    assert 0 < fast["seconds_style_kept"] < fast["seconds"]
    for row in ("gatys", "slow"):
        assert "seconds_style_kept" not in report.rows[row] and report.rows[row]["seconds"] > 0
    assert "seconds" not in report.rows["content"]


def test_a_reconstruction_is_a_row_without_style(pairs, network, root) -> None:
    pipeline = checkpoint.load("linear-fast", device="cpu", root=root)
    report = score_transfer(pairs, [reconstruction(pipeline)], network=network, device=CPU)
    rows = [entry["rows"]["reconstruction"]["sha256"] for entry in report.pictures]
    assert rows[0] == rows[1] != rows[2] == rows[3]  # two pairs of one content, and of the other


def test_every_drawing_can_be_kept(pairs, network, root, tmp_path: Path) -> None:
    methods, _ = load_stylizers(["linear-fast"], root, CPU)
    folder = tmp_path / "kept"
    folder.mkdir()
    report = score_transfer(pairs, methods, network=network, device=CPU, pictures=folder)
    names = [f"{c}__{s}__linear-fast.png" for c in "ab" for s in "ab"]
    assert sorted(path.name for path in folder.iterdir()) == names
    for name, entry in zip(names, report.pictures, strict=True):
        stored = as_stored(to_tensor(open_picture(folder / name)))[1]
        assert stored == entry["rows"]["linear-fast"]["sha256"]
        assert read_recipe(folder / name)["checkpoint"] == methods[0].digest


def test_columns_of_features_are_named_by_their_network(pairs, network, tmp_path: Path) -> None:
    weights = save_mobilenet(tmp_path / "m.safetensors")
    networks = open_pair_networks([f"mobilenet={weights}"], CPU)
    report = score_transfer(pairs, [], network=network, device=CPU, networks=networks)
    assert report.rows["content"]["distance_mobilenet"] == 0
    assert report.rows["style"]["distance_mobilenet"] > 0.1
    assert "mobilenet" in report.protocol["features"]
    with pytest.raises(ValueError, match="'judge' is no network for pairs of pictures; known are"):
        open_pair_networks(["judge"], CPU)


# --- the network of the distances ----------------------------------------------------------------


def test_without_vgg_the_encoder_of_gatys_stands_in_and_is_said_to(pairs, root) -> None:
    network = open_style_network(None, root, CPU)
    facts = score_transfer(pairs, [], network=network, device=CPU).protocol
    assert facts["network"].startswith("distances by the encoder of the checkpoint gatys, ")
    assert "is not VGG-19" in facts["network"]
    assert "of the encoder of the checkpoint gatys" in facts["style_distance"]
    assert "VGG" not in facts["style_distance"] + facts["content_distance"]


def test_networks_that_cannot_be_had(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"write --vgg FILE .* make the checkpoint 'gatys'"):
        open_style_network(None, tmp_path, CPU)
    with pytest.raises(FileNotFoundError, match="No VGG weights at"):
        open_style_network(tmp_path / "none.safetensors", tmp_path, CPU)
    (tmp_path / "text.safetensors").write_text("no tensors")
    with pytest.raises(ValueError, match=r"text.safetensors holds no weights of VGG-19"):
        open_style_network(tmp_path / "text.safetensors", tmp_path, CPU)
    small = save_vgg(tmp_path / "small.safetensors", divisor=4)
    with pytest.raises(ValueError, match="a compressed stand-in for VGG-19 "):
        open_style_network(small, tmp_path, CPU)


# --- who is scored -------------------------------------------------------------------------------


def test_stylizers_that_cannot_be_had(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"No stylizer in .*; make one with: accelerate"):
        load_stylizers(None, tmp_path, CPU)
    save_linear_fast(tmp_path)
    methods, left_out = load_stylizers(None, tmp_path, CPU)
    assert [method.row for method in methods] == ["linear-fast"]
    assert list(left_out) == ["linear", "adain", "wct", "gatys"]
    with pytest.raises(FileNotFoundError, match="No checkpoint 'wct'"):
        load_stylizers(["linear-fast", "wct"], tmp_path, CPU)
    with pytest.raises(ValueError, match="No stylizer is called 'magic'; known are: linear, "):
        load_stylizers(["magic"], tmp_path, CPU)
