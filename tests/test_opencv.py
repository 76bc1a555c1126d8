"""Without OpenCV everything works that does not need it, and what does says so in one sentence."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from lab.data.parts import parts
from lab.data.streets import STREETS
from lab.opencv import opencv

SENTENCE = "needs OpenCV; install it: pip install opencv-python-headless"
DRAWING = """
import sys
sys.modules["cv2"] = None
from pathlib import Path
import torch
from lab.data.streets import STREETS
from lab.interfaces import Layout
from lab.lab import Lab
from tests.tiny import save_streets

folder = Path(sys.argv[1])
save_streets(folder)
lab = Lab(device="cpu", checkpoints=folder)
lab.warm_up()
ids = torch.arange(11).repeat_interleave(6)[None, None].expand(1, 32, 66).contiguous()
print(tuple(lab.synthesizer("streets")(Layout(ids, ids, STREETS)).shape))
"""


def test_a_network_without_parts_is_loaded_and_draws_without_opencv(tmp_path: Path) -> None:
    """In a process of its own: here cv2 may have been imported long ago."""
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(
        [sys.executable, "-c", DRAWING, str(tmp_path)], cwd=root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[-2] == "(1, 3, 32, 66)"


def test_parts_are_not_found_without_opencv(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = torch.full((1, 32, 64), STREETS.index("building"))
    labels[:, 16:] = STREETS.index("road")
    assert parts(labels, labels, STREETS).any()
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(ValueError, match=f"the parts of a street {SENTENCE}"):
        parts(labels, labels, STREETS)


def test_the_module_is_handed_out_where_it_is_installed() -> None:
    assert opencv("A test") is pytest.importorskip("cv2")
