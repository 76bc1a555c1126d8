"""Which picture is seen when, at which rate, and what is averaged."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from training.ema import EMA
from training.epochs import Epochs
from training.loop import EPOCHS, Order, learning_rate
from training.settings import Optim


def order(length: int, batch: int, steps: range, seed: int = 0) -> list[list[tuple[int, int]]]:
    return list(Order(length, batch, seed=seed, steps=steps))


# --- order ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("length", "batch"), [(7, 1), (6, 2), (7, 3), (3, 8)])
def test_every_epoch_is_a_permutation(length: int, batch: int) -> None:
    batches = order(length, batch, range(5 * length))
    assert all(len(picks) == batch for picks in batches)
    seen: dict[int, list[int]] = {}
    for epoch, index in (pick for picks in batches for pick in picks):
        seen.setdefault(epoch, []).append(index)
    epochs = [indices for indices in seen.values() if len(indices) == length]
    assert list(seen) == list(range(len(seen))) and len(epochs) >= len(seen) - 1
    assert all(sorted(indices) == list(range(length)) for indices in epochs)
    assert length < 6 or len({tuple(indices) for indices in epochs}) > 1  # shuffled anew


@pytest.mark.parametrize("start", [1, 4, 13])
def test_what_a_step_sees_depends_on_nothing_before_it(start: int) -> None:
    whole = order(5, 3, range(20), seed=4)
    assert order(5, 3, range(start, 20), seed=4) == whole[start:]
    assert order(5, 3, range(20), seed=5) != whole


def test_two_batches_of_one_are_one_batch_of_two() -> None:
    single, double = order(5, 1, range(12)), order(5, 2, range(6))
    assert [pick for picks in single for pick in picks] == [p for picks in double for p in picks]


def test_processes_share_the_order_between_them() -> None:
    whole = order(7, 2, range(12))
    parts = [order(7, 2, range(rank, 12, 3)) for rank in range(3)]
    assert [parts[step % 3][step // 3] for step in range(12)] == whole


def test_what_a_stage_asks_for_no_stage_before_it_has_asked_for() -> None:
    """What a dataset draws by (epoch, index), such as windows, is then new in every stage."""
    first, second = (
        {pick for picks in Order(5, 3, seed=4, steps=range(20), first=first) for pick in picks}
        for first in (0, EPOCHS)
    )
    assert len(first) == len(second) == 60 and not first & second


def test_its_length_is_the_number_of_steps() -> None:
    assert len(Order(5, 2, seed=0, steps=range(3, 9))) == 6


def test_a_dataset_is_asked_for_its_epoch() -> None:
    class Data:
        epoch = 0

        def set_epoch(self, epoch: int) -> None:
            self.epoch = epoch

        def __len__(self) -> int:
            return 3

        def __getitem__(self, index: int) -> tuple[int, int]:
            return self.epoch, index

    data = Epochs(Data())
    assert len(data) == 3
    assert [data[place] for place in ((4, 2), (0, 1), (4, 0))] == [(4, 2), (0, 1), (4, 0)]


# --- rate ----------------------------------------------------------------------------------------


def stage(steps: int, lr: float | None = None) -> SimpleNamespace:
    return SimpleNamespace(steps=steps, batch=1, lr=lr)


def test_the_rate_is_constant_then_falls_on_a_line() -> None:
    optim = Optim(lr=0.8, decay_from=0.5, floor=0.25)
    rates = [learning_rate(optim, stage(8), step) for step in range(9)]
    assert rates == pytest.approx([0.8] * 5 + [0.65, 0.5, 0.35, 0.2])


def test_the_papers_rate_falls_to_zero() -> None:
    rates = [learning_rate(Optim(), stage(200), step) for step in (0, 99, 100, 150, 199, 200)]
    assert rates == pytest.approx([2e-4, 2e-4, 2e-4, 1e-4, 2e-6, 0])


def test_a_stage_may_have_its_own_rate() -> None:
    assert learning_rate(Optim(lr=1.0), stage(4, lr=0.5), 0) == 0.5
    assert learning_rate(Optim(lr=1.0), stage(4, lr=0.5), 3) == pytest.approx(0.25)


def test_no_decay_and_nothing_but_decay() -> None:
    assert learning_rate(Optim(lr=1.0, decay_from=1.0), stage(5), 4) == 1
    falling = [learning_rate(Optim(lr=1.0, decay_from=0.0), stage(4), step) for step in range(4)]
    assert falling == pytest.approx([1, 0.75, 0.5, 0.25])


# --- averages ------------------------------------------------------------------------------------


def scalar(value: float) -> nn.Linear:
    layer = nn.Linear(1, 1, bias=False)
    nn.init.constant_(layer.weight, value)
    return layer


def test_the_average_has_a_closed_form() -> None:
    layer = scalar(0.0)
    ema = EMA({"net": layer}, 0.5)
    expected = 0.0
    for step, value in enumerate((3.0, -1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0), 1):
        nn.init.constant_(layer.weight, value)
        ema.update({"net": layer})
        decay = min(0.5, (1 + step) / (10 + step))  # 2/11, 3/12, … up to 1/2
        expected = decay * expected + (1 - decay) * value
        assert ema.modules["net"].weight.item() == pytest.approx(expected, rel=1e-5)


def test_an_average_of_equals_is_equal_and_no_decay_follows_at_once() -> None:
    layer = scalar(2.5)
    ema = EMA({"net": layer}, 0.999)
    for _ in range(3):
        ema.update({"net": layer})
    assert ema.modules["net"].weight.item() == 2.5
    follower = EMA({"net": layer}, 0.0)
    nn.init.constant_(layer.weight, 7.0)
    follower.update({"net": layer})
    assert follower.modules["net"].weight.item() == 7.0


def test_averages_are_copies_that_do_not_learn() -> None:
    layer = scalar(1.0)
    average = EMA({"net": layer}, 0.9).modules["net"]
    nn.init.constant_(layer.weight, 9.0)
    assert average.weight.item() == 1
    assert not average.weight.requires_grad and not average.training
    assert layer.weight.requires_grad and layer.training


def test_averages_go_on_where_they_were() -> None:
    layer = scalar(0.0)
    one, other = EMA({"net": layer}, 0.99), EMA({"net": scalar(5.0)}, 0.99)
    for value in (1.0, 2.0):
        nn.init.constant_(layer.weight, value)
        one.update({"net": layer})
    other.load_state_dict(one.state_dict())
    for ema in (one, other):
        ema.update({"net": layer})
    assert torch.equal(one.modules["net"].weight, other.modules["net"].weight)
    assert one.updates == other.updates == 3
