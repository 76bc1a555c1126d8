"""Inside a synthesizer: what is shown is what was computed, on the layout's own pixels."""

import threading
from pathlib import Path

import pytest
import torch
from torch import nn

from lab.analysis import activations
from lab.checkpoint import load
from lab.data.presets import PRESETS, RULES
from lab.data.streets import STREETS
from lab.interfaces import Layout
from lab.models.discriminators import DiscriminatorConfig, MultiscaleDiscriminator
from lab.pipelines.synthesis import SynthesisPipeline
from tests.tiny import save_streets

SIZE = (64, 32)


def street(size: tuple[int, int] = SIZE) -> Layout:
    made = RULES["streets"].make(PRESETS[0], size)
    return Layout(made.labels[None], made.instances[None], STREETS)


@pytest.fixture
def pipeline(tmp_path: Path) -> SynthesisPipeline:
    save_streets(tmp_path)
    return load("streets", device="cpu", root=tmp_path)


def test_the_planes_are_a_partition_and_the_boundary_runs_between_objects(pipeline) -> None:
    layout = street()
    planes, edges = activations.inputs(pipeline, layout)
    assert torch.equal(planes.sum(0), torch.ones(SIZE[1], SIZE[0]))
    assert torch.equal(planes.argmax(0), layout.labels[0])
    ids = layout.instances[0]
    differs = torch.zeros_like(edges, dtype=torch.bool)
    for axis, side in ((0, SIZE[1]), (1, SIZE[0])):
        there = ids.narrow(axis, 1, side - 1) != ids.narrow(axis, 0, side - 1)
        differs.narrow(axis, 1, side - 1).logical_or_(there)
        differs.narrow(axis, 0, side - 1).logical_or_(there)
    assert torch.equal(edges.bool(), differs)


def test_every_layer_can_be_seen_once_and_lies_over_the_layout(pipeline) -> None:
    layout = street()
    named = activations.layers(pipeline.generator)
    assert len({id(module) for module in named.values()}) == len(named)
    for layer in named:
        seen = activations.activation(pipeline, layout, layer, seed=1)
        shrunk = {SIZE[0] // seen.shape[2], SIZE[1] // seen.shape[1]}
        assert len(shrunk) == 1 and shrunk.pop() in (1, 2, 4, 8, 16)
        assert not any(module._forward_hooks for module in named.values())


def test_the_last_layer_is_what_the_picture_is_made_of(pipeline) -> None:
    """Its features through the last convolution are the picture, but for what the frame hides."""
    layout = street()
    last = list(activations.layers(pipeline.generator))[-1]
    with activations.recorded(activations.layers(pipeline.generator)[last]) as seen:
        picture = pipeline(layout)
    shown = activations.activation(pipeline, layout, last)
    start = pipeline.frame
    assert torch.equal(shown, seen[0][0, :, start : start + SIZE[1], start : start + SIZE[0]])
    assert picture.shape[-2:] == shown.shape[-2:]


def test_a_look_builds_the_condition_once(pipeline, monkeypatch) -> None:
    built = []
    original = pipeline.condition

    def counted(*args, **more):
        built.append(args)
        return original(*args, **more)

    monkeypatch.setattr(pipeline, "condition", counted)
    activations.activation(pipeline, street(), "G1, halving 1")
    assert len(built) == 1


def test_an_unknown_layer_is_refused_with_the_known_ones(pipeline) -> None:
    with pytest.raises(KeyError, match="G1, first convolution"):
        activations.activation(pipeline, street(), "G9")


def test_an_enhancer_that_did_no_work_says_so(pipeline) -> None:
    small = street((32, 16))
    enhancers = [name for name in activations.layers(pipeline.generator) if name.startswith("G2")]
    with pytest.raises(ValueError, match="G1 draws alone"):
        activations.activation(pipeline, small, enhancers[0])


def test_what_another_thread_draws_is_not_recorded() -> None:
    module = nn.Identity()
    with activations.recorded(module) as seen:
        other = threading.Thread(target=module, args=(torch.zeros(1),))
        other.start()
        other.join()
        module(torch.ones(1))
    module(torch.full((1,), 2.0))
    assert [float(output) for output in seen] == [1.0]


def test_discriminators_are_seen_from_fine_to_coarse(pipeline) -> None:
    torch.manual_seed(0)
    classes = len(pipeline.space)
    network = MultiscaleDiscriminator(DiscriminatorConfig(classes + 1 + 3, width=4)).eval()
    photo = torch.rand(1, 3, SIZE[1], SIZE[0])
    scales = activations.discriminator_features(network, street(), photo, with_boundaries=True)
    verdicts = [scale[-1] for scale in scales]
    assert len(scales) == 3 and all(verdict.shape[0] == 1 for verdict in verdicts)
    assert verdicts[0].numel() > verdicts[1].numel() > verdicts[2].numel()


def test_tiles_are_stretched_one_by_one_and_leave_the_rest_empty() -> None:
    ramp = torch.linspace(0, 1, 64).view(1, 8, 8)
    channels = torch.cat([ramp, 1000 * ramp + 5, torch.full_like(ramp, 3.0)])
    sheet = activations.tiles(channels, columns=2, tile=(8, 8), gap=1)
    assert sheet.shape == (17, 17)
    first, second, third = sheet[:8, :8], sheet[:8, 9:], sheet[9:, :8]
    assert torch.allclose(first, second, atol=1e-4)
    assert float(first.min()) == 0 and float(first.max()) == 1 and (third == 0.5).all()
    assert sheet[9:, 9:].isnan().all() and sheet[8].isnan().all() and sheet[:, 8].isnan().all()


def test_values_take_the_colours_of_the_table() -> None:
    table = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]])
    values = torch.tensor([[0.0, 0.5, 1.0, float("nan")]])
    picture = activations.colored(values, table, empty=0.25)
    expected = torch.cat([table, torch.full((1, 3), 0.25)]).T[:, None]
    assert torch.equal(picture, expected)
