"""The shipped town: another look of one object changes that object, and little else."""

from collections.abc import Callable, Mapping

import pytest
import torch
from torch import Tensor

from lab import checkpoint
from lab.data.town import Town, layout
from lab.interfaces import Layout
from lab.metrics.locality import Change, change
from lab.models.pix2pixhd import GeneratorConfig, GlobalGenerator
from lab.pipelines.synthesis import SynthesisPipeline, object_labels

SCENE, FURTHER = 0, 3
PLAIN = 0.05  # of the range: a difference of the mean colours that anybody sees


@pytest.fixture(scope="module")
def pipeline() -> SynthesisPipeline:
    return checkpoint.load("town", device="cpu")


@pytest.fixture(scope="module")
def street(pipeline: SynthesisPipeline) -> Layout:
    town = Town(split="val", size=pipeline.native_size)
    ids = layout(town.scene_seed(SCENE), pipeline.native_size)
    return Layout(ids.labels[None], ids.instances[None], pipeline.space)


@pytest.fixture(scope="module")
def looks(pipeline: SynthesisPipeline, street: Layout) -> dict[int, int]:
    torch.set_num_threads(1)
    return pipeline.choose(street, seed=SCENE)


@pytest.fixture(scope="module")
def before(pipeline: SynthesisPipeline, street: Layout, looks: Mapping[int, int]) -> Tensor:
    return pipeline(street, styles=looks)


@pytest.fixture
def changed(pipeline, street, looks, before) -> Callable[[str], Change]:
    """A function: what another cluster of a class's largest object changes."""
    labels = object_labels(street)

    def measure(name: str) -> Change:
        label = pipeline.space.index(name)
        own = [instance for instance in labels if labels[instance] == label]
        largest = max(own, key=lambda instance: int((street.instances == instance).sum()))
        other = (looks[largest] + FURTHER) % int(pipeline.bank.counts[label])
        after = pipeline(street, styles={**looks, largest: other})
        return change(before, after, street.instances == largest)

    return measure


@pytest.mark.parametrize("name", ["tree", "car"])
def test_another_look_changes_its_object_and_little_else(changed, name: str) -> None:
    found = changed(name)
    assert found.colour > PLAIN and found.outside < 0.02, found


@pytest.mark.parametrize("name", ["road", "building"])
def test_another_look_of_much_of_the_picture_changes_little_else(changed, name: str) -> None:
    assert changed(name).outside < 0.02


def test_with_channel_norm_a_look_reaches_as_far_as_the_convolutions_and_no_further() -> None:
    torch.manual_seed(0)
    config = GeneratorConfig(
        inputs=4, width=4, downsamplings=1, blocks=1, kernel=3, norm="channel", padding="zeros",
        upsampling="nearest", skips=True, noise=1,
    )  # fmt: skip
    generator = GlobalGenerator(config).eval()
    plain = torch.randn(1, 4, 32, 96)
    other = plain.clone()
    other[..., :8] += 1
    with torch.no_grad():
        moved = (generator(other) != generator(plain)).any(1)[0].any(0)
    # First 1, down 1, two of 2 in the block, up 1, last 1, and 1 for where a cell begins: 9.
    assert moved[:8].all() and not moved[8 + 9 :].any()
