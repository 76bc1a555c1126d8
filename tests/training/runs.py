"""Trainings of a second: networks of width 2, pictures of 48x32, random perceptual weights."""

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn

from lab.models.vgg import VGGConfig, VGGEncoder
from training.config import read
from training.loop import Run, Task
from training.tasks import build_task

SYNTHESIS = """
task: synthesis
name: tiny
data: {{name: streets, root: {root}}}
generator: {{width: 2, downsamplings: 2, blocks: 1, enhancers: 1, enhancer_blocks: 1, kernel: 3,
            norm: affine, padding: zeros, upsampling: nearest, skips: true, noise: 1}}
encoder: {{width: 2, downsamplings: 2, kernel: 3, norm: affine, padding: zeros,
          upsampling: nearest}}
discriminator: {{width: 2, scales: 2}}
perceptual: {{weights: {vgg}, layers: {{relu1_1: 1, relu2_1: 1}}}}
schedule: {{preview_every: 1000, log_every: 1, ema: 0.9}}
stages:
  - {{learns: global, steps: 2, size: [24, 16]}}
  - {{learns: enhancer, steps: 2, size: [48, 32], crop: [40, 24]}}
  - {{learns: joint, steps: 2, size: [48, 32], lr: 1e-3}}
"""

TRANSFER = """
task: transfer
name: tiny
content: {root}/photos
styles: [{root}/paintings, {root}/textures]
hold_out: 1
networks: {{widths: [3, 4], encoder_blocks: 1, decoder_blocks: 1, fine: 1, kernel: 3}}
transform: {{channels: 4, hidden: [3], width: 2}}
perceptual: {{weights: {vgg}, layers: {{relu1_1: 1, relu2_1: 1, relu3_1: 1}}}}
schedule: {{preview_every: 1000, log_every: 1, ema: 0.9}}
stages:
  - {{steps: 2, batch: 2, size: 36, crop: 32, style_weight: 0, reconstruction: 1}}
  - {{steps: 3, batch: 2, size: 34, crop: 32, reconstruction: 0.5}}
"""


def save_perceptual(path: Path, last: str = "relu3_1", *, divisor: int = 16) -> Path:
    """A VGG-19 of a part of its width, random weights that let a signal through."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(divisor)
        encoder = VGGEncoder(VGGConfig(last, divisor))
        for layer in encoder.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight)
    save_file(encoder.state_dict(), path)
    return path


def save_photos(folder: Path, count: int, *, size: tuple[int, int] = (44, 38)) -> Path:
    """Smooth random pictures."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(count)
    for index in range(count):
        coarse = Image.fromarray(rng.integers(0, 256, (5, 6, 3), dtype=np.uint8))
        coarse.resize(size, Image.Resampling.BICUBIC).save(folder / f"{index}.png")
    return folder


def start(config: Path, folder: Path, *overrides: str, kind: type[Run] = Run, **more: Any) -> Run:
    """The run of a config, not begun."""
    settings = read(config, overrides)
    return run_of(build_task(settings), folder, settings, kind=kind, **more)


def run_of(task: Task, folder: Path, settings: Any, *, kind: type[Run] = Run, **more: Any) -> Run:
    """A run of a task with the rates, schedule and seed of `settings`."""
    schedule = {"optim": settings.optim, "schedule": settings.schedule, "seed": settings.seed}
    return kind(task, folder, **schedule, **more)


class Interrupted(Run):
    """A run that is told to stop during its step number `after`."""

    def __init__(self, *arguments: Any, after: int, how: int = signal.SIGTERM, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.after, self.how = after, how

    def _one_step(self, *arguments: Any) -> dict[str, float]:
        values = super()._one_step(*arguments)
        if self.total + 1 == self.after:
            signal.raise_signal(self.how)
        return values


def exit_code(main: Callable[[Sequence[str]], int], arguments: Sequence[str]) -> int | str | None:
    """What a command returns, or leaves with where its options are wrong."""
    try:
        return main(arguments)
    except SystemExit as stop:
        return stop.code


def state_of(folder: Path) -> dict[str, Any]:
    """What a run left to go on from."""
    return torch.load(folder / "state.pt", map_location="cpu", weights_only=True)


def tensors(state: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of a nested state, named by their place."""
    if isinstance(state, Mapping):
        for key, value in state.items():
            yield from tensors(value, f"{name}.{key}")
    elif isinstance(state, Sequence) and not isinstance(state, str):
        for index, value in enumerate(state):
            yield from tensors(value, f"{name}[{index}]")
    else:
        yield name, state


def differences(one: Any, other: Any) -> list[str]:
    """The places where two states are not the same to the last bit."""
    first, second = dict(tensors(one)), dict(tensors(other))
    shared = [name for name in first if name in second]
    return sorted(set(first) ^ set(second)) + [
        name for name in shared if not _same(first[name], second[name])
    ]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Tensor):
        return isinstance(other, Tensor) and torch.equal(one, other)
    return one == other
