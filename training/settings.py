"""What the configs of several tasks have in common: rates, data, stages, what the card says.

Settings out of their range are a ValueError where they are made, before anything is trained.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from lab.models import vgg
from lab.models.ranges import require, require_some

Size = tuple[int, int]
TAPS = tuple(vgg.TAPS)


@dataclass(frozen=True)
class Optim:
    """Adam, or Muon; the rate stays until `decay_from` of a stage, then falls linearly to `floor`.

    `rates` multiplies the rate of a network by name, such as {discriminator: 0.5}.
    `clip` bounds the norm of each network's gradient (none: no bound, as the papers train).
    `method`: muon wants rates of about 0.02 and makes more of few steps (`training.muon`); it has
    momenta of its own, `betas` are Adam's.
    """

    lr: float = 2e-4
    betas: tuple[float, float] = (0.5, 0.999)
    decay_from: float = 0.5
    floor: float = 0.0
    clip: float | None = None
    rates: dict[str, float] = field(default_factory=dict)
    method: Literal["adam", "muon"] = "adam"

    def __post_init__(self) -> None:
        require(self, "lr", "clip", above=0)
        require(self, "betas", least=0, below=1)
        require(self, "decay_from", "floor", least=0, most=1)
        require(self, "rates", least=0)


@dataclass(frozen=True)
class Schedule:
    """How often things happen, in steps; saving goes by the clock as well.

    `precision`: auto multiplies in bf16 where the hardware is fast at it, else in float32.
    `merge`: steps of a stage are made as one until it sees so many pictures. A processor's time
    goes by pictures and a graphics card's, with networks this small, by steps.
    """

    log_every: int = 20
    preview_every: int = 500
    save_minutes: float = 5.0
    accumulate: int = 1
    merge: int = 1
    wake: int | None = None
    workers: int = 0
    ema: float = 0.999
    precision: Literal["auto", "float32", "bf16"] = "auto"

    def __post_init__(self) -> None:
        require(self, "log_every", "preview_every", "accumulate", "merge", "wake", least=1)
        require(self, "save_minutes", "workers", least=0)
        require(self, "ema", least=0, most=1)


@dataclass(frozen=True)
class Perceptual:
    """The network of the perceptual losses; no `weights` means torchvision's VGG-19.

    `layers` maps relu1_1 … to their weights in pix2pixHD's VGG loss; the style loss takes the mean
    over the layers named. `exact`: the file of a second network, such as the true VGG-19 beside a
    small stand-in, whose features are compared in place of the first's, as deep as it goes.
    """

    weights: str | None = None
    layers: dict[str, float] = field(default_factory=lambda: dict.fromkeys(TAPS, 1.0))
    exact: str | None = None

    def __post_init__(self) -> None:
        require(self, "layers", least=0)
        if self.layers:  # the losses name none in a sentence of their own
            require_some("layers", self.layers)


@dataclass(frozen=True)
class VGGLoss(Perceptual):
    """The same for pix2pixHD. `form`: relative divides each layer's L1 by its activation, and their
    sum by the weights'; absolute is the authors' plain sum on pictures in [-1, 1] as they are,
    made for torchvision's VGG-19 with weights of 1/32, 1/16, 1/8, 1/4 and 1.
    """

    form: Literal["relative", "absolute"] = "relative"


@dataclass(frozen=True)
class PairedData:
    """A dataset of the catalog and the folder it is read from.

    What draws its scenes, like `town`, has no folder; `length` is how many different ones. `beside`
    names such a dataset: in training so many of its scenes are shown with the photographs.
    Training pictures are mirrored (`flip`), windows up to `zoom` times as large as the crop are
    shrunk to it, `balanced` ones are about every class of their picture alike, and the light
    changes by up to e^`jitter`. `even` trains on streets of the town whose windows, lines and
    leaves follow from what is told.
    """

    name: str = "streets"
    root: str | None = None
    flip: bool = True
    zoom: float = 1.0
    balanced: bool = False
    jitter: float = 0.0
    length: int | None = None
    even: bool = False
    beside: str | None = None

    def __post_init__(self) -> None:
        require(self, "zoom", "length", least=1)
        require(self, "jitter", least=0)


@dataclass(frozen=True)
class PictureStage:
    """One stage of a training on label maps and their photographs.

    `size` is what pictures are scaled to and `crop` the window cut from them, (width, height);
    `view` is the size of whole pictures, in previews and in use (none: `size`).
    """

    steps: int = 1000
    batch: int = 1
    size: Size = (512, 256)
    crop: Size | None = None
    view: Size | None = None
    lr: float | None = None

    def __post_init__(self) -> None:
        require(self, "steps", "batch", "size", "crop", "view", least=1)
        require(self, "lr", above=0)


@dataclass(frozen=True)
class About:
    """What the card will say that no file can know."""

    title: str = ""
    licence: str = "CC BY-NC 4.0"
    data: str = ""
    data_licence: str = ""
    limits: tuple[str, ...] = ()
