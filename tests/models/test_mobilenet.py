"""MobileNet v2 as an encoder: TensorFlow's padding, the paper's table, weights taken over."""

from pathlib import Path

import pytest
import torch

from lab.metrics.mobilenet import MobileNetFeatures
from lab.models.mobilenet import LEVELS, MobileNetEncoder, SameConv2d, same_padding
from tests.judges import save_backbone


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel", [1, 2, 3, 5])
@pytest.mark.parametrize("length", range(1, 10))
def test_same_padding_is_the_least_that_gives_length_over_stride(length, kernel, stride) -> None:
    before, after = same_padding(length, kernel, stride)
    wanted = -(-length // stride)

    def outputs(padding: int) -> int:
        return len(range(0, length + padding - kernel + 1, stride))

    least = next(padding for padding in range(20) if outputs(padding) >= wanted)
    assert before + after == least
    assert after - before in (0, 1)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [(4, 6), (5, 7), (4, 7)])
def test_a_convolution_equals_the_loops(size: tuple[int, int], stride: int) -> None:
    conv = SameConv2d(1, 1, 3, stride=stride)
    x = torch.randn(1, 1, *size)
    (height, width), weight = size, conv.weight.detach()[0, 0]
    top, left = (same_padding(side, 3, stride)[0] for side in size)
    rows, columns = -(-height // stride), -(-width // stride)
    expected = torch.full((1, 1, rows, columns), conv.bias.item())
    for i in range(rows):
        for j in range(columns):
            for a in range(3):
                for b in range(3):
                    y, z = i * stride + a - top, j * stride + b - left
                    if 0 <= y < height and 0 <= z < width:
                        expected[0, 0, i, j] += weight[a, b] * x[0, 0, y, z]
    torch.testing.assert_close(conv(x).detach(), expected)


def test_on_even_sides_stride_two_begins_at_the_first_pixel() -> None:
    conv = SameConv2d(1, 1, 3, stride=2, bias=False)
    conv.weight.data.zero_()[0, 0, 0, 0] = 1  # the window's top left corner
    x = torch.arange(16.0).view(1, 1, 4, 4)
    assert conv(x).flatten().tolist() == [0, 2, 8, 10]


# --- the encoder ---------------------------------------------------------------------------------


def test_at_width_one_it_has_the_channels_of_the_paper() -> None:
    assert MobileNetEncoder().widths == [16, 24, 32, 96, 320]
    features = MobileNetEncoder(0.1)(torch.rand(2, 3, 40, 24))
    sides = [(-(-40 // 2**level), -(-24 // 2**level)) for level in range(1, LEVELS + 1)]
    assert [tuple(x.shape[2:]) for x in features] == sides


def test_weights_taken_over_from_a_file_answer_the_same(tmp_path: Path) -> None:
    """The program of a file and the encoder's own table come to the same features."""
    trained, encoder, photo = (
        MobileNetEncoder(0.25),
        MobileNetEncoder(0.25),
        torch.rand(1, 3, 64, 32),
    )
    file = MobileNetFeatures.from_file(save_backbone(tmp_path / "net.safetensors", trained))
    encoder.begin_with(list(file.convolutions.values()))
    for own, wanted in zip(encoder(photo), trained(photo), strict=True):
        assert torch.equal(own, wanted)


def test_a_published_network_taken_over_answers_the_same(shared: Path) -> None:
    file = MobileNetFeatures.from_file(shared / "data" / "vgg" / "mobilenet_v2_1.0_224.safetensors")
    encoder, photo = MobileNetEncoder(), torch.rand(1, 3, 64, 96)
    encoder.begin_with(list(file.convolutions.values()))
    found = file(photo)
    for level, own in enumerate(encoder(photo), 1):
        torch.testing.assert_close(own, found[f"stride{2**level}"], rtol=1e-4, atol=1e-4)


def test_what_is_no_mobilenet_is_refused() -> None:
    convolutions = [
        layer for layer in MobileNetEncoder(0.25).modules() if isinstance(layer, SameConv2d)
    ]
    with pytest.raises(ValueError, match="50 convolutions; expected at least 51"):
        MobileNetEncoder(0.25).begin_with(convolutions[:-1])
    with pytest.raises(ValueError, match="Convolution 0 has weights of shape"):
        MobileNetEncoder(1.0).begin_with(convolutions)
