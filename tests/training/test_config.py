"""What a run is: defaults, file, overrides."""

from pathlib import Path

import pytest
import yaml

from training.config import SynthesisConfig, SynthesisStage, TransferConfig, dump, read
from training.settings import Optim, Perceptual

CONFIGS = Path(__file__).resolve().parents[2] / "training" / "configs"


# --- the shipped files ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(CONFIGS.rglob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_config_loads(path: Path) -> None:
    config = read(path)
    folder = path.parent.name
    tasks = {"ablations": {"synthesis"}, "transfer": {"distill", "decoder", "adain", "transfer"}}
    assert config.task in tasks.get(folder, {folder}) and config.name == path.stem
    assert config.about.title and config.about.data and config.about.data_licence
    for stage in config.stages:
        assert stage.steps > 0 and stage.batch > 0


@pytest.mark.parametrize("path", sorted(CONFIGS.rglob("*.yaml")), ids=lambda path: path.stem)
def test_what_is_dumped_reads_as_the_same_config(path: Path, tmp_path: Path) -> None:
    config = read(path, ["seed=3"])
    copy = tmp_path / "config.yaml"
    copy.write_text(dump(config))
    assert read(copy) == config and config.seed == 3


def leaves(values: object, place: str = "") -> dict[str, object]:
    """The values of a nested map, by their places."""
    if not isinstance(values, dict) or not values:
        return {place: values}
    inner = (leaves(value, f"{place}.{key}") for key, value in values.items())
    return {key: value for part in inner for key, value in part.items()}


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("no-features", ".losses.features"),
        ("no-perceptual", ".losses.perceptual"),
        ("one-discriminator", ".discriminator.scales"),
        ("no-boundaries", ".generator.boundaries"),
        ("no-encoder", ".encoder"),
    ],
)
def test_an_ablation_differs_from_the_whole_in_one_place(name: str, place: str) -> None:
    whole, without = (
        leaves(yaml.safe_load(dump(read(CONFIGS / "ablations" / f"{stem}.yaml"))))
        for stem in ("full", name)
    )
    named = {key for key in whole if without.get(key) != whole[key]} | set(without) - set(whole)
    named -= {".name", ".about.title"}
    assert named and all(key == place or key.startswith(f"{place}.") for key in named)


# --- defaults ------------------------------------------------------------------------------------


def test_an_empty_config_is_the_paper() -> None:
    config = SynthesisConfig()
    assert config.optim == Optim(lr=2e-4, betas=(0.5, 0.999), decay_from=0.5, floor=0, clip=None)
    assert (config.losses.gan, config.losses.features, config.losses.perceptual) == (1, 10, 10)
    assert (config.generator.width, config.generator.downsamplings) == (64, 4)
    assert config.discriminator.scales == 3 and config.encoder.outputs == 3


def test_what_the_file_leaves_out_keeps_its_default(write) -> None:
    config = write("task: synthesis\ngenerator: {width: 8}\n")
    assert config.generator.width == 8 and config.generator.blocks == 9
    assert config.stages == (SynthesisStage(),)
    # The defaults of the level above count, not those of the part alone.
    config = write("task: transfer\noptim: {lr: 5e-4}\ntransform: {width: 16}\n")
    assert config.optim == Optim(lr=5e-4, betas=(0.9, 0.999))
    assert config.transform.channels == 64 and config.transform.width == 16
    assert config.perceptual == TransferConfig().perceptual
    assert write("task: transfer\nperceptual: {weights: a}\n").perceptual.layers == dict.fromkeys(
        ("relu1_1", "relu2_1", "relu3_1"), 1.0
    )


def test_a_file_says_its_task(write) -> None:
    with pytest.raises(ValueError, match=r"says task: 'gan'; known tasks: synthesis, transfer"):
        write("task: gan\n")
    with pytest.raises(ValueError, match="says task: None"):
        write("")


def test_a_file_may_say_only_what_differs_from_another(write, tmp_path: Path) -> None:
    below = "task: synthesis\noptim: {lr: 1e-3, rates: {discriminator: 0.5}}\n"
    (tmp_path / "whole.yaml").write_text(below + "stages: [{steps: 5}, {steps: 6}]\n")
    config = write("base: whole.yaml\noptim: {floor: 0.1}\nencoder: null\nstages: [{steps: 7}]\n")
    assert config.optim == Optim(lr=1e-3, floor=0.1, rates={"discriminator": 0.5})
    assert config.encoder is None and [stage.steps for stage in config.stages] == [7]
    over = write("base: whole.yaml\n", "stages.1.steps=9", "optim.lr=3")
    assert over.stages[1].steps == 9 and over.optim.lr == 3


def test_bases_are_as_strict_as_other_files(write, tmp_path: Path) -> None:
    (tmp_path / "whole.yaml").write_text("task: synthesis\n")
    (tmp_path / "half.yaml").write_text("base: whole.yaml\n")
    with pytest.raises(ValueError, match=r"half\.yaml is the base of .*run\.yaml and has a base"):
        write("base: half.yaml\n")
    with pytest.raises(ValueError, match=r"run\.yaml is the base of .*run\.yaml and has a base"):
        write("base: run.yaml\n")
    with pytest.raises(FileNotFoundError, match=r"No config at .*none\.yaml"):
        write("base: none.yaml\n")
    with pytest.raises(ValueError, match=r"config.optim has no key 'rate'"):
        write("base: whole.yaml\noptim: {rate: 1}\n")


def test_only_what_may_be_missing_can_be_null(write) -> None:
    assert write("task: synthesis\nencoder: null\n").encoder is None
    with pytest.raises(ValueError, match=r"config.generator is None; expected the keys of"):
        write("task: synthesis\ngenerator: null\n")
    with pytest.raises(ValueError, match=r"encoder is a value, it has no 'width'"):
        write("task: synthesis\nencoder: null\n", "encoder.width=3")


# --- values --------------------------------------------------------------------------------------


def test_exponents_without_a_point_are_numbers(write) -> None:
    assert yaml.safe_load("1e-4") == "1e-4"  # YAML 1.1
    assert write("task: synthesis\noptim: {lr: 1e-4}\n").optim.lr == 1e-4
    assert write("task: synthesis\n", "optim.lr=3e-5").optim.lr == 3e-5
    whole = write("task: synthesis\noptim: {lr: 1}\n").optim.lr
    assert whole == 1.0 and isinstance(whole, float)


def test_lists_become_tuples_and_maps_become_settings(write) -> None:
    config = write(
        "task: synthesis\n"
        "perceptual: {layers: {relu1_1: 1, relu2_1: 1e-1}}\n"
        "stages:\n  - {size: [48, 32], crop: null}\n  - {learns: joint, lr: 1e-5}\n"
    )
    assert config.perceptual.layers == {"relu1_1": 1.0, "relu2_1": 0.1}
    assert config.stages[0] == SynthesisStage(size=(48, 32))
    assert config.stages[1] == SynthesisStage(learns="joint", lr=1e-5)


def test_a_stage_may_have_its_own_perceptual_network(write) -> None:
    config = write(
        "task: transfer\nstages:\n  - {perceptual: {weights: a, layers: {relu1_1: 2}}}\n  - {}\n"
    )
    assert config.stages[0].perceptual == Perceptual("a", {"relu1_1": 2.0})
    assert config.stages[1].perceptual is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("optim: {rate: 1}", r"config.optim has no key 'rate'; known: lr, betas, decay_from"),
        ("colour: red", r"config has no key 'colour'; known: task, name, seed"),
        ("stages: [{learns: all}]", r"config.stages\[0\].learns is 'all'; .* global, enhancer"),
        ("stages: [{}, {stepss: 3}]", r"config.stages\[1\] has no key 'stepss'; known: steps"),
        ("stages: [{steps: 1.5}]", r"config.stages\[0\].steps is 1.5; expected int"),
        ("stages: [{size: [48]}]", r"config.stages\[0\].size is \[48\]; expected"),
        ("seed: true", r"config.seed is True; expected int"),
        ("optim: {lr: fast}", r"config.optim.lr is 'fast'; expected float"),
        ("optim: {lr: true}", r"config.optim.lr is True; expected float"),
        ("optim: 3", r"config.optim is 3; expected the keys of Optim"),
        ("data: {flip: 1}", r"config.data.flip is 1; expected bool"),
        ("name: 3", r"config.name is 3; expected str"),
        ("styles: {clusters: 128}", r"clusters is 128; expected 1 to 127"),
        ("data: {root: 3}", r"config.data.root is 3; expected str"),
        ("name: my town", r"name is letters, digits, .* not 'my town'"),
        ("name: ../town", r"name is letters, digits, .* not '../town'"),
        (
            "perceptual: {form: plain}",
            r"config.perceptual.form is 'plain'; expected .*relative.*absol",
        ),
        ("perceptual: {layers: {relu1_1: 0}}", r"layers: nothing weighs more than 0, .* relu1_1"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(write, text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        write(f"task: synthesis\n{text}\n")


def test_files_that_are_none_are_refused(write, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"No config at .*none\.yaml; the shipped ones"):
        read(tmp_path / "none.yaml")
    with pytest.raises(ValueError, match=r"run\.yaml is not YAML: .*line 1"):
        write("task: [synthesis\n")
    with pytest.raises(ValueError, match=r"run\.yaml holds \['task'\]; expected key: value lines"):
        write("- task\n")


# --- overrides -----------------------------------------------------------------------------------

STAGES = "task: synthesis\nstages:\n  - {steps: 5}\n  - {steps: 6, size: [32, 16]}\n"


def test_overrides_reach_every_depth(write) -> None:
    overrides = ["seed=7", "data.root=x", "stages.1.steps=9", "stages.1.size.0=64", "optim.lr=1e-3"]
    config = write(STAGES, *overrides)
    assert config.seed == 7 and config.data.root == "x" and config.optim.lr == 1e-3
    assert [stage.steps for stage in config.stages] == [5, 9]
    assert config.stages[1].size == (64, 16) and config.stages[0].size == SynthesisStage().size


def test_a_list_may_be_replaced_whole_and_a_value_taken_back(write) -> None:
    config = write(STAGES, "stages=[{steps: 1, lr: 1.0}]", "stages.0.lr=null")
    assert config.stages == (SynthesisStage(steps=1),)


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("seed", "'seed' is not of the form key=value"),
        ("sed=3", "config has no key 'sed'"),
        ("seed.x=3", "seed is a value, it has no 'x'"),
        ("stages.2.steps=1", r"stages\.2 names no entry: stages has 0 to 1"),
        ("stages.-1.steps=1", r"stages\.-1 names no entry: stages has 0 to 1"),
        ("stages.last.steps=1", r"stages\.last names no entry"),
        ("stages.2={steps: 1}", r"stages\.2 names no entry"),
        ("stages.1.size.2=1", r"stages\.1\.size\.2 names no entry: stages\.1\.size has 0 to 1"),
        ("seed=[1", r"The override 'seed=\[1' is not YAML"),
    ],
)
def test_overrides_that_fit_nowhere_are_refused(write, override: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        write("seed: 1\n" + STAGES, override)


# --- steps made as one ---------------------------------------------------------------------------


def test_merged_steps_see_at_least_as_many_pictures(write, tmp_path: Path) -> None:
    alone, merged = write(STAGES), write(STAGES, "schedule.merge=4")
    for few, many in zip(merged.stages, alone.stages, strict=True):
        assert few.batch == 4 * many.batch
        assert 0 <= few.steps * few.batch - many.steps * many.batch < few.batch
    assert [stage.steps for stage in merged.stages] == [2, 2]
    large = write(STAGES, "stages.0.batch=3", "stages.1.batch=6", "schedule.merge=4")
    assert [(stage.steps, stage.batch) for stage in large.stages] == [(5, 3), (6, 6)]
    gathered = write(STAGES, "schedule.merge=4", "schedule.accumulate=2")  # two batches are a step
    assert [(stage.steps, stage.batch) for stage in gathered.stages] == [(3, 2), (3, 2)]
    again = tmp_path / "again.yaml"
    again.write_text(dump(merged), "utf-8")
    assert read(again) == merged  # a run's own config is not merged once more


@pytest.mark.parametrize("name", ["adain-relu4_1", "linear-relu4_1"])
def test_configs_as_published_inherit_nothing_of_ours(name: str) -> None:
    """Their bases gained an optimizer, losses and a teacher of ours since."""
    config = read(CONFIGS / "transfer" / f"{name}.yaml")
    assert config.optim.method == "adam" and config.optim.lr == 1e-4
    if name.startswith("linear"):
        ours = ("grid", "plain")
        assert config.teacher is None and not any(getattr(config.losses, loss) for loss in ours)
        assert {stage.learns for stage in config.stages} == {"transform"}
