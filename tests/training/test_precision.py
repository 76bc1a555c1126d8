"""bf16 only where it is faster; the hardware is pretended."""

from __future__ import annotations

import pytest
import torch

from training import precision as module
from training.precision import precision


def test_a_graphics_card_needs_no_autocast(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: True, raising=False)
    assert precision() == "no"


@pytest.mark.parametrize(
    ("maker", "avx512_bf16", "amx", "expected"),
    [
        ("GenuineIntel", True, True, "bf16"),
        ("GenuineIntel", True, False, "no"),
        ("AuthenticAMD", True, False, "bf16"),
        ("AuthenticAMD", False, False, "no"),
        (None, True, False, "bf16"),
        (None, False, False, "no"),
    ],
)
def test_a_processor_needs_fast_bf16_not_just_any(
    monkeypatch, tmp_path, maker: str | None, avx512_bf16: bool, amx: bool, expected: str
) -> None:
    told = tmp_path / "cpuinfo"
    if maker is not None:
        told.write_text(f"processor\t: 0\nvendor_id\t: {maker}\n", "utf-8")
    monkeypatch.setattr(module, "PROCESSOR", told)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    flags = {"_is_avx512_bf16_supported": avx512_bf16, "_is_amx_tile_supported": amx}
    for name, flag in flags.items():
        monkeypatch.setattr(torch.cpu, name, lambda flag=flag: flag, raising=False)
    assert precision() == expected
