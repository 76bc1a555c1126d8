"""VGG-19 as encoder and mirrored decoder."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
import torchvision
from safetensors.torch import save_file
from torch import Tensor, nn

from lab.data.photos import Photos
from lab.models.vgg import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    LAYERS,
    TAPS,
    VGGConfig,
    VGGDecoder,
    VGGEncoder,
)

# Parameters of VGG-19's convolutions up to a layer, by Simonyan & Zisserman's configuration E.
PUBLISHED = {
    "relu1_1": 1_792,
    "relu2_1": 112_576,
    "relu3_1": 555_328,
    "relu4_1": 3_505_728,
    "relu5_1": 12_944_960,
    "relu5_4": 20_024_384,
}
CHANNELS = (64, 128, 256, 512, 512)


def parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def weights(last: str, divisor: int = 16) -> dict[str, Tensor]:
    """Random weights of a narrow VGG, as a file holds them; conv0 makes BGR minus a mean."""
    state = VGGEncoder(VGGConfig(last, divisor)).state_dict()
    state["conv0.weight"] = torch.eye(3).flip(0).view(3, 3, 1, 1).contiguous()
    state["conv0.bias"] = -torch.tensor([0.4, 0.5, 0.6])
    return state


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A narrow VGG down to relu3_2."""
    path = tmp_path / "vgg.safetensors"
    save_file(weights("relu3_2"), path)
    return path


# --- the table -----------------------------------------------------------------------------------


def test_the_table_is_vgg_19() -> None:
    assert len(LAYERS) == 16 and LAYERS[0] == "relu1_1" and LAYERS[-1] == "relu5_4"
    assert list(TAPS) == [f"relu{block}_1" for block in range(1, 6)]
    assert list(TAPS.values()) == [(c, 2**i) for i, c in enumerate(CHANNELS)]


@pytest.mark.parametrize(("last", "expected"), PUBLISHED.items())
def test_every_depth_has_the_published_parameters(last: str, expected: int) -> None:
    with torch.device("meta"):
        encoder = VGGEncoder(VGGConfig(last))
    assert parameters(encoder) == expected + 12  # and the 1x1 colour convolution


def test_the_decoder_of_relu4_1_is_adains() -> None:
    with torch.device("meta"):
        decoder = VGGDecoder(VGGConfig("relu4_1"))
    assert parameters(decoder) == 3_505_219


def test_a_layer_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(ValueError, match=r"no layer 'relu6_1'; it has relu1_1, relu1_2"):
        VGGEncoder(VGGConfig("relu6_1"))
    encoder = VGGEncoder(VGGConfig("relu2_1", 16))
    with pytest.raises(ValueError, match="no layer relu3_1; it has relu1_1, relu1_2, relu2_1"):
        encoder(torch.rand(1, 3, 16, 16), ("relu1_1", "relu3_1"))


# --- features ------------------------------------------------------------------------------------


@pytest.mark.parametrize("ceil_mode", [True, False])
def test_taps_have_their_channels_and_stride_at_odd_sizes(ceil_mode: bool) -> None:
    encoder = VGGEncoder(VGGConfig("relu5_1", 16, ceil_mode))
    features = encoder(torch.rand(2, 3, 37, 51), tuple(TAPS))
    assert list(features) == list(TAPS)
    for tap, (channels, stride) in TAPS.items():
        height, width = (-(-s // stride) if ceil_mode else s // stride for s in (37, 51))
        assert features[tap].shape == (2, channels // 16, height, width)
        assert features[tap].min() >= 0


def test_only_the_taps_asked_for_come_back_whatever_their_order() -> None:
    encoder, picture = VGGEncoder(VGGConfig("relu3_1", 16)), torch.rand(1, 3, 16, 16)
    every = encoder(picture, LAYERS[: LAYERS.index("relu3_1") + 1])
    some = encoder(picture, ("relu2_1", "relu1_2"))
    assert set(some) == {"relu1_2", "relu2_1"}
    assert all(torch.equal(some[tap], every[tap]) for tap in some)


def by_hand(state: dict[str, Tensor], picture: Tensor) -> dict[str, Tensor]:
    """The network written out: reflection, 3x3, ReLU; a pool after 1_2 and 2_2."""
    x = F.conv2d(picture, state["conv0.weight"], state["conv0.bias"])
    features = {}
    for name in ("1_1", "1_2", "pool", "2_1", "2_2", "pool", "3_1", "3_2"):
        if name == "pool":
            x = F.max_pool2d(x, 2, ceil_mode=False)
            continue
        x = F.pad(x, (1, 1, 1, 1), mode="reflect")
        x = F.relu(F.conv2d(x, state[f"conv{name}.weight"], state[f"conv{name}.bias"]))
        features[f"relu{name}"] = x
    return features


def test_a_file_is_the_network_that_its_weights_say(file: Path) -> None:
    encoder, picture = VGGEncoder.from_file(file), torch.rand(2, 3, 20, 28)
    assert encoder.config == VGGConfig("relu3_2", 16, ceil_mode=False)
    expected = by_hand(weights("relu3_2") | encoder.state_dict(), picture)
    own = encoder(picture, tuple(expected))
    for layer, features in expected.items():
        assert torch.allclose(own[layer], features, atol=1e-6)
    assert torch.equal(encoder.conv0.bias, -torch.tensor([0.4, 0.5, 0.6]))


def test_a_network_from_a_file_is_frozen_but_lets_gradients_through(file: Path) -> None:
    encoder = VGGEncoder.from_file(file)
    assert not encoder.training and not any(p.requires_grad for p in encoder.parameters())
    picture = torch.rand(1, 3, 16, 16, requires_grad=True)
    encoder(picture, ("relu3_1",))["relu3_1"].sum().backward()
    assert picture.grad.any()


def test_a_file_is_read_as_far_as_asked(file: Path) -> None:
    encoder = VGGEncoder.from_file(file, last="relu2_1")
    assert encoder.config.last == "relu2_1" and not hasattr(encoder, "conv3_1")
    # The full width keeps the ceiling mode that the normalised VGG was trained with.
    save_file(weights("relu1_1", 1), file)
    assert VGGEncoder.from_file(file).config == VGGConfig("relu1_1", 1, ceil_mode=True)


def test_what_a_file_lacks_is_said(file: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"No VGG weights at .*absent\.safetensors; give"):
        VGGEncoder.from_file(tmp_path / "absent.safetensors")
    with pytest.raises(ValueError, match=r"vgg.safetensors holds .*relu3_2.*; expected relu4_1"):
        VGGEncoder.from_file(file, last="relu4_1")
    for missing in ("conv0", "conv2_1"):
        rest = {k: v for k, v in weights("relu3_2").items() if not k.startswith(missing)}
        save_file(rest, file)
        with pytest.raises(ValueError, match=rf"lacks {missing}; expected every layer up to relu3"):
            VGGEncoder.from_file(file)
    save_file({"fc.weight": torch.zeros(1)}, file)
    with pytest.raises(ValueError, match="holds no layer of a VGG-19"):
        VGGEncoder.from_file(file)


def test_a_damaged_file_is_named(file: Path) -> None:
    for damage in (b"no tensors", b"", file.read_bytes()[:-100]):
        file.write_bytes(damage)
        with pytest.raises(ValueError, match=r"vgg\.safetensors holds no weights of VGG-19"):
            VGGEncoder.from_file(file)
    state = weights("relu3_2")
    save_file({k: v for k, v in state.items() if k != "conv2_1.bias"}, file)
    with pytest.raises(ValueError, match=r"vgg\.safetensors lacks conv2_1; .* weight and bias"):
        VGGEncoder.from_file(file)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [("conv2_1", (9, 4, 3, 3)), ("conv1_1", ()), ("conv1_1", (0, 3, 3, 3)), ("conv1_1", (65, 3))],
)
def test_weights_of_other_shapes_are_named(file: Path, layer: str, shape: tuple) -> None:
    save_file(weights("relu3_2") | {f"{layer}.weight": torch.zeros(shape)}, file)
    with pytest.raises(ValueError, match=r"vgg\.safetensors holds weights of other shapes than"):
        VGGEncoder.from_file(file)


def torchvisions(**_: object) -> SimpleNamespace:
    """The first layers of torchvision's network, with random weights."""
    conv, relu, pool = nn.Conv2d, nn.ReLU(), nn.MaxPool2d(2)
    first, second = conv(3, 64, 3, padding=1), conv(64, 64, 3, padding=1)
    third = conv(64, 128, 3, padding=1)
    return SimpleNamespace(features=nn.Sequential(first, relu, second, relu, pool, third, relu))


def test_torchvisions_network_sees_pictures_as_it_was_trained(monkeypatch) -> None:
    source = torchvisions()
    monkeypatch.setattr(torchvision.models, "vgg19", lambda **_: source)
    encoder, picture = VGGEncoder.from_torchvision(last="relu2_1"), torch.rand(1, 3, 32, 32)
    mean, std = (torch.tensor(v).view(3, 1, 1) for v in (IMAGENET_MEAN, IMAGENET_STD))
    expected = source.features((picture - mean) / std)
    own = encoder(picture, ("relu2_1",))["relu2_1"]
    # The two differ in their padding, so only at the border.
    inside = (..., slice(3, -3), slice(3, -3))
    assert torch.allclose(own[inside], expected[inside], atol=1e-5)
    assert own.shape == expected.shape


def test_without_a_network_or_a_connection_there_is_an_error_not_a_random_vgg(monkeypatch) -> None:
    def offline(**_: object) -> None:
        raise OSError("no route")

    monkeypatch.setattr(torchvision.models, "vgg19", offline)
    with pytest.raises(FileNotFoundError, match="could not be downloaded; give a safetensors file"):
        VGGEncoder.from_torchvision()


def test_the_normalised_vgg_has_the_mean_activations_it_is_known_for(shared: Path) -> None:
    path = shared / "data/vgg/vgg19_normalised_r31.safetensors"
    photos = shared / "data/photos"
    if not path.is_file() or not photos.is_dir():
        pytest.skip("needs the normalised VGG-19 and the photos of the data folder")
    encoder, pictures = VGGEncoder.from_file(path), Photos(photos, size=160, crop=160, centre=True)
    batch = torch.stack([pictures[index] for index in range(0, len(pictures), len(pictures) // 8)])
    with torch.no_grad():
        features = encoder(batch, ("relu1_1", "relu2_1", "relu3_1"))
    assert parameters(encoder) == PUBLISHED["relu3_1"] + 12
    for tap, (mean, zeros) in {
        "relu1_1": (0.9, 0.48),
        "relu2_1": (0.9, 0.38),
        "relu3_1": (0.8, 0.56),
    }.items():
        # Means go with the photos' contrast, the share of silent places hardly.
        assert features[tap].mean().item() == pytest.approx(mean, rel=0.25)
        assert (features[tap] == 0).float().mean().item() == pytest.approx(zeros, abs=0.04)


# --- the decoder ---------------------------------------------------------------------------------


@pytest.mark.parametrize("last", ["relu1_1", "relu2_1", "relu3_1", "relu3_4", "relu4_1"])
def test_the_decoder_gives_back_the_encoders_size(last: str) -> None:
    config = VGGConfig(last, 16)
    encoder, decoder = VGGEncoder(config), VGGDecoder(config)
    picture = torch.rand(2, 3, 32, 48)
    assert decoder(encoder(picture, (last,))[last]).shape == picture.shape
    layers = [m for m in decoder.modules() if isinstance(m, nn.Conv2d)]
    own = [getattr(encoder, layer.replace("relu", "conv")) for layer in config.layers]
    mirrored = [(m.out_channels, m.in_channels) for m in reversed(layers)]
    assert mirrored == [(m.in_channels, m.out_channels) for m in own]
    assert all(m.padding_mode == "reflect" for m in layers)


def test_the_decoder_ends_without_a_rectifier() -> None:
    decoder = VGGDecoder(VGGConfig("relu2_1", 16))
    assert decoder(torch.randn(1, 8, 8, 8)).min() < 0
