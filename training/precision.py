"""Which numbers a run multiplies where its settings leave it to the machine."""

from __future__ import annotations

from pathlib import Path

import torch

PROCESSOR = Path("/proc/cpuinfo")


def precision() -> str:
    """Accelerate's name for it: bf16 where that is faster than float32, else no autocast.

    A processor with AMX does, and AMD's with AVX512-BF16: 810 against 440 GFLOP/s were measured on
    convolutions. Intel's with AVX512-BF16 alone take twice as long in bf16, and others longer.
    A graphics card multiplies in TF32 without being asked. Networks as narrow as ours leave it
    waiting for the next kernel, of which autocast's conversions are many: on an H200 a step of
    `streets` on 8 windows took 167 ms in float32 and 218 in bf16. Wide ones may gain by
    `schedule.precision=bf16`, where the card has it.
    """
    if torch.cuda.is_available():
        return "no"
    if _supports("_is_amx_tile_supported"):
        return "bf16"
    return "bf16" if _supports("_is_avx512_bf16_supported") and not _made_by_intel() else "no"


def _supports(name: str) -> bool:
    """What torch says of the processor; versions that cannot tell count as no."""
    return getattr(torch.cpu, name, lambda: False)()


def _made_by_intel() -> bool:
    """As Linux says; where nobody says it, bf16 is taken to be as fast as it should be."""
    return PROCESSOR.is_file() and "GenuineIntel" in PROCESSOR.read_text("utf-8", "replace")
