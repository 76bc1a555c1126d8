"""The shipped town: another look of one object changes that object, and little else."""

from collections.abc import Callable, Mapping

import pytest
import torch
from torch import Tensor

from lab import checkpoint
from lab.data.town import Town, layout
from lab.interfaces import Layout
from lab.metrics.locality import Change, change
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
def changed(pipeline, street, looks, before) -> Callable[..., Change]:
    """A function: what another cluster of a class's largest object changes; `edit` as an edit."""
    labels = object_labels(street)

    def measure(name: str, *, edit: bool) -> Change:
        label = pipeline.space.index(name)
        own = [instance for instance in labels if labels[instance] == label]
        largest = max(own, key=lambda instance: int((street.instances == instance).sum()))
        other = (looks[largest] + FURTHER) % int(pipeline.bank.counts[label])
        like = looks if edit else None
        after = pipeline(street, styles={**looks, largest: other}, like=like)
        return change(before, after, street.instances == largest)

    return measure


@pytest.mark.parametrize("name", ["tree", "car"])
def test_another_look_changes_its_object_and_little_else(changed, name: str) -> None:
    found = changed(name, edit=False)
    assert found.colour > PLAIN and found.outside < 0.02, found


@pytest.mark.parametrize("name", ["road", "building"])
@pytest.mark.xfail(
    reason="The generator normalises over the whole picture, which carries the look of a road or "
    "of a large facade everywhere: 3 to 5 % of the range. Drawn as an edit it stays where it is.",
    strict=False,  # another training may do better
)
def test_another_look_of_much_of_the_picture_changes_little_else(changed, name: str) -> None:
    assert changed(name, edit=False).outside < 0.02


@pytest.mark.parametrize("name", ["road", "building", "tree", "car"])
def test_as_an_edit_every_look_changes_its_object_and_nothing_far_from_it(
    changed, name: str
) -> None:
    found = changed(name, edit=True)
    assert found.colour > PLAIN and found.outside < 0.005, found


def test_an_edit_that_changes_no_look_is_the_picture_itself(pipeline, street, looks) -> None:
    small = Layout(street.labels[:, ::4, ::4], street.instances[:, ::4, ::4], street.space)
    same = pipeline(small, styles=looks, like=looks)
    torch.testing.assert_close(same, pipeline(small, styles=looks), atol=1e-3, rtol=0)
