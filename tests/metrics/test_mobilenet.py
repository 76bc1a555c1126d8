import csv
import json
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from lab.data.photos import Photos
from lab.metrics.mobilenet import MobileNetFeatures
from tests.judges import PROGRAM, mobilenet_weights, save_mobilenet

# --- the program ---------------------------------------------------------------------------------


def by_hand(weights: dict[str, torch.Tensor], picture: torch.Tensor) -> dict[str, torch.Tensor]:
    """`PROGRAM` in torch's own words, for even sides."""

    def conv(x: torch.Tensor, name: str, **more) -> torch.Tensor:
        return F.conv2d(x, weights[f"{name}.weight"], weights[f"{name}.bias"], **more)

    x = picture * 255 / 128 - 1
    x = conv(F.pad(x, (0, 1, 0, 1)), "first", stride=2).clamp(0, 6)
    narrow = conv(x, "narrow")
    deep = conv(conv(narrow, "expand").clamp(0, 6), "depthwise", padding=1, groups=8).clamp(0, 6)
    half = conv(deep, "project") + narrow
    x = conv(F.pad(half, (0, 1, 0, 1)), "second", stride=2)
    last = conv(x, "last").clamp(0, 6)
    pooled = last.mean((2, 3))
    logits = conv(pooled[..., None, None], "logits").flatten(1)
    return {"stride2": half, "stride4": x, "pooled": pooled, "logits": logits}


@pytest.mark.parametrize("batch", [1, 3])
def test_the_file_is_executed_as_torch_would(tmp_path: Path, batch: int) -> None:
    network = MobileNetFeatures.from_file(save_mobilenet(tmp_path / "tiny.safetensors"))
    picture = torch.rand(batch, 3, 16, 24)
    before = picture.clone()
    found, expected = network(picture), by_hand(mobilenet_weights(), picture)
    assert set(found) == set(expected)
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=1e-4, atol=1e-4)
    assert torch.equal(picture, before)


def test_it_learns_nothing_and_keeps_no_state(tmp_path: Path) -> None:
    network = MobileNetFeatures.from_file(save_mobilenet(tmp_path / "tiny.safetensors"))
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())
    first, other = torch.rand(1, 3, 17, 9), torch.rand(1, 3, 32, 32)
    before = network(first)
    network(other)
    assert all(torch.equal(value, before[name]) for name, value in network(first).items())


def test_half_precision_weights_are_computed_with_in_full(tmp_path: Path) -> None:
    weights = {name: value.half() for name, value in mobilenet_weights().items()}
    network = MobileNetFeatures.from_file(save_mobilenet(tmp_path / "half.safetensors", weights))
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}


# --- what it says --------------------------------------------------------------------------------


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"No MobileNet weights at .*none\.safetensors"):
        MobileNetFeatures.from_file(tmp_path / "none.safetensors")


def test_no_safetensors_and_no_program(tmp_path: Path) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"no such thing")
    save_file(mobilenet_weights(), tmp_path / "bare.safetensors")
    cut = {"program": json.dumps(PROGRAM)[:-5], "input_slot": "0"}
    save_file(mobilenet_weights(), tmp_path / "cut.safetensors", metadata=cut)
    for name in ("broken", "bare", "cut"):
        with pytest.raises(ValueError, match=f"{name}.safetensors is no network with its program"):
            MobileNetFeatures.from_file(tmp_path / f"{name}.safetensors")


def test_an_unknown_operation_is_named_with_the_known() -> None:
    with pytest.raises(ValueError, match="'swish'; known are: conv, add"):
        MobileNetFeatures([{"op": "swish", "src": 0, "dst": 1}], {}, start=0)


def test_weights_that_are_missing_or_do_not_fit_are_named() -> None:
    weights = mobilenet_weights()
    with pytest.raises(ValueError, match=r"names 'last\.bias', which the weights do not hold"):
        MobileNetFeatures(PROGRAM, {k: v for k, v in weights.items() if k != "last.bias"}, start=0)
    weights["expand.weight"] = torch.rand(8, 4, 3, 3)
    with pytest.raises(ValueError, match="The weights of expand do not fit its operation"):
        MobileNetFeatures(PROGRAM, weights, start=0)


# --- the real network ----------------------------------------------------------------------------


def test_it_knows_what_imagenet_pictures_show(shared: Path) -> None:
    data, count = shared / "data", 10
    network = MobileNetFeatures.from_file(data / "vgg" / "mobilenet_v2_1.0_224.safetensors")
    names = [
        line.split(maxsplit=1)[1].lower().split(", ")
        for line in (data / "vgg" / "imagenet_labels.txt").read_text().splitlines()
    ]
    rows = csv.DictReader((data / "photos" / "index.csv").open(encoding="utf-8"))
    shown = {r["file"]: Path(r["original"]).stem for r in rows if "imagenet" in r["source"]}
    photos = Photos(data / "photos", size=224, crop=224, centre=True)
    indices = [i for i, path in enumerate(photos.paths) if path.name in shown][:count]
    right = 0
    for index in indices:
        word = shown[photos.paths[index].name].partition("_")[2].replace("_", " ").lower()
        top = network(photos[index][None])["logits"][0].topk(5).indices.tolist()
        right += any(word in names[label] for label in top)
    assert right >= count - 1
