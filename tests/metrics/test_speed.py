import sys

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lab.metrics import speed
from lab.metrics.speed import Speed, ceilings, convolution_ceiling, measure, multiply_adds

CPU = torch.device("cpu")


# --- multiply-adds, against the textbook ---------------------------------------------------------


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("batch", [1, 3])
def test_a_convolution_costs_kernel_times_channels_per_output(stride, groups, batch) -> None:
    conv = nn.Conv2d(6, 4, (3, 5), stride=stride, padding=(1, 2), groups=groups)
    x = torch.rand(batch, 6, 12, 20)
    outputs = batch * 4 * (12 // stride) * (20 // stride)
    assert multiply_adds(lambda: conv(x)) == outputs * 3 * 5 * 6 // groups


def test_a_transposed_convolution_costs_kernel_times_channels_per_input() -> None:
    conv = nn.ConvTranspose2d(6, 4, 3, stride=2, padding=1, output_padding=1)
    assert multiply_adds(lambda: conv(torch.rand(1, 6, 12, 20))) == 6 * 12 * 20 * 3 * 3 * 4


def test_linear_layers_and_matrix_products() -> None:
    linear = nn.Linear(7, 5)
    assert multiply_adds(lambda: linear(torch.rand(3, 7))) == 3 * 7 * 5
    assert multiply_adds(lambda: torch.rand(2, 3, 4) @ torch.rand(2, 4, 5)) == 2 * 3 * 4 * 5


def test_functional_calls_count_and_element_wise_work_does_not() -> None:
    x, weight = torch.rand(1, 2, 8, 8), torch.rand(4, 2, 1, 1)
    assert multiply_adds(lambda: F.conv2d(x, weight)) == 8 * 8 * 2 * 4
    assert multiply_adds(lambda: (x * x).relu().mean()) == 0


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_the_count_does_not_depend_on_autograd_or_memory_format(mode) -> None:
    conv = nn.Conv2d(2, 4, 3)
    x = torch.rand(1, 2, 8, 8)
    with mode():
        plain = multiply_adds(lambda: conv(x))
        last = multiply_adds(lambda: conv(x.contiguous(memory_format=torch.channels_last)))
    assert plain == last == 6 * 6 * 9 * 2 * 4


def test_counts_add_up() -> None:
    first, second = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 2, 1)
    x = torch.rand(1, 3, 10, 10)
    middle = first(x)
    parts = multiply_adds(lambda: first(x)) + multiply_adds(lambda: second(middle))
    assert multiply_adds(lambda: second(first(x))) == parts


# --- latency, with a clock of our own ------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch):
    """A clock that only moves when told: `clock.now += seconds`."""

    class Clock:
        now = 0.0

    monkeypatch.setattr(speed.time, "perf_counter", lambda: Clock.now)
    return Clock


def test_median_and_p95_are_of_the_timed_runs_only(clock) -> None:
    # 2 to warm up, 1 for the memory, then 1 … 21 seconds
    seconds = iter([1000.0, 1000.0, 1000.0, *(float(i) for i in range(1, 22))])

    def run() -> None:
        clock.now += next(seconds)

    found = measure(run, device=CPU, runs=21, warmup=2, budget=1e9)
    assert (found.median, found.p95, found.runs) == (11.0, 20.0, 21)
    assert next(seconds, None) is None


def test_a_slow_case_stops_after_its_budget_but_not_before_three_runs(clock) -> None:
    def run() -> None:
        clock.now += 10.0

    assert measure(run, device=CPU, runs=20, budget=1.0).runs == 3
    assert measure(run, device=CPU, runs=20, budget=45.0).runs == 5
    assert measure(run, device=CPU, runs=2, budget=1.0).runs == 2


def test_no_runs_is_refused() -> None:
    with pytest.raises(ValueError, match="At least 1 run is needed, got 0"):
        measure(lambda: None, device=CPU, runs=0)


# --- memory --------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_peak_is_what_was_held_at_once_and_not_what_is_kept() -> None:
    megabytes = 64 * 2**20
    peak = speed.peak_memory(lambda: torch.ones(megabytes // 4).sum(), CPU)
    if peak is None:
        pytest.skip("this kernel does not reset its peak")
    assert 0.9 * megabytes < peak < 2 * megabytes
    twice = speed.peak_memory(lambda: [torch.ones(megabytes // 4) for _ in range(2)], CPU)
    assert 1.9 * megabytes < twice < 3 * megabytes
    assert speed.peak_memory(lambda: None, CPU) < 0.1 * megabytes


def test_where_the_system_does_not_say_there_is_no_number(monkeypatch, tmp_path) -> None:
    calls = []
    monkeypatch.setattr(speed, "_STATUS", tmp_path / "none")
    assert speed.peak_memory(lambda: calls.append(1), CPU) is None
    assert calls == [1]  # what it makes is there all the same
    assert isinstance(measure(lambda: None, device=CPU, runs=1), Speed)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_on_cuda_the_peak_is_the_allocators() -> None:
    device = torch.device("cuda")
    peak = speed.peak_memory(lambda: torch.ones(2**20, device=device), device)
    assert peak == 4 * 2**20


# --- the ceiling ---------------------------------------------------------------------------------


def test_the_ceiling_is_the_best_shape(clock, monkeypatch) -> None:
    # every convolution takes a second per channel: the cheapest per multiply-add wins
    original = F.conv2d

    def timed(x, weight, **more):
        clock.now += x.shape[1]
        return original(x, weight, **more)

    monkeypatch.setattr(speed.F, "conv2d", timed)
    monkeypatch.setattr(speed, "CEILING_SHAPES", ((4, 8), (2, 32)))
    expected = max(4 * 4 * 9 * 8 * 8 / 4, 2 * 2 * 9 * 32 * 32 / 2)
    assert convolution_ceiling(CPU, torch.float32, runs=2) == expected


def test_the_ceiling_of_a_queue_is_that_of_one_call(clock, monkeypatch) -> None:
    """Asking for a run takes a second, a convolution half a second: seven hide the asking."""
    original, asked = F.conv2d, speed.timed

    def work(x, weight, **more):
        clock.now += 0.5
        return original(x, weight, **more)

    def launch(run, device):
        def late() -> None:
            clock.now += 1.0
            run()

        return asked(late, device)

    monkeypatch.setattr(speed.F, "conv2d", work)
    monkeypatch.setattr(speed, "timed", launch)
    monkeypatch.setattr(speed, "CEILING_SHAPES", ((2, 8),))
    macs = 2 * 2 * 9 * 8 * 8
    assert convolution_ceiling(CPU, torch.float32, runs=2) == macs / 1.5
    monkeypatch.setitem(speed.QUEUED, "cpu", 7)
    assert convolution_ceiling(CPU, torch.float32, runs=2) == pytest.approx(macs / (0.5 + 1 / 7))


def test_there_is_always_a_ceiling_in_float32(monkeypatch) -> None:
    monkeypatch.setattr(speed, "CEILING_SHAPES", ((4, 8),))
    found = ceilings(CPU, runs=1)
    assert next(iter(found)) == "float32"
    assert set(found) <= {"float32", "bfloat16"}
    assert all(value > 0 for value in found.values())
