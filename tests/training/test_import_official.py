"""Official files become checkpoints that draw the same pictures."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from lab.analysis.activations import discriminator_features
from lab.card import read_card
from lab.checkpoint import load
from lab.data.cityscapes import CITYSCAPES
from lab.data.labels import IGNORE
from lab.interfaces import Layout
from tests.models.official import (
    OfficialDiscriminators,
    OfficialEncoder,
    OfficialGlobal,
    OfficialLocal,
)
from training.import_official import main, spare_channels

CLOSE = {"rtol": 0, "atol": 1e-5}


def saved(network: nn.Module, path: Path) -> Path:
    """An official file of weights that float16 would round."""
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.2)
    torch.save(network.state_dict(), path)
    return path


def scene(classes: int) -> tuple[Layout, Tensor]:
    """A layout of the first `classes` Cityscapes classes, and its official one-hot of 35."""
    torch.manual_seed(0)
    labels = torch.randint(0, classes, (1, 4, 8)).repeat_interleave(8, 1).repeat_interleave(8, 2)
    instances = labels * 1000 + torch.arange(64).view(1, 1, -1) // 16
    one_hot = torch.zeros(1, 35, 32, 64).scatter_(1, labels[:, None], 1)
    edge = torch.zeros(1, 1, 32, 64)
    for axis in (1, 2):
        apart = (instances.diff(dim=axis) != 0).long().unsqueeze(1)
        span = apart.shape[axis + 1]
        edge.narrow(axis + 1, 0, span).logical_or_(apart)
        edge.narrow(axis + 1, 1, span).logical_or_(apart)
    return Layout(labels, instances, CITYSCAPES), torch.cat([one_hot, edge], 1)


def imported(tmp_path: Path, *arguments: str) -> object:
    folder = tmp_path / "official"
    assert main([*arguments, "--domain", "cityscapes", "--out", str(folder)]) == 0
    return load("official", root=tmp_path, device="cpu")


def to_unit(picture: Tensor) -> Tensor:
    return picture / 2 + 0.5


def test_a_512p_generator(tmp_path) -> None:
    network = OfficialGlobal(36, 2, 2, 1)
    pipeline = imported(tmp_path, "--generator", str(saved(network, tmp_path / "G.pth")))
    assert pipeline.native_size == (1024, 512) and pipeline.encoder is None
    layout, condition = scene(34)
    with torch.no_grad():
        torch.testing.assert_close(pipeline(layout), to_unit(network(condition)), **CLOSE)


def test_half_precision_is_a_choice_and_its_price_is_on_the_card(tmp_path) -> None:
    network = OfficialGlobal(36, 2, 2, 1)
    arguments = ["--generator", str(saved(network, tmp_path / "G.pth"))]
    found = {}
    layout, condition = scene(34)
    for flags in ([], ["--half"]):
        pipeline = imported(tmp_path, *arguments, *flags)
        card = read_card(tmp_path / "official")
        size = (tmp_path / "official" / "generator.safetensors").stat().st_size
        said = any("half precision" in limit for limit in card.limits)
        assert said == ("--half" in card.training["command"]) == bool(flags)
        with torch.no_grad():
            error = (pipeline(layout) - to_unit(network(condition))).abs().max().item()
        found[len(flags)] = size, error
    assert found[1][0] < 0.6 * found[0][0]
    assert found[0][1] <= 1e-5 < found[1][1]


def test_networks_without_boundaries(tmp_path) -> None:
    """35 channels fit 34 classes and boundaries as well, and were taken for those."""
    network = OfficialGlobal(35, 2, 2, 1)
    files = ["--generator", str(saved(network, tmp_path / "G.pth")), "--discriminator"]
    files.append(
        str(
            saved(
                OfficialDiscriminators(38, 2, layers=3, scales=2, features=True), tmp_path / "D.pth"
            )
        )
    )
    pipeline = imported(tmp_path, *files, "--no-instance")
    layout, condition = scene(34)
    with torch.no_grad():
        torch.testing.assert_close(pipeline(layout), to_unit(network(condition[:, :35])), **CLOSE)
    assert pipeline.discriminator.config.inputs == 34 + 3
    again = read_card(tmp_path / "official").training["command"]
    assert again.endswith("--no-instance --domain cityscapes --out " + str(tmp_path / "official"))


def test_a_class_too_few_may_be_boundaries_that_are_not_there(tmp_path, capsys) -> None:
    path = saved(OfficialGlobal(11, 2, 2, 1), tmp_path / "G.pth")
    command = ["--generator", str(path), "--domain", "streets", "--out", str(tmp_path / "own")]
    assert main(command) == 2
    assert "11 classes; give --no-instance if it was trained so" in capsys.readouterr().err
    assert main([*command, "--no-instance"]) == 0


def test_the_licence_plate_is_the_only_difference(tmp_path) -> None:
    network = OfficialGlobal(36, 2, 2, 1)
    pipeline = imported(tmp_path, "--generator", str(saved(network, tmp_path / "G.pth")))
    layout, condition = scene(34)
    layout.labels[:, :8, :8] = IGNORE  # a plate is no class here
    condition[:, :35, :8, :8] = 0
    with torch.no_grad():
        torch.testing.assert_close(pipeline(layout), to_unit(network(condition)), **CLOSE)
        condition[:, 34, :8, :8] = 1
        assert not torch.allclose(pipeline(layout), to_unit(network(condition)), **CLOSE)


def test_a_1024p_generator_with_the_g1_it_was_trained_around(tmp_path) -> None:
    first, network = (
        OfficialGlobal(36, 4, 2, 1),
        OfficialLocal(36, 2, downs=2, blocks=1, local=(1, 2)),
    )
    arguments = ["--generator", str(saved(network, tmp_path / "G2.pth"))]
    one = saved(first, tmp_path / "G1.pth")
    grey = imported(tmp_path, *arguments)
    pipeline = imported(tmp_path, *arguments, "--first", str(one))
    assert pipeline.native_size == (2048, 1024)
    layout, condition = scene(34)
    with torch.no_grad():
        for own in (grey, pipeline):
            own.native_size = layout.size  # smaller ones would be G1's
            torch.testing.assert_close(own(layout), to_unit(network(condition)), **CLOSE)
        assert grey.coarse(layout).unique().tolist() == [0.5]
        first.model[:-3].load_state_dict(network.model.state_dict())
        halved = nn.functional.avg_pool2d(condition, 3, 2, 1, count_include_pad=False)
        torch.testing.assert_close(pipeline.coarse(layout), to_unit(first(halved)), **CLOSE)


def test_a_generator_with_features_and_its_encoder(tmp_path) -> None:
    network, encoder = OfficialGlobal(39, 2, 2, 1), OfficialEncoder(3, 2, 2)
    files = saved(network, tmp_path / "G.pth"), saved(encoder, tmp_path / "E.pth")
    arguments = ["--generator", str(files[0]), "--encoder", str(files[1])]
    pipeline = imported(tmp_path, *arguments)
    layout, condition = scene(34)
    photo = torch.rand(1, 3, 32, 64)
    with torch.no_grad():
        looks = encoder(photo * 2 - 1, layout.instances)
        drawn = network(torch.cat([condition, looks], 1))
        middle = network(torch.cat([condition, torch.zeros_like(looks)], 1))
        torch.testing.assert_close(pipeline.redraw(photo, layout), to_unit(drawn), **CLOSE)
        torch.testing.assert_close(pipeline(layout, seed=3), to_unit(middle), **CLOSE)


def test_a_generator_and_what_it_was_trained_against(tmp_path) -> None:
    network = OfficialGlobal(36, 2, 2, 1)
    judge = OfficialDiscriminators(36 + 3, 2, layers=2, scales=2, features=True)
    arguments = ["--generator", str(saved(network, tmp_path / "G.pth"))]
    arguments += ["--discriminator", str(saved(judge, tmp_path / "D.pth"))]
    pipeline = imported(tmp_path, *arguments)
    layout, condition = scene(34)
    photo = torch.rand(1, 3, 32, 64)
    own = discriminator_features(pipeline.discriminator, layout, photo, with_boundaries=True)
    with torch.no_grad():
        expected = judge(torch.cat([condition, photo * 2 - 1], 1))
    for scale, reference in zip(own, expected, strict=True):
        for features, theirs in zip(scale, reference, strict=True):
            torch.testing.assert_close(features, theirs[0], **CLOSE)


def test_discriminators_of_other_labels_are_refused(tmp_path, capsys) -> None:
    network = OfficialGlobal(36, 2, 2, 1)
    judge = OfficialDiscriminators(21 + 3, 2, layers=2, scales=1, features=True)
    arguments = ["--generator", str(saved(network, tmp_path / "G.pth"))]
    arguments += ["--discriminator", str(saved(judge, tmp_path / "D.pth"))]
    assert main([*arguments, "--domain", "cityscapes", "--out", str(tmp_path / "there")]) == 2
    assert "The discriminator has 20 label channels" in capsys.readouterr().err
    assert not (tmp_path / "there").exists()


def test_labels_must_be_the_domains() -> None:
    assert spare_channels(34, CITYSCAPES) == () and spare_channels(35, CITYSCAPES) == (34,)
    with pytest.raises(ValueError, match=r"has 37 label channels .* 34 classes; give its --enc"):
        spare_channels(37, CITYSCAPES)
    with pytest.raises(ValueError, match=r"has 20 label channels .* 34 classes; choose the --dom"):
        spare_channels(20, CITYSCAPES)


class Trap:
    """What a file must not get to run."""

    def __reduce__(self) -> tuple:
        return (Path.touch, (Path("sprung"),))


@pytest.mark.parametrize("bad", ["missing", "text", "junk", "trap", "table", "other"])
def test_other_files_are_one_line_and_exit_code_two(
    tmp_path, capsys, monkeypatch, bad: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "G.pth"
    contents = {"trap": Trap(), "table": {"epoch": 3}, "other": {"weight": torch.zeros(3, 3)}}
    if bad in contents:
        torch.save(contents[bad], path)
    elif bad == "text":
        path.write_text("no weights")
    elif bad == "junk":
        path.write_bytes(b"\x80\x02J\x01")
    arguments = ["--generator", str(path), "--domain", "cityscapes", "--out", "there"]
    assert main(arguments) == 2
    message = capsys.readouterr().err.splitlines()
    assert len(message) == 1 and message[0].startswith("training.import_official: ")
    assert not Path("sprung").exists() and not Path("there").exists()
