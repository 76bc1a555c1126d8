"""Memory that is kept: a process of its own, since the C library's settings are the process's."""

import platform
import subprocess
import sys

import pytest

# Without `keep_freed_memory` most runs clear all pages anew, and a few none: it depends on what
# lies above the blocks.
FRESH_PAGES = """
import resource
import torch
from lab.memory import keep_freed_memory

keep_freed_memory()
for turn in range(16):
    if turn == 6:  # the heap has grown by then
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    blocks = [torch.ones(4 << 20) for _ in range(4)]
    del blocks
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library than glibc")
def test_blocks_of_a_layer_are_not_cleared_anew():
    command = [sys.executable, "-c", FRESH_PAGES]
    fresh = int(subprocess.run(command, capture_output=True, check=True).stdout)
    assert fresh < 0.05 * 10 * 4 * (16 << 20) / (4 << 10)
