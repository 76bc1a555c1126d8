"""Training with planes that say where in its object, or of what part, a pixel lies."""

import torch

from lab.data.parts import OF_STREETS, parts
from lab.data.places import PLANES, places
from lab.interfaces import Layout
from lab.models.pix2pixhd import first_layers
from tests.training.test_synthesis import entered


def test_places_come_with_the_samples_and_are_seen(synthesis) -> None:
    task, batch = entered(synthesis, 1, "generator.places=true")
    assert task.config.generator.inputs == 11 + 1 + 3 + PLANES
    assert task.config.discriminator.inputs == 11 + 1 + 3
    assert batch["places"].shape == (1, 4, *batch["labels"].shape[1:])
    names = [name for name, losses in task.phases(batch)]
    assert names == ["generator", "discriminator"]
    task.drawing.eval()
    drawn = [
        task.drawing(batch["labels"], batch["instances"], batch["photo"], place)[0]
        for place in (batch["places"], -batch["places"])
    ]
    assert not torch.equal(*drawn)
    assert "places" not in entered(synthesis)[1]


def test_parts_follow_the_places(synthesis) -> None:
    both = ("generator.places=true", "generator.parts=true")
    task, batch = entered(synthesis, 1, *both)
    assert task.config.generator.inputs == 11 + 1 + 3 + PLANES + OF_STREETS.planes
    assert batch["places"].shape == (1, 4 + OF_STREETS.read_planes, *batch["labels"].shape[1:])
    whole = task.validation[0]
    told = parts(whole["labels"][None], whole["instances"][None], task.space)[0]
    assert torch.equal(whole["places"][4:], told)
    task.drawing.eval()
    moved = batch["places"].clone()
    moved[:, 4:] += 0.3
    drawn = [
        task.drawing(batch["labels"], batch["instances"], batch["photo"], place)[0]
        for place in (batch["places"], moved)
    ]
    assert not torch.equal(*drawn)


def test_plain_classes_are_the_same_in_training_and_in_use(synthesis) -> None:
    task, batch = entered(synthesis, 1, "generator.places=true", "generator.plain=[road, sky]")
    given, layers = [], first_layers(task.drawing.generator).values()
    for layer in layers:
        layer.register_forward_pre_hook(lambda _, inputs: given.append(inputs[0]))
    task.drawing.eval()
    maps = batch["labels"], batch["instances"]
    task.drawing(*maps, batch["photo"], places(batch["instances"]))
    pipeline = task.pipeline(task.averaged)
    pipeline.redraw(batch["photo"], Layout(*maps, task.space))
    frame, count = pipeline.frame, len(layers)
    height, width = maps[0].shape[1:]
    learned, used = given[count - 1], given[-1]
    assert used.shape[-1] == width + 2 * frame
    within = used[..., frame : frame + height, frame : frame + width]
    told = task.config.generator.inputs  # behind it is noise, which a frame changes
    torch.testing.assert_close(within[:, :told], learned[:, :told])
