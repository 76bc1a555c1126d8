"""What a run is: frozen dataclasses, filled from a YAML file that holds only what differs.

`read` merges defaults, file and `key=value` overrides; how strictly is said in `training.reading`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Literal

from lab.analysis.styles import MOST_CLUSTERS, Choice
from lab.baselines.crn import CRNConfig
from lab.baselines.pix2pix import UNetConfig
from lab.card import check_name
from lab.models.discriminators import DiscriminatorConfig
from lab.models.oasis import ReaderConfig
from lab.models.pix2pixhd import EncoderConfig, GeneratorConfig
from lab.models.ranges import require, require_some
from lab.models.segmenter import SegmenterConfig
from training.reading import convert, read_values, to_yaml
from training.settings import About, Optim, PairedData, Perceptual, PictureStage, Schedule, VGGLoss
from training.stylizers import (
    AdaINConfig,
    DecoderConfig,
    DistillConfig,
    StylizerConfig,
    TransferConfig,
)

LARGEST_SEED = 2**32 - 1  # that K-means takes, which clusters the looks after the training
CRN_LAYERS = ("relu1_2", "relu2_2", "relu3_2", "relu4_2", "relu5_2")  # its VGG layers


@dataclass(frozen=True)
class SynthesisStage(PictureStage):
    """One stage of the coarse-to-fine training (Wang et al. 2018, §3.2).

    `learns`: global (G1 and E alone, at `size`), enhancer (the enhancers; G1 frozen), joint (all).
    """

    learns: Literal["global", "enhancer", "joint"] = "global"


@dataclass(frozen=True)
class Styles:
    """K-means of the looks: K, the smallest object (share of the picture), pictures encoded.

    `choose: silhouette` takes, for every class, the best number of clusters up to `clusters`.
    """

    clusters: int = 10
    choose: Choice = "given"
    smallest: float = 1 / 64
    pictures: int = 1000

    def __post_init__(self) -> None:
        require(self, "clusters", least=1, most=MOST_CLUSTERS)
        require(self, "pictures", least=1)
        require(self, "smallest", least=0, most=1)


@dataclass(frozen=True)
class SynthesisLosses:
    """Weights of the terms; the paper's are 1, 10, 10 and no others.

    `colour` compares mean colours of 8x8 squares, `spectrum` the local amplitudes of finer texture
    (`lab.losses.spectrum`). `coarse` weighs all terms but `gan` on the picture of G1 itself in the
    joint stage, which else has no loss and falls behind its features. `reading` weighs what
    `lab.models.oasis` says of the classes, which is built only if it weighs something. `texture`
    compares Gram matrices of every object, at three sizes (`lab.losses.texture`).
    """

    gan: float = 1.0
    features: float = 10.0
    perceptual: float = 10.0
    colour: float = 0.0
    spectrum: float = 0.0
    coarse: float = 0.0
    reading: float = 0.0
    texture: float = 0.0

    def __post_init__(self) -> None:
        require(self, *asdict(self), least=0)


@dataclass(frozen=True)
class SynthesisConfig:
    """pix2pixHD; `inputs` of generator and discriminator are filled in from the label space.

    `start` names a checkpoint whose weights the run begins with. Without an `encoder` (null) there
    are no looks: an ablation, like `generator.boundaries`, `discriminator.scales` and losses of 0.
    """

    task: Literal["synthesis"] = "synthesis"
    name: str = "streets"
    seed: int = 0
    start: str | None = None
    data: PairedData = PairedData()
    generator: GeneratorConfig = field(default_factory=partial(GeneratorConfig, inputs=0))
    encoder: EncoderConfig | None = field(default_factory=EncoderConfig)
    discriminator: DiscriminatorConfig = field(
        default_factory=partial(DiscriminatorConfig, inputs=0)
    )
    reader: ReaderConfig = field(default_factory=ReaderConfig)
    perceptual: VGGLoss = field(default_factory=VGGLoss)
    losses: SynthesisLosses = SynthesisLosses()
    styles: Styles = Styles()
    optim: Optim = Optim()
    schedule: Schedule = Schedule()
    stages: tuple[SynthesisStage, ...] = (SynthesisStage(),)
    about: About = About()


@dataclass(frozen=True)
class SegmenterTaskConfig:
    """The judge of a domain; `classes` of the network is filled in from the label space.

    `balance` weighs every class by its share of the pixels to the power of -`balance`, so that a
    judge learns what is rare as well: 0 weighs pixels alike, 1 classes alike. `backbone` is the
    file of a MobileNet v2 that its encoder begins with (none: random weights).
    """

    task: Literal["segmenter"] = "segmenter"
    name: str = "segmenter-streets"
    seed: int = 0
    start: str | None = None
    data: PairedData = PairedData(jitter=0.3)
    network: SegmenterConfig = field(default_factory=partial(SegmenterConfig, classes=0))
    backbone: str | None = None
    balance: float = 0.0
    optim: Optim = Optim(lr=1e-3, betas=(0.9, 0.999))
    schedule: Schedule = Schedule()
    stages: tuple[PictureStage, ...] = (PictureStage(batch=4),)
    about: About = About()

    def __post_init__(self) -> None:
        require(self, "balance", least=0)


@dataclass(frozen=True)
class Pix2PixLosses:
    """Weights of the terms and the form of the adversarial one; the defaults are the paper's.

    `adversary`: bce (sigmoid and cross-entropy) or lsgan (least squares, as in pix2pixHD).
    """

    gan: float = 1.0
    l1: float = 100.0
    adversary: Literal["bce", "lsgan"] = "bce"

    def __post_init__(self) -> None:
        require(self, "gan", "l1", least=0)
        require_some("losses", {"gan": self.gan, "l1": self.l1})


@dataclass(frozen=True)
class Pix2PixConfig:
    """pix2pix (Isola et al. 2017); `inputs` of both networks are filled in from the label space."""

    task: Literal["pix2pix"] = "pix2pix"
    name: str = "streets-pix2pix"
    seed: int = 0
    start: str | None = None
    data: PairedData = PairedData()
    generator: UNetConfig = field(default_factory=partial(UNetConfig, inputs=0))
    discriminator: DiscriminatorConfig = field(
        default_factory=partial(DiscriminatorConfig, inputs=0, scales=1)
    )
    losses: Pix2PixLosses = Pix2PixLosses()
    optim: Optim = Optim()
    schedule: Schedule = Schedule()
    stages: tuple[PictureStage, ...] = (PictureStage(),)
    about: About = About()


@dataclass(frozen=True)
class CRNTaskConfig:
    """CRN (Chen & Koltun 2017); `inputs` is filled in from the label space.

    `picture` weighs the picture itself beside the layers of `perceptual`, as one more layer.
    """

    task: Literal["crn"] = "crn"
    name: str = "streets-crn"
    seed: int = 0
    start: str | None = None
    data: PairedData = PairedData()
    generator: CRNConfig = field(default_factory=partial(CRNConfig, inputs=0))
    perceptual: Perceptual = Perceptual(layers=dict.fromkeys(CRN_LAYERS, 1.0))
    picture: float = 1.0
    optim: Optim = Optim(lr=1e-4, betas=(0.9, 0.999))
    schedule: Schedule = Schedule()
    stages: tuple[PictureStage, ...] = (PictureStage(),)
    about: About = About()

    def __post_init__(self) -> None:
        require(self, "picture", least=0)


Config = SynthesisConfig | SegmenterTaskConfig | Pix2PixConfig | CRNTaskConfig | StylizerConfig
TASKS: dict[str, type] = {
    "synthesis": SynthesisConfig,
    "transfer": TransferConfig,
    "distill": DistillConfig,
    "decoder": DecoderConfig,
    "adain": AdaINConfig,
    "segmenter": SegmenterTaskConfig,
    "pix2pix": Pix2PixConfig,
    "crn": CRNTaskConfig,
}


def read(path: Path, overrides: Sequence[str] = ()) -> Config:
    """Defaults ← YAML file ← `key.inner=value` overrides.

    Raises:
        FileNotFoundError: no such file. ValueError: unknown key, wrong type, number out of its
            range, unknown task, no stage, a name that no checkpoint can have.
    """
    values = read_values(path, overrides)
    task = values.get("task")
    if not isinstance(task, str) or task not in TASKS:
        raise ValueError(f"{path} says task: {task!r}; known tasks: {', '.join(TASKS)}.")
    config = convert(TASKS[task], values, "config")
    check_name(config.name)
    if not 0 <= config.seed <= LARGEST_SEED:
        raise ValueError(f"config.seed is {config.seed}; expected 0 to {LARGEST_SEED}.")
    if not config.stages:
        raise ValueError("config.stages is empty, so nothing would be trained; give one or more.")
    return merged(config)


def merged(config: Config) -> Config:
    """The same run in steps of up to `schedule.merge` pictures, and fewer of them.

    A stage sees at least as many pictures as before; rates stay as they are, and so does a stage
    whose steps are as large already.
    """
    stages = []
    for stage in config.stages:
        many = max(1, config.schedule.merge // (stage.batch * config.schedule.accumulate))
        steps = math.ceil(stage.steps / many)
        stages.append(replace(stage, steps=steps, batch=stage.batch * many))
    return replace(config, stages=tuple(stages), schedule=replace(config.schedule, merge=1))


def dump(config: Config) -> str:
    """The whole merged config as YAML, as it is written into the run's folder."""
    return to_yaml(config)
