"""The loop, on a task without pictures."""

import json
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from tests.training.runs import Interrupted, differences, state_of
from tests.training.toys import Toy, ToyStage
from training.loop import Run, learning_rate
from training.settings import Optim, Schedule

QUIET = {"log_every": 1, "preview_every": 1000}


def begin(task: Toy, folder: Path, *, optim: Optim | None = None, **schedule) -> Run:
    optim = optim or Optim(lr=0.01)
    return Run(task, folder, optim=optim, schedule=Schedule(**QUIET | schedule), seed=0)


def history(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]


# --- a step --------------------------------------------------------------------------------------


def test_later_phases_see_the_earlier_steps(tmp_path) -> None:
    task = Toy((ToyStage(3),))
    begin(task, tmp_path).train(resume=False)
    assert len(task.seen) == 3
    assert all(not torch.equal(before, after) for _, before, after in task.seen)


def test_a_step_is_adams(tmp_path) -> None:
    task, twin = Toy((ToyStage(3, batch=2),)), Toy()
    begin(task, tmp_path, optim=Optim(lr=0.01, betas=(0.5, 0.9))).train(resume=False)
    adam = torch.optim.Adam(twin.networks["first"].parameters(), lr=0.01, betas=(0.5, 0.9))
    for step, (batch, *_) in enumerate(task.seen):
        error = (twin.networks["first"](batch) - batch.sum(1, keepdim=True)).square().mean()
        adam.zero_grad()
        (error + 0.01 * twin.networks["first"].weight.norm() ** 2).backward()
        adam.param_groups[0]["lr"] = learning_rate(Optim(lr=0.01), task.stages[0], step)
        adam.step()
    own = task.averaged["first"].weight
    assert torch.allclose(own, twin.networks["first"].weight, atol=1e-7)


def test_both_optimizers_have_the_rate_of_the_step(tmp_path) -> None:
    stages = (ToyStage(4), ToyStage(4, lr=0.5))
    run = begin(Toy(stages), tmp_path)
    run.train(resume=False)
    expected = [learning_rate(run.optim, stage, step) for stage in stages for step in range(4)]
    assert [row["lr"] for row in history(tmp_path)] == pytest.approx(expected)
    assert set(run.optimizers) == {"first", "second"} and expected[-1] < 0.5
    for optimizer in run.optimizers.values():
        assert {group["lr"] for group in optimizer.param_groups} == {expected[-1]}


def test_a_network_may_have_its_own_share_of_the_rate(tmp_path) -> None:
    run = begin(Toy(), tmp_path, optim=Optim(lr=0.5, decay_from=1.0, rates={"second": 0.1}))
    before = run.task.networks["second"].weight.detach().clone()
    run.train(resume=False)
    shares = {name: o.param_groups[0]["lr"] for name, o in run.optimizers.items()}
    assert shares == pytest.approx({"first": 0.5, "second": 0.05})
    assert (run.task.networks["second"].weight - before).abs().max() < 4 * 0.05 * 1.5
    with pytest.raises(ValueError, match=r"names third; the networks are: first, second"):
        begin(Toy(), tmp_path, optim=Optim(rates={"third": 1.0}))


@pytest.mark.parametrize("accumulate", [2, 3])
def test_accumulated_batches_are_one_large_batch(tmp_path, accumulate: int) -> None:
    tasks = [Toy((ToyStage(2, batch=b),)) for b in (1, accumulate)]
    for task, parts in zip(tasks, (accumulate, 1), strict=True):
        begin(task, tmp_path / str(parts), accumulate=parts).train(resume=False)
    small, large = tasks
    assert len(small.seen) == 2 * accumulate and len(large.seen) == 2
    for step in range(2):
        parts = [batch for batch, *_ in small.seen[accumulate * step : accumulate * (step + 1)]]
        assert torch.equal(torch.cat(parts), large.seen[step][0])
    # The second network would chase a first that has not yet stepped, so only the first is equal.
    one, other = (task.networks["first"].weight for task in tasks)
    assert torch.allclose(one.grad, other.grad, atol=1e-6)
    assert torch.allclose(one, other, atol=1e-6)
    rows = [history(tmp_path / str(parts)) for parts in (accumulate, 1)]
    for row, twin in zip(*rows, strict=True):
        assert row["first/fit"] == pytest.approx(twin["first/fit"], abs=2e-5)


def test_the_gradient_of_each_network_is_clipped_to_its_norm(tmp_path) -> None:
    task = Toy((ToyStage(1),), spoil=lambda call: 1e4)
    begin(task, tmp_path, optim=Optim(lr=0.01, clip=0.5)).train(resume=False)
    for name, bound in (("first", 0.5), ("second", None)):
        squares = [p.grad.square().sum() for p in task.networks[name].parameters()]
        norm = torch.stack(squares).sum().sqrt().item()
        assert norm == pytest.approx(0.5, rel=1e-3) if bound else norm <= 0.5 + 1e-6


def test_averages_follow_every_step(tmp_path) -> None:
    run = begin(Toy((ToyStage(1),)), tmp_path, ema=0.999)
    start = run.ema.modules["first"].weight.clone()
    run.train(resume=False)
    decay = 2 / 11
    expected = decay * start + (1 - decay) * run.task.averaged["first"].weight
    assert torch.allclose(run.ema.modules["first"].weight, expected, atol=1e-7)


def test_what_a_stage_freezes_stays_and_moves_again_when_thawed(tmp_path) -> None:
    stages = (ToyStage(2), ToyStage(2, learns=("second",)), ToyStage(2))
    weights = []
    for count in (1, 2, 3):
        task = Toy(stages[:count])
        begin(task, tmp_path).train(resume=count > 1)
        weights.append({name: net.weight.detach().clone() for name, net in task.networks.items()})
        frozen = task.networks["first"].weight.grad is None
        assert frozen == (count == 2)
    assert torch.equal(weights[0]["first"], weights[1]["first"])
    assert not torch.equal(weights[1]["first"], weights[2]["first"])
    assert not torch.equal(weights[0]["second"], weights[1]["second"])


# --- what is written -----------------------------------------------------------------------------


def test_the_history_holds_means_since_the_row_before(tmp_path) -> None:
    for name, every in (("each", 1), ("some", 3)):
        begin(Toy((ToyStage(7),)), tmp_path / name, log_every=every).train(resume=False)
    each, some = history(tmp_path / "each"), history(tmp_path / "some")
    assert [row["step"] for row in each] == list(range(1, 8))
    assert [row["step"] for row in some] == [3, 6, 7]
    for row, part in zip(some, (each[:3], each[3:6], each[6:]), strict=True):
        for key in ("first/fit", "first/size", "second/fit"):
            mean = sum(single[key] for single in part) / len(part)
            assert row[key] == pytest.approx(mean, abs=2e-5)
        assert row["lr"] == part[-1]["lr"] and row["stage"] == 0 and row["seconds"] >= 0


def test_previews_are_drawn_on_time_and_at_every_end_of_a_stage(tmp_path) -> None:
    begin(Toy((ToyStage(5), ToyStage(1))), tmp_path, preview_every=2).train(resume=False)
    names = sorted(path.name for path in (tmp_path / "previews").iterdir())
    assert names == [f"weights-{step:06d}.png" for step in (2, 4, 5, 6)]


def test_a_new_run_begins_a_new_history(tmp_path) -> None:
    for _ in range(2):
        begin(Toy((ToyStage(2),)), tmp_path).train(resume=False)
    assert [row["step"] for row in history(tmp_path)] == [1, 2]


def test_an_interrupted_save_leaves_the_old_state(tmp_path, monkeypatch) -> None:
    run = begin(Toy((ToyStage(2),)), tmp_path)
    run.train(resume=False)
    before = state_of(tmp_path)

    def broken(state: dict, path: Path) -> None:
        Path(path).write_bytes(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(torch, "save", broken)
    with pytest.raises(OSError, match="no space left"):
        run.save()
    assert not differences(state_of(tmp_path), before)


def test_the_state_is_saved_by_the_clock_and_after_every_stage(tmp_path, monkeypatch) -> None:
    saved = []
    monkeypatch.setattr(Run, "save", lambda run: saved.append((run.stage, run.step)))
    begin(Toy((ToyStage(2), ToyStage(1))), tmp_path).train(resume=False)
    assert saved == [(1, 0), (2, 0)]
    saved.clear()
    begin(Toy((ToyStage(2),)), tmp_path, save_minutes=0).train(resume=False)
    assert saved == [(0, 1), (0, 2), (1, 0)]


# --- what goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_stops_the_run_in_a_sentence(tmp_path, bad: float) -> None:
    task = Toy((ToyStage(9),), spoil=lambda call: bad if call == 3 else 1.0)
    sentence = r"loss first/fit is not finite at step 3; start again with a lower optim\.lr"
    with pytest.raises(ValueError, match=sentence):
        begin(task, tmp_path, log_every=100).train(resume=False)
    assert not (tmp_path / "state.pt").exists()


def test_a_bad_step_is_never_saved_over_a_good_state(tmp_path) -> None:
    task = Toy((ToyStage(2), ToyStage(9)), spoil=lambda call: float("nan") if call == 4 else 1.0)
    # Saving by the clock at every step, logging never: the bad step must not be among the saved.
    with pytest.raises(ValueError, match=r"at step 4; .* go on from the last good state .*resume"):
        begin(task, tmp_path, log_every=100, save_minutes=0).train(resume=False)
    state = state_of(tmp_path)
    assert state["total"] == 3
    assert all(value.isfinite().all() for value in state["networks"]["first"].values())


def test_weights_that_a_gradient_ruined_are_never_saved(tmp_path) -> None:
    """The root of 0 is 0, and its slope is not a number's: the loss says nothing of it."""
    task = Toy((ToyStage(9),))
    wrapped = task.phases

    def phases(batch):
        for name, losses in wrapped(batch):
            if task.calls == 4 and name == "second":
                losses["root"] = (losses["fit"] * 0).sqrt()
            yield name, losses

    task.phases = phases
    with pytest.raises(ValueError, match=r"norm of second is not finite at step 4; .*resume"):
        begin(task, tmp_path, save_minutes=0).train(resume=False)
    state = state_of(tmp_path)
    assert state["total"] == 3
    assert all(value.isfinite().all() for value in state["networks"]["second"].values())


@pytest.mark.parametrize("end", ["of the stage", "by a signal"])
def test_weights_that_the_last_step_ruined_leave_the_state_before(tmp_path, end: str) -> None:
    """A finite loss whose gradient is none, in the step that the last save follows."""
    begin(Toy((ToyStage(3),)), tmp_path).train(resume=False)
    before = (tmp_path / "state.pt").read_bytes()
    last = 2 if end == "of the stage" else 9
    task = Toy((ToyStage(3), ToyStage(last)))
    wrapped = task.phases

    def phases(batch):
        for name, losses in wrapped(batch):
            if task.calls == 2 and name == "second":
                losses["root"] = (losses["fit"] * 0).sqrt()
                if end == "by a signal":
                    signal.raise_signal(signal.SIGTERM)
            yield name, losses

    task.phases = phases
    with pytest.raises(ValueError, match=r"norm of second is not finite at step 5; .*--resume"):
        begin(task, tmp_path).train(resume=True)
    assert (tmp_path / "state.pt").read_bytes() == before


def test_the_launchers_own_accumulation_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("ACCELERATE_GRADIENT_ACCUMULATION_STEPS", "4")
    with pytest.raises(ValueError, match=r"expected 1, say schedule\.accumulate=4 instead"):
        begin(Toy(), tmp_path)


def test_resuming_without_a_state_is_refused(tmp_path) -> None:
    with pytest.raises(FileNotFoundError, match=r"No state to resume at .*state\.pt; .* without"):
        begin(Toy(), tmp_path).train(resume=True)


# --- stopping and going on -----------------------------------------------------------------------

STAGES = (ToyStage(3, batch=2), ToyStage(2, learns=("second",)), ToyStage(3, lr=0.1))


def interrupted(folder: Path, after: int, how: int = signal.SIGTERM) -> Interrupted:
    schedule = Schedule(**QUIET, ema=0.9)
    run = Interrupted(
        Toy(STAGES), folder, after=after, how=how, optim=Optim(), schedule=schedule, seed=0
    )
    run.train(resume=False)
    return run


@pytest.mark.parametrize("after", range(1, 8))
def test_stopped_and_resumed_is_the_same_to_the_last_bit(tmp_path, after: int) -> None:
    begin(Toy(STAGES), tmp_path / "whole", optim=Optim(), ema=0.9).train(resume=False)
    run = interrupted(tmp_path / "parts", after)
    assert run.total == after and state_of(tmp_path / "parts")["total"] == after
    task = Toy(STAGES)
    for network in task.networks.values():
        torch.nn.init.zeros_(network.weight)  # what it starts from must not count
    begin(task, tmp_path / "parts", optim=Optim(), ema=0.9).train(resume=True)
    whole, parts = state_of(tmp_path / "whole"), state_of(tmp_path / "parts")
    assert not differences({**whole, "rng": None}, {**parts, "rng": None})
    for one, other in zip(history(tmp_path / "whole"), history(tmp_path / "parts"), strict=True):
        assert {**one, "seconds": 0} == {**other, "seconds": 0}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_step_and_the_handlers_come_back(tmp_path, how: int) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    run = interrupted(tmp_path, 2, how)
    assert run.stopping and state_of(tmp_path)["step"] == 2
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before


def test_rows_of_steps_that_were_lost_are_cut(tmp_path) -> None:
    interrupted(tmp_path, 2)
    with (tmp_path / "history.jsonl").open("a") as file:
        for step in (3, 4):
            file.write(json.dumps({"step": step, "stage": 0}) + "\n")
        file.write('{"step": 5, "sta')  # killed while it wrote
    begin(Toy(STAGES), tmp_path, optim=Optim()).train(resume=True)
    rows = history(tmp_path)
    assert [row["step"] for row in rows] == list(range(1, 9))
    assert all("lr" in row for row in rows)


def test_a_finished_run_has_nothing_left_to_do(tmp_path) -> None:
    begin(Toy(STAGES), tmp_path).train(resume=False)
    before = state_of(tmp_path)
    task = Toy(STAGES)
    begin(task, tmp_path).train(resume=True)
    assert not task.seen and not differences(state_of(tmp_path), before)


# --- several processes ---------------------------------------------------------------------------


def test_processes_take_turns_with_the_batches(tmp_path) -> None:
    run, stage = begin(Toy(), tmp_path, accumulate=2), ToyStage(3, batch=2)
    run.step = 1

    def batches(rank: int, count: int) -> list[torch.Tensor]:
        device = torch.device("cpu")
        run.accelerator = SimpleNamespace(process_index=rank, num_processes=count, device=device)
        return list(run._loader(run.task.enter(0), stage))

    first, second = batches(0, 2), batches(1, 2)
    assert len(first) == len(second) == 2 * 2  # two steps are left, of two batches each
    shared = [batch for pair in zip(first, second, strict=True) for batch in pair]
    run.schedule = Schedule(accumulate=4)  # alone, twice the batches a step are the same pictures
    assert all(torch.equal(a, b) for a, b in zip(batches(0, 1), shared, strict=True))
