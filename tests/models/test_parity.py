"""For the same weights our networks draw what the official pix2pixHD draws."""

import pytest
import torch
from torch import Tensor, nn

from lab.data.labels import boundaries
from lab.losses.gan import feature_matching_loss, lsgan_discriminator_loss, lsgan_generator_loss
from lab.models.official import (
    discriminator_from_official,
    encoder_from_official,
    generator_from_official,
)
from lab.models.pix2pixhd import GeneratorConfig, GlobalGenerator, LocalEnhancer, pool_by_instance
from tests.models import official
from tests.models.official import (
    OfficialDiscriminators,
    OfficialEncoder,
    OfficialGlobal,
    OfficialLocal,
)

EXACT = {"rtol": 1e-9, "atol": 1e-9}  # of results near 1, in float64


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def lively(network: nn.Module) -> nn.Module:
    """Weights that let a signal through, biases that are not zero; in float64."""
    for parameter in network.parameters():
        if parameter.dim() > 1:
            nn.init.kaiming_normal_(parameter)
        else:
            nn.init.normal_(parameter, std=0.5)
    return network.double()


def both(reference: nn.Module, ours: nn.Module, *inputs: Tensor) -> tuple:
    with torch.no_grad():
        return reference(*inputs), ours.double().eval()(*inputs)


def objects(batch: int, height: int, width: int, ids: int = 7) -> Tensor:
    """Blocky instance maps with ids beyond 255, shared by the pictures of the batch."""
    coarse = torch.randint(0, ids, (batch, height // 4, width // 4)) * 1001
    return coarse.repeat_interleave(4, 1).repeat_interleave(4, 2)


# --- generators ----------------------------------------------------------------------------------


@pytest.mark.parametrize("blocks", [0, 1, 3])
@pytest.mark.parametrize("downs", [1, 4])
def test_the_global_generator(downs: int, blocks: int) -> None:
    reference = lively(OfficialGlobal(6, 4, downs, blocks))
    ours = generator_from_official(reference.state_dict())
    assert isinstance(ours, GlobalGenerator)
    assert (ours.config.inputs, ours.config.width) == (6, 4)
    assert (ours.config.downsamplings, ours.config.blocks) == (downs, blocks)
    expected, drawn = both(reference, ours, torch.randn(2, 6, 32, 64, dtype=torch.float64))
    torch.testing.assert_close(drawn, expected, **EXACT)


@pytest.mark.parametrize("enhancers", [1, 2, 3])
@pytest.mark.parametrize(("blocks", "local_blocks"), [(1, 3), (2, 0)])
def test_the_local_enhancer(enhancers: int, blocks: int, local_blocks: int) -> None:
    reference = lively(OfficialLocal(5, 2, downs=2, blocks=blocks, local=(enhancers, local_blocks)))
    ours = generator_from_official(reference.state_dict())
    assert isinstance(ours, LocalEnhancer)
    assert (ours.config.enhancers, ours.config.enhancer_blocks) == (enhancers, local_blocks)
    assert (ours.config.width, ours.config.blocks) == (2, blocks)
    # Soft labels of the pyramid: what lies at the border is averaged without the padding.
    expected, drawn = both(reference, ours, torch.rand(2, 5, 64, 96, dtype=torch.float64))
    torch.testing.assert_close(drawn, expected, **EXACT)


def test_single_precision_is_within_the_bar() -> None:
    reference = lively(OfficialLocal(36, 4, downs=4, blocks=9, local=(1, 3)))
    ours = generator_from_official(reference.float().state_dict()).eval()
    condition = torch.zeros(1, 36, 64, 128)
    condition.scatter_(1, torch.randint(0, 35, (1, 1, 64, 128)), 1)
    with torch.no_grad():
        torch.testing.assert_close(ours(condition), reference(condition), rtol=0, atol=1e-4)


def test_g1_inside_the_enhancers_may_keep_its_own_last_layer() -> None:
    alone = lively(OfficialGlobal(5, 4, 2, 1))
    around = lively(OfficialLocal(5, 2, downs=2, blocks=1, local=(1, 1)))
    around.model.load_state_dict(alone.model[:-3].state_dict())
    with_first = generator_from_official(around.state_dict(), first=alone.state_dict())
    expected, drawn = both(alone, with_first.coarse, torch.rand(1, 5, 16, 24).double())
    torch.testing.assert_close(drawn, expected, **EXACT)
    grey = generator_from_official(around.state_dict())
    assert not both(alone, grey.coarse, torch.rand(1, 5, 16, 24).double())[1].any()


# --- encoder, boundaries -------------------------------------------------------------------------


@pytest.mark.parametrize("downs", [1, 3, 4])
@pytest.mark.parametrize("outputs", [3, 5])
def test_the_encoder_and_its_pooling(downs: int, outputs: int) -> None:
    reference = lively(OfficialEncoder(outputs, 4, downs))
    ours = encoder_from_official(reference.state_dict()).double().eval()
    assert (ours.config.outputs, ours.config.width) == (outputs, 4)
    photo, instances = torch.rand(2, 3, 32, 48).double(), objects(2, 32, 48)
    with torch.no_grad():
        expected = reference(photo * 2 - 1, instances)
        torch.testing.assert_close(ours(photo, instances), expected, **EXACT)


def test_pooling_is_the_loop_over_objects() -> None:
    features, instances = torch.randn(3, 2, 24, 16).double(), objects(3, 24, 16)
    reference = OfficialEncoder(2, 1, 1)
    reference.model = nn.Identity()
    expected = reference(features, instances)
    torch.testing.assert_close(pool_by_instance(features, instances), expected, **EXACT)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (6, 9)])
def test_the_boundary_map(size: tuple[int, int]) -> None:
    instances = torch.randint(0, 3, (4, *size)) * 26001
    expected = torch.stack([official.edges(ids) for ids in instances])
    assert torch.equal(boundaries(instances)[:, 0], expected)


# --- discriminators, losses ----------------------------------------------------------------------


@pytest.mark.parametrize("features", [True, False])
@pytest.mark.parametrize(
    ("scales", "layers", "width"),
    [(1, 3, 4), (2, 3, 4), (3, 3, 4), (3, 1, 3), (2, 5, 2), (1, 3, 150)],
)
def test_the_discriminators(scales: int, layers: int, width: int, features: bool) -> None:
    reference = OfficialDiscriminators(5, width, layers=layers, scales=scales, features=features)
    reference = lively(reference)
    ours = discriminator_from_official(reference.state_dict())
    assert (ours.config.scales, ours.config.layers, ours.config.width) == (scales, layers, width)
    expected, found = both(reference, ours, torch.rand(1, 5, 33, 42, dtype=torch.float64))
    assert len(found) == scales
    for theirs, own in zip(expected, found, strict=True):
        assert len(own) == layers + 2
        for one, other in zip(theirs, own if features else own[-1:], strict=True):
            torch.testing.assert_close(other, one, **EXACT)


@pytest.mark.parametrize("scales", [1, 2, 3])
@pytest.mark.parametrize("layers", [2, 3])
def test_the_losses(scales: int, layers: int) -> None:
    reference = lively(OfficialDiscriminators(4, 4, layers=layers, scales=scales, features=True))
    ours = discriminator_from_official(reference.state_dict()).double()
    pictures = [torch.rand(2, 4, 40, 32).double() for _ in "rf"]
    with torch.no_grad():
        (real, fake), (own_real, own_fake) = (
            [net(x) for x in pictures] for net in (reference, ours)
        )
    # Ours are means over the scales, the official GAN terms are sums; see lab.losses.gan.
    pairs = [
        (scales * lsgan_generator_loss(own_fake), official.generator_gan_loss(fake)),
        (
            scales * lsgan_discriminator_loss(own_real, own_fake),
            official.discriminator_gan_loss(real, fake),
        ),
        (
            feature_matching_loss(own_fake, own_real),
            official.matching_loss(fake, real, layers),
        ),
    ]
    for found, expected in pairs:
        assert found.item() == pytest.approx(expected.item(), rel=1e-5)


# --- the files -----------------------------------------------------------------------------------


def test_the_published_size_is_found_from_the_weights(monkeypatch) -> None:
    monkeypatch.setattr("lab.models.pix2pixhd.initialize", lambda network: None)  # nor drawn
    with torch.device("meta"):
        reference = OfficialLocal(36, 32, downs=4, blocks=9, local=(1, 3))
        config = generator_from_official(reference.state_dict()).config
    assert config == GeneratorConfig(36, width=32, enhancers=1)  # the rest as in the paper
    total = sum(p.numel() for p in reference.parameters())
    assert round(total / 1e6, 1) == 182.9


def test_every_weight_has_exactly_one_place() -> None:
    networks = {
        generator_from_official: OfficialLocal(5, 2, downs=1, blocks=1, local=(2, 1)),
        encoder_from_official: OfficialEncoder(3, 2, 2),
        discriminator_from_official: OfficialDiscriminators(
            4, 2, layers=3, scales=2, features=True
        ),
    }
    for convert, reference in networks.items():
        state = reference.state_dict()
        for number, name in enumerate(state):
            state[name] = torch.full_like(state[name], number + 1.0)
        values = [p.unique() for p in convert(state).state_dict().values()]
        assert all(len(value) == 1 for value in values)
        used = sorted(int(value) for value in values if value)
        assert used == list(range(1, len(state) + 1))


@pytest.mark.parametrize("convert", [generator_from_official, encoder_from_official])
def test_a_weight_too_few_or_too_many_is_told(convert) -> None:
    reference = OfficialGlobal(3, 2, 2, 1 if convert is generator_from_official else 0)
    state = reference.state_dict()
    for name in state:
        with pytest.raises(ValueError, match=r"pix2pixHD network"):
            convert({key: value for key, value in state.items() if key != name})
    with pytest.raises(ValueError, match=r"1 have no place \(model\.90\.bias\)"):
        convert({**state, "model.90.bias": torch.zeros(2)})
    with pytest.raises(ValueError, match="such as latest_net_G"):
        convert({"body.0.weight": torch.zeros(2, 2, 3, 3)})
    with pytest.raises(ValueError, match=r"model\.2\.weight belongs to a batch norm"):
        convert({**state, "model.2.weight": torch.ones(2)})


def test_statistics_that_old_files_carry_are_not_used() -> None:
    reference = lively(OfficialGlobal(3, 2, 1, 1))
    state = reference.state_dict()
    old = {**state, "model.2.running_mean": torch.ones(2), "model.2.running_var": torch.ones(2)}
    x = torch.rand(1, 3, 16, 16).double()
    expected, drawn = both(reference, generator_from_official(old), x)
    torch.testing.assert_close(drawn, expected, **EXACT)


@pytest.mark.parametrize("kind", ["global", "local", "discriminator"])
def test_a_channel_that_never_lights_up_can_be_dropped(kind: str) -> None:
    reference, convert = {
        "global": (OfficialGlobal(6, 2, 1, 1), generator_from_official),
        "local": (OfficialLocal(6, 2, downs=1, blocks=1, local=(2, 1)), generator_from_official),
        "discriminator": (
            OfficialDiscriminators(6, 2, layers=2, scales=2, features=True),
            discriminator_from_official,
        ),
    }[kind]
    ours = convert(lively(reference).state_dict(), drop=[4])
    assert ours.config.inputs == 5
    full = torch.rand(1, 6, 32, 32).double()
    full[:, 4] = 0
    left = full[:, [0, 1, 2, 3, 5]]
    with torch.no_grad():
        expected, found = reference(full), ours.double().eval()(left)
    torch.testing.assert_close(found, expected, **EXACT)
    with pytest.raises(ValueError, match=r"channels \[6\] of 6; expected numbers from 0 to 5"):
        convert(reference.state_dict(), drop=[6])
