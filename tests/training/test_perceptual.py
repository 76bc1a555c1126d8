"""The networks of the perceptual losses: a second one for the layers that it reaches."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from lab.losses.perceptual import perceptual_loss
from lab.models.vgg import VGGEncoder
from tests.training.runs import save_perceptual
from tests.training.test_synthesis import entered
from training.perceptual import PerceptualNetwork
from training.settings import Perceptual


@pytest.fixture
def exact(tmp_path: Path) -> Path:
    """A network up to relu2_1, twice as wide as the first."""
    return save_perceptual(tmp_path / "exact.safetensors", "relu2_1", divisor=8)


def test_the_second_network_is_compared_as_deep_as_it_goes(perceptual: Path, exact: Path) -> None:
    layers = {"relu1_1": 1.0, "relu2_1": 1.0, "relu3_1": 1.0}
    both = PerceptualNetwork(Perceptual(str(perceptual), layers, exact=str(exact)))
    picture = torch.rand(1, 3, 32, 32)
    first, second = (VGGEncoder.from_file(path) for path in (perceptual, exact))
    wanted, deeper = second(picture, ["relu1_1", "relu2_1"]), first(picture, list(layers))
    compared, own = both.both(picture)
    assert compared.keys() == own.keys() == layers.keys()
    assert all(torch.equal(compared[layer], wanted[layer]) for layer in wanted)
    assert torch.equal(compared["relu3_1"], deeper["relu3_1"])
    assert all(torch.equal(own[layer], deeper[layer]) for layer in layers)
    assert both.channels == {layer: x.shape[1] for layer, x in own.items()}
    assert all(torch.equal(x, compared[layer]) for layer, x in both(picture).items())


def test_the_generator_is_compared_by_it_and_read_without_it(synthesis, exact: Path) -> None:
    on = [f"perceptual.exact={exact}", "losses.reading=1", "reader.width=4", "data.jitter=0"]
    task, batch = entered(synthesis, 0, *on)
    torch.manual_seed(0)  # the generator draws with noise
    _, losses = next(task.phases(batch))
    torch.manual_seed(0)
    drawn, _, _ = task.drawing(batch["labels"], batch["instances"], batch["photo"])
    second = VGGEncoder.from_file(exact)
    sets = [second(x, ["relu1_1", "relu2_1"]) for x in (drawn * 0.5 + 0.5, batch["photo"])]
    expected = 10 * perceptual_loss(*sets, {"relu1_1": 1.0, "relu2_1": 1.0})
    assert losses["perceptual"].item() == pytest.approx(expected.item(), rel=1e-4)
    assert "reading" in losses and task.networks["reader"].laterals[0].in_channels == 4


def test_a_second_network_that_is_not_there_is_said_at_the_start(perceptual: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"No VGG weights at nowhere\.safetensors"):
        PerceptualNetwork(
            Perceptual(str(perceptual), {"relu1_1": 1.0}, exact="nowhere.safetensors")
        )


def test_a_second_network_that_reaches_no_layer_is_refused(perceptual: Path, exact: Path) -> None:
    with pytest.raises(
        ValueError, match=r"reaches none of the layers relu3_1; name one up to relu2_1"
    ):
        PerceptualNetwork(Perceptual(str(perceptual), {"relu3_1": 1.0}, exact=str(exact)))


def official_loss(weights: dict[str, Tensor], drawn: Tensor, photo: Tensor) -> Tensor:
    """The official VGG loss of pictures in [-1, 1], over relu1_1 and relu2_1."""
    loss, pair = torch.zeros(()), [drawn, photo]
    for layer, factor in (("conv1_1", 1 / 32), ("conv1_2", 0), ("conv2_1", 1 / 16)):
        if layer == "conv2_1":
            pair = [F.max_pool2d(x, 2) for x in pair]
        kernel, bias = weights[f"{layer}.weight"], weights[f"{layer}.bias"]
        pair = [F.relu(F.conv2d(x, kernel, bias, padding=1)) for x in pair]
        loss = loss + factor * F.l1_loss(*pair)
    return loss


def test_the_absolute_form_is_the_official_vgg_loss(synthesis) -> None:
    on = ["perceptual.form=absolute", "perceptual.layers={relu1_1: 0.03125, relu2_1: 0.0625}"]
    task, batch = entered(synthesis, 0, *on, "data.jitter=0")
    torch.manual_seed(0)  # the generator draws with noise
    _, losses = next(task.phases(batch))
    torch.manual_seed(0)
    drawn, _, _ = task.drawing(batch["labels"], batch["instances"], batch["photo"])
    weights = load_file(task.config.perceptual.weights)
    expected = 10 * official_loss(weights, drawn, batch["photo"] * 2 - 1)
    assert losses["perceptual"].item() == pytest.approx(expected.item(), rel=1e-4)
