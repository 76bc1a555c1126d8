"""Files of torch that are damaged in any way are one error."""

import io
import random
from pathlib import Path

import pytest
import torch

from training.saving import read_state, read_tensors


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("way", ["cut", "changed", "noise"])
def test_damage_of_every_kind_is_a_sentence(tmp_path: Path, way: str, zipped: bool) -> None:
    written = io.BytesIO()
    state = {"weight": torch.ones(3, 3), "step": 3}
    torch.save(state, written, _use_new_zipfile_serialization=zipped)
    whole, path, lot = written.getvalue(), tmp_path / "state.pt", random.Random(0)
    refused = 0
    for _ in range(150):
        blob = bytearray(whole)
        if way == "cut":
            del blob[lot.randrange(len(blob)) :]
        elif way == "noise":
            blob[:] = lot.randbytes(lot.randrange(300))
        else:
            for _ in range(4):
                blob[lot.randrange(len(blob))] = lot.randrange(256)
        path.write_bytes(blob)
        try:
            read_tensors(path)  # a change may hit what nothing depends on
        except ValueError as error:
            assert str(error).startswith(f"{path} is damaged or no file of torch; ")
            refused += 1
    assert refused > 50


def test_a_missing_file_is_not_called_damaged(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"state\.pt"):
        read_state(tmp_path / "state.pt")
