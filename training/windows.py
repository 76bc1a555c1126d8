"""Windows that a stage's networks and losses can take, found out before the first step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lab.losses.perceptual import CELL
from lab.losses.spectrum import SMALLEST
from lab.models.vgg import LAYERS
from training.config import SynthesisConfig
from training.settings import Perceptual, PictureStage, Size
from training.stylizers import PairStage

HALVINGS = 2  # of the pictures whose textures are compared
SMALLEST_OF = {"colour": CELL, "spectrum": SMALLEST}  # sides that a loss of `losses` needs


def check_drawn(config: SynthesisConfig) -> None:
    """The windows of a pix2pixHD run's stages, each for the networks that draw in it.

    G1 alone sees them at its own size; inside n enhancers, at 1 / 2^n of it.

    Raises:
        ValueError: as `check_window`, and windows that a network cannot take at its deepest.
    """
    generator, weights = config.generator, config.losses
    least = {f"losses.{name}": SMALLEST_OF[name] for name in SMALLEST_OF if getattr(weights, name)}
    for number, stage in enumerate(config.stages):
        own = generator.multiple if stage.learns != "global" else 2**generator.downsamplings
        multiple = own
        if config.encoder is not None:
            multiple = max(multiple, 2**config.encoder.downsamplings)
        # Where G1's own picture is compared as well, it is that much smaller.
        shrunk = 2**generator.enhancers if stage.learns == "joint" and weights.coarse else 1
        sides = {name: shrunk * side for name, side in least.items()}
        window = stage.crop or stage.size
        check_window(number, window, size=stage.size, multiple=multiple, least=sides)
        require_side(number, window, max(_smallest_drawn(config, own), shrunk * _seen(config)))
        for network, cells in _deepest_cells(config, window, own).items():
            if cells == (1, 1):
                raise ValueError(
                    f"Stage {number} trains on windows of {_times(window)}, of which the "
                    f"{network} sees one cell at its deepest, and its norm needs two; give it "
                    f"larger ones or set {network}.norm: none."
                )


def _smallest_drawn(config: SynthesisConfig, cell: int) -> int:
    """Residual blocks that reflect at the border need two cells each way."""
    generator = config.generator
    reflects = generator.padding == "reflect" and generator.blocks > 0
    return 2 * cell if reflects else 1


def _seen(config: SynthesisConfig) -> int:
    """The smallest side that the perceptual network can take of a picture that is compared."""
    weights = config.losses
    if not (weights.perceptual or weights.reading or weights.texture):
        return 1
    # Textures are compared in smaller copies too, by the exact network alone where there is one.
    small = 2**HALVINGS if weights.texture and not config.perceptual.exact else 1
    return small * smallest_seen(config.perceptual)


def _deepest_cells(config: SynthesisConfig, window: Size, cell: int) -> dict[str, Size]:
    """How many cells the deepest norm over a window has, by the name of the network's settings."""
    strides = {"generator": (cell, config.generator.norm)}
    if config.encoder is not None:
        strides["encoder"] = (2**config.encoder.downsamplings, config.encoder.norm)
    if config.discriminator.layers > 1:  # padded so that two cells stay two, and one stays one
        smallest = 2 ** (config.discriminator.scales - 1)
        strides["discriminator"] = (smallest, config.discriminator.norm)
    width, height = window
    return {
        name: (-(-width // stride), -(-height // stride))
        for name, (stride, norm) in strides.items()
        if norm in ("instance", "affine")
    }


def check_pictures(stages: Iterable[PictureStage], multiple: int, *, least: int = 1) -> None:
    """The windows of a run whose one network draws, or reads, at the size it is given.

    Args:
        multiple: of what both sides must be multiples. least: the smallest side.
    Raises:
        ValueError: as `check_window`.
    """
    for number, stage in enumerate(stages):
        window = stage.crop or stage.size
        check_window(number, window, size=stage.size, multiple=multiple)
        require_side(number, window, least)


def check_pairs(stages: Iterable[PairStage], stride: int) -> None:
    """The square windows of a transfer's stages, for an encoder of this stride.

    Raises:
        ValueError: as `check_window`.
    """
    for number, stage in enumerate(stages):
        window, size = (stage.crop, stage.crop), (stage.size, stage.size)
        check_window(number, window, size=size, multiple=stride)


def check_window(
    number: int,
    window: Size,
    *,
    size: Size,
    multiple: int,
    least: Mapping[str, int] | None = None,
) -> None:
    """Windows (width, height) cut from pictures of `size` in stage `number`.

    Args:
        multiple: of what both sides must be multiples. least: by setting, the smallest side.
    Raises:
        ValueError: a window that is larger than the pictures, no multiple, or too small.
    """
    cut = _times(window)
    if window[0] > size[0] or window[1] > size[1]:
        raise ValueError(
            f"Stage {number} cuts windows of {cut} from pictures of {_times(size)}; "
            "make its crop no larger than its size."
        )
    if window[0] % multiple or window[1] % multiple:
        fitting = tuple(max(multiple, side - side % multiple) for side in window)
        raise ValueError(
            f"Stage {number} trains on windows of {cut}, but its networks need sides that are "
            f"multiples of {multiple}; give it a crop or a size such as {_times(fitting)}."
        )
    for name, side in (least or {}).items():
        if min(window) < side:
            raise ValueError(
                f"Stage {number} trains on windows of {cut}, but {name} needs sides of {side} or "
                f"more; give it larger ones or set {name}: 0."
            )


def require_side(number: int, window: Size, least: int) -> None:
    """Raises ValueError where a side of a stage's windows is below what its networks can take."""
    if min(window) < least:
        raise ValueError(
            f"Stage {number} trains on windows of {_times(window)}, but its networks need sides of "
            f"{least} or more; give it larger ones."
        )


def smallest_seen(perceptual: Perceptual) -> int:
    """The smallest side in which VGG has two cells at its deepest layer, since it reflects.

    Networks from files round sides up where they halve them, torchvision's rounds them down.
    """
    blocks = [int(layer[4]) for layer in perceptual.layers if layer in LAYERS]
    stride = 2 ** (max(blocks, default=1) - 1)
    return stride + 1 if perceptual.weights else 2 * stride


def _times(size: Size) -> str:
    """A (width, height) as people write it."""
    return f"{size[0]}x{size[1]}"
