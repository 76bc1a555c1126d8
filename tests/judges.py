"""Small stand-ins for the files of the networks that evaluations look with: random weights."""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from lab.models.mobilenet import MobileNetEncoder, SameConv2d
from lab.models.vgg import VGGConfig, VGGEncoder

# name: (inputs per group, outputs, kernel, stride, groups, relu6)
_CONVOLUTIONS = {
    "first": (3, 6, 3, 2, 1, 1),
    "narrow": (6, 4, 1, 1, 1, 0),
    "expand": (4, 8, 1, 1, 1, 1),
    "depthwise": (1, 8, 3, 1, 8, 1),
    "project": (8, 4, 1, 1, 1, 0),
    "second": (4, 5, 3, 2, 1, 0),
    "last": (5, 12, 1, 1, 1, 1),
    "logits": (12, 7, 1, 1, 1, 0),
}


def _conv(name: str, source: int, target: int) -> dict[str, object]:
    _, _, kernel, stride, groups, relu6 = _CONVOLUTIONS[name]
    shape = {"k": kernel, "stride": stride, "groups": groups, "relu6": relu6}
    return {"op": "conv", "name": name, "src": source, "dst": target, **shape}


PROGRAM = [
    _conv("first", 0, 11),
    _conv("narrow", 11, 12),
    _conv("expand", 12, 13),
    _conv("depthwise", 13, 14),
    _conv("project", 14, 15),
    {"op": "add", "src": [15, 12], "dst": 16},
    _conv("second", 16, 17),
    _conv("last", 17, 18),
    {"op": "avgpool", "src": 18, "dst": 19},
    _conv("logits", 19, 20),
    {"op": "reshape", "src": 20, "dst": 21},
    {"op": "softmax", "src": 21, "dst": 22},
]


def mobilenet_weights() -> dict[str, Tensor]:
    """Random weights of `PROGRAM`, the same every time."""
    generator, weights = torch.Generator().manual_seed(0), {}
    for name, (inputs, outputs, kernel, *_) in _CONVOLUTIONS.items():
        shape = (outputs, inputs, kernel, kernel)
        weights[f"{name}.weight"] = torch.randn(shape, generator=generator)
        weights[f"{name}.bias"] = torch.randn(outputs, generator=generator)
    return weights


def save_mobilenet(path: Path, weights: Mapping[str, Tensor] | None = None) -> Path:
    """A file for `MobileNetFeatures.from_file`: two halvings, a residual, twelve features."""
    metadata = {"program": json.dumps(PROGRAM), "input_slot": "0"}
    save_file(dict(weights or mobilenet_weights()), path, metadata=metadata)
    return path


def save_backbone(path: Path, encoder: MobileNetEncoder) -> Path:
    """A file of the encoder's convolutions, one after the other, as the judges begin with."""
    layers = [layer for layer in encoder.modules() if isinstance(layer, SameConv2d)]
    weights, program = {}, []
    for place, layer in enumerate(layers):
        weights |= {f"{place}.weight": layer.weight.detach(), f"{place}.bias": layer.bias.detach()}
        shape = {"k": layer.kernel_size[0], "stride": layer.stride[0], "groups": layer.groups}
        ends = {"src": place, "dst": place + 1, "relu6": layer.relu6}
        program.append({"op": "conv", "name": str(place), **shape, **ends})
    metadata = {"program": json.dumps(program), "input_slot": "0"}
    save_file(weights, path, metadata=metadata)
    return path


def save_vgg(path: Path, *, divisor: int = 1) -> Path:
    """A file for `VGGEncoder.from_file`: VGG-19's shape to relu3_1."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        save_file(VGGEncoder(VGGConfig("relu3_1", divisor)).state_dict(), path)
    return path
