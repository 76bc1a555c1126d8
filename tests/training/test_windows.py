"""Windows that networks and losses cannot take are told before the first step."""

from pathlib import Path

import pytest
import torch

from lab.losses.perceptual import CELL, colour_loss
from lab.losses.spectrum import SMALLEST, spectrum_loss
from lab.models.vgg import VGGConfig, VGGEncoder
from training.config import SynthesisConfig, TransferConfig, read
from training.settings import Perceptual
from training.tasks import build_task
from training.windows import check_drawn, check_pairs, check_window, smallest_seen

CONFIGS = Path(__file__).resolve().parents[2] / "training" / "configs"
STRIDES = {"linear-relu4_1": 8}  # of the encoder's last layer; of the others 4


@pytest.mark.parametrize("path", sorted(CONFIGS.rglob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_config_has_windows_that_fit(path: Path) -> None:
    config = read(path)
    if isinstance(config, SynthesisConfig):
        check_drawn(config)
    elif isinstance(config, TransferConfig):
        check_pairs(config.stages, STRIDES.get(config.name, 4))


@pytest.mark.parametrize("loss", [colour_loss, spectrum_loss])
def test_the_smallest_sides_are_those_that_the_losses_can_take(loss) -> None:
    least = {colour_loss: CELL, spectrum_loss: SMALLEST}[loss]
    assert loss(torch.rand(1, 3, least, least), torch.rand(1, 3, least, least)).isfinite()
    with pytest.raises((RuntimeError, ValueError)):
        loss(*(torch.rand(1, 3, least - 1, least) for _ in "xy"))


RUN = """
task: synthesis
generator: {width: 2, downsamplings: 2, enhancers: 1}
encoder: null
discriminator: {scales: 2}
perceptual: {layers: {relu1_1: 1}}
losses: {%s}
stages: [{size: [8, 16]}, {learns: joint, size: [24, 32], crop: [16, 24]}]
"""


@pytest.mark.parametrize("losses", ["colour: 1", "colour: 1, coarse: 1", "coarse: 1"])
def test_windows_may_be_as_small_as_the_losses_that_weigh_allow(write, losses: str) -> None:
    check_drawn(write(RUN % losses))


def test_losses_need_windows_of_their_size(write) -> None:
    with pytest.raises(ValueError, match=r"Stage 0 .* 8x16, but losses\.spectrum needs .* 16"):
        check_drawn(write(RUN % "spectrum: 1"))


def test_g1s_own_picture_must_be_large_enough_as_well(write) -> None:
    """In the joint stage it has half the sides, so the windows need twice as many pixels."""
    check_drawn(write(RUN % "spectrum: 1", "stages.0.size=[16, 16]"))
    with pytest.raises(ValueError, match=r"Stage 1 .* 16x24, but losses\.spectrum needs .* 32 or"):
        check_drawn(write(RUN % "spectrum: 1, coarse: 1", "stages.0.size=[16, 16]"))
    with pytest.raises(ValueError, match=r"Stage 1 .* 8x24, but losses\.colour needs sides of 16"):
        check_drawn(write(RUN % "colour: 1, coarse: 1", "stages.1.crop=[8, 24]"))


def test_g1_alone_needs_fewer_halvings_than_within_the_enhancers(write) -> None:
    plain = RUN % "colour: 1"
    check_drawn(write(plain, "stages.0.size=[12, 16]"))
    with pytest.raises(ValueError, match=r"Stage 1 .* 20x24, .* multiples of 8; .* such as 16x24"):
        check_drawn(write(plain, "stages.1.crop=[20, 24]"))
    with pytest.raises(ValueError, match=r"Stage 0 .* 8x16, .* multiples of 16; .* such as 16x16"):
        check_drawn(write(plain, "encoder={downsamplings: 4}"))


def test_a_window_lies_within_its_picture() -> None:
    check_window(3, (8, 8), size=(8, 12), multiple=4)
    for window in ((12, 8), (8, 16)):
        with pytest.raises(ValueError, match=r"Stage 3 cuts windows of .* from pictures of 8x12"):
            check_window(3, window, size=(8, 12), multiple=4)


ONE_NETWORK = {
    "pix2pix": ("generator: {width: 2, halvings: 3}", "multiples of 8"),
    "crn": ("generator: {widths: [4, 4, 4, 4]}\nperceptual: {weights: x}", "multiples of 8"),
    "segmenter": ("network: {width: 0.1, neck: 16}", "multiples of 2"),
}


@pytest.mark.parametrize("task", ONE_NETWORK)
def test_a_later_stages_windows_are_looked_at_before_the_first_stage(write, task: str) -> None:
    """They ended the run in a traceback, hours later, when their stage began."""
    networks, multiple = ONE_NETWORK[task]
    stages = "stages: [{size: [64, 64]}, {size: [64, 64], crop: [35, 24]}]"
    text = f"task: {task}\ndata: {{root: nowhere}}\n{networks}\n{stages}\n"
    with pytest.raises(ValueError, match=rf"Stage 1 trains on windows of 35x24, .* {multiple}"):
        build_task(write(text))


@pytest.mark.parametrize("ceil_mode", [True, False])
def test_vggs_deepest_layer_needs_two_cells(ceil_mode: bool) -> None:
    for layer in ("relu1_2", "relu3_1", "relu5_1"):
        layers, weights = {"relu1_1": 1.0, layer: 1.0}, "file" if ceil_mode else None
        side = smallest_seen(Perceptual(weights, layers))
        encoder = VGGEncoder(VGGConfig(layer, 64, ceil_mode))
        assert encoder(torch.rand(1, 3, side, side), (layer,))[layer].shape[2:] == (2, 2)
        with pytest.raises(RuntimeError):
            encoder(torch.rand(1, 3, side - 1, side), (layer,))


def test_a_window_that_vgg_cannot_see_is_refused(write) -> None:
    text = "task: crn\ndata: {root: x}\ngenerator: {widths: [4, 4]}\nperceptual: {weights: x}\n"
    with pytest.raises(ValueError, match=r"Stage 0 .* 16x16, but its networks need .* 17 or more"):
        build_task(write(text, "stages=[{size: [16, 16]}]"))


DEEP = """
task: synthesis
data: {root: x}
generator: {width: 2, downsamplings: 3, blocks: 1, enhancers: 1, norm: group}
encoder: {width: 2, downsamplings: 3}
discriminator: {width: 2, scales: 2}
perceptual: {weights: x, layers: {relu1_1: 1}}
stages: [{size: [16, 16]}, {learns: joint, size: [32, 32]}]
"""


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (["stages.1.size=[32, 16]"], r"Stage 1 .* 32x16, but its networks need sides of 32 or"),
        (["generator.padding=zeros", "stages.0.size=[8, 8]"], r"the encoder sees one cell"),
        (
            ["generator.padding=zeros", "generator.norm=affine", "stages.1.size=[16, 16]"],
            r"Stage 1 .* 16x16, of which the generator sees one cell .* set generator\.norm: none",
        ),
        (["discriminator.scales=5"], r"Stage 0 .* 16x16, of which the discriminator sees one cell"),
        (["perceptual.layers={relu5_1: 1}"], r"Stage 0 .* 16x16, but its networks need .* 17 or"),
        (
            ["losses.texture=1", "perceptual.layers={relu4_1: 1}"],
            r"Stage 0 .* 16x16, but its networks need sides of 36 or more",
        ),
        (
            ["losses.coarse=1", "perceptual.layers={relu4_1: 1}", "stages.1.crop=[16, 16]"],
            r"Stage 1 .* 16x16, but its networks need sides of 32 or more",
        ),
    ],
)
def test_windows_that_vanish_inside_a_network_are_refused(write, changed, sentence: str) -> None:
    """They were a traceback of torch's at their stage's first step."""
    check_drawn(write(DEEP))
    with pytest.raises(ValueError, match=sentence):
        check_drawn(write(DEEP, *changed))


def test_one_cell_is_enough_where_nothing_reflects_or_is_normalised(write) -> None:
    plain = ["generator.padding=zeros", "encoder.norm=none", "discriminator.norm=none"]
    check_drawn(write(DEEP, *plain, "stages.0.size=[8, 8]", "stages.1.size=[16, 16]"))
