"""Training pix2pixHD: global, enhancer, joint."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from lab.losses.texture import texture_loss
from tests.training.runs import Interrupted, differences, start, state_of
from training.config import SynthesisConfig, read
from training.synthesis import SynthesisTask
from training.tasks import build_task

GLOBAL = "stages=[{learns: global, steps: 2, size: [24, 16]}]"
FAST = ["optim.lr=0.01", "optim.decay_from=1.0"]


def entered(config: Path, stage: int = 0, *overrides: str) -> tuple[SynthesisTask, dict]:
    """A task in a stage, and its first batch."""
    task = build_task(read(config, overrides))
    data, batch = task.enter(stage), {}
    for key, value in data[0, 0].items():
        batch[key] = value[None] if isinstance(value, Tensor) else [value]
    return task, batch


def gradients(task: SynthesisTask) -> dict[str, bool]:
    """Which parameters of G and E have gradients, by name."""
    return {name: p.grad is not None for name, p in task.drawing.named_parameters()}


def parts(state: dict) -> dict[str, dict[str, Tensor]]:
    """The drawing network's weights: E, G1, and the enhancer around it."""
    found: dict[str, dict[str, Tensor]] = {"encoder": {}, "coarse": {}, "enhancer": {}}
    for name, value in state["networks"]["generator"].items():
        place = "enhancer" if ".levels." in name or name.startswith("generator.to_p") else "coarse"
        found["encoder" if name.startswith("encoder.") else place][name] = value
    return found


# --- the phases ----------------------------------------------------------------------------------


def test_the_generator_steps_first_then_the_discriminator(synthesis) -> None:
    task, batch = entered(synthesis)
    names = [(name, set(losses)) for name, losses in task.phases(batch)]
    assert names == [("generator", {"gan", "features", "perceptual"}), ("discriminator", {"gan"})]


def test_the_inputs_come_from_the_label_space(synthesis) -> None:
    task, batch = entered(synthesis)
    assert task.config.generator.inputs == 11 + 1 + 3  # classes, boundaries, style
    assert task.config.discriminator.inputs == 11 + 1 + 3  # classes, boundaries, colours
    drawn, _, layout = task.drawing(batch["labels"], batch["instances"], batch["photo"])
    assert drawn.shape == (1, 3, 16, 24) and layout.shape == (1, 12, 16, 24)
    assert torch.equal(layout[:, :11].argmax(1), batch["labels"])


def test_the_generators_phase_leaves_the_discriminator_alone(synthesis) -> None:
    task, batch = entered(synthesis)
    phases = task.phases(batch)
    _, losses = next(phases)
    torch.stack(list(losses.values())).sum().backward()
    discriminator = task.networks["discriminator"]
    assert all(p.grad is None for p in discriminator.parameters())
    named = dict(task.drawing.named_parameters())
    drawing = {name: p.grad.clone() for name, p in named.items() if p.grad is not None}
    _, losses = next(phases)
    losses["gan"].backward()
    assert all(p.grad is not None for p in discriminator.parameters())
    for name, parameter in task.drawing.named_parameters():
        assert name not in drawing or torch.equal(parameter.grad, drawing[name])


def test_weights_scale_their_terms_and_zero_leaves_one_out(synthesis) -> None:
    cases = {
        "plain": ["losses={gan: 1, features: 1, perceptual: 1, colour: 1}"],
        "paper": [],
        "other": ["losses={gan: 0, colour: 4}"],
    }
    values = {}
    for name, overrides in cases.items():
        task, batch = entered(synthesis, 0, *overrides)
        values[name] = next(task.phases(batch))[1]
    assert set(values["paper"]) == {"gan", "features", "perceptual"}
    assert set(values["other"]) == {"features", "perceptual", "colour"}
    for name, term, weight in (
        ("paper", "gan", 1),
        ("paper", "features", 10),
        ("paper", "perceptual", 10),
        ("other", "colour", 4),
    ):
        ratio = values[name][term] / values["plain"][term]
        assert ratio.item() == pytest.approx(weight, rel=1e-5)


def test_a_perfect_drawing_costs_no_features_and_no_perception(synthesis) -> None:
    task, batch = entered(synthesis)
    photo = batch["photo"]
    real = task.see(photo * 2 - 1, torch.zeros(1, 12, *photo.shape[2:]))
    losses = task.generator_losses(real, real, batch["instances"])
    assert losses["features"].item() == pytest.approx(0, abs=1e-6)
    assert losses["perceptual"].item() == pytest.approx(0, abs=1e-4)


def test_textures_are_compared_in_three_sizes(synthesis) -> None:
    task, batch = entered(synthesis, 1, "losses={texture: 3, coarse: 1}", "data.jitter=0")
    torch.manual_seed(0)  # the generator draws with noise
    _, losses = next(task.phases(batch))
    torch.manual_seed(0)
    drawn, _, _ = task.drawing(batch["labels"], batch["instances"], batch["photo"])
    x, target, terms = drawn * 0.5 + 0.5, batch["photo"], []
    for _ in range(3):
        features = (task.perceptual(x), task.perceptual(target))
        terms.append(texture_loss(*features, batch["instances"]).item())
        x, target = F.avg_pool2d(x, 2), F.avg_pool2d(target, 2)
    assert losses["texture"].item() == pytest.approx(sum(terms), rel=1e-4)
    task, batch = entered(synthesis, 2, "losses={texture: 3, coarse: 1, perceptual: 0}")
    assert next(task.phases(batch))[1]["coarse"].item() > 0


# --- the stages ----------------------------------------------------------------------------------


def test_each_stage_trains_its_parts_and_computes_no_gradients_for_the_others(synthesis) -> None:
    expected = {
        "global": (True, True, False),
        "enhancer": (False, False, True),
        "joint": (True, True, True),
    }
    for stage, (learns, (encoder, coarse, enhancer)) in enumerate(expected.items()):
        task, batch = entered(synthesis, stage)
        assert task.stage.learns == learns
        _, losses = next(task.phases(batch))
        torch.stack(list(losses.values())).sum().backward()
        for name, learned in gradients(task).items():
            if name.startswith("encoder."):
                assert learned == encoder, name
            elif ".levels." in name or name.startswith("generator.to_picture"):
                assert learned == enhancer, name
            elif ".coarse.to_picture" in name:
                assert learned == (learns == "global"), name  # it draws only when G1 is alone
            else:
                assert learned == coarse, name


def test_g1_is_outside_of_the_graph_in_the_enhancers_stage(synthesis) -> None:
    task, batch = entered(synthesis, 1)
    kept = []
    layers = task.drawing.generator.coarse.body
    for layer in layers:
        layer.register_forward_hook(
            lambda _, inputs, output: kept.append((inputs[0].requires_grad, output.requires_grad))
        )
    drawn, coarse, _ = task.drawing(batch["labels"], batch["instances"], batch["photo"])
    assert kept == [(False, False)] * len(layers) and drawn.requires_grad and coarse is None


def test_g1s_own_picture_learns_in_the_joint_stage_if_it_is_weighed(synthesis) -> None:
    for weight in (0, 1):
        task, batch = entered(synthesis, 2, f"losses={{coarse: {weight}}}")
        _, losses = next(task.phases(batch))
        assert ("coarse" in losses) == bool(weight)
        torch.stack(list(losses.values())).sum().backward()
        own = task.drawing.generator.coarse.to_picture.parameters()
        assert all((p.grad is not None) == bool(weight) for p in own)


def test_g1s_picture_is_compared_with_the_photo_at_its_own_size(synthesis) -> None:
    task, batch = entered(synthesis, 2, "losses={coarse: 3}")
    photo, halve = batch["photo"], task.drawing.generator.halve
    _, coarse, layout = task.drawing(batch["labels"], batch["instances"], photo)
    assert coarse.shape[2:] == (photo.shape[2] // 2, photo.shape[3] // 2)
    real = task.networks["discriminator"](torch.cat([layout, photo * 2 - 1], 1))
    objects = batch["instances"]
    perfect = halve(photo) * 2 - 1
    nothing = task.coarse_loss(perfect, photo, layout, real, instances=objects)
    assert nothing.item() == pytest.approx(0, abs=1e-3)
    target = replace(task.see(perfect, halve(layout)), scales=real[1:])
    shown = task.generator_losses(task.see(coarse, halve(layout), first=1), target, objects)
    expected = 3 * (shown["features"] + shown["perceptual"]).item()
    value = task.coarse_loss(coarse, photo, layout, real, instances=objects).item()
    assert value == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("losses={gan: 0, features: 0, perceptual: 0}", "nothing to learn"),
        ("generator.enhancers=0", "but generator.enhancers is 0"),
        ("discriminator.scales=1", "as small as G1, but there are 1 scales for 1 enhancers"),
        ("losses={gan: 1, features: 0, perceptual: 0, coarse: 1}", "G1's own picture is compared"),
        ("losses={reading: 1}", r"has relu2_1; add relu1_1"),
        ("data.root=", "data.root is missing"),
        ("stages.0.size=[26, 16]", "Stage 0 .* 26x16, .* multiples of 4; .* such as 24x16"),
        ("stages.1.crop=[40, 28]", "Stage 1 .* 40x28, .* multiples of 8; .* such as 40x24"),
        ("stages.2.size=[48, 36]", "Stage 2 .* 48x36, .* multiples of 8; .* such as 48x32"),
        ("encoder.downsamplings=4", "Stage 0 .* 24x16, .* multiples of 16; .* such as 16x16"),
        ("stages.1.crop=[56, 24]", "Stage 1 cuts windows of 56x24 from pictures of 48x32"),
    ],
)
def test_what_cannot_train_is_told_at_once(synthesis, override: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        build_task(read(synthesis, ["losses.coarse=1", "perceptual.layers={relu2_1: 1}", override]))


def test_frozen_parts_stay_bit_equal_and_move_after_the_switch(synthesis, tmp_path) -> None:
    # The official code makes a new optimizer at the switch and goes on stepping the old one.
    every = read(synthesis).stages
    states = []
    for count in (1, 2, 3):
        stages = [{"learns": s.learns, "steps": 2, "size": list(s.size)} for s in every[:count]]
        run = start(synthesis, tmp_path / "run", f"stages={json.dumps(stages)}", *FAST)
        run.train(resume=count > 1)
        states.append(parts(state_of(tmp_path / "run")))
        rates = [o.param_groups[0]["lr"] for o in run.optimizers.values()]
        assert rates[0] == rates[1]
    first, second, third = states
    assert not differences(first["encoder"], second["encoder"])
    assert not differences(first["coarse"], second["coarse"])
    assert differences(first["enhancer"], second["enhancer"])
    for part in ("encoder", "coarse", "enhancer"):
        assert differences(second[part], third[part])


def test_the_enhancer_is_untouched_while_g1_learns(synthesis, tmp_path) -> None:
    run = start(synthesis, tmp_path / "run", GLOBAL, *FAST)
    before = parts({"networks": {"generator": run.task.drawing.state_dict()}})
    before = {name: value.clone() for name, value in before["enhancer"].items()}
    run.train(resume=False)
    after = parts(state_of(tmp_path / "run"))
    assert not differences(before, after["enhancer"])


def test_both_optimizers_have_one_rate_after_decay(synthesis, tmp_path) -> None:
    run = start(synthesis, tmp_path / "run", "stages=[{learns: global, steps: 4, size: [24, 16]}]")
    run.train(resume=False)
    rates = {group["lr"] for o in run.optimizers.values() for group in o.param_groups}
    assert rates == {1e-4}  # step 3 of 4, halfway down from 2e-4


def test_without_enhancers_there_is_only_the_global_stage(synthesis) -> None:
    task = build_task(read(synthesis, ["generator.enhancers=0", "stages=[{learns: global}]"]))
    task.enter(0)
    with pytest.raises(ValueError, match="without enhancers has no stage 'enhancer', only global"):
        task.drawing.focus("enhancer")


# --- whole runs ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def finished() -> Iterator[dict[str, dict]]:
    """The state of the uninterrupted run, made once."""
    yield {}


@pytest.mark.parametrize("after", [1, 2, 3, 5])
def test_stopped_and_resumed_is_the_same_to_the_last_bit(
    synthesis, tmp_path, finished, after: int
) -> None:
    """Inside a stage, at the switch, and on both of its sides."""
    if not finished:
        start(synthesis, tmp_path / "whole").train(resume=False)
        finished["state"] = state_of(tmp_path / "whole")
    folder = tmp_path / "parts"
    start(synthesis, folder, kind=Interrupted, after=after).train(resume=False)
    assert state_of(folder)["total"] == after
    run = start(synthesis, folder)
    for network in run.task.networks.values():
        for parameter in network.parameters():
            parameter.data.fill_(0.5)  # what it starts from must not count
    run.train(resume=True)
    assert run.total == 6
    assert not differences({**state_of(folder), "rng": 0}, {**finished["state"], "rng": 0})


def test_seeds_settle_the_start_and_nothing_else_does(synthesis) -> None:
    states = []
    for noise, seed in ((1, 0), (2, 0), (3, 1)):
        torch.manual_seed(noise)
        states.append(build_task(read(synthesis, [f"seed={seed}"])).drawing.state_dict())
    assert not differences(states[0], states[1])
    assert differences(states[0], states[2])


def test_the_preview_is_drawn_by_the_pipeline_that_users_get(synthesis, tmp_path) -> None:
    run = start(synthesis, tmp_path, GLOBAL)
    run.train(resume=False)
    (sheet,) = run.task.preview(run.ema.modules).values()
    sample = run.task.dataset("val", run.task.stage)[0]
    assert sheet.shape == (3, 16, 3 * 24)  # layout, drawing, photo side by side
    assert torch.equal(sheet[..., 48:], sample["photo"])
    assert torch.equal(sheet[..., :24], run.task.space.colorize(sample["labels"][None])[0])
    # In the global stage G1 draws alone, whatever stands around it later.
    assert run.task.pipeline(run.ema.modules).enhancers == 0


def test_no_perceptual_weights_means_no_run(synthesis, tmp_path) -> None:
    sentence = r"No VGG weights at .*nowhere\.safetensors; give a safetensors file"
    with pytest.raises(FileNotFoundError, match=sentence):
        build_task(read(synthesis, [f"perceptual.weights={tmp_path / 'nowhere.safetensors'}"]))
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"no tensors")
    with pytest.raises(ValueError, match=r"damaged\.safetensors holds no weights of VGG-19"):
        build_task(read(synthesis, [f"perceptual.weights={damaged}"]))
    with pytest.raises(ValueError, match="expected relu5_1"):
        build_task(read(synthesis, ["perceptual.layers={relu5_1: 1}", "stages=[{size: [48, 32]}]"]))
    with pytest.raises(ValueError, match=r"perceptual\.layers is empty; name at least one"):
        build_task(read(synthesis, ["perceptual.layers={}"]))
    with pytest.raises(ValueError, match="no layer 'conv1_1'; it has relu1_1"):
        build_task(read(synthesis, ["perceptual.layers={conv1_1: 1}"]))


def test_a_folder_that_is_not_there_is_named(synthesis) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        entered(synthesis, 0, "data.root=/nowhere")


def test_unknown_data_is_named_with_the_known() -> None:
    with pytest.raises(KeyError, match="beach"):
        build_task(SynthesisConfig(data=type(SynthesisConfig().data)(name="beach")))


def test_the_town_needs_no_folder(perceptual, tmp_path) -> None:
    path = tmp_path / "town.yaml"
    path.write_text(
        "task: synthesis\ndata: {name: town, length: 2}\n"
        "generator: {width: 2, downsamplings: 2, blocks: 1, kernel: 3}\n"
        "encoder: {width: 2, downsamplings: 2, kernel: 3}\ndiscriminator: {width: 2, scales: 1}\n"
        f"perceptual: {{weights: {perceptual}, layers: {{relu1_1: 1}}}}\n"
        "stages: [{steps: 2, size: [64, 32], crop: [32, 32]}]\n"
    )
    run = start(path, tmp_path / "run")
    run.train(resume=False)
    assert run.total == 2 and (tmp_path / "run" / "previews" / "validation-000002.png").is_file()


@pytest.mark.slow
def test_one_batch_overfits_in_a_hundred_steps(synthesis, tmp_path) -> None:
    stages = "stages=[{learns: global, steps: 100, size: [48, 32]}]"
    wide = ["generator.width=8", "encoder.width=4", "discriminator.width=8", "data.flip=false"]
    run = start(synthesis, tmp_path, stages, *wide, "optim.lr=2e-3", "optim.decay_from=1.0")
    only = run.task.enter(0)[0, 0]
    run.task.dataset = lambda *_, **__: Single(only)
    task, losses = run.task, []
    run.train(resume=False)
    batch = {k: v[None] if isinstance(v, Tensor) else [v] for k, v in only.items()}
    fresh = build_task(task.config)
    for network in (fresh.drawing, task.drawing):
        with torch.no_grad():
            network.focus("global")
            drawn, *_ = network(batch["labels"], batch["instances"], batch["photo"])
        losses.append((drawn * 0.5 + 0.5 - batch["photo"]).abs().mean().item())
    assert losses[1] < 0.3 * losses[0]


class Single(torch.utils.data.Dataset):
    """One sample for ever."""

    def __init__(self, sample: dict) -> None:
        self.sample = sample

    def set_epoch(self, epoch: int) -> None:
        """Nothing changes."""

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> dict:
        return self.sample
