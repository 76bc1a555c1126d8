"""What a run is: frozen dataclasses, filled from a YAML file that holds only what differs.

`read` merges defaults, file and `key=value` overrides; an unknown key or a value of the wrong type
is an error that names the key and what would fit.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import yaml

from lab.models.discriminators import DiscriminatorConfig
from lab.models.fast import FastConfig
from lab.models.linear_transfer import LinearTransformConfig
from lab.models.pix2pixhd import EncoderConfig, GeneratorConfig
from lab.models.segmenter import SegmenterConfig

Size = tuple[int, int]


@dataclass(frozen=True)
class Optim:
    """Adam; the rate stays until `decay_from` of a stage, then falls linearly to `floor`.

    `rates` multiplies the rate of a network by name, such as {discriminator: 0.5}.
    `clip` bounds the norm of each network's gradient (none: no bound, as the papers train).
    """

    lr: float = 2e-4
    betas: tuple[float, float] = (0.5, 0.999)
    decay_from: float = 0.5
    floor: float = 0.0
    clip: float | None = None
    rates: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Schedule:
    """How often things happen, in steps; saving goes by the clock as well."""

    log_every: int = 20
    preview_every: int = 500
    save_minutes: float = 5.0
    accumulate: int = 1
    workers: int = 0
    ema: float = 0.999


@dataclass(frozen=True)
class Perceptual:
    """The network of the perceptual losses; no `weights` means torchvision's VGG-19.

    `layers` maps relu1_1 … to their weights in pix2pixHD's VGG loss; the style loss takes the mean
    over the layers named.
    """

    weights: str | None = None
    layers: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_TAPS, 1.0))


_TAPS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")


@dataclass(frozen=True)
class About:
    """What the card will say that no file can know."""

    title: str = ""
    licence: str = "CC BY-NC 4.0"
    data: str = ""
    data_licence: str = ""
    limits: tuple[str, ...] = ()


@dataclass(frozen=True)
class SynthesisData:
    """A dataset of the catalog and the folder it is read from.

    `town` has no folder; `length` is how many different scenes it draws. Training pictures are
    mirrored (`flip`), windows up to `zoom` times as large as the crop are shrunk to it, and the
    light changes by up to e^`jitter`.
    """

    name: str = "streets"
    root: str | None = None
    flip: bool = True
    zoom: float = 1.0
    jitter: float = 0.0
    length: int | None = None


@dataclass(frozen=True)
class SynthesisStage:
    """One stage of the coarse-to-fine training (Wang et al. 2018, §3.2).

    `learns`: global (G1 and E alone, at `size`), enhancer (the enhancers; G1 frozen), joint (all).
    `size` is what pictures are scaled to and `crop` the window cut from them, (width, height);
    `view` is the size of whole pictures, in previews and in use (none: `size`).
    """

    learns: Literal["global", "enhancer", "joint"] = "global"
    steps: int = 1000
    batch: int = 1
    size: Size = (512, 256)
    crop: Size | None = None
    view: Size | None = None
    lr: float | None = None


@dataclass(frozen=True)
class Styles:
    """K-means of the looks: K, the smallest object (share of the picture), pictures encoded."""

    clusters: int = 10
    smallest: float = 1 / 64
    pictures: int = 1000


@dataclass(frozen=True)
class SynthesisLosses:
    """Weights of the terms; the paper's are 1, 10, 10 and no others.

    `colour` compares mean colours of 8x8 squares. `coarse` weighs all terms but `gan` on the
    picture of G1 itself in the joint stage, which else has no loss and falls behind its features.
    """

    gan: float = 1.0
    features: float = 10.0
    perceptual: float = 10.0
    colour: float = 0.0
    coarse: float = 0.0


@dataclass(frozen=True)
class SynthesisConfig:
    """pix2pixHD; `inputs` of generator and discriminator are filled in from the label space.

    `start` names a checkpoint whose weights the run begins with.
    """

    task: Literal["synthesis"] = "synthesis"
    name: str = "streets"
    seed: int = 0
    start: str | None = None
    data: SynthesisData = SynthesisData()
    generator: GeneratorConfig = field(default_factory=partial(GeneratorConfig, inputs=0))
    encoder: EncoderConfig = field(default_factory=EncoderConfig)
    discriminator: DiscriminatorConfig = field(
        default_factory=partial(DiscriminatorConfig, inputs=0)
    )
    perceptual: Perceptual = Perceptual()
    losses: SynthesisLosses = SynthesisLosses()
    styles: Styles = Styles()
    optim: Optim = Optim()
    schedule: Schedule = Schedule()
    stages: tuple[SynthesisStage, ...] = (SynthesisStage(),)
    about: About = About()


@dataclass(frozen=True)
class TransferStage:
    """`style_weight` of this stage; 0 with `reconstruction` learns the auto-encoder first.

    `perceptual` replaces the run's network: a small one first, the true one to finish.
    """

    steps: int = 1000
    batch: int = 4
    size: int = 288
    crop: int = 256
    style_weight: float = 1.0
    reconstruction: float = 0.0
    lr: float | None = None
    perceptual: Perceptual | None = None


@dataclass(frozen=True)
class TransferLosses:
    """Weights beside the stage's style weight; `scales` are the sizes the style is compared at."""

    content: float = 1.0
    variation: float = 0.0
    range: float = 1.0
    scales: tuple[float, ...] = (1.0, 0.5, 0.25)


@dataclass(frozen=True)
class TransferConfig:
    """Linear style transfer end to end with a small encoder and decoder; `start` as above."""

    task: Literal["transfer"] = "transfer"
    name: str = "linear-fast"
    seed: int = 0
    start: str | None = None
    content: str = ""
    styles: tuple[str, ...] = ()
    hold_out: int = 20
    networks: FastConfig = field(default_factory=FastConfig)
    transform: LinearTransformConfig = field(
        default_factory=partial(LinearTransformConfig, 64, (64,), 32)
    )
    perceptual: Perceptual = Perceptual(layers=dict.fromkeys(_TAPS[:3], 1.0))
    content_layer: str = "relu3_1"
    losses: TransferLosses = TransferLosses()
    optim: Optim = Optim(lr=1e-3, betas=(0.9, 0.999))
    schedule: Schedule = Schedule()
    stages: tuple[TransferStage, ...] = (TransferStage(),)
    about: About = About()


@dataclass(frozen=True)
class SegmenterTaskConfig:
    """The judge of a domain; `classes` of the network is filled in from the label space."""

    task: Literal["segmenter"] = "segmenter"
    name: str = "segmenter-streets"
    seed: int = 0
    start: str | None = None
    data: SynthesisData = SynthesisData(jitter=0.3)
    network: SegmenterConfig = field(default_factory=partial(SegmenterConfig, classes=0))
    optim: Optim = Optim(lr=1e-3, betas=(0.9, 0.999))
    schedule: Schedule = Schedule()
    stages: tuple[SynthesisStage, ...] = (SynthesisStage(batch=4),)
    about: About = About()


Config = SynthesisConfig | TransferConfig | SegmenterTaskConfig
TASKS: dict[str, type] = {
    "synthesis": SynthesisConfig,
    "transfer": TransferConfig,
    "segmenter": SegmenterTaskConfig,
}


def read(path: Path, overrides: Sequence[str] = ()) -> Config:
    """Defaults ← YAML file ← `key.inner=value` overrides.

    Raises:
        FileNotFoundError: no such file. ValueError: unknown key, wrong type, unknown task.
    """
    if not path.is_file():
        raise FileNotFoundError(f"No config at {path}; the shipped ones are in training/configs.")
    values = _parse(path.read_text(encoding="utf-8"), str(path)) or {}
    if not isinstance(values, dict):
        raise ValueError(f"{path} holds {values!r}; expected key: value lines.")
    for override in overrides:
        key, equals, text = override.partition("=")
        if not equals:
            raise ValueError(f"The override {override!r} is not of the form key=value.")
        _assign(values, key.split("."), _parse(text, f"The override {override!r}"))
    task = values.get("task")
    if task not in TASKS:
        raise ValueError(f"{path} says task: {task!r}; known tasks: {', '.join(TASKS)}.")
    return _convert(TASKS[task], values, "config")


def dump(config: Config) -> str:
    """The whole merged config as YAML, as it is written into the run's folder."""
    return yaml.safe_dump(_plain(dataclasses.asdict(config)), sort_keys=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _parse(text: str, where: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"{where} is not YAML: {' '.join(str(error).split())}.") from None


def _assign(values: dict[str, Any], keys: Sequence[str], value: Any) -> None:
    """values[a][b] = value; a number among the keys is an index into a list."""
    *outer, last = keys
    for depth, key in enumerate(outer):
        if isinstance(values, list):
            inner = values[_position(values, keys[: depth + 1])]
        else:
            inner = values.setdefault(key, {})
        if not isinstance(inner, dict | list):
            raise ValueError(f"{'.'.join(outer[: depth + 1])} is a value, it has no {last!r}.")
        values = inner
    values[_position(values, keys) if isinstance(values, list) else last] = value


def _position(values: list, keys: Sequence[str]) -> int:
    """The last of `keys` as an index into `values`."""
    key = keys[-1]
    if not key.isdecimal() or int(key) >= len(values):
        raise ValueError(
            f"{'.'.join(keys)} names no entry: {'.'.join(keys[:-1])} has 0 to {len(values) - 1}."
        )
    return int(key)


def _convert(kind: Any, value: Any, where: str) -> Any:
    """`value` from YAML as an instance of the annotated type `kind`."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        return _convert(next(a for a in arguments if a is not type(None)), value, where)
    if dataclasses.is_dataclass(kind):
        return _convert_dataclass(kind, value, where)
    if origin is Literal:
        if value in arguments:
            return value
        raise ValueError(
            f"{where} is {value!r}; expected one of: {', '.join(map(str, arguments))}."
        )
    if origin is tuple and isinstance(value, list | tuple):
        inner = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else list(arguments)
        if len(inner) == len(value):
            pairs = enumerate(zip(inner, value, strict=True))
            return tuple(_convert(t, item, f"{where}[{i}]") for i, (t, item) in pairs)
    if origin is dict and isinstance(value, Mapping):
        return {str(k): _convert(arguments[1], v, f"{where}.{k}") for k, v in value.items()}
    # YAML 1.1 reads 1e-4 as text, and 1 as an integer where a float is meant.
    if kind is float and isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            return float(value)
        except ValueError:
            pass
    if (
        isinstance(kind, type)
        and isinstance(value, kind)
        and not (kind is int and isinstance(value, bool))
    ):
        return value
    raise ValueError(f"{where} is {value!r}; expected {getattr(kind, '__name__', kind)}.")


def _convert_dataclass(kind: Any, value: Any, where: str, base: Any = None) -> Any:
    """Keys that `value` leaves out keep what `base`, the default of the level above, has there."""
    if not isinstance(value, Mapping):
        raise ValueError(f"{where} is {value!r}; expected the keys of {kind.__name__}.")
    hints = typing.get_type_hints(kind)
    known = {entry.name: entry for entry in dataclasses.fields(kind)}
    unknown = [key for key in value if key not in known]
    if unknown:
        raise ValueError(f"{where} has no key {unknown[0]!r}; known: {', '.join(known)}.")
    filled = {}
    for name, entry in known.items():
        default = _default(entry) if base is None else getattr(base, name)
        if name not in value:
            filled[name] = default
        elif dataclasses.is_dataclass(default):
            filled[name] = _convert_dataclass(
                type(default), value[name], f"{where}.{name}", default
            )
        else:
            filled[name] = _convert(hints[name], value[name], f"{where}.{name}")
    return kind(**filled)


def _default(entry: dataclasses.Field) -> Any:
    if entry.default is not dataclasses.MISSING:
        return entry.default
    if entry.default_factory is not dataclasses.MISSING:
        return entry.default_factory()
    # A network's `inputs` or `classes`, which the task fills in from the label space.
    return 0
