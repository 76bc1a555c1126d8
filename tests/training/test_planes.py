"""Training with planes that say where in its object, or on its wall, a pixel lies."""

import torch

from lab.data import facades
from lab.data.places import PLANES
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


def test_facades_follow_the_places(synthesis) -> None:
    both = ("generator.places=true", "generator.facades=true")
    task, batch = entered(synthesis, 1, *both)
    assert task.config.generator.inputs == 11 + 1 + 3 + PLANES + facades.PLANES
    assert batch["places"].shape == (1, 7, *batch["labels"].shape[1:])
    whole = task.validation[0]
    told = facades.facades(whole["labels"][None], whole["instances"][None], task.space)[0]
    assert torch.equal(whole["places"][4:], told)
    task.drawing.eval()
    walls = batch["places"].clone()
    walls[:, 4:] += 0.3
    drawn = [
        task.drawing(batch["labels"], batch["instances"], batch["photo"], place)[0]
        for place in (batch["places"], walls)
    ]
    assert not torch.equal(*drawn)
