"""Settings out of their range are refused when they are read, with key, value and range."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.models.ranges import require, require_odd
from training.opening import open_dataset
from training.settings import PairedData, PictureStage

# task → [(override, what is said of it, after its place)]
REFUSED = {
    "synthesis": [
        ("optim.lr=0", "optim: lr is 0.0; expected more than 0"),
        ("optim.lr=.nan", "optim: lr is nan; expected more than 0"),
        ("optim.lr=.inf", "optim: lr is inf; expected more than 0"),
        ("optim.clip=-1", "optim: clip is -1.0; expected more than 0"),
        ("optim.betas=[0.5, 1]", r"optim: betas[1] is 1.0; expected 0 or more and less than 1"),
        ("optim.decay_from=1.5", "optim: decay_from is 1.5; expected 0 to 1"),
        ("optim.floor=-0.1", "optim: floor is -0.1; expected 0 to 1"),
        ("optim.rates={reader: -3}", "optim: rates.reader is -3.0; expected 0 or more"),
        ("schedule.log_every=0", "schedule: log_every is 0; expected 1 or more"),
        ("schedule.preview_every=0", "schedule: preview_every is 0; expected 1 or more"),
        ("schedule.accumulate=0", "schedule: accumulate is 0; expected 1 or more"),
        ("schedule.save_minutes=-1", "schedule: save_minutes is -1.0; expected 0 or more"),
        ("schedule.workers=-1", "schedule: workers is -1; expected 0 or more"),
        ("schedule.ema=2", "schedule: ema is 2.0; expected 0 to 1"),
        ("data.zoom=0", "data: zoom is 0.0; expected 1 or more"),
        ("data.length=0", "data: length is 0; expected 1 or more"),
        ("data.jitter=-1", "data: jitter is -1.0; expected 0 or more"),
        ("seed=-1", "config.seed is -1; expected 0 to 4294967295"),
        ("seed=4294967296", "config.seed is 4294967296; expected 0 to 4294967295"),
        ("stages=[]", "stages is empty"),
        ("stages=[{steps: 0}]", "stages[0]: steps is 0; expected 1 or more"),
        ("stages=[{}, {steps: -1}]", "stages[1]: steps is -1; expected 1 or more"),
        ("stages=[{batch: 0}]", "stages[0]: batch is 0; expected 1 or more"),
        ("stages=[{size: [0, 16]}]", "stages[0]: size[0] is 0; expected 1 or more"),
        ("stages=[{crop: [16, -1]}]", "stages[0]: crop[1] is -1; expected 1 or more"),
        ("stages=[{lr: 0}]", "stages[0]: lr is 0.0; expected more than 0"),
        ("generator.width=0", "generator: width is 0; expected 1 or more"),
        ("generator.width=-4", "generator: width is -4; expected 1 or more"),
        ("generator.kernel=4", "generator: kernel is 4; expected an odd number, 1 or more"),
        ("generator.noise=-1", "generator: noise is -1; expected 0 or more"),
        ("generator.inputs=7", "generator.inputs is 7, but it follows from the classes"),
        ("encoder.outputs=0", "encoder: outputs is 0; expected 1 or more"),
        ("discriminator.scales=0", "discriminator: scales is 0; expected 1 or more"),
        ("discriminator.inputs=7", "discriminator.inputs is 7, but it follows from the classes"),
        ("reader.width=0", "reader: width is 0; expected 1 or more"),
        ("perceptual.layers={relu1_1: -1}", "perceptual: layers.relu1_1 is -1.0; expected 0"),
        ("losses.gan=-1", "losses: gan is -1.0; expected 0 or more"),
        ("styles.clusters=0", "styles: clusters is 0; expected 1 to 127"),
        ("styles.smallest=2", "styles: smallest is 2.0; expected 0 to 1"),
    ],
    "segmenter": [
        ("network.width=0", "network: width is 0.0; expected more than 0"),
        ("network.classes=7", "network.classes is 7, but it follows from the classes"),
        ("balance=-1", "balance is -1.0; expected 0 or more"),
        ("stages=[]", "stages is empty"),
    ],
    "pix2pix": [
        ("generator.width=0", "generator: width is 0; expected 1 or more"),
        ("generator.halvings=1", "generator: halvings is 1; a U-Net needs 2 or more"),
        ("generator.dropout=1", "generator: dropout is 1.0; expected 0 or more and less than 1"),
        ("generator.inputs=7", "generator.inputs is 7, but it follows from the classes"),
        ("losses.l1=-1", "losses: l1 is -1.0; expected 0 or more"),
    ],
    "crn": [
        ("generator.widths=[4, 0]", "generator: widths[1] is 0; expected 1 or more"),
        ("picture=-1", "picture is -1.0; expected 0 or more"),
    ],
    "distill": [
        ("network.divisor=0", "network: divisor is 0; expected 1 to 64"),
        ("stages=[{sizes: []}]", "stages[0]: sizes is empty; expected one or more"),
        ("stages=[{sizes: [288, 0]}]", "stages[0]: sizes[1] is 0; expected 1 or more"),
        ("stages=[{steps: 0}]", "stages[0]: steps is 0; expected 1 or more"),
    ],
    "decoder": [
        ("fitted=-1", "fitted is -1; expected 0 or more"),
        ("losses.pixels=-1", "losses: pixels is -1.0; expected 0 or more"),
    ],
    "adain": [
        ("stages=[{batch: 0}]", "stages[0]: batch is 0; expected 1 or more"),
        ("losses.content=-1", "losses: content is -1.0; expected 0 or more"),
    ],
    "transfer": [
        ("networks.widths=[0, 4]", "networks: widths[0] is 0; expected 1 or more"),
        ("networks.kernel=2", "networks: kernel is 2; expected an odd number"),
        ("transform.width=0", "transform: width is 0; expected 1 or more"),
        ("stages=[{steps: 0}]", "stages[0]: steps is 0; expected 1 or more"),
        ("stages=[{teacher: -1}]", "stages[0]: teacher is -1.0; expected 0 or more"),
        ("losses.scales=[1, 0]", "losses: scales[1] is 0.0; expected more than 0"),
        ("principal=-1", "principal is -1; expected 0 or more"),
    ],
}


@pytest.mark.parametrize(
    ("task", "override", "sentence"),
    [(task, *case) for task, cases in REFUSED.items() for case in cases],
)
def test_what_lies_outside_is_refused(write, task: str, override: str, sentence: str) -> None:
    with pytest.raises(ValueError) as error:
        write(f"task: {task}\n", override)
    said = str(error.value)
    assert sentence in said and said.startswith("config") and "\n" not in said


@pytest.mark.parametrize(
    "override",
    [
        "optim.decay_from=1",
        "optim.rates={discriminator: 0}",
        "optim.clip=null",
        "seed=4294967295",
        "schedule.ema=0",
        "schedule.save_minutes=0",
        "data.length=null",
        "losses.gan=0",
        "generator.blocks=0",
        "generator.inputs=0",
        "discriminator.inputs=0",
    ],
)
def test_ends_of_ranges_and_nothing_at_all_are_allowed(write, override: str) -> None:
    write("task: synthesis\n", override)


@pytest.mark.parametrize("task", ["[pix2pix]", "{pix2pix: 1}", "3", "null"])
def test_a_task_is_a_name(write, task: str) -> None:
    with pytest.raises(ValueError, match=r"run\.yaml says task: .*; known tasks: synthesis"):
        write(f"task: {task}\n")


def test_pictures_in_files_have_no_length(tmp_path: Path) -> None:
    data = PairedData("streets", str(tmp_path), length=5)
    with pytest.raises(ValueError, match=r"data\.length is 5, but 'streets' has as many pictures"):
        open_dataset(data, "train", PictureStage())


def test_only_houses_of_the_town_are_even(tmp_path: Path) -> None:
    data = PairedData("streets", str(tmp_path), even=True)
    with pytest.raises(ValueError, match=r"data\.even is for the town's streets, not 'streets'"):
        open_dataset(data, "train", PictureStage())
    town = PairedData("town", length=1, even=True)
    stage = PictureStage(size=(64, 32))
    assert open_dataset(town, "train", stage).even
    assert not open_dataset(town, "val", stage).even


@dataclass(frozen=True)
class Numbers:
    one: float | None = 1.0
    many: tuple[float, ...] = (1.0, 2.0)


@pytest.mark.parametrize(
    ("bounds", "value", "sentence"),
    [
        ({"least": 1}, 0, "one is 0; expected 1 or more."),
        ({"above": 1}, 1, "one is 1; expected more than 1."),
        ({"most": 1}, 2, "one is 2; expected 1 at most."),
        ({"below": 1}, 1, "one is 1; expected less than 1."),
        ({"least": 0, "most": 1}, -1, "one is -1; expected 0 to 1."),
        ({"above": 0, "most": 1}, 2, "one is 2; expected more than 0 and 1 at most."),
        ({}, float("inf"), "one is inf; expected a number."),
    ],
)
def test_a_range_is_said_in_words(bounds: dict, value: float, sentence: str) -> None:
    require(Numbers(), "one", **{**bounds, "least": 1, "above": 0} if not bounds else {})
    with pytest.raises(ValueError) as error:
        require(Numbers(value), "one", **bounds)
    assert str(error.value) == sentence


def test_every_number_of_a_list_counts_and_none_is_none() -> None:
    require(Numbers(None, ()), "one", "many", least=5)
    with pytest.raises(ValueError, match=r"many\[1\] is 2.0; expected 1 at most"):
        require(Numbers(), "many", most=1)
    for even in (0, 2, -1):
        with pytest.raises(ValueError, match=f"one is {even}; expected an odd number"):
            require_odd(Numbers(even), "one")
