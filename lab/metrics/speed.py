"""How long a computation takes, how much memory and arithmetic it needs, and what the machine could
do: latency, peak memory, multiply-adds, and the convolution ceiling to hold them against."""

import ctypes
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

Run = Callable[[], object]
T = TypeVar("T")

# channels, side: 3x3 convolutions like those of the networks here; 2.4 GMAC each.
CEILING_SHAPES = ((64, 256), (128, 128), (256, 64), (512, 32))
# Convolutions queued before the clock is read: a GPU does one in less time than it takes to ask.
QUEUED = {"cuda": 50}
_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Speed:
    """Seconds per run: `median` and `p95` over `runs` runs; `peak_bytes` see `peak_memory`."""

    median: float
    p95: float
    runs: int
    peak_bytes: int | None


def measure(
    run: Run,
    *,
    device: torch.device,
    runs: int = 20,
    warmup: int = 2,
    budget: float = 60.0,
) -> Speed:
    """Latency and peak memory of `run` on `device`.

    Args:
        run: What is measured; called `warmup` times unmeasured, once for its memory, then timed.
        runs: How often it is timed at most; every run on CUDA is waited for.
        budget: Seconds after which no further run is started, so that slow cases end; three runs
            are timed in any case, or `runs` if that is less.

    Raises:
        ValueError: `runs` is not positive.
    """
    if runs < 1:
        raise ValueError(f"At least 1 run is needed, got {runs}.")
    for _ in range(warmup):
        run()
    peak = peak_memory(run, device)
    times: list[float] = []
    while len(times) < runs and (len(times) < 3 or sum(times) < budget):
        times.append(timed(run, device)[1])
    return Speed(float(np.median(times)), float(np.percentile(times, 95)), len(times), peak)


def timed(run: Callable[[], T], device: torch.device) -> tuple[T, float]:
    """What `run` returns, and the seconds it took; work on CUDA is waited for."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    start = time.perf_counter()
    result = run()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return result, time.perf_counter() - start


def peak_memory(run: Run, device: torch.device) -> int | None:
    """Bytes one call of `run` needs at its worst, beyond what is held before it (the weights).

    On CUDA: what `torch.cuda.max_memory_allocated` rises by; the caching allocator's own reserve
    is not counted. On the CPU: what the resident set of this process rises by. Linux keeps its
    peak (VmHWM) and starts it afresh when 5 is written to /proc/self/clear_refs; free heap pages
    are handed back first, else the run would find room in them and look smaller than it is. The
    process-wide `ru_maxrss` would not do: it never falls. Elsewhere: None.
    """
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        run()
        torch.cuda.synchronize(device)
        return torch.cuda.max_memory_allocated(device) - before
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    try:
        Path("/proc/self/clear_refs").write_text("5")
        before = _status_bytes("VmRSS")
    except (OSError, KeyError):
        run()  # whoever measures may need what it makes
        return None
    run()
    return max(0, _status_bytes("VmHWM") - before)


def multiply_adds(run: Run) -> int:
    """Multiply-adds (MAC) of one call: convolutions, transposed ones, matrix products.

    Counted on the operations that really run, so padding, functional calls and matrices folded
    into convolutions are in it; element-wise work and eigendecompositions are not.
    """
    with FlopCounterMode(display=False) as counter:
        run()
    return counter.get_total_flops() // 2


def convolution_ceiling(device: torch.device, dtype: torch.dtype, *, runs: int = 5) -> float:
    """The most multiply-adds per second that a 3x3 convolution reaches here, channels last.

    The best run of several shapes of this lab's kind: what the networks can be held against. On
    CUDA a run is many convolutions in a queue, so that their arithmetic is timed, not their launch.
    """
    best, calls = 0.0, QUEUED.get(device.type, 1)
    for channels, side in CEILING_SHAPES:
        x = torch.ones(1, channels, side, side, device=device, dtype=dtype)
        weight = torch.ones(channels, channels, 3, 3, device=device, dtype=dtype)
        x, weight = (t.contiguous(memory_format=torch.channels_last) for t in (x, weight))
        with torch.inference_mode():

            def convolve(x: torch.Tensor = x, weight: torch.Tensor = weight) -> None:
                for _ in range(calls):
                    F.conv2d(x, weight, padding=1)

            F.conv2d(x, weight, padding=1)
            seconds = min(timed(convolve, device)[1] for _ in range(runs)) / calls
        best = max(best, channels * channels * 9 * side * side / seconds)
    return best


def ceilings(device: torch.device, *, runs: int = 5) -> dict[str, float]:
    """`convolution_ceiling` per number format: float32 (on CUDA with TF32 where cuDNN is allowed
    to) and bfloat16 where the processor computes in it."""
    dtypes = [torch.float32]
    if device.type == "cuda":
        bfloat16 = torch.cuda.is_bf16_supported()
    else:
        bfloat16 = device.type == "cpu" and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    if bfloat16:
        dtypes.append(torch.bfloat16)
    return {
        str(dtype).removeprefix("torch."): convolution_ceiling(device, dtype, runs=runs)
        for dtype in dtypes
    }


def _status_bytes(field: str) -> int:
    rows = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines() if ":" in line)
    return int(rows[field].split()[0]) * 1024  # the file counts in KiB
