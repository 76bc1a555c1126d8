"""Training linear style transfer end to end."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.utils.data import default_collate

from lab.images import to_tensor
from lab.losses.plain import plain_loss
from lab.losses.steady import moved, movement, steady_loss
from lab.patterns import PATTERNS, SIDE, draw
from tests.training.runs import Interrupted, differences, save_photos, start, state_of
from training.config import read
from training.pictures import Patterns
from training.tasks import build_task
from training.transfer import TransferTask

STYLE = "stages=[{steps: 2, batch: 2, size: 34, crop: 32, reconstruction: 0.5}]"


def entered(config: Path, *overrides: str, stage: int = 0) -> tuple[TransferTask, dict]:
    """A task in a stage, and a batch of two."""
    task = build_task(read(config, overrides))
    data = task.enter(stage)
    return task, default_collate([data[0, 0], data[0, 1]])


def only_phase(task: TransferTask, batch: dict) -> dict[str, Tensor]:
    ((name, losses),) = task.phases(batch)
    assert name == "network"
    return losses


# --- losses --------------------------------------------------------------------------------------


def test_a_stage_without_style_learns_the_autoencoder_alone(transfer) -> None:
    task, batch = entered(transfer)
    assert set(only_phase(task, batch)) == {"reconstruction", "range"}
    task, batch = entered(transfer, stage=1)
    assert set(only_phase(task, batch)) == {"reconstruction", "content", "style", "range"}


def test_weights_scale_their_terms(transfer) -> None:
    heavy = ["losses={content: 3, variation: 1, range: 7}", "stages.1.style_weight=2"]
    task, batch = entered(transfer, "losses.variation=0.5", stage=1)
    losses = only_phase(task, batch)
    task, batch = entered(transfer, *heavy, "stages.1.reconstruction=2", stage=1)
    scaled = only_phase(task, batch)
    for term, factor in {"content": 3, "style": 2, "variation": 2, "reconstruction": 4}.items():
        assert scaled[term].item() == pytest.approx(factor * losses[term].item(), rel=1e-4)
    assert scaled["range"].item() == pytest.approx(7 * losses["range"].item(), rel=1e-4, abs=1e-9)


def test_a_drawing_with_content_and_style_of_one_picture_costs_nothing(transfer) -> None:
    task, batch = entered(transfer, stage=1)
    picture = batch["content"]
    losses = task.style_losses(picture, picture, picture)
    assert losses["content"].item() < 1e-9 and losses["style"].item() < 1e-9
    apart = task.style_losses(picture, picture, batch["style"])
    assert apart["content"].item() < 1e-9 and apart["style"].item() > 1e-3


def test_style_is_compared_at_every_scale(transfer) -> None:
    values = {}
    for scales in ("[1.0]", "[1.0, 0.5]", "[1.0, 0.5, 0.25]"):
        task, batch = entered(transfer, f"losses.scales={scales}", stage=1)
        seen = []
        task.perceptual.register_forward_hook(
            lambda _, inputs, __, seen=seen: seen.append(inputs[0].shape[-1])
        )
        values[scales] = only_phase(task, batch)
        assert set(seen) == {int(32 * scale) for scale in task.config.losses.scales}
    content = {losses["content"].item() for losses in values.values()}
    assert len(content) == 1  # the content is compared at full size only


@pytest.mark.parametrize("stage", [0, 1])
def test_two_batches_of_one_have_the_gradient_of_one_batch_of_two(
    transfer, tmp_path, stage
) -> None:
    """Every term is a mean over the pictures of a batch, with nothing shared between them.

    That does not hold for pix2pixHD, whose perceptual term is relative to the batch's mean
    activation.
    """
    alone = ["losses.variation=0.1", "optim.decay_from=1.0"]
    entry = read(transfer).stages[stage]
    entry = f"size: {entry.size}, crop: 32, style_weight: {entry.style_weight}, reconstruction: 1"
    grads = []
    for batch, accumulate in ((1, 2), (2, 1)):
        stages = f"stages=[{{steps: 1, batch: {batch}, {entry}}}]"
        folder = tmp_path / f"{batch}"
        run = start(transfer, folder, stages, f"schedule.accumulate={accumulate}", *alone)
        run.train(resume=False)
        named = run.task.network.named_parameters()
        grads.append({name: p.grad for name, p in named if p.grad is not None})
    assert set(grads[0]) == set(grads[1]) and grads[0]
    largest = max(grad.abs().max().item() for grad in grads[0].values())
    for name, grad in grads[0].items():
        assert torch.allclose(grad, grads[1][name], rtol=1e-3, atol=1e-5 * largest), name


def test_a_moved_content_costs_what_its_drawing_differs_from_the_drawing_moved(transfer) -> None:
    """With movements by lot that a step's seed decides, and no other term's pictures changed."""
    task, batch = entered(transfer, stage=1)
    plain = only_phase(task, batch)
    task, batch = entered(transfer, "losses.steady=3", stage=1)
    network, content, style = task.network, batch["content"], batch["style"]
    torch.manual_seed(5)
    by = movement(4)
    torch.manual_seed(5)
    losses = only_phase(task, batch)
    drawn = network(content, style)
    other = network(moved(content, *by), style)
    expected = 3 * steady_loss(drawn, other, *by)
    assert losses["steady"].item() == pytest.approx(expected.item(), rel=1e-4) and expected > 0
    for term in ("style", "content"):
        assert losses[term].item() == pytest.approx(plain[term].item(), rel=1e-4)


def test_what_is_uneven_where_the_content_is_even_costs_its_weight(transfer) -> None:
    task, batch = entered(transfer, "losses.plain=3", stage=1)
    found = only_phase(task, batch)["plain"]
    with torch.no_grad():
        drawn = task.network(batch["content"], batch["style"])
    expected = 3 * plain_loss(drawn, batch["content"])
    assert found.item() == pytest.approx(expected.item(), rel=1e-4) and expected > 0


@pytest.mark.parametrize("more", [["stages.1.reconstruction=0"], ["losses.steady=1"], []])
def test_a_content_in_its_own_style_costs_what_it_differs_from_the_content(transfer, more) -> None:
    """And nothing that is asked for beside it is another."""
    task, batch = entered(transfer, *more, stage=1)
    torch.manual_seed(5)
    plain = only_phase(task, batch)
    task, batch = entered(transfer, *more, "stages.1.identity=3", stage=1)
    torch.manual_seed(5)
    losses = only_phase(task, batch)
    content, rate = batch["content"], 1e-4
    if "losses.steady=1" in more:
        torch.manual_seed(5)
        content = torch.cat([content, moved(content, *movement(4))])
    with torch.no_grad():
        expected = 3 * (task.network(content, content) - content).abs().mean()
    found = losses.pop("identity").item()
    assert found == pytest.approx(expected.item(), rel=rate) and found > 0
    plain.pop("range"), losses.pop("range")  # of all that is drawn, so of one more picture
    assert {name: loss.item() for name, loss in losses.items()} == pytest.approx(
        {name: loss.item() for name, loss in plain.items()}, rel=rate
    )


def test_style_reaches_every_part(transfer) -> None:
    # With seed 0, a network of three channels happens to be silent for these pictures.
    task, batch = entered(transfer, "losses.variation=0.1", "seed=1", stage=1)
    torch.stack(list(only_phase(task, batch).values())).sum().backward()
    silent = [n for n, p in task.network.named_parameters() if p.grad is None or not p.grad.any()]
    assert not silent
    assert not any(p.requires_grad for p in task.perceptual.parameters())


# --- data ----------------------------------------------------------------------------------------


def test_held_out_pictures_are_never_trained_on(transfer) -> None:
    task = build_task(read(transfer, ["hold_out=2"]))
    task.enter(0)
    for seen, kept in zip(
        task.datasets(task.stage), task.datasets(task.stage, held_out=True), strict=True
    ):
        files = [set(), set()]
        for names, data in zip(files, (seen, kept), strict=True):
            for part in getattr(data, "datasets", [data]):
                names |= {part.dataset.paths[index] for index in part.indices}
        assert not files[0] & files[1] and files[0] and files[1]
    assert len(kept) == 2 * 2 and len(seen) == (4 - 2) + (3 - 2)  # of each folder of styles


@pytest.mark.parametrize("hold_out", [0, 3, 9])
def test_something_must_be_held_out_and_something_left(transfer, hold_out: int) -> None:
    sentence = rf"textures has 3 pictures and hold_out is {hold_out}; expected 1 to 2 of them"
    task = build_task(read(transfer, [f"hold_out={hold_out}"]))
    with pytest.raises(ValueError, match=sentence if hold_out == 3 else "hold_out is"):
        task.enter(0)


def test_patterns_to_learn_from_are_others_than_those_of_the_page() -> None:
    drawn = Patterns(Patterns.NAME, size=SIDE)
    per_seed = len(PATTERNS)
    assert len(drawn) == per_seed * Patterns.SEEDS
    offered = [to_tensor(draw(name, seed=0))[0] for name in PATTERNS]
    for index, (name, shown) in enumerate(zip(PATTERNS, offered, strict=True)):
        for place, seed in ((index, 1), (index + 2 * per_seed, 3)):  # a row of patterns per seed
            picture = drawn[place]
            assert torch.equal(picture, to_tensor(draw(name, seed=seed))[0]), (name, seed)
            assert not torch.equal(picture, shown), (name, seed)


def test_patterns_stand_beside_folders_of_styles(transfer) -> None:
    task = build_task(read(transfer, [f"styles=[{Patterns.NAME}]", "hold_out=3"]))
    task.enter(0)
    seen, kept = (task.datasets(task.stage, held_out=held)[1] for held in (False, True))
    assert (len(seen), len(kept)) == (len(PATTERNS) * Patterns.SEEDS - 3, 3)


def test_pairs_depend_on_seed_epoch_and_index_alone(transfer) -> None:
    pairs = [build_task(read(transfer, [f"seed={s}"])).enter(0) for s in (0, 0, 1)]
    places = [(epoch, index) for epoch in range(3) for index in range(5)]
    one = [pairs[0][place] for place in places]
    other = [pairs[1][place] for place in reversed(places)][::-1]
    for a, b in zip(one, other, strict=True):
        assert torch.equal(a["content"], b["content"]) and torch.equal(a["style"], b["style"])
    third = [pairs[2][place] for place in places]
    assert any(not torch.equal(a["style"], b["style"]) for a, b in zip(one, third, strict=True))
    # All styles come up, and not always the same one for a content.
    assert len({item["style"].mean().item() for item in one}) > 5
    assert all(item["content"].shape == item["style"].shape == (3, 32, 32) for item in one)


# --- whole runs ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def finished() -> Iterator[dict[str, dict]]:
    """The state of the uninterrupted run, made once."""
    yield {}


@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_stopped_and_resumed_is_the_same_to_the_last_bit(
    transfer, tmp_path, finished, after: int
) -> None:
    if not finished:
        start(transfer, tmp_path / "whole").train(resume=False)
        finished["state"] = state_of(tmp_path / "whole")
    folder = tmp_path / "parts"
    start(transfer, folder, kind=Interrupted, after=after).train(resume=False)
    run = start(transfer, folder)
    for parameter in run.task.network.parameters():
        parameter.data.fill_(0.5)  # what it starts from must not count
    run.train(resume=True)
    assert run.total == 5
    assert not differences({**state_of(folder), "rng": 0}, {**finished["state"], "rng": 0})


def test_a_stage_may_look_with_another_network(transfer, perceptual) -> None:
    own = f"stages.1.perceptual={{weights: {perceptual}, layers: {{relu3_1: 1}}}}"
    task, _ = entered(transfer, own, stage=1)
    assert task.perceptual.layers == ("relu3_1",)
    task.enter(0)
    assert task.perceptual.layers == ("relu1_1", "relu2_1", "relu3_1")


def test_the_preview_is_drawn_by_the_pipeline_that_users_get(transfer) -> None:
    task, _ = entered(transfer)
    (sheet,) = task.preview(task.averaged).values()
    # Two columns of three rows: content, style, result, reconstruction.
    assert sheet.shape == (3, 3 * 32, 2 * 4 * 32)
    contents, styles = task.datasets(task.stage, held_out=True)
    pipeline, content, style = task.pipeline(task.averaged), contents[0][None], styles[0][None]
    assert torch.equal(sheet[:, :32, :32], content[0])
    assert torch.equal(sheet[:, :32, 64:96], pipeline(content, style)[0])
    plain = task.network.decoder(task.network.encoder(content)).clamp(0, 1)
    assert torch.allclose(sheet[:, :32, 96:128], plain[0], atol=1e-5)


# --- what does not fit ---------------------------------------------------------------------------


def test_no_perceptual_weights_means_no_run(transfer, tmp_path) -> None:
    nowhere = f"weights={tmp_path / 'nowhere.safetensors'}"
    later = f"stages.1.perceptual={{{nowhere.replace('=', ': ')}, layers: {{relu3_1: 1}}}}"
    for override in (f"perceptual.{nowhere}", later):
        with pytest.raises(FileNotFoundError, match=r"No VGG weights at .*nowhere\.safetensors"):
            build_task(read(transfer, [override]))


def test_stages_of_one_perceptual_network_share_it(transfer) -> None:
    own = "stages.0.perceptual={weights: %s, layers: {relu3_1: 1}}"
    other = own % read(transfer).perceptual.weights
    one, two = (build_task(read(transfer, more)).perceptuals for more in ([], [other]))
    assert one[0] is one[1] and two[0] is not two[1]


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("losses.scales=[0.5]", r"losses.scales is \[0.5\]; expected 1 among them"),
        ("content_layer=relu4_1", "content_layer is relu4_1, but the perceptual layers of stage 1"),
        ("stages.1.crop=34", "Stage 1 .* 34x34, .* multiples of 4; .* such as 32x32"),
        ("stages.1.crop=40", "Stage 1 cuts windows of 40x40 from pictures of 34x34"),
        (
            "stages.0.reconstruction=0",
            "Stage 0 has no style_weight, reconstruction, identity or teacher weight, so",
        ),
    ],
)
def test_losses_that_cannot_be_computed_are_refused_at_the_start(transfer, override, sentence):
    with pytest.raises(ValueError, match=sentence):
        build_task(read(transfer, [override]))


def test_folders_must_be_named(transfer) -> None:
    with pytest.raises(ValueError, match="content and styles must name folders of pictures"):
        build_task(read(transfer, ["content=''"])).enter(0)
    with pytest.raises(FileNotFoundError, match="no folder /nowhere"):
        build_task(read(transfer, ["content=/nowhere"])).enter(0)


@pytest.mark.slow
def test_one_batch_overfits_in_a_hundred_steps(transfer, tmp_path) -> None:
    # Two pictures in the folder, one of them held out: every step sees the same content.
    folder = save_photos(tmp_path / "single", 2, size=(32, 32))
    stage = "{steps: 100, batch: 1, size: 32, crop: 32, style_weight: 0, reconstruction: 1}"
    wide = ["networks.widths=[8, 16]", "transform.channels=16", "optim.decay_from=1.0"]
    run = start(transfer, tmp_path / "run", f"content={folder}", f"stages=[{stage}]", *wide,
                "optim.lr=5e-3")  # fmt: skip
    errors = []
    for train in (False, True):
        if train:
            run.train(resume=False)
        content = run.task.enter(0)[0, 0]["content"][None]
        with torch.no_grad():
            drawn = run.task.network.decoder(run.task.network.encoder(content))
        errors.append((drawn - content).abs().mean().item())
    assert errors[1] < 0.3 * errors[0]
