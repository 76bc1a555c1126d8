"""What a training of style transfer is: frozen dataclasses, one for each step on the way.

The steps build on each other by the checkpoints they make: an encoder distilled from VGG-19 (the
checkpoint gatys), decoders that undo it (wct), and between the two AdaIN and the linear transform.
`start`, where given, names a checkpoint whose weights a run begins with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from lab.models.fast import FastConfig
from lab.models.linear_transfer import LinearTransformConfig
from lab.models.ranges import require, require_some
from lab.models.vgg import VGGConfig
from training.settings import TAPS, About, Optim, Perceptual, Schedule

THIRD = TAPS[:3]


@dataclass(frozen=True)
class CropStage:
    """One stage on single pictures: windows of side `crop` from pictures of every size in `sizes`.

    A size is the shorter side in pixels; features should hold at more than one. `layers` are what
    is learned: those a student is compared at, or those whose decoders learn.
    """

    steps: int = 1000
    batch: int = 4
    sizes: tuple[int, ...] = (288,)
    crop: int = 128
    layers: tuple[str, ...] = THIRD
    lr: float | None = None

    def __post_init__(self) -> None:
        require(self, "steps", "batch", "sizes", "crop", least=1)
        require(self, "lr", above=0)
        if not self.sizes:
            raise ValueError("sizes is empty; expected one or more.")


@dataclass(frozen=True)
class DistillConfig:
    """An encoder of VGG-19's shape, from random weights, that answers as VGG-19 does.

    `teacher` is the network it learns from, its layers those that are compared; `pictures` are
    folders, of which the last `hold_out` by name are kept apart. `normalised` divides every channel
    of the teacher by its mean activation (as Gatys et al. 2016 do), for one that is not yet.
    """

    task: Literal["distill"] = "distill"
    name: str = "gatys"
    seed: int = 0
    start: str | None = None
    pictures: tuple[str, ...] = ()
    hold_out: int = 20
    network: VGGConfig = field(default_factory=partial(VGGConfig, "relu3_1"))
    teacher: Perceptual = Perceptual(layers=dict.fromkeys(THIRD, 1.0))
    normalised: bool = False
    optim: Optim = Optim(lr=1e-3, betas=(0.9, 0.999))
    schedule: Schedule = Schedule()
    stages: tuple[CropStage, ...] = (CropStage(),)
    about: About = About()
    method = "gatys"


@dataclass(frozen=True)
class DecoderLosses:
    """Weights: L1 of the pixels, relative L1 of the encoder's features, values outside [0, 1]."""

    pixels: float = 10.0
    features: float = 1.0
    range: float = 1.0

    def __post_init__(self) -> None:
        require(self, "pixels", "features", "range", least=0)
        require_some("losses", {"pixels": self.pixels, "features": self.features})


@dataclass(frozen=True)
class DecoderConfig:
    """Decoders that undo the encoder of a checkpoint, one for each of `layers` (Li et al. 2017).

    `fitted` is the number of windows that the decoder of relu1_1, one convolution, is fitted to in
    closed form before all else; 0 leaves it random.
    """

    task: Literal["decoder"] = "decoder"
    name: str = "wct"
    seed: int = 0
    start: str | None = None
    pictures: tuple[str, ...] = ()
    hold_out: int = 20
    encoder: str = "gatys"
    layers: tuple[str, ...] = THIRD
    fitted: int = 0
    losses: DecoderLosses = DecoderLosses()
    optim: Optim = Optim(lr=1e-3, betas=(0.9, 0.999))
    schedule: Schedule = Schedule()
    stages: tuple[CropStage, ...] = (CropStage(),)
    about: About = About()
    method = "wct"

    def __post_init__(self) -> None:
        require(self, "fitted", least=0)


@dataclass(frozen=True)
class PairStage:
    """One stage on contents and styles: windows of side `crop`, pictures of shorter side `size`."""

    steps: int = 1000
    batch: int = 4
    size: int = 288
    crop: int = 256
    style_weight: float = 1.0
    lr: float | None = None

    def __post_init__(self) -> None:
        require(self, "steps", "batch", "size", "crop", least=1)
        require(self, "style_weight", least=0)
        require(self, "lr", above=0)


@dataclass(frozen=True)
class AdaINLosses:
    """Weights beside the stage's style weight."""

    content: float = 1.0
    range: float = 1.0

    def __post_init__(self) -> None:
        require(self, "content", "range", least=0)


@dataclass(frozen=True)
class AdaINConfig:
    """AdaIN's decoder, from the one of `autoencoder` that undoes its encoder's last layer."""

    task: Literal["adain"] = "adain"
    name: str = "adain"
    seed: int = 0
    start: str | None = None
    content: str = ""
    styles: tuple[str, ...] = ()
    hold_out: int = 20
    autoencoder: str = "wct"
    losses: AdaINLosses = AdaINLosses()
    optim: Optim = Optim(lr=1e-4, betas=(0.9, 0.999))
    schedule: Schedule = Schedule()
    stages: tuple[PairStage, ...] = (PairStage(style_weight=10.0),)
    about: About = About()
    method = "adain"


@dataclass(frozen=True)
class TransferStage(PairStage):
    """`style_weight` of this stage; 0 with `reconstruction` learns the auto-encoder first.

    `identity` weighs how far a content in its own style is from the content, which T(F, F) = F
    would not change (Park & Lee 2019, Arbitrary Style Transfer with Style-Attentional Networks,
    eq. 5): what no T can carry through its few directions is lost to every drawing.
    `learns`: the transform alone, as in the paper, with it the decoder, or all: the encoder too.
    `teacher` weighs the distance to what the run's teacher draws. `perceptual` replaces the run's
    network: a small one first, the true one to finish.
    """

    reconstruction: float = 0.0
    identity: float = 0.0
    learns: Literal["transform", "decoder", "all"] = "all"
    teacher: float = 0.0
    perceptual: Perceptual | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self, "reconstruction", "identity", "teacher", least=0)


@dataclass(frozen=True)
class TransferLosses:
    """Weights beside the stage's style weight; `scales` are the sizes the style is compared at.

    `steady` weighs how far a moved content's drawing is from the drawing, moved as far, `plain` how
    uneven the drawing is where the content is even (`lab.losses.plain`).
    """

    content: float = 1.0
    variation: float = 0.0
    range: float = 1.0
    grid: float = 0.0
    steady: float = 0.0
    plain: float = 0.0
    scales: tuple[float, ...] = (1.0, 0.5, 0.25)

    def __post_init__(self) -> None:
        require(self, "content", "variation", "range", "grid", "steady", "plain", least=0)
        require(self, "scales", above=0)


@dataclass(frozen=True)
class TransferConfig:
    """Linear style transfer: the learned matrix between an encoder and a decoder.

    With `autoencoder`, they are those of that checkpoint, as in the paper (linear); without, small
    ones of `networks` that learn together with the transform (linear-fast). `principal` is the
    number of windows that the transform's start is fitted to (`compress` takes the principal
    directions of their features); 0 leaves it random. `teacher` names a checkpoint of linear
    transfer to imitate.
    """

    task: Literal["transfer"] = "transfer"
    name: str = "linear-fast"
    seed: int = 0
    start: str | None = None
    content: str = ""
    styles: tuple[str, ...] = ()
    hold_out: int = 20
    autoencoder: str | None = None
    networks: FastConfig = field(default_factory=FastConfig)
    transform: LinearTransformConfig = field(
        default_factory=partial(LinearTransformConfig, 64, (64,), 32)
    )
    principal: int = 0
    teacher: str | None = None
    perceptual: Perceptual = Perceptual(layers=dict.fromkeys(THIRD, 1.0))
    content_layer: str = "relu3_1"
    losses: TransferLosses = TransferLosses()
    optim: Optim = Optim(lr=1e-3, betas=(0.9, 0.999))
    schedule: Schedule = Schedule()
    stages: tuple[TransferStage, ...] = (TransferStage(),)
    about: About = About()

    def __post_init__(self) -> None:
        require(self, "principal", least=0)

    @property
    def method(self) -> str:
        """What the checkpoint is loaded as."""
        return "linear" if self.autoencoder else "linear-fast"


StylizerConfig = DistillConfig | DecoderConfig | AdaINConfig | TransferConfig
