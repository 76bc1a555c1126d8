"""The small encoder and decoder of `linear-fast`."""

import pytest
import torch

from lab.models.fast import FastConfig, FastDecoder, FastEncoder

CONFIG = FastConfig((6, 8), encoder_blocks=1, decoder_blocks=1, kernel=3)


@pytest.mark.parametrize(("height", "width"), [(4, 4), (32, 20), (64, 48)])
def test_the_decoder_mirrors_the_encoder(height: int, width: int) -> None:
    features = FastEncoder(CONFIG)(torch.rand(2, 3, height, width))
    assert features.shape == (2, 8, height // 4, width // 4)
    assert FastDecoder(CONFIG)(features).shape == (2, 3, height, width)


def without_biases(network: torch.nn.Module) -> torch.nn.Module:
    for name, parameter in network.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.zeros_(parameter)
    return network


def test_features_keep_the_contrast_that_a_normalisation_would_erase() -> None:
    encoder, picture = without_biases(FastEncoder(CONFIG)), torch.rand(1, 3, 32, 32)
    dim = 0.5 + 0.1 * (picture - 0.5)
    assert torch.allclose(encoder(dim), 0.1 * encoder(picture), atol=1e-6)
    assert encoder(picture).std() > 0.01


def test_grey_is_zero_to_the_first_layer_and_from_the_last() -> None:
    encoder, decoder = without_biases(FastEncoder(CONFIG)), without_biases(FastDecoder(CONFIG))
    assert not encoder(torch.full((1, 3, 8, 8), 0.5)).any()
    assert torch.equal(decoder(torch.zeros(1, 8, 2, 2)), torch.full((1, 3, 8, 8), 0.5))


def test_pictures_are_not_clamped_so_that_a_loss_can_pull_them_back() -> None:
    decoder = FastDecoder(CONFIG)
    assert decoder(1000 * torch.randn(1, 8, 4, 4)).abs().max() > 1


def test_gradients_reach_every_parameter() -> None:
    encoder, decoder = FastEncoder(CONFIG), FastDecoder(CONFIG)
    decoder(encoder(torch.rand(2, 3, 16, 16))).square().sum().backward()
    for network in (encoder, decoder):
        assert all(p.grad is not None and p.grad.any() for p in network.parameters())


def test_a_picture_of_one_colour_has_no_frame() -> None:
    """What lies beyond the border looks like what lies within it."""
    picture = torch.rand(1, 3, 1, 1).expand(1, 3, 24, 20)
    drawn = FastDecoder(CONFIG)(FastEncoder(CONFIG)(picture))
    assert torch.allclose(drawn, drawn[..., 12:13, 12:13].expand_as(drawn), atol=1e-5)
