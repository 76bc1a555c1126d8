"""What pix2pixHD's training does without one of its parts."""

from pathlib import Path

import pytest
import torch

from lab.checkpoint import load
from lab.interfaces import Layout
from tests.training.runs import start
from training.config import dump, read
from training.export import export
from training.tasks import build_task

STAGES = "stages=[{learns: global, steps: 1, size: [24, 16]}, {learns: joint, size: [48, 32]}]"
WITHOUT = {  # switch → inputs of the generator, of the discriminator, with 11 classes
    "encoder=null": (11 + 1, 11 + 1 + 3),
    "generator.boundaries=false": (11 + 3, 11 + 3),
}


@pytest.mark.parametrize("switch", WITHOUT)
def test_networks_see_what_is_left(synthesis, switch: str) -> None:
    task = build_task(read(synthesis, [switch, STAGES]))
    inputs = task.config.generator.inputs, task.config.discriminator.inputs
    assert inputs == WITHOUT[switch]
    batch = {key: value[None] for key, value in task.enter(1)[0, 0].items() if key != "name"}
    shown = {**batch, "instances": torch.randint(9, batch["instances"].shape)}
    drawn, layout = [], []
    task.drawing.eval()
    for seen in (batch, shown):
        picture, _, maps = task.drawing(seen["labels"], seen["instances"], seen["photo"])
        drawn.append(picture)
        layout.append(maps)
    outlined = "encoder" in switch
    assert torch.equal(*layout) != outlined  # D's layout holds boundaries or it does not
    other, *_ = task.drawing(batch["labels"], batch["instances"], 1 - batch["photo"])
    assert torch.equal(other, drawn[0]) == outlined  # without E the photo is not seen
    assert len(list(task.phases(batch))) == 2


@pytest.mark.parametrize("switch", WITHOUT)
def test_exported_they_draw_what_was_trained(synthesis, tmp_path: Path, switch: str) -> None:
    run = start(synthesis, tmp_path / "run", switch, STAGES, "stages.1.steps=1")
    run.train(resume=False)
    (tmp_path / "run" / "config.yaml").write_text(dump(read(synthesis, [switch, STAGES])))
    card = export(tmp_path / "run", tmp_path / "checkpoints")
    looks = {"encoder", "styles"} if "boundaries" in switch else set()
    assert set(card.parts) == {"generator", *looks} and ("styles" in card.training) == bool(looks)
    pipeline = load(card.name, device="cpu", root=tmp_path / "checkpoints")
    assert pipeline.generator.config.boundaries == ("boundaries" not in switch)
    labels = torch.zeros(1, 21, 30, dtype=torch.int64)
    halves = torch.arange(30).expand(1, 21, 30) // 15
    one, two = (pipeline(Layout(labels, ids, pipeline.space)) for ids in (labels, halves))
    assert one.shape == (1, 3, 21, 30)
    assert torch.equal(one, two) == ("boundaries" in switch)
