"""Very large pictures: memory grows with the picture itself, and no further."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lab.images import open_picture
from lab.limits import LARGE
from tests.cli.commands import assert_one_sentence, lab
from tests.tiny import save_vgg_stylizer

ROOT = Path(__file__).resolve().parents[2]
# Not ru_maxrss: after a fork it begins with the peak of the process that started this one.
PEAK = """
import sys
from lab.__main__ import main
code = main(sys.argv[1:])
print(*(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
sys.exit(code)
"""
# Content and result in float32 are 24 bytes a pixel, the 8-bit pictures read and written with their
# copies in Pillow 12; as much again for what an allocator keeps, which differs by machine. One map
# of features of the whole picture would be 128.
BYTES = 72


def save_noise(name: str, width: int, height: int) -> None:
    coarse = np.random.default_rng(0).integers(0, 256, (height // 50, width // 50, 3), np.uint8)
    Image.fromarray(coarse).resize((width, height)).save(name, compress_level=1)


def peak(place: Path, content: str) -> int:
    """Peak memory in bytes of a transfer in tiles."""
    asked = ["--checkpoints", "checkpoints", "--device", "cpu", "transfer", "--content", content]
    asked += ["--style", "s.png", "--tile", "512", "--out", "out.png"]
    run = [sys.executable, "-c", PEAK, *asked]
    settings = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(run, cwd=place, env=settings, capture_output=True, text=True, check=True)
    return int(done.stdout.splitlines()[-1]) * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_grows_with_the_picture_alone(place) -> None:
    sizes = ((1100, 700), (2400, 1700))
    for width, height in sizes:
        save_noise(f"{width}.png", width, height)
    small, large = (peak(place, f"{width}.png") for width, _ in sizes)
    (a, b), (c, d) = sizes
    assert 24 < (large - small) / (c * d - a * b) < BYTES


def test_a_picture_beyond_the_usual_limits_is_drawn(place) -> None:
    save_noise("long.png", 4400, 100)
    assert lab("transfer", "--content", "long.png", "--style", "s.png", "--out", "out.png") == 0
    assert open_picture("out.png", limits=LARGE).size == (4400, 100)


def test_a_method_without_tiles_keeps_to_the_usual_limits(place, capsys) -> None:
    """It would ask for all the memory there is and be killed without a word."""
    save_vgg_stylizer(place / "checkpoints", "gatys")
    save_noise("long.png", 4400, 100)
    asked = ["--content", "long.png", "--style", "s.png", "--method", "gatys", "--out", "out.png"]
    assert lab("transfer", *asked) == 2
    assert_one_sentence(capsys, "long.png is 4400x100; at most 4096 pixels a side")
    assert not Path("out.png").exists()
