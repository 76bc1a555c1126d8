"""MobileNet v2 as a judge: an ImageNet classifier that nothing here is trained against.

Sandler et al. 2018, MobileNetV2 (arXiv 1801.04381). The weights file carries its own list of
operations, in TensorFlow's conventions; this module executes that list.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from lab.models.mobilenet import SameConv2d

OPERATIONS = ("conv", "add", "avgpool", "reshape", "softmax")
HEAD = ("reshape", "softmax")  # shapes and probabilities, not features
FLAT = ("pooled", "logits")


class MobileNetFeatures(nn.Module):
    """Executes a list of operations on numbered slots and keeps the features on the way.

    Args:
        program: operations in order, each {"op", "src", "dst"}; `conv` also has name, k, stride,
            groups, relu6, `add` has two sources.
        weights: `<name>.weight` (O, I / groups, k, k) and `<name>.bias` (O,) of every conv.
        start: the slot the picture is put into.

    Raises:
        ValueError: an unknown operation, or weights that are missing or do not fit.
    """

    def __init__(
        self, program: Sequence[Mapping[str, Any]], weights: Mapping[str, Tensor], *, start: int
    ) -> None:
        super().__init__()
        unknown = {entry["op"] for entry in program} - set(OPERATIONS)
        if unknown:
            raise ValueError(
                f"The program has the operation {sorted(unknown)[0]!r}; "
                f"known are: {', '.join(OPERATIONS)}."
            )
        self.program, self.start = [dict(entry) for entry in program], start
        self.convolutions = nn.ModuleDict(
            {entry["name"]: _conv(entry, weights) for entry in program if entry["op"] == "conv"}
        )
        self.taps = _taps(self.program, start)
        self.eval().requires_grad_(False)

    @classmethod
    def from_file(cls, path: Path) -> MobileNetFeatures:
        """Reads a safetensors file with `program` and `input_slot` in its metadata.

        Raises:
            FileNotFoundError: no such file. ValueError: it holds no such network.
        """
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(
                f"No MobileNet weights at {path}; give the safetensors file of the evaluation "
                "network (mobilenet_v2_1.0_224.safetensors), with its program in the metadata."
            )
        try:
            with safe_open(path, framework="pt") as file:
                metadata = file.metadata() or {}
                weights = {key: file.get_tensor(key).float() for key in file.keys()}  # noqa: SIM118
            return cls(json.loads(metadata["program"]), weights, start=int(metadata["input_slot"]))
        except (SafetensorError, KeyError, json.JSONDecodeError) as error:
            raise ValueError(
                f"{path.name} is no network with its program ({error}); expected safetensors with "
                "'program' and 'input_slot' in the metadata."
            ) from error

    @torch.inference_mode()
    def forward(self, picture: Tensor) -> dict[str, Tensor]:
        """Features of pictures of any size (trained at 224x224).

        Args:
            picture: (B, 3, H, W) in [0, 1].
        Returns:
            `pooled` (B, C), the average of the last features over the picture (C = 1280); `logits`
            (B, classes); and per halving of the size `stride2` … `stride32` (B, c, h, w), the last
            linear bottleneck there.
        """
        # (v - 128) / 128 of 8-bit values v.
        slots = {self.start: (picture.float() * 255 - 128) / 128}
        found: dict[str, Tensor] = {}
        for position, entry in enumerate(self.program):
            source = entry["src"]
            if entry["op"] == "conv":
                result = self.convolutions[entry["name"]](slots[source])
            elif entry["op"] == "add":
                result = slots[source[0]] + slots[source[1]]
            elif entry["op"] == "avgpool":
                result = slots[source].mean((2, 3), keepdim=True)
            else:
                break
            slots[entry["dst"]] = result
            if position in self.taps:
                found[self.taps[position]] = result
        return {name: x.flatten(1) if name in FLAT else x for name, x in found.items()}


def _conv(entry: Mapping[str, Any], weights: Mapping[str, Tensor]) -> SameConv2d:
    """The convolution of one operation with its weights."""
    name, kernel = entry["name"], entry["k"]
    try:
        weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
    except KeyError as error:
        raise ValueError(f"The program names {error}, which the weights do not hold.") from None
    outputs, inputs = weight.shape[:2]
    groups = entry["groups"]
    layer = SameConv2d(
        inputs * groups, outputs, kernel, stride=entry["stride"], groups=groups,
        relu6=entry["relu6"],
    )  # fmt: skip
    try:
        layer.load_state_dict({"weight": weight, "bias": bias})
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"The weights of {name} do not fit its operation: {reason}") from None
    return layer


def _taps(program: Sequence[Mapping[str, Any]], start: int) -> dict[int, str]:
    """Position in the program → name of the features that are kept there."""
    stride, names = {start: 1}, {}
    pooled = False
    for position, entry in enumerate(program):
        if entry["op"] in HEAD:
            break
        source = entry["src"] if isinstance(entry["src"], int) else entry["src"][0]
        stride[entry["dst"]] = stride[source] * entry.get("stride", 1)
        if entry["op"] == "avgpool":
            pooled, names["pooled"] = True, position
        elif pooled:
            names["logits"] = position
        elif not entry.get("relu6"):
            names[f"stride{stride[entry['dst']]}"] = position
    return {position: name for name, position in names.items()}
